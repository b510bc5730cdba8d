"""From tokens to values: expressions one after the other, with their ranges, durations and recurrences."""

from __future__ import annotations

from datetime import date

from domain.text import SMALL
from nlp.times.between import between
from nlp.times.bounds import bounded
from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN
from nlp.times.point import LIST, RANGE, Point, read
from nlp.times.recur import recurrence
from nlp.times.value import Value, point_value
from nlp.times.values import DAY, Context, Token, bag

_DURING = bag(
    "开始 起 开 大概 大约 预计 时长 共 持续 为期 左右 约 ( 开会 用 聊 谈 待 呆 来 的 总共 一共 连续 历时 做 搞 讲 "
    "的会 后 会 开个 开始大概 开始持续 起持续 开始聊 开始谈 开始开 开始预计 开始一共 开始约 开始共 起约 开始做 开始讲 "
    "开个会 大约要 大概要 预计要"
) | {""}
"""What may stand between a clock and how long it takes; commas are dropped."""
_TIMES = Pattern(rf"[,\s]{{0,2}}(?:共|一共|总共|连续|持续)\s?(?P<n>\d{{1,2}}|[{HAN}]{{1,3}})次")


def values(s: str, tokens: list[Token], c: Context) -> list[Value]:
    """All expressions, left to right; impossible ones (2月30日, 25点) leave nothing."""
    out: list[Value] = []
    at = 0
    while at < len(tokens):
        kind = tokens[at].kind
        if kind == "every" or (kind == "workdays" and _recurs(s, tokens, at)):
            value, at = _recurrence_at(s, tokens, at, c, out)
        elif kind == "workdays":
            at += 1
            continue
        else:
            value, at = _expression(s, tokens, at, c)
        if value is not None and not _empty(value):
            out.append(value)
            _close(s, out)
    return out


def _close(s: str, out: list[Value]) -> None:
    """周三之后周五之前: two open ends are one range."""
    if len(out) < 2 or out[-1].kind != "range" or out[-2].kind != "range":
        return
    first, last = out[-2], out[-1]
    if first.end is not None or last.start is not None or first.start is None or last.end is None or last.end <= first.start:
        return
    if s[first.at[1] : last.at[0]].strip() in ("", ",", "且", "并且", "到", "、"):
        first.end, first.at = last.end, (first.at[0], last.at[1])
        out.pop()


def _empty(value: Value) -> bool:
    return value.start is not None and value.end is not None and value.end <= value.start


def _recurs(s: str, tokens: list[Token], at: int) -> bool:
    """工作日每天, 工作日下午三点, 工作日都."""
    end = tokens[at].end
    if (
        at + 1 < len(tokens)
        and tokens[at + 1].kind in ("every", "part", "clock")
        and s[end : tokens[at + 1].start].strip() in ("", "的", "都")
    ):
        return True
    return s[end : end + 1] == "都"


def _recurrence_at(s: str, tokens: list[Token], at: int, c: Context, out: list[Value]) -> tuple[Value | None, int]:
    """A recurrence takes the point right before it (9:30 每天, 周三每两周, 下周一起每天), what follows, and its end."""
    begin, early = tokens[at].start, None
    if out and s[out[-1].at[1] : begin].strip() in ("", ",", "的"):
        if _usable(out[-1]):
            early = out.pop().point
        elif out[-1].start is not None and out[-1].end is None and out[-1].kind == "range":
            begin, c = out[-1].at[0], _from(c, out.pop().start or c.now)
    recur, first, start, end, at = recurrence(s, tokens, at, early, c)
    if at < len(tokens) and s[end : tokens[at].start].strip() in RANGE:
        q, later = read(s, tokens, at)
        last = None if q.bad else point_value(q, c)
        if last is not None and last.start is not None:
            until = (last.end - 1 if last.end is not None else last.start) // DAY
            recur["until"], end, at = date.fromordinal(until).isoformat(), q.end, later
    times = _TIMES.match(s, end)
    if times is not None and times["n"] in SMALL:
        recur["count"], end = SMALL[times["n"]], times.end()
    timed = recur.get("time") is not None
    return Value("recurrence", (min(begin, start), end), first, None, None, recur, None, clocked=timed), at


