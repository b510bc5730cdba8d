"""撤销：十分钟内撤回自己刚做的一步。"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cards import Card, Text, Tone
from bot.command import Reply, Turn, command
from domain.desk import Deed
from domain.model import Visit
from domain.refusal import Refusal, Stale
from handlers import _after, _follow_undo, _merging, _owner_undo, _restore, _views
from handlers._rights import check_owner


@dataclass(frozen=True, slots=True)
class Undo:
    """What to undo: a visit's last change (from its card), else the person's last deed."""

    visit: str = ""
    deed: str = ""


@command("dialog.undo", Undo, group="拜访", example="撤销")
def undo(ask: Undo, turn: Turn) -> Reply:
    """Undo the last deed if it is at most `undo_min` old; once only."""
    since = turn.now - timedelta(minutes=turn.rules.undo_min)
    if "合并" in turn.said.text and (merge := _merging.last(turn)) is not None:
        return _merging.undone(turn, merge)
    deed = turn.tx.talk.deed(ask.deed) if ask.deed else _last(turn, ask.visit, since)
    if deed is None and (visit := turn.tx.visits.get(ask.visit)) is not None:
        check_owner(turn, visit)
    if deed is None or deed.person != turn.me.id or deed.at < since:
        minutes = turn.rules.undo_min
        return Reply(Card(f"没有可以撤销的操作（只能撤销 {minutes} 分钟内的）", (Text("可以直接说：取消或改期哪一次拜访。"),)))
    if deed.undone or not turn.tx.talk.undo(deed.id):
        raise Stale("这一步已经撤销过了，没有重复操作")
    act = UNDO.get(deed.name)
    if act is None:
        raise Refusal("这一步不能撤销", "可以直接说要怎么改。")
    what = act(turn, deed)
    turn.event("undo.done", undone=deed.name, id=deed.id)
    return Reply(Card(f"已撤销：{what}", tone=Tone.DONE))


def _last(turn: Turn, visit: str, since: datetime) -> Deed | None:
    """The newest deed, or the newest one about a visit."""
    deeds = turn.tx.talk.recent(turn.me.id, since)
    return next((d for d in deeds if not visit or d.data.get("visit") == visit), None)


def _fresh(turn: Turn, deed: Deed) -> Visit:
    visit = turn.tx.visits.get(str(deed.data["visit"]))
    if visit is None or visit.version != deed.data["version"]:
        raise Stale("之后又有别的变动，不能直接撤销", "请直接说要怎么改。")
    return visit


def _unbook(turn: Turn, deed: Deed) -> str:
    visit = _fresh(turn, deed)
    if visit.status not in ("planned", "pending"):
        raise Stale("这次拜访已经结束或取消，没有撤销")
    customer = turn.tx.customers.get(visit.customer)
    saved = turn.tx.visits.save(replace(visit, status="cancelled"), visit.version, at=turn.now, by=turn.me.id, why="undo")
    if saved is None or customer is None:
        raise Stale("这次拜访刚刚有变动，没有撤销")
    for approval in turn.tx.approvals.pending(subject_visit=visit.id):
        turn.tx.approvals.decide(approval.id, "withdrawn", turn.me.id, turn.now, "")
    _after.cancelled(turn, saved, customer)
    return f"{_views.moment(saved.start)} 拜访{_views.label(turn, saved)}，预约和提醒都已取消{_views.heard(turn, saved)}"


def _put_back(turn: Turn, deed: Deed) -> str:
    visit = _fresh(turn, deed)
    state = next((v for n, v, *_ in turn.tx.visits.versions(visit.id) if n == deed.data["back_to"]), None)
    if state is None or state.start < turn.now:
        raise Stale("原来的时间已经过去了，没有撤销", "请直接说新的时间。")
    saved = _restore.bring_back(turn, visit, state)
    return f"{_views.moment(saved.start)} 拜访{_views.label(turn, saved)}，已恢复"


def _unchange(turn: Turn, deed: Deed) -> str:
    visit = _fresh(turn, deed)
    state = next((v for n, v, *_ in turn.tx.visits.versions(visit.id) if n == deed.data["back_to"]), None)
    if state is None or not visit.live:
        raise Stale("这次拜访已经取消，没有撤销")
    saved = _restore.as_before(turn, visit, state)
    return f"{_views.moment(saved.start)} 拜访{_views.label(turn, saved)}，已恢复原样"


def _unrestore(turn: Turn, deed: Deed) -> str:
    state = next((v for n, v, *_ in turn.tx.visits.versions(_fresh(turn, deed).id) if n == deed.data["back_to"]), None)
    return _unbook(turn, deed) if state is None or state.status == "cancelled" else _put_back(turn, deed)


def _unleave(turn: Turn, deed: Deed) -> str:
    leave = turn.tx.leaves.get(str(deed.data["leave"]))
    if leave is None or not turn.tx.leaves.cancel(leave.id):
        raise Stale("这段请假已经取消了")
    data = {"id": leave.id, "member": leave.member, "start": leave.start.isoformat(), "end": leave.end.isoformat()}
    turn.event("leave.cancelled", leave=data)
    return f"{_views.moment(leave.start)} 起的{leave.kind or '请假'}"


UNDO: dict[str, Callable[[Turn, Deed], str]] = {
    "visit.booked": _unbook,
    "visit.rescheduled": _put_back,
    "visit.updated": _unchange,
    "visit.cancelled": _put_back,
    "visit.restored": _unrestore,
    "leave.added": _unleave,
    **_follow_undo.INVERSE,
    **_owner_undo.INVERSE,
}
