"""The scanner: folded text → tokens; each position is looked at once and every pattern is bounded."""

from __future__ import annotations

import re
from collections.abc import Callable

from domain.text import SMALL
from nlp.times.digits import number_led, skip_run
from nlp.times.every import every
from nlp.times.numbers import COUNT, HAN, duration
from nlp.times.offsets import settle, settle_window
from nlp.times.values import Token
from nlp.times.words import LENGTHS, TAILS, lookup

Handler = Callable[[str, int, list[Token]], int]

_WEEK = re.compile(
    r"(?:(?P<this>本|这一?|今|当)(?:个)?|(?P<up>上{1,4})(?:一)?(?:个)?|(?P<down>下{1,4})(?:一)?(?:个)?)?"
    r"(?:周|星期|礼拜)(?:的)?(?:(?:周|星期|礼拜)?(?P<day>[一二三四五六日天](?!点(?!半?[到至,。]))|[1-7](?![\d点时:个天月年.号日]))|(?P<end>末))?"
)
_AND_DAY = re.compile(r"\s?(?:到|至|-|~|—|、|,|和|及)\s?(?P<day>[一二三四五六日天])(?![点月号日时个十百年天几\d一二三四五六七八九])")
_UNIT_OF = re.compile(
    r"(?:(?P<this>本|这一?个?|当|该|同)|(?P<up>上{1,4})一?个?|(?P<down>下{1,4})一?个?|(?P<next>次))"
    r"(?P<unit>月(?!饼|亮|经)份?|季度?|财年|年度|年|工作日|半年|双?周期)"
)
_WINDOW = re.compile(
    r"(?P<dir>最近|近|过去|未来|将来|接下来|今后|往后|此后|之后|随后|后续|以后|之前|以前|此前|最后|往前|前|后|上|下|再过|再等|过|头|这)"
    r"(?:的|这)?\s?(?:一)?(?=[\d一二两三四五六七八九十百半几数好廿卅大小])"
)
_BARE_MONTHS = re.compile(rf"(?P<n>\d{{1,2}}|[{HAN}]{{1,2}}|几)月(?!份|底|初|末|中|\d|[一二三四五六七八九十])")
_WINDOW_UNIT = re.compile(rf"\s?(?P<n>\d{{1,3}}|[{HAN}]{{1,3}}|几)\s?个?(?P<unit>日|分|秒|周|刻)(?!期)")
_FUTURE = frozenset("未来 将来 接下来 今后 往后 此后 之后 随后 后续 以后 后 下".split())
_PASSED = frozenset(["再过", "过", "再等"])
_NOT_BEFORE = {"前": "提向往面眼之以目从日空", "后": "延推然落之以最今此随往背", "上": "以早晚加", "下": "以一", "过": "通经超路不", "近": "最附靠接", "头": "线镜念码街源"}
_QUARTERS = re.compile(r"前([一二两三123])个?季度?")
_SEASONS = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
_ORDINAL = re.compile(
    rf"(?:第(?P<n>\d{{1,3}}|[{HAN}]{{1,4}})|最后(?P<last>\d{{1,2}}|[{HAN}]{{1,2}})?|(?P<first>首))\s?个?"
    r"(?:(?P<unit>工作日|双休日|星期(?![一二三四五六日天])|礼拜(?![一二三四五六日天])|周(?![一二三四五六日末])|季度|月(?!份|饼)|天|日(?!期))"
    r"|(?:周|星期|礼拜)(?P<day>[一二三四五六日天])|(?P<weekend>周末))"
)
_WEEKDAY = {c: i for i, c in enumerate("一二三四五六日", 1)} | {"天": 7} | {str(i): i for i in range(1, 8)}
_LUNAR_DAY = re.compile(r"初([一二三四五六七八九十])")
_LUNAR_NEW = re.compile(r"(?:大年|年)(初[一二三四五六七八九十]|十[一二三四五]|三十)")
_QUARTER = re.compile(r"(?:第?(?P<n>[一二三四1-4])季度?|q(?P<q>[1-4])(?![a-z\d]))")
_LESS = re.compile(rf"[差欠](?P<m>\d{{1,2}}|[{HAN}]{{1,3}}|一刻)(?:分钟?|刻钟?)?(?:就)?(?:到)?(?P<h>\d{{1,2}}|[{HAN}]{{1,3}})点(?:整|钟)?")
_HALF_OF = re.compile(r"(?P<h>上|下|前|后)半(?P<unit>个?月|年度?|周)")
_GREETING = re.compile(r"好(?!的|吧|呀|啊|像|多|几|久|了)|茶|安(?!排|装|全|徽|监|防)|[餐饭](?!局|店|后|前)|宵")
_AFTER_SHORT = frozenset("点餐饭会茶班操安就已日教熟市报读期年退间婚场睡起些有能恋秋春产知该先后")
_WORKDAY = re.compile(r"(?:(?P<next>下一?个|下)|(?P<n>第[一二三四五六七八九十\d]{1,2}|首|头一)个?|(?P<last>最后一?)个?|(?P<prev>上一?个))工作日")
_CLOCK_AHEAD = re.compile(rf"\s?(?:\d{{1,2}}|[{HAN}]{{1,3}})\s?[点时:]")


