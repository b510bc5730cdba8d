"""Which days people work: the official calendar with its 调休, corrected by the company's own days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped, unused-ignore]

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
_OFF: Mapping[date, str] = {day: _NAMES.get(name, "法定节假日") for day, name in holidays.items()}
_MADE_UP = frozenset(workdays)
_YEARS = frozenset(day.year for day in _OFF)
_OWN_NAME = "公司休息日"
_FAR = 400
"""Days searched for a workday before giving up: a company that is closed for longer has no next workday."""


class DayKind(StrEnum):
    """What a day is for bookings: `holiday` and `weekend` answer with different conflicts (contract.md section 7)."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Official days off and made-up workdays; `extra` (day → True = workday, False = day off) goes before them (D13).

    A year without official data is judged by weekdays alone; `known` tells, so that somebody can be asked for it.
    """

    extra: Mapping[date, bool] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        """HOLIDAY = off for a festival (weekends inside it too) or by the company's own word; 调休 days are WORKDAY."""
        own = self.extra.get(day)
        if own is not None:
            return DayKind.WORKDAY if own else DayKind.HOLIDAY
        if day in _OFF:
            return DayKind.HOLIDAY
        return DayKind.WORKDAY if day.weekday() < 5 or day in _MADE_UP else DayKind.WEEKEND

    def is_workday(self, day: date) -> bool:
        """True when people work on that day."""
        return self.kind(day) is DayKind.WORKDAY

    def next_workday(self, day: date, n: int = 1) -> date:
        """The n-th workday after `day` (n ≥ 1); `day` itself never counts."""
        if n < 1:
            raise ValueError(f"there is no workday number {n} after a day")
        return self._walk(day, n, timedelta(days=1))

    def add_workdays(self, day: date, n: int) -> date:
        """`n` workdays on (or back, when negative); 0 is `day` itself, workday or not."""
        if n == 0:
            return day
        return self._walk(day, abs(n), timedelta(days=1 if n > 0 else -1))

    def last_workday_up_to(self, day: date) -> date:
        """`day` when it is a workday, else the nearest workday before it."""
        return day if self.is_workday(day) else self._walk(day, 1, timedelta(days=-1))

    def holiday_name(self, day: date) -> str:
        """The festival a HOLIDAY belongs to ("清明节"); "" for any other day."""
        if self.kind(day) is not DayKind.HOLIDAY:
            return ""
        return _OFF.get(day, _OWN_NAME)

    def known(self, year: int) -> bool:
        """True when the official calendar of that year is in the data."""
        return year in _YEARS

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        idle = 0
        while n:
            day += step
            if self.is_workday(day):
                n, idle = n - 1, 0
            elif (idle := idle + 1) > _FAR:
                raise ValueError(f"no workday within {_FAR} days of {day}")
        return day
