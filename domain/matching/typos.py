"""What a slip of the keyboard or of the eye changes: the cheapest few edits between two names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from domain.matching.shapes import lookalike
from domain.matching.sounds import alike

SOUND, NEAR, SHAPE, SWAP, OTHER, GAP = "sound", "near", "shape", "swap", "other", "gap"
COST = {SOUND: 0.5, NEAR: 0.8, SHAPE: 0.6, SWAP: 0.7, OTHER: 1.5, GAP: 1.0}
_MOST = 2.6


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, at these positions of the two names."""

    kind: str
    left: int
    right: int


def swap_kind(one: str, other: str) -> str:
    """Why one character stands for the other."""
    heard = alike(one, other)
    if heard == 2:
        return SOUND
    if lookalike(one, other):
        return SHAPE
    return NEAR if heard else OTHER


@lru_cache(maxsize=1 << 14)
def edits(left: str, right: str) -> tuple[Edit, ...] | None:
    """The cheapest edits that turn one name into the other; None when they cost more than a slip or two."""
    if abs(len(left) - len(right)) > 2 or len(set(left).difference(right)) > 2:
        return None
    common = sum(min(left.count(char), right.count(char)) for char in set(left))
    if max(len(left), len(right)) - common > 2:
        return None
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < min(len(left), len(right)) - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    a, b = left[head : len(left) - tail], right[head : len(right) - tail]
    if max(len(a), len(b)) > 7:
        return None
    found = _search(a, b, 0, 0, _MOST, 2)
    return None if found is None else tuple(Edit(e.kind, e.left + head, e.right + head) for e in found[1])


def _search(a: str, b: str, i: int, j: int, budget: float, left: int) -> tuple[float, tuple[Edit, ...]] | None:
    """Depth first, at most `left` edits: the cost and the edits from (i, j) to both ends."""
    while i < len(a) and j < len(b) and a[i] == b[j]:
        i, j = i + 1, j + 1
    if i == len(a) and j == len(b):
        return 0.0, ()
    if not left or abs((len(a) - i) - (len(b) - j)) > left:
        return None
    best: tuple[float, tuple[Edit, ...]] | None = None
    for kind, di, dj in _moves(a, b, i, j):
        cost = COST[kind]
        if cost > budget:
            continue
        rest = _search(a, b, i + di, j + dj, budget - cost, left - 1)
        if rest is not None:
            total = cost + rest[0]
            if best is None or total < best[0]:
                best, budget = (total, (Edit(kind, i, j), *rest[1])), total
    return best


def _moves(a: str, b: str, i: int, j: int) -> list[tuple[str, int, int]]:
    moves: list[tuple[str, int, int]] = []
    if i < len(a) and j < len(b):
        moves.append((swap_kind(a[i], b[j]), 1, 1))
        if a[i : i + 2] == b[j : j + 2][::-1] and i + 1 < len(a) and j + 1 < len(b):
            moves.append((SWAP, 2, 2))
    if i < len(a):
        moves.append((GAP, 1, 0))
    if j < len(b):
        moves.append((GAP, 0, 1))
    return moves


def price(found: tuple[Edit, ...]) -> float:
    """What the edits cost together; one slip is 0.5 to 1.5."""
    return sum(COST[edit.kind] for edit in found)
