"""What only an admin can put right is told to the admins in words, once a day for the same thing, and stands in the log."""

import asyncio
import hashlib
import logging
from collections.abc import Coroutine
from datetime import datetime

from bot.app import App
from bot.cards import Card, Text, Tone, to_json
from bot.message import Address
from domain.desk import Letter
from storage.store import StoreError
from storage.tx import Tx

log = logging.getLogger(__name__)
KEPT = 20


class Alarms:
    """Call it with a Chinese sentence: what is wrong and what to do. Never raises, never blocks."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.texts: list[str] = []
        """The newest ones, for /readyz."""
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, text: str) -> None:
        log.warning("%s", text)
        self.texts = [*self.texts[1 - KEPT :], text]
        self._start(self._write(text))

    def lost(self, to: str, why: str) -> None:
        """A letter was given up."""
        self._start(self._lost(to, why))

    async def close(self) -> None:
        """Finish what is being written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, text: str) -> None:
        now = self._app.clock.now()
        try:
            await self._app.store.run(lambda tx: write(tx, text, now))
        except StoreError as e:
            log.warning("an alarm could not be kept: %s", e)
        self._app.wake.set()

    async def _lost(self, to: str, why: str) -> None:
        address = Address.read(to)

        def name(tx: Tx) -> str:
            if address.group:
                group = tx.people.group(address.group)
                return f"群「{group.name if group else address.group}」"
            member = tx.people.get(address.user)
            return member.name if member else address.user

        try:
            self(f"发给{await self._app.store.read(name)}的消息没有送达：{why}")
        except StoreError as e:
            log.warning("a lost letter could not be told of: %s", e)


def write(tx: Tx, text: str, now: datetime) -> None:
    """One letter to each admin; the same text again on the same day is the same letter."""
    title, _, rest = text.partition("，")
    card = Card(f"需要管理员处理：{title}", (Text(rest),) if rest else (), tone=Tone.WARN)
    mark = hashlib.sha256(f"{text}|{now.date()}".encode()).hexdigest()[:20]
    for admin in tx.people.admins():
        to = str(Address(user=admin.id))
        tx.mail.post(Letter(f"alarm-{mark}-{admin.id}"[:120], to, "push", to_json(card), f"alarm:{mark}"), now)
