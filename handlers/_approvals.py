"""Requests that wait for a manager's word: asked for, decided once, applied in the same transaction after checking again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone, from_json, plain
from bot.choices import squeeze
from bot.command import Reply, Turn
from domain.desk import Approval, Job
from domain.model import OFFICE, Customer, Member, Role
from domain.refusal import Refusal
from handlers import _flows, _views

HALF_DAY = timedelta(hours=4)
KIND_WORDS = {
    "third_team": "一周内第三个团队拜访",
    "owned_by_other": "拜访同事保护中的客户",
    "special": "同一时段特批",
    "confirm": "拜访确认",
    "cooperate": "申请协作",
    "transfer": "客户转移",
    "dispute": "撞单裁定",
    "pool": "进公海前请示",
    "alias": "客户别名",
    "ownership": "客户归属审核",
    "stage": "进入报价阶段审核",
    "special_price": "特价申请",
}


OF_OWNER = ("owned_by_other", "cooperate", "transfer", "dispute", "pool")
"""Kinds that the owner's manager decides; the others are the applicant's manager's."""


def approvers_for(turn: Turn, kind: str, booker: str, customer: Customer | None) -> list[str]:
    """Who decides (contract.md section 7b): the owner's manager, or the booker's for third_team; nobody his own request.

    Goes up until somebody else is found; in the end any director or admin.
    """
    holder = (customer.owner or customer.awaiting) if customer else ""
    base = holder if holder and kind in OF_OWNER else booker
    above = [m for m in turn.tx.people.managers_above(base) if m.id != booker and m.active]
    if above:
        return [above[0].id]
    owner = turn.tx.people.get(base)
    if owner and owner.id != booker and owner.role.leads:
        return [owner.id]
    return [m.id for m in [*turn.tx.people.directors(), *turn.tx.people.admins()] if m.id != booker]


def request(
    turn: Turn, kind: str, approvers: Sequence[str], subject: Mapping[str, object], title: str, rows: Sequence[tuple[str, str]],
    reason: str = "", by: str = "",
) -> Approval:  # fmt: skip
    """File a request (of `by`, else the asker) and send its card to everybody who may decide it; who is on leave is
    represented by his manager. Raises Refusal when nobody can."""
    by = by or turn.me.id
    steps = _flows.steps_for(turn, kind, by, turn.tx.customers.get(str(subject.get("customer") or "")), approvers)
    approvers = here(turn, steps[0][0] if steps else approvers, by)
    subject = _flows.begun(subject, [(approvers, steps[0][1]), *steps[1:]] if steps else [])
    if not approvers:
        raise Refusal("没有可以审批的主管，没有提交", "请联系管理员设置上级。")
    expires = expiry(turn)
    approval = turn.tx.approvals.add(
        Approval("", kind, by, tuple(approvers), subject, "pending", turn.now, expires, reason=reason)
    )
    turn.event("approval.requested", approval=approval_json(approval))
    if way := _flows.route(turn, approval):
        rows = [*rows, ("审批流程", way)]
    card = request_card(turn, approval, title, rows)
    for person in approvers:
        turn.tell(person, card, subject=f"approval:{approval.id}")
    plan_expiry(turn, approval)
    return approval


def expiry(turn: Turn) -> datetime:
    """The evening of the last of `approval_expiry_days` workdays."""
    day = turn.calendar.add_workdays(turn.now.astimezone(OFFICE).date(), turn.rules.approval_expiry_days)
    return datetime.combine(day, time(18), OFFICE)


def plan_expiry(turn: Turn, approval: Approval, more: str = "") -> None:
    """One reminder and one level up when nobody has answered by then."""
    turn.tx.jobs.plan(Job(f"expiry-{approval.id}{more}", "approval_expiry", f"approval:{approval.id}", expiry(turn)))


