"""A clock beside its part of day → minutes from 00:00 of the named day."""

from __future__ import annotations

from nlp.times.values import DAY, Token

_LATE = frozenset(["晚上", "半夜"])


def minutes(clock: Token, part: str | None, literal: bool) -> int:
    """Minutes from the start of the day; 24 hours and more lie in the next day (晚上两点, 今晚12点).

    A bare 1 to 6 is the afternoon (contract.md section 5) unless it was written 03:15 or `literal`.
    """
    hour = clock.a
    if clock.c in (2, 3) or hour > 12 or hour < 0:
        return hour * 60 + clock.b
    return (_with_part(hour, part) if part else hour + 12 if 1 <= hour <= 6 and clock.c == 0 and not literal else hour) * 60 + clock.b


def _with_part(hour: int, part: str | None) -> int:
    if part in _LATE:
        if hour in (0, 12):
            return 24
        return hour + 24 if hour < 5 else hour + 12
    if part in ("下午", "傍晚"):
        return hour + 12 if hour < 12 else hour
    if part == "中午":
        return hour + 12 if hour < 5 else hour
    if part == "凌晨":
        return 0 if hour == 12 else hour
    if part == "白天":
        return hour + 12 if hour < 6 else hour
    return hour


def end_minutes(clock: Token, part: str | None, start: int, literal: bool) -> int:
    """The end of 三点到五点 in minutes of the start's day: the part of day is inherited, and it lies after the start."""
    if clock.c in (2, 3) or clock.a > 12 or (part is None and clock.c == 1 and clock.a * 60 + clock.b > start):
        return clock.a * 60 + clock.b
    at = minutes(clock, part, True) if part else clock.a * 60 + clock.b
    while at <= start:
        at += DAY // 2
    return at
