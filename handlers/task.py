"""待办：记下、看、完成；承诺客户的事也在这里。"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain import spoken
from domain.follow import Task
from domain.model import Member, When
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from handlers import _report_change, _report_visit, _reports, _tasks, _team, _urgent, _views, _who


@dataclass(frozen=True, slots=True)
class Add:
    """What, until when, by whom, about whom."""

    content: str = ""
    time: When | None = None
    people: tuple[str, ...] = ()
    customer: str | None = None
    customer_id: str | None = None
    contact: str = ""
    next_step: object | None = None
    draft: str = ""


_NEXT = re.compile(r"(?:下一步|下步|接下来|后续)")


@command("task.add", Add, group="待办", example="提醒我明天给李总打电话")
def add(ask: Add, turn: Turn) -> Reply:
    """Enter a to-do at once, with an undo; a colleague it is for is told."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    last = _report_visit.last_report(turn) if _NEXT.match(turn.said.text) else None
    if last is not None:
        return _report_change.correct(turn, *last, turn.said.text)
    said = turn.said.with_slots(draft=None)
    if _urgent.asked(turn.said.text) and (named := _who.candidates(turn, ask.customer, ask.customer_id)):
        return (
            _urgent.raise_(turn, named[0], due_of(turn, ask, _title(ask)))
            if len(named) == 1
            else _who.which_customer(turn, named, said, "紧急的是")
        )
    people = _who.people(turn, ask.people, said)
    if isinstance(people, Reply):
        return people
    title = _title(ask)
    if len(title) < 2:
        turn.ask(said, "words", 60, field="content", accepts=["visit.book", "followup.add", "report.file"])
        return Reply(Card("要做什么？还没保存", (Text("一句话即可，例如：周五前把报价发给王总。"),)))
    found = _who.candidates(turn, ask.customer, ask.customer_id) or _team.by_contact(turn, ask.contact)[:1]
    if len(found) > 1:
        return _who.which_customer(turn, found, said, "待办是关于")
    due = due_of(turn, ask, title)
    if due is not None and due <= turn.now:
        raise Refusal(f"{_tasks.due_words(due)} 已经过去了，没有保存", "请告诉我新的时间。")
    text = turn.said.text or title
    kind = "promise" if spoken.promised(text) else "todo"
    customer = found[0].id if found else ""
    made = [_tasks.create(turn, Task("", title, m.id, due, customer, "", kind, by=turn.me.id)) for m in people or [turn.me]]
    turn.did("task.created", tasks=[t.id for t in made])
    return _added(turn, made, people)


def _title(ask: Add) -> str:
    step = ask.next_step
    text = ask.content or (str(step.get("text") or "") if isinstance(step, dict) else "")
    return text.strip("，,。：: ")


def due_of(turn: Turn, ask: Add, title: str) -> datetime | None:
    """The time said, the next step's due, or one that stands in the words."""
    if ask.time is not None and ask.time.kind != "recurrence":
        return _tasks.of_when(ask.time)
    step = ask.next_step
    return _tasks.due_of(step.get("due") if isinstance(step, dict) else None, title, turn.now)


def _added(turn: Turn, made: list[Task], people: list[Member]) -> Reply:
    task = made[0]
    remind = _tasks.remind_at(turn, task)
    rows = [
        ("截止", _tasks.due_words(task.due)),
        ("提醒", _views.moment(remind) if remind else ""),
        ("客户", _tasks.customer_name(turn, task)),
        ("负责", _views.listing(people) if people else ""),
    ]
    word = "承诺" if task.kind == "promise" else "待办"
    buttons = (Button("完成", says.write("task.done", id=task.id)), Button("撤销", says.write("dialog.undo")))
    facts = tuple((n, v) for n, v in rows if v)
    blocks: tuple[Block, ...] = (Facts(facts),) if facts else (Text("没有说时间，想要提醒就再说一句几点。"),)
    return Reply(Card(f"已记下{word}：{task.title}", blocks, buttons, Tone.DONE), subject=f"task:{task.id}")


