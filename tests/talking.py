"""Talking to the whole bot in tests: `chat.says(...)`, `chat.press(...)`, `chat.advance(...)`, on both databases.

from tests.talking import chat  # noqa: F401 - fixture, once on SQLite and once on PostgreSQL
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

import handlers
from bot import says
from bot.app import App, Event, Outcome
from bot.cards import Card, plain
from bot.choices import squeeze
from bot.clock import VirtualClock, advance
from bot.errands import Errands
from bot.handouts import Handouts, makers
from bot.message import Message, Place
from bot.names import Names
from bot.outbox import Outbox, sorry
from bot.platform import Delivery, Handled
from domain.model import OFFICE
from domain.rules import Rules
from handlers.data_api import doers
from nlp.parser import Parser
from storage.ledger import drift
from storage.seed import seed_store
from storage.store import Store, open_store

NOW = datetime(2026, 6, 9, 9, tzinfo=OFFICE)
OFFICE_FILE = Path(__file__).parent / "office.json"


@dataclass(frozen=True, slots=True)
class Got:
    """A letter as somebody sees it."""

    to: str
    why: str
    card: Card
    key: str
    at: datetime

    @property
    def text(self) -> str:
        return plain(self.card)


class Wire:
    """Keeps what was sent, and looks at every card: whatever a test is about, no button may lead nowhere."""

    name = "script"

    def __init__(self, clock: VirtualClock, commands: frozenset[str] = frozenset()) -> None:
        self.got: list[Got] = []
        self.faults: list[str] = []
        self._clock = clock
        self._commands = commands

    async def send(self, delivery: Delivery) -> str:
        to = f"g:{delivery.group}" if delivery.group else delivery.user
        self.got.append(Got(to, delivery.why, delivery.card, delivery.key, self._clock.now()))
        self.faults += faults_of(delivery.card, self._commands)
        return delivery.key


def faults_of(card: Card, commands: frozenset[str]) -> list[str]:
    """What is wrong with a card: a bug's apology, a button that says nothing known or has no number in the text."""
    text = plain(card)
    out = [f"a bug's apology: {text}"] if card.title == sorry("").title else []
    for n, button in enumerate(card.buttons, 1):
        said = says.read(button.says)
        if said is None or (commands and said.intent not in commands | {"draft.fill"}):
            out.append(f"button {button.text!r} says {button.says!r}")
        if f"{n}. {button.text}" not in text:
            out.append(f"button {button.text!r} has no number {n} in the text")
    if len({squeeze(b.text) for b in card.buttons}) != len(card.buttons):
        out.append(f"two buttons of one name: {[b.text for b in card.buttons]}")
    return out


@dataclass
class Chat:
    """The bot with a small office (tests/office.json) at Tuesday 2026-06-09 09:00."""

    app: App
    clock: VirtualClock
    wire: Wire
    events: list[Event] = field(default_factory=list)
    outcome: Outcome | None = None
    _n: int = 0

    async def says(self, who: str, text: str = "", *, group: str = "", key: str = "", **more: Any) -> list[Got]:
        """What the bot answers to `who` (and to others: see `got`); `self.outcome` has the intent."""
        self._n += 1
        if place := more.pop("location", None):
            more["place"] = Place(*place)
        message = Message("wecom", who, key or f"t{self._n}", self.clock.now(), text=text, group=group, **more)
        return await self.handle(message)

    async def handle(self, message: Message) -> list[Got]:
        first = len(self.wire.got)
        handled: Handled = await self.app.handle(message)
        assert handled.replies or handled.duplicate
        await self.due()
        return self.wire.got[first:]

    async def reply(self, who: str, text: str = "", **more: Any) -> str:
        """The text of the answer in the chat it was said in."""
        got = [g for g in await self.says(who, text, **more) if g.why == "reply"]
        return got[0].text if got else ""

    async def press(self, who: str, words: str, *, group: str = "") -> list[Got]:
        """Press the newest button with these words that this person (or group) was sent."""
        place = f"g:{group}" if group else who
        for got in reversed(self.wire.got):
            for button in got.card.buttons:
                if got.to == place and squeeze(words) in squeeze(button.text):
                    self._n += 1
                    message = Message("wecom", who, f"t{self._n}", self.clock.now(), group=group, click=button.says)
                    return await self.handle(message)
        raise AssertionError(f"no button 「{words}」 was sent to {place}")

    async def advance(self, to: datetime) -> list[Got]:
        """Move the clock; everything due on the way happens in order."""
        first = len(self.wire.got)
        await advance(self.clock, to, self.app.next_due, self.due)
        return self.wire.got[first:]

    async def due(self) -> int:
        total = 0
        while n := await self.app.do_due():
            total += n
        return total

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """The data of every event of this name so far."""
        return [e.data for e in self.events if e.name == name]

    def to(self, who: str, why: str = "") -> list[str]:
        """The texts this person (or g:group) was sent so far."""
        return [g.text for g in self.wire.got if g.to == who and (not why or g.why == why)]

    def forget(self) -> None:
        """Start listening afresh."""
        self.wire.got.clear()
        self.events.clear()


async def start(store: Store, seed: Mapping[str, object], now: datetime, rules: Rules | None = None) -> Chat:
    """The bot on a store, with a seed."""
    rules = rules or Rules()
    clock = VirtualClock(now)
    await seed_store(store, seed, now, rules.protect_days)
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    app = App(store, Parser(names.book, purposes=rules.purposes), rules, commands, jobs, clock, names=names)
    app.errands = Errands(app, doers)
    wire = Wire(clock, frozenset(app.commands))
    app.outbox = Outbox(store, clock, {}, wire, Handouts(makers()))
    chat = Chat(app, clock, wire)
    app.on_event.append(chat.events.append)
    app.on_done.append(lambda _, outcome: setattr(chat, "outcome", outcome))
    await app.plan_seeded()
    return chat


def office() -> dict[str, Any]:
    """A fresh copy of the small office."""
    data: dict[str, Any] = json.loads(OFFICE_FILE.read_text("utf-8"))
    return data


@asynccontextmanager
async def talking(
    db_url: str, seed: Mapping[str, object] | None = None, now: datetime = NOW, rules: Rules | None = None
) -> AsyncIterator[Chat]:  # fmt: skip
    """The bot on a database with a seed (the small office when none is given); at the end no card may have been faulty."""
    store = await open_store(db_url)
    try:
        chat = await start(store, office() if seed is None else seed, now, rules)
        yield chat
        assert not chat.wire.faults
        assert not await store.read(drift), "a row was changed without its event"
    finally:
        await store.close()


@pytest_asyncio.fixture
async def chat(db_url: str) -> AsyncIterator[Chat]:
    """The bot on a fresh database with the small office."""
    async with talking(db_url) as chat:
        yield chat
