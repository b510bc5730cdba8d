"""Calendar units with what stands before them: 下周三, 上个月, 最近三天, 第二周, 下半年, 三季度."""

from __future__ import annotations

from domain.text import SMALL
from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN, duration, loose_duration
from nlp.times.offsets import settle_window
from nlp.times.values import Token, bag
from nlp.times.words import WISH

_WEEK = Pattern(
    r"(?:(?P<this>本|这一?|今|当|呢个)(?:个)?|(?P<up>上{1,4})(?:一)?(?:个)?|(?P<down>下{1,4})(?:一)?(?:个)?)?"
    r"(?:周|星期|礼拜)(?:的)?(?:(?:周|星期|礼拜)?(?P<day>[一二三四五六日天](?!点(?!半?[到至,。]))|[1-7](?![\d点时:个天月年.号日]))|(?P<end>末))?(?P<pair>(?<=六)[日天](?![常本报历记前后内期程志]))?"
)
_AND_DAY = Pattern(r"\s?(?:到|至|-|~|—|、|,|和|及)\s?(?P<day>[一二三四五六日天])(?![点月号日时个十百年天几\d一二三四五六七八九])")
_UNIT_OF = Pattern(
    r"(?:(?P<this>本|这一?个?|当|该|同|今个|呢个)|(?P<up>上{1,4})一?个?|(?P<down>下{1,4})一?个?|(?P<next>次))"
    r"(?P<unit>月(?!饼|亮|经)份?|季度?|财年|年度|年|工作日|半年|双?周期|(?<=[上下]个)(?:小时|钟头))"
)
_WINDOW = Pattern(
    r"(?P<dir>最近|近|过去|未来|将来|接下来|嚟紧|来紧|跟住|今后|往后|此后|之后|随后|后续|以后"
    r"|之前|以前|此前|最后|往前|前|后|上|下|再过|再等|过|头|这)"
    r"(?:的|这|嗰|那|𠮶)?\s?(?:一)?(?=[\d一二两俩仨三四五六七八九十百半几数好廿卅大小])"
)
_FUTURE = bag("嚟紧 来紧 跟住 未来 将来 接下来 今后 往后 此后 之后 随后 后续 以后 后 下")
_PASSED = frozenset(["再过", "过", "再等"])
_NOT_BEFORE = {
    "前": "提向往面眼之以目从日空",
    "后": "延推然落之以最今此随往背",
    "上": "以早晚加",
    "下": "以一",
    "过": "通经超路不",
    "近": "最附靠接",
    "头": "线镜念码街源",
}
_QUARTERS = Pattern(r"前([一二两三123])个?季度?")
_ORDINAL = Pattern(
    rf"(?:第(?P<n>\d{{1,3}}|[{HAN}]{{1,4}})|倒数第(?P<rev>\d{{1,2}}|[{HAN}]{{1,2}})|最后(?P<last>\d{{1,2}}|[{HAN}]{{1,2}})?|(?P<first>首))\s?个?"
    r"(?:(?P<unit>工作日|双休日|星期(?![一二三四五六日天])|礼拜(?![一二三四五六日天])|周(?![一二三四五六日末])|季度|月(?!份|饼)|天|日(?!期))"
    r"|(?:周|星期|礼拜)(?P<day>[一二三四五六日天])|(?P<weekend>周末))"
)
_WEEKDAY = {c: i for i, c in enumerate("一二三四五六日", 1)} | {"天": 7} | {str(i): i for i in range(1, 8)}
_QUARTER = Pattern(r"(?:第?(?P<n>[一二三四1-4])季度?|q(?P<q>[1-4])(?![a-z\d]))")
_HALF_OF = Pattern(r"(?P<h>上|下|前|后)半(?P<unit>个?月|年度?|周)")
_WORKDAY = Pattern(
    r"(?:(?P<next>下一?个|下)|(?P<n>第[一二三四五六七八九十\d]{1,2}|首|头一)个?|(?P<last>最后一?)个?|(?P<prev>上一?个))工作日"
)


def week(s: str, at: int, out: list[Token]) -> int:
    """a = weekday or 0, b = week offset, c = 1 when 这/上/下 was said."""
    m = _WEEK.match(s, at)
    if m is None or not (m["this"] or m["up"] or m["down"] or m["day"] or m["end"]):
        return at
    offset = len(m["down"] or "") - len(m["up"] or "")
    explicit = 1 if m["this"] or m["up"] or m["down"] else 0
    end = m.end()
    if m["end"]:
        if WISH.match(s, end):
            return end
        out.append(Token("weekend", at, end, 0, offset, explicit))
        return end
    if m["day"] is None:
        summed = s[end : end + 2] in ("总结", "总共", "总计", "总体", "总的", "总量", "总数")
        if (
            explicit
            and not summed
            and s[end : end + 1] in ("期", "年", "边", "围", "几", "总", "经", "转", "刊", "岁")
            and s[end - 1] == "周"
        ):
            return end
        out.append(Token("wday", at, end, 0, offset, explicit))
        return end
    out.append(Token("wday", at, m.end("day"), _WEEKDAY[m["day"]], offset, explicit))
    if m["pair"]:
        out.append(Token("wday", m.start("pair"), end, 7, offset, explicit + 2))
    while (more := _AND_DAY.match(s, end)) is not None:
        out.append(Token("wday", more.start("day"), more.end(), _WEEKDAY[more["day"]], offset, explicit + 2))
        end = more.end()
    return end


