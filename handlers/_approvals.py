"""Requests that wait for a manager's word: asked for, decided once, applied in the same transaction after checking again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain.desk import Approval, Job
from domain.model import OFFICE, Customer, Member, Role
from domain.refusal import Refusal
from handlers import _views

KIND_WORDS = {
    "third_team": "一周内第三个团队拜访",
    "owned_by_other": "拜访同事保护中的客户",
    "special": "同一时段特批",
    "confirm": "拜访确认",
    "cooperate": "申请协作",
    "transfer": "客户转移",
}


def approvers_for(turn: Turn, kind: str, booker: str, customer: Customer | None) -> list[str]:
    """Who decides (contract.md section 7b): the owner's manager, or the booker's for third_team; nobody his own request.

    Goes up until somebody else is found; in the end any director or admin.
    """
    base = customer.owner if customer and customer.owner and kind in ("owned_by_other", "cooperate", "transfer") else booker
    above = [m for m in turn.tx.people.managers_above(base) if m.id != booker and m.active]
    if above:
        return [above[0].id]
    owner = turn.tx.people.get(base)
    if owner and owner.id != booker and owner.role.leads:
        return [owner.id]
    return [m.id for m in [*turn.tx.people.directors(), *turn.tx.people.admins()] if m.id != booker]


def request(
    turn: Turn, kind: str, approvers: Sequence[str], subject: Mapping[str, object], title: str, rows: Sequence[tuple[str, str]],
    reason: str = "",
) -> Approval:  # fmt: skip
    """File a request and send its card to everybody who may decide it. Raises Refusal when nobody can."""
    if not approvers:
        raise Refusal("没有可以审批的主管，没有提交", "请联系管理员设置上级。")
    day = turn.calendar.add_workdays(turn.now.astimezone(OFFICE).date(), turn.rules.approval_expiry_days)
    expires = datetime.combine(day, time(18), OFFICE)
    approval = turn.tx.approvals.add(
        Approval("", kind, turn.me.id, tuple(approvers), subject, "pending", turn.now, expires, reason=reason)
    )
    turn.event("approval.requested", approval=approval_json(approval))
    card = request_card(turn, approval, title, rows)
    for person in approvers:
        turn.tell(person, card, subject=f"approval:{approval.id}")
    turn.tx.jobs.plan(Job(f"expiry-{approval.id}", "approval_expiry", f"approval:{approval.id}", expires))
    return approval


def escalate(turn: Turn, approval: Approval) -> None:
    """Nobody answered in `approval_expiry_days` workdays: one reminder, and one level up may decide too."""
    above = [m.id for a in approval.approvers for m in turn.tx.people.managers_above(a)[:1]]
    approvers = tuple(dict.fromkeys((*approval.approvers, *(p for p in above if p != approval.by))))
    turn.tx.approvals.pass_on(approval.id, approvers, None)
    title = f"还没处理：{_views.name(turn, approval.by)}的{KIND_WORDS.get(approval.kind, '申请')}"
    card = request_card(turn, approval, title, [])
    for person in approvers:
        turn.tell(person, card, subject=f"approval:{approval.id}", key=f"expiry-{approval.id}-{person}")


def request_card(turn: Turn, approval: Approval, title: str, rows: Sequence[tuple[str, str]]) -> Card:
    """The card with 同意 / 驳回."""
    buttons = (
        Button("同意", says.write("approval.approve", id=approval.id), "primary"),
        Button("驳回", says.write("approval.reject", id=approval.id)),
    )
    facts = Facts((("申请人", _views.name(turn, approval.by)), ("类型", KIND_WORDS.get(approval.kind, approval.kind)), *rows))
    return Card(title, (facts,), buttons, Tone.WARN)


def approval_json(a: Approval) -> dict[str, object]:
    """`data.approval` of contract.md section 7."""
    return {
        "id": a.id, "kind": a.kind, "by": a.by, "approvers": list(a.approvers), "subject": dict(a.subject), "status": a.status,
    }  # fmt: skip


def may_decide(turn: Turn, who: Member, approval: Approval) -> bool:
    """The named approvers and their managers upwards; a director or admin anything; nobody his own."""
    if who.id == approval.by:
        return False
    if who.id in approval.approvers or who.role in (Role.DIRECTOR, Role.ADMIN):
        return True
    return any(who.id in _views.managers(turn, a) for a in approval.approvers)


def gone(turn: Turn, approval: Approval) -> Reply:
    """A second press: what became of it, and nothing else."""
    word = {"approved": "已同意", "rejected": "已驳回", "withdrawn": "已撤回"}.get(approval.status, approval.status)
    who = f"，{_views.name(turn, approval.decided_by)}处理" if approval.decided_by else ""
    return Reply(Card(f"这个申请{word}{who}，没有重复操作", (Text(f"申请人：{_views.name(turn, approval.by)}"),)))