def scan(s: str) -> list[Token]:
    """All tokens of a folded text, left to right."""
    out: list[Token] = []
    at, size, start = 0, len(s), _START
    while at < size:
        handler = start.get(s[at])
        at = at + 1 if handler is None else handler(s, at, out)
    return out


def _words(s: str, at: int, out: list[Token]) -> int:
    """Fixed words, the longest first; returns `at` when there is none."""
    found = lookup(s, at)
    if found is None:
        return at
    end, entry = found
    if entry[-1][0] == "part" and end < len(s):
        short = len(entry) == 2 and s[end - 1] in "早晚" and s[end] in _AFTER_SHORT and not _CLOCK_AHEAD.match(s, end)
        if short or _GREETING.match(s, end):
            if len(entry) == 1 or s[at] not in "今明昨后前听当":
                return end
            entry, end = entry[:1], end - 1
    for kind, value, label in entry:
        out.append(Token(kind, at, end, value, 0, 0, label))
    return end


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


def _week(s: str, at: int, out: list[Token]) -> int:
    """a = weekday or 0, b = week offset, c = 1 when 这/上/下 was said."""
    m = _WEEK.match(s, at)
    if m is None or not (m["this"] or m["up"] or m["down"] or m["day"] or m["end"]):
        return at
    offset = len(m["down"] or "") - len(m["up"] or "")
    explicit = 1 if m["this"] or m["up"] or m["down"] else 0
    end = m.end()
    if m["end"]:
        out.append(Token("weekend", at, end, 0, offset, explicit))
        return end
    if m["day"] is None:
        if explicit and s[end : end + 1] in ("期", "年", "边", "围", "几", "总", "经", "转", "刊", "岁") and s[end - 1] == "周":
            return end
        out.append(Token("wday", at, end, 0, offset, explicit))
        return end
    out.append(Token("wday", at, end, _WEEKDAY[m["day"]], offset, explicit))
    while (more := _AND_DAY.match(s, end)) is not None:
        out.append(Token("wday", more.start("day"), more.end(), _WEEKDAY[more["day"]], offset, explicit + 2))
        end = more.end()
    return end


