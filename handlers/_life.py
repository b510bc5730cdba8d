"""The life of a visit after it has begun: done, missed, empty; its report task; the customer's last contact; collisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Turn
from domain import cadence
from domain.collisions import Touch, collision
from domain.desk import Job
from domain.follow import CHANNEL_WORDS, Task, report_due
from domain.model import OFFICE, Customer, Visit
from domain.refusal import Stale
from handlers import _tasks, _views

EVENTS = {"done": "visit.completed", "missed": "visit.missed", "empty": "visit.empty_run"}
ASK_AFTER = timedelta(minutes=10)
"""How long after its end the rep is asked for the report (R176)."""


def finish(turn: Turn, visit: Visit, status: str, **more: object) -> Visit | None:
    """Carry a visit over to done, missed or empty with its event; None when it was moved or decided otherwise meanwhile.

    A change of something else at the same moment (a purpose, a participant) is no reason to lose the step: it is tried again.
    """
    saved = _carry(turn, visit, status)
    if saved is None:
        fresh = turn.tx.visits.get(visit.id)
        if fresh is None or (fresh.status, fresh.end) != (visit.status, visit.end):
            return None
        saved = _carry(turn, fresh, status)
    if saved is None:
        return None
    turn.event(EVENTS[status], visit=_views.visit_json(saved), **more)
    if status == "done":
        check_collision(turn, saved.customer)
    return saved


def _carry(turn: Turn, visit: Visit, status: str) -> Visit | None:
    try:
        return turn.tx.visits.save(replace(visit, status=status), visit.version, at=turn.now, by=turn.me.id, why=status)
    except Stale:
        return None


def ended(turn: Turn, visit: Visit) -> None:
    """What the end of a visit brings: its report task, the question ten minutes later, the reminder when it is late (R96)."""
    plan_due(turn, visit)
    if turn.tx.reports.get(visit.id) or turn.tx.tasks.of_visit(visit.id, states=("open", "done"), kind="report"):
        return
    hours = turn.rules.report_due_hours
    title = f"请在{hours}小时内完成{short(turn, visit)}的拜访纪要并更新商机状态"
    due = report_due(visit.end, hours)
    _tasks.create(turn, Task("", title, visit.rep, due, visit.customer, visit.id, "report", by="system"))
    key, at = f"ask-{visit.id}-{visit.end:%y%m%d%H%M}", visit.end + ASK_AFTER
    _plan_rules(turn, visit)
    turn.tx.jobs.plan(Job(key, "report_ask", f"report:{visit.id}", at, {"end": visit.end.isoformat()}))


def _plan_rules(turn: Turn, visit: Visit) -> None:
    """Rules that call for the report after hours of their own."""
    for rule in turn.tx.alert_rules.all():
        if rule.event == "report_late":
            key, at = f"rulelate-{rule.id}-{rule.version}-{visit.id}-{visit.end:%y%m%d%H%M}", visit.end + timedelta(hours=rule.n)
            turn.tx.jobs.plan(Job(key, "rule_report_late", f"report:{visit.id}", at, {"end": visit.end.isoformat(), "n": rule.n}))


def plan_due(turn: Turn, visit: Visit) -> None:
    """Plan the first reminder of a report that has not come by end + `report_due_hours` (R97)."""
    due = report_due(visit.end, turn.rules.report_due_hours)
    key = f"due-{visit.id}-{visit.end:%y%m%d%H%M}-0"
    turn.tx.jobs.plan(Job(key, "report_due", f"report:{visit.id}", due, {"end": visit.end.isoformat(), "n": 0}))


def short(turn: Turn, visit: Visit) -> str:
    """The short name of a visit's customer, for the visit's own people."""
    customer = turn.tx.customers.get(visit.customer)
    return customer.short if customer else visit.customer_name


def report_tasks(turn: Turn, visit: Visit, state: str) -> list[Task]:
    """Close the open report tasks of a visit; those that were closed."""
    return [t for t in turn.tx.tasks.of_visit(visit.id, kind="report") if _tasks.close(turn, t, state)]


def contacted(turn: Turn, customer: str, at: datetime) -> Customer | None:
    """The customer was in contact at a moment: its clocks start anew unless a later contact is known (R100)."""
    turn.tx.lock(f"customer:{customer}")
    found = turn.tx.customers.get(customer)
    if found is None or (found.last_followup is not None and found.last_followup >= at):
        return found
    for task in turn.tx.tasks.of_customer(customer, kind="first_contact"):
        _tasks.close(turn, task, "done")
    return turn.tx.customers.put(replace(found, last_followup=at))


def last_contact(turn: Turn, customer: str) -> str:
    """The customer's last contact as a deed keeps it."""
    found = turn.tx.customers.get(customer)
    return found.last_followup.isoformat() if found and found.last_followup else ""


