"""From what was said to days: every kind of date expression as [first day, day after the last)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nlp.times import days
from nlp.times.festivals import OFF, RULES
from nlp.times.inside import one, refine, weekday_check
from nlp.times.point import Point
from nlp.times.values import DAY, Context, Days, Token


def days_of(p: Point, c: Context) -> Days | None:
    """The days a point names; None when there is no such day."""
    kind = min(p.t, key=_rank)
    if kind not in _BASE:
        return None
    base = _BASE[kind](p, c, p.t[kind])
    if base is None:
        return None
    return weekday_check(p, c, refine(p, c, base))


def _year_of(p: Point, c: Context) -> int | None:
    if "year" in p.t:
        return p.t["year"].a
    if "ryear" in p.t:
        return c.date.year + p.t["ryear"].a
    return None


def _by_year(p: Point, c: Context, find: Callable[[int], int | None], year: int | None) -> Days | None:
    """A yearly day: in its own year, else the next one that is not past (the last one in questions about the past)."""
    if year is not None:
        return one(find(year))
    this = find(c.date.year)
    if c.fixed and this is not None:
        return one(this)
    step = 1 if c.conventions.forward else -1
    for tried in range(c.date.year - 1, c.date.year + 10) if step > 0 else range(c.date.year + 1, c.date.year - 10, -1):
        at = find(tried)
        if at is not None and (at - c.today) * step >= 0:
            wday = p.t.get("wday")
            if this is not None and at != this and wday is not None and (this - 1) % 7 + 1 == wday.a != (at - 1) % 7 + 1:
                return one(this)
            return one(at, rolled=at != this)
    return None


def _ymd(p: Point, c: Context, token: Token) -> Days | None:
    return one(days.day(token.a, token.b, token.c))


def _md(p: Point, c: Context, token: Token) -> Days | None:
    return _by_year(p, c, lambda y: days.day(y, token.a, token.b), _year_of(p, c))


def _feast(p: Point, c: Context, token: Token) -> Days | None:
    rule, year = RULES[token.name], _year_of(p, c)
    if p.side > 0 and token.name in OFF:
        return _daysoff(p, c, token)
    found = _by_year(p, c, rule, year)
    if found is not None and found.start < c.today and year is None and not c.fixed and c.conventions.forward:
        return None
    return found


def _daysoff(p: Point, c: Context, token: Token) -> Days | None:
    anchor, fallback = OFF[token.name]
    rule, year = RULES[anchor], _year_of(p, c)
    if year is not None and anchor == "除夕":
        year -= 1
    years = [year] if year is not None else range(c.date.year - 1, c.date.year + 3)
    for tried in years if c.conventions.forward else reversed(list(years)):
        at = rule(tried)
        if at is None:
            continue
        start, end = days.days_off(anchor, at, fallback)
        if year is not None or (end > c.today if c.conventions.forward else start <= c.today):
            return Days(start, end, False)
    return None


def _is_lunar(p: Point) -> bool:
    month, dom = p.t.get("month"), p.t.get("dom")
    return "lunar" in p.t or (month is not None and month.name == "lunar") or (dom is not None and dom.b == 1)


def _month(p: Point, c: Context, token: Token) -> Days | None:
    dom, year = p.t.get("dom"), _year_of(p, c)
    if _is_lunar(p):
        return _lunar(p, c)
    if dom is not None:
        return _by_year(p, c, lambda y: days.day(y, token.a, dom.a), year)
    if year is None:
        year = c.date.year
        if not c.fixed and c.conventions.forward and token.a < c.date.month and "nth" not in p.t:
            return Days(*days.month_span(year + 1, token.a), False, True)
        if not c.fixed and not c.conventions.forward and token.a > c.date.month:
            return Days(*days.month_span(year - 1, token.a), False, True)
    return Days(*days.month_span(year, token.a), False)


def _lunar(p: Point, c: Context) -> Days | None:
    month, dom, year = p.t.get("month"), p.t.get("dom"), None
    if "year" in p.t:
        year = p.t["year"].a
    elif "ryear" in p.t:
        year = c.date.year + p.t["ryear"].a
    if month is None:
        return _lunar_dom(c, dom.a) if dom is not None else None
    if dom is None:
        year = days.lunar_year(c.today) if year is None else year
        start = days.lunar(year, month.a, 1)
        end = days.lunar(year, month.a + 1, 1) if month.a < 12 else days.lunar(year + 1, 1, 1)
        return None if start is None or end is None else Days(start, end, False)
    return _by_year(p, c, lambda y: days.lunar(y, month.a, dom.a), year)


def _lunar_dom(c: Context, dom: int) -> Days | None:
    """初五 alone: the next such lunar day."""
    year = days.lunar_year(c.today)
    for index in range(24):
        at = days.lunar(year + index // 12, index % 12 + 1, dom)
        if at is not None and at >= c.today:
            return one(at)
    return None


def _rmonth(p: Point, c: Context, token: Token) -> Days | None:
    year = _year_of(p, c) or c.date.year
    start, end = days.month_span(year, c.date.month + token.a)
    dom = p.t.get("dom")
    if dom is None:
        return Days(start, end, False)
    at = start + dom.a - 1
    return one(at) if at < end else None


def _dom(p: Point, c: Context, token: Token) -> Days | None:
    """A day of the month alone: this month's, else the next month that has it."""
    if "off" in p.t:
        start, end = days.month_span(*_ym(days.add_months(c.today, p.t["off"].a)))
        return one(start + token.a - 1) if start + token.a <= end else None
    if _is_lunar(p):
        return _lunar(p, c)
    if "year" in p.t or "ryear" in p.t:
        return None
    step = 1 if c.conventions.forward else -1
    for shift in range(13):
        month = c.date.month + shift * step
        start, end = days.month_span(c.date.year, month)
        at = start + token.a - 1
        if at < end and (c.fixed or (at - c.today) * step >= 0):
            return one(at, rolled=shift > 0)
    return None


