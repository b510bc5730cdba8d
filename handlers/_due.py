"""Lists of customers by how long nobody was in touch."""

from collections.abc import Sequence
from datetime import date

from bot.command import Turn
from domain import cadence
from domain.model import Customer, Role
from handlers import _team


def in_scope(turn: Turn, people: Sequence[str] | None) -> list[Customer]:
    """The customers of these people; with None those the asker answers for: a rep's own, a manager's team's, or all."""
    if people is None and turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return [c for c in turn.tx.customers.all() if c.owner is not None]
    found = people if people is not None else _team.below(turn)
    return [c for p in found for c in turn.tx.customers.owned_by(p)]


def overdue(turn: Turn, customers: Sequence[Customer], today: date) -> list[cadence.Overdue]:
    """Those whose cadence has run out: A first, the longest overdue first."""
    hits = [o for c in customers if (o := cadence.overdue(c, turn.rules, today))]
    return sorted(hits, key=lambda o: (o.customer.grade, -o.late, o.customer.id))
