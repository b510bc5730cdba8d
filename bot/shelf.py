"""What the processes of one company share about a messenger: the access token, and who may do what only one may do.

A messenger gives one token per app and throttles those who ask often (W91039), so one process fetches and all use it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from storage.store import Store

Token = tuple[str, float]
"""The token and its end in unix seconds."""

FETCH_LEASE_S = 15
"""Longer than a fetch may take (10 s): a process that dies over it holds nobody up for long."""
LOOK_EVERY_S = 0.2


class TokenShelf(Protocol):
    """Where processes share tokens."""

    async def token(self, name: str, good: Callable[[Token], bool], fetch: Callable[[], Awaitable[Token]]) -> Token:
        """A token that is `good`, from the shelf or by `fetch`: one fetch at a time over all processes."""


class StoreShelf:
    """Shared through the database. `now` is the process's clock."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._me = f"{os.getpid():x}-{id(self):x}"

    async def token(self, name: str, good: Callable[[Token], bool], fetch: Callable[[], Awaitable[Token]]) -> Token:
        """As promised by TokenShelf; what `fetch` raises goes to this caller, and the next one tries."""
        key = f"token:{name}"
        for _ in range(int(FETCH_LEASE_S / LOOK_EVERY_S) + 1):
            kept = await self._kept(key)
            if kept is not None and good(kept):
                return kept
            if await self.claim(key, FETCH_LEASE_S):
                try:
                    return await self._made(key, good, fetch)
                finally:
                    await self.release(key)
            await asyncio.sleep(LOOK_EVERY_S)
        return await fetch()

    async def _made(self, key: str, good: Callable[[Token], bool], fetch: Callable[[], Awaitable[Token]]) -> Token:
        kept = await self._kept(key)  # another process may have put one there between the look and the claim
        if kept is not None and good(kept):
            return kept
        made = await fetch()
        await self.note(key, list(made))
        return made

    async def noted(self, name: str) -> object | None:
        """What `note` kept under this name."""
        return await self._store.read(lambda tx: tx.wires.noted(name))

    async def note(self, name: str, value: object) -> None:
        """Keep a JSON value for all processes."""
        await self._store.run(lambda tx: tx.wires.note(name, value, self._now()))

    async def claim(self, name: str, seconds: int) -> bool:
        """Be the one process that may do `name` for so long, or stay it."""
        return await self._store.run(lambda tx: tx.wires.claim(name, self._me, self._now(), seconds))

    async def release(self, name: str) -> None:
        """Let another process do it."""
        await self._store.run(lambda tx: tx.wires.release(name, self._me))

    async def _kept(self, key: str) -> Token | None:
        kept = await self.noted(key)
        if isinstance(kept, list) and len(kept) == 2 and isinstance(kept[1], int | float):
            return str(kept[0]), float(kept[1])
        return None
