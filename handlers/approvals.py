"""审批：同意、驳回、查看；只有该批的人批得了，批前再查一次冲突。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Approval, Job
from domain.model import Visit
from domain.refusal import NotAllowed, Refusal
from handlers import _after, _approvals, _decisions, _plan, _views


@dataclass(frozen=True, slots=True)
class Decide:
    """Which request: by its card's id, by number in the list, or the only one waiting."""

    id: str = ""
    choice: int | None = None
    people: tuple[str, ...] = ()
    content: str = ""


def _decide(ask: Decide, turn: Turn, *, yes: bool) -> Approval | Reply:
    """The request meant, decided now; or the answer when it is another's, over, or a 待裁定 that was settled."""
    if not ask.id and (settled := _decisions.settle_word(turn, yes=yes)) is not None:
        return settled
    approval = _which(ask, turn, "同意" if yes else "驳回")
    if isinstance(approval, Reply):
        return approval
    _check(turn, approval, "approve" if yes else "reject")
    turn.tx.customers.granted.add(str(approval.subject.get("customer") or ""))
    if yes and approval.status == "pending" and (card := _approvals.go_on(turn, approval)) is not None:
        return Reply(card, subject=f"approval:{approval.id}")
    word = "approved" if yes else "rejected"
    if not turn.tx.approvals.decide(approval.id, word, turn.me.id, turn.now, ask.content):
        fresh = turn.tx.approvals.get(approval.id)
        return _approvals.gone(turn, fresh or approval)
    turn.event(f"approval.{word}", approval=_approvals.approval_json(replace(approval, status=word)))
    return approval


@command("approval.approve", Decide, group="审批", example="同意")
def approve(ask: Decide, turn: Turn) -> Reply:
    """Apply what was asked for, after checking again in the same transaction (D2)."""
    approval = _decide(ask, turn, yes=True)
    if isinstance(approval, Reply):
        return approval
    title, done = _apply(turn, approval, ask.content)
    note = f"{turn.me.name}已同意。" if done else f"{turn.me.name}已同意，还要等其他主管答复。"
    _tell(turn, approval, Card(title, (Text(note),), tone=Tone.DONE), "已同意")
    word = "已同意" if done else "已同意，还差其他审批"
    asked = _decisions.buttons(turn, approval)
    blocks = (Text("这次撞单的原因是？"),) if asked else ()
    return Reply(Card(f"{word}：{title}", blocks, asked, Tone.DONE), subject=f"approval:{approval.id}")


@command("approval.reject", Decide, group="审批", example="驳回")
def reject(ask: Decide, turn: Turn) -> Reply:
    """Nothing that was asked for happens; a pending visit is cancelled, the applicant learns the reason."""
    approval = _decide(ask, turn, yes=False)
    if isinstance(approval, Reply):
        return approval
    visit = _pending_visit(turn, approval)
    if visit is not None:
        _plan.call_off(turn, visit, quiet=True)
    for other in _siblings(turn, approval):
        turn.tx.approvals.decide(other.id, "withdrawn", turn.me.id, turn.now)
    _plan.settle_clash(turn, str(approval.subject.get("clash") or ""), "rejected", "")
    _decisions.reject(turn, approval, ask.content)
    reason = ask.content or "没有说明原因"
    title = f"申请被驳回：{_what(turn, approval)}"
    _tell(turn, approval, Card(title, (Facts((("处理人", turn.me.name), ("原因", reason))),), tone=Tone.WARN), "已驳回")
    return Reply(Card(f"已驳回：{_what(turn, approval)}", (Facts((("原因", reason),)),), tone=Tone.DONE))