def _ym(ordinal: int) -> tuple[int, int]:
    at = date.fromordinal(ordinal)
    return at.year, at.month


def _quarter(p: Point, c: Context, token: Token) -> Days | None:
    if not 1 <= token.a <= 4:
        return None
    return Days(*days.month_span(_year_of(p, c) or c.date.year, token.a * 3 - 2, 3), False)


def _rquarter(p: Point, c: Context, token: Token) -> Days | None:
    return Days(*days.month_span(_year_of(p, c) or c.date.year, (c.date.month - 1) // 3 * 3 + 1 + token.a * 3, 3), False)


def _half(p: Point, c: Context, token: Token) -> Days | None:
    if token.name == "year":
        return Days(*days.month_span(_year_of(p, c) or c.date.year, 1 if token.a == 1 else 7, 6), False)
    if token.name == "week":
        monday = days.monday(c.today) + 7 * (p.t["wday"].b if "wday" in p.t else 0)
        return Days(monday, monday + 3, False) if token.a == 1 else Days(monday + 3, monday + 7, False)
    month = p.t.get("month")
    year = _year_of(p, c) or c.date.year
    number = month.a if month is not None else c.date.month + (p.t["rmonth"].a if "rmonth" in p.t else 0)
    start, end = days.month_span(year, number)
    return Days(start, start + 15, False) if token.a == 1 else Days(start + 15, end, False)


def _rhalf(p: Point, c: Context, token: Token) -> Days | None:
    index = c.date.year * 2 + (c.date.month > 6) + token.a
    return Days(*days.month_span(index // 2, index % 2 * 6 + 1, 6), False)


def _season(p: Point, c: Context, token: Token) -> Days | None:
    return Days(*days.month_span(_year_of(p, c) or c.date.year, token.a, int(token.name or 3)), False)


def _edge(p: Point, c: Context, token: Token) -> Days | None:
    """月底, 年初 alone: of the running month or year."""
    unit = token.name[1:]
    year, month = c.date.year, c.date.month
    if unit == "week":
        return Days(days.monday(c.today), days.monday(c.today) + 7, False)
    span = {"year": (year, 1, 12), "month": (year, month, 1), "quarter": (year, (month - 1) // 3 * 3 + 1, 3)}[unit]
    return Days(*days.month_span(*span), False)


def _xun(p: Point, c: Context, token: Token) -> Days | None:
    return Days(*days.month_span(c.date.year, c.date.month), False)


def _year(p: Point, c: Context, token: Token) -> Days | None:
    year = _year_of(p, c) or c.date.year
    return Days(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal(), False)


def _rday(p: Point, c: Context, token: Token) -> Days | None:
    """明天; 去年今天 is the same day of that year."""
    if "ryear" in p.t:
        return one(days.add_months(c.today + token.a, 12 * p.t["ryear"].a))
    if "rmonth" in p.t:
        return one(days.add_months(c.today, p.t["rmonth"].a))
    if "wday" in p.t and not p.t["wday"].a:
        return one(c.today + 7 * p.t["wday"].b)
    return one(c.today + token.a)


def _days(p: Point, c: Context, token: Token) -> Days | None:
    """今明两天."""
    return Days(c.today + token.a, c.today + token.a + int(token.name), False)


def _years(p: Point, c: Context, token: Token) -> Days | None:
    """今明两年."""
    first = c.date.year + token.a
    return Days(date(first, 1, 1).toordinal(), date(first + int(token.name), 1, 1).toordinal(), False)


def _decade(p: Point, c: Context, token: Token) -> Days | None:
    """九十年代, with an edge its first or last three years."""
    first, last = {"初": (0, 3), "前": (0, 3), "早": (0, 3), "中": (3, 7)}.get(token.name[:1], (7, 10) if token.name else (0, 10))
    return Days(date(token.a + first, 1, 1).toordinal(), date(token.a + last, 1, 1).toordinal(), False)


def _off(p: Point, c: Context, token: Token) -> Days | None:
    """三天后, 两周前: that very day; a count of whole years names the year, of years and a half the month."""
    if token.c == 6:
        return one(days.workday(c.today, token.b // DAY))
    at = days.add_months(c.today, token.a) if token.a else c.today
    if not 1 < at + token.b // DAY < 3_000_000:
        return None
    if "wday" in p.t:
        monday = days.monday(at + token.b // DAY)
        return one(monday + p.t["wday"].a - 1)
    if token.kind == "off" and token.a and token.b == 0:
        year, month = _ym(at)
        if token.c == 5:
            return Days(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal(), False)
        if "h" in token.name and abs(token.a) > 6:
            return Days(*days.month_span(year, month), False)
    return one(at + int(token.b / DAY))


def _wday(p: Point, c: Context, token: Token) -> Days | None:
    monday = days.monday(c.today) + 7 * token.b
    if not token.a:
        return Days(monday, monday + 7, False)
    at = monday + token.a - 1
    if token.c & 1 or c.fixed:
        return one(at)
    if c.conventions.forward and at < c.today:
        return one(at + 7, rolled=True)
    if not c.conventions.forward and at > c.today:
        return one(at - 7, rolled=True)
    return one(at)


def _weekend(p: Point, c: Context, token: Token) -> Days | None:
    at = days.monday(c.today) + 5 + 7 * token.b
    if not c.conventions.forward and not token.c and at > c.today:
        at -= 7
    return Days(at, at + 2, False)


def _workday(p: Point, c: Context, token: Token) -> Days | None:
    return one(days.workday(c.today, token.a))


def _around(p: Point, c: Context, token: Token) -> Days | None:
    found = days.next_days_off(c.today)
    if found is None:
        spans = [_daysoff(Point(p.start, p.end), c, Token("daysoff", 0, 0, name=name)) for name in OFF]
        found = min((span.start, span.end) for span in spans if span is not None)
    return Days(*found, False)


def _this_year(p: Point, c: Context, token: Token) -> Days | None:
    """前三季度 alone: of the running year."""
    return _year(p, c, token) if token.name == "前|quarters" else None


def _shift(p: Point, c: Context, token: Token) -> Days | None:
    return one(c.today + token.a)


_BASE: dict[str, Callable[[Point, Context, Token], Days | None]] = {
    "rday": _rday, "ymd": _ymd, "md": _md, "feast": _feast, "daysoff": _daysoff, "half": _half, "decade": _decade, "days": _days,
    "years": _years,
    "month": _month, "rmonth": _rmonth, "dom": _dom,
    "quarter": _quarter, "rquarter": _rquarter, "rhalf": _rhalf, "season": _season, "year": _year, "ryear": _year,
    "off": _off, "point": _off, "wday": _wday, "weekend": _weekend, "workday": _workday, "around": _around,
    "edge": _edge, "xun": _xun, "window": _this_year, "shift": _shift,
}  # fmt: skip
_RANKS = {kind: rank for rank, kind in enumerate(_BASE)}


def _rank(kind: str) -> int:
    return _RANKS.get(kind, 99)
