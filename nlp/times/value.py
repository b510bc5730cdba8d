"""One point worked out: an instant, a date, a range, or nothing when there is no such moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from nlp.times import clock, days
from nlp.times.point import Point
from nlp.times.resolve import days_of
from nlp.times.values import DAY, Context, Days, Kind, Token
from nlp.times.words import PARTS


@dataclass(slots=True)
class Value:
    """One expression worked out, in the internal count of minutes."""

    kind: Kind
    at: tuple[int, int]
    start: int | None = None
    end: int | None = None
    minutes: int | None = None
    recur: dict[str, Any] | None = None
    point: Point | None = None
    part: str | None = None
    bare: bool = False
    clocked: bool = False
    ambiguous: bool = False
    rolled: bool = False
    whole: bool = False
    lasts: int | None = None


def point_value(p: Point, c: Context) -> Value | None:
    """One point: a clock makes an instant, a part of day a range, days a date or a range."""
    t = p.t
    at = (p.start, p.end)
    for kind in t.keys() & _SPECIAL:
        value = _special(kind, t[kind], at, c, p)
        if value is not None:
            return value
    named = days_of(p, c) if p.dated else None
    if p.dated and named is None:
        return None
    if named is not None and not named.one and ("clock" in t or "part" in t):
        named = _first_day(p, c, named)
    if "clock" in t and (named is None or named.one):
        return _instant(p, c, named, t["part"].name if "part" in t else None)
    if "part" in t and (named is None or named.one):
        part = t["part"].name
        day = (named.start if named else c.today) * DAY
        return _flags(Value("range", at, day + PARTS[part][0], day + PARTS[part][1], point=p, part=part), named)
    if named is None:
        return None
    if named.one:
        return _flags(Value("date", at, named.start * DAY, point=p, whole=True), named)
    return _flags(Value("range", at, named.start * DAY, named.end * DAY, point=p, whole=True), named)


def _first_day(p: Point, c: Context, named: Days) -> Days:
    """周末上午 is Saturday's, or Sunday's when Saturday is over; a clock in a longer period leaves its day open."""
    if "weekend" not in p.t:
        return named
    day = named.end - 1 if named.start < c.today < named.end else named.start
    return Days(day, day + 1)


_SPECIAL = frozenset(["now", "window", "within", "since", "newyear", "around", "off", "point"])


def _flags(value: Value, named: Days | None) -> Value:
    if named is not None:
        value.ambiguous, value.rolled = named.ambiguous, named.rolled
    return value


def _instant(p: Point, c: Context, named: Days | None, part: str | None) -> Value | None:
    said = p.t["clock"]
    day = named.start if named else c.today
    literal = "ymd" in p.t and (p.t["ymd"].start == p.start and day < c.today)
    at = day * DAY + clock.minutes(said, part, literal)
    bare = part is None and said.c == 0 and 1 <= said.a <= 12
    rolled = False
    if c.conventions.forward and not c.fixed:
        if named is None and at < c.now:
            at, rolled = at + DAY, True
        elif (
            bare
            and at < c.now
            and "rday" in p.t
            and p.t["rday"].a == 0
            and said.a < 12
            and at % DAY < DAY // 2
            and at + DAY // 2 >= c.now
        ):
            at += DAY // 2
        elif (
            named is not None
            and set(p.t) & {"wday"}
            and not p.t["wday"].c
            and named.one
            and day == c.today
            and at < c.now
            and len(p.t) <= 3
        ):
            at, rolled = at + 7 * DAY, True
    value = _flags(Value("instant", (p.start, p.end), at, point=p, part=part, bare=bare, clocked=True), named)
    value.rolled = value.rolled or rolled
    return value


def _special(kind: str, token: Token, at: tuple[int, int], c: Context, p: Point) -> Value | None:
    """What hangs on now itself: 现在, 最近三天, 三天内, 三年以来, 年前, 两小时后; None when it is an ordinary day."""
    if kind == "now":
        return Value("instant", at, c.now, point=p)
    if kind in ("off", "point"):
        return _moved(token, at, c, p)
    if len(p.t) > 1 or token.name == "前|quarters":
        return None
    if kind == "around":
        return _around(token, at, c, p)
    if kind == "newyear":
        return _new_year(token, at, c, p)
    if kind == "since":
        return Value("range", at, _since(token, c), None, point=p)
    if kind == "within":
        return _within(token, at, c, p)
    return _window(token, at, c, p)


def _moved(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value | None:
    """两小时后 is a moment; 20多个月之后 is open."""
    if token.c < 2:
        start = days.add_months(c.today, token.a) * DAY + c.now % DAY
        return Value("instant", at, start + token.b, point=p, clocked=True)
    return _vaguely(token, at, c, p) if "many" in token.name else None


def _around(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value | None:
    """节前, 节后: before and after the coming days off."""
    off = days_of(p, c)
    if off is None:
        return None
    start, end = (None, off.start * DAY) if token.a < 0 else (off.end * DAY, None)
    return Value("range", at, start, end, point=p)


def _new_year(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value | None:
    """年前, 年后: before and after the coming Spring Festival."""
    this, following = days.lunar(c.date.year, 1, 1), days.lunar(c.date.year + 1, 1, 1)
    first = this if this is not None and this >= c.today else following
    if first is None:
        return None
    start, end = (None, first * DAY) if token.a < 0 else (first * DAY, None)
    return Value("range", at, start, end, point=p)


def _window(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value:
    """最近三天, 未来两周 in whole days, shorter ones to the minute; 最近 and 过去 include today, 前 does not."""
    ahead, name = bool(token.c & 1), token.name.split("|")[0]
    if token.c < 4:
        start, end = (c.now, c.now + token.b) if ahead else (c.now - token.b, c.now)
        return Value("range", at, start, end, point=p, clocked=True)
    if ahead or (name == "this" and c.conventions.forward):
        after = days.add_months(c.today, token.a) + token.b // DAY
        return Value("range", at, c.today * DAY, after * DAY, point=p, whole=True)
    first = days.add_months(c.today, -token.a) - token.b // DAY
    last = c.today + 1 if name in ("最近", "近", "this", "过去") else c.today
    return Value("range", at, first * DAY, last * DAY, point=p, whole=True)


def _within(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value:
    """3天内 is over at the end of the third day, 2小时内 on the minute; asked about the past it reaches back."""
    if not c.conventions.forward:
        start = (days.add_months(c.today, -token.a) * DAY - token.b) if token.c > 1 else c.now - token.b
        return Value("range", at, start, c.now, point=p)
    if token.c < 2:
        return Value("range", at, None, c.now + token.b, point=p, clocked=True)
    if token.c == 6:
        return Value("range", at, None, (days.workday(c.today, token.b // DAY) + 1) * DAY, point=p)
    return Value("range", at, None, (days.add_months(c.today, token.a) + token.b // DAY + 1) * DAY, point=p)


def _since(token: Token, c: Context) -> int:
    start = days.add_months(c.today, -token.a)
    if token.a:
        on = date.fromordinal(start)
        return days.month_span(on.year, on.month if token.c < 5 or "h" in token.name else 1)[0] * DAY
    return start * DAY - token.b if token.c > 1 else c.now - token.b


def _vaguely(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value:
    """20多个月之后: from there on."""
    day = days.add_months(c.today, token.a) + int(token.b / DAY)
    if token.a:
        on = date.fromordinal(day)
        day = days.month_span(on.year, on.month if token.c < 5 else 1)[0]
    back = token.name.endswith("<")
    return Value("range", at, None if back else day * DAY, day * DAY if back else None, point=p)
