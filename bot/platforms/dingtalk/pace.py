"""Never more than 20 calls a second of one API (dingtalk.md 4, "Limits")."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CALLS_PER_SECOND = 20
"""Per app and API, standard edition."""


class Pace:
    """Twenty places for each API; a place is free again one second after its call has ended.

    From the end, not the start: only so no second at the server's end can see more, however long the calls were on their way.
    """

    def __init__(self, per_second: int = CALLS_PER_SECOND) -> None:
        self._per_second = per_second
        self._places: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[None]:
        """Wait for a place (first come, first served) and hold it during one call of this API."""
        places = self._places.setdefault(name, asyncio.Semaphore(self._per_second))
        await places.acquire()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(1.0, places.release)