def window(s: str, at: int, out: list[Token]) -> int:
    """最近三天, 未来两周, 前1周, 过两天: a direction and a duration; c = the duration's unit × 2, + 1 when it lies ahead."""
    m = _WINDOW.match(s, at)
    if m is None:
        return at
    way = m["dir"]
    if at and s[at - 1] in _NOT_BEFORE.get(way, ""):
        return at
    if way == "前" and (quarters := _QUARTERS.match(s, at)) is not None:
        out.append(Token("window", at, quarters.end(), SMALL[quarters[1]] * 3, 0, 8, "前|quarters"))
        return quarters.end()
    token = duration(s, m.end()) or loose_duration(s, m.end())
    if token is None:
        return at
    if way in ("上", "下", "这") and (
        (token.b % 1440 and token.b < 60 and s[:at].strip()) or s[token.end : token.end + 1] in ("班", "课")
    ):
        return at
    if way == "过" and s[at + 1 : at + 2] == "了":
        return at
    if way == "这" and s[m.end()] not in "几两三":
        return at
    if way in _PASSED:
        token.kind, token.start = "point", at
        out.append(token)
        return token.end
    name = ("last" if way == "最后" else "this" if way == "这" else way) + ("|" + token.name if token.name else "")
    token = settle_window(s, Token("window", at, token.end, token.a, token.b, token.c * 2 + (way in _FUTURE), name))
    out.append(token)
    return token.end


def relative_unit(s: str, at: int, out: list[Token]) -> int:
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
    elif unit in ("小时", "钟头"):
        out.append(Token("window", at, m.end(), 0, 60, 2 + (offset > 0), "上" if offset < 0 else "下"))
    elif unit == "工作日" and offset:
        out.append(Token("workday", at, m.end(), offset))
    else:
        return at
    return m.end()


def ordinal(s: str, at: int, out: list[Token]) -> int:
    """第N个周/月/天/周一, 最后N天, 第一个工作日: name = unit, a = N (negative from the end), b = weekday, c = how many."""
    m = _ORDINAL.match(s, at)
    if m is None:
        return at
    if m["rev"]:
        n, count = -SMALL.get(m["rev"], 0), 1
    elif m["last"] is not None or (not m["n"] and not m["first"]):
        n, count = -1, SMALL.get(m["last"] or "一", 1)
    else:
        n, count = (SMALL.get(m["n"]) or 0) if m["n"] else 1, 1
        if m["n"] and m["n"] not in SMALL and m["n"].isdigit():
            n = int(m["n"])
    unit = m["unit"] or ("weekday" if m["day"] else "weekend")
    unit = {
        "星期": "week",
        "礼拜": "week",
        "周": "week",
        "月": "month",
        "季度": "quarter",
        "天": "day",
        "日": "day",
        "工作日": "workday",
    }.get(unit, unit)
    if m["first"] is None and not n:
        return at
    if unit == "quarter" and n > 0:
        out.append(Token("quarter", at, m.end(), n))
        return m.end()
    out.append(Token("nth", at, m.end(), n, _WEEKDAY.get(m["day"] or "", 0), count, unit))
    return m.end()


def half(s: str, at: int, out: list[Token]) -> int:
    m = _HALF_OF.match(s, at)
    if m is None:
        return at
    unit = {"月": "month", "年": "year", "周": "week"}[m["unit"].removeprefix("个")[0]]
    out.append(Token("half", at, m.end(), 1 if m["h"] in "上前" else 2, name=unit))
    return m.end()


def quarter(s: str, at: int, out: list[Token]) -> int:
    m = _QUARTER.match(s, at)
    if m is None or (at and s[at - 1] in "abcdefghijklmnopqrstuvwxyz0123456789第" and m["q"] is None):
        return at
    after_year = bool(out) and out[-1].end >= at - 1 and out[-1].kind in ("year", "ryear")
    if m["q"] is None and s[m.end() - 1] != "度" and not after_year:
        return at
    out.append(Token("quarter", at, m.end(), SMALL[m["n"] or m["q"]]))
    return m.end()


def workday(s: str, at: int, out: list[Token]) -> int:
    m = _WORKDAY.match(s, at)
    if m is None:
        return at
    if m["next"] or m["prev"]:
        out.append(Token("workday", at, m.end(), 1 if m["next"] else -1))
    else:
        n = -1 if m["last"] else SMALL.get((m["n"] or "").removeprefix("第").replace("首", "一").replace("头一", "一"), 1)
        out.append(Token("nth", at, m.end(), n, 0, 1, "workday"))
    return m.end()
