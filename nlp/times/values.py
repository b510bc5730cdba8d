"""What the time grammar gives back, and the conventions it can be asked to follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Any, Literal

Kind = Literal["instant", "date", "range", "duration", "recurrence", "none"]
DAY = 1440
"""Minutes of a day: inside the grammar a moment is an integer, day ordinal × DAY + minute."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """Where one reading has to be chosen: look ahead or back, and what a duration beside an instant is."""

    forward: bool
    join_duration: bool


class Mode(Enum):
    """The three situations a time is said in (contract.md section 5, "Time conventions")."""

    TIMES = Conventions(forward=True, join_duration=True)
    BOOKING = Conventions(forward=True, join_duration=False)
    PAST = Conventions(forward=False, join_duration=False)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """One time expression: where it stands in the original text, what it means, and what exactly was said.

    `start`/`end` are aware datetimes in the zone of `now` (end exclusive, None = open); `minutes` belongs to a duration,
    `recur` to a recurrence. `bare_clock`: a clock without part of day; `bare_weekday`: 周三 without 这/下/上;
    `ambiguous`: weekday and date disagree; `rolled`: moved on because the first reading was past.
    """

    text: str
    span: tuple[int, int]
    kind: Kind
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    recur: dict[str, Any] | None = None
    has_date: bool = False
    has_clock: bool = False
    part_of_day: str | None = None
    bare_clock: bool = False
    bare_weekday: bool = False
    ambiguous: bool = False
    rolled: bool = False
    duration_min: int | None = None


@dataclass(slots=True)
class Context:
    """`now` in the internal count, its date, and the conventions; `fixed`: nothing is rolled."""

    now: int
    today: int
    date: date
    conventions: Conventions
    fixed: bool = False


@dataclass(slots=True)
class Token:
    """One lexical unit of the folded text; the meaning of a, b, c depends on `kind` (see the lexers)."""

    kind: str
    start: int
    end: int
    a: int = 0
    b: int = 0
    c: int = 0
    name: str = ""


@dataclass(slots=True)
class Days:
    """A span of whole days; `one`: a single day was named."""

    start: int
    end: int
    one: bool = True
    rolled: bool = False
    ambiguous: bool = False


def bag(words: str) -> frozenset[str]:
    """A set of words written as one line."""
    return frozenset(words.split())


def moment(at: int, zone: tzinfo | None) -> datetime:
    """Turn the internal minute count into a datetime of that zone."""
    day, minute = divmod(at, DAY)
    on = date.fromordinal(day)
    hour, minute = divmod(minute, 60)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone)


def minutes_of(at: datetime) -> int:
    """Turn a datetime into the internal minute count of its own wall clock."""
    return at.toordinal() * DAY + at.hour * 60 + at.minute
