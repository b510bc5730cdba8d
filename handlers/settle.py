"""解决撞单：选备选时间、仍然预约、申请审批、同行、请对方改约、改原来那个、特批、算了。"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain import conflicts
from domain.desk import Draft
from domain.model import Slot, Visit
from domain.permissions import may_override_overlap
from domain.refusal import NotAllowed, Refusal, Stale
from handlers import _after, _approvals, _plan, _views
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Settle:
    """`how` is one of the ways out on the conflict card."""

    draft: str = ""
    how: str = ""
    start: datetime | None = None
    visit: str = ""
    reason: str = ""


@command("visit.settle", Settle, intent="dialog.choose")
def settle(ask: Settle, turn: Turn) -> Reply:
    """Carry out the way out that was chosen; everything is checked again first."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的预约，没有任何改动", action="visit.book", obj=ask.draft)
    if draft.state != "open":
        raise Stale("这张卡片已经处理过了，没有重复操作", "需要的话，直接说新的预约即可。")
    plan = _plan.plan_of(dict(draft.data["plan"]))  # type: ignore[call-overload]
    clash = str(draft.data.get("clash", ""))
    ways = {
        "anyway": _anyway, "alternative": _alternative, "approval": _approval, "joined": _join, "asked": _ask_other,
        "moved": _move_mine, "shift": _shift, "special": _special, "override": _override, "dropped": _drop, "retry": _retry,
    }  # fmt: skip
    if ask.how not in ways:
        raise Refusal("这个按钮已经失效，没有任何改动")
    if plan.slot.start < turn.now and ask.how not in ("alternative", "joined", "dropped"):
        raise Stale("这个时间已经过去了，没有保存", "请告诉我新的时间。")
    return ways[ask.how](turn, ask, draft, plan, clash)


def _shown(draft: Draft) -> frozenset[str]:
    return frozenset(str(k) for k in draft.data.get("kinds") or ())  # type: ignore[attr-defined]


def _close(turn: Turn, draft: Draft) -> None:
    turn.tx.talk.close(draft.id, "done")


