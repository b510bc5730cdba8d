"""Points, ranges, boundaries, durations and recurrences: from tokens to values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nlp.times import clock, days
from nlp.times.point import LIST, RANGE, Point, read
from nlp.times.recur import recurrence
from nlp.times.resolve import Context, Days, days_of
from nlp.times.values import DAY, Kind, Token
from nlp.times.words import PARTS

_SUFFIX = re.compile(
    r"\s?(?:(?P<either>或|及|或者|和|或是)(?:之|以|更)?(?P<e>前|早|后|晚)"
    r"|(?P<before>之前|以前|前(?![台面往来端去期线沿天年提几后任言途景\d一二两三四五六七八九十]))"
    r"|(?P<after>之后|以后|过后|后(?![天台面勤续来年期市勤代果悔门备\d一二两三四五六七八九十]))"
    r"|(?P<since>以来|起(?![来草步诉码床飞身点立诺名伏])|开始(?=$|[,.;!?]|算|生效|执行|实施|放假|请假|出差|休|上班|营业|每))"
    r"|(?P<until>为止|止|截止|截至|结束)"
    r"|(?P<within>之内|以内|内(?![容部审存蒙地陆])|期间|间(?=$|[,.;]))"
    r"|(?P<about>左右|前后|许|的时候|时候|之间|中间))"
)
_UNTIL = ("截止", "截至", "截止到", "截至到", "直到", "最晚", "最迟", "至迟", "不晚于", "不迟于", "早于", "最迟到", "最晚到", "赶在", "截止日期", "截止时间", "截止日", "截止日期:", "截止时间:", "截止:", "早过")
_FROM = ("晚于", "自从", "自", "不早于")
_DURING = frozenset(["", "开始", "起", "开", ",", "大概", "大约", "预计", "时长", "共", "持续", "约", "为期", "左右", ",大概", ",预计", "开会", ",时长", "起,", "开始,", "开始,大概", "开始大概",
                     "开始持续", ",持续", "起持续", ",大约", ",共", "(", "用", "聊", "谈", "开始聊", "开始谈", "开始开", "开始,持续", "开始预计", "开始,预计", "待", "呆", "来", "的", "总共", "一共", "开始一共", "连续",
                     "开始约", "开始共", "开始,约", "起约", "历时", "做", "开始做", "搞", "讲", "开始讲", "的会", "的会,", "后", "之后的"])  # fmt: skip


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


def values(s: str, tokens: list[Token], c: Context) -> list[Value]:
    """All expressions, left to right; impossible ones (2月30日, 25点) leave nothing."""
    out: list[Value] = []
    at = 0
    while at < len(tokens):
        kind = tokens[at].kind
        if kind == "every" or (kind == "workdays" and _recurs(s, tokens, at)):
            value, at = recurrence_at(s, tokens, at, c, out)
        elif kind == "workdays":
            at += 1
            continue
        else:
            value, at = _expression(s, tokens, at, c)
        if value is not None:
            out.append(value)
    return out


def _recurs(s: str, tokens: list[Token], at: int) -> bool:
    """工作日每天, 工作日下午三点, 工作日都."""
    end = tokens[at].end
    if at + 1 < len(tokens) and tokens[at + 1].kind in ("every", "part", "clock") and s[end : tokens[at + 1].start].strip() in ("", "的", "都"):
        return True
    return s[end : end + 1] == "都"


def recurrence_at(s: str, tokens: list[Token], at: int, c: Context, out: list[Value]) -> tuple[Value | None, int]:
    """A recurrence takes the point right before it (9:30 每天, 周三每两周) and what follows."""
    head = tokens[at]
    early: Point | None = None
    if out and out[-1].point is not None and s[out[-1].at[1] : head.start].strip() in ("", ",", "的") and _usable(out[-1]):
        early = out.pop().point
    found = recurrence(s, tokens, at, early, c)
    if found is None:
        return None, at + 1
    recur, first, start, end, following = found
    timed = recur.get("time") is not None
    return Value("recurrence", (start, end), first, None, None, recur, None, clocked=timed), following


def _usable(value: Value) -> bool:
    p = value.point
    return value.kind in ("instant", "date", "range") and p is not None and set(p.t) <= {"clock", "part", "wday", "dom"}


def _expression(s: str, tokens: list[Token], at: int, c: Context) -> tuple[Value | None, int]:
    token = tokens[at]
    if token.kind == "dur":
        return _duration(token), at + 1
    p, after = read(s, tokens, at)
    value = None if p.bad else point_value(p, c)
    if after < len(tokens) and tokens[after].kind not in ("dur", "every", "now", "within", "since", "workdays") or _to_now(s, tokens, after, p):
        q, later = read(s, tokens, after)
        gap = s[p.end : tokens[after].start].strip()
        ranged = gap in RANGE or (gap == "" and _clock_pair(p, q))
        consecutive = _consecutive(p, q)
        paired = gap in LIST and (consecutive or s[q.end : q.end + 2] in ("之间", "中间"))
        if (ranged or paired) and not p.bad and not q.bad:
            joined = _range(p, q, c)
            if joined is not None:
                joined, later = _continue_list(s, tokens, later, joined, q, c)
                return _bounded(s, joined, c), later
        elif ranged and (p.bad or q.bad):
            return None, later
    if value is None:
        return None, after
    value, after = _with_duration(s, tokens, after, value, c)
    return _bounded(s, value, c), after


def _to_now(s: str, tokens: list[Token], after: int, p: Point) -> bool:
    return after < len(tokens) and tokens[after].kind == "now" and s[p.end : tokens[after].start].strip() in RANGE


def _clock_pair(p: Point, q: Point) -> bool:
    """上午9-11: the lexer has cut one piece into two clocks."""
    return "clock" in p.t and set(q.t) == {"clock"} and q.start > p.end


def _consecutive(p: Point, q: Point) -> bool:
    """10号、11号: the next day of the month, said as a list."""
    one, two = p.t.get("dom"), q.t.get("dom")
    return one is not None and two is not None and set(q.t) == {"dom"} and two.a == one.a + 1 and "clock" not in p.t and "part" not in p.t


def _continue_list(s: str, tokens: list[Token], at: int, joined: Value, last: Point, c: Context) -> tuple[Value, int]:
    while at < len(tokens) and s[last.end : tokens[at].start].strip() in LIST:
        q, later = read(s, tokens, at)
        if not _consecutive(last, q) or joined.end is None:
            break
        joined.end += DAY
        joined.at = (joined.at[0], q.end)
        last, at = q, later
    return joined, at


def _duration(token: Token) -> Value:
    minutes = token.a * 30 * DAY + token.b if token.c != 5 or token.a % 12 else token.a // 12 * 365 * DAY + token.b
    return Value("duration", (token.start, token.end), minutes=minutes)


def _with_duration(s: str, tokens: list[Token], at: int, value: Value, c: Context) -> tuple[Value, int]:
    """从三点开始一个半小时, 9点1小时."""
    if value.kind != "instant" or at >= len(tokens) or tokens[at].kind != "dur" or value.start is None or not value.clocked:
        return value, at
    if s[value.at[1] : tokens[at].start].strip() not in _DURING:
        return value, at
    lasts = _duration(tokens[at]).minutes or 0
    value.lasts = lasts
    value.at = (value.at[0], tokens[at].end)
    if c.conventions.join_duration:
        value.kind, value.end = "range", value.start + lasts
    return value, at + 1


def point_value(p: Point, c: Context) -> Value | None:
    """One point: a clock makes an instant, a part of day a range, days a date or a range."""
    t = p.t
    at = (p.start, p.end)
    if "now" in t:
        return Value("instant", at, c.now, point=p)
    for kind in ("window", "within", "since", "newyear"):
        if kind in t and len(t) == 1 and t[kind].name != "前|quarters":
            return _special(kind, t[kind], at, c, p)
    moved = t.get("off") or t.get("point")
    if moved is not None and moved.c < 2:
        start = days.add_months(c.today, moved.a) * DAY + c.now - c.today * DAY if moved.a else c.now
        return Value("instant", at, start + moved.b, point=p, clocked=True)
    if moved is not None and "many" in moved.name:
        return _vaguely(moved, at, c, p)
    named = None
    if p.dated:
        named = days_of(p, c)
        if named is None:
            return None
    part = t["part"].name if "part" in t else None
    if "clock" in t:
        return _instant(p, c, named, part)
    if part is not None:
        day = named.start if named else c.today
        first, last = PARTS[part]
        if named is not None and not named.one:
            return None
        return _flags(Value("range", at, day * DAY + first, day * DAY + last, point=p, part=part), named)
    if named is None:
        return None
    if named.one:
        return _flags(Value("date", at, named.start * DAY, point=p, whole=True), named)
    return _flags(Value("range", at, named.start * DAY, named.end * DAY, point=p, whole=True), named)


def _flags(value: Value, named: Days | None) -> Value:
    if named is not None:
        value.ambiguous, value.rolled = named.ambiguous, named.rolled
    return value


def _instant(p: Point, c: Context, named: Days | None, part: str | None) -> Value | None:
    said = p.t["clock"]
    if named is not None and not named.one:
        return None
    day = named.start if named else c.today
    literal = "ymd" in p.t and (p.t["ymd"].start == p.start and day < c.today)
    at = day * DAY + clock.minutes(said, part, literal)
    bare = part is None and said.c == 0 and 1 <= said.a <= 12
    rolled = False
    if c.conventions.forward and not c.fixed:
        if named is None and at < c.now:
            at, rolled = at + DAY, True
        elif bare and at < c.now and "rday" in p.t and p.t["rday"].a == 0 and said.a < 12 and at % DAY < DAY // 2 and at + DAY // 2 >= c.now:
            at += DAY // 2
        elif named is not None and set(p.t) & {"wday"} and not p.t["wday"].c and named.one and day == c.today and at < c.now and len(p.t) <= 3:
            at, rolled = at + 7 * DAY, True
    value = _flags(Value("instant", (p.start, p.end), at, point=p, part=part, bare=bare, clocked=True), named)
    value.rolled = value.rolled or rolled
    return value


def _special(kind: str, token: Token, at: tuple[int, int], c: Context, p: Point) -> Value | None:
    now = c.now
    if kind == "newyear":
        first = days.lunar(c.date.year + 1, 1, 1)
        this = days.lunar(c.date.year, 1, 1)
        first = this if this is not None and this >= c.today else first
        if first is None:
            return None
        return Value("range", at, None, first * DAY, point=p) if token.a < 0 else Value("range", at, first * DAY, None, point=p)
    if kind == "since":
        return Value("range", at, _since(token, c), None, point=p)
    if kind == "within":
        return _within(token, at, c, p)
    ahead, rank, name = token.c & 1, token.c // 2, token.name.split("|")[0]
    if rank < 2:
        size = token.b
        return Value("range", at, now, now + size, point=p, clocked=True) if ahead else Value("range", at, now - size, now, point=p, clocked=True)
    today = c.today
    if name == "this":
        ahead = 1 if c.conventions.forward else 0
    if ahead:
        end = days.add_months(today, token.a) + token.b // DAY
        return Value("range", at, today * DAY, end * DAY, point=p, whole=True)
    start = days.add_months(today, -token.a) - token.b // DAY
    last = today + 1 if name in ("最近", "近", "this", "过去") else today
    return Value("range", at, start * DAY, last * DAY, point=p, whole=True)


def _within(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value:
    """3天内 is over at the end of the third day, 2小时内 on the minute; asked about the past it reaches back."""
    if not c.conventions.forward:
        start = (days.add_months(c.today, -token.a) * DAY - token.b) if token.c > 1 else c.now - token.b
        return Value("range", at, start, c.now, point=p)
    if token.c < 2:
        return Value("range", at, None, c.now + token.b + (1 if token.b == 13 and "13" in "" else 0), point=p, clocked=True)
    if token.c == 6:
        return Value("range", at, None, (days.workday(c.today, token.b // DAY) + 1) * DAY, point=p)
    return Value("range", at, None, (days.add_months(c.today, token.a) + token.b // DAY + 1) * DAY, point=p)


def _since(token: Token, c: Context) -> int:
    start = days.add_months(c.today, -token.a)
    if token.a:
        year, month, _ = _ymd(start)
        return days.month_span(year, month if token.c < 5 or "h" in token.name else 1)[0] * DAY
    return start * DAY - token.b if token.c > 1 else c.now - token.b


def _ymd(ordinal: int) -> tuple[int, int, int]:
    from datetime import date

    at = date.fromordinal(ordinal)
    return at.year, at.month, at.day


def _vaguely(token: Token, at: tuple[int, int], c: Context, p: Point) -> Value:
    """20多个月之后: from there on."""
    day = days.add_months(c.today, token.a) + int(token.b / DAY)
    if token.a:
        year, month, _ = _ymd(day)
        day = days.month_span(year, month if token.c < 5 else 1)[0]
    back = token.name.endswith("<")
    return Value("range", at, None if back else day * DAY, day * DAY if back else None, point=p)


def _range(p: Point, q: Point, c: Context) -> Value | None:
    """从 p 到 q: what q leaves out it takes from p."""
    if "now" in q.t:
        first = point_value(p, c)
        if first is None or first.start is None:
            return None
        return Value("range", (p.start, q.end), first.start, c.now, point=p)
    _inherit(p, q)
    if "shift" in q.t and next(iter(q.t)) == "shift" or ("nth" in q.t and next(iter(q.t)) == "nth" and q.t["nth"].name == "day"):
        _next_day(p, q, c)
    if "clock" in p.t and "clock" in q.t:
        return _clock_range(p, q, c)
    first, last = _in_order(p, q, c)
    if first is None or last is None or first.start is None:
        return None
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


_LARGER = {"dom": ("month", "rmonth", "year", "ryear", "lunar"), "month": ("year", "ryear", "lunar"), "md": ("year", "ryear"), "quarter": ("year", "ryear"),
           "edge": ("month", "rmonth", "year", "ryear"), "xun": ("month", "rmonth", "year", "ryear"), "nth": ("month", "rmonth", "year", "ryear")}


def _inherit(p: Point, q: Point) -> None:
    for kind, larger in _LARGER.items():
        if kind in q.t and not any(k in q.t for k in larger) and (kind != "edge" or q.t[kind].name[1:] == "month" and "edge" in p.t):
            for k in larger:
                if k in p.t:
                    q.t[k] = p.t[k]
            if kind == "dom" and "month" not in q.t and "rmonth" not in q.t and "md" in p.t:
                q.t["month"] = Token("month", q.start, q.start, p.t["md"].a)
            if kind == "month" and "ymd" in p.t:
                q.t["year"] = Token("year", q.start, q.start, p.t["ymd"].a)
            if kind == "dom" and "ymd" in p.t and "month" not in q.t:
                q.t["ymd"] = Token("ymd", q.start, q.end, p.t["ymd"].a, p.t["ymd"].b, q.t.pop("dom").a)
            break
    one, two = p.t.get("wday"), q.t.get("wday")
    if one is not None and two is not None and not two.c & 1 and one.c & 1 and two.a:
        q.t["wday"] = Token("wday", two.start, two.end, two.a, one.b, 1)
    if "md" in q.t and "ymd" in p.t:
        q.t["year"] = Token("year", q.start, q.start, p.t["ymd"].a)
    if "part" in q.t and not q.dated and p.dated and "clock" not in q.t:
        for k, token in p.t.items():
            if k not in ("clock", "part"):
                q.t[k] = token
        q.dated = True


def _in_order(p: Point, q: Point, c: Context) -> tuple[Value | None, Value | None]:
    """Both ends without rolling when the range is not over yet, else both rolled; the end comes after the start."""
    as_is = Context(c.now, c.today, c.date, c.conventions, fixed=True)
    first, last = point_value(p, as_is), point_value(q, as_is)
    if "wday" in p.t or "part" in p.t or "clock" in p.t or first is None or last is None:
        first, last = point_value(p, c), point_value(q, as_is)
        if last is not None and first is not None and first.start is not None and last.start is not None and last.start < first.start:
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
    if ("year" in q.t or "ryear" in q.t or "ymd" in q.t) and step == 12:
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


def _bounded(s: str, value: Value, c: Context) -> Value | None:
    """X前 has only an end, X起/后 only a start, 截止X only an end."""
    start, end = value.at
    m = _SUFFIX.match(s, end)
    before = s[max(0, start - 6) : start].rstrip()
    if m is None:
        if before.endswith(_UNTIL) and not before.endswith("不早于"):
            return _until(value, True)
        if before.endswith(("晚于", "不早于")):
            return _after(value)
        return value
    value.at = (start, m.end())
    if m["before"] or (m["either"] and m["e"] in "前早"):
        return _until(value, not m["either"])
    if m["after"] or (m["either"] and m["e"] in "后晚"):
        return _after(value)
    if m["since"]:
        return _from(s, m, value, end)
    if m["until"]:
        if m["until"] == "结束":
            value.at = (start, end)
            return value
        return _until(value, True)
    if m["within"] and value.kind == "instant":
        value.at = (start, end)
    return value


def _until(value: Value, inclusive: bool) -> Value:
    """周五前 lasts to the end of Friday, 月底前 to the end of the month, 6月前 to its beginning."""
    p = value.point
    limit = value.start
    if value.kind == "date" and value.start is not None:
        limit = value.start + (DAY if inclusive and not (p and ("feast" in p.t)) else 0)
    elif value.end is not None and p is not None and ("edge" in p.t and p.t["edge"].name[0] == "末"):
        limit = value.end
    elif value.start is None or value.kind == "duration":
        return value
    value.kind, value.start, value.end = "range", None, limit
    return value


def _after(value: Value) -> Value:
    if value.kind == "duration" or value.start is None:
        return value
    start = value.start + DAY if value.kind == "date" else value.end if value.end is not None else value.start
    value.kind, value.start, value.end = "range", start, None
    return value


def _from(s: str, m: re.Match[str], value: Value, end: int) -> Value:
    """周一起 is open; 三点开始 stays the moment a meeting begins."""
    if value.kind == "instant" and m["since"] == "开始":
        return value
    if value.start is None or (value.end is not None and not value.whole):
        return value
    value.kind, value.end = "range", None
    return value
