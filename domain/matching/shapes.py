"""Characters that are taken for one another because they look alike."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@cache
def _codes() -> dict[str, str]:
    """Character → its Cangjie code: one letter per component, in the order of writing."""
    table: dict[str, str] = {}
    for line in (_DATA / "shapes.txt").read_text("utf-8").splitlines():
        code, _, chars = line.partition(" ")
        if code != "#":
            table.update(dict.fromkeys(chars, code))
    return table


@cache
def _components() -> dict[str, frozenset[str]]:
    """Character → the rarer components it is made of."""
    table: dict[str, set[str]] = {}
    for line in (_DATA / "components.txt").read_text("utf-8").splitlines():
        component, _, chars = line.partition(" ")
        for char in "" if line.startswith("#") else chars:
            table.setdefault(char, set()).add(component)
    return {char: frozenset(found) for char, found in table.items()}


@cache
def _twins() -> frozenset[tuple[str, str]]:
    pairs: set[tuple[str, str]] = set()
    for line in (_DATA / "twins.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            pairs |= {(a, b) for a in line for b in line if a != b}
    return frozenset(pairs)


@lru_cache(maxsize=1 << 14)
def lookalike(one: str, other: str) -> bool:
    """Whether the characters share a telling component, or are made of the same ones but for one."""
    if (one, other) in _twins():
        return True
    made = _components()
    if made.get(one, frozenset()) & made.get(other, frozenset()):
        return True
    a, b = sorted((_codes().get(one, ""), _codes().get(other, "")), key=len)
    if len(a) < 3:
        return False
    if a[1:] == b[1:] or a == b:
        return True
    if len(a) == len(b):
        return len(a) > 3 and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    return len(b) == len(a) + 1 and any(b[:i] + b[i + 1 :] == a for i in range(len(b)))


@cache
def brand_chars() -> frozenset[str]:
    """Characters that are usual in brands."""
    lines = (_DATA / "brandchars.txt").read_text("utf-8").splitlines()
    return frozenset(char for line in lines if not line.startswith("#") for char in line)
