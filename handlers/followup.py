"""跟进：一句话记一次联系，下一步必填（可跳过但要说原因）；别人的客户先待裁定。"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Text, Tone
from bot.command import Reply, Turn, command
from domain import spoken
from domain.follow import CHANNELS
from domain.model import Customer, When
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from handlers import _followups, _reports, _tasks, _team, _views, _who
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Add:
    """The slots of a follow-up; `next` and `skip` are answers, `channel` comes from a button."""

    customer: str | None = None
    customer_id: str | None = None
    contact: str = ""
    content: str = ""
    next_step: object | None = None
    time: When | None = None
    channel: str = ""
    next: str = ""
    skip: str = ""
    draft: str = ""


@command("followup.add", Add, group="跟进", example="跟蓝海王总打了电话，报价下周给")
def add(ask: Add, turn: Turn) -> Reply:
    """Keep a contact: content, feedback, next step; the next step is asked for when it was not said."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if not ask.draft:
        ask = replace(ask, content=_team.raw(turn, ask.content))
    said = turn.said.with_slots(draft=None, content=ask.content or None)
    if ask.next and _reports.polite(ask.next):
        return Reply(Card("好的，还没保存，想好下一步再告诉我"))
    customer = pick(turn, ask, said)
    if isinstance(customer, Reply):
        return customer
    heard = hear(turn, ask)
    if not heard.next and not heard.skip:
        return _followups.ask_next(turn, said, customer)
    return _followups.keep(turn, customer, heard)


def pick(turn: Turn, ask: Add, said: Said) -> Customer | Reply:
    """The customer meant, or the question."""
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if not found and not ask.customer:
        found = _team.by_contact(turn, ask.contact)
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        return _who.which_customer(turn, found, said, "记给")
    draft = turn.ask(said, "customer")
    if ask.customer:
        buttons = (
            Button(
                f"新建「{ask.customer[:10]}」", says.write("customer.create", customer=ask.customer, after=draft.id), "primary"
            ),
            Button("算了", says.write("draft.drop", draft=draft.id)),
        )
        text = Text("可以先新建这位客户，或直接回复正确的名称。")
        return Reply(Card(f"没有找到客户「{ask.customer}」，还没保存", (text,), buttons, Tone.WARN), subject=f"draft:{draft.id}")
    return Reply(Card("跟进的是哪家客户？", (Text("直接回复客户名称即可，内容已经记下。"),)), subject=f"draft:{draft.id}")


def hear(turn: Turn, ask: Add) -> _followups.Heard:
    """The parser's slots first; the words fill what they leave open."""
    text = ask.content
    steps = _reports.next_steps(turn, ask.next_step, text)
    words, due = "", None
    if ask.next:
        words, due = ask.next, _tasks.due_of(None, ask.next, turn.now)
    elif steps:
        words = "；".join(str(s["text"]) for s in steps)
        dues = [datetime.fromisoformat(str(s["due"])) for s in steps if s.get("due")]
        due = min(dues, default=None)
    channel = ask.channel if ask.channel in CHANNELS else spoken.channel(text)
    return _followups.Heard(text, channel, ask.contact, moment_of(turn, ask.time), words, due, ask.skip)


def moment_of(turn: Turn, when: When | None) -> datetime:
    """When the contact was: a moment or day said in the past, else now."""
    if when is None or when.start is None or when.start >= turn.now:
        return turn.now
    if when.kind == "instant":
        return when.start
    if when.end is not None and when.end > turn.now:
        return turn.now
    return when.start.replace(hour=12) if when.kind == "date" else when.start


@dataclass(frozen=True, slots=True)
class Next:
    """A tap on the question for the next step: words, 跳过, or the reason for it."""

    draft: str = ""
    words: str = ""
    reason: str = ""
    skip: bool = False


@command("followup.next", Next, intent="dialog.choose")
def next_step(ask: Next, turn: Turn) -> Reply:
    """Go on with the follow-up that waits."""
    draft = turn.take_draft(ask.draft)
    hints = draft.ask.get("hints")
    base = Said("followup.add", dict(_who.slots_of(draft.ask)), hints=dict(hints) if isinstance(hints, dict) else {})
    if ask.skip:
        return _followups.ask_reason(turn, base)
    answer = {"skip": ask.reason} if ask.reason else {"next": ask.words}
    turn.said = replace(base.with_slots(**answer), text=str(base.slots.get("content") or ""))
    slots = turn.said.slots
    found = turn.tx.customers.get(str(slots.get("customer_id")))
    if found is None:
        raise Refusal("这位客户已经不在系统里")
    known = Add(
        customer_id=found.id, contact=str(slots.get("contact") or ""), content=str(slots.get("content") or ""),
        next_step=slots.get("next_step"), channel=str(slots.get("channel") or ""),
        next=str(slots.get("next") or ""), skip=str(slots.get("skip") or ""),
    )  # fmt: skip
    return _followups.keep(turn, found, hear(turn, known))


@dataclass(frozen=True, slots=True)
class Settle:
    """The owner's manager's word on a follow-up in dispute."""

    id: str = ""
    yes: bool = False


@command("followup.settle", Settle, intent="approval.approve")
def settle(ask: Settle, turn: Turn) -> Reply:
    """A 待裁定 is settled by the owner's manager (contract.md section 7b); both sides are told."""
    f = turn.tx.followups.get(ask.id)
    customer = turn.tx.customers.get(f.customer) if f else None
    if f is None or customer is None:
        raise NotFound("这条跟进已经找不到了")
    chain = _views.managers(turn, customer.owner) if customer.owner else frozenset()
    if turn.me.id not in chain and turn.me.role not in ("director", "admin"):
        raise NotAllowed("无权：待裁定的跟进由负责人的主管裁定", action="followup.settle", obj=f.id)
    if f.state != "disputed":
        raise Stale("这条跟进已经裁定过了，没有重复操作")
    new = _followups.settled(turn, f, ask.yes)
    word = "有效" if new.counts or ask.yes else "不算"
    title = f"跟进裁定：{customer.short} {_views.moment(f.at)} {_views.name(turn, f.by)}的跟进{word}"
    for person in dict.fromkeys(p for p in (f.by, customer.owner) if p and p != turn.me.id):
        turn.tell(person, Card(title, tone=Tone.DONE), subject=f"followup:{f.id}")
    return Reply(
        Card(f"已裁定{word}：{customer.short} {_views.name(turn, f.by)}的跟进", tone=Tone.DONE), subject=f"followup:{f.id}"
    )
