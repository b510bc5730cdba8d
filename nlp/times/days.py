"""Calendar arithmetic on day ordinals: months, weeks, lunar days, solar terms, festivals, official days off."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 2099


def day(year: int, month: int, dom: int) -> int | None:
    """The ordinal of a date, None when there is no such day."""
    try:
        return date(year, month, dom).toordinal()
    except ValueError:
        return None


def month_span(year: int, month: int, count: int = 1) -> tuple[int, int]:
    """First day of a month and of the month `count` later; months may run over the year's ends."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    after = year * 12 + month - 1 + count
    return date(year, month, 1).toordinal(), date(after // 12, after % 12 + 1, 1).toordinal()


def add_months(ordinal: int, count: int) -> int:
    """The same day of another month, clipped to that month's end."""
    at = date.fromordinal(ordinal)
    index = at.year * 12 + at.month - 1 + count
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(at.day, monthrange(year, month)[1])).toordinal()


def monday(ordinal: int) -> int:
    """The Monday of that day's week."""
    return ordinal - (ordinal - 1) % 7


def nth_weekday(start: int, end: int, weekday: int, nth: int) -> int | None:
    """The nth (from 1; -1 = last) weekday (Monday = 1) inside [start, end)."""
    found = start + (weekday - 1 - (start - 1)) % 7 + (nth - 1) * 7 if nth > 0 else 0
    if nth < 0:
        found = end - 1 - ((end - 2) - (weekday - 1)) % 7 + (nth + 1) * 7
    return found if start <= found < end else None


@lru_cache(maxsize=256)
def lunar(year: int, month: int, dom: int, leap: bool = False) -> int | None:
    """The solar day of a lunar one; the 30th of a short month is its 29th."""
    from lunardate import LunarDate

    for last in (dom, dom - 1) if dom == 30 else (dom,):
        try:
            solar: date = LunarDate(year, month, last, leap).to_solar_date()
        except ValueError:
            continue
        return solar.toordinal()
    return None


def lunar_year(ordinal: int) -> int:
    """The lunar year that day lies in, named by the solar year it begins in."""
    at = date.fromordinal(ordinal)
    begin = lunar(at.year, 1, 1)
    return at.year if begin is None or ordinal >= begin else at.year - 1


_TERMS = "小寒大寒立春雨水惊蛰春分清明谷雨立夏小满芒种夏至小暑大暑立秋处暑白露秋分寒露霜降立冬小雪大雪冬至"
TERMS: dict[str, int] = {_TERMS[i * 2 : i * 2 + 2]: i for i in range(24)}
"""The 24 solar terms in the order of the solar year; term i lies in month i // 2 + 1."""


def _sun(at: float) -> float:
    """Apparent longitude of the sun in degrees at a Julian day (Meeus, Astronomical Algorithms, chapter 25, low accuracy)."""
    t = (at - 2451545.0) / 36525
    mean = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (
        (1.914602 - 0.004817 * t) * math.sin(mean)
        + (0.019993 - 0.000101 * t) * math.sin(2 * mean)
        + 0.000289 * math.sin(3 * mean)
    )
    node = math.radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


@lru_cache(maxsize=256)
def solar_term(year: int, index: int) -> int:
    """The day (Beijing time) on which the sun reaches solar term `index` in that year."""
    target = (285 + 15 * index) % 360
    at = date(year, index // 2 + 1, 6 + 15 * (index % 2)).toordinal() + 1721424.5
    for _ in range(6):
        at -= ((_sun(at) - target + 180) % 360 - 180) * 365.2422 / 360
    return int(at - 70 / 86400 + 8 / 24 - 1721424.5)


@lru_cache(maxsize=64)
def easter(year: int) -> int:
    """Easter Sunday (Gregorian computus)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, dom = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, dom + 1).toordinal()


def _tishri(year: int) -> int:
    """First day of a Hebrew year (molad and postponements, Dershowitz and Reingold)."""

    def elapsed(y: int) -> int:
        months = (235 * y - 234) // 19
        parts = 12084 + 13753 * months
        days = 29 * months + parts // 25920
        return days + 1 if 3 * (days + 1) % 7 < 3 else days

    before, this, after = elapsed(year - 1), elapsed(year), elapsed(year + 1)
    shift = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return this + shift - 1373427


def hebrew(offset: int, from_spring: bool = False) -> Callable[[int], int]:
    """The evening on which a Jewish festival begins, `offset` days after 1 Tishri (or before, counted back from it)."""

    def find(year: int) -> int:
        return _tishri(year + 3761) + offset - 1 if not from_spring else _tishri(year + 3761) - offset - 1

    return find


@lru_cache(maxsize=64)
def islamic(year: int, month: int, dom: int) -> int:
    """The (tabular) Islamic festival whose day falls latest in that solar year."""
    found = 0
    for hijri in range(int((year - 622) * 33 / 32) - 1, int((year - 622) * 33 / 32) + 3):
        at = dom + math.ceil(29.5 * (month - 1)) + (hijri - 1) * 354 + (3 + 11 * hijri) // 30 + 227014
        if date.fromordinal(at).year == year:
            found = found or at
    return found or date(year, 1, 1).toordinal()


@lru_cache(maxsize=64)
def days_off(name: str, start: int, fallback: int) -> tuple[int, int]:
    """The official days off around a festival's day; a year without official data gives `fallback` days from it."""
    from domain.workdays import Calendar

    calendar = Calendar()
    at = date.fromordinal(start)
    if not calendar.known(at.year) or not calendar.holiday_name(at):
        return start, start + fallback
    begin = end = start
    while calendar.holiday_name(date.fromordinal(begin - 1)):
        begin -= 1
    while calendar.holiday_name(date.fromordinal(end)):
        end += 1
    return begin, end


def workday(start: int, count: int) -> int:
    """The count-th workday after that day (before it when negative) in the official calendar."""
    from domain.workdays import Calendar

    return Calendar().add_workdays(date.fromordinal(start), count).toordinal()


def next_days_off(start: int) -> tuple[int, int] | None:
    """The official days off that contain that day or come next within a year; None when that year has no official data."""
    from domain.workdays import Calendar

    calendar = Calendar()
    for at in range(start, start + 370):
        on = date.fromordinal(at)
        if not calendar.known(on.year):
            return None
        if calendar.holiday_name(on):
            return days_off("", at, 1)
    return None
