"""A planned change of the calendar as a value, and everything that is looked up to decide it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bot.command import Turn
from domain import conflicts
from domain.model import Customer, Member, Slot
from domain.refusal import NotFound
from domain.wishes import Facts as Known
from domain.wishes import Verdict, Wish


@dataclass(frozen=True, slots=True)
class Plan:
    """`do` is book, move or people; times are ISO so that a draft or a button can carry it; `visit` is "" for a new one."""

    do: str
    customer: str
    rep: str
    start: str
    end: str
    people: tuple[str, ...] = ()
    visit: str = ""
    version: int = 0
    mode: str = "onsite"
    purpose: str = ""
    contact: str = ""
    location: str = ""
    agenda: str = ""
    source: str = ""
    series: str = ""
    by_customer: bool = False
    asked: tuple[str, ...] = ()
    """Those who asked to come along themselves and need no invitation."""

    @property
    def slot(self) -> Slot:
        return Slot(datetime.fromisoformat(self.start), datetime.fromisoformat(self.end))

    def at(self, slot: Slot) -> "Plan":
        """The same plan at another time."""
        return replace(self, start=slot.start.isoformat(), end=slot.end.isoformat())

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def plan_of(data: Mapping[str, object]) -> Plan:
    """The plan that `as_json` wrote."""
    people, asked = data.get("people") or (), data.get("asked") or ()
    return Plan(**{**data, "people": tuple(people), "asked": tuple(asked)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan with everything that was looked up to decide it."""

    plan: Plan
    customer: Customer
    rep: Member
    wish: Wish
    facts: Known
    verdict: Verdict


def check(turn: Turn, plan: Plan, *, wide: bool = False) -> Checked:
    """Decide a plan against every calendar and customer record. Takes the locks of all it concerns first.

    The facts reach as far as the alternatives when something speaks against the plan, or when `wide` asks for it.
    """
    tx = turn.tx
    customer = tx.customers.get(plan.customer)
    rep = tx.people.get(plan.rep)
    if customer is None or rep is None:
        raise NotFound("这位客户或同事已经不在系统里")
    participants = tuple(m for p in plan.people if (m := tx.people.get(p)))
    tx.lock(f"customer:{customer.id}", *(f"person:{p}" for p in (rep.id, *plan.people)))
    wish = Wish(customer, rep, plan.slot, plan.mode, participants, plan.visit, rep.line)
    facts = load_facts(turn, wish, wide=wide)
    verdict = conflicts.decide(wish, facts, turn.rules, turn.now)
    if not wide and not verdict.clear:
        facts = load_facts(turn, wish)
    return Checked(plan, customer, rep, wish, facts, verdict)


def load_facts(turn: Turn, wish: Wish, *, wide: bool = True) -> Known:
    """What decides the wish and its alternatives: calendars and visits from a window before to two months ahead.

    Not `wide`: no more than decides the wish alone, which is a fraction of it.
    """
    tx, rules = turn.tx, turn.rules
    around = conflicts.reach(wish.slot, rules, turn.now)
    calendar = around if wide else conflicts.near(wish.slot, rules)
    first, last = around.start, around.end
    if not wide:
        days = timedelta(days=rules.customer_window_days + 1)
        first, last = calendar.start - days, calendar.end + days
    people = [wish.rep.id, *(p.id for p in wish.participants)]
    own = tx.visits.of_person(wish.rep.id, calendar.start, calendar.end)
    there = tx.visits.at_customer_between(wish.customer.id, first, last)
    reps = {v.rep for v in there} | {v.rep for v in own} | {*people, *filter(None, (wish.customer.owner,))}
    known = {i: m for i in reps if (m := tx.people.get(i))}
    since = turn.now - timedelta(days=rules.elastic_days)
    return Known(
        busy=tuple(tx.visits.busy(people, calendar)),
        own=tuple(own),
        at_customer=tuple(there),
        teams={i: m.team for i, m in known.items()},
        lines={i: m.line for i, m in known.items()},
        elastic=len(tx.visits.recent_changes(wish.customer.id, since)) >= rules.elastic_changes,
        calendar=turn.calendar,
    )