@command("approval.list", Decide, group="审批", example="有什么要批的吗")
def waiting(ask: Decide, turn: Turn) -> Reply:
    """What waits for this person's word; in a group only how many."""
    mine = turn.tx.approvals.waiting_for(turn.me.id)
    asked = [a for a in turn.tx.approvals.asked_by(turn.me.id) if a.status == "pending"]
    open_ = _decisions.disputed(turn)
    if turn.group:
        n = len(mine) + len(open_)
        lines = (*(_line(turn, a) for a in mine), *(_decisions.followup_line(turn, f) for f in open_))
        note = Card(f"您有 {n} 件待批", (Items(lines),)) if n else None
        return Reply(Card(f"待批 {n} 件，详情已私信您" if n else "没有待您审批的事项"), private=note)
    if not mine and open_:
        lines = tuple(_decisions.followup_line(turn, f) for f in open_[:8])
        first = open_[0].id
        choices = (
            Button("同意第1条", says.write("followup.settle", id=first, yes=True), "primary"),
            Button("驳回第1条", says.write("followup.settle", id=first)),
        )
        return Reply(Card(f"您有 {len(open_)} 条待裁定的跟进", (Items(lines),), choices))
    if not mine:
        own = Items(tuple(f"等审批：{_line(turn, a)}" for a in asked))
        return Reply(Card("没有待您审批的事项", (own,) if asked else ()))
    buttons = []
    for i, a in enumerate(mine[:3], 1):
        buttons.append(Button(f"同意第{i}件", says.write("approval.approve", id=a.id), "primary"))
        buttons.append(Button(f"驳回第{i}件", says.write("approval.reject", id=a.id)))
    turn.tx.talk.note(turn.me.id, "approvals", [a.id for a in mine])
    lines = (*(_line(turn, a) for a in mine), *(_decisions.followup_line(turn, f) for f in open_))
    return Reply(Card(f"您有 {len(mine) + len(open_)} 件待批", (Items(lines),), tuple(buttons)))


def _line(turn: Turn, a: Approval) -> str:
    kind, what = _approvals.KIND_WORDS.get(a.kind, a.kind), _what(turn, a)
    return f"{_views.name(turn, a.by)}：{what if what.startswith(kind) else f'{kind}，{what}'}"


def _which(ask: Decide, turn: Turn, verb: str) -> Approval | Reply:
    """The request meant; several waiting are listed, never guessed (D31)."""
    if ask.id:
        found = turn.tx.approvals.get(ask.id)
        if found is None:
            raise Refusal("这个申请已经找不到了，没有任何改动")
        if found.status == "pending" or found.by == turn.me.id or not _approvals.may_decide(turn, turn.me, found):
            return found
        return _approvals.gone(turn, found)
    mine = turn.tx.approvals.waiting_for(turn.me.id)
    if turn.message and turn.message.quoted and (meant := _approvals.quoted(turn, turn.tx.approvals.pending())):
        mine = [a for a in meant if _approvals.may_decide(turn, turn.me, a)]
    shown = turn.tx.talk.noted(turn.me.id, "approvals")
    if ask.choice and isinstance(shown, list) and 0 < ask.choice <= len(shown):
        mine = [a for a in mine if a.id == shown[ask.choice - 1]]
    if ask.people:
        wanted = {m.id for p in ask.people for m in turn.tx.people.named(p)}
        mine = [a for a in mine if a.by in wanted] or mine
    if len(mine) == 1:
        return mine[0]
    if not mine:
        quoted = turn.message.quoted if turn.message else ""
        if (turn.group or quoted) and turn.tx.approvals.pending():
            raise NotAllowed("无权：这个申请不由您审批，没有任何改动", action="approval.decide", obj="approval")
        return Reply(Card("没有待您审批的事项，没有任何改动"))
    buttons = tuple(
        Button(
            f"{verb} {_views.name(turn, a.by)}的第{i}件",
            says.write(f"approval.{'approve' if verb == '同意' else 'reject'}", id=a.id),
        )
        for i, a in enumerate(mine[:6], 1)
    )
    return Reply(Card(f"有 {len(mine)} 件待批，{verb}哪一件？", (Items(tuple(_line(turn, a) for a in mine)),), buttons))


def _check(turn: Turn, approval: Approval, action: str) -> None:
    if not _approvals.may_decide(turn, turn.me, approval):
        who = _views.names(turn, approval.approvers)
        raise NotAllowed(f"无权：这个申请由{who}审批", action=f"approval.{action}", obj=approval.id)


