"""Keeps the month's calls in the database: no restart forgets them, several processes count together (dingtalk.md 4)."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.platforms.dingtalk.budget import Quota, added
from storage.store import Store, StoreError
from storage.tx import Tx

log = logging.getLogger(__name__)
EVERY_S = 30.0


class Tally:
    """`run` for ever beside the robot; `keep` once more at the end."""

    def __init__(self, store: Store, quota: Quota, now: Callable[[], datetime], client_id: str) -> None:
        self._store, self._quota, self._now = store, quota, now
        self._name = f"calls:{client_id}"

    async def run(self) -> None:
        """Until cancelled; a store that is down is tried again."""
        while True:
            try:
                await self.keep()
            except StoreError as e:
                log.warning("dingtalk calls not kept: %s", e)
            await asyncio.sleep(EVERY_S)

    async def keep(self) -> None:
        """Add what was counted since the last time and go on from the sum."""
        now = self._now()
        more = self._quota.unsaved(now)
        self._quota.learn(await self._store.run(partial(self._add, more=more, now=now)), more, now)

    def _add(self, tx: Tx, more: dict[str, object], now: datetime) -> dict[str, object]:
        tx.lock(self._name)
        total = added(tx.wires.noted(self._name), more)
        tx.wires.note(self._name, total, now)
        return total
