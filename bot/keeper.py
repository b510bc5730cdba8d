"""Drops paperwork that nobody needs any more, a little at a time (`[keep]` of the configuration)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.config import Keep
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
EVERY_S = 3600.0
PIECE = 1000
"""Rows in one transaction: messages wait for no more than that."""


class Keeper:
    """Customers, visits, reports and the audit log are never dropped."""

    def __init__(self, store: Store, clock: Clock, keep: Keep) -> None:
        self._store, self._clock, self._keep = store, clock, keep

    async def run(self) -> None:
        """Once an hour, for ever; a failure is logged and tried again an hour later."""
        while True:
            try:
                await self.tidy()
            except Exception:  # the store may be down; messages say so themselves
                log.exception("old paperwork could not be dropped")
            await asyncio.sleep(EVERY_S)

    async def tidy(self) -> int:
        """Drop everything that is too old; how many rows."""
        keep, total = self._keep, 0
        kinds: list[tuple[int, Callable[[Tx, datetime], int]]] = [
            (keep.messages_days, lambda tx, before: tx.mail.forget(before, PIECE)),
            (keep.letters_days, lambda tx, before: tx.mail.shred(before, PIECE)),
            (keep.jobs_days, lambda tx, before: tx.jobs.forget(before, PIECE)),
        ]
        for days, drop in kinds:
            before, n = self._clock.now() - timedelta(days=days), PIECE
            while n == PIECE:
                n = await self._store.run(lambda tx, drop=drop, before=before: drop(tx, before))  # type: ignore[misc]
                total += n
        return total
