"""拜访提醒：开始前一次，发送前再核对；结束后无人签到或补报则提示漏访。"""

from dataclasses import replace
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Turn, job
from domain import reminders
from domain.desk import Job
from domain.model import Customer, Visit
from handlers import _views


def subject_visit(turn: Turn, work: Job) -> Visit | None:
    """The visit a job is about, as it is now."""
    return turn.tx.visits.get(work.subject.partition(":")[2])


@job("visit_reminder")
def visit_reminder(turn: Turn, work: Job) -> None:
    """Exactly one reminder with customer, time, place and purpose (R93, R94); 补发 when found late, nothing when it began."""
    visit = subject_visit(turn, work)
    start = datetime.fromisoformat(str(work.data["start"]))
    version = int(str(work.data["version"]))
    worth = reminders.worth_sending(visit, version, work.due, turn.now, planned_start=start)
    if worth == "drop" or visit is None:
        return
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        return
    late = worth == "late"
    for person in visit.people:
        card = reminder_card(turn, visit, customer, person, late)
        turn.tell(person, card, subject=f"visit:{visit.id}", key=f"rem-{visit.id}-{start:%y%m%d%H%M}-{person}")
        turn.event("reminder.sent", kind="visit", visit=visit.id, to=person, late=late)


def reminder_card(turn: Turn, visit: Visit, customer: Customer, person: str, late: bool) -> Card:
    """Who, when, where, what for: as the reader may see it."""
    minutes = max(0, round((visit.start - turn.now).total_seconds() / 60))
    member = turn.tx.people.get(person)
    if member is not None:
        turn.readers = [member]
    name = _views.label(turn, visit, customer)
    mark = "【补发】" if late else ""
    ahead = f"{minutes} 分钟后" if minutes < 120 else f"{minutes // 60} 小时后" if minutes < 1440 else _views.day(visit.start)
    rows = [
        ("客户", name),
        ("时间", _views.span(visit.slot)),
        ("地点", visit.location or customer.address or customer.city or _views.MODES.get(visit.mode, "")),
        ("目的", visit.purpose or "未填写"),
        ("联系人", visit.contact),
        ("议程", visit.agenda),
    ]
    buttons: tuple[Button, ...] = ()
    if person == visit.rep:
        buttons = (
            Button("改时间", says.write("visit.retime", visit=visit.id)),
            Button("取消拜访", says.write("visit.cancel", visit_id=visit.id)),
        )
    title = f"{mark}拜访提醒：{ahead} {_views.clock(visit.start)} 拜访{name}"
    return Card(title, (Facts(tuple((n, v) for n, v in rows if v)),), buttons)


@job("visit_end")
def visit_end(turn: Turn, work: Job) -> None:
    """At its end a visit that was checked in is done (contract.md section 7b)."""
    visit = subject_visit(turn, work)
    if visit is None or visit.status != "planned" or visit.end > turn.now:
        return
    if visit.checked_in is not None:
        finish(turn, visit, "done")


def finish(turn: Turn, visit: Visit, status: str) -> Visit | None:
    """Carry a visit over to done or missed, with its event."""
    saved = turn.tx.visits.save(replace(visit, status=status), visit.version, at=turn.now, by=turn.me.id, why=status)
    if saved is not None:
        turn.event("visit.completed" if status == "done" else "visit.missed", visit=_views.visit_json(saved))
    return saved


@job("visit_missed")
def visit_missed(turn: Turn, work: Job) -> None:
    """No check-in, report or 扑空 by end + `missed_after_min`: 漏访, and the rep is asked (R26)."""
    visit = subject_visit(turn, work)
    if visit is None or visit.status != "planned" or visit.end > turn.now:
        return
    saved = finish(turn, visit, "missed")
    if saved is None:
        return
    customer = turn.tx.customers.get(visit.customer)
    name = customer.short if customer else visit.customer_name
    turn.event("alert.raised", kind="missed_visit", subject={"visit": visit.id}, to=[visit.rep])
    title = f"漏访提示：{_views.span(visit.slot)} 拜访{name}没有签到和纪要"
    text = Text("去过了就直接发纪要；没去成请说「扑空了」和原因，或改约。")
    card = Card(title, (text,), (Button("改约", says.write("visit.rebook", visit=visit.id)),), Tone.WARN)
    turn.tell(visit.rep, card, subject=f"visit:{visit.id}", key=f"missed-{visit.id}-{visit.version}")