def _window(s: str, at: int, out: list[Token]) -> int:
    """最近三天, 未来两周, 前1周, 过两天: a direction and a duration. c of the token: 0 back, 1 ahead, 2 a point ahead, 3 the last ones."""
    m = _WINDOW.match(s, at)
    if m is None:
        return at
    way = m["dir"]
    if at and s[at - 1] in _NOT_BEFORE.get(way, ""):
        return at
    if way == "前" and (quarters := _QUARTERS.match(s, at)) is not None:
        out.append(Token("window", at, quarters.end(), SMALL[quarters[1]] * 3, 0, 8, "前|quarters"))
        return quarters.end()
    token = duration(s, m.end())
    if token is None:
        loose = _WINDOW_UNIT.match(s, m.end())
        months = None if loose else _BARE_MONTHS.match(s, m.end())
        token = _loose(loose or months)
        if token is None:
            return at
    if way in ("上", "下", "这") and (token.b % 1440 and token.b < 60 or s[token.end : token.end + 1] in ("班", "课")):
        return at
    if way == "过" and s[at + 1 : at + 2] == "了":
        return at
    if way == "这" and s[m.end()] not in "几两三":
        return at
    if way in _PASSED:
        token.kind, token.start = "point", at
        out.append(token)
        return token.end
    ahead = 1 if way in _FUTURE else -1
    name = "last" if way == "最后" else "this" if way == "这" else way
    window = Token("window", at, token.end, token.a, token.b, token.c * 2 + (ahead > 0), name + ("|" + token.name if token.name else ""))
    out.append(settle_window(s, window))
    return window.end


def _loose(m: re.Match[str] | None) -> Token | None:
    """After 近/前/后 a unit may stand without 个: 近三月, 近7日, 前5分."""
    if m is None:
        return None
    count = 3 if m["n"] == "几" else SMALL.get(m["n"])
    if count is None:
        return None
    unit = m.groupdict().get("unit", "月")
    months = count if unit == "月" else 0
    minutes = {"日": 1440, "分": 1, "秒": 0, "周": 10080, "刻": 15, "月": 0}[unit] * count
    rank = {"日": 2, "分": 0, "秒": 0, "周": 3, "刻": 0, "月": 4}[unit]
    return Token("dur", m.start(), m.end(), months, minutes, rank)


def _relative_unit(s: str, at: int, out: list[Token]) -> int:
    m = _UNIT_OF.match(s, at)
    if m is None:
        return at
    offset = (len(m["down"] or "") - len(m["up"] or "")) if not m["next"] else 1
    unit = m["unit"]
    if unit.startswith("月"):
        out.append(Token("rmonth", at, m.end(), offset))
    elif unit.startswith("季"):
        out.append(Token("rquarter", at, m.end(), offset))
    elif unit in ("年", "年度", "财年"):
        if m["this"] and m["this"] not in ("本", "这一", "这", "当", "同", "这个", "这一个"):
            return at
        out.append(Token("ryear", at, m.end(), offset))
    elif unit == "半年" and (m["up"] or m["down"]) and m.end() - at > 3:
        out.append(Token("rhalf", at, m.end(), offset))
    elif unit == "工作日" and offset:
        out.append(Token("workday", at, m.end(), offset))
    else:
        return at
    return m.end()


def _ordinal(s: str, at: int, out: list[Token]) -> int:
    """第N个周/月/天/周一, 最后N天, 第一个工作日: name = unit, a = N (negative from the end), b = weekday, c = how many."""
    m = _ORDINAL.match(s, at)
    if m is None:
        return at
    if m["last"] is not None or (not m["n"] and not m["first"]):
        n, count = -1, SMALL.get(m["last"] or "一", 1)
    else:
        n, count = (SMALL.get(m["n"]) or 0) if m["n"] else 1, 1
        if m["n"] and m["n"] not in SMALL and m["n"].isdigit():
            n = int(m["n"])
    unit = m["unit"] or ("weekday" if m["day"] else "weekend")
    unit = {"星期": "week", "礼拜": "week", "周": "week", "月": "month", "季度": "quarter", "天": "day", "日": "day", "工作日": "workday"}.get(unit, unit)
    if m["first"] is None and not n:
        return at
    if unit == "quarter" and m["n"]:
        out.append(Token("quarter", at, m.end(), n))
        return m.end()
    out.append(Token("nth", at, m.end(), n, _WEEKDAY.get(m["day"] or "", 0), count, unit))
    return m.end()


def _down_up(s: str, at: int, out: list[Token]) -> int:
    """上/下/本/这/当/次/今: words, then weeks, months and the like, then windows."""
    for reader in (_half, _words, _week, _relative_unit, _window):
        end = reader(s, at, out)
        if end > at:
            return end
    return at + 1


