"""日历：有人在企业微信或钉钉日历里动了拜访，告诉负责人，由他决定按哪边算。"""

from dataclasses import dataclass
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Job
from domain.model import Slot
from domain.refusal import Stale
from handlers import _views
from handlers._rights import check_visit

NAMES = {"wecom": "企业微信", "dingtalk": "钉钉"}


@dataclass(frozen=True, slots=True)
class Restore:
    """Which visit."""

    visit: str = ""


@command("calendar.restore", Restore, intent="visit.update")
def restore(ask: Restore, turn: Turn) -> Reply:
    """The calendar is made to show the visit as it is booked."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or not visit.live:
        raise Stale("这次拜访已经有变动，日历会自动更新")
    check_visit(turn, visit)
    for entry in turn.tx.wires.mirrors_of(f"visit:{visit.id}"):
        turn.tx.wires.renew(entry.subject, entry.wire, turn.now)
    title = f"已恢复日历：{_views.span(visit.slot)} {_views.label(turn, visit)}"
    return Reply(Card(title, (Text("拜访本身没有改动。"),), tone=Tone.DONE), subject=f"visit:{visit.id}")


@job("calendar_changed")
def calendar_changed(turn: Turn, work: Job) -> None:
    """Ask the rep: the calendar's time, or the booked one. Nothing changes by itself."""
    visit = turn.tx.visits.get(work.subject.partition(":")[2])
    if visit is None or visit.status != "planned" or visit.start <= turn.now:
        return
    member = turn.tx.people.get(visit.rep)
    if member is not None:
        turn.readers = [member]
    where, name = NAMES.get(str(work.data["wire"]), "日历"), _views.label(turn, visit)
    back = Button("恢复日历", says.write("calendar.restore", visit=visit.id))
    rows = [("预约时间", _views.span(visit.slot))]
    if work.data["gone"]:
        title = f"{where}日历里的这次拜访被删除或拒绝了：{_views.span(visit.slot)} {name}"
        button = Button("取消拜访", says.write("visit.cancel", visit_id=visit.id), "danger")
        text = "拜访还没有取消。"
    else:
        start, end = (datetime.fromisoformat(str(work.data[k])) for k in ("start", "end"))
        rows.append(("日历时间", _views.span(Slot(start, end))))
        title = f"{where}日历里的时间被改动了：{name}"
        length = int((end - start).total_seconds() // 60)
        to = says.write("visit.reschedule", visit_id=visit.id, new_time=start.isoformat(), duration_min=length)
        button = Button("按日历改期", to, "primary")
        text = "拜访还没有改期。"
    turn.tell(visit.rep, Card(title, (Facts(tuple(rows)), Text(text)), (button, back)), subject=f"visit:{visit.id}")