# ---------------------------------------------------------------------- listing
@dataclass(frozen=True, slots=True)
class Listed:
    """Whose and when."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    customer: str | None = None
    customer_id: str | None = None


@command("task.list", Listed, group="待办", example="我还有哪些待办")
def listing(ask: Listed, turn: Turn) -> Reply:
    """Open tasks by due time, 逾期 first, and the reports still to be written."""
    people = whose(turn, ask)
    if isinstance(people, Reply):
        return people
    tasks = [t for p in people for t in turn.tx.tasks.open_of(p)]
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if found:
        wanted = {c.id for c in found}
        tasks = [t for t in tasks if t.customer in wanted]
    if (span := _who.day_range(ask.time)) is not None:
        tasks = [t for t in tasks if t.due and t.due < span[1] and (t.due >= span[0] or t.overdue(turn.now))]
    if any(w in turn.said.text for w in ("逾期", "到期", "过期")):
        tasks = [t for t in tasks if t.overdue(turn.now)]
    if "承诺" in turn.said.text or "答应" in turn.said.text:
        tasks = [t for t in tasks if t.kind == "promise"]
    tasks.sort(key=lambda t: (t.due is None, t.due or turn.now))
    return _list_card(turn, tasks, people, plain=not found and span is None)


def _list_card(turn: Turn, tasks: list[Task], people: list[str], *, plain: bool) -> Reply:
    mine = people == [turn.me.id]
    late = [t for t in tasks if t.overdue(turn.now)]
    lines = tuple(_tasks.line(turn, t, with_person=not mine) for t in tasks[:10])
    known = {t.visit for t in tasks if t.kind == "report"}
    waiting = [v for v in _reports.waiting(turn, people) if v.id not in known and v.status == "done"] if plain else []
    lines += tuple(
        f"纪要：{_views.visit_line(turn, v, with_day=True)}（{_report_visit.time_left(turn, v)}）" for v in waiting[:5]
    )
    who = "您" if mine else _views.name(turn, people[0]) if len(people) == 1 else f"{len(people)} 位同事"
    n = len(tasks) + len(waiting)
    if not n:
        return Reply(Card(f"{who}没有待办", tone=Tone.DONE))
    if turn.group and not mine:
        return Reply(Card(f"{who}有 {n} 项待办，其中逾期 {len(late)} 项"), private=Card(f"{who}有 {n} 项待办", (Items(lines),)))
    buttons = tuple(
        Button(f"完成：{t.title}"[:16], says.write("task.done", id=t.id)) for t in tasks[:5] if t.kind != "report" and mine
    )
    turn.tx.talk.note(turn.me.id, "tasks", [t.id for t in tasks[:10]])
    head = f"{who}有 {n} 项待办" + (f"，逾期 {len(late)} 项" if late else "")
    return Reply(Card(head, (Items(lines),), buttons))


def whose(turn: Turn, ask: Listed) -> list[str] | Reply:
    """One's own unless a person or team was named."""
    asked = _team.asked_about(turn, ask.people, ask.team, "待办", "task.list")
    return [turn.me.id] if asked is None else asked


# ---------------------------------------------------------------------- done
@dataclass(frozen=True, slots=True)
class Done:
    """Which task: by id, number, customer or words."""

    id: str = ""
    content: str = ""
    choice: int | None = None
    customer: str | None = None
    customer_id: str | None = None


@command("task.done", Done, group="待办", example="给李总发方案那个任务完成了")
def done(ask: Done, turn: Turn) -> Reply:
    """Tick off the one task that fits; several are shown, none is guessed."""
    task = _meant(ask, turn)
    if isinstance(task, Reply):
        return task
    allowed = turn.me.id in (task.assignee, task.by) or task.assignee in _team.below(turn)
    if not allowed:
        who = _views.name(turn, task.assignee)
        raise NotAllowed(f"无权：这是{who}的待办", action="task.done", obj=task.id)
    if task.kind == "report":
        visit = turn.tx.visits.get(task.visit)
        if visit is not None and turn.tx.reports.get(visit.id) is None:
            return _report_visit.start_for(turn, visit)
    if not _tasks.close(turn, task, "done"):
        word = {"done": "完成", "cancelled": "取消"}.get(task.state, "处理")
        raise Stale(f"这项待办已经{word}了，没有重复操作")
    turn.did("task.done", task=task.id)
    if task.by not in ("", "system", turn.me.id):
        turn.tell(task.by, Card(f"{turn.me.name}完成了：{task.title}", tone=Tone.DONE), subject=f"task:{task.id}")
    left = len(turn.tx.tasks.open_of(turn.me.id))
    late = "" if replace(task, done=turn.now).in_time(turn.now) else "（逾期完成）"
    rest = Text(f"还有 {left} 项待办。" if left else "没有其他待办了。")
    return Reply(Card(f"已完成{late}：{task.title}", (rest,), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))


_NOISE = re.compile(r"任务|待办|那个|那件事|这个|已经|已|完成|做完|搞定|办完|弄完|标记|[了的把给将，,。：:\s]")


def _meant(ask: Done, turn: Turn) -> Task | Reply:
    """The task meant, or the choice."""
    if ask.id:
        found = turn.tx.tasks.get(ask.id)
        if found is None:
            raise NotFound("这项待办已经找不到了")
        return found
    tasks = turn.tx.tasks.open_of(turn.me.id)
    shown = turn.tx.talk.noted(turn.me.id, "tasks")
    if ask.choice and isinstance(shown, list) and 0 < ask.choice <= len(shown):
        chosen = turn.tx.tasks.get(str(shown[ask.choice - 1]))
        if chosen is not None:
            return chosen
    fits = _fitting(tasks, ask, turn)
    if len(fits) == 1:
        return fits[0]
    if not tasks:
        return Reply(Card("您没有待办，没有任何改动"))
    options = fits or tasks
    buttons = tuple(Button(t.title[:20], says.write("task.done", id=t.id)) for t in options[:5])
    lines = Items(tuple(_tasks.line(turn, t) for t in options[:5]))
    return Reply(Card("完成的是哪一项？还没有改动", (lines,), buttons, Tone.WARN))


def _fitting(tasks: list[Task], ask: Done, turn: Turn) -> list[Task]:
    """Tasks that share most letters with the words, all that are equally close; at least half of the words."""
    customers = {c.id for c in _who.candidates(turn, ask.customer, ask.customer_id)}
    words = _NOISE.sub("", ask.content or turn.said.text)
    if customers:
        tasks = [t for t in tasks if t.customer in customers] or tasks
    if not words:
        return tasks if len(tasks) == 1 else []
    scored = [(len(set(words) & set(t.title)) / len(set(words)), t) for t in tasks]
    best = max((s for s, _ in scored), default=0.0)
    return [t for s, t in scored if s == best] if best >= 0.5 else []
