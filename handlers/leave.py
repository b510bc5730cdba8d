"""请假、出差、培训：占住时段，约不进来；原因不外传。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import OFFICE, Leave, Slot, When
from domain.refusal import Refusal
from handlers import _views


@dataclass(frozen=True, slots=True)
class Absence:
    """When; `content` is the person's own business."""

    time: When | None = None
    content: str = ""
    id: str = ""
    draft: str = ""


@command("leave.add", Absence, group="请假", example="我周五请假")
def add(ask: Absence, turn: Turn) -> Reply:
    """Block the time; visits that stand in it are named with ways out."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    slot = stretch(turn, ask.time)
    if slot is None:
        turn.ask(turn.said.with_slots(draft=None), "time")
        return Reply(Card("请哪天假？还没登记", (Text("例如：周五全天，或 周五下午。"),)))
    if slot.end <= turn.now:
        raise Refusal("这段时间已经过去了，没有登记")
    kind = next((w for w in ("出差", "培训", "开会") if w in turn.said.text), "请假")
    leave = turn.tx.leaves.add(Leave("", turn.me.id, slot.start, slot.end, kind))
    turn.event("leave.added", leave=leave_json(leave))
    turn.did("leave.added", leave=leave.id)
    hit = [v for v in turn.tx.visits.of_person(turn.me.id, slot.start, slot.end, statuses=("planned", "pending"))]
    blocks = [Text("这段时间不会再被约进拜访。")]
    if hit:
        blocks.append(Text(f"其中有 {len(hit)} 次拜访要处理："))
    lines = (Items(tuple(_views.visit_line(turn, v, with_day=True) for v in hit)),) if hit else ()
    buttons = [Button("撤销", says.write("dialog.undo"))]
    for v in hit[:2]:
        buttons.append(Button(f"改约{_views.label(turn, v)}"[:10], says.write("visit.retime", visit=v.id)))
    return Reply(Card(f"已登记{kind}：{when(slot)}", (*blocks, *lines), tuple(buttons), Tone.DONE))


def stretch(turn: Turn, time: When | None) -> Slot | None:
    """A date is the whole day, a range itself, a moment until the end of work."""
    if time is None or time.start is None:
        return None
    start = time.start
    if time.kind == "instant":
        end = datetime.combine(start.astimezone(OFFICE).date(), turn.rules.work_end, OFFICE)
        return Slot(start, end if end > start else start + timedelta(hours=1))
    if time.end is not None:
        return Slot(start, time.end)
    return Slot(start, start + timedelta(days=1))


def when(slot: Slot) -> str:
    """Whole days without clock times."""
    first, last = slot.start.astimezone(OFFICE), (slot.end - timedelta(minutes=1)).astimezone(OFFICE)
    whole = slot.start.astimezone(OFFICE).hour == 0 and slot.end.astimezone(OFFICE).hour == 0
    if whole:
        return f"{_views.day(first)} 全天" if first.date() == last.date() else f"{_views.day(first)} – {_views.day(last)}"
    return _views.span(slot)


def leave_json(leave: Leave) -> dict[str, object]:
    """`data.leave` of contract.md section 7."""
    return {"id": leave.id, "member": leave.member, "start": leave.start.isoformat(), "end": leave.end.isoformat()}


@command("leave.cancel", Absence, group="请假", example="周五的假不请了")
def cancel(ask: Absence, turn: Turn) -> Reply:
    """Take a leave back."""
    first = ask.time.start if ask.time and ask.time.start else turn.now
    last = (ask.time.end if ask.time and ask.time.end else None) or (
        first + timedelta(days=1) if ask.time else turn.now + timedelta(days=90)
    )
    found = [turn.tx.leaves.get(ask.id)] if ask.id else turn.tx.leaves.of(turn.me.id, first, last)
    mine = [x for x in found if x is not None and x.member == turn.me.id and x.end > turn.now]
    if not mine:
        return Reply(Card("没有找到要取消的请假，没有任何改动"))
    if len(mine) > 1:
        buttons = tuple(Button(when(Slot(x.start, x.end)), says.write("leave.cancel", id=x.id)) for x in mine[:5])
        return Reply(Card(f"有 {len(mine)} 段请假，取消哪一段？", (), buttons))
    turn.tx.leaves.cancel(mine[0].id)
    turn.event("leave.cancelled", leave=leave_json(mine[0]))
    return Reply(Card(f"已取消{mine[0].kind or '请假'}：{when(Slot(mine[0].start, mine[0].end))}", tone=Tone.DONE))


@command("leave.list", Absence, group="请假", example="我有哪些请假")
def listing(ask: Absence, turn: Turn) -> Reply:
    """One's own leaves ahead."""
    found = turn.tx.leaves.of(turn.me.id, turn.now, turn.now + timedelta(days=180))
    lines = tuple(f"{when(Slot(x.start, x.end))} {x.kind}" for x in found)
    return Reply(Card(f"您有 {len(found)} 段请假或外出", (Items(lines),)) if found else Card("您近期没有登记请假"))
