"""Dates and clocks in figures: 2026-03-11, 20260311, 15:30, 3pm, 9/28."""

from __future__ import annotations

import re

from nlp.times.lazy import Pattern
from nlp.times.values import Token

_DIGITAL = Pattern(
    r"(?P<y>\d{4})\s?(?:(?P<by>[-/.])|年)\s?(?P<m>\d{1,2})\s?(?(by)[-/.]|月)\s?(?P<d>[0-3]?\d)(?:(?=\d{2}:\d)|(?=\d:\d)|(?!\d))[日号]?t?"
    r"|(?P<cy>(?:19|20)\d\d)(?P<cm>[01]\d)(?P<cd>[0-3]\d)(?![\d.])"
    r"|(?P<h>\d{1,2}):(?P<mi>\d{2})(?::\d{2}(?:\.\d+)?)?(?![\d:])(?:\s?(?P<ap>[ap])\.?(?:m\.?)?(?![a-z]))?"
    r"|(?P<h2>\d{1,2})\s?(?P<ap2>[ap])\.?m\.?(?![a-z])"
    r"|(?P<sy>(?:19|20)\d\d) (?P<sm>[01]\d) (?P<sd>[0-3]\d)(?!\d)"
    r"|(?P<ty>[23]\d)(?P<tb>[-/.])(?P<tm>0?[1-9]|1[0-2])(?P=tb)(?P<td>[0-3]?\d)(?![\d.]|[-/]\d)"
    r"|(?P<uy>\d{1,2})(?P<ub>[-/.])(?P<um>\d{1,2})(?P=ub)(?P<ud>(?:19|20)\d\d)(?![\d.])"
    r"|(?P<vy>\d{1,2})/(?P<vm>\d{1,2})/(?P<vd>\d\d)(?![\d./-])"
    r"|(?P<my>(?:19|20)\d\d)[-/.](?P<mm>0?[1-9]|1[0-2])(?![\d.]|[-/]\d{1,2}(?!\d))"
)
_MONTH_DAY = Pattern(r"(?P<m>\d{1,2})(?P<sep>[-/.·])(?P<d>\d{1,2})(?![\d/]|\.\d|-\d{3})[日号]?")
_NOT_MONTH_DAY = Pattern(
    r"\s?(?:[%‰°a-z万亿元块折个家人米里吨斤克倍度层楼次条台件套份份位版分寸代年周天小星礼种项名点期届成股倍号线]|公[里斤]|便利|千|百|左右|-\d(?!\d?[:./]|\d?-\d))"
)
_TIME_AHEAD = Pattern(
    r"[\s(,-]{0,2}(?:\d{1,2}[:点时]|[上下中]午|早上|晚上|凌晨|傍晚|周[一二三四五六日]|星期|[一二三四五六七八九十]{1,3}点)"
)


def bad(at: int, end: int, out: list[Token]) -> int:
    out.append(Token("bad", at, end))
    return end


def digital(s: str, at: int, out: list[Token]) -> int:
    """A full date, a month of a year or a clock in figures; 0 when there is none."""
    m = _DIGITAL.match(s, at)
    if m is None:
        return 0
    end = m.end()
    if m["h"] or m["h2"]:
        return _colon_clock(m, at, out)
    if m["ty"]:
        out.append(Token("ymd", at, end, 2000 + int(m["ty"]), int(m["tm"]), int(m["td"])))
        return end
    for year, month, dom in (("y", "m", "d"), ("cy", "cm", "cd"), ("sy", "sm", "sd")):
        if m[year]:
            out.append(Token("ymd", at, end, int(m[year]), int(m[month]), int(m[dom])))
            return end
    if m["uy"] or m["vy"]:
        return _year_last(m, at, out)
    out.append(Token("year", at, m.start("mm"), int(m["my"])))
    out.append(Token("month", m.start("mm"), end, int(m["mm"])))
    return end


def _year_last(m: re.Match[str], at: int, out: list[Token]) -> int:
    """10/31/2017, 13.5.2015 and, with two figures, 3/3/15."""
    if m["uy"]:
        one, two, year = int(m["uy"]), int(m["um"]), int(m["ud"])
    else:
        one, two, year = int(m["vy"]), int(m["vm"]), int(m["vd"])
        year += 2000 if year < 70 else 1900
    out.append(Token("ymd", at, m.end(), year, *((two, one) if one > 12 else (one, two))))
    return m.end()


def _colon_clock(m: re.Match[str], at: int, out: list[Token]) -> int:
    """c: 1 = an hour written with a leading zero, 2 = am, 3 = pm."""
    raw, half = m["h"] or m["h2"], m["ap"] or m["ap2"]
    hour, minute = int(raw), int(m["mi"] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half and hour > 12 and m["ap2"]):
        return bad(at, m.end(), out)
    flag = 1 if len(raw) == 2 and raw[0] == "0" else 0
    if half and hour <= 12:
        flag, hour = (3, hour % 12 + 12) if half == "p" else (2, hour % 12)
    out.append(Token("clock", at, m.end(), hour, minute, flag))
    return m.end()


def month_day(s: str, at: int, out: list[Token]) -> int:
    """9-8, 9/28, 9.28 as month and day, unless what follows makes it a quantity, a score or a range."""
    m = _MONTH_DAY.match(s, at)
    if m is None:
        return 0
    month, dom = int(m["m"]), int(m["d"])
    if not (1 <= month <= 12 and 1 <= dom <= 31) or _NOT_MONTH_DAY.match(s, m.end()):
        return 0
    last = s[m.end() - 1]
    before = s[at - 1 : at]
    if before == "-" and s[at - 2 : at - 1].isdigit() and not (out and out[-1].end == at - 1):
        return 0
    if out and out[-1].kind == "part" and out[-1].end >= at - 1 and m["sep"] in "-":
        out.append(Token("clock", at, m.end("m"), month, 0))
        if dom <= 24:
            out.append(Token("clock", m.start("d"), m.end(), dom, 0))
        return m.end()
    if m["sep"] == "." and last not in "日号":
        near = bool(out) and out[-1].end >= at - 1
        if len(m["d"]) == 1 or m["d"][0] == "0":
            near = near or _followed_by_time(s, m.end()) or (at == 0 and len(s) > m.end())
        else:
            near = True
        if not near or (before in "=升v版约第" and before):
            return 0
    out.append(Token("md", at, m.end(), month, dom))
    return m.end()


def _followed_by_time(s: str, end: int) -> bool:
    return _TIME_AHEAD.match(s, end) is not None
