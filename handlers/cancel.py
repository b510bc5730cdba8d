"""取消：一次马上取消并可撤销，一天或多次先预览再确认；没说哪次就列出来选，绝不猜。"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Customer, Visit, When
from domain.refusal import Stale
from handlers import _hole, _plan, _views, _who
from handlers._rights import check_visit

_THAT = re.compile(
    r"(?:那|把|请|帮我|麻烦)*(?:那个|这个|那次|这次|那一?个|它)(?:拜访|预约|行程)?(?:也|就|还是|先|给)*(?:取消|撤掉|删|不去|不约|作废)"
)


_ALL = re.compile("所有|全部|都取消|全取消|一律|统统")


@dataclass(frozen=True, slots=True)
class Cancel:
    """Which visits: by customer, time, id; `all` when 所有/全部 was said."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    people: tuple[str, ...] = ()
    draft: str = ""


@command("visit.cancel", Cancel, group="拜访", example="取消明天下午宏远的拜访")
def cancel(ask: Cancel, turn: Turn) -> Reply:
    """One clear visit is cancelled at once with an undo; several after one confirmation; 取消 alone shows choices."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    said = turn.said.with_slots(draft=None)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        return _who.nothing_found(turn, f"「{ask.customer}」的拜访")
    if refers_back(turn, ask, found) and (last := _who.last_visit(turn)) is not None:
        return cancel_one(turn, last)
    if not ask.visit_id and ask.time is not None:
        visits = _who.find_visits(turn, ask.time, found)
        several = _ALL.search(turn.said.text) is not None
        if visits and (len(visits) > 1 or several) and ask.time.kind != "instant":
            return preview(turn, visits)
    if not ask.visit_id and ask.time is None and not found and not ask.people:
        visits = _who.find_visits(turn, None, ())
        if not visits:
            return _who.nothing_found(turn, "可以取消的拜访")
        if _ALL.search(turn.said.text):
            return preview(turn, visits)
        visits = visits[:3]
        return _who.which_visit(turn, visits, said, "要取消哪一次？还没有取消")
    visit = _who.visit_for(turn, ask.visit_id, ask.time, found, said, "取消")
    return visit if isinstance(visit, Reply) else cancel_one(turn, visit)


def refers_back(turn: Turn, ask: Cancel, found: Sequence[Customer]) -> bool:
    """刚才那个 / 那个 / 这次 with nothing else said: the visit that was talked about last."""
    if ask.visit_id or found or ask.people:
        return False
    just_now = any(w in turn.said.text for w in ("刚才", "刚刚", "刚约"))
    return just_now or (ask.time is None and _THAT.match(turn.said.text) is not None)


def cancel_one(turn: Turn, visit: Visit) -> Reply:
    """Cancel one visit and offer to undo."""
    saved = take_off(turn, visit)
    title = f"已取消：{_views.moment(saved.start)} 拜访{_views.label(turn, saved)}"
    told = [p for p in saved.people if p != turn.me.id]
    note = f"已通知{_views.names(turn, told)}。" if told else "没有其他人需要通知。"
    hole = _hole.after_leaving(turn, saved.slot) if saved.rep == turn.me.id else None
    buttons = (
        Button("撤销", says.write("dialog.undo", visit=saved.id)),
        Button("改约", says.write("visit.rebook", visit=saved.id)),
        *([hole[1]] if hole else []),
    )
    lines = (Text(f"提醒也已取消，{note}"), *([Text(hole[0])] if hole else []))
    return Reply(Card(title, lines, buttons, Tone.DONE), subject=f"visit:{saved.id}")


def take_off(turn: Turn, visit: Visit) -> Visit:
    """Cancel a visit the asker may change."""
    check_visit(turn, visit)
    return _plan.call_off(turn, visit)


def preview(turn: Turn, visits: list[Visit]) -> Reply:
    """Several at once: shown, then asked once (19)."""
    ids = ",".join(f"{v.id}.{v.version}" for v in visits[:20])
    buttons: tuple[Button, ...] = (
        Button("确认", says.write("visit.cancel_all", visits=ids), "primary"),
        Button("算了", says.write("draft.drop")),
    )
    if len(visits) == 1:
        buttons = (
            *buttons,
            Button("改到别的时间", says.write("visit.retime", visit=visits[0].id)),
            Button("请同事代访", says.write("visit.substitute", visit_id=visits[0].id)),
        )
    lines = tuple(_views.visit_line(turn, v, with_day=True) for v in visits[:20])
    return Reply(Card(f"要取消这 {len(visits)} 次拜访吗？还没有取消", (Items(lines),), buttons, Tone.WARN))


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Visits with the versions that were shown: id.version, comma-separated."""

    visits: str = ""


@command("visit.cancel_all", CancelAll, intent="dialog.confirm")
def cancel_all(ask: CancelAll, turn: Turn) -> Reply:
    """Cancel all that were shown; one that changed meanwhile is left and named."""
    lines, left = [], []
    for item in filter(None, ask.visits.split(",")):
        visit_id, _, version = item.rpartition(".")
        visit = turn.tx.visits.get(visit_id)
        if visit is None or str(visit.version) != version or visit.status not in ("planned", "pending"):
            left.append(_views.visit_line(turn, visit, with_day=True) if visit else "一次已不存在的拜访")
            continue
        lines.append(_views.visit_line(turn, take_off(turn, visit), with_day=True))
    if not lines:
        raise Stale("这些拜访都已经有变动，没有取消", "请再说一次要取消哪些。")
    blocks = [Items(tuple(lines))]
    if left:
        blocks.append(Items(tuple(f"{x}：刚有变动，没有取消" for x in left)))
    return Reply(Card(f"已取消 {len(lines)} 次拜访", tuple(blocks), tone=Tone.DONE))
