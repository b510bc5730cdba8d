"""The scanner: folded text → tokens; each position is looked at once and every pattern is bounded."""

from __future__ import annotations

from collections.abc import Callable

from domain.text import SMALL
from nlp.times.digits import number_led, skip_run
from nlp.times.english import LETTERS, english
from nlp.times.every import every
from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN, duration
from nlp.times.offsets import settle
from nlp.times.units import half, ordinal, quarter, relative_unit, week, window, workday
from nlp.times.values import Token
from nlp.times.words import LENGTHS, TAILS, WISH, Entry, lookup

MOST, TRIES = 250, 1500
"""No message says so many times; the caps keep a hostile one from holding up the others (contract.md section 8, promise 6)."""
Handler = Callable[[str, int, list[Token]], int]
_PARTICLE_AFTER = {"下": "一线楼私剩", "上": "马加算赶遇碰网线路街"}
"""约一下周三, 线下周五, 马上周五: here 下 and 上 belong to the word before."""
_SEASONS = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
_LUNAR_DAY = Pattern(r"初([一二三四五六七八九十])")
_LUNAR_NEW = Pattern(r"(?:大年|年)(初[一二三四五六七八九十]|十[一二三四五]|三十)")
_LESS = Pattern(
    rf"[差欠](?P<m>\d{{1,2}}|[{HAN}]{{1,3}}|一刻)(?:分钟?|刻钟?)?(?:就)?(?:到)?(?P<h>\d{{1,2}}|[{HAN}]{{1,3}})点(?:整|钟)?"
)
_GREETING = Pattern(r"好(?!的|像|多|几|久|了|吧)")
_MEAL = Pattern(r"茶|安(?!排|装|全|徽|监|防)|[餐饭](?!局|店|后|前)|宵")
_AFTER_SHORT = frozenset("点餐饭会茶班操安就已日教熟市报读期年退间婚场睡起些有能恋秋春产知该先后")
_AFTER_HALF = frozenset("个小年天月日周星礼钟季多刻分")
_CLOCK_AHEAD = Pattern(rf"\s?(?:\d{{1,2}}|[{HAN}]{{1,3}})\s?[点时:]")


def scan(s: str) -> list[Token]:
    """The tokens of a folded text, left to right; after MOST of them, or TRIES places where one might begin, reading stops."""
    out: list[Token] = []
    at, size, start, tries = 0, len(s), _START, TRIES
    while at < size:
        handler = start.get(s[at])
        if handler is None:
            at += 1
            continue
        at = handler(s, at, out)
        tries -= 1
        if not tries or len(out) > MOST:
            break
    return out


def _words(s: str, at: int, out: list[Token]) -> int:
    """Fixed words, the longest first; returns `at` when there is none."""
    found = lookup(s, at)
    if found is None:
        return at
    end, entry = found
    kind = entry[-1][0]
    if kind == "part" and end < len(s):
        entry, end = _part(s, at, end, entry, out)
    elif kind == "skip" or (kind == "feast" and WISH.match(s, end)):
        return end
    for kind, value, label in entry:
        out.append(Token(kind, at, end, value, 0, 0, label))
    return end


def _part(s: str, at: int, end: int, entry: Entry, out: list[Token]) -> tuple[Entry, int]:
    """下午茶 and 早上好 are no times, 明早餐 is 明 and a meal."""
    if len(entry) == 1:
        after_day = bool(out) and out[-1].end == at
        return ((), end) if _MEAL.match(s, end) or (_GREETING.match(s, end) and not after_day) else (entry, end)
    if s[end - 1] in "早晚" and ((s[end] in _AFTER_SHORT and not _CLOCK_AHEAD.match(s, end)) or _MEAL.match(s, end)):
        return (entry[:1] if s[at] in "今明昨后前听当" else ()), end - 1
    return entry, end


