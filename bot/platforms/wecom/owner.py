"""Which process may hold the AI bot's one connection: the owner of a lease; the others stand by (W101463)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)
LEASE_S = 60
"""So long after the owner's death another process takes the connection over."""


class Owner(Protocol):
    """Decides between the processes of one company: `claim` says who may (go on to) hold the connection."""

    async def claim(self, name: str, seconds: int) -> bool: ...

    async def release(self, name: str) -> None: ...


class Ownership:
    """Keeps the lease while `run` runs. Without an owner (one process only) it is always ours."""

    def __init__(self, owner: Owner | None, name: str, every_s: float) -> None:
        self._owner, self._name, self._every_s = owner, name, every_s
        self.mine = owner is None
        self.gained = asyncio.Event()

    async def run(self, on_loss: Callable[[], Awaitable[None]]) -> None:
        """Claim and renew until cancelled; `on_loss` is called when another process has it."""
        while self._owner is not None:
            try:
                mine = await self._owner.claim(self._name, LEASE_S)
            except Exception:  # the store is away: nobody else can take the lease either
                log.exception("wecom bot: the lease can't be renewed")
                mine = self.mine
            lost, self.mine = self.mine and not mine, mine
            if mine:
                self.gained.set()
            else:
                self.gained.clear()
            if lost:
                await on_loss()
            await asyncio.sleep(self._every_s)
        self.gained.set()

    async def release(self) -> None:
        """Let another process take over at once."""
        if self._owner is not None and self.mine:
            self.mine = False
            await self._owner.release(self._name)
