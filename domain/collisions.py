"""When several reps work on one customer at once (contract.md section 7b "Counting": collision)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.model import Customer
from domain.rules import Rules


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """A follow-up or a done visit of one rep on one day, with whom when it was a joint visit."""

    day: date
    rep: str
    what: str = ""
    along: tuple[str, ...] = ()


def collision(touches: Iterable[Touch], customer: Customer, rules: Rules, today: date) -> list[Touch]:
    """The touches of a collision, in order, or nothing.

    `collision_touches` follow-ups or done visits by `collision_reps` reps within the last `collision_days` calendar days,
    today included. Owner and approved co-owners count as one, and so do those who went there together: they work together
    (R8, R40).
    """
    first = today - timedelta(days=rules.collision_days - 1)
    near = sorted(t for t in touches if first <= t.day <= today)
    together = [{customer.owner or "", *customer.co_owners}, *({t.rep, *t.along} for t in near if t.along)]
    sides = _sides({t.rep for t in near}, together)
    return near if len(near) >= rules.collision_touches and len(sides) >= rules.collision_reps else []


def _sides(reps: set[str], together: Iterable[set[str]]) -> list[set[str]]:
    """The reps in groups of those who are linked by working together."""
    sides = [{rep} for rep in sorted(reps)]
    for group in together:
        linked = [side for side in sides if side & group]
        if len(linked) > 1:
            sides = [side for side in sides if side not in linked] + [set().union(*linked)]
    return sides