def _anyway(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """仍然预约: only when nothing stricter than a soft kind is in the way."""
    _close(turn, draft)
    return _plan.attempt(turn, plan, accept=_shown(draft), how="anyway", clash=clash)


def _retry(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """What stood in the way was asked to move, or did: the same wish again."""
    _close(turn, draft)
    return _plan.attempt(turn, plan, accept=_shown(draft), how="moved", clash=clash)


def _alternative(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """A free time: books at once; an approval kind that is left still needs 申请审批."""
    if ask.start is None or ask.start < turn.now:
        raise Stale("这个备选时间已经过去了，没有保存", "请告诉我新的时间。")
    _close(turn, draft)
    moved = plan.at(Slot(ask.start, ask.start + (plan.slot.end - plan.slot.start)))
    return _plan.attempt(turn, moved, accept=_shown(draft), how="alternative", clash=clash)


def _approval(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """申请审批: the visit is pending and counts as busy until everybody who must has agreed."""
    checked = _plan.check(turn, plan)
    verdict = checked.verdict
    _close(turn, draft)
    if verdict.level in ("none", "soft"):
        return _plan.attempt(turn, plan, accept=_shown(draft), how="anyway", clash=clash)
    if verdict.level == "hard":
        return _plan.conflict(turn, checked)
    subject: dict[str, object] = {"plan": plan.as_json(), "clash": clash}
    if plan.do == "book":
        visit = _plan.carry_out(turn, checked, status="pending")
        subject["visit"] = visit.id
        plan = replace(plan, visit=visit.id, version=visit.version)
    return _file(turn, checked, subject, verdict.approval)


def _file(turn: Turn, checked: _plan.Checked, subject: dict[str, object], kinds: tuple[str, ...]) -> Reply:
    """One request per kind; both must agree when both kinds are there."""
    plan = checked.plan
    rows = [("客户", checked.customer.name), ("时间", _views.span(plan.slot)), ("目的", plan.purpose)]
    rows += [("说明", line) for line in _plan.describe(turn, checked)]
    title = f"请审批：{turn.me.name}想在 {_views.moment(plan.slot.start)} 拜访{checked.customer.short}"
    asked: list[str] = []
    for kind in kinds:
        approvers = _approvals.approvers_for(turn, kind, plan.rep, checked.customer)
        _approvals.request(turn, kind, approvers, {**subject, "of": list(kinds)}, title, [(n, v) for n, v in rows if v])
        asked += approvers
    who = _views.names(turn, dict.fromkeys(asked))
    facts = Facts((("时间", _views.span(plan.slot)), ("客户", checked.customer.short)))
    held = "批准前这个时段算作已占用" if plan.do == "book" else "批准前原来的安排不变"
    text = Text(f"{held}；同意或驳回都会通知您。")
    return Reply(Card(f"已申请审批，等{who}答复", (facts, text)), subject=f"visit:{subject.get('visit') or plan.visit}")


def _join(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """同行: the holder is asked; with his yes the booker becomes a participant of the standing visit."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or visit.status not in ("planned", "pending") or visit.start < turn.now:
        raise Stale("对方的拜访已经有变动，没有任何改动", "请重新预约一次。")
    _close(turn, draft)
    buttons = (
        Button("同意同行", says.write("visit.join", visit=visit.id, who=turn.me.id, clash=clash, yes=True), "primary"),
        Button("婉拒", says.write("visit.join", visit=visit.id, who=turn.me.id, clash=clash)),
    )
    title = f"{turn.me.name}想加入您的拜访：{_views.span(visit.slot)} {visit_name(turn, visit)}"
    text = Text("同意后仍是一次拜访，对方作为同行人。")
    turn.tell(visit.rep, Card(title, (text,), buttons, Tone.WARN), subject=f"join:{visit.id}:{turn.me.id}")
    holder = _views.name(turn, visit.rep)
    note = Text(f"{holder}同意后，您会成为这次拜访的同行人，并收到通知。")
    return Reply(Card(f"已请{holder}同意同行：{_views.span(visit.slot)} {visit_name(turn, visit)}", (note,)))


def visit_name(turn: Turn, visit: Visit) -> str:
    """The customer of a visit for the two people who deal with it."""
    customer = turn.tx.customers.get(visit.customer)
    return customer.short if customer else visit.customer_name


def _ask_other(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """请对方改约: the holder gets the wish with a button to move; nothing is saved."""
    checked = _plan.check(turn, plan)
    holders = [w for w in checked.verdict.with_ if w.kind == "customer_overlap" and w.visit]
    if not holders:
        _close(turn, draft)
        return _plan.attempt(turn, plan, accept=_shown(draft), how="moved", clash=clash)
    for w in holders:
        title = f"{turn.me.name}请您改约：{_views.span(Slot(w.start, w.end))} {checked.customer.short}"
        buttons = (
            Button("改时间", says.write("visit.retime", visit=w.visit), "primary"),
            Button("不改", says.write("visit.keep", visit=w.visit, who=turn.me.id)),
        )
        text = Text(f"对方想在 {_views.span(plan.slot)} 拜访。由您决定，不会自动改动。")
        turn.tell(w.rep, Card(title, (text,), buttons, Tone.WARN), subject=f"conflict:{clash}")
    who = _views.names(turn, [w.rep for w in holders])
    again = Button("再试一次", says.write("visit.settle", draft=draft.id, how="retry"))
    return Reply(Card(f"已转告{who}，等对方答复", (Text("对方改好后会通知您，您的预约还没有保存。"),), (again,)))


def _move_mine(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """改约原来那个: the own visit in the way gets a new time, and the wish takes its place in the same step."""
    old = turn.tx.visits.get(ask.visit)
    if old is None or old.status not in ("planned", "pending") or old.rep != turn.me.id:
        raise Stale("原来的拜访已经有变动，没有任何改动", "请重新预约一次。")
    _close(turn, draft)
    data = {"visit_id": old.id}
    said = Said("visit.reschedule", data)
    keep = turn.ask(
        Said("visit.book", _who_slots(draft), hints={}), "after_move", plan=plan.as_json(), clash=clash, kinds=list(_shown(draft))
    )
    question = turn.ask(said, "time", then=keep.id, clash=clash)
    checked = _plan.check(turn, _plan_of_visit(old), wide=True)
    slots = conflicts.alternatives(checked.wish, checked.facts, turn.rules, turn.now, 6)
    gap = timedelta(minutes=max(turn.rules.buffer_min, turn.rules.travel_min))
    near = Slot(plan.slot.start - gap, plan.slot.end + gap)
    buttons = tuple(
        Button(_views.moment(s.start), says.write("draft.fill", draft=question.id, start=s.start.isoformat()))
        for s in slots
        if not s.overlaps(near)
    )[:3]
    text = Text(f"改好后，{_views.span(plan.slot)} 的新预约随即保存。")
    back = Button("算了", says.write("draft.drop", draft=question.id))
    return Reply(Card(f"{visit_name(turn, old)}（{_views.span(old.slot)}）改到什么时候？", (text,), (*buttons, back)))


def _shift(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """改那一次的时间: no second visit to the same customer; the standing one moves to the wished time."""
    old = turn.tx.visits.get(ask.visit)
    if old is None or old.status not in ("planned", "pending") or old.rep != turn.me.id:
        raise Stale("原来的拜访已经有变动，没有任何改动", "请重新预约一次。")
    _close(turn, draft)
    return _plan.attempt(turn, _plan_of_visit(old).at(plan.slot), accept=_shown(draft), how="moved", clash=clash)


def _who_slots(draft: Draft) -> dict[str, object]:
    slots = draft.ask.get("slots")
    return dict(slots) if isinstance(slots, dict) else {}


def _plan_of_visit(v: Visit) -> _plan.Plan:
    return _plan.Plan(
        "move", v.customer, v.rep, v.start.isoformat(), v.end.isoformat(), v.participants, v.id, v.version, v.mode, v.purpose,
        v.contact, v.location, v.agenda,
    )  # fmt: skip


def _special(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """请主管特批: an own overlap that only a manager may allow; nothing is held meanwhile."""
    checked = _plan.check(turn, plan)
    if set(checked.verdict.hard) - {"rep_overlap"}:
        return _plan.conflict(turn, checked)
    _close(turn, draft)
    approvers = _approvals.approvers_for(turn, "special", plan.rep, None)
    rows = [
        ("客户", checked.customer.name),
        ("时间", _views.span(plan.slot)),
        *(("说明", x) for x in _plan.describe(turn, checked)),
    ]
    title = f"请特批：{turn.me.name}想在已有拜访的时段再约{checked.customer.short}"
    _approvals.request(turn, "special", approvers, {"plan": plan.as_json(), "clash": clash, "of": ["special"]}, title, rows)
    who = _views.names(turn, approvers)
    return Reply(Card(f"已请{who}特批，还没有保存", (Text("同意后自动保存，结果会通知您。"),)))


def _override(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    """A manager overrides a person's own overlap with a reason; same customer, same slot stays hard for everyone (D27)."""
    own = plan.rep == turn.me.id and turn.me.role.leads
    if not own and not may_override_overlap(turn.me, _views.managers(turn, plan.rep)):
        raise NotAllowed("无权：同一时段只有主管可以特批", action="visit.override", obj=plan.rep)
    if not ask.reason:
        said = Said("visit.settle", {"draft": draft.id, "how": "override"})
        turn.ask(said, "words", 30, field="reason", accepts=["visit.book", "visit.list", "followup.add", "report.file"])
        return Reply(Card("请回复特批原因，还没有保存", (Text("一句话即可，会记入日志。"),)))
    checked = _plan.check(turn, plan)
    if set(checked.verdict.hard) - {"rep_overlap"}:
        return _plan.conflict(turn, checked)
    _close(turn, draft)
    visit = _plan.carry_out(turn, checked, overlap_ok=True)
    _plan.settle_clash(turn, clash, "overridden", visit.id)
    turn.because(f"主管特批，原因：{ask.reason}")
    return _plan.done(turn, checked, visit)


def _drop(turn: Turn, ask: Settle, draft: Draft, plan: _plan.Plan, clash: str) -> Reply:
    turn.tx.talk.close(draft.id, "dropped")
    _plan.settle_clash(turn, clash, "dropped", "")
    return Reply(Card("好的，没有预约，也没有通知别人"))


@dataclass(frozen=True, slots=True)
class Join:
    """The holder's word on a colleague who wants to come along."""

    visit: str = ""
    who: str = ""
    clash: str = ""
    yes: bool = False


@command("visit.join", Join, intent="dialog.choose")
def join(ask: Join, turn: Turn) -> Reply:
    """Only the visit's rep (or his managers) may say yes; then there is still one visit, with one more participant."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or visit.status not in ("planned", "pending") or visit.start < turn.now:
        raise Stale("这次拜访已经有变动，没有任何改动")
    if turn.me.id != visit.rep and turn.me.id not in _views.managers(turn, visit.rep):
        raise NotAllowed("无权：要由这次拜访的负责人决定", action="visit.join", obj=visit.id)
    customer = visit_name(turn, visit)
    other = _views.name(turn, ask.who)
    if ask.who in visit.participants:
        return Reply(Card(f"{other}已经在同行名单里，没有重复操作"))
    if not ask.yes:
        turn.tell(ask.who, Card(f"{turn.me.name}婉拒了同行：{_views.span(visit.slot)} {customer}", (Text("可以另约时间。"),)))
        _plan.settle_clash(turn, ask.clash, "dropped", "")
        return Reply(Card(f"已婉拒{other}同行，对方会收到通知"))
    plan = replace(_plan_of_visit(visit), do="people", people=(*visit.participants, ask.who), asked=(ask.who,))
    checked = _plan.check(turn, plan)
    if "participant_overlap" in checked.verdict.kinds:
        raise Refusal(f"{other}在 {_views.span(visit.slot)} 已有安排，没有加入", "请让对方先调整日程。")
    saved = _plan.carry_out(turn, checked)
    _plan.settle_clash(turn, ask.clash, "joined", saved.id)
    turn.tell(
        ask.who,
        Card(f"{turn.me.name}同意同行：{_views.span(visit.slot)} {customer}", (Text("已加入您的日程。"),), tone=Tone.DONE),
    )
    return Reply(Card(f"已加入同行：{other}，{_views.span(visit.slot)} {customer}", tone=Tone.DONE), subject=f"visit:{saved.id}")


@dataclass(frozen=True, slots=True)
class Keep:
    """The holder keeps his time."""

    visit: str = ""
    who: str = ""


@command("visit.keep", Keep, intent="dialog.deny")
def keep(ask: Keep, turn: Turn) -> Reply:
    """Tell the other that the standing visit stays."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or visit.rep != turn.me.id:
        raise NotAllowed("无权：要由这次拜访的负责人决定", action="visit.keep", obj=ask.visit)
    title = f"{turn.me.name}不改：{_views.span(visit.slot)} {visit_name(turn, visit)}"
    turn.tell(ask.who, Card(title, (Text("请为您的预约另选时间。"),)))
    return Reply(Card("好的，您的拜访不变，已转告对方"))


@dataclass(frozen=True, slots=True)
class Answer:
    """接受 / 婉拒 of somebody taken along."""

    visit: str = ""
    yes: bool = False
    no: bool = False


def leans_on(turn: Turn, visit: Visit) -> bool:
    """The asker owns the customer, and without him the visit would need somebody's approval (59)."""
    plan = _plan.Plan(
        "people", visit.customer, visit.rep, visit.start.isoformat(), visit.end.isoformat(),
        tuple(p for p in visit.participants if p != turn.me.id), visit.id, visit.version, visit.mode,
    )  # fmt: skip
    checked = _plan.check(turn, plan)
    return checked.customer.owner == turn.me.id and "owned_by_other" in checked.verdict.kinds


@command("visit.answer", Answer, intent="dialog.choose")
def answer(ask: Answer, turn: Turn) -> Reply:
    """Declining frees the person's calendar; the rep is told either way."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or not visit.live or visit.start < turn.now:
        raise Stale("这次拜访已经有变动，无需答复")
    if turn.me.id not in visit.participants:
        raise NotAllowed("无权：您不在这次拜访的同行名单里", action="visit.answer", obj=ask.visit)
    word = "接受" if ask.yes else "婉拒"
    customer = visit_name(turn, visit)
    if ask.yes:
        turn.tx.visits.answer(visit.id, turn.me.id, "accepted", at=turn.now)
    elif leans_on(turn, visit):
        _plan.call_off(turn, visit)
        text = Text("这次同行要客户负责人同意才能成行，已经取消。")
        turn.tell(
            visit.rep,
            Card(f"{turn.me.name}婉拒了同行：{_views.span(visit.slot)} {customer}", (text,)),
            subject=f"visit:{visit.id}",
        )
        return Reply(Card(f"已婉拒：{_views.span(visit.slot)} {customer}", tone=Tone.DONE), subject=f"invite:{visit.id}")
    else:
        saved = turn.tx.visits.answer(visit.id, turn.me.id, "declined", at=turn.now)
        if saved is not None:
            _after.plan_jobs(turn, saved)
            turn.event("visit.updated", visit=_views.visit_json(saved))
    turn.tell(visit.rep, Card(f"{turn.me.name}{word}了同行：{_views.span(visit.slot)} {customer}"), subject=f"visit:{visit.id}")
    return Reply(Card(f"已{word}：{_views.span(visit.slot)} {customer}", tone=Tone.DONE), subject=f"invite:{visit.id}")
