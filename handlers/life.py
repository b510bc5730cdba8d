"""拜访结束后自动发生的事：完成、漏访、请写纪要、24 小时未交提醒、任务到期提醒。"""

from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Turn, job
from domain.desk import Draft, Job
from domain.model import Member, Visit
from domain.reminders import GRACE
from handlers import _alerts, _confirm, _life, _tasks, _views


def visit_of(turn: Turn, work: Job) -> Visit | None:
    """The visit a job is about, when it still ends when the job was planned for."""
    visit = turn.tx.visits.get(work.subject.partition(":")[2])
    planned = str(work.data.get("end") or "")
    if visit is None or visit.end > turn.now or (planned and datetime.fromisoformat(planned) != visit.end):
        return None
    return visit


@job("visit_end")
def visit_end(turn: Turn, work: Job) -> None:
    """At its end a visit that was checked in is done; the report task is created (contract.md section 7b)."""
    visit = visit_of(turn, work)
    if visit is None:
        return
    _confirm.close(turn, visit, "cancelled")
    if visit.status == "planned" and visit.checked_in is not None:
        visit = _life.finish(turn, visit, "done") or visit
    if visit.status in ("planned", "done"):
        _life.ended(turn, visit)


@job("visit_missed")
def visit_missed(turn: Turn, work: Job) -> None:
    """No check-in, report or 扑空 by end + `missed_after_min`: 漏访, and the rep is asked (R26)."""
    visit = visit_of(turn, work)
    if visit is None or visit.status != "planned":
        return
    if visit.checked_in is not None:
        _life.finish(turn, visit, "done")
        return
    saved = _life.finish(turn, visit, "missed")
    if saved is None:
        return
    turn.event("alert.raised", kind="missed_visit", subject={"visit": visit.id}, to=[visit.rep])
    if (customer := turn.tx.customers.get(visit.customer)) is not None:
        _alerts.fire(turn, "missed", customer, f"missed-{visit.id}", f"{_views.day(visit.start)} 漏访", visit.rep)
    title = f"漏访提示：{_views.span(visit.slot)} 拜访{_life.short(turn, visit)}没有签到和纪要"
    buttons = (
        Button("写纪要", says.write("report.start", visit_id=visit.id)),
        Button("扑空", says.write("visit.empty", visit_id=visit.id)),
        Button("改约", says.write("visit.rebook", visit=visit.id)),
    )
    text = Text("去过了就直接发纪要；没去成请说「扑空了」和原因，或改约。")
    card = Card(title, (text,), buttons, Tone.WARN)
    turn.tell(visit.rep, card, subject=f"visit:{visit.id}", key=f"missed-{visit.id}-{visit.version}")


@job("report_ask")
def report_ask(turn: Turn, work: Job) -> None:
    """Ten minutes after the end the rep is asked once (R176); what he types next in that chat becomes the report."""
    visit = visit_of(turn, work)
    if visit is None or visit.status not in ("planned", "done") or turn.tx.reports.get(visit.id):
        if visit is None:
            _forget(turn, work.subject.partition(":")[2])
        return
    if turn.now - work.due > timedelta(hours=turn.rules.report_due_hours):
        return
    name = _life.short(turn, visit)
    here = f"u:{visit.rep}"
    if turn.tx.talk.open(visit.rep, here, turn.now) is None:
        ask = {"intent": "report.file", "slots": {"visit_id": visit.id}, "hints": {}}
        data = {"field": "content", "accepts": ["rule.set", "customer.check"]}
        expires = turn.now + timedelta(hours=2)
        turn.tx.talk.save(Draft("", visit.rep, here, "report.file", "words", ask, data, turn.now, expires))
    turn.tx.talk.note(visit.rep, "report_visit", visit.id)
    buttons = tuple(
        Button(word, says.write("report.start", visit_id=visit.id, outcome=word)) for word in ("推进", "维持", "礼节")
    )
    empty = Button("扑空", says.write("visit.empty", visit_id=visit.id))
    text = Text("一句话就行，语音也可以：见了谁、意向、预算、顾虑、下一步。")
    card = Card(f"{name}的拜访怎么样？（{_views.span(visit.slot)}）", (text,), (*buttons, empty))
    turn.tell(visit.rep, card, subject=f"report:{visit.id}", key=f"ask-{visit.id}-{visit.end:%y%m%d%H%M}")


