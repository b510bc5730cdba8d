"""A scripted bot for the playground's tests: it answers by a function and does jobs that a test plans."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

import handlers
from bot.app import App, Event
from bot.cards import Button, Card, Facts, Items, Text, Tone, to_json
from bot.clock import VirtualClock
from bot.message import Address, Message
from bot.names import Names
from bot.outbox import Outbox
from bot.platform import Handled
from bot.platforms.webchat.playground import OpenOffice
from bot.sample import team
from domain.desk import Letter
from domain.rules import Rules
from nlp.parser import Parser
from storage.seed import seed_store
from storage.store import Store, open_store

Client = TestClient[web.Request, web.Application]
ECHO_BUTTONS = (Button("同意", "/yes id=1", "primary"), Button("驳回", "/no id=1"))


def echo(text: str, tone: Tone = Tone.INFO) -> Card:
    """A card with one of everything."""
    blocks = (Text("两行\n文字"), Facts((("客户", "宏远"), ("地点", ""))), Items(("第一", "第二")))
    return Card(f"收到：{text}", blocks, ECHO_BUTTONS, tone)


@dataclass
class Scripted:
    """Stands in for App: `reply` makes the card that answers; `plan` lets a letter fall due later."""

    store: Store
    clock: VirtualClock
    outbox: Outbox | None = None
    post: dict[str, Any] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_event: list[Callable[[Event], None]] = field(default_factory=list)
    got: list[Message] = field(default_factory=list)
    planned: list[tuple[datetime, Letter]] = field(default_factory=list)
    reply: Callable[[Message], Card] = lambda m: echo(m.words or m.click or "？")
    seen: set[str] = field(default_factory=set)

    async def handle(self, message: Message) -> Handled:
        self.got.append(message)
        if message.key in self.seen:
            return Handled((), True)
        self.seen.add(message.key)
        to = Address(group=message.group) if message.group else Address(user=message.sender)
        letter = self.letter(f"r{len(self.got)}", str(to), self.reply(message), "reply")
        await self.send(letter)
        for listen in self.on_event:
            listen(Event(self.clock.now(), "visit.booked", {"visit": {"id": "v9"}}))
        return Handled((letter,))

    @staticmethod
    def letter(key: str, to: str, card: Card, why: str = "push", replaces: str = "") -> Letter:
        return Letter(key, to, why, to_json(card), replaces=replaces)

    async def send(self, letter: Letter) -> None:
        await self.store.run(lambda tx: tx.mail.post(letter, self.clock.now()))

    async def next_due(self) -> datetime | None:
        return min((at for at, _ in self.planned), default=None)

    async def do_due(self) -> int:
        now = self.clock.now()
        due = [(at, letter) for at, letter in self.planned if at <= now]
        self.planned = [p for p in self.planned if p not in due]
        for _, letter in due:
            await self.send(letter)
        assert self.outbox is not None
        return len(due) + await self.outbox.deliver()


class Offices:
    """Opens scripted bots with the sample team, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.made: list[Scripted] = []

    @property
    def app(self) -> Scripted:
        return self.made[-1]

    @asynccontextmanager
    async def __call__(self, clock: VirtualClock) -> AsyncIterator[Any]:
        store = await open_store(f"sqlite+aiosqlite:///{self._folder}/scripted{len(self.made)}.db")
        try:
            await seed_store(store, team(), clock.now())
            self.made.append(Scripted(store, clock))
            yield self.app
        finally:
            await store.close()


def real_office(folder: Path) -> OpenOffice:
    """Opens the whole bot with the sample team."""
    number = itertools.count()

    @asynccontextmanager
    async def office(clock: VirtualClock) -> AsyncIterator[App]:
        store = await open_store(f"sqlite+aiosqlite:///{folder}/real{next(number)}.db")
        try:
            await seed_store(store, team(), clock.now())
            names = Names(store)
            await names.refresh()
            commands, jobs = handlers.load()
            rules = Rules()
            app = App(store, Parser(names.book, purposes=rules.purposes), rules, commands, jobs, clock, names=names)
            await app.plan_seeded()
            yield app
        finally:
            await store.close()

    return office
