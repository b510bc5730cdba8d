"""Personal reminder settings: lead, evening before, what is muted; and what they mean for the visits ahead (R102)."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from bot.command import Turn
from domain import reminders
from domain.desk import Job
from domain.model import OFFICE, Visit
from handlers import _after

EVENING = time(20)
"""When the reminder of a morning visit comes for those who want it the evening before."""
NOON = time(12)
AHEAD = timedelta(days=120)


def upcoming(turn: Turn, member: str, customer: str = "") -> list[Visit]:
    """The visits ahead of which somebody is the rep."""
    found = turn.tx.visits.of_person(member, turn.now, turn.now + AHEAD, statuses=("planned",))
    return [v for v in found if v.rep == member and v.start > turn.now and customer in ("", v.customer)]


def replan(turn: Turn, visit: Visit) -> datetime | None:
    """Move a visit's reminder to its new lead; one whose new moment is past stays where it is. When it comes now."""
    at = reminders.plan(visit, _after.lead_for(turn, visit), turn.now)
    waiting = [j for j in turn.tx.jobs.of(f"visit:{visit.id}") if j.kind == "visit_reminder"]
    if at is None:
        return waiting[0].due if waiting else None
    if waiting:
        turn.tx.jobs.move(waiting[0].key, at)
    else:
        state = {"version": visit.version, "start": visit.start.isoformat(), "end": visit.end.isoformat()}
        key = f"reminder-{visit.id}-{visit.version}-{at:%y%m%d%H%M}"
        turn.tx.jobs.plan(Job(key, "visit_reminder", f"visit:{visit.id}", at, state))
    return at


# ---------------------------------------------------------------------- the evening before
def wants_evening(turn: Turn, member: str) -> bool:
    """Whether this person wants morning visits called to mind the evening before."""
    return turn.tx.settings.personal(member, "evening") is True


def evening_of(visit: Visit) -> datetime | None:
    """20:00 of the day before a morning visit; None for a later one."""
    local = visit.start.astimezone(OFFICE)
    if local.time() >= NOON:
        return None
    return datetime.combine(local.date() - timedelta(days=1), EVENING, OFFICE)


def plan_evening(turn: Turn) -> None:
    """Plan the next 20:00 at which somebody may want to hear of tomorrow's visits."""
    local = turn.now.astimezone(OFFICE)
    at = datetime.combine(local.date(), EVENING, OFFICE)
    at = at if at > turn.now else at + timedelta(days=1)
    turn.tx.jobs.plan(Job(f"evening-{at.date()}", "evening", "evening", at, {}))


# ---------------------------------------------------------------------- muted
def muted(turn: Turn, member: str) -> dict[str, object]:
    """What a person has muted: `all`, `morning`, `task`, `customer:ID`, `visit:ID` → until when ("" = for good)."""
    value = turn.tx.settings.personal(member, "mute")
    return dict(value) if isinstance(value, Mapping) else {}


def is_muted(turn: Turn, member: str, *scopes: str) -> bool:
    """Whether any of these scopes is muted now."""
    standing = muted(turn, member)
    return any(s in standing and (not standing[s] or datetime.fromisoformat(str(standing[s])) > turn.now) for s in scopes)


def mute(turn: Turn, scope: str, until: datetime | None) -> None:
    """Mute one's own reminders of a scope."""
    value = {**muted(turn, turn.me.id), scope: until.isoformat() if until else ""}
    turn.tx.settings.set_personal(turn.me.id, "mute", value)


def unmute(turn: Turn, customer: str = "") -> bool:
    """Hear everything again, or of one customer; True when something had been muted."""
    standing = muted(turn, turn.me.id)
    left = {k: v for k, v in standing.items() if customer and k not in (f"customer:{customer}", "all")}
    turn.tx.settings.set_personal(turn.me.id, "mute", left or None)
    return left != standing


def settings(turn: Turn, customer: str = "") -> dict[str, object]:
    """The settings a change may touch, for undo."""
    keys = ["lead", "evening", "mute", *([f"lead:{customer}"] if customer else [])]
    return {k: turn.tx.settings.personal(turn.me.id, k) for k in keys}


def put_back(turn: Turn, values: Mapping[str, object]) -> None:
    """Set the settings to what they were and plan the visits ahead anew."""
    for key, value in values.items():
        turn.tx.settings.set_personal(turn.me.id, key, value)
    for visit in upcoming(turn, turn.me.id):
        replan(turn, visit)
