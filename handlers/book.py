"""预约拜访：一句话约好，先查所有日程和客户归属再保存。"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command, read_when
from domain import conflicts
from domain.model import OFFICE, Customer, Member, Slot, Visit, When
from domain.refusal import Refusal
from handlers import _ask_time, _plan, _series, _slots, _views, _who
from handlers._rights import check_visit
from nlp.said import Said
from nlp.times import find


@dataclass(frozen=True, slots=True)
class Book:
    """The slots of a booking; `draft` is the question it answers, ids come from buttons."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    duration_min: int | None = None
    people: tuple[str, ...] = ()
    purpose: str = ""
    mode: str = ""
    contact: str = ""
    location: str = ""
    source: str = ""
    content: str = ""
    draft: str = ""
    second: bool = False
    """The person wants a second visit although one like it exists."""


@command("visit.book", Book, group="拜访", example="明天下午3点拜访宏远，聊报价")
def book(ask: Book, turn: Turn) -> Reply:
    """Check, ask for the one thing that is missing, or save."""
    clash = ""
    if ask.draft:
        draft = turn.tx.talk.get(ask.draft)
        clash = str(draft.data.get("clash") or "") if draft else ""
        turn.tx.talk.close(ask.draft, "done")
    if "part" not in turn.said.hints and (part := re.search("[上下]午", turn.said.text)):
        turn.said = replace(turn.said, hints={**turn.said.hints, "part": part[0]})  # outlives a question in between
    said = turn.said.with_slots(draft=None)
    customer = pick_customer(turn, ask, said)
    if isinstance(customer, Reply):
        return customer
    people = _who.people(turn, ask.people, said)
    if isinstance(people, Reply):
        return people
    if "time" in turn.said.ambiguous:
        return ask_which_day(turn, said)
    if ask.time is not None and ask.time.kind == "recurrence":
        return _series.preview(turn, ask, said, customer, people)
    slot = _slots.slot_of(turn, ask)
    if slot is None:
        minutes = ask.duration_min or turn.rules.default_visit_min
        return _ask_time.ask_time(turn, said, customer, people, minutes, ask.time, ask.mode, ask.purpose)
    return book_at(turn, ask, said, customer, people, slot, clash)


def pick_customer(turn: Turn, ask: Book, said: Said) -> Customer | Reply:
    """The one customer meant, or the question."""
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        return _who.which_customer(turn, found, said, "约")
    if not ask.customer:
        draft = turn.ask(said, "customer")
        return Reply(Card("拜访哪家客户？", (Text("直接回复客户名称即可，时间等已经记下。"),)), subject=f"draft:{draft.id}")
    return unknown_customer(turn, ask.customer, said)


