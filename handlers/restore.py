"""恢复：取消的拜访恢复，改过的拜访放回原来的时间（不是新预约），先查原时段是否还空。"""

from dataclasses import dataclass
from datetime import timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Visit, When
from domain.refusal import Refusal, Stale
from handlers import _restore, _views, _who
from handlers._rights import check_owner, check_visit


@dataclass(frozen=True, slots=True)
class Restore:
    """Which visit; without a word about it the one changed last."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    draft: str = ""


@command("visit.restore", Restore, group="拜访", example="宏远还是按原来的时间")
def restore(ask: Restore, turn: Turn) -> Reply:
    """Bring back a cancelled visit, or put a moved one back to where it was."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if ask.visit_id:
        visit = turn.tx.visits.get(ask.visit_id)
        found = [visit] if visit else []
    else:
        found = changed_lately(turn, ask)
    if not found:
        return _who.nothing_found(turn, "可以恢复的拜访")
    if len(found) > 1:
        return _who.which_visit(turn, found, turn.said.with_slots(draft=None), "要恢复哪一次？")
    return put_back(turn, found[0])


def changed_lately(turn: Turn, ask: Restore) -> list[Visit]:
    """The asker's visits that were cancelled or moved, newest talked-about first when nothing else is said."""
    customers = _who.candidates(turn, ask.customer, ask.customer_id)
    since = turn.now - timedelta(hours=12)
    cancelled = _who.find_visits(turn, ask.time, customers, statuses=("cancelled",))
    moved = [v for v in _who.find_visits(turn, ask.time, customers) if earlier(turn, v) is not None]
    both = [v for v in [*cancelled, *moved] if v.start > since or ask.time]
    noted = turn.tx.talk.noted(turn.me.id, "visit")
    if not customers and ask.time is None and any(v.id == noted for v in both):
        return [v for v in both if v.id == noted]
    return both


def earlier(turn: Turn, visit: Visit) -> Visit | None:
    """The last earlier state of a visit that stood at another time."""
    states = [v for _, v, *_ in turn.tx.visits.versions(visit.id) if v.status != "cancelled"]
    others = [v for v in states if v.slot != visit.slot]
    return others[-1] if others else None


def put_back(turn: Turn, visit: Visit) -> Reply:
    """Checks that the time is still free, like any move; then 已恢复."""
    check_owner(turn, visit)
    if visit.status == "cancelled":
        target = visit
    else:
        check_visit(turn, visit)
        before = earlier(turn, visit)
        if before is None:
            raise Stale("这次拜访没有改过时间，没有任何改动")
        target = before
    if target.start < turn.now:
        raise Refusal(f"原来的时间 {_views.moment(target.start)} 已经过去了，没有恢复", "请告诉我新的时间。")
    saved = _restore.bring_back(turn, visit, target)
    turn.did("visit.restored", visit=saved.id, version=saved.version, back_to=visit.version)
    customer = turn.tx.customers.get(saved.customer)
    title = f"已恢复：{_views.moment(saved.start)} 拜访{_views.label(turn, saved, customer)}"
    facts = Facts(_views.visit_rows(turn, saved, customer) if customer else ())
    job = turn.tx.jobs.get(f"reminder-{saved.id}-{saved.version}")
    note = Text("原来的时间仍空着" + (f"，{_views.moment(job.due)} 提醒您。" if job and saved.rep == turn.me.id else "。"))
    return Reply(
        Card(title, (facts, note), (Button("撤销", says.write("dialog.undo", visit=saved.id)),), Tone.DONE),
        subject=f"visit:{saved.id}",
    )
