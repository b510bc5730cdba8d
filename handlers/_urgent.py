"""紧急: the owner is told at once; unanswered for half an hour it goes to a colleague who helps, else to the manager (R152)."""

import re
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Tone
from bot.command import Reply, Turn
from domain.desk import Job
from domain.follow import Task
from domain.model import Customer
from handlers import _tasks, _views

UNREAD_MIN = 30
SOON_H = 4
"""When it is due when no time was said."""
_MARKED = re.compile(r"^[\s【\[(（]*(紧急|加急|十万火急|特急)[】\])）]*[:：,，!！\s]*")


def asked(text: str) -> bool:
    """Whether a message is marked urgent."""
    return not text.startswith("/") and _MARKED.search(text) is not None


def words(text: str) -> str:
    """What is urgent, without the mark."""
    return _MARKED.sub("", text).strip() or text.strip()


def raise_(turn: Turn, c: Customer, due: datetime | None) -> Reply:
    """A to-do for the owner, due today, and a card he answers with 收到; asked by the owner himself it is just his to-do."""
    owner = c.owner
    if owner is None:
        return Reply(
            Card(
                f"{c.short}在公海，没有负责人",
                (Facts((("内容", words(turn.said.text)),)),),
                (Button("认领", says.write("owner.claim", customer_id=c.id), "primary"),),
            )
        )
    text = words(turn.said.text)
    at = due if due and due > turn.now else turn.now + timedelta(hours=SOON_H)
    task = _tasks.create(turn, Task("", f"紧急：{text}"[:80], owner, at, c.id, "", "todo", by=turn.me.id), told=True)
    turn.did("task.created", tasks=[task.id])
    if owner == turn.me.id:
        return Reply(
            Card(
                f"已记下紧急待办：{text}",
                (Facts((("客户", c.short), ("截止", _tasks.due_words(task.due)))),),
                (Button("撤销", says.write("dialog.undo")),),
                Tone.DONE,
            )
        )
    turn.tell(owner, card(turn, task, c), subject=f"task:{task.id}")
    turn.event("alert.raised", kind="urgent", subject={"customer": c.id}, to=[owner], task=task.id)
    turn.tx.jobs.plan(
        Job(f"urgent-{task.id}", "urgent_unread", f"task:{task.id}", turn.now + timedelta(minutes=UNREAD_MIN), {"task": task.id})
    )
    note = f"{UNREAD_MIN} 分钟没有回应会转给协助负责人或主管。"
    return Reply(
        Card(
            f"已通知{_views.name(turn, owner)}：{c.short}紧急",
            (Facts((("内容", text), ("说明", note))),),
            (Button("撤销", says.write("dialog.undo")),),
            Tone.DONE,
        )
    )


def card(turn: Turn, task: Task, c: Customer) -> Card:
    """What the owner, then whoever stands in, gets."""
    rows = (("客户", c.short), ("来自", _views.name(turn, task.by)), ("截止", _tasks.due_words(task.due)))
    buttons = (
        Button("收到", says.write("urgent.taken", task=task.id), "primary"),
        Button("完成", says.write("task.done", id=task.id)),
    )
    return Card(task.title, (Facts(rows),), buttons, Tone.WARN)


def stand_in(turn: Turn, c: Customer) -> str | None:
    """A co-owner who is here, else the owner's manager."""
    away = (
        {x.member for x in turn.tx.leaves.of_many(list(c.co_owners), turn.now, turn.now + timedelta(minutes=1))}
        if c.co_owners
        else set()
    )
    helpers = [m for p in c.co_owners if p not in away and (m := turn.tx.people.get(p)) and m.active]
    if helpers:
        return helpers[0].id
    above = turn.tx.people.managers_above(c.owner) if c.owner else []
    return above[0].id if above else None
