"""Work too long for a transaction, done one piece after the other beside the messages; what was taken is finished after a restart."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping

from bot.app import App
from bot.cards import Card, Text, Tone, to_json
from bot.outbox import sorry
from domain.desk import Letter
from domain.refusal import Refusal
from storage.errands import Errand
from storage.tx import Tx

log = logging.getLogger(__name__)
LEASE_S = 300
"""Longer than any step between two `hold`s; what a process that died was doing is taken up by another one after that."""
LOOK_EVERY_S = 30.0

Do = Callable[[App, Errand], Awaitable[None]]


class Gone(Exception):
    """Another process has the errand by now: leave it alone."""


class Errands:
    """`inline`: whoever does what is due (a script, a test) does the errands too, until `forever` runs beside it."""

    def __init__(self, app: App, doers: Callable[[], Mapping[str, Do]]) -> None:
        """`doers` is asked when the first errand comes: most programs never do one."""
        self.inline = True
        self._app, self._doers = app, doers
        self._wake = asyncio.Event()
        self._wake.set()
        app.store.on_commit.append(self._touched)

    def _touched(self, kinds: frozenset[str]) -> None:
        if "errands" in kinds:
            self._wake.set()

    async def run(self) -> int:
        """Do what waits; how many errands."""
        n = 0
        while self._wake.is_set():
            self._wake.clear()
            while errand := await self._app.store.run(lambda tx: tx.errands.take(self._app.clock.now(), LEASE_S)):
                await self._do(errand)
                n += 1
        return n

    async def forever(self) -> None:
        """Do errands as they come, until cancelled; now and then look for what another process left lying."""
        self.inline = False
        while True:
            await self.run()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)
            self._wake.set()

    async def _do(self, errand: Errand) -> None:
        try:
            await self._doers()[errand.kind](self._app, errand)
        except Gone:
            return
        except Refusal as e:
            await tell(self._app, errand.who, Card(e.text, tuple(map(Text, e.hints)), (), Tone.WARN))
        except Exception:  # whatever fails in one errand: its owner is told, the next one is done
            log.exception("errand %s (%s) failed", errand.id, errand.kind)
            await tell(self._app, errand.who, sorry(errand.id))
        await self._app.store.run(lambda tx: tx.errands.done(errand))
        self._app.wake.set()


async def tell(app: App, who: str, card: Card, *, subject: str = "") -> None:
    """An answer that took longer, in the asker's private chat."""

    def work(tx: Tx) -> None:
        letter = Letter(f"e{secrets.token_hex(10)}", f"u:{who}", "reply", to_json(card), subject, "", _platform(tx, who), who)
        tx.mail.post(letter, app.clock.now())

    await app.store.run(work)
    app.wake.set()


async def change(app: App, subject: str, card: Card) -> None:
    """Change the earlier cards about something, as its work goes on."""

    def work(tx: Tx) -> None:
        for old in tx.mail.about(subject):
            key = f"e{secrets.token_hex(10)}"
            tx.mail.post(Letter(key, old.to, "update", to_json(card), "", old.key, old.platform), app.clock.now())

    await app.store.run(work)
    app.wake.set()


def _platform(tx: Tx, who: str) -> str:
    return str(tx.talk.noted(who, "platform") or "")
