"""Neighbouring tokens → one point in time as it was said, before it is worked out."""

from __future__ import annotations

from dataclasses import dataclass, field

from nlp.times.values import Token, bag

JOIN = bag(
    "的 , ; 是 在 ( ) ), 那天 那天的 当天 大概 大约 差不多 约 就 那个 呃 嗯 啊 也就是 即 的时候 那 时间 时间是 日期 "
    "都 吧 的大概 左右 也 里 里的 内的 中的 时间: : 就是 大约在 大概在 · | 的话 呢 于 准时 这天 我们 定 定在 约在 [ ] "
    "一 早点 我 嘛 呀 哦 额 的那个 这个"
) | {""}
"""What may stand between two pieces of one moment (明天的下午, 周五(3月13日), 明天那个三点)."""
RANGE = bag(
    "到 至 - -- ~ ~~ — —— – ー 到了 直到 一直到 起至 起到 开始到 开始至 直至 持续到 延续到 截止到 结束到 > -> => "
    "整到 左右到 休到 请到 待到 呆到 住到 忙到 做到 开到 聊到 谈到 放到 歇到 干到 去到 to 起,至 起- ,到 ,至 − ‐ ‑"
)
LIST = bag("、 和 及 与 跟 以及 还有 或 或者 同 , / 或是")
AFTER = bag("后 后的 之后 之后的 过后 过后的 以后 以后的 结束后 结束后的 完 完后 放完 过完 回来后 回来 回来的 完的")
BEFORE = bag("前 前的 之前 之前的 以前 以前的")

_MONTHLY = frozenset(["year", "ryear", "month", "rmonth", "quarter", "rquarter", "half"])
_DAYS = frozenset(
    ["ymd", "md", "rday", "dom", "feast", "off", "point", "shift", "month", "rmonth", "year", "ryear", "nth", "lunar", "workday"]
)
ALLOWED: dict[str, frozenset[str]] = {
    "year": frozenset(["lunar", "wday"]),
    "ryear": frozenset(["lunar"]),
    "lunar": frozenset(["year", "ryear"]),
    "month": frozenset(["year", "ryear", "lunar", "wday"]),
    "rmonth": frozenset(["ryear"]),
    "dom": frozenset(["month", "rmonth", "lunar", "year", "ryear", "wday", "rday", "off"]),
    "wday": _DAYS | {"wday"},
    "md": frozenset(["year", "ryear", "wday", "rday"]),
    "ymd": frozenset(["wday", "rday"]),
    "rday": frozenset(["wday", "ryear", "rmonth"]),
    "feast": frozenset(["year", "ryear", "lunar", "rday", "wday"]),
    "daysoff": frozenset(["year", "ryear"]),
    "quarter": frozenset(["year", "ryear"]),
    "half": frozenset(["year", "ryear", "month", "rmonth", "wday"]),
    "season": frozenset(["year", "ryear"]),
    "edge": _MONTHLY | {"wday"},
    "xun": frozenset(["month", "rmonth", "year", "ryear"]),
    "nth": _MONTHLY | {"feast", "daysoff", "around", "wday", "nth", "edge", "season"},
    "window": frozenset(["year", "ryear", "month", "rmonth", "feast", "quarter", "rquarter", "wday", "daysoff", "half"]),
    "shift": frozenset(
        ["feast", "ymd", "md", "rday", "dom", "month", "rmonth", "wday", "year", "ryear", "lunar", "daysoff", "off", "weekend"]
    ),
    "off": frozenset(),
    "point": frozenset(),
    "weekend": frozenset(["nth", "rmonth"]),
    "workday": frozenset(),
    "around": frozenset(),
    "newyear": frozenset(),
    "rquarter": frozenset(["ryear"]),
    "rhalf": frozenset(),
    "decade": frozenset(),
    "days": frozenset(),
    "years": frozenset(),
}
DATED = frozenset(ALLOWED)


@dataclass(slots=True)
class Point:
    """Tokens by kind and where they stand; `to`: the end of a range of weekdays or days, `heir`: the year is the start's."""

    start: int
    end: int
    t: dict[str, Token] = field(default_factory=dict)
    to: Token | None = None
    heir: bool = False
    side: int = 0
    bad: bool = False
    dated: bool = False


def read(s: str, tokens: list[Token], at: int) -> tuple[Point, int]:
    """The point that begins with token `at`, and the index of the token after it."""
    first = tokens[at]
    p = Point(first.start, first.end, {first.kind: first})
    p.bad = first.kind == "bad"
    p.dated = first.kind in DATED
    at += 1
    while at < len(tokens):
        token = tokens[at]
        gap = s[p.end : token.start]
        if gap:
            gap = gap.strip()
        if gap not in JOIN and not _odd_gap(p, gap, token):
            break
        if not _accept(s, p, token, tokens, at, gap):
            break
        p.end = token.end
        at += 1
    return p, at


def _odd_gap(p: Point, gap: str, token: Token) -> bool:
    """A dash between a numeric date and a clock, 后/前 between a festival and 第一个工作日."""
    if gap in ("-", "/", "~") and token.kind == "clock" and p.dated and "clock" not in p.t and "part" not in p.t:
        return "md" in p.t or "ymd" in p.t
    if token.kind in ("nth", "window") and (gap in AFTER or gap in BEFORE) and ("feast" in p.t or "daysoff" in p.t):
        p.side = 1 if gap in AFTER else -1
        return True
    return False


def _accept(s: str, p: Point, token: Token, tokens: list[Token], at: int, gap: str) -> bool:
    kind = token.kind
    t = p.t
    if kind == "bad":
        p.bad = True
        return not gap
    if kind in ("clock", "part"):
        if kind == "part" and kind in t and not gap and t[kind].name == token.name and "clock" not in t:
            return True
        if kind in t or "now" in t or "within" in t or (kind == "part" and "clock" in t and gap):
            return False
        if "off" in t and t["off"].c < 2:
            return False
    elif kind in DATED:
        if not _fits(s, p, token, tokens, at, gap):
            return False
        p.dated = True
    else:
        return False
    if kind == "nth" and "nth" in t:
        t["nth2"] = token
    elif kind == "wday" and "wday" in t:
        t["wday"] = Token("wday", t["wday"].start, token.end, token.a, t["wday"].b or token.b, t["wday"].c or token.c)
    else:
        t[kind] = token
    return True


def _fits(s: str, p: Point, token: Token, tokens: list[Token], at: int, gap: str) -> bool:
    kind, t = token.kind, p.t
    if kind in t and not (kind == "wday" and t["wday"].a == 0 and token.a) and kind != "nth":
        return False
    allowed = ALLOWED[kind]
    for have in t:
        if have in DATED and have not in allowed:
            return False
    if "clock" in t or "part" in t:
        if gap not in ("", "(") or (p.dated and next(iter(t)) not in ("clock", "part")):
            return False
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        return after is None or after.kind not in ("clock", "part") or s[token.end : after.start].strip() not in JOIN
    if "wday" in t and t["wday"].a and kind in ("edge", "half", "nth", "window"):
        return False
    if kind == "wday" and p.dated and "wday" not in t:
        return token.a > 0 and token.c < 2
    if kind == "rday" and ("ryear" in t or "rmonth" in t or ("wday" in t and not t["wday"].a)):
        return token.a == 0
    if kind == "dom" and ("rday" in t or "wday" in t) and token.b:
        return False
    if kind == "window":
        return token.name.startswith(("last", "前", "头", "后"))
    return not (kind == "shift" and gap == "," and token.a)