def _word(s: str, at: int, out: list[Token]) -> int:
    end = _words(s, at, out)
    return end if end > at else _tail(s, at, out) or at + 1


def _lone(s: str, at: int, out: list[Token]) -> int:
    """2016年夏; 数天后."""
    if s[at] in _SEASONS:
        if out and out[-1].end == at and out[-1].kind in ("year", "ryear"):
            out.append(Token("season", at, at + 1, _SEASONS[s[at]]))
            return at + 1
        return at
    token = duration(s, at)
    if token is None:
        return at
    token = settle(s, token)
    out.append(token)
    return token.end


def _newyear(s: str, at: int, out: list[Token]) -> int:
    """年前, 年后 are about the Spring Festival unless a number or 新 stands before."""
    if s.startswith(("年后第", "年后首", "年前最后"), at):
        out.append(Token("feast", at, at + 1, name="春节"))
        return at + 1
    if s.startswith(("年前", "年后"), at) and at and s[at - 1] in "新今去明数几多半前后来往当":
        return at + 2
    return at


def _tail(s: str, at: int, out: list[Token]) -> int:
    """初/底/中/内 right after a period (8月初, 明年底, 一季度末)."""
    if not out or out[-1].end != at or out[-1].kind not in ("month", "year", "ryear", "rmonth", "quarter", "rquarter", "wday"):
        return 0
    unit = {"ryear": "year", "rmonth": "month", "rquarter": "quarter", "wday": "week"}.get(out[-1].kind, out[-1].kind)
    if unit == "week" and out[-1].a:
        return 0
    for name, edge in TAILS:
        if s.startswith(name, at):
            if name == "中" and s[at + 1 : at + 2] in tuple("国文心午间秋华信石铁建车英美日药医兴学"):
                return 0
            if edge == "内" and s[at + 1 : at + 2] in tuple("容部审蒙地存"):
                return 0
            out.append(Token("edge", at, at + len(name), name=edge + unit))
            return at + len(name)
    return 0


def _down_up(s: str, at: int, out: list[Token]) -> int:
    """上/下/本/这/当/次/今: words, then weeks, months and the like, then windows."""
    if at and s[at - 1] in _PARTICLE_AFTER.get(s[at], "") and not (out and out[-1].end == at):
        return at + 1
    end = _words(s, at, out)
    if end > at:
        return end
    for reader in (workday, half, week, relative_unit, window):
        end = reader(s, at, out)
        if end > at:
            return end
    return at + 1


def _any(*readers: Handler) -> Handler:
    def read(s: str, at: int, out: list[Token]) -> int:
        for reader in readers:
            end = reader(s, at, out)
            if end > at:
                return end
        return at + 1

    return read


def _lunar_day(s: str, at: int, out: list[Token]) -> int:
    m = _LUNAR_DAY.match(s, at)
    if m is None:
        return _tail(s, at, out) or at
    out.append(Token("dom", at, m.end(), SMALL[m[1]], 1))
    return m.end()


def _lunar_new(s: str, at: int, out: list[Token]) -> int:
    m = _LUNAR_NEW.match(s, at)
    if m is None or m[1] == "三十":
        return at
    out.append(Token("month", at, at + 1, 1, name="lunar"))
    out.append(Token("dom", at + 1, m.end(), SMALL[m[1].removeprefix("初")], 1))
    return m.end()


def _less(s: str, at: int, out: list[Token]) -> int:
    """差五分三点."""
    m = _LESS.match(s, at)
    if m is None or m["h"] not in SMALL or SMALL[m["h"]] > 24:
        return at
    minute = 15 if m["m"] == "一刻" else SMALL.get(m["m"], 0) * (15 if "刻" in m.group(0) else 1)
    if not 0 < minute < 60:
        return at
    out.append(Token("clock", at, m.end(), SMALL[m["h"]] - 1, 60 - minute))
    return m.end()


