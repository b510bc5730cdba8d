"""Putting a visit back to an earlier state: shared by 恢复 and 撤销."""

from dataclasses import replace

from bot.command import Turn
from domain.model import Customer, Visit
from domain.refusal import Refusal
from handlers import _after, _plan


def bring_back(turn: Turn, visit: Visit, target: Visit) -> Visit:
    """Write an earlier state's time (and life) back; raises Refusal when somebody has the slot now."""
    status = "planned" if visit.status == "cancelled" else visit.status
    state = replace(visit, start=target.start, end=target.end, status=status, participants=target.participants)
    saved, customer = _write(turn, visit, replace(state, overlap_ok=target.overlap_ok))
    _after.restored(turn, saved, customer, visit if visit.status != "cancelled" else None)
    return saved


def as_before(turn: Turn, visit: Visit, target: Visit) -> Visit:
    """Undo a change of what is not its time: people, mode, place, purpose, contact, agenda."""
    state = replace(
        visit, participants=target.participants, mode=target.mode, purpose=target.purpose, contact=target.contact,
        location=target.location, agenda=target.agenda,
    )  # fmt: skip
    saved, customer = _write(turn, visit, state)
    _after.people_changed(turn, visit, saved, customer)
    return saved


def _write(turn: Turn, visit: Visit, state: Visit) -> tuple[Visit, Customer]:
    if visit.status == "cancelled" or visit.slot != state.slot or visit.participants != state.participants:
        refuse_if_taken(turn, visit, state)
    saved = turn.tx.visits.save(state, visit.version, at=turn.now, by=turn.me.id, why="restored")
    customer = turn.tx.customers.get(visit.customer)
    if saved is None or customer is None:
        raise Refusal("原来的时段刚刚被占用了，没有恢复", "请换一个时间再试。")
    turn.tx.talk.note(turn.me.id, "visit", saved.id)
    return saved, customer


def refuse_if_taken(turn: Turn, visit: Visit, target: Visit) -> None:
    """Everybody of the visit must be free again at its old time; only an own overlap that a manager allowed may stay."""
    plan = _plan.Plan(
        "move", visit.customer, visit.rep, target.start.isoformat(), target.end.isoformat(), target.participants, visit.id,
        visit.version, target.mode, target.purpose, target.contact, target.location,
    )  # fmt: skip
    checked = _plan.check(turn, plan)
    allowed = {"rep_overlap"} if target.overlap_ok and checked.verdict.overridable else set()
    if set(checked.verdict.hard) - allowed:
        raise Refusal("原来的时间已经不空了，没有恢复", *_plan.describe(turn, checked))
    if visit.status == "cancelled" and (kinds := checked.verdict.approval):
        raise Refusal(f"恢复这次拜访要先审批（{_plan.short_kinds(kinds)}），没有恢复", "请重新预约一次，选「申请审批」。")
