"""改期：改到、推迟、提前、换到同一时间、两次对调。"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain import conflicts
from domain.model import OFFICE, Customer, Slot, Visit, When
from domain.refusal import Refusal, Stale
from handlers import _after, _ask_time, _plan, _views, _who
from handlers._rights import check_visit
from nlp.said import Said

_SWAP = re.compile(r"对调|互换|调换|交换|换一下")
_CUSTOMER_SIDE = re.compile(r"客户(?!.{0,4}(?:错|约))|对方|他们|[\u4e00-\u9fff]总(?:临时|说|改|有事|没空)")


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Which visit (customer, time, visit_id) and where to (new_time, shift_min)."""

    customer: str | None = None
    customer_id: str | None = None
    customers: tuple[str, ...] = ()
    time: When | None = None
    new_time: When | None = None
    shift_min: int | None = None
    duration_min: int | None = None
    mode: str = ""
    location: str = ""
    visit_id: str | None = None
    draft: str = ""


@command("visit.reschedule", Reschedule, group="拜访", example="宏远那个改到周四下午四点")
def reschedule(ask: Reschedule, turn: Turn) -> Reply:
    """Move one visit; conflicts are checked again, reminders move along, participants hear of it."""
    waiting = ""
    if ask.draft:
        draft = turn.tx.talk.get(ask.draft)
        waiting = str(draft.data.get("then") or "") if draft else ""
        turn.tx.talk.close(ask.draft, "done")
    said = turn.said.with_slots(draft=None)
    if _SWAP.search(turn.said.text) and not ask.visit_id:
        return swap(ask, turn)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        return _who.nothing_found(turn, f"「{ask.customer}」的拜访")
    visit = _who.visit_for(turn, ask.visit_id, ask.time, found, said, "改期")
    if isinstance(visit, Reply):
        return visit
    check_visit(turn, visit)
    slot = target(turn, ask, visit)
    if isinstance(slot, Reply):
        return slot
    if slot == visit.slot:
        turn.tx.talk.note(turn.me.id, "visit", visit.id)
        title = f"没有变化：{_views.span(visit.slot)} 拜访{_views.label(turn, visit)}"
        return Reply(Card(title, (Text("本来就是这个时间，没有改动。"),)), subject=f"visit:{visit.id}")
    plan = _plan.Plan(
        "move", visit.customer, visit.rep, slot.start.isoformat(), slot.end.isoformat(), visit.participants, visit.id,
        visit.version, ask.mode or visit.mode, visit.purpose, visit.contact, ask.location or visit.location, visit.agenda,
        by_customer=bool(_CUSTOMER_SIDE.search(turn.said.text)),
    )  # fmt: skip
    reply = _plan.attempt(turn, plan)
    if waiting and reply.card.tone is Tone.DONE:
        return replace(reply, then=Said("visit.settle", {"draft": waiting, "how": "retry"}, text=turn.said.text))
    return reply


def target(turn: Turn, ask: Reschedule, visit: Visit) -> Slot | Reply:
    """The new slot: as long as before, on the old day when only a clock is said, at the old clock when only a day is."""
    length = timedelta(minutes=ask.duration_min) if ask.duration_min else visit.end - visit.start
    if ask.shift_min is not None:
        start = visit.start + timedelta(minutes=ask.shift_min)
        return _ahead(turn, Slot(start, start + length))
    when = ask.new_time
    if when is None or when.start is None:
        if ask.duration_min:
            return Slot(visit.start, visit.start + length)
        return ask_when(turn, visit)
    begins = new_start(turn, when, visit)
    if begins is None:
        return ask_when(turn, visit, when)
    start = begins
    end = when.end if when.kind == "range" and when.end and _clock_range(turn, when) else start + length
    return _ahead(turn, Slot(start, end))


def _flags(turn: Turn) -> frozenset[str]:
    flags = turn.said.hints.get("new_time_flags") or turn.said.hints.get("time_flags") or ()
    return frozenset(str(f) for f in flags)  # type: ignore[attr-defined]


def _clock_range(turn: Turn, when: When) -> bool:
    return "has_clock" in _flags(turn)


def new_start(turn: Turn, when: When, visit: Visit) -> datetime | None:
    """When it begins now; None when the day is clear but the clock is not."""
    if when.start is None:
        return None
    flags, old = _flags(turn), visit.start.astimezone(OFFICE)
    if when.same_clock:
        first = when.start.astimezone(OFFICE).date()
        if when.kind == "range" and when.end is not None and when.end - when.start >= timedelta(days=7):
            first += timedelta(days=(old.weekday() - first.weekday()) % 7)  # 下周同一时间: the same day of that week
        return datetime.combine(first, old.time(), OFFICE)
    if when.kind == "instant":
        if flags and "has_date" not in flags:
            local = when.start.astimezone(OFFICE)
            moved = datetime.combine(old.date(), local.time(), OFFICE)
            return moved if moved > turn.now else when.start
        return when.start
    if when.kind == "range" and "has_clock" in flags:
        return when.start
    if when.kind == "date":
        return datetime.combine(when.start.astimezone(OFFICE).date(), old.time(), OFFICE)
    return None


def _ahead(turn: Turn, slot: Slot) -> Slot:
    if slot.start < turn.now:
        raise Refusal(f"{_views.moment(slot.start)} 已经过去了，没有改动", "请告诉我新的时间，例如：改到明天下午3点。")
    return slot


