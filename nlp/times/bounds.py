"""Open ends: 周五前, 下午三点后, 下周起, 截止3月20日."""

from __future__ import annotations

import re

from nlp.times.lazy import Pattern
from nlp.times.value import Value
from nlp.times.values import DAY, Context

_SUFFIX = Pattern(
    r"\s?(?:(?P<either>或|及|或者|和|或是)(?:[之以](?=[前后])|更(?=[早晚]))(?P<e>[前早后晚])"
    r"|(?P<before>之前|以前|前(?![台面往来端去期线沿天年提几后任言途景\d一二两三四五六七八九十]))"
    r"|(?P<after>之后|以后|过后|后(?![天台面勤续来年期市勤代果悔门备\d一二两三四五六七八九十]))"
    r"|(?P<since>以来|起(?![来草步诉码床飞身点立诺名伏])|开始(?=$|[,.;!?]|算|生效|执行|实施|放假|请假|出差|休|上班|营业|每))"
    r"|(?P<today>至今|迄今(?:为止)?|直到现在|直到今天)"
    r"|(?P<until>为止|止|截止|截至|结束)"
    r"|(?P<within>之内|以内|内(?![容部审存蒙地陆])|期间|间(?=$|[,.;]))"
    r"|(?P<about>左右|前后|许|的时候|时候|之间|中间))"
)
_UNTIL = (
    "截止",
    "截至",
    "截止到",
    "截至到",
    "直到",
    "最晚",
    "最迟",
    "至迟",
    "不晚于",
    "不迟于",
    "早于",
    "最迟到",
    "最晚到",
    "赶在",
    "截止日期",
    "截止时间",
    "截止日",
    "截止日期:",
    "截止时间:",
    "截止:",
    "早过",
)
_BOUND_ENDS = frozenset(words[-1] for words in _UNTIL) | {"于"}


def bounded(s: str, value: Value, c: Context, limit: int) -> Value:
    """X前 has only an end, X起/后 only a start, 截止X only an end; the word must end before `limit`, where more is said."""
    start, end = value.at
    m = _SUFFIX.match(s, end) if end < limit else None
    if m is not None and m.end() > limit:
        m = None
    if m is None:
        return _led(value, s[max(0, start - 6) : start].rstrip())
    value.at = (start, m.end())
    if m["before"] or (m["either"] and m["e"] in "前早"):
        return _until(value, not m["either"])
    if m["after"] or (m["either"] and m["e"] in "后晚"):
        return _after(value)
    if m["today"]:
        return _to_now(value, c)
    if m["since"]:
        return _from(s, m, value, end)
    if m["until"]:
        if m["until"] == "结束" or _closed(value, end):
            value.at = (start, end)
            return value
        return _until(value, True)
    if m["within"] and value.kind == "instant":
        value.at = (start, end)
    return value


def _closed(value: Value, end: int) -> bool:
    """自3月2日起至3月5日止: both ends were said."""
    return value.point is not None and value.point.end < end and value.start is not None and value.end is not None


def _led(value: Value, before: str) -> Value:
    """截止, 最晚, 晚于 stand in front."""
    if not before or before[-1] not in _BOUND_ENDS:
        return value
    if before.endswith("不早于") and value.start is not None:
        value.kind, value.end = "range", None
        return value
    if before.endswith("晚于") and not before.endswith("不晚于"):
        return _after(value)
    return _until(value, True) if before.endswith(_UNTIL) else value


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


def _to_now(value: Value, c: Context) -> Value:
    """年初至今."""
    if value.start is None or value.start >= c.now:
        return value
    value.kind, value.end = "range", c.now
    return value