def here(turn: Turn, approvers: Sequence[str], by: str) -> list[str]:
    """The approvers who are at work: instead of one on leave the next manager above who is, never the applicant.

    With nobody above at work: the directors and admins who are; without any of those the one on leave after all.
    """
    out: list[str] = []
    for person in approvers:
        above = [m.id for m in turn.tx.people.managers_above(person)]
        boss = [m.id for m in (*turn.tx.people.directors(), *turn.tx.people.admins())]
        there = (p for p in (person, *above, *boss) if p != by and not away(turn, p))
        out.append(next(there, person))
    return list(dict.fromkeys(out))


def away(turn: Turn, person: str) -> bool:
    """On a leave of half a day or more at this moment; a meeting is none."""
    now = turn.tx.leaves.of(person, turn.now, turn.now + timedelta(seconds=1))
    return any(x.kind != "开会" and x.end - x.start >= HALF_DAY for x in now)


def go_on(turn: Turn, approval: Approval) -> Card | None:
    """A yes that is not the last one needed: it is noted, who comes next gets the card; None when it was the last."""
    still = _flows.agreed(approval, turn.me, lambda people: here(turn, people, approval.by))
    if still is None:
        return None
    new = [p for p in still.approvers if p not in approval.approvers]
    turn.tx.approvals.go_on(approval.id, still.approvers, still.subject)
    turn.event("approval.step", approval=approval_json(still), by=turn.me.id)
    if new:
        plan_expiry(turn, still, f"-{turn.now:%y%m%d%H%M%S}")
    c = turn.tx.customers.get(str(approval.subject.get("customer") or ""))
    rows = [
        ("客户", c.name if c else ""),
        ("原因", approval.reason),
        ("已同意", turn.me.name),
        ("审批流程", _flows.route(turn, still)),
    ]
    what = KIND_WORDS.get(approval.kind, "申请")
    card = request_card(turn, approval, f"请审批：{_views.name(turn, approval.by)}的{what}", [r for r in rows if r[1]])
    for person in new:
        turn.tell(person, card, subject=f"approval:{approval.id}")
    waiting = _views.names(turn, still.approvers)
    note = Text(f"还要等{waiting}，全部同意后才生效。")
    turn.tell(approval.by, Card(f"{turn.me.name}已同意您的{what}", (note,)), subject=f"decided:{approval.id}")
    return Card(f"已同意，等{waiting}", (note,), tone=Tone.DONE)


def quoted(turn: Turn, among: Sequence[Approval]) -> list[Approval]:
    """Those of the requests whose card is the one that was quoted."""
    words = squeeze(turn.message.quoted) if turn.message else ""
    out = []
    for a in among:
        for letter in turn.tx.mail.about(f"approval:{a.id}"):
            title = squeeze(from_json(letter.card).title)
            if words and (title in words or words in squeeze(plain(from_json(letter.card)))):
                out.append(a)
                break
    return out


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
    facts = Facts((("申请人", _views.name(turn, approval.by)), ("类型", KIND_WORDS.get(approval.kind, approval.kind)), *rows))
    return Card(title, (facts,), ways(turn, approval), Tone.WARN)


def ways(turn: Turn, approval: Approval) -> tuple[Button, ...]:
    """同意 / 驳回, in the words of what they mean."""
    yes, no = says.write("approval.approve", id=approval.id), says.write("approval.reject", id=approval.id)
    if approval.kind == "pool":
        other = says.write("pool.reassign", id=approval.id)
        return Button("释放", yes), Button("延期7天", no, "primary"), Button("改派", other)
    if approval.kind == "ownership":
        who = _views.name(turn, str(approval.subject.get("to") or ""))
        other = says.write("owner.grant", id=approval.id)
        return Button(f"同意（归{who}）", yes, "primary"), Button("驳回（进公海）", no), Button("归其他人", other)
    if approval.kind == "dispute":
        mine, other = (_views.name(turn, str(approval.subject.get(k) or "")) for k in ("to", "against"))
        return Button(f"同意（归{mine}）", yes, "primary"), Button(f"驳回（归{other}）", no)
    return Button("同意", yes, "primary"), Button("驳回", no)


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
