"""拜访提醒：开始前一次，发送前再核对。"""

from datetime import datetime

from bot.command import Turn, job
from domain import reminders
from domain.desk import Job
from handlers import _reminder_card


@job("visit_reminder")
def visit_reminder(turn: Turn, work: Job) -> None:
    """Exactly one reminder with customer, time, place and purpose (R93, R94); 补发 when found late, nothing when it began."""
    visit = turn.tx.visits.get(work.subject.partition(":")[2])
    start = datetime.fromisoformat(str(work.data["start"]))
    version = int(str(work.data["version"]))
    worth = reminders.worth_sending(visit, version, work.due, turn.now, planned_start=start)
    if worth == "drop" or visit is None:
        return
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        return
    for person in visit.people:
        _reminder_card.send(turn, visit, customer, person, late=worth == "late")
