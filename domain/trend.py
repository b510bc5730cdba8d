"""Is it chance? A CUSUM over a series of shares, and the difference of two shares with its interval (M21).

Small samples say nothing: with fewer than `LEAST` observations in the base there is no verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

SLACK = 0.5
"""In standard deviations: smaller drifts are left alone."""
LIMIT = 4.5
"""The sum at which a change is called."""
LEAST = 30
"""Observations the base needs."""
BASE = 6
"""Points of the series that make the base."""
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Signal:
    """A change: the point at which it was noticed, since which point it runs, and whether the share rose."""

    at: int
    since: int
    up: bool


def cusum(points: Sequence[tuple[int, int]], base: int = BASE) -> Signal | None:
    """The first change after the base of a series of (part, whole); empty points are passed over."""
    known = [(i, part, whole) for i, (part, whole) in enumerate(points) if whole > 0]
    start, rest = known[:base], known[base:]
    n = sum(whole for *_, whole in start)
    if n < LEAST or not rest:
        return None
    # half a case each way: a base without a single case is no certainty
    p = (sum(part for _, part, _ in start) + 0.5) / (n + 1)
    high = low = 0.0
    since = {True: rest[0][0], False: rest[0][0]}
    for i, part, whole in rest:
        # the base is itself a sample: its spread counts too
        spread = sqrt(p * (1 - p) * (1 / whole + 1 / n))
        z = (part / whole - p) / spread
        before = high, low
        high, low = max(0.0, high + z - SLACK), max(0.0, low - z - SLACK)
        since[True] = i if not before[0] else since[True]
        since[False] = i if not before[1] else since[False]
        if high > LIMIT or low > LIMIT:
            up = high > LIMIT
            return Signal(i, since[up], up)
    return None


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if whole <= 0:
        return 0.0, 1.0
    p, z2 = part / whole, Z95 * Z95
    middle, half = p + z2 / (2 * whole), Z95 * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    return max(0.0, (middle - half) / (1 + z2 / whole)), min(1.0, (middle + half) / (1 + z2 / whole))


def difference(before: tuple[int, int], after: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of after − before (Newcombe's, from both Wilson intervals)."""
    p, q = before[0] / max(1, before[1]), after[0] / max(1, after[1])
    (pl, pu), (ql, qu) = wilson(*before), wilson(*after)
    d = q - p
    return d - sqrt((q - ql) ** 2 + (pu - p) ** 2), d + sqrt((qu - q) ** 2 + (p - pl) ** 2)


def sure(before: tuple[int, int], after: tuple[int, int]) -> bool | None:
    """Whether a difference is more than chance; None when there is too little to tell."""
    if min(before[1], after[1]) < LEAST:
        return None
    low, high = difference(before, after)
    return low > 0 or high < 0
