"""When several reps work on one customer at once (contract.md section 7b "Counting": collision)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.model import Customer
from domain.rules import Rules


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """A follow-up or a done visit of one rep on one day."""

    day: date
    rep: str
    what: str = ""


def collision(touches: Iterable[Touch], customer: Customer, rules: Rules, today: date) -> list[Touch]:
    """The touches of a collision, in order, or nothing.

    `collision_touches` follow-ups or done visits by `collision_reps` reps within the last `collision_days` calendar days,
    today included. Owner and approved co-owners count as one: they work together (R8).
    """
    first = today - timedelta(days=rules.collision_days - 1)
    near = sorted(t for t in touches if first <= t.day <= today)
    team = {customer.owner, *customer.co_owners}
    sides = {"" if t.rep in team else t.rep for t in near}
    return near if len(near) >= rules.collision_touches and len(sides) >= rules.collision_reps else []
