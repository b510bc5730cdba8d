"""撞单裁定：双方记录、建议和依据；裁定一位负责人，其他人停止联系；记下原因。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.desk import Approval
from domain.model import Customer
from domain.permissions import Layer, layer
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from handlers import _approvals, _evidence, _owners, _proof, _verdict, _views, _who


@dataclass(frozen=True, slots=True)
class Fight:
    """Which customer; `people` are the others named; `content` is the words."""

    customer: str | None = None
    customer_id: str | None = None
    people: tuple[str, ...] = ()
    content: str = ""
    draft: str = ""


@command("owner.dispute", Fight, group="归属", example="蓝海是我先跟的，申请裁定")
def dispute(ask: Fight, turn: Turn) -> Reply:
    """The facts of both sides go to the owner's manager; the customer stays with its owner until then (R58)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    said = turn.said.with_slots(draft=None)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, said, "裁定")
    if not found:
        raise NotFound(f"没有找到客户「{ask.customer}」，没有改动" if ask.customer else "是哪家客户？请说出客户名称")
    c = found[0]
    if c.awaiting:
        return Reply(Card(f"{c.short}正在由主管审核归属，不用另外申请裁定，没有改动"))
    if c.owner is None:
        button = Button("认领", says.write("owner.claim", customer_id=c.id), "primary")
        return Reply(Card(f"{c.short}在公海，可以直接认领", (), (button,)))
    named = _who.people(turn, ask.people, said) if ask.people else []
    if isinstance(named, Reply):
        return named
    others = [m.id for m in named] or _evidence.rivals(turn, c, turn.me.id)
    if _owners.leads(turn, c) and turn.me.id != c.owner:
        return rule(turn, c, [p for p in dict.fromkeys((c.owner, *others)) if p != turn.me.id])
    against = c.owner if c.owner != turn.me.id else next(iter(others), "")
    if not against:
        lines = () if turn.group else (Items(tuple(_evidence.timeline(turn, c, [turn.me.id]))),)
        return Reply(Card(f"{c.short}的负责人就是您，没有发现其他人跟进，不需要裁定", lines))
    if any(a.by == turn.me.id for a in _owners.pending_about(turn, c.id, ("dispute",))):
        return Reply(Card(f"您已经为{c.short}申请过裁定，没有重复提交"))
    if (open_ := other_side(turn, c, against)) is not None:
        return answer(turn, c, open_, ask.content or turn.said.text)
    return file(turn, c, against, ask.content)


def other_side(turn: Turn, c: Customer, against: str) -> Approval | None:
    """The request that the other one has filed against the asker already: one quarrel, one verdict."""
    waiting = _owners.pending_about(turn, c.id, ("dispute",))
    return next((a for a in waiting if a.by == against and a.subject.get("against") == turn.me.id), None)


def answer(turn: Turn, c: Customer, open_: Approval, words: str) -> Reply:
    """The accused's own words go to who decides, with the same buttons."""
    title = f"{turn.me.name}对{c.short}撞单裁定的说明"
    lines = Items((words, *_evidence.sides(turn, c, [open_.by, turn.me.id])))
    _proof.send(turn, open_, Card(title, (lines,), _approvals.ways(turn, open_), Tone.WARN))
    boss = _views.names(turn, open_.approvers)
    return Reply(Card(f"{c.short}已经有一个裁定在等{boss}，您的说明已补给主管", (Text("没有重复提交；结果会通知您。"),)))


def file(turn: Turn, c: Customer, against: str, words: str) -> Reply:
    """The request with timeline, evidence and a suggestion; proof may follow."""
    both = [turn.me.id, against]
    who, why = _evidence.suggested(turn, c, both)
    rows = [("客户", c.name), ("现负责人", _views.name(turn, c.owner))]
    rows += [("事实", line) for line in _evidence.sides(turn, c, both)]
    rows += [("经过", line) for line in _evidence.timeline(turn, c, both)]
    rows.append(("建议", f"归{_views.name(turn, who)}：{why}"))
    approvers = _approvals.approvers_for(turn, "dispute", turn.me.id, c)
    title = f"撞单裁定：{c.short}，{turn.me.name}和{_views.name(turn, against)}"
    subject = {"customer": c.id, "to": turn.me.id, "against": against}
    filed = _approvals.request(turn, "dispute", approvers, subject, title, rows, words)
    boss = _views.names(turn, filed.approvers)
    other = Card(
        f"{turn.me.name}为{c.short}申请了撞单裁定",
        (
            Items(tuple(_evidence.sides(turn, c, seen_by(turn, c, against, both)))),
            Text(f"由{boss}裁定；在此之前客户由现负责人联系。"),
        ),
    )
    turn.tell(against, other, subject=f"approval:{filed.id}:other")
    draft = _proof.ask(turn, filed.id)
    lines = Items(tuple(_evidence.sides(turn, c, seen_by(turn, c, turn.me.id, both))))
    text = Text("裁定前仍由现负责人联系客户。有聊天记录、照片等依据，可以直接回复或发图，会补给主管。")
    buttons = (Button("跳过", says.write("draft.drop", draft=draft.id)),)
    title = f"已提交撞单裁定，等{boss}处理"
    if turn.group:  # who was in touch when is not for every group
        return Reply(Card(title, (text,), buttons), Card(title, (lines,)), subject=f"draft:{draft.id}")
    return Reply(Card(title, (lines, text), buttons), subject=f"draft:{draft.id}")