def _half(s: str, at: int, out: list[Token]) -> int:
    m = _HALF_OF.match(s, at)
    if m is None:
        return at
    unit = {"月": "month", "年": "year", "周": "week"}[m["unit"].removeprefix("个")[0]]
    out.append(Token("half", at, m.end(), 1 if m["h"] in "上前" else 2, name=unit))
    return m.end()


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


def _quarter(s: str, at: int, out: list[Token]) -> int:
    m = _QUARTER.match(s, at)
    if m is None or (at and s[at - 1] in "abcdefghijklmnopqrstuvwxyz0123456789第" and m["q"] is None):
        return at
    out.append(Token("quarter", at, m.end(), SMALL[m["n"] or m["q"]]))
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
    beside = bool(out) and out[-1].end >= at - 1 and out[-1].kind in ("dom", "wday", "ymd", "md", "feast", "rday", "shift", "point", "weekend")
    clock = _CLOCK_AHEAD.match(s, at + 1)
    if s[at + 1 : at + 3] in ("一点", "1点") and s[at + 3 : at + 4] not in tuple("半整钟刻十二三四五零"):
        return at + 3
    if clock is None and (not beside or after in _AFTER_SHORT):
        return at + 1
    if clock is not None and not beside and at and s[at - 1] in "最提很太更越尽还趁不稍改":
        return at + 1
    out.append(Token("part", at, at + 1, name={"早": "早上", "晨": "早上", "晚": "晚上", "夜": "晚上"}[char]))
    return at + 1


def _workday(s: str, at: int, out: list[Token]) -> int:
    m = _WORKDAY.match(s, at)
    if m is None:
        return at
    if m["next"] or m["prev"]:
        out.append(Token("workday", at, m.end(), 1 if m["next"] else -1))
    else:
        n = -1 if m["last"] else SMALL.get((m["n"] or "").removeprefix("第").replace("首", "一").replace("头一", "一"), 1)
        out.append(Token("nth", at, m.end(), n, 0, 1, "workday"))
    return m.end()


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


def _build() -> dict[str, Handler]:
    table: dict[str, Handler] = {first: _word for first in LENGTHS}
    table |= dict.fromkeys("上下本这当次今该同", _any(_workday, _down_up))
    table |= dict.fromkeys("周星礼", _any(_week, _words))
    table |= dict.fromkeys("最近过未将接往此之随后以前头再", _any(_words, _workday, _window, _ordinal))
    table |= dict.fromkeys("第首", _any(_workday, _ordinal, _words, lambda s, at, out: skip_run(s, at + 1) if s[at] == "第" else at))
    table["最"] = _any(_workday, _last_of, _window, _words)
    table |= dict.fromkeys("早晚晨夜", _any(_words, _short_part))
    table |= dict.fromkeys("大年", _any(_lunar_new, _words, _tail_or_stay))
    table["初"] = _any(_lunar_day)
    table |= dict.fromkeys("底末尾中内之伊", _any(_words, _window, _tail_or_stay))
    table |= dict.fromkeys("差欠", _any(_less))
    table["q"] = _any(_quarter)
    table["工"] = _any(_workdays)
    table["个"] = _any(_ge)
    table |= dict.fromkeys("每逢天隔年月", _any(every, _lunar_new, _newyear, _words, _tail_or_stay))
    table |= dict.fromkeys("春夏秋冬", _any(_words, _lone))
    table |= dict.fromkeys("数好若", _any(_lone))
    table |= dict.fromkeys("0123456789半几" + HAN, _numbers)
    return table


def _tail_or_stay(s: str, at: int, out: list[Token]) -> int:
    return _tail(s, at, out) or at


def _last_of(s: str, at: int, out: list[Token]) -> int:
    """最后 counts inside a period that was just named; otherwise it is left alone."""
    return _ordinal(s, at, out)


def _numbers(s: str, at: int, out: list[Token]) -> int:
    if s[at] in _NUMBERED and (end := _words(s, at, out)) > at:
        return end
    if s[at] in "一二三四1234" and (end := _quarter(s, at, out)) > at:
        return end
    return number_led(s, at, out)


_NUMBERED = frozenset("七")
_START = _build()
