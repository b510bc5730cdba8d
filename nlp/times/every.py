"""Recurrence heads: 每天, 每周一三五, 每隔3天, 每两周, 每个工作日, 天天, 隔周, 三天一次."""

from __future__ import annotations

from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN, read_count
from nlp.times.values import Token
from nlp.times.words import lookup

_DAYS = {c: 1 << i for i, c in enumerate("一二三四五六日")} | {"天": 1 << 6}
_EVERY = Pattern(
    rf"每?(?P<gap>间隔|相隔|隔|逢|到|当|过)?(?:着)?\s?(?P<n>\d{{1,3}}(?:\.5)?|[{HAN}]{{1,4}}|半)?\s?(?:个)?(?P<half>半)?"
    r"(?P<unit>工作日|双休日|星期|礼拜|小时|钟头|分钟|刻钟|季度|周末|月底|月末|月初|年底|年初|半年|[天日周月年季分晚早夜晨]|上午|下午|中午|傍晚|凌晨|清晨)(?P<tail>半)?(?:里|中(?!午|旬)|内)?"
)
_DOUBLE = {"天天": ("DAILY", 1), "周周": ("WEEKLY", 1), "月月": ("MONTHLY", 1), "年年": ("YEARLY", 1), "日日": ("DAILY", 1)}
_LIST = Pattern(r"\s?(?:(?P<to>到|至|-|~|—)|[、,和及与跟/]|以及)?\s?(?:每?(?:周|星期|礼拜))?(?P<day>[一二三四五六日天])")
_LOOSE_END = Pattern(r"[起次下家个点些部方定月号位人条场到至]|直|共|般|样|切|同")
_FREQ = {
    "天": ("DAILY", 1), "日": ("DAILY", 1), "周": ("WEEKLY", 1), "星期": ("WEEKLY", 1), "礼拜": ("WEEKLY", 1),
    "月": ("MONTHLY", 1), "年": ("YEARLY", 1), "季度": ("MONTHLY", 3), "季": ("MONTHLY", 3), "半年": ("MONTHLY", 6),
    "小时": ("HOURLY", 1), "钟头": ("HOURLY", 1), "分钟": ("MINUTELY", 1), "分": ("MINUTELY", 1), "刻钟": ("MINUTELY", 15),
    "晚": ("DAILY", 1), "早": ("DAILY", 1), "夜": ("DAILY", 1), "晨": ("DAILY", 1),
}  # fmt: skip
_PARTS = {"晚": "晚上", "早": "早上", "夜": "晚上", "晨": "早上", "清晨": "早上"}
_DOUBLED = Pattern(r"[单双](?:周|星期|礼拜)")
_NOT_EACH = Pattern(r"每(?:周|月|年|天|日)?(?:平均|人均)|每日(?:优鲜|新闻|经济|互动)|每天(?:平均)|每年龄|逢年过节")
ALL_WORKDAYS, WEEKEND = 0b11111, 0b1100000


def every(s: str, at: int, out: list[Token]) -> int:
    """A recurrence head: a = interval, b = weekday bits, c = 1 for workdays, name = frequency; `at` when there is none."""
    pair = _DOUBLE.get(s[at : at + 2])
    if pair is not None:
        if s[at] in "年月" and out and out[-1].end == at:
            return at
        out.append(Token("every", at, at + 2, pair[1], name=pair[0]))
        return at + 2
    char = s[at]
    if char == "隔" and s[at + 1 : at + 2] not in tuple("天周日月年三两一二四五六七八九十123456789"):
        return at
    if char not in "每逢隔":
        return at
    if char == "逢" and s[at - 1 : at] in tuple("相重遭恰欣适"):
        return at
    return _each(s, at, out)


def _each(s: str, at: int, out: list[Token]) -> int:
    doubled = _DOUBLED.match(s, at + 1)
    if doubled:
        return _with_days(s, at, doubled.end(), 2, out)
    ahead = _head_only(s, at, out)
    if ahead:
        return ahead
    m = _EVERY.match(s, at)
    if m is None or m.end() == at or not (s[at] == "每" or m["gap"]) or _NOT_EACH.match(s, at):
        return at
    unit, gap = m["unit"], m["gap"] or ""
    count = 0.5 if m["n"] == "半" else 1.0 if m["n"] is None else (read_count(m["n"]) or 1.0)
    if (m["half"] and m["n"] is not None) or m["tail"]:
        count += 0.5
    elif m["half"]:
        count = 0.5
    if "隔" in gap and count == 1 and unit not in ("小时", "钟头", "分钟", "分"):
        count = 2.0
    if s[at] == "隔" and s[at + 1 : at + 2] in ("天", "日") and s[at + 2 : at + 3] not in tuple("一早晚上中下点提开拜打发"):
        return at
    return _emit(s, at, m.end(), count, unit, out)


