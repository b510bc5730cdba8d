"""Short names: whether a short form is cut out of a full name the way people and stock exchanges cut it."""

from __future__ import annotations

from functools import lru_cache

from domain.matching.parts import Token
from domain.matching.typos import NEAR, OTHER, SHAPE, SOUND, swap_kind

_SKIP = {"P": 0.02, "B": 1.6, "T": 0.03, "G": 0.01, "F": 0.0}
_SLIP = {SOUND: 0.22, SHAPE: 0.28, NEAR: 0.4}
_NEVER = 9.0


def shortened(short: str, full: tuple[Token, ...]) -> float:
    """What it costs to cut `short` out of the full name (0 = brand and trade in full; above 1 = not a short form)."""
    if len(set(short).difference("".join([token.text for token in full]))) > 1:
        return _NEVER
    cost = _cut(short, full)
    alone = len(short) == 2 and not any(token.kind == "B" and token.text == short for token in full)
    return cost + 0.4 if alone and short != "".join(token.text for token in full if token.kind in "BT") else cost


def _cut(short: str, tokens: tuple[Token, ...]) -> float:
    size = len(short)
    named = any(token.kind == "B" for token in tokens)
    costs = [0.0] + [_NEVER] * size
    for token in tokens:
        text, skip = token.text, _SKIP[token.kind]
        length = len(text)
        after = [cost + skip for cost in costs]
        for start in range(size):
            so_far = costs[start]
            if so_far >= 1.5:
                continue
            for end in range(start + 1, min(size, start + length) + 1):
                if short[end - 1] not in text and end - start < length:
                    continue
                cost = so_far + _piece(short[start:end], text, token.kind, named)
                if cost < after[end]:
                    after[end] = cost
        costs = after
    return costs[size]


@lru_cache(maxsize=1 << 15)
def _piece(said: str, text: str, kind: str, named: bool) -> float:
    """What it costs to say a whole token of this kind with these of its characters."""
    if said == text:
        return 0.0
    if len(said) == len(text):
        return _slips(said, text)
    where = _inside(said, text)
    if not where:
        return _NEVER
    if kind == "P":
        return 0.1 if text.startswith(said) and len(said) > 1 else 0.35
    if kind == "B":
        return _brand(said, text, where)
    if kind == "T":
        return (0.05 if where[0] == 0 else 0.15) if named else 0.1 if where[0] == 0 else 0.6
    return 0.0 if text.startswith(said) else 0.3


def _brand(said: str, text: str, where: list[int]) -> float:
    """A brand cut short: best from its beginning, and with more than one character left."""
    if len(said) == 1:
        return 0.45 if where[0] == 0 and len(text) == 2 else 0.8
    if text.startswith(said):
        return 0.08 if len(said) > 2 else 0.14
    if text.endswith(said):
        return 0.15 if len(text) == len(said) + 1 and text[0] in "中新大" else 0.5
    if where[0]:
        return 0.9
    return 0.6 if len(text) - len(said) > 2 else 0.3


def _inside(said: str, text: str) -> list[int]:
    """Where the characters stand in the text, in order; [] when one does not."""
    at = -1
    places: list[int] = []
    for char in said:
        at = text.find(char, at + 1)
        if at < 0:
            return []
        places.append(at)
    return places


def _slips(said: str, text: str) -> float:
    """The same length, with one character mistaken."""
    wrong = [(a, b) for a, b in zip(said, text, strict=True) if a != b]
    if len(wrong) != 1 or len(text) < 3:
        return _NEVER
    kind = swap_kind(*wrong[0])
    return _NEVER if kind == OTHER else _SLIP[kind]
