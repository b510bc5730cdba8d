"""Heavy work in a process of its own, so that the event loop never waits for it (performance.md A8)."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
NICE = 5
"""Below the bot's own priority: who books comes first."""


class WorkerDied(Exception):
    """The process ended before its work was done (out of memory, killed)."""


def lower() -> None:
    """Called first in a process made for heavy work."""
    os.nice(NICE)


def pool(processes: int) -> ProcessPoolExecutor:
    """Fresh processes; `spawn`, because a process with threads can't be forked safely."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=lower)


async def in_process(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a module's function called in another process; its exceptions are raised here. Raises WorkerDied."""
    loop = asyncio.get_running_loop()
    workers = pool(1)
    try:
        return await loop.run_in_executor(workers, _call, fn, args, kwargs)
    except BrokenProcessPool:
        raise WorkerDied from None
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def _call(fn: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return fn(*args, **kwargs)
