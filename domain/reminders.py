"""When a visit's reminder is due, and whether it is still worth sending then (contract.md 7b "When")."""

from datetime import datetime, timedelta
from typing import Literal

from domain.model import Visit
from domain.rules import Rules

GRACE = timedelta(seconds=60)
"""How long after its minute a reminder still counts as on time (R93: ±60 s)."""


def plan(visit: Visit, lead_min: int, now: datetime) -> datetime | None:
    """The moment of the visit's reminder, `lead_min` minutes before it begins.

    None when that moment is not ahead (booked or moved inside its lead), when the visit is not firm, and for a lead
    of 0 or less, which stands for "no reminder".
    """
    due = visit.start - timedelta(minutes=lead_min)
    return due if lead_min > 0 and due > now and visit.status == "planned" else None


def worth_sending(
    visit: Visit | None,
    planned_version: int,
    due: datetime,
    now: datetime,
    *,
    planned_start: datetime | None = None,
) -> Literal["send", "late", "drop"]:
    """What to do with a reminder planned for `due`: send it, send it marked 补发, or drop it (D9, contract promise 4).

    Dropped when the visit is gone, not planned any more, has begun, or changed since the plan. Where the planned start
    is given, only another start counts as a change: a new purpose does not cost the reminder.
    """
    if visit is None or visit.status != "planned" or now >= visit.start:
        return "drop"
    changed = visit.version != planned_version if planned_start is None else visit.start != planned_start
    if changed:
        return "drop"
    return "late" if now - due > GRACE else "send"


def lead(customer_setting: int | None, person_setting: int | None, rules: Rules) -> int:
    """Minutes before the visit: the customer's setting, else the person's, else the default; 0 switches it off."""
    if customer_setting is not None:
        return customer_setting
    return person_setting if person_setting is not None else rules.remind_before_min
