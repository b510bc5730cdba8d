"""Lists of customers by how long nobody was in touch."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from bot.command import Turn
from domain import cadence
from domain.model import OFFICE, Customer, Role
from handlers import _team


def in_scope(turn: Turn, people: Sequence[str] | None) -> list[Customer]:
    """The customers of these people; with None those the asker answers for: a rep's own, a manager's team's, or all."""
    if people is None and turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return [c for c in turn.tx.customers.all() if c.owner is not None]
    found = people if people is not None else _team.below(turn)
    return [c for p in found for c in turn.tx.customers.owned_by(p)]


def owners(turn: Turn, people: Sequence[str] | None) -> Sequence[str] | None:
    """Whose customers `in_scope` means; None for everybody's."""
    if people is None and turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return None
    return people if people is not None else _team.below(turn)


def overdue(turn: Turn, people: Sequence[str] | None, grade: str, today: date, most: int) -> tuple[list[cadence.Overdue], int]:
    """The customers of these people whose cadence has run out, A first, the longest overdue first; and how many there are."""
    ids: list[str] = []
    for name, days in sorted(turn.rules.cadence_days.items()):
        if grade in ("", name):
            until = datetime.combine(today - timedelta(days=days - 1), time(0), OFFICE)
            ids += turn.tx.followups.silent((name,), None, until, owners(turn, people))
    known = turn.tx.customers.many(ids[:most])
    found = [o for i in ids[:most] if i in known and (o := cadence.overdue(known[i], turn.rules, today))]
    return found, len(ids)
