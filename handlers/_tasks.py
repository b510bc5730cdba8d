"""Tasks, wherever they come from: made with their event, their reminder and a letter to whoever has to do them."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot import says
from bot.cards import Button, Card, Facts
from bot.command import Turn, read_when
from domain.desk import Job
from domain.follow import TASK_KINDS, Task
from domain.model import OFFICE, When
from handlers import _views
from nlp.times import find

_END_OF_DAY = time(23, 59)


def task_json(task: Task) -> dict[str, object]:
    """`data.task` of contract.md section 7."""
    return {
        "id": task.id,
        "title": task.title,
        "assignee": task.assignee,
        "due": task.due.astimezone(OFFICE).isoformat() if task.due else None,
        "customer": task.customer or None,
        "visit": task.visit or None,
        "kind": task.kind,
        "status": task.state,
    }


def create(turn: Turn, task: Task, *, told: bool = False) -> Task:
    """Enter a task, plan its reminder, tell an assignee who did not make it himself (unless he is `told` otherwise)."""
    saved = turn.tx.tasks.add(task, turn.now)
    turn.event("task.created", task=task_json(saved))
    plan_reminder(turn, saved)
    if not told and saved.assignee not in (turn.me.id, "") and saved.kind != "report" and turn.me.id != "system":
        turn.tell(saved.assignee, given_card(turn, saved), subject=f"task:{saved.id}")
    return saved


def given_card(turn: Turn, task: Task) -> Card:
    """A task somebody else gave."""
    rows = [("截止", due_words(task.due)), ("客户", customer_name(turn, task)), ("来自", turn.me.name)]
    done = Button("完成", says.write("task.done", id=task.id), "primary")
    return Card(f"新任务：{task.title}", (Facts(tuple((n, v) for n, v in rows if v)),), (done,))


def customer_name(turn: Turn, task: Task) -> str:
    """The short name of the task's customer, or ""."""
    customer = turn.tx.customers.get(task.customer) if task.customer else None
    return customer.short if customer else ""


def due_words(due: datetime | None) -> str:
    """6月12日 周五, with the clock unless the whole day is meant."""
    if due is None:
        return ""
    return _views.day(due) if due.astimezone(OFFICE).time() == _END_OF_DAY else _views.moment(due)


def close(turn: Turn, task: Task, state: str) -> bool:
    """Turn an open task done or cancelled, with its event; False when it was not open."""
    if not turn.tx.tasks.close(task.id, state, turn.now):
        return False
    turn.tx.jobs.drop(f"task:{task.id}")
    fresh = turn.tx.tasks.get(task.id) or task
    turn.event("task.done" if state == "done" else "task.cancelled", task=task_json(fresh))
    return True


# ---------------------------------------------------------------------- when
def end_of(day: date) -> datetime:
    """The last minute of a day: what "until Friday" means."""
    return datetime.combine(day, _END_OF_DAY, OFFICE)


def due_of(value: object, text: str, now: datetime) -> datetime | None:
    """A due time from a slot (ISO date or moment, a time slot, a When) or, without one, from the words."""
    if isinstance(value, Mapping) and value.get("kind"):
        return of_when(read_when(value))
    if isinstance(value, When):
        return of_when(value)
    if isinstance(value, str) and value:
        return end_of(date.fromisoformat(value)) if len(value) == 10 else _midnight(datetime.fromisoformat(value), text, now)
    spans = [s for s in find(text, now) if s.kind in ("instant", "date", "range")]
    if not spans:
        return None
    last = spans[-1]
    return of_when(When(last.kind, last.start, last.end))  # type: ignore[arg-type]


def of_when(when: When) -> datetime | None:
    """A moment itself, a date's last minute, a range's end."""
    if when.kind == "instant":
        return when.start
    if when.end is not None:
        return _inside(when.end)
    return end_of(when.start.astimezone(OFFICE).date()) if when.start else None


def _midnight(due: datetime, text: str, now: datetime) -> datetime:
    """A due time as the parser writes it: 周五 is that day's first minute, 周五前 the first one after it."""
    local = due.astimezone(OFFICE)
    if local.time() != time(0):
        return local
    ends = any(s.kind == "range" and s.end is not None and s.end == due for s in find(text, now))
    return local - timedelta(minutes=1) if ends else end_of(local.date())


def _inside(end: datetime) -> datetime:
    """Midnight as an end belongs to the day before."""
    local = end.astimezone(OFFICE)
    return local - timedelta(minutes=1) if local.time() == time(0) else local


def plan_reminder(turn: Turn, task: Task) -> None:
    """Remind of a task once: see `remind_at`."""
    at = remind_at(turn, task)
    if at is None or task.due is None:
        return
    data = {"due": task.due.isoformat()}
    turn.tx.jobs.plan(Job(f"task-{task.id}-{at:%y%m%d%H%M}", "task_due", f"task:{task.id}", at, data))


def remind_at(turn: Turn, task: Task) -> datetime | None:
    """When to remind: a to-do at its moment, or on its day when work begins; what was promised or agreed, an hour before
    its moment, or at the morning push of the last workday up to its day (R98); None when that is past."""
    if task.due is None or task.kind in ("report", "prep", "confirm"):
        return None
    local = task.due.astimezone(OFFICE)
    whole_day = local.time() == _END_OF_DAY
    if task.kind == "todo":
        at = datetime.combine(local.date(), turn.rules.work_start, OFFICE) if whole_day else local
        return at if at > turn.now else local if local > turn.now and not whole_day else None
    day = turn.calendar.last_workday_up_to(local.date())
    if not whole_day and day == local.date() and local - timedelta(hours=1) > turn.now:
        return local - timedelta(hours=1)
    for clock in (turn.rules.morning_push, time(17)):
        at = datetime.combine(day, clock, OFFICE)
        if turn.now < at <= local:
            return at
    return None


# ---------------------------------------------------------------------- who
def assignee_in(turn: Turn, text: str) -> str | None:
    """The colleague a next step is laid on: 张伟准备演示环境, 让张伟去, 由张伟负责; not 发给张伟."""
    for member in turn.tx.people.all():
        for name in (member.name, *member.aliases):
            at = text.find(name)
            if len(name) < 2 or at < 0:
                continue
            asked = text[max(0, at - 2) : at].endswith(("让", "由", "请", "叫", "安排"))
            if at == 0 or asked or text[at + len(name) :].startswith(("负责", "准备", "去", "来做", "在")):
                return member.id
    return None


def kind_word(task: Task) -> str:
    """What a kind of task is called."""
    return TASK_KINDS.get(task.kind, "待办")


def line(turn: Turn, task: Task, *, with_person: bool = False) -> str:
    """One task in one line, 逾期 first."""
    late = task.overdue(turn.now)
    parts = [f"{'逾期 ' if late else ''}{due_words(task.due)}".strip(), customer_name(turn, task)]
    who = f"{_views.name(turn, task.assignee)}：" if with_person else ""
    inside = "，".join(p for p in parts if p)
    return f"{who}{task.title}" + (f"（{inside}）" if inside else "")
