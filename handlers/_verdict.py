"""A verdict: one rep has the customer, the others stop at once (R59), and the customer is apologised to (R60)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Turn
from domain.follow import Task
from domain.model import OFFICE, Customer, Member, Visit
from domain.refusal import Stale
from handlers import _after, _followups, _owners, _tasks, _views

CAUSES = ("录入前没查重", "客户主动找来", "交接没说清", "故意抢单")
SCRIPT = "参考：您好，我们内部没有协调好，让您被重复联系，非常抱歉。之后由我一个人对接，有事直接找我。"


def give(turn: Turn, customer: Customer, winner: Member, losers: Sequence[str], why: str) -> Customer:
    """Name one rep: the others' future visits and reminders there are cancelled, their follow-ups in dispute are void, they
    are no co-owners any more; the winner gets what was promised to the customer and the task to apologise, due today."""
    turn.tx.lock(f"customer:{customer.id}")
    fresh = turn.tx.customers.get(customer.id)
    if fresh is None or fresh.status in ("merged", "void"):
        raise Stale("这位客户已经有变动，没有裁定")
    stopped = [p for p in dict.fromkeys((*losers, *([fresh.owner] if fresh.owner else []))) if p != winner.id]
    gone = [stop(turn, v, fresh) for v in _owners.ahead(turn, fresh) if v.rep in stopped]
    for person in stopped:
        turn.tx.tasks.hand_over(person, winner.id, fresh.id)
    note = {"on": _owners.today(turn).isoformat(), "to": winner.id, "by": turn.me.id, "why": why, "cause": ""}
    before = fresh.extra.get("verdicts")
    extra = {**fresh.extra, "verdicts": [*(before if isinstance(before, list) else []), note]}
    kept = replace(fresh, co_owners=tuple(p for p in fresh.co_owners if p not in stopped), extra=extra)
    old = fresh.owner
    if old == winner.id:
        saved = turn.tx.customers.put(kept)
        turn.event("customer.updated", customer=_views.customer_json(saved))
    else:
        saved = _owners.transfer(turn, kept, winner, "撞单裁定").customer
    for f in turn.tx.followups.disputed([fresh.id]):
        _followups.settled(turn, f, f.by == winner.id)
    turn.event("verdict.given", customer=_views.customer_json(saved), winner=winner.id, losers=stopped, why=why)
    apology(turn, saved, winner)
    tell(turn, saved, winner, stopped, gone, why)
    return saved


def stop(turn: Turn, visit: Visit, customer: Customer) -> Visit:
    """Cancel a visit by verdict: its reminder goes, its rep and companions are told."""
    for approval in turn.tx.approvals.pending(subject_visit=visit.id):
        turn.tx.approvals.decide(approval.id, "withdrawn", turn.me.id, turn.now)
    cancelled = replace(visit, status="cancelled")
    saved = turn.tx.visits.save(cancelled, visit.version, at=turn.now, by=turn.me.id, why="verdict")
    if saved is None:
        raise Stale("其中一次拜访刚刚有变动，没有裁定", "请再试一次。")
    _after.cancelled(turn, saved, customer)
    return saved


def apology(turn: Turn, c: Customer, winner: Member) -> None:
    """The chosen rep explains and apologises, due the same day."""
    local = turn.now.astimezone(OFFICE)
    due = datetime.combine(local.date(), turn.rules.work_end, OFFICE)
    due = due if due > turn.now + timedelta(minutes=30) else _tasks.end_of(local.date())
    _tasks.create(turn, Task("", f"联系{c.short}说明情况并致歉（撞单）", winner.id, due, c.id, "", "apology", by=turn.me.id))


def tell(turn: Turn, c: Customer, winner: Member, stopped: Sequence[str], gone: Sequence[Visit], why: str) -> None:
    """Both sides learn the verdict in the same words."""
    rows = [("客户", c.name), ("裁定", f"由{winner.name}负责"), ("裁定人", turn.me.name), ("依据", why)]
    facts = Facts(tuple((n, v) for n, v in rows if v))
    if winner.id != turn.me.id:
        lost = "；".join(f"{_views.span(v.slot)}（{_views.name(turn, v.rep)}）" for v in gone)
        text = Text((f"已取消的拜访：{lost}，请和客户重新约。" if lost else "") + SCRIPT)
        turn.tell(winner.id, Card(f"撞单裁定：{c.short}由您负责", (facts, text), tone=Tone.DONE), subject=f"customer:{c.id}")
    for person in stopped:
        mine = [v for v in gone if v.rep == person]
        when = "；".join(_views.span(v.slot) for v in mine)
        text = Text((f"您的拜访已取消：{when}。" if mine else "") + "请不要再联系这家客户，资料仍可查看。")
        turn.tell(
            person, Card(f"撞单裁定：{c.short}由{winner.name}负责", (facts, text), tone=Tone.WARN), subject=f"customer:{c.id}"
        )


def cause_buttons(c: Customer) -> tuple[Button, ...]:
    """The manager is asked what led to it, once."""
    buttons = [Button(w, says.write("owner.cause", customer_id=c.id, cause=w)) for w in CAUSES]
    return (*buttons, Button("跳过", says.write("owner.cause", customer_id=c.id)))