def _from(c: Context, start: int) -> Context:
    return Context(start, start // DAY, date.fromordinal(start // DAY), c.conventions)


def _usable(value: Value) -> bool:
    p = value.point
    if p is None or (value.kind == "range" and (value.end is None or value.start is None)):
        return False
    return value.kind in ("instant", "date", "range") and set(p.t) <= {"clock", "part", "wday", "dom"}


def _expression(s: str, tokens: list[Token], at: int, c: Context) -> tuple[Value | None, int]:
    token = tokens[at]
    if token.kind == "dur":
        return _duration(token), at + 1
    p, after = read(s, tokens, at)
    value = None if p.bad else point_value(p, c)
    if after < len(tokens) and (tokens[after].kind not in _NO_END or _to_now(s, tokens, after, p)):
        joined = _joined(s, tokens, p, after, c)
        if joined is not None:
            return joined
    if value is None:
        return None, after
    value, after = _with_duration(s, tokens, after, value, c)
    return bounded(s, value, c, _limit(s, tokens, after)), after


def _limit(s: str, tokens: list[Token], at: int) -> int:
    return tokens[at].start if at < len(tokens) else len(s)


_NO_END = bag("dur every now within since workdays")
_EITHER = bag("或 或者 或是")


def _joined(s: str, tokens: list[Token], p: Point, after: int, c: Context) -> tuple[Value | None, int] | None:
    """p and what follows it as one range; None when they do not belong together."""
    q, later = read(s, tokens, after)
    gap = s[p.end : tokens[after].start].strip()
    ranged = gap in RANGE or (gap == "" and _clock_pair(p, q))
    if not ranged:
        listed = not gap or (gap in LIST and gap not in _EITHER)
        if not listed or not (_consecutive(p, q) or s.startswith(("之间", "中间", "间"), q.end)):
            return None
    if p.bad or q.bad:
        return (None, later) if ranged else None
    joined = between(p, q, c)
    if joined is None:
        return None
    joined, later = _continue_list(s, tokens, later, joined, q, c)
    return bounded(s, joined, c, _limit(s, tokens, later)), later


def _to_now(s: str, tokens: list[Token], after: int, p: Point) -> bool:
    return after < len(tokens) and tokens[after].kind == "now" and s[p.end : tokens[after].start].strip() in RANGE


def _clock_pair(p: Point, q: Point) -> bool:
    """上午9-11: the lexer has cut one piece into two clocks."""
    return "clock" in p.t and set(q.t) == {"clock"} and (q.start > p.end or q.t["clock"].name == "pair")


def _consecutive(p: Point, q: Point) -> bool:
    """10号、11号 or 周六周日: the next day, said as a list."""
    if len(q.t) > 1 or "clock" in p.t or "part" in p.t:
        return False
    for kind in ("dom", "wday", "rday"):
        one, two = p.t.get(kind), q.t.get(kind)
        if one is not None and two is not None:
            follows = two.a == one.a + 1
            return follows and (kind == "rday" or (one.a > 0 and (kind == "dom" or not two.c & 1 or two.b == one.b)))
    return False


def _continue_list(s: str, tokens: list[Token], at: int, joined: Value, last: Point, c: Context) -> tuple[Value, int]:
    while at < len(tokens) and s[last.end : tokens[at].start].strip() in LIST | {""}:
        q, later = read(s, tokens, at)
        if not _consecutive(last, q) or joined.end is None:
            break
        joined.end += DAY
        joined.at = (joined.at[0], q.end)
        last, at = q, later
    return joined, at


def _duration(token: Token) -> Value:
    minutes = token.a * 30 * DAY + token.b if token.c != 5 or token.a % 12 else token.a // 12 * 365 * DAY + token.b
    return Value("duration", (token.start, token.end), minutes=max(1, minutes))


def _with_duration(s: str, tokens: list[Token], at: int, value: Value, c: Context) -> tuple[Value, int]:
    """从三点开始一个半小时, 9点1小时."""
    if value.kind != "instant" or at >= len(tokens) or tokens[at].kind != "dur" or value.start is None or not value.clocked:
        return value, at
    if s[value.at[1] : tokens[at].start].strip(" ,").replace(",", "") not in _DURING:
        return value, at
    lasts = _duration(tokens[at]).minutes or 0
    value.lasts = lasts
    value.at = (value.at[0], tokens[at].end)
    if c.conventions.join_duration:
        value.kind, value.end = "range", value.start + lasts
    return value, at + 1