def _forget(turn: Turn, visit_id: str) -> None:
    """A visit moved after its end has no report to write yet."""
    visit = turn.tx.visits.get(visit_id)
    if visit is not None and visit.end > turn.now:
        _life.report_tasks(turn, visit, "cancelled")


@job("report_due")
def report_due(turn: Turn, work: Job) -> None:
    """A done visit without report by end + `report_due_hours`: rep and manager are reminded, then daily (R97)."""
    visit = visit_of(turn, work)
    if visit is None or visit.status != "done" or turn.tx.reports.get(visit.id):
        return
    n = int(str(work.data.get("n", 0)))
    late = turn.now - work.due > GRACE
    managers = turn.tx.people.managers_above(visit.rep)[:1]
    for person in (visit.rep, *(m.id for m in managers)):
        card = overdue_card(turn, visit, person, late)
        turn.tell(person, card, subject=f"report:{visit.id}", key=f"due-{visit.id}-{n}-{person}")
        turn.event("reminder.sent", kind="report", visit=visit.id, to=person, late=late)
    due = work.due
    while due <= turn.now:
        due, n = due + timedelta(days=1), n + 1
    data = {"end": visit.end.isoformat(), "n": n}
    key = f"due-{visit.id}-{visit.end:%y%m%d%H%M}-{n}"
    turn.tx.jobs.plan(Job(key, "report_due", work.subject, due, data))


@job("rule_report_late")
def rule_report_late(turn: Turn, work: Job) -> None:
    """A rule made in the chat calls for a report that has not come by its own deadline."""
    visit = visit_of(turn, work)
    customer = turn.tx.customers.get(visit.customer) if visit else None
    if visit is None or customer is None or visit.status not in ("done", "planned", "missed") or turn.tx.reports.get(visit.id):
        return
    hours = int(str(work.data.get("n", 0)))
    _alerts.fire(turn, "report_late", customer, f"late-{visit.id}-{hours}", f"{hours} 小时没有交纪要", visit.rep)


def overdue_card(turn: Turn, visit: Visit, person: str, late: bool) -> Card:
    """The rep gets the ways to write it, the manager the facts."""
    name, mark = _life.short(turn, visit), "【补发】" if late else ""
    hours = int((turn.now - visit.end).total_seconds() // 3600)
    rule = f"{turn.rules.report_due_hours} 小时内提交"
    facts = Facts((("拜访", f"{_views.span(visit.slot)} {name}"), ("已结束", f"{hours} 小时"), ("要求", rule)))
    if person == visit.rep:
        buttons = (Button("写纪要", says.write("report.start", visit_id=visit.id), "primary"),)
        return Card(f"{mark}纪要逾期：{name}的拜访纪要还没交", (facts, Text("直接用一句话回复即可。")), buttons, Tone.WARN)
    return Card(f"{mark}{_views.name(turn, visit.rep)}的拜访纪要逾期：{name}", (facts,), (), Tone.WARN)


@job("task_due")
def task_due(turn: Turn, work: Job) -> None:
    """A task that is still open and still due then is called to mind once."""
    task = turn.tx.tasks.get(work.subject.partition(":")[2])
    if task is None or task.state != "open" or task.due is None or task.due.isoformat() != work.data.get("due"):
        return
    late = turn.now - work.due > GRACE
    who: Member | None = turn.tx.people.get(task.assignee)
    if who is None or not who.active:
        return
    rows = [("截止", _tasks.due_words(task.due)), ("客户", _tasks.customer_name(turn, task)), ("类型", _tasks.kind_word(task))]
    buttons = [Button("完成", says.write("task.done", id=task.id), "primary")]
    if task.customer:
        buttons.append(Button("约拜访", says.write("visit.book", customer_id=task.customer)))
    title = f"{'【补发】' if late else ''}任务提醒：{task.title}"
    card = Card(title, (Facts(tuple((n, v) for n, v in rows if v)),), tuple(buttons))
    turn.tell(task.assignee, card, subject=f"task:{task.id}", key=f"task-{task.id}-{work.due:%y%m%d%H%M}")
    turn.event("reminder.sent", kind="task", task=task.id, to=task.assignee, late=late)
