"""What is looked at every workday at `morning_push` (contract.md section 7b "When").

A check is a function `(turn, morning) -> None` in CHECKS; it may add lines to somebody's card with `morning.add`. Other areas
append theirs: `_daily.CHECKS.append(check)` at import. The cards go out after all checks, one a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Turn
from domain.desk import Job
from domain.model import OFFICE

MOST_LINES = 8
"""Longer lists end with 等 n 项."""


@dataclass(slots=True)
class Page:
    """What one person is told this morning under one heading."""

    lines: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    warn: bool = False


@dataclass(slots=True)
class Morning:
    """One morning: its day, the day and moment of the last one, and the pages by (member, heading)."""

    day: date
    last: date
    since: datetime
    pages: dict[tuple[str, str], Page] = field(default_factory=dict)

    def add(self, member: str, heading: str, line: str, *buttons: Button, warn: bool = False) -> None:
        """A line for somebody; lines under one heading make one card."""
        page = self.pages.setdefault((member, heading), Page())
        page.lines.append(line)
        page.buttons.extend(buttons)
        page.warn = page.warn or warn


Check = Callable[[Turn, Morning], None]
CHECKS: list[Check] = []


def begin(turn: Turn) -> None:
    """Plan the first morning, once for ever; what these checks would have found before now is history."""
    if not turn.tx.jobs.once("daily-begun"):
        return
    note(turn, covered(turn, turn.now))
    plan(turn, turn.now)


def covered(turn: Turn, moment: datetime) -> date:
    """The last day whose findings were due before a moment: the newest workday whose `morning_push` has passed."""
    local = moment.astimezone(OFFICE)
    day = local.date()
    if turn.calendar.is_workday(day) and local >= push(turn, day):
        return day
    return turn.calendar.last_workday_up_to(day - timedelta(days=1))


def note(turn: Turn, day: date) -> None:
    """Everything up to this day was looked at, now."""
    turn.tx.talk.note("system", "daily", {"day": day.isoformat(), "at": turn.now.isoformat()})


def push(turn: Turn, day: date) -> datetime:
    """The day's `morning_push`."""
    return datetime.combine(day, turn.rules.morning_push, OFFICE)


def plan(turn: Turn, after: datetime) -> None:
    """Plan the next morning: the first workday's `morning_push` after a moment."""
    local = after.astimezone(OFFICE)
    day = local.date()
    if not (turn.calendar.is_workday(day) and local < push(turn, day)):
        day = turn.calendar.next_workday(day)
    turn.tx.jobs.plan(Job(f"daily-{day}", "daily", "daily", push(turn, day), {"day": day.isoformat()}))


def run(turn: Turn) -> None:
    """All checks of a morning, then the cards. On a day off nothing happens; the next workday catches up."""
    day = turn.now.astimezone(OFFICE).date()
    plan(turn, turn.now)
    if not turn.calendar.is_workday(day):
        return
    noted = turn.tx.talk.noted("system", "daily")
    if not isinstance(noted, dict):
        note(turn, day)
        return
    last = date.fromisoformat(str(noted["day"]))
    morning = Morning(day, last, datetime.fromisoformat(str(noted["at"])))
    note(turn, day)
    for check in CHECKS:
        check(turn, morning)
    send(turn, morning)


def send(turn: Turn, morning: Morning) -> None:
    """One card a person and heading; nobody is told anything when there is nothing."""
    for (member, heading), page in morning.pages.items():
        who = turn.tx.people.get(member)
        if who is None or not who.active:
            continue
        shown = page.lines[:MOST_LINES]
        blocks = [Items(tuple(shown))]
        more = [Text(f"等共 {len(page.lines)} 项。")] if len(page.lines) > MOST_LINES else []
        unique = tuple({b.says: b for b in page.buttons}.values())[:6]
        card = Card(heading, (*blocks, *more), unique, Tone.WARN if page.warn else Tone.INFO)
        turn.tell(member, card, key=f"daily-{morning.day}-{member}-{len(heading)}-{abs(hash_of(heading))}")


def hash_of(text: str) -> int:
    """A small stable number of a text, for letter keys."""
    return sum((i + 1) * ord(c) for i, c in enumerate(text))