def unknown_customer(turn: Turn, name: str, said: Said) -> Reply:
    """A name the book does not know: create it on the way, or say it differently."""
    draft = turn.ask(said, "customer")
    buttons = (
        Button(f"新建「{name[:10]}」", says.write("customer.create", customer=name, after=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    text = Text("可以先新建这位客户，或者直接回复正确的名称。")
    return Reply(Card(f"没有找到客户「{name}」，还没保存", (text,), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def ask_which_day(turn: Turn, said: Said) -> Reply:
    """Weekday and date disagree: both readings are offered, none is guessed (D12)."""
    choices = readings(turn)
    draft = turn.ask(said, "time")
    buttons = tuple(Button(_views.moment(t), says.write("draft.fill", draft=draft.id, start=t.isoformat())) for t in choices[:4])
    days = "，还是 ".join(_views.day(t) for t in choices) or "哪一天"
    return Reply(
        Card(f"星期和日期对不上，还没保存：是 {days}？", (Text("回复日期即可，其他内容已经记下。"),), buttons, Tone.WARN),
        subject=f"draft:{draft.id}",
    )


def readings(turn: Turn) -> list[datetime]:
    """The date as said, and the weekday as said: with the clock that was said, or at the start of work."""
    time = turn.said.slots.get("time")
    when = read_when(time) if time else None
    base = when.start if when and when.start else turn.now
    clock = base.astimezone(OFFICE).time() if when and when.kind == "instant" else turn.rules.work_start
    word = re.search(r"(?:下*|这|本)?(?:周|星期|礼拜)[一二三四五六日天]", turn.said.text)
    spans = find(word[0], turn.now) if word else []
    days = [base, *(s.start for s in spans if s.start is not None)]
    return list(dict.fromkeys(datetime.combine(d.astimezone(OFFICE).date(), clock, OFFICE) for d in days))


def book_at(turn: Turn, ask: Book, said: Said, customer: Customer, people: list[Member], slot: Slot, clash: str = "") -> Reply:
    """Everything is known: the same visit again is shown, a pool customer is claimed first, anything else is checked and saved.

    `clash`: the conflict whose question was answered with other words (那就四点吧); it ends with this booking.
    """
    same = _same_visit(turn, customer, slot)
    if same is not None and not ask.second:
        return _already(turn, same, customer, said)
    if customer.owner is None and customer.status == "pool":
        return claim_first(turn, said, customer, slot)
    if customer.grade == "C" and customer.owner not in (None, turn.me.id) and people and turn.me.id != customer.owner:
        turn.because("C 类客户不安排协同（R114）")
    plan = _plan.Plan(
        "book", customer.id, turn.me.id, slot.start.isoformat(), slot.end.isoformat(), tuple(p.id for p in people),
        mode=ask.mode or "onsite", purpose=ask.purpose, contact=ask.contact, location=ask.location,
        source=ask.source or ("chat" if not ask.content else "forwarded"),
    )  # fmt: skip
    return _plan.attempt(turn, plan, how="alternative" if clash else "", clash=clash)


def _same_visit(turn: Turn, customer: Customer, slot: Slot) -> Visit | None:
    there = turn.tx.visits.starting(customer.id, slot.start)
    return next((v for v in there if turn.me.id in v.people), None)


def _already(turn: Turn, visit: Visit, customer: Customer, said: Said) -> Reply:
    """The very visit stands already: no second row (sentence 2)."""
    turn.tx.talk.note(turn.me.id, "visit", visit.id)
    buttons = (
        Button("改时间", says.write("visit.retime", visit=visit.id)),
        Button("改目的", says.write("visit.reword", visit=visit.id, field="purpose")),
        Button("改时长", says.write("visit.reword", visit=visit.id, field="duration_min")),
        Button("取消这次", says.write("visit.cancel", visit_id=visit.id)),
    )
    title = f"已经约过了：{_views.span(visit.slot)} 拜访{_views.label(turn, visit, customer)}"
    return Reply(
        Card(title, (Facts(_views.visit_rows(turn, visit, customer)), Text("没有重复保存。")), buttons),
        subject=f"visit:{visit.id}",
    )


def claim_first(turn: Turn, said: Said, customer: Customer, slot: Slot) -> Reply:
    """A visit to a 公海 customer asks for the claim first (contract.md section 7b)."""
    draft = turn.ask(said.with_slots(customer=customer.short), "claim", customer=customer.id)
    buttons = (
        Button("认领并预约", says.write("owner.claim", customer_id=customer.id, after=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    rows = (("想约", f"{_views.span(slot)} {customer.short}"),)
    text = Text("公海客户要先认领，认领后这次拜访随即保存。")
    return Reply(Card(f"还没保存：{customer.short}在公海，先认领吗？", (Facts(rows), text), buttons, Tone.WARN))


@dataclass(frozen=True, slots=True)
class Retime:
    """改时间 on a card: ask for the new time of this visit."""

    visit: str = ""


@command("visit.retime", Retime, intent="visit.reschedule")
def retime(ask: Retime, turn: Turn) -> Reply:
    """Open the question 改到什么时候."""
    visit = _who.visit_for(turn, ask.visit, None, (), turn.said, "改期")
    if isinstance(visit, Reply):
        return visit
    check_visit(turn, visit)
    said = Said("visit.reschedule", {"visit_id": visit.id})
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        raise Refusal("这位客户已经不在系统里")
    draft = turn.ask(said, "time")
    wish = conflicts.Wish(customer, turn.me, visit.slot, visit.mode, (), visit.id, visit.line)
    slots = conflicts.alternatives(wish, _plan.load_facts(turn, wish), turn.rules, turn.now)
    buttons = tuple(
        Button(_views.moment(s.start), says.write("draft.fill", draft=draft.id, start=s.start.isoformat())) for s in slots[:3]
    )
    now = f"现在是 {_views.span(visit.slot)}，直接回复新的时间，例如：改到四点。"
    return Reply(Card(f"{_views.label(turn, visit)}改到什么时候？", (Text(now),), buttons), subject=f"draft:{draft.id}")
