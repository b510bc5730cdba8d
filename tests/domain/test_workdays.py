"""The workday calendar: festivals, made-up Saturdays, unknown years, a company's own days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.workdays import Calendar, DayKind

CALENDAR = Calendar()
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 6, 8), DayKind.WORKDAY, ""),
        (date(2026, 6, 13), DayKind.WEEKEND, ""),
        (date(2026, 6, 19), DayKind.HOLIDAY, "端午节"),
        (date(2026, 6, 20), DayKind.HOLIDAY, "端午节"),
        (date(2026, 4, 6), DayKind.HOLIDAY, "清明节"),
        (date(2026, 5, 9), DayKind.WORKDAY, ""),
        (date(2026, 2, 14), DayKind.WORKDAY, ""),
        (date(2026, 10, 7), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 1, 1), DayKind.HOLIDAY, "元旦"),
    ],
)
def test_official_days(day: date, kind: DayKind, name: str) -> None:
    assert (CALENDAR.kind(day), CALENDAR.holiday_name(day)) == (kind, name)


def test_an_unknown_year_falls_back_to_weekdays() -> None:
    assert CALENDAR.known(2026)
    assert not CALENDAR.known(2031)
    assert CALENDAR.kind(date(2031, 10, 1)) is DayKind.WORKDAY
    assert CALENDAR.kind(date(2031, 10, 4)) is DayKind.WEEKEND


def test_the_company_goes_before_the_official_calendar() -> None:
    own = Calendar({date(2026, 6, 13): True, date(2026, 6, 8): False, date(2026, 6, 19): True})
    assert own.is_workday(date(2026, 6, 13))
    assert own.kind(date(2026, 6, 8)) is DayKind.HOLIDAY
    assert own.holiday_name(date(2026, 6, 8)) == "公司休息日"
    assert own.holiday_name(date(2026, 6, 19)) == ""


def test_walking_over_a_festival() -> None:
    assert CALENDAR.next_workday(date(2026, 6, 18)) == date(2026, 6, 22)
    assert CALENDAR.next_workday(date(2026, 6, 18), 3) == date(2026, 6, 24)
    assert CALENDAR.next_workday(date(2026, 5, 8)) == date(2026, 5, 9)
    assert CALENDAR.last_workday_up_to(date(2026, 6, 21)) == date(2026, 6, 18)
    assert CALENDAR.last_workday_up_to(date(2026, 6, 18)) == date(2026, 6, 18)
    assert CALENDAR.add_workdays(date(2026, 6, 22), -1) == date(2026, 6, 18)
    assert CALENDAR.add_workdays(date(2026, 6, 20), 0) == date(2026, 6, 20)


def test_no_workday_at_all_is_an_error_and_no_endless_search() -> None:
    shut = Calendar({date(2026, 1, 1) + timedelta(days=n): False for n in range(900)})
    with pytest.raises(ValueError, match="no workday"):
        shut.next_workday(date(2026, 1, 1))
    with pytest.raises(ValueError, match="number 0"):
        CALENDAR.next_workday(date(2026, 1, 1), 0)


@given(DAYS, st.integers(1, 30))
def test_forth_and_back_again(day: date, n: int) -> None:
    there = CALENDAR.add_workdays(day, n)
    assert CALENDAR.is_workday(there)
    assert there == CALENDAR.next_workday(day, n)
    assert sum(CALENDAR.is_workday(day + timedelta(days=i + 1)) for i in range((there - day).days)) == n
    assert CALENDAR.add_workdays(there, -n) == CALENDAR.last_workday_up_to(day)
