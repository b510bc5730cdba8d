"""Follow-ups: four fields, a channel, a next step; and what one on somebody else's customer means."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import says
from bot.cards import Block, Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain import cadence, spoken
from domain.follow import CHANNEL_WORDS, Followup, Task
from domain.model import OFFICE, Customer
from handlers import _life, _tasks, _views
from nlp.said import Said

SKIP_REASONS = ("客户暂无需求", "等客户回复", "已转他人跟进")
NEXT_CHOICES = ("三天后再联系", "下周约拜访")


@dataclass(frozen=True, slots=True)
class Heard:
    """A contact as told, before it is kept."""

    content: str
    channel: str
    contact: str
    at: datetime
    next: str = ""
    due: datetime | None = None
    skip: str = ""


def followup_json(f: Followup) -> dict[str, object]:
    """`data.followup` of contract.md section 7."""
    return {
        "id": f.id,
        "customer": f.customer,
        "by": f.by,
        "at": f.at.astimezone(OFFICE).isoformat(),
        "channel": f.channel,
        "content": f.content,
        "result": f.result,
        "next": f.next,
        "next_due": f.next_due.astimezone(OFFICE).isoformat() if f.next_due else None,
        "valid": f.valid,
        "state": f.state,
        "status": "待裁定" if f.state == "disputed" else f.state,
    }


def invalid_channels(turn: Turn) -> frozenset[str]:
    """The channels the company does not count (R71)."""
    value = turn.tx.settings.company("invalid_channels")
    return frozenset(str(x) for x in value) if isinstance(value, list) else frozenset()


def followers(turn: Turn, customer: Customer) -> frozenset[str]:
    """Who may follow up without a dispute: owner, co-owners and their managers upwards."""
    people = [p for p in (customer.owner, *customer.co_owners) if p]
    return frozenset(people) | frozenset(m for p in people for m in _views.managers(turn, p))


def disputed(turn: Turn, customer: Customer) -> bool:
    """On somebody else's customer it is kept as 待裁定; nobody is passed over in the pool."""
    return customer.owner is not None and turn.me.id not in followers(turn, customer)


def keep(turn: Turn, customer: Customer, heard: Heard) -> Reply:
    """Save a follow-up with its event, its task, the letters it calls for and an undo."""
    result = spoken.feedback(heard.content)
    valid = spoken.counts(heard.channel, heard.content, result, invalid_channels(turn))
    state = "disputed" if disputed(turn, customer) else "standing"
    new = Followup(
        "", customer.id, turn.me.id, heard.at, heard.channel, heard.content, result, heard.next, heard.due, valid, state,
        heard.contact, "", heard.skip,
    )  # fmt: skip
    saved = turn.tx.followups.add(new)
    turn.event("followup.added", followup=followup_json(saved))
    before = _life.last_contact(turn, customer.id)
    fresh = _life.contacted(turn, customer.id, saved.at) if saved.counts else customer
    tasks = []
    if saved.next and saved.next_due:
        kind = "promise" if spoken.promised(saved.next) else "next_step"
        who = _tasks.assignee_in(turn, saved.next) or turn.me.id
        tasks = [_tasks.create(turn, Task("", saved.next, who, saved.next_due, customer.id, "", kind, by=turn.me.id))]
    turn.did("followup.added", followup=saved.id, tasks=[t.id for t in tasks], contact=before)
    _tell(turn, customer, saved)
    _life.check_collision(turn, customer.id)
    return _card(turn, fresh or customer, saved)


def _tell(turn: Turn, customer: Customer, f: Followup) -> None:
    """The owner hears of somebody else's contact; when it is in dispute his manager too, at once."""
    if customer.owner is None or customer.owner == turn.me.id:
        return
    rows = Facts((("时间", _views.moment(f.at)), ("方式", CHANNEL_WORDS[f.channel]), ("结果", f.result or f.content[:40])))
    name = customer.short
    if f.state != "disputed":
        turn.tell(customer.owner, Card(f"{turn.me.name}跟进了您的客户{name}", (rows,)), subject=f"followup:{f.id}")
        return
    title = f"待裁定：{turn.me.name}跟进了{_views.name(turn, customer.owner)}的客户{name}"
    text = Text("这条记录先不计入跟进，由主管裁定是否有效。")
    turn.tell(customer.owner, Card(title, (rows, text), (), Tone.WARN), subject=f"followup:{f.id}")
    buttons = (
        Button("同意（算有效）", says.write("followup.settle", id=f.id, yes=True), "primary"),
        Button("驳回（不算）", says.write("followup.settle", id=f.id)),
    )
    for boss in turn.tx.people.managers_above(customer.owner)[:1]:
        if boss.id != turn.me.id:
            turn.tell(boss.id, Card(title, (rows, text), buttons, Tone.WARN), subject=f"followup:{f.id}")


