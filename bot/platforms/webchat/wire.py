"""The messenger of the playground: letters become cards on the page; a bounded memory lets a reload show everything."""

import asyncio
import itertools
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never

from bot.cards import Block, Card, Facts, Items, Text, plain
from bot.clock import Clock
from bot.message import Address
from bot.platform import Delivery

MAX_ITEMS = 2000
"""Bubbles and cards kept, of all chats together; the oldest go first."""
MAX_EVENTS = 400
MAX_WAITING = 1000
"""Pushes that one open page may lag behind; a slower one is hung up and reads everything again."""

Json = dict[str, Any]


def card_json(card: Card) -> Json:
    """A card for the page: plain data, to be shown as text only."""
    buttons = [{"text": b.text, "action": b.says, "style": b.style} for b in card.buttons]
    return {
        "title": card.title,
        "tone": card.tone.value,
        "blocks": [_block(block) for block in card.blocks],
        "buttons": buttons,
        "files": [name for name, _ in card.files],
        "text": plain(card),
    }


def _block(block: Block) -> Json:
    match block:
        case Text(text):
            return {"kind": "text", "text": text}
        case Facts(rows):
            return {"kind": "facts", "rows": [list(row) for row in rows if row[1]]}
        case Items(lines):
            return {"kind": "items", "lines": list(lines)}
        case _:
            assert_never(block)


class Listener:
    """One open page: what it still has to be told. `None` in the queue means hang up."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Json | None] = asyncio.Queue()

    def push(self, item: Json) -> None:
        if self.queue.qsize() < MAX_WAITING:
            self.queue.put_nowait(item)
        else:
            self.hang_up()

    def hang_up(self) -> None:
        """Forget what waits and end."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class WebWire:
    """Everything said and answered in the playground (a `Platform`). Cards change in place when a letter replaces another."""

    name = "web"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.items: deque[Json] = deque()
        self.events: deque[Json] = deque(maxlen=MAX_EVENTS)
        self._cards: dict[str, Json] = {}
        self._files: dict[str, tuple[tuple[str, str], ...]] = {}
        self._aka: dict[str, str] = {}
        self._no = itertools.count(1)
        self._listeners: set[Listener] = set()

    # ------------------------------------------------------------------ a letter arrives
    async def send(self, delivery: Delivery) -> str:
        """Show a letter; its handle is the key of the card on the page, which later letters may change."""
        chat = str(Address(user=delivery.user, group=delivery.group))
        there = self._cards.get(self._aka.get(delivery.replaces, delivery.replaces))
        if there is not None and there["chat"] == chat:
            return self._change(there, delivery)
        again = self._cards.get(delivery.key)
        if again is not None:  # the same letter once more (a lease that ran out): it is on the page already
            return delivery.key
        item = self._add("card", chat, key=delivery.key, why=delivery.why, card=card_json(delivery.card))
        self._cards[delivery.key] = item
        self._keep_files(delivery.key, delivery.card)
        self.push({"type": "item", "item": item})
        return delivery.key

    def _change(self, there: Json, delivery: Delivery) -> str:
        key = str(there["key"])
        self._aka[delivery.key] = key
        if len(self._aka) > MAX_ITEMS:
            del self._aka[next(iter(self._aka))]
        there["card"] = card_json(delivery.card)
        there["updated"] = self.clock.now().isoformat()
        self._keep_files(key, delivery.card)
        self.push({"type": "update", "item": there})
        return key

    def _keep_files(self, key: str, card: Card) -> None:
        self._files.pop(key, None)
        if card.files:
            self._files[key] = card.files

    # ------------------------------------------------------------------ what people do
    def said(self, chat: str, who: str, how: str, text: str, platform: str, *, media: str = "", action: str = "") -> None:
        """A person's own bubble: `how` is text, voice, click, location, image or file; `media` the address of a picture,
        `action` what a pressed button says."""
        more = {"from": who, "how": how, "text": text, "platform": platform, "media": media, "action": action}
        item = self._add("said", chat, **more)
        self.push({"type": "item", "item": item})

    def event(self, at: datetime, name: str, data: Mapping[str, object]) -> None:
        """A line of the audit log for the ticker."""
        line: Json = {"no": next(self._no), "at": at.isoformat(), "name": name, "data": dict(data)}
        self.events.append(line)
        self.push({"type": "event", "event": line})

    def _add(self, kind: str, chat: str, **more: object) -> Json:
        item: Json = {"no": next(self._no), "kind": kind, "chat": chat, "at": self.clock.now().isoformat(), **more}
        self.items.append(item)
        while len(self.items) > MAX_ITEMS:
            self._forget(self.items.popleft())
        return item

    def _forget(self, item: Json) -> None:
        key = item.get("key")
        if key is not None:
            self._cards.pop(key, None)
            self._files.pop(key, None)

    # ------------------------------------------------------------------ asked by the page
    def label_of(self, chat: str, action: str) -> str:
        """The words on the button of a chat's card that says `action`; "" when no card there has it."""
        for item in reversed(self.items):
            if item["kind"] == "card" and item["chat"] == chat:
                for button in item["card"]["buttons"]:
                    if button["action"] == action:
                        return str(button["text"])
        return ""

    def file(self, key: str, number: int) -> tuple[str, Path] | None:
        """(name, path) of a file that a card on the page offers."""
        files = self._files.get(key, ())
        return (files[number][0], Path(files[number][1])) if 0 <= number < len(files) else None

    # ------------------------------------------------------------------ open pages
    def listen(self, first: Iterable[Json]) -> Listener:
        """A page that is told `first` and then everything that happens."""
        listener = Listener()
        for item in first:
            listener.push(item)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The page was closed."""
        self._listeners.discard(listener)

    def push(self, item: Json) -> None:
        """Tell every open page."""
        for listener in self._listeners:
            listener.push(item)

    def hang_up(self) -> None:
        """Send every page away."""
        for listener in self._listeners:
            listener.hang_up()

    def hand_over(self, other: "WebWire") -> None:
        """The open pages go on with another office (after a reset)."""
        other._listeners, self._listeners = self._listeners, set()
