"""Within a period: 初/中/底, 上旬, 第N周, 最后三天, 前一天, and whether the weekday agrees."""

from __future__ import annotations

from nlp.times import days
from nlp.times.point import Point
from nlp.times.values import DAY, Context, Days, Token


def refine(p: Point, c: Context, base: Days) -> Days | None:
    """初/中/底, 上旬, 第N周, 最后N天, 前一天 inside or beside the days found so far."""
    t = p.t
    found: Days | None = base
    if "edge" in t:
        found = _edged(base, t["edge"].name, "clock" in t)
    if found is not None and "xun" in t:
        found = _tenth(found, t["xun"].a)
    if found is not None and "nth" in t:
        found = nth(found, t["nth"], p.side or ({1: 1, -1: -1}.get(t["around"].a, 0) if "around" in t else 0))
        if found is not None and "nth2" in t:
            found = nth(found, t["nth2"], 0)
        if found is not None and "wday" in t and t["wday"].a and found.end - found.start == 7:
            found = one(found.start + t["wday"].a - 1)
    if found is not None and "window" in t:
        found = _window_in(found, t["window"])
    if found is not None and "shift" in t and base is not None and next(iter(t)) != "shift":
        step = t["shift"].a
        found = one(found.end - 1 + step if step > 0 else found.start + step, found.rolled)
    return found


def _edged(base: Days, name: str, clock: bool) -> Days:
    edge, unit, start, end = name[0], name[1:], base.start, base.end
    if edge == "内":
        return base
    if clock and edge == "末":
        return Days(end - 1, end)
    if clock and edge == "初":
        return Days(start, start + 1)
    if unit == "month":
        return {"初": Days(start, start + 10, False), "中": Days(start + 10, start + 20, False)}.get(
            edge, Days(start + 24, end, False)
        )
    if unit == "week":
        return {"初": Days(start, start + 2, False), "中": Days(start + 2, start + 3, False)}.get(
            edge, Days(start + 4, end, False)
        )
    if edge == "初":
        return Days(start, days.add_months(start, 1), False)
    if edge == "末":
        return Days(days.add_months(end, -1), end, False)
    middle = days.add_months(start, 5)
    return Days(middle, days.add_months(middle, 2), False)


def _tenth(base: Days, number: int) -> Days:
    cuts = {1: (0, 10), 2: (10, 20), 3: (20, 99), 4: (10, 99), 5: (0, 20)}[number]
    return Days(base.start + cuts[0], min(base.end, base.start + cuts[1]), False)


def nth(base: Days, token: Token, side: int) -> Days | None:
    """The n-th day, week, weekday, month or workday inside a period, or after/before it."""
    start, end = base.start, base.end
    if side > 0:
        start, end = end, end + 366
    elif side < 0:
        start, end = start - 366, start
    n, count = token.a, token.c
    if token.name == "workday":
        return one(days.workday(start - 1, n) if n > 0 else days.workday(end, n))
    if token.name == "day":
        if base.one and not side and n > 0:
            return one(start + n - 1)
        first = start + n - 1 if n > 0 else end + n + 1 - count
        return Days(first, first + count, count == 1) if start <= first < end else None
    if token.name == "weekday":
        return one(days.nth_weekday(start, end, token.b, n))
    if token.name in ("week", "weekend"):
        if count > 1:
            return Days(days.monday(end) - 7 * count, days.monday(end), False)
        at = days.nth_weekday(start, end, 1 if token.name == "week" else 6, n)
        return None if at is None else Days(at, at + (7 if token.name == "week" else 2), False)
    size = 3 if token.name == "quarter" else 1
    at = days.add_months(start, size * (n - 1)) if n > 0 else days.add_months(end, -size * count)
    return Days(at, days.add_months(at, size * count), False) if start <= at < end else None


def _window_in(base: Days, token: Token) -> Days:
    """最后三天 of a period, or the three days before/after a festival."""
    size = token.b // DAY
    name = token.name.split("|")[0]
    if name in ("前", "头") and not base.one and base.end - base.start > 7:
        return Days(base.start, days.add_months(base.start, token.a) + size, False)
    if name == "后" and not base.one and base.end - base.start > 27:
        return Days(days.add_months(base.end, -token.a) - size, base.end, False)
    if name == "last":
        end = days.monday(base.end) if token.c // 2 == 3 else base.end
        return Days(days.add_months(end, -token.a) - size, end, False)
    if name == "后":
        return Days(base.end, base.end + size, False)
    return Days(base.start - size, base.start, False)


def weekday_check(p: Point, c: Context, found: Days | None) -> Days | None:
    wday = p.t.get("wday")
    if found is None or wday is None or not found.one or not wday.a:
        return found
    if (found.start - 1) % 7 + 1 != wday.a:
        found.ambiguous = True
    return found


def one(ordinal: int | None, rolled: bool = False) -> Days | None:
    return None if ordinal is None else Days(ordinal, ordinal + 1, True, rolled)