def _card(turn: Turn, customer: Customer, f: Followup) -> Reply:
    """The four fields as they were understood (R70)."""
    due = f"（{_tasks.due_words(f.next_due)}）" if f.next_due else ""
    rows = [
        ("时间", _views.moment(f.at)),
        ("方式", CHANNEL_WORDS[f.channel]),
        ("联系人", f.contact),
        ("主要内容", f.content),
        ("客户反馈", f.result),
        ("下步计划", f"{f.next}{due}" if f.next else f"无（{f.skip}）" if f.skip else ""),
    ]
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v))]
    if f.state == "disputed":
        who = _views.name(turn, customer.owner)
        blocks.append(Text(f"{customer.short}的负责人是{who}：这条记录待裁定，已告知{who}和主管，裁定前不计入跟进。"))
    elif not f.valid:
        blocks.append(Text("没有联系上或只是问候，不算有效跟进，不会重置跟进周期。"))
    else:
        until = cadence.next_contact(customer, turn.rules)
        if until is not None:
            blocks.append(Text(f"下次跟进请在 {_views.day(until)} 前。"))
    buttons = (Button("撤销", says.write("dialog.undo")), Button("约拜访", says.write("visit.book", customer_id=customer.id)))
    word = "已记录跟进（待裁定）" if f.state == "disputed" else "已记录跟进"
    card = Card(f"{word}：{customer.short}", tuple(blocks), buttons, Tone.WARN if f.state == "disputed" else Tone.DONE)
    if turn.group and len(turn.readers) > 1:
        short = Card(f"{word}：{_group_name(turn, customer)}", (Text("内容已私信您。"),), (), card.tone)
        return Reply(short, private=card, subject=f"followup:{f.id}")
    return Reply(card, subject=f"followup:{f.id}")


def _group_name(turn: Turn, customer: Customer) -> str:
    inside = followers(turn, customer)
    return customer.short if not customer.locked or all(r.id in inside for r in turn.readers) else "客户"


def ask_next(turn: Turn, said: Said, customer: Customer) -> Reply:
    """The next step first: nothing is saved until it is told or left out with a reason (R69)."""
    accepts = ["task.add", "visit.book", "followup.add", "report.file", "dialog.correct", "reminder.set", "visit.reschedule"]
    draft = turn.ask(said.with_slots(draft=None, customer_id=customer.id), "words", 24 * 60, field="next", accepts=accepts)
    buttons = [Button(c, says.write("followup.next", draft=draft.id, words=c)) for c in NEXT_CHOICES]
    buttons.append(Button("跳过", says.write("followup.next", draft=draft.id, skip=True)))
    text = Text("直接回复即可，例如：下周三前把报价发给王总。")
    return Reply(
        Card(f"{customer.short}的下一步是什么？还没保存", (text,), tuple(buttons), Tone.WARN), subject=f"draft:{draft.id}"
    )


def ask_reason(turn: Turn, said: Said) -> Reply:
    """跳过 needs a reason, in one word."""
    draft = turn.ask(said, "words", 24 * 60, field="skip", accepts=["report.file", "followup.add"])
    buttons = tuple(Button(r, says.write("followup.next", draft=draft.id, reason=r)) for r in SKIP_REASONS)
    return Reply(Card("为什么先不定下一步？还没保存", (Text("一个词就行。"),), buttons), subject=f"draft:{draft.id}")


def settled(turn: Turn, followup: Followup, valid: bool) -> Followup:
    """A verdict on a 待裁定."""
    new = replace(followup, state="standing" if valid else "void")
    turn.tx.followups.save(new)
    turn.event("followup.settled", followup=followup_json(new), by=turn.me.id)
    if new.counts:
        _life.contacted(turn, new.customer, new.at)
    return new
