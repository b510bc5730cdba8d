"""Stages at work: what a step demands, the manager's yes at 报价, and the reminder when nothing moves (R74, R76, R77)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text
from bot.command import Reply, Turn
from domain import stages
from domain.desk import Approval
from domain.model import OFFICE, Customer
from domain.refusal import Refusal
from handlers import _approvals, _daily, _stages, _views
from handlers._daily import Morning

CHANGES = ("customer.created", "customer.updated", "customer.claimed", "customer.transferred")


def today(turn: Turn) -> date:
    """The office's day."""
    return turn.now.astimezone(OFFICE).date()


def step(turn: Turn, c: Customer, stage: str) -> Customer:
    """The customer in another stage, from today. Raises Refusal with what is missing."""
    if lacks := stages.missing(c, stage, turn.rules.stage_fields):
        raise Refusal(f"进入「{stage}」还缺：{'、'.join(lacks)}，没有改动", f"例如：{c.short}的{lacks[0]}改成…，补上后再改阶段。")
    return replace(c, stage=stage, extra={**c.extra, "stage_since": today(turn).isoformat()})


def reviewed(turn: Turn, c: Customer, stage: str) -> Reply | None:
    """A rep's step to 报价 goes to his manager first; None when it needs nobody's yes."""
    if not turn.rules.quote_review or turn.me.role.leads or not stages.needs_review(c.stage, stage):
        return None
    step(turn, c, stage)
    if waiting(turn, c) == stage:
        return Reply(Card(f"{c.short}进入「{stage}」已经在等主管审核，没有重复提交"))
    approvers = _approvals.approvers_for(turn, "stage", turn.me.id, c)
    subject = {"customer": c.id, "stage": stage, "from": c.stage}
    last = turn.tx.reports.of_customer(c.id, 1)
    rows = [
        ("客户", c.short),
        ("阶段", f"{c.stage or '未定'} → {stage}"),
        ("最近纪要", _views.day(last[0].at) if last else "没有"),
    ]
    approval = _approvals.request(turn, "stage", approvers, subject, f"{turn.me.name}申请{c.short}进入「{stage}」阶段", rows)
    who = _views.names(turn, approval.approvers)
    turn.because(f"进入{stages.REVIEWED}阶段要销售主管审核（R76），由{who}决定")
    facts = Facts((("客户", c.short), ("阶段", f"{c.stage or '未定'}（{stage}待审）"), ("审批人", who)))
    return Reply(
        Card(f"已提交审核：{c.short}进入「{stage}」，待审", (facts, Text("同意后阶段才会改变。"))), subject=f"customer:{c.id}"
    )


def waiting(turn: Turn, c: Customer) -> str:
    """The stage that waits for a yes, or ""."""
    return next((str(a.subject["stage"]) for a in turn.tx.approvals.pending("stage") if a.subject.get("customer") == c.id), "")


def words(turn: Turn, c: Customer) -> str:
    """深度沟通（报价待审）, as a customer's card shows it."""
    ahead = waiting(turn, c)
    return f"{c.stage or '未定'}（{ahead}待审）" if ahead else c.stage


def agreed(turn: Turn, approval: Approval, c: Customer) -> str:
    """The manager said yes: the step is taken, unless the stage was changed meanwhile."""
    stage, before = str(approval.subject["stage"]), str(approval.subject.get("from") or "")
    if c.stage != before:
        raise Refusal(f"{c.short}的阶段已经改为「{c.stage}」，没有生效")
    saved = turn.tx.customers.put(_stages.won(turn, c, step(turn, c, stage)))
    turn.event("customer.updated", customer=_views.customer_json(saved), stage_was=before)
    saved = _stages.entered(turn, c, saved)
    if c.owner not in (approval.by, turn.me.id):
        turn.tell(str(c.owner), Card(f"{c.short}进入「{stage}」阶段（{turn.me.name}同意）"), subject=f"customer:{c.id}")
    return f"{saved.short}进入「{stage}」阶段"


# ---------------------------------------------------------------------- standing still
def stale(turn: Turn, c: Customer, day: date, *, limit: int = 0) -> int | None:
    """For how many days the stage has been the same when that is too long, else None."""
    first, begun = stages.stale_on(c, limit or turn.rules.stale_stage_days), stages.since(c)
    return (day - begun).days if first is not None and begun is not None and first <= day else None


def check(turn: Turn, morning: Morning) -> None:
    """Nothing moved for `stale_stage_days`: the owner is told once; after as long again his manager (R77)."""
    limit = turn.rules.stale_stage_days
    for rounds, told in ((1, "owner"), (2, "manager")):
        for c in _crossing(turn, morning, limit * rounds):
            days = stale(turn, c, morning.day, limit=limit * rounds)
            if days is None or c.owner is None or not turn.tx.jobs.once(f"stale-{c.id}-{stages.since(c)}-{told}"):
                continue
            above = [m.id for m in turn.tx.people.managers_above(c.owner)[:1]]
            to = [c.owner] if told == "owner" else above
            whose = "" if told == "owner" else f"，负责人{_views.name(turn, c.owner)}"
            line = f"{c.short}停在「{c.stage}」{days} 天{whose}，请推进或说明原因"
            buttons = (Button(f"约{c.short}"[:10], says.write("visit.book", customer_id=c.id)),) if told == "owner" else ()
            for person in to:
                morning.add(person, "阶段停滞提醒", line, *buttons, warn=True)
                turn.event("reminder.sent", kind="stage", customer=c.id, to=person, late=False)


def _crossing(turn: Turn, morning: Morning, days: int) -> list[Customer]:
    """Those whose stage began so long ago that the line was crossed since the last morning."""
    first, until = (_midnight(d - timedelta(days=days)) for d in (morning.last, morning.day))
    ids = turn.tx.followups.entered_between(first, until)
    events = turn.tx.log.named(CHANGES, first, until)
    ids += [str(x.get("id")) for e in events if isinstance(x := e.data.get("customer"), dict)]
    found = turn.tx.customers.many(list(dict.fromkeys(ids))).values()
    return [c for c in found if morning.last < (stages.stale_on(c, days) or morning.last) <= morning.day]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), OFFICE)


_daily.CHECKS.append(check)
