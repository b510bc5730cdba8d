"""The clock everything is told the time by, and the loop that does what falls due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.model import OFFICE

log = logging.getLogger(__name__)
LONGEST_SLEEP = timedelta(seconds=1)
"""Never trust one long timer: clocks step and machines sleep (performance.md B3)."""


class Beside(Protocol):
    """Work that is too long for a transaction (bot/errands.py): done with what is due when `inline`, else by `forever`."""

    inline: bool

    async def run(self) -> int: ...

    async def forever(self) -> None: ...


class Clock:
    """The machine's time in the office's zone."""

    def now(self) -> datetime:
        return datetime.now(OFFICE)


class VirtualClock(Clock):
    """A clock that stands still until it is moved forward."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(OFFICE)

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        """Forward only; an earlier time leaves the clock where it is."""
        self._now = max(self._now, to.astimezone(OFFICE))


async def advance(
    clock: VirtualClock,
    to: datetime,
    next_due: Callable[[], Awaitable[datetime | None]],
    do_due: Callable[[], Awaitable[int]],
) -> None:
    """Move a virtual clock forward, stopping at each moment at which something falls due, in order."""
    while (due := await next_due()) is not None and due <= to:
        clock.move(due)
        if not await do_due():
            break
    clock.move(to)


async def tick_forever(clock: Clock, do_due: Callable[[], Awaitable[int]], wake: asyncio.Event) -> None:
    """Do what is due, at least once a second, at once when `wake` is set. A failure is logged and tried again."""
    while True:
        try:
            busy = await do_due()
        except Exception:  # the loop must outlive any single piece of work
            log.exception("work that fell due failed")
            busy = 0
        if busy:
            continue
        try:
            await asyncio.wait_for(wake.wait(), LONGEST_SLEEP.total_seconds())
            wake.clear()
        except TimeoutError:
            continue
