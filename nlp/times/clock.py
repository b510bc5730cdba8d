"""Clocks: what may follow N点, and which minute it is beside its part of day."""

from __future__ import annotations

import re

from domain.text import SMALL
from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN
from nlp.times.values import DAY, Token

MEASURE = frozenset("个位人名家台件份万块元号楼层次条吨米公斤套箱千百亿%栋间种项岁倍级页章班")
COUNTED = frozenset("天周年小分星礼季个刻秒工多几来半")
_CLOCK = Pattern(
    r"\s?(?:钟|整(?!个|理|改|体)|正(?!式|常|好|在)|许|半(?!个|天|小时|年|月|价|场|导)|差(?:(?P<less>[一二两三四五六七八九十\d]{1,3})分|(?P<lq>[1一])刻)钟?"
    r"|[过零〇又]?\s?(?P<q>[123一二两三])刻(?:钟(?![后前内之以]))?"
    rf"|[过又]?\s?(?P<min>\d{{1,2}}|[{HAN}]{{1,3}})\s?分(?!公司|店|行|部)(?:钟(?![后前内之以]))?(?:整|许)?(?:\s?(?:\d{{1,2}}|[{HAN}]{{1,3}})秒)?"
    rf"|[过又]?\s?(?P<two>[0-5]\d(?![\d.])|[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?P<after>.?)"
    r"|(?P<one>[1-9])(?P<after1>.?)"
    rf"|(?P<dec>[{HAN}])(?P<after2>.?))"
)
_NO_MINUTE = frozenset("天点小分年月周日时-~:.到至")
_AFTER_COUNT = (MEASURE | COUNTED | frozenset("起下次点")) - frozenset("%元块万吨米")
_LATE = frozenset(["晚上", "半夜"])


def clock_of(s: str, at: int, hour: int, start: int, han: bool) -> Token | None:
    """Read what follows N点 (b = minutes); None when the clock is impossible or N点… is a decimal number."""
    m = _CLOCK.match(s, at)
    minute, end = (0, at) if m is None else _minute(m, at, han)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if minute < 0:
        hour, minute = hour - 1, minute + 60
    return Token("clock", start, end, hour, minute)


_IMPOSSIBLE = 99


def _minute(m: re.Match[str], at: int, han: bool) -> tuple[int, int]:
    """The minutes after N点 and where they end; negative for 三点差五分."""
    if m.group(0).lstrip()[:1] == "半":
        return 30, m.end()
    if m["q"]:
        return 15 * SMALL[m["q"]], m.end()
    if m["lq"]:
        return -15, m.end()
    if m["less"]:
        return -SMALL.get(m["less"], 0), m.end()
    if m["min"]:
        return SMALL.get(m["min"], _IMPOSSIBLE), m.end()
    if m["two"]:
        return (0, at) if m["after"] in MEASURE else (SMALL[m["two"]], m.end("two"))
    if m["one"]:
        if m["after1"] in ("折", "倍"):
            return _IMPOSSIBLE, at
        counted = m["after1"] in MEASURE or m["after1"] in _NO_MINUTE
        apart = m.start("one") > at
        return (0, at) if counted or apart else (int(m["one"]), m.end("one"))
    if m["dec"]:
        return (0, at) if m["after2"] in _AFTER_COUNT else (_IMPOSSIBLE, at)
    return 0, m.end()


def minutes(clock: Token, part: str | None, literal: bool) -> int:
    """Minutes from the start of the day; 24 hours and more lie in the next day (晚上两点, 今晚12点).

    A bare 1 to 6 is the afternoon (contract.md section 5) unless it was written 03:15 or `literal`.
    """
    hour = clock.a
    if clock.c in (2, 3) or hour > 12 or hour < 0:
        return hour * 60 + clock.b
    return (
        _with_part(hour, part) if part else hour + 12 if 1 <= hour <= 6 and clock.c == 0 and not literal else hour
    ) * 60 + clock.b


def _with_part(hour: int, part: str | None) -> int:
    if part in _LATE:
        if hour in (0, 12):
            return 24
        return hour + 24 if hour < 5 else hour + 12
    if part in ("下午", "傍晚"):
        return hour + 12 if hour < 12 else hour
    if part == "中午":
        return hour + 12 if hour < 5 else hour
    if part == "凌晨":
        return 0 if hour == 12 else hour
    if part == "白天":
        return hour + 12 if hour < 6 else hour
    return hour


def end_minutes(clock: Token, part: str | None, start: int, literal: bool) -> int:
    """The end of 三点到五点 in minutes of the start's day: the part of day is inherited, and it lies after the start."""
    if clock.c in (2, 3) or clock.a > 12 or (part is None and clock.c == 1 and clock.a * 60 + clock.b > start):
        return clock.a * 60 + clock.b
    at = minutes(clock, part, True) if part else clock.a * 60 + clock.b
    while at <= start:
        at += DAY // 2
    return at
