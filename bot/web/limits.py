"""How often one token may ask: a bucket that fills steadily and lets a burst through."""

from collections import OrderedDict
from collections.abc import Callable

PER_SECOND = 20.0
BURST = 100.0
MOST = 10_000
"""Buckets kept; the one unused longest goes first, which only ever favours its owner."""


class Limits:
    """`wait(key)` takes one drop: 0.0 = go on, else the seconds until there is one. `now` gives seconds that never go back."""

    def __init__(self, now: Callable[[], float], per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._now, self._rate, self._burst = now, per_second, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        now = self._now()
        level, at = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._rate)
        ok = level >= 1
        self._buckets[key] = (level - 1 if ok else level, now)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return 0.0 if ok else (1 - level) / self._rate
