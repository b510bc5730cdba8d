"""归属审核里的「归其他人」：主管直接指定负责人。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.desk import Approval
from domain.model import Customer
from domain.refusal import NotAllowed, NotFound, Stale
from handlers import _approvals, _assign, _views, _who


@dataclass(frozen=True, slots=True)
class Grant:
    """The request, and who gets the customer; without `to` the choice is shown."""

    id: str = ""
    to: str = ""


@command("owner.grant", Grant, intent="approval.approve")
def grant(ask: Grant, turn: Turn) -> Reply:
    """A new customer that waits for review goes to somebody else than who entered it (R50)."""
    approval, c = _waiting(turn, ask.id)
    if not ask.to:
        return _choice(turn, approval, c)
    to = turn.tx.people.get(ask.to)
    if to is None or not to.active:
        raise NotFound("没有找到这位同事，没有改动")
    if not turn.tx.approvals.decide(approval.id, "approved", turn.me.id, turn.now, f"归{to.name}"):
        return _approvals.gone(turn, turn.tx.approvals.get(approval.id) or approval)
    turn.event("approval.approved", approval=_approvals.approval_json(replace(approval, status="approved")))
    saved = _assign.granted(turn, c, to, "归属审核，主管指定")
    done = Card(f"归属已定：{saved.short}由{to.name}负责（{turn.me.name}处理）", tone=Tone.DONE)
    for person in dict.fromkeys((approval.by, to.id)):
        if person != turn.me.id:
            turn.tell(person, done, subject=f"decided:{approval.id}")
    turn.change_cards(f"approval:{approval.id}", done, but=turn.chat)
    return Reply(
        Card(f"已定：{saved.short}由{to.name}负责", (Text("双方都已通知。"),), tone=Tone.DONE), subject=f"approval:{approval.id}"
    )


def _waiting(turn: Turn, id_: str) -> tuple[Approval, Customer]:
    approval = turn.tx.approvals.get(id_)
    c = _who.live(turn, str(approval.subject.get("customer") or "")) if approval else None
    if approval is None or c is None:
        raise NotFound("这个申请已经找不到了，没有任何改动")
    if not _approvals.may_decide(turn, turn.me, approval):
        raise NotAllowed("无权：归属由主管审核，没有任何改动", action="approval.approve", obj=approval.id)
    if approval.status != "pending" or not c.awaiting:
        raise Stale("这个申请已经处理过了，没有重复操作")
    return approval, c


def _choice(turn: Turn, approval: Approval, c: Customer) -> Reply:
    """The team of who entered it, who holds the fewest first."""
    by = turn.tx.people.get(approval.by)
    team = [m for m in turn.tx.people.team(by.team) if by and m.id != by.id and not m.role.leads] if by else []
    held = {m.id: len(turn.tx.customers.owned_by(m.id)) for m in team}
    team.sort(key=lambda m: held[m.id])
    lines = Items(tuple(f"{m.name}：持有 {held[m.id]} 家" for m in team[:5]))
    buttons = tuple(Button(f"归{m.name}", says.write("owner.grant", id=approval.id, to=m.id)) for m in team[:5])
    title = f"{c.short}归谁？" if buttons else f"{_views.name(turn, approval.by)}的组里没有其他同事，请同意或驳回"
    return Reply(Card(title, (lines,) if team else (), buttons, Tone.WARN))
