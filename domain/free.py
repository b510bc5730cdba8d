"""When people have time: free stretches of one person, common slots of several (R27, R147)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from domain.desk import Busy
from domain.model import OFFICE, Slot
from domain.rules import Rules
from domain.workdays import Calendar

GRID_MIN = 30
_LUNCH = (time(12), time(13))
_DAY = timedelta(days=1)


def free(
    busy: Sequence[Busy], window: Slot, rules: Rules, calendar: Calendar, *, minutes: int = 30, buffer: bool = False
) -> list[Slot]:
    """Free stretches of one person of at least `minutes`, inside working hours of the workdays in the window, in order.

    With `buffer` the gap that has to be kept to visits (not to leave) is taken too: a visit inside raises no `buffer`.
    """
    return _free(_taken([busy], _gap(rules, buffer)), window, rules, calendar, timedelta(minutes=minutes))


def common(
    busy_by_person: Mapping[str, Sequence[Busy]],
    window: Slot,
    minutes: int,
    rules: Rules,
    calendar: Calendar,
    n: int = 3,
    part: tuple[time, time] | None = None,
) -> list[Slot]:
    """Up to `n` slots of exactly `minutes` free for everybody, on the half hour, in order of time.

    `part` narrows each day ((13:00, 18:00) = afternoons; an end of 00:00 is midnight). Days take turns and slots keep
    apart, so that the answer is not one crowded morning; slots over lunch, then slots too near to somebody's visit and
    then overlapping ones come only where there are no others.
    """
    length, chosen = timedelta(minutes=minutes), list[Slot]()
    by_day: list[Mapping[date, Sequence[Slot]]] = []
    for buffer in (True, False):
        taken = _taken(busy_by_person.values(), _gap(rules, buffer))
        days: dict[date, list[Slot]] = {}
        for slot in _grid(_free(taken, window, rules, calendar, length, part), length):
            days.setdefault(slot.start.date(), []).append(slot)
        by_day.append(days)
    for apart in (True, False):
        for days_left in by_day:
            for lunch in (False, True):
                _take_turns(chosen, days_left, n, lunch=lunch, apart=apart)
    return sorted(chosen)


def _gap(rules: Rules, wanted: bool) -> timedelta:
    return timedelta(minutes=max(rules.buffer_min, rules.travel_min) if wanted else 0)


def _taken(calendars: Iterable[Sequence[Busy]], pad: timedelta) -> list[Slot]:
    """All busy stretches, visits widened by `pad` on both sides, in order of their start."""
    return sorted(
        Slot(busy.slot.start - pad, busy.slot.end + pad) if busy.visit else busy.slot
        for calendar in calendars
        for busy in calendar
    )


def _free(
    taken: Sequence[Slot],
    window: Slot,
    rules: Rules,
    calendar: Calendar,
    least: timedelta,
    part: tuple[time, time] | None = None,
) -> list[Slot]:
    stretches = []
    for begin, end in _hours(window, rules, calendar, part):
        free_from = begin
        for slot in taken:
            if slot.end <= free_from:
                continue
            if slot.start >= end:
                break
            if slot.start - free_from >= least:
                stretches.append(Slot(free_from, slot.start.astimezone(OFFICE)))
            free_from = slot.end.astimezone(OFFICE)
        if end - free_from >= least:
            stretches.append(Slot(free_from, end))
    return stretches


def _hours(window: Slot, rules: Rules, calendar: Calendar, part: tuple[time, time] | None) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of each workday, cut to the part of day and to the window; empty ones are left out."""
    start, end = window.start.astimezone(OFFICE), window.end.astimezone(OFFICE)
    day = start.date()
    while day <= end.date():
        opens, closes = rules.work_start, rules.work_end
        if part:
            opens = max(opens, part[0])
            closes = min(closes, part[1]) if part[1] != time() else closes
        begin = max(start, datetime.combine(day, opens, OFFICE))
        finish = min(end, datetime.combine(day, closes, OFFICE))
        if begin < finish and calendar.is_workday(day):
            yield begin, finish
        day += _DAY


def _grid(stretches: Sequence[Slot], length: timedelta) -> Iterator[Slot]:
    """Every slot of that length inside the stretches that begins on the half hour."""
    step = timedelta(minutes=GRID_MIN)
    for stretch in stretches:
        midnight = datetime.combine(stretch.start.date(), time(), OFFICE)
        start = midnight - (midnight - stretch.start) // step * step
        while start + length <= stretch.end:
            yield Slot(start, start + length)
            start += step


def _take_turns(chosen: list[Slot], days: Mapping[date, Sequence[Slot]], n: int, *, lunch: bool, apart: bool) -> None:
    """Add slots round by round, the earliest that fits of each day, until `n` are chosen or a round adds nothing."""
    gap = timedelta(minutes=GRID_MIN)
    adding = True
    while adding and len(chosen) < n:
        adding = False
        for slots in days.values():
            for slot in slots:
                if apart:
                    near = any(slot.start - gap < other.end and other.start < slot.end + gap for other in chosen)
                else:
                    near = slot in chosen
                if not near and len(chosen) < n and (lunch or not _at_lunch(slot)):
                    chosen.append(slot)
                    adding = True
                    break


def _at_lunch(slot: Slot) -> bool:
    return slot.start.time() < _LUNCH[1] and slot.end.time() > _LUNCH[0]
