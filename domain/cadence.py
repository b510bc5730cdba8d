"""How long a customer has been without contact, and what follows (contract.md section 7b "Counting").

Days are calendar days of the office's zone. Grade D, lost and won customers and those of the pool have no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.model import OFFICE, Customer
from domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Overdue:
    """A customer whose cadence has run out: `days` without contact, `since` the day on which it crossed the line."""

    customer: Customer
    days: int
    since: date

    @property
    def late(self) -> int:
        """Days beyond the first overdue day; 0 on that day."""
        return (self.last + timedelta(days=self.days) - self.since).days

    @property
    def words(self) -> str:
        """逾期 3 天, or 今天起逾期."""
        return f"逾期 {self.late} 天" if self.late else "今天起逾期"

    @property
    def last(self) -> date:
        """The day of the last contact."""
        return contact_day(self.customer) or self.since


def day_of(moment: datetime) -> date:
    """The office's calendar day of a moment."""
    return moment.astimezone(OFFICE).date()


def contact_day(customer: Customer) -> date | None:
    """The day of the last valid follow-up or report, else of the customer's entry."""
    last = customer.last_followup or customer.created
    return day_of(last) if last else None


def has_clock(customer: Customer) -> bool:
    """True for an active customer with an owner."""
    return customer.owner is not None and customer.status == "active"


def _limit(customer: Customer, days: Mapping[str, int]) -> int | None:
    return days.get(customer.grade) if has_clock(customer) else None


def overdue(customer: Customer, rules: Rules, today: date) -> Overdue | None:
    """Overdue from `cadence_days` of its grade on: A on the 8th day, B on the 31st, C on the 92nd (R112–R114)."""
    limit, last = _limit(customer, rules.cadence_days), contact_day(customer)
    if limit is None or last is None or (today - last).days < limit:
        return None
    return Overdue(customer, (today - last).days, last + timedelta(days=limit))


def in_cadence(customer: Customer, rules: Rules, today: date) -> bool | None:
    """Contacted inside its cadence (R144 coverage); None for a customer that has no cadence and is left out."""
    if _limit(customer, rules.cadence_days) is None:
        return None
    return overdue(customer, rules, today) is None


def held_since(customer: Customer, rules: Rules) -> date | None:
    """The day from which the pool clock counts: the last contact, or the owner's claim when that was later."""
    last = contact_day(customer)
    if customer.protected_until is None:
        return last
    claimed = customer.protected_until - timedelta(days=rules.protect_days)
    return max(last, claimed) if last else claimed


def pool_day(customer: Customer, rules: Rules) -> date | None:
    """The day on which the customer goes to the pool when nobody is in touch (R55).

    Precedence lock > protection > approved exception > pool rule (features.md 0.3): a locked one never does, a protected
    one when it ends, one that got more time (`extra["pool_after"]`) on that day.
    """
    limit, since = _limit(customer, rules.pool_days), held_since(customer, rules)
    if limit is None or since is None or customer.locked:
        return None
    days = [since + timedelta(days=limit)]
    if customer.protected_until:
        days.append(customer.protected_until + timedelta(days=1))
    if more := str(customer.extra.get("pool_after") or ""):
        days.append(date.fromisoformat(more))
    return max(days)


def warn_step(customer: Customer, rules: Rules, today: date) -> int | None:
    """Which of `pool_warn_days` (7, 3, 1) has been reached; None when none has, or the day itself is here."""
    day = pool_day(customer, rules)
    if day is None or day <= today:
        return None
    reached = [step for step in rules.pool_warn_days if (day - today).days <= step]
    return min(reached, default=None)


def next_contact(customer: Customer, rules: Rules) -> date | None:
    """The last day on which a contact is still inside the cadence."""
    limit, last = _limit(customer, rules.cadence_days), contact_day(customer)
    return last + timedelta(days=limit - 1) if limit is not None and last is not None else None


def asleep(customer: Customer, rules: Rules, today: date) -> bool:
    """A or B without contact for more than two cadences (R117)."""
    limit, last = _limit(customer, rules.cadence_days), contact_day(customer)
    return customer.grade in ("A", "B") and limit is not None and last is not None and (today - last).days > 2 * limit


def contact_limit(customer: Customer, rules: Rules, days: int = 30) -> int | None:
    """How many contacts in `days` are too many: more than three a cadence (R116 over-touched); None without a cadence."""
    limit = _limit(customer, rules.cadence_days)
    return None if limit is None else max(3, 3 * days // limit)