def _pending_visit(turn: Turn, approval: Approval) -> Visit | None:
    visit = turn.tx.visits.get(str(approval.subject.get("visit") or ""))
    return visit if visit is not None and visit.status == "pending" else None


def _what(turn: Turn, approval: Approval) -> str:
    if isinstance(plan := approval.subject.get("plan"), dict):
        p = _plan.plan_of(plan)
        customer = turn.tx.customers.get(p.customer)
        name = customer.short if customer and (not customer.locked or not turn.group) else "客户"
        return f"{_views.moment(p.slot.start)} 拜访{name}"
    customer = turn.tx.customers.get(str(approval.subject.get("customer") or ""))
    word = _approvals.KIND_WORDS.get(approval.kind, approval.kind)
    return f"{word}（{customer.short}）" if customer else word


def _siblings(turn: Turn, approval: Approval) -> list[Approval]:
    """The other requests of the same wish that still wait: one for each approval kind."""
    plan = approval.subject.get("plan")
    mine = [a for a in turn.tx.approvals.asked_by(approval.by) if a.status == "pending" and a.id != approval.id]
    return [a for a in mine if plan is not None and a.subject.get("plan") == plan]


def _apply(turn: Turn, approval: Approval, reason: str) -> tuple[str, bool]:
    """(what it comes to, whether everything needed is there)."""
    subject = approval.subject
    if approval.kind in _decisions.KINDS:
        return _decisions.approve(turn, approval, reason), True
    title = _what(turn, approval)
    if _siblings(turn, approval):
        return title, False
    plan = _plan.plan_of(subject["plan"])  # type: ignore[arg-type]
    visit = _pending_visit(turn, approval)
    if plan.do == "book" and approval.kind != "special":
        if visit is None:
            raise Refusal("这次拜访已经取消或改动，没有生效")
        saved = _firm(turn, visit)
    else:
        checked = _plan.check(turn, plan)
        left = set(checked.verdict.hard) - ({"rep_overlap"} if approval.kind == "special" else set())
        if left or plan.slot.start < turn.now:
            raise Refusal("情况已经变了，没有生效", *_plan.describe(turn, checked))
        saved = _plan.carry_out(turn, checked, overlap_ok=approval.kind == "special")
    by = "overridden" if approval.kind == "special" else "approved"
    _plan.settle_clash(turn, str(subject.get("clash") or ""), by, saved.id)
    word = {"book": "已预约", "move": "已改期"}.get(plan.do, "已更新同行")
    return f"{_views.moment(saved.start)} 拜访{_views.label(turn, saved)}，{word}", True


def _firm(turn: Turn, visit: Visit) -> Visit:
    """A pending visit becomes planned."""
    if visit.start < turn.now:
        raise Refusal("这次拜访的时间已经过去了，没有生效")
    saved = turn.tx.visits.save(replace(visit, status="planned"), visit.version, at=turn.now, by=turn.me.id, why="approved")
    customer = turn.tx.customers.get(visit.customer)
    if saved is None or customer is None:
        raise Refusal("这次拜访刚刚有变动，没有生效")
    _after.became_planned(turn, saved, customer)
    return saved


def _tell(turn: Turn, approval: Approval, card: Card, word: str) -> None:
    """The applicant hears the result; the other approvers' cards change."""
    both_sides = approval.kind == "transfer" and word == "已同意" and approval.by in map(approval.subject.get, ("to", "from"))
    if not both_sides:  # who gives and who takes a customer have heard of it already
        turn.tell(approval.by, card, subject=f"decided:{approval.id}")
    done = Card(f"{word}：{_what(turn, approval)}（{turn.me.name}处理）", tone=Tone.DONE)
    turn.change_cards(f"approval:{approval.id}", done, but=turn.chat)


@job("approval_expiry")
def expiry(turn: Turn, work: Job) -> None:
    """Fires once per request; one that was decided meanwhile is left alone."""
    approval = turn.tx.approvals.get(work.subject.partition(":")[2])
    if approval is not None and approval.status == "pending":
        _approvals.escalate(turn, approval)
