"""Free time of one and of several people (R27)."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.desk import Busy
from domain.free import common, free
from domain.model import OFFICE, Slot
from domain.workdays import Calendar
from tests.domain.office import RULES, at, slot

CALENDAR = Calendar()
THURSDAY = Slot(at(11, 0), at(12, 0))


def met(*slots: Slot) -> tuple[Busy, ...]:
    return tuple(Busy("ann", when, visit=f"v{n}") for n, when in enumerate(slots))


def spans(slots: list[Slot]) -> list[str]:
    return [f"{s.start:%d %H:%M}-{s.end:%H:%M}" for s in slots]


def test_free_is_working_hours_without_what_is_taken() -> None:
    busy = met(slot(11, 14))
    assert spans(free(busy, THURSDAY, RULES, CALENDAR)) == ["11 09:00-14:00", "11 15:00-18:00"]
    assert spans(free(busy, THURSDAY, RULES, CALENDAR, buffer=True)) == ["11 09:00-13:30", "11 15:30-18:00"]
    assert spans(free(busy, THURSDAY, RULES, CALENDAR, minutes=200)) == ["11 09:00-14:00"]
    assert free((), Slot(at(19, 0), at(22, 0)), RULES, CALENDAR) == []


def test_leave_is_taken_but_asks_no_buffer_and_overlaps_do_not_confuse() -> None:
    busy = (Busy("ann", Slot(at(10, 9), at(11, 11)), leave="l"), *met(slot(11, 12, 120), slot(11, 12, 30)))
    window = Slot(at(10, 0), at(12, 0))
    assert spans(free(busy, window, RULES, CALENDAR)) == ["11 11:00-12:00", "11 14:00-18:00"]
    assert spans(free(busy, window, RULES, CALENDAR, buffer=True)) == ["11 11:00-11:30", "11 14:30-18:00"]


def test_the_window_may_be_in_any_zone() -> None:
    window = Slot(datetime(2026, 6, 11, 5, tzinfo=UTC), datetime(2026, 6, 11, 7, tzinfo=UTC))
    assert spans(free((), window, RULES, CALENDAR)) == ["11 13:00-15:00"]


def test_common_days_take_turns() -> None:
    week = Slot(at(8, 0), at(13, 0))
    busy = {"ann": met(slot(8, 9, 480)), "ben": met(slot(9, 13))}
    found = common(busy, week, 120, RULES, CALENDAR, part=(time(13), time(18)))
    assert spans(found) == ["09 14:30-16:30", "10 13:00-15:00", "11 13:00-15:00"]


def test_common_inside_one_day_keeps_apart_and_off_lunch() -> None:
    assert spans(common({"ann": ()}, THURSDAY, 60, RULES, CALENDAR)) == [
        "11 09:00-10:00", "11 10:30-11:30", "11 13:00-14:00"]  # fmt: skip


def test_common_takes_what_there_is() -> None:
    noon = Slot(at(11, 12), at(11, 13, 30))
    assert spans(common({"ann": ()}, noon, 60, RULES, CALENDAR)) == ["11 12:00-13:00", "11 12:30-13:30"]
    tight = {"ann": met(slot(11, 9, 60), slot(11, 11, 420))}
    assert spans(common(tight, THURSDAY, 60, RULES, CALENDAR)) == ["11 10:00-11:00"]
    assert common({"ann": ()}, THURSDAY, 60, RULES, CALENDAR, part=(time(18), time(0))) == []
    assert spans(common({"ann": ()}, THURSDAY, 60, RULES, CALENDAR, 1, (time(17), time(0)))) == ["11 17:00-18:00"]


SLOTS = st.builds(
    lambda day, quarter, length: slot(day, quarter / 4, 15 * length),
    st.integers(8, 21), st.integers(28, 76), st.integers(1, 30),
)  # fmt: skip
TAKEN = st.lists(
    st.builds(lambda when, leave: Busy("ann", when, "" if leave else "v", "l" if leave else ""), SLOTS, st.booleans()),
    max_size=25,
)


@given(TAKEN, st.integers(1, 8))
def test_free_and_taken_share_no_minute_and_miss_none(busy: list[Busy], minutes: int) -> None:
    window = Slot(at(8, 0), at(22, 0))
    found = free(busy, window, RULES, CALENDAR, minutes=15 * minutes)
    assert found == sorted(found)
    assert not any(s.overlaps(b.slot) for s in found for b in busy)
    assert all(s.minutes >= 15 * minutes for s in found)
    quarter = timedelta(minutes=15)
    moment = window.start
    while moment < window.end:
        piece = Slot(moment, moment + 15 * minutes * timedelta(minutes=1))
        inside = piece.start.time() >= time(9) and time(9) < piece.end.time() <= time(18)
        works = CALENDAR.is_workday(piece.start.date()) and piece.start.date() == piece.end.date()
        is_free = inside and works and not any(piece.overlaps(b.slot) for b in busy)
        assert is_free == any(s.start <= piece.start and piece.end <= s.end for s in found)
        moment += quarter


@given(st.lists(TAKEN, min_size=1, max_size=3), st.sampled_from([30, 45, 60, 120]), st.integers(1, 5))
def test_common_slots_are_free_for_everybody(calendars: list[list[Busy]], minutes: int, n: int) -> None:
    people = {f"p{i}": busy for i, busy in enumerate(calendars)}
    found = common(people, Slot(at(8, 0), at(16, 0)), minutes, RULES, CALENDAR, n)
    assert len(found) <= n
    assert len(set(found)) == len(found)
    for offer in found:
        assert offer.minutes == minutes
        assert offer.start.astimezone(OFFICE).minute in (0, 30)
        assert all(not offer.overlaps(b.slot) for busy in calendars for b in busy)
        assert all(free(busy, offer, RULES, CALENDAR, minutes=minutes) == [offer] for busy in calendars)
