"""The question 约在什么时间, with free times for everybody; shared by booking and rebooking."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text
from bot.command import Reply, Turn
from domain import conflicts
from domain.model import OFFICE, Customer, Member, Slot, Visit, When
from domain.wishes import Facts as Known
from domain.wishes import Wish
from handlers import _plan, _views
from nlp.said import Said


def ask_time(
    turn: Turn, said: Said, customer: Customer, people: Sequence[Member], minutes: int, when: When | None, mode: str, purpose: str
) -> Reply:  # fmt: skip
    """Only the time is missing: three free slots for everybody on the day (or in the part of day) that was named."""
    draft = turn.ask(said, "time")
    slots = free_slots(turn, customer, people, minutes, when, mode)
    buttons = tuple(
        Button(_views.moment(s.start), says.write("draft.fill", draft=draft.id, start=s.start.isoformat())) for s in slots
    )
    what = f"{_views.day(when.start)} 几点" if when and when.start and when.kind in ("date", "range") else "什么时间"
    stub = Visit("", customer.id, customer.name, turn.me.id, turn.now, turn.now + timedelta(minutes=1))
    rows = [("客户", _views.label(turn, stub, customer))]
    if not turn.group:
        rows += [("目的", purpose), ("同行", _views.listing(people))]
    lead = ""
    if when and when.start and (off := turn.calendar.holiday_name(when.start.astimezone(OFFICE).date())):
        lead = f"{_views.day(when.start)} 是{off}假期。"
    text = Text(lead + ("以下时间都有空：" if slots else "直接回复时间即可，例如：下周二上午10点。"))
    facts = Facts(tuple((n, v) for n, v in rows if v))
    return Reply(Card(f"约在{what}？还没保存", (facts, text), buttons), subject=f"draft:{draft.id}")


def free_slots(
    turn: Turn, customer: Customer, people: Sequence[Member], minutes: int, when: When | None, mode: str
) -> list[Slot]:
    """Up to three slots free for everybody and the customer on the day named (or the next workdays)."""
    named = when.start.astimezone(OFFICE) if when and when.start else None
    day = named or turn.now.astimezone(OFFICE) + timedelta(days=1)
    start = datetime.combine(day.date(), turn.rules.work_start, OFFICE)
    if named and when and when.kind == "range":
        start = max(start, named)
    start = max(start, _next_half_hour(turn.now))
    wish = Wish(
        customer, turn.me, Slot(start, start + timedelta(minutes=minutes)), mode or "onsite", tuple(people), "", turn.me.line
    )
    facts = _plan.load_facts(turn, wish)
    end = when.end if when and when.kind == "range" and when.end else None
    found = _clear_on(turn, wish, facts, end) if named else []
    return (found or conflicts.alternatives(wish, facts, turn.rules, turn.now))[:3]


def _next_half_hour(now: datetime) -> datetime:
    local = now.astimezone(OFFICE).replace(second=0, microsecond=0)
    return local + timedelta(minutes=30 - local.minute % 30)


def _clear_on(turn: Turn, wish: Wish, facts: Known, end: datetime | None) -> list[Slot]:
    """Slots on the wish's day that raise nothing but ownership questions, from its start to the end of work."""
    length, start = wish.slot.end - wish.slot.start, wish.slot.start
    stop = datetime.combine(start.astimezone(OFFICE).date(), turn.rules.work_end, OFFICE)
    stop = min(stop, end) if end else stop
    out: list[Slot] = []
    quiet = {"third_team", "owned_by_other", "owner_notice", "customer_window", "overload"}
    while start + length <= stop and len(out) < 3:
        slot = Slot(start, start + length)
        verdict = conflicts.decide(replace(wish, slot=slot), facts, turn.rules, turn.now)
        if start > turn.now and set(verdict.kinds) <= quiet:
            out.append(slot)
            start += length
        start += timedelta(minutes=30)
    return out
