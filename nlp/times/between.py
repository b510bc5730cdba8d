"""Ranges: 从 … 到 …, where the end takes over what it leaves out."""

from __future__ import annotations

from nlp.times import clock, days
from nlp.times.point import Point
from nlp.times.resolve import days_of
from nlp.times.value import Value, point_value
from nlp.times.values import DAY, Context, Token


def between(p: Point, q: Point, c: Context) -> Value | None:
    """从 p 到 q: what q leaves out it takes from p."""
    if "now" in q.t:
        first = point_value(p, Context(c.now, c.today, c.date, c.conventions, fixed=True))
        if first is None or first.start is None:
            return None
        return Value("range", (p.start, q.end), first.start, c.now, point=p)
    _inherit(p, q)
    if ("shift" in q.t and next(iter(q.t)) == "shift") or (
        "nth" in q.t and next(iter(q.t)) == "nth" and q.t["nth"].name == "day"
    ):
        _next_day(p, q, c)
    if "clock" in p.t and "clock" in q.t:
        return _clock_range(p, q, c)
    first, last = _in_order(p, q, c)
    if first is None or last is None or first.start is None:
        return None
    p.to = q.t.get("wday") or q.t.get("dom")
    end = last.end if last.end is not None else last.start + DAY if last.kind == "date" and last.start is not None else last.start
    if end is None or end <= first.start:
        return None
    value = Value("range", (p.start, q.end), first.start, end, point=p, part=first.part, clocked=first.clocked or last.clocked)
    value.rolled, value.whole, value.ambiguous = first.rolled, first.whole and last.whole, first.ambiguous or last.ambiguous
    return value


def _next_day(p: Point, q: Point, c: Context) -> None:
    """今晚10点到第二天早上8点: the day after the start's."""
    first = days_of(p, c) if p.dated else None
    day = first.start if first is not None else c.today
    step = q.t.pop("shift").a if "shift" in q.t else q.t.pop("nth").a - 1
    q.t["rday"] = Token("rday", q.start, q.end, day + step - c.today)


_LARGER = {
    "dom": ("month", "rmonth", "year", "ryear", "lunar"),
    "month": ("year", "ryear", "lunar"),
    "md": ("year", "ryear"),
    "quarter": ("year", "ryear"),
    "edge": ("month", "rmonth", "year", "ryear"),
    "xun": ("month", "rmonth", "year", "ryear"),
    "nth": ("month", "rmonth", "year", "ryear"),
}


def _inherit(p: Point, q: Point) -> None:
    """Give the end the larger units, the week and the day that only the start named."""
    for kind, larger in _LARGER.items():
        if kind in q.t and q.t.keys().isdisjoint(larger) and (kind != "edge" or _month_edges(p, q)):
            for k in larger:
                if k in p.t:
                    q.t[k] = p.t[k]
                    q.heir = True
            _from_figures(kind, p, q)
            break
    one, two = p.t.get("wday"), q.t.get("wday")
    if one is not None and two is not None and not two.c & 1 and one.c & 1 and two.a:
        q.t["wday"] = Token("wday", two.start, two.end, two.a, one.b, 1)
    if "part" in q.t and "clock" not in q.t and not q.dated and p.dated:
        q.t |= {k: token for k, token in p.t.items() if k not in ("clock", "part")}
        q.dated = True


def _month_edges(p: Point, q: Point) -> bool:
    return q.t["edge"].name[1:] == "month" and "edge" in p.t


def _from_figures(kind: str, p: Point, q: Point) -> None:
    """The start was written 2026-03-11 or 3/11."""
    q.heir = True
    date, day = p.t.get("ymd"), p.t.get("md")
    if kind == "dom" and day is not None and q.t.keys().isdisjoint(("month", "rmonth")):
        q.t["month"] = Token("month", q.start, q.start, day.a)
    if date is not None and kind == "dom" and "month" not in q.t:
        q.t["ymd"] = Token("ymd", q.start, q.end, date.a, date.b, q.t.pop("dom").a)
    elif date is not None and kind in ("month", "dom", "md"):
        q.t["year"] = Token("year", q.start, q.start, date.a)


def _in_order(p: Point, q: Point, c: Context) -> tuple[Value | None, Value | None]:
    """Both ends without rolling when the range is not over yet, else both rolled; the end comes after the start."""
    as_is = Context(c.now, c.today, c.date, c.conventions, fixed=True)
    first, last = point_value(p, as_is), point_value(q, as_is)
    if "wday" in p.t or "part" in p.t or "clock" in p.t or first is None or last is None:
        first, last = point_value(p, c), point_value(q, as_is)
        if (
            last is not None
            and first is not None
            and first.start is not None
            and last.start is not None
            and last.start < first.start
        ):
            last = _later(q, last, first.start)
        return first, last
    if first.start is not None and last.start is not None and last.start < first.start:
        last = _later(q, last, first.start)
    until = last.end if last.end is not None else (last.start or 0) + DAY
    roll = c.conventions.forward and until <= c.now and not {"year", "ryear", "ymd", "rday", "rmonth"} & (set(p.t) | set(q.t))
    if roll and {"md", "dom", "month"} & set(p.t):
        first = point_value(p, c) or first
        last = point_value(q, as_is)
        if last is not None and first.start is not None and last.start is not None and last.start < first.start:
            last = _later(q, last, first.start)
    return first, last


def _later(q: Point, last: Value, start: int) -> Value:
    """Move the end on by its own period until it lies after the start."""
    step = 12 if {"md", "month", "feast"} & set(q.t) else 1 if "dom" in q.t else 0
    if not (step or "wday" in q.t) or (step == 12 and not q.heir and {"year", "ryear", "ymd"} & set(q.t)):
        return last
    for _ in range(24):
        if last.start is None or last.start >= start:
            break
        size = (last.end - last.start) if last.end is not None else None
        day = last.start // DAY
        moved = (days.add_months(day, step) if step else day + 7) * DAY + last.start % DAY
        last.start = moved
        if size is not None:
            last.end = moved + size
    return last


def _clock_range(p: Point, q: Point, c: Context) -> Value | None:
    """三点到五点, 今晚9点到明早8点."""
    first = _clock_start(p, q, c)
    if first is None or first.start is None:
        return None
    part = q.t["part"].name if "part" in q.t else None
    if q.dated:
        named = days_of(q, c)
        if named is None or not named.one:
            return None
        literal = False
        end = named.start * DAY + clock.minutes(q.t["clock"], part, literal)
        if end <= first.start and part is None:
            end += DAY // 2
    else:
        day = first.start // DAY * DAY
        if first.start - day < 360 and first.part in ("晚上", "半夜"):
            day -= DAY
        begin = first.start - day
        inherited = part or (first.part if first.part not in ("上午", "早上", "中午", "凌晨", "白天") else None)
        end = day + clock.end_minutes(q.t["clock"], part or inherited, begin, False)
    if end <= first.start:
        return None
    value = Value("range", (p.start, q.end), first.start, end, point=p, part=first.part, bare=first.bare, clocked=True)
    value.rolled, value.ambiguous = first.rolled, first.ambiguous
    return value


def _clock_start(p: Point, q: Point, c: Context) -> Value | None:
    """The start of a clock range; 8点到下午5点 and 10点到11点 keep the morning, and a running range is not moved to tomorrow."""
    first = point_value(p, c)
    if first is None or first.start is None:
        return None
    if first.rolled and not p.dated and "part" in p.t and q.dated:
        first = point_value(p, Context(c.now, c.today, c.date, c.conventions, fixed=True))
    return first