def _short_part(s: str, at: int, out: list[Token]) -> int:
    """A lone 早/晚/晨/夜: only beside a day or a clock (8号晚, 周一早, 晚8点), never 早一点 or 晚餐."""
    char, after = s[at], s[at + 1 : at + 2]
    beside = (
        bool(out)
        and out[-1].end >= at - 1
        and out[-1].kind in ("dom", "wday", "ymd", "md", "feast", "rday", "shift", "point", "weekend")
    )
    clock = _CLOCK_AHEAD.match(s, at + 1)
    if s[at + 1 : at + 3] in ("一点", "1点") and s[at + 3 : at + 4] not in tuple("半整钟刻十二三四五零"):
        return at + 3
    if clock is None and (not beside or after in _AFTER_SHORT):
        return at + 1
    if clock is not None and not beside and at and s[at - 1] in "最提很太更越尽还趁不稍改":
        return at + 1
    out.append(Token("part", at, at + 1, name={"早": "早上", "晨": "早上", "晚": "晚上", "夜": "晚上"}[char]))
    return at + 1


def _workdays(s: str, at: int, out: list[Token]) -> int:
    if not s.startswith("工作日", at):
        return at
    out.append(Token("workdays", at, at + 3))
    return at + 3


def _ge(s: str, at: int, out: list[Token]) -> int:
    """个半小时 without its 一."""
    token = duration(s, at) if s[at + 1 : at + 2] in ("半", "把") else None
    if token is None:
        return at
    token = settle(s, token)
    out.append(token)
    return token.end


def _half_led(s: str, at: int, out: list[Token]) -> int:
    """半小时, 半个月, 半天; a lone 半 is nothing."""
    return number_led(s, at, out) if s[at + 1 : at + 2] in _AFTER_HALF else at


def _build() -> dict[str, Handler]:
    table: dict[str, Handler] = {first: _word for first in LENGTHS}
    table |= dict.fromkeys("上下本这当次今该同呢", _down_up)
    table |= dict.fromkeys("周星礼", _any(week, _words))
    table |= dict.fromkeys("最近过未将接往此之随后以前头再嚟来跟", _any(_words, workday, window, ordinal))
    table |= dict.fromkeys(
        "第首倒", _any(workday, ordinal, _words, lambda s, at, out: skip_run(s, at + 1) if s[at] == "第" else at)
    )
    table["最"] = _any(workday, ordinal, window, _words)
    table |= dict.fromkeys("早晚晨夜", _any(_words, _short_part))
    table |= dict.fromkeys("大年", _any(_lunar_new, _words, _tail_or_stay))
    table["初"] = _any(_lunar_day)
    table |= dict.fromkeys("底末尾中内之伊", _any(_words, window, _tail_or_stay))
    table |= dict.fromkeys("差欠", _any(_less))
    table |= dict.fromkeys(LETTERS, _any(english))
    table["q"] = _any(quarter)
    table["工"] = _any(_workdays)
    table["个"] = _any(_ge)
    table |= dict.fromkeys("每逢天隔年月", _any(every, _lunar_new, _newyear, _words, _tail_or_stay))
    table |= dict.fromkeys("春夏秋冬", _any(_words, _lone))
    table |= dict.fromkeys("数好若", _any(_lone))
    table |= dict.fromkeys("0123456789几" + HAN, _numbers)
    table["半"] = _any(_words, _half_led)
    return table


def _tail_or_stay(s: str, at: int, out: list[Token]) -> int:
    return _tail(s, at, out) or at


def _numbers(s: str, at: int, out: list[Token]) -> int:
    char = s[at]
    if char in _NUMBERED and (end := _words(s, at, out)) > at:
        return end
    if char in _QUARTER_NUMBERS and s[at + 1 : at + 2] == "季" and (end := quarter(s, at, out)) > at:
        return end
    return number_led(s, at, out)


_NUMBERED = frozenset("一七")
_QUARTER_NUMBERS = frozenset("一二三四1234")
_START = _build()