def seen_by(turn: Turn, c: Customer, reader: str, both: list[str]) -> list[str]:
    """Whose facts a side may see: both inside the owner's department, else his own (contract.md 7b "Who sees what")."""
    who = turn.tx.people.get(reader)
    owner = turn.tx.people.get(c.owner) if c.owner else None
    seen = who is not None and layer(who, c, owner, _owners.customer_chain(turn, c)) >= Layer.TEAM
    return both if seen else [reader]


def rule(turn: Turn, c: Customer, people: list[str]) -> Reply:
    """A manager decides himself: the facts, the suggestion, and one button for each rep (a verdict asks once)."""
    who, why = _evidence.suggested(turn, c, people)
    blocks: list[Block] = [
        Items(tuple(_evidence.sides(turn, c, people))),
        Facts((("建议", f"归{_views.name(turn, who)}：{why}"),)),
        Text("确认后其他人在这家客户的拜访会取消，只能查看。"),
    ]
    waiting = _owners.pending_about(turn, c.id, ("dispute",))
    draft = turn.ask(turn.said.with_slots(draft=None), "", customer=c.id, people=people, approvals=[a.id for a in waiting])
    buttons = tuple(
        Button(
            f"确认归{_views.name(turn, p)}",
            says.write("owner.verdict", draft=draft.id, to=p),
            "primary" if p == who else "default",
        )
        for p in people[:4]
    )
    last = Button("算了", says.write("draft.drop", draft=draft.id))
    card = Card(f"{c.short}归谁？现在还没有改动", tuple(blocks), (*buttons, last), Tone.WARN)
    if turn.group:
        return Reply(Card(f"{c.short}的裁定已私信您，现在还没有改动"), card, subject=f"draft:{draft.id}")
    return Reply(card, subject=f"draft:{draft.id}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one named by a manager's button."""

    draft: str = ""
    to: str = ""


@command("owner.verdict", Verdict, intent="owner.dispute")
def verdict(ask: Verdict, turn: Turn) -> Reply:
    """Recorded and applied in one step."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的裁定，没有任何改动", action="owner.verdict", obj=ask.draft)
    c, winner = turn.tx.customers.get(str(draft.data["customer"])), turn.tx.people.get(ask.to)
    people = [str(p) for p in draft.data["people"]]  # type: ignore[attr-defined]
    if c is None or winner is None or winner.id not in people:
        raise Refusal("客户或同事已经有变动，没有裁定")
    if not _owners.leads(turn, c):
        raise NotAllowed(f"无权：{c.short}不由您裁定", action="owner.verdict", obj=c.id)
    if not turn.tx.talk.close(draft.id, "done"):
        raise Stale("这张卡片已经处理过了，没有重复操作")
    why = _evidence.suggested(turn, c, people)[1]
    saved = _verdict.give(turn, c, winner, people, why)
    for id_ in draft.data["approvals"]:  # type: ignore[attr-defined]
        turn.tx.approvals.decide(str(id_), "withdrawn", turn.me.id, turn.now, "已裁定")
    return done(turn, saved)


def done(turn: Turn, c: Customer) -> Reply:
    """The result, and the question for the cause."""
    text = Text("双方都已通知，其他人的拜访和提醒已取消。这次撞单的原因是？")
    title = f"已裁定：{c.short}由{_views.name(turn, c.owner)}负责"
    return Reply(Card(title, (text,), _verdict.cause_buttons(c), Tone.DONE), subject=f"customer:{c.id}")


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a collision; "" = left open."""

    customer_id: str = ""
    cause: str = ""


@command("owner.cause", Cause, intent="owner.dispute")
def cause(ask: Cause, turn: Turn) -> Reply:
    """Kept with the customer's last verdict for the quarterly review (R63)."""
    c = turn.tx.customers.get(ask.customer_id)
    notes = c.extra.get("verdicts") if c else None
    if c is None or not isinstance(notes, list) or not notes:
        raise Stale("没有找到这次裁定，没有任何改动")
    if notes[-1].get("by") != turn.me.id and not _owners.leads(turn, c):
        raise NotAllowed("无权：只有裁定的主管可以记录原因", action="owner.cause", obj=c.id)
    if not ask.cause:
        return Reply(Card("好的，原因先不记"))
    if notes[-1].get("cause"):
        raise Stale("原因已经记过了，没有重复操作")
    extra = {**c.extra, "verdicts": [*notes[:-1], {**notes[-1], "cause": ask.cause}]}
    saved = turn.tx.customers.put(replace(c, extra=extra))
    turn.event("verdict.cause", customer=_views.customer_json(saved), cause=ask.cause)
    return Reply(Card(f"已记录原因：{ask.cause}", tone=Tone.DONE))