_HEAD = Pattern(r"每?(?:逢|到|当|年的?|个)?")
_DOM_AHEAD = Pattern(r"(?:\d{1,2}|[一二三四五六七八九十廿]{1,3})[号日](?!期)")
_MD_AHEAD = Pattern(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:\d|[一二三四五六七八九十])|农历|阴历|正月|腊月")


def _feast_at(s: str, at: int) -> bool:
    found = lookup(s, at) if at < len(s) else None
    return found is not None and found[1][0][0] == "feast"


def _head_only(s: str, at: int, out: list[Token]) -> int:
    """每逢1号, 每年3月15日, 每逢春节: the unit follows as a token of its own."""
    m = _HEAD.match(s, at)
    end = m.end() if m else at
    if end == at:
        return 0
    if _DOM_AHEAD.match(s, end) and s[end - 1] != "个":
        freq = "MONTHLY"
    elif _MD_AHEAD.match(s, end) or _feast_at(s, end):
        freq = "YEARLY"
    else:
        return 0
    out.append(Token("every", at, end, 1, name=freq))
    return end


def _emit(s: str, at: int, end: int, count: float, unit: str, out: list[Token]) -> int:
    if unit in ("周", "星期", "礼拜"):
        return _with_days(s, at, end, max(1, int(count)), out)
    if unit in ("工作日", "周末", "双休日"):
        bits = ALL_WORKDAYS if unit == "工作日" else WEEKEND
        out.append(Token("every", at, end, 1, bits, 1 if unit == "工作日" else 0, "WEEKLY"))
        return end
    if unit[0] in "月年" and len(unit) == 2:
        name = ("初" if unit[1] == "初" else "末") + ("month" if unit[0] == "月" else "year")
        out.append(Token("every", at, end - 1, 1, name="MONTHLY" if unit[0] == "月" else "YEARLY"))
        out.append(Token("edge", end - 1, end, name=name))
        return end
    freq, step = _FREQ.get(unit, ("DAILY", 1))
    interval = count * step
    if freq == "HOURLY" and interval != int(interval):
        freq, interval = "MINUTELY", interval * 60
    if freq == "YEARLY" and interval != int(interval):
        freq, interval = "MONTHLY", interval * 12
    if freq == "MONTHLY" and interval != int(interval):
        freq, interval = "DAILY", 15 * round(interval / 0.5)
    if interval != int(interval):
        return at
    out.append(Token("every", at, end, max(1, int(interval)), name=freq))
    part = _PARTS.get(unit) or (unit if unit[-1] in "午晚晨" else "")
    if part:
        if s[end : end + 1] == "上" and unit in "早晚":
            end += 1
        out.append(Token("part", end - len(unit), end, name=part))
    return end


def _with_days(s: str, at: int, end: int, interval: int, out: list[Token]) -> int:
    """The weekdays right behind 每周: 一三五, 一、三, 一到五, 周末."""
    bits, last, where = 0, 0, end
    if s[end : end + 1] == "末":
        out.append(Token("every", at, end + 1, interval, WEEKEND, name="WEEKLY"))
        return end + 1
    for _ in range(7):
        m = _LIST.match(s, where)
        if m is None or (not bits and m.start("day") != end):
            break
        day = _DAYS[m["day"]]
        after = s[m.end() : m.end() + 1]
        bare = m.end() - where == 1
        if bits and ((bare and (day <= last or (after and _LOOSE_END.match(after, 0)))) or after in ("点", "月", "号", "个")):
            break
        if not bits and after in ("点", "次", "回", "趟"):
            break
        bits |= sum(1 << i for i in range(last.bit_length() - 1, day.bit_length())) if m["to"] and bits else day
        last, where = day, m.end()
    out.append(Token("every", at, where, interval, bits, name="WEEKLY"))
    return where
