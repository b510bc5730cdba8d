"""紧急需求：收到、超时转给协助负责人或主管。"""

from dataclasses import dataclass, replace

from bot.cards import Card, Text, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Job
from domain.refusal import NotAllowed, Stale
from handlers import _urgent, _views


@dataclass(frozen=True, slots=True)
class Taken:
    """Which urgent to-do."""

    task: str = ""


@command("urgent.taken", Taken, intent="task.done")
def taken(ask: Taken, turn: Turn) -> Reply:
    """收到: nobody else is asked; who asked is told. It is for the one it went to, and whoever stands in."""
    task = turn.tx.tasks.get(ask.task)
    if task is None or task.state != "open":
        raise Stale("这件事已经处理过了")
    if turn.me.id != task.assignee and turn.me.id not in _views.managers(turn, task.assignee):
        c = turn.tx.customers.get(task.customer)
        if c is None or turn.me.id not in c.co_owners:
            raise NotAllowed("无权：这件紧急的事不是交给您的", action="task.done", obj=task.id)
    turn.tx.tasks.save(replace(task, assignee=turn.me.id, touched=True))
    turn.tx.jobs.drop(f"task:{task.id}", "urgent_unread")
    if task.by != turn.me.id:
        turn.tell(task.by, Card(f"{turn.me.name}已收到：{task.title}", tone=Tone.DONE), key=f"urgent-taken-{task.id}")
    return Reply(
        Card(f"收到，已告诉{_views.name(turn, task.by)}", (Text("处理完请点完成。"),), tone=Tone.DONE), subject=f"task:{task.id}"
    )


@job("urgent_unread")
def urgent_unread(turn: Turn, work: Job) -> None:
    """Half an hour without 收到: whoever stands in gets the card, once."""
    task = turn.tx.tasks.get(str(work.data["task"]))
    c = turn.tx.customers.get(task.customer) if task else None
    if task is None or c is None or task.state != "open" or task.touched:
        return
    to = _urgent.stand_in(turn, c)
    if to is None or to == task.assignee:
        return
    turn.tell(to, _urgent.card(turn, task, c), subject=f"task:{task.id}", key=f"urgent-up-{task.id}")
    turn.event("alert.raised", kind="urgent", subject={"customer": c.id}, to=[to], task=task.id)
