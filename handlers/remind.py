"""拜访提醒：开始前一次，发送前再核对。"""

from datetime import datetime

from bot import says
from bot.cards import Button, Card, Facts
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
