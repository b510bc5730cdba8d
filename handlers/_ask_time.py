"""The question 约在什么时间, with free times for everybody; shared by booking and rebooking."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text
from bot.command import Reply, Turn
from domain import conflicts, free
from domain.model import OFFICE, Customer, Member, Slot, Visit, When
from domain.wishes import Facts as Known
from domain.wishes import Wish
from handlers import _plan, _slots, _views
from nlp.said import Said

DAYS_ON = 8
"""How many days after a named day its slots are looked for when it is full or a day off."""
QUIET = frozenset({"third_team", "owned_by_other", "owner_notice", "customer_window", "overload"})
"""What a proposed time may raise: the ownership questions the booking asks anyway."""


def ask_time(
    turn: Turn, said: Said, customer: Customer, people: Sequence[Member], minutes: int, when: When | None, mode: str, purpose: str
) -> Reply:  # fmt: skip
    """Only the time is missing: three free slots for everybody on the day (or in the part of day) that was named."""
    draft = turn.ask(said, "time")
    slots = free_slots(turn, customer, people, minutes, when, mode)
    buttons = tuple(
        Button(_views.moment(s.start), says.write("draft.fill", draft=draft.id, start=s.start.isoformat())) for s in slots
    )
    what = _asked(when)
    stub = Visit("", customer.id, customer.name, turn.me.id, turn.now, turn.now + timedelta(minutes=1))
    rows = [("客户", _views.label(turn, stub, customer))]
    if not turn.group:
        rows += [("目的", purpose), ("同行", _views.listing(people))]
    if quote := str(turn.said.hints.get("quote") or ""):
        rows.append(("客户原话", quote[:60]))
    lead = ""
    if when and when.start and (off := turn.calendar.holiday_name(when.start.astimezone(OFFICE).date())):
        lead = f"{_views.day(when.start)} 是{off}假期。"
    text = Text(lead + ("以下时间都有空：" if slots else "直接回复时间即可，例如：下周二上午10点。"))
    facts = Facts(tuple((n, v) for n, v in rows if v))
    changed = tuple(Text(line) for line in _views.corrected(turn))
    return Reply(Card(f"约在{what}？还没保存", (*changed, facts, text), buttons), subject=f"draft:{draft.id}")


def _asked(when: When | None) -> str:
    """What the question is about: the clock of a day, or the time in a longer stretch."""
    if when is None or when.start is None or when.kind not in ("date", "range"):
        return "什么时间"
    if when.end is not None and when.end - when.start > timedelta(days=1):
        return f"{_views.day(when.start)} – {_views.day(when.end - timedelta(minutes=1))} 什么时间"
    return f"{_views.day(when.start)} 几点"


def free_slots(
    turn: Turn, customer: Customer, people: Sequence[Member], minutes: int, when: When | None, mode: str
) -> list[Slot]:
    """Up to three slots free for everybody and the customer: in the day, part of day or stretch of days that was named; when
    that is a day off or full, in the same part of the next workdays; with nothing named the next free ones."""
    named = when.start.astimezone(OFFICE) if when and when.start else None
    day = named or turn.now.astimezone(OFFICE) + timedelta(days=1)
    start = datetime.combine(day.date(), turn.rules.work_start, OFFICE)
    stop = datetime.combine(day.date(), turn.rules.work_end, OFFICE)
    if named and when and when.kind == "range":
        if when.end is not None and when.end - named > timedelta(days=1):
            return _in_stretch(turn, customer, people, minutes, Slot(max(named, turn.now), when.end), mode)
        start = max(start, named)
        stop = min(stop, when.end) if when.end and when.end > start else stop
    wish = Wish(
        customer, turn.me, Slot(start, start + timedelta(minutes=minutes)), mode or "onsite", tuple(people), "", turn.me.line
    )
    facts = _plan.load_facts(turn, wish)
    for offset in range(DAYS_ON if named else 0):
        begin, end = (t + timedelta(days=offset) for t in (start, stop))
        if offset and not turn.calendar.is_workday(begin.date()):
            continue
        if found := spread(clear_on(turn, wish, facts, max(begin, _next_half_hour(turn.now)), end)):
            return found
    return conflicts.alternatives(wish, facts, turn.rules, turn.now)[:3]


def _in_stretch(turn: Turn, customer: Customer, people: Sequence[Member], minutes: int, window: Slot, mode: str) -> list[Slot]:
    """下周找个都有空的下午: slots common to everybody, day by day, at which the customer is free too (59)."""
    part = _slots.part_of_day(turn)
    busy = {m.id: turn.tx.visits.busy([m.id], window) for m in (turn.me, *people)}
    out = []
    for slot in free.common(busy, window, minutes, turn.rules, turn.calendar, n=9, part=part):
        wish = Wish(customer, turn.me, slot, mode or "onsite", tuple(people), "", turn.me.line)
        if set(conflicts.decide(wish, _plan.load_facts(turn, wish), turn.rules, turn.now).kinds) <= QUIET:
            out.append(slot)
    return spread(out)


def spread(slots: Sequence[Slot]) -> list[Slot]:
    """Three of many: the first two, and the first of another day or of the afternoon when there is one."""
    if len(slots) <= 3:
        return list(slots)
    first = slots[0].start.astimezone(OFFICE)
    later = [s for s in slots[2:] if s.start.astimezone(OFFICE).date() != first.date() or (first.hour < 12 <= _hour(s))]
    return [*slots[:2], (later or slots[2:])[0]]


def _hour(slot: Slot) -> int:
    return slot.start.astimezone(OFFICE).hour


def _next_half_hour(now: datetime) -> datetime:
    local = now.astimezone(OFFICE).replace(second=0, microsecond=0)
    return local + timedelta(minutes=30 - local.minute % 30)


def clear_on(turn: Turn, wish: Wish, facts: Known, start: datetime, stop: datetime) -> list[Slot]:
    """Slots one after the other that raise nothing but ownership questions; those over lunch only when there are no others."""
    length = wish.slot.end - wish.slot.start
    out: list[Slot] = []
    lunch: list[Slot] = []
    while start + length <= stop:
        slot = Slot(start, start + length)
        verdict = conflicts.decide(replace(wish, slot=slot), facts, turn.rules, turn.now)
        if start > turn.now and set(verdict.kinds) <= QUIET:
            clocks = start.astimezone(OFFICE).time(), slot.end.astimezone(OFFICE).time()
            at_lunch = clocks[0] < conflicts.LUNCH[1] and clocks[1] > conflicts.LUNCH[0]
            (lunch if at_lunch else out).append(slot)
            start += timedelta(minutes=30) if at_lunch else length
        else:
            start += timedelta(minutes=30)
    return out or lunch