def put_back_contact(turn: Turn, customer: str, before: str, set_to: datetime) -> None:
    """Take a contact back, unless a later one is known by now."""
    turn.tx.lock(f"customer:{customer}")
    found = turn.tx.customers.get(customer)
    if found is not None and found.last_followup is not None and found.last_followup <= set_to:
        earlier = datetime.fromisoformat(before) if before else None
        turn.tx.customers.put(replace(found, last_followup=earlier))


def watch_missed(turn: Turn, visit: Visit) -> None:
    """A visit that is planned again although it is over is missed after `missed_after_min` from now on."""
    if visit.status == "planned" and visit.end <= turn.now:
        at = turn.now + timedelta(minutes=turn.rules.missed_after_min)
        data = {"version": visit.version, "start": visit.start.isoformat(), "end": visit.end.isoformat()}
        turn.tx.jobs.plan(Job(f"missed-{visit.id}-{visit.version}", "visit_missed", f"visit:{visit.id}", at, data))


# ---------------------------------------------------------------------- collisions
def touches(turn: Turn, customer: str) -> list[Touch]:
    """Follow-ups and done visits of the collision window."""
    today = turn.now.astimezone(OFFICE).date()
    first = datetime.combine(today, datetime.min.time(), OFFICE) - timedelta(days=turn.rules.collision_days)
    until = turn.now + timedelta(seconds=1)
    found = [
        Touch(cadence.day_of(f.at), f.by, CHANNEL_WORDS.get(f.channel, "跟进"))
        for f in turn.tx.followups.of_customers([customer], first, until)
        if f.valid
    ]
    visits = turn.tx.visits.at_customer_between(customer, first, until, statuses=("done",))
    return found + [Touch(cadence.day_of(v.start), v.rep, "拜访", v.participants) for v in visits]


def check_collision(turn: Turn, customer_id: str) -> None:
    """Raise the alarm when several reps work on one customer; once until it has calmed down."""
    customer = turn.tx.customers.get(customer_id)
    if customer is None:
        return
    today = turn.now.astimezone(OFFICE).date()
    hits = collision(touches(turn, customer_id), customer, turn.rules, today)
    incident = f"collision:{customer_id}"
    if not hits:
        turn.tx.settings.clear_alarm(incident)
        return
    if not turn.tx.settings.raise_alarm(incident, turn.now):
        return
    to = _concerned(turn, customer, hits)
    turn.event("alert.raised", kind="collision", subject={"customer": customer.id}, to=to)
    lines = tuple(f"{_views.day(t.day)} {_views.name(turn, t.rep)} {t.what}" for t in hits[-6:])
    days = turn.rules.collision_days
    text = Text("请协调由谁继续跟进，可以安排同行或转交。")
    button = Button("查看归属", says.write("owner.show", customer_id=customer.id))
    for person in to:
        title = f"撞单预警：{customer.short} {days} 天内被 {len({t.rep for t in hits})} 位同事联系 {len(hits)} 次"
        turn.tell(person, Card(title, (Items(lines), text), (button,), Tone.WARN), subject=f"customer:{customer.id}")


def _concerned(turn: Turn, customer: Customer, hits: Sequence[Touch]) -> list[str]:
    """The owner and his manager; without an owner the managers of those involved."""
    if customer.owner:
        return [customer.owner, *(m.id for m in turn.tx.people.managers_above(customer.owner)[:1])]
    bosses = [m.id for t in hits for m in turn.tx.people.managers_above(t.rep)[:1]]
    return list(dict.fromkeys(bosses))
