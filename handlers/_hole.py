"""A slot of one's own that came free: who could be seen there instead (sentences 16, 23, 28)."""

from collections.abc import Sequence
from datetime import timedelta

from bot import says
from bot.cards import Button
from bot.command import Turn
from domain import conflicts
from domain.cadence import Overdue
from domain.conflicts import Wish
from domain.model import OFFICE, Slot, Visit
from handlers import _due, _views, _wish

NEAR = timedelta(days=7)
"""A hole further off fills itself."""
MOST = 10


def neglected(turn: Turn, slots: Sequence[Slot], minutes: int) -> tuple[Overdue, Slot] | None:
    """The asker's most overdue A or B customer that fits into one of the slots without any objection, and where; not in a group."""
    if turn.group or not slots:
        return None
    today = turn.now.astimezone(OFFICE).date()
    late = [o for grade in ("A", "B") for o in _due.overdue(turn, [turn.me.id], grade, today, MOST)[0]]
    length = timedelta(minutes=minutes)
    late.sort(key=lambda o: next_visit(turn, o) is not None)
    for overdue in late:
        for slot in slots:
            start = max(slot.start, turn.now + timedelta(minutes=turn.rules.lead_time_min))
            start += (slot.start - start) % timedelta(minutes=30)
            wish = Wish(overdue.customer, turn.me, Slot(start, start + length), "onsite", (), "", turn.me.line)
            if wish.slot.end > slot.end:
                continue
            if conflicts.decide(wish, _wish.load_facts(turn, wish), turn.rules, turn.now).clear:
                return overdue, wish.slot
    return None


def next_visit(turn: Turn, overdue: Overdue) -> Visit | None:
    """The next visit to a customer within a week; who has none is offered first."""
    near = turn.tx.visits.at_customer_between(overdue.customer.id, turn.now, turn.now + NEAR, statuses=("planned", "pending"))
    return min(near, key=lambda v: v.start, default=None)


def offer(turn: Turn, slots: Sequence[Slot], lead: str = "") -> tuple[str, Button] | None:
    """One line and one button: whom to see in the first of these free stretches; None when nobody waits."""
    found = neglected(turn, slots, turn.rules.default_visit_min)
    if found is None:
        return None
    overdue, slot = found
    customer = overdue.customer
    days = (turn.now.astimezone(OFFICE).date() - overdue.last).days
    planned = next_visit(turn, overdue)
    if planned is not None and planned.start <= slot.start:
        return None
    ahead = f"，已约 {_views.moment(planned.start)}，可以提前" if planned else ""
    line = f"{lead}可以约{customer.short}（{customer.grade}，{days} 天没有联系{ahead}）：{_views.moment(slot.start)}"
    said = says.write("visit.book", customer=customer.short, customer_id=customer.id, time=slot.start.isoformat())
    return line, Button(f"约{customer.short[:8]}", said)


def after_leaving(turn: Turn, slot: Slot) -> tuple[str, Button] | None:
    """An offer for the slot a visit just left, when it is near."""
    if not turn.now < slot.start < turn.now + NEAR:
        return None
    return offer(turn, [slot], f"{_views.moment(slot.start)} 空出来了，")