def ask_when(turn: Turn, visit: Visit, when: When | None = None) -> Reply:
    """Which clock? With free times on the day or in the part of day that was said."""
    said = turn.said.with_slots(visit_id=visit.id, new_time=turn.said.slots.get("new_time"), draft=None)
    draft = turn.ask(said, "time")
    shown = _plan.Plan("move", visit.customer, visit.rep, visit.start.isoformat(), visit.end.isoformat(), visit.participants,
                       visit.id, visit.version, visit.mode)  # fmt: skip
    checked = _plan.check(turn, shown)
    slots = _within(turn, visit, when, checked) if when is not None and when.start is not None else []
    slots = slots or conflicts.alternatives(checked.wish, checked.facts, turn.rules, turn.now)
    buttons = tuple(
        Button(_views.moment(s.start), says.write("draft.fill", draft=draft.id, start=s.start.isoformat())) for s in slots[:3]
    )
    now = Text(f"现在是 {_views.span(visit.slot)}，还没有改动。")
    return Reply(Card(f"{_views.label(turn, visit)}改到几点？", (now,), buttons), subject=f"draft:{draft.id}")


def _within(turn: Turn, visit: Visit, when: When, checked: _plan.Checked) -> list[Slot]:
    """Free slots in the part of day that was said; without a day in the words it is the visit's own day (挪到下午)."""
    rules, begin, end = turn.rules, when.start or turn.now, when.end
    day = begin.astimezone(OFFICE).date() if "has_date" in _flags(turn) else visit.start.astimezone(OFFICE).date()
    if end is None or end - begin > timedelta(days=1):
        begin, end = datetime.combine(day, rules.work_start, OFFICE), datetime.combine(day, rules.work_end, OFFICE)
    first = datetime.combine(day, max(begin.astimezone(OFFICE).time(), rules.work_start), OFFICE)
    last = min(first + (end - begin), datetime.combine(day, rules.work_end, OFFICE))
    return _ask_time.spread(_ask_time.clear_on(turn, checked.wish, checked.facts, first, last))


def swap(ask: Reschedule, turn: Turn) -> Reply:
    """Two visits change places (17): a preview, and nothing final before one confirmation."""
    customers = _who.candidates(turn, ask.customer, ask.customer_id) or _named(turn, ask)
    first = _who.find_visits(turn, ask.time, customers[:1])
    second = _who.find_visits(turn, ask.new_time, customers[1:2])
    if len(first) != 1 or len(second) != 1 or first[0].id == second[0].id:
        return _who.nothing_found(turn, "可以对调的两次拜访（两边各要正好一次）")
    a, b = first[0], second[0]
    check_visit(turn, a)
    check_visit(turn, b)
    rows = tuple((_views.label(turn, v), f"{_views.span(v.slot)} → {_views.moment(w.start)}") for v, w in ((a, b), (b, a)))
    buttons = (
        Button("确认", says.write("visit.swap", first=a.id, second=b.id, versions=f"{a.version},{b.version}"), "primary"),
        Button("算了", says.write("draft.drop")),
    )
    note = Text("两家客户都要同意这个时间；确认后两次都改为新时间。")
    return Reply(Card("要对调这两次拜访吗？还没有改动", (Facts(rows), note), buttons, Tone.WARN))


def _named(turn: Turn, ask: Reschedule) -> list[Customer]:
    """把铭泰和华岳对调: the two customers by name, when each name means one."""
    found = [turn.tx.customers.get(ids[0]) for name in ask.customers if len(ids := turn.named(name)) == 1]
    return [c for c in found if c is not None]


@dataclass(frozen=True, slots=True)
class Swap:
    """A confirmed exchange of two visits' times."""

    first: str = ""
    second: str = ""
    versions: str = ""


@command("visit.swap", Swap, intent="dialog.confirm")
def do_swap(ask: Swap, turn: Turn) -> Reply:
    """Both moves are checked as they will stand afterwards, then written together."""
    a, b = turn.tx.visits.get(ask.first), turn.tx.visits.get(ask.second)
    if a is None or b is None or f"{a.version},{b.version}" != ask.versions:
        raise Stale("这两次拜访刚刚有变动，没有对调", "请再说一次。")
    check_visit(turn, a)
    check_visit(turn, b)
    parked = turn.tx.visits.save(replace(b, status="cancelled"), b.version, at=turn.now, by=turn.me.id, why="swap")
    if parked is None:
        raise Refusal("这两次拜访暂时不能对调，没有改动")
    lines = []
    for visit, other in ((a, b), (parked, a)):
        slot = Slot(other.start, other.start + (visit.end - visit.start))
        plan = _plan.Plan("move", visit.customer, visit.rep, slot.start.isoformat(), slot.end.isoformat(), visit.participants,
                          visit.id, visit.version, visit.mode, visit.purpose, visit.contact, visit.location)  # fmt: skip
        checked = _plan.check(turn, plan)
        if checked.verdict.hard:
            raise Refusal("对调后会撞单，没有改动", *_plan.describe(turn, checked))
        fresh = turn.tx.visits.get(visit.id)
        if fresh is not None and fresh.status == "cancelled":
            revived = replace(fresh, status=b.status, start=slot.start, end=slot.end)
            saved = turn.tx.visits.save(revived, fresh.version, at=turn.now, by=turn.me.id, why="swap")
            if saved is None:
                raise Refusal("对调后会撞单，没有改动")
            _after.moved(turn, b, saved, checked.customer)
        else:
            saved = _plan.carry_out(turn, checked)
        lines.append(_views.visit_line(turn, saved, with_day=True))
    return Reply(Card("已改期：两次拜访已经对调", (Items(tuple(lines)), Text("请分别和两家客户确认新的时间。")), tone=Tone.DONE))
