"""Proof behind a request that waits: words or a picture, asked for once, sent to who decides (R57, R58)."""

from collections.abc import Sequence

from bot.cards import Card, Text, Tone
from bot.command import Reply, Turn
from domain.desk import Approval, Draft
from domain.refusal import NotAllowed, Stale
from handlers import _approvals
from nlp.said import Said

MINUTES = 30
"""How long the next words may be the proof that was asked for."""
_SOUNDS_LIKE = ["followup.add", "report.file", "task.add"]
"""What such words may be taken for when they name no customer: 冯经理，有聊天记录."""


def ask(turn: Turn, approval: str) -> Draft:
    """Open the question."""
    said = Said("owner.proof", {"id": approval})
    return turn.ask(said, "words", MINUTES, field="content", accepts_unnamed=_SOUNDS_LIKE)


def asked(turn: Turn) -> str:
    """The request whose proof this person was asked for last in this chat, "" when nothing is open."""
    draft = turn.tx.talk.open(turn.me.id, turn.here, turn.now)
    slots = draft.ask.get("slots") if draft is not None and draft.intent == "owner.proof" else None
    return str(slots["id"]) if isinstance(slots, dict) else ""


def give(turn: Turn, id_: str, words: str, files: Sequence[tuple[str, str]] = ()) -> Reply:
    """To everybody who decides, with the buttons that decide; nothing about the request changes."""
    approval = turn.tx.approvals.get(id_)
    if approval is None or approval.by != turn.me.id:
        raise NotAllowed("无权：这是别人的申请，没有任何改动", action="owner.proof", obj=id_)
    if approval.status != "pending":
        raise Stale("这个申请已经处理过了，没有补充")
    c = turn.tx.customers.get(str(approval.subject.get("customer") or ""))
    title = f"{turn.me.name}为{c.short if c else ''}的申请补充了依据"
    send(turn, approval, Card(title, (Text(words),), _approvals.ways(turn, approval), Tone.WARN, tuple(files)))
    turn.event("approval.proof", approval=_approvals.approval_json(approval), files=[name for name, _ in files])
    return Reply(Card("已补给审批人", (Text(words),), tone=Tone.DONE))


def send(turn: Turn, approval: Approval, card: Card) -> None:
    """One card to each who decides."""
    for person in approval.approvers:
        turn.tell(person, card, subject=f"approval:{approval.id}")
