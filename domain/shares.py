"""Percentages that add up to 100."""

from collections.abc import Mapping


def percent(counts: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """(name, count, whole percent), the greatest first; the percents add up to exactly 100 (largest remainders, R127)."""
    whole = sum(counts.values())
    if not whole:
        return []
    rows = sorted(((n, name) for name, n in counts.items() if n), key=lambda r: (-r[0], r[1]))
    floors = [n * 100 // whole for n, _ in rows]
    left = 100 - sum(floors)
    by_rest = sorted(range(len(rows)), key=lambda i: (-(rows[i][0] * 100 % whole), i))
    for i in by_rest[:left]:
        floors[i] += 1
    return [(name, n, share) for (n, name), share in zip(rows, floors, strict=True)]
