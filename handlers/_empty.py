"""扑空: the visit stood before closed doors. Its reason replaces the report; the way to a new date is one tap (R25)."""

from dataclasses import dataclass

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain import spoken
from domain.model import Visit, When
from domain.refusal import Stale
from handlers import _ask_time, _life, _report_visit, _views, _who
from nlp.said import Said

REASONS = ("客户不在", "客户临时有事", "约错时间")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which visit, and why nobody was there."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    content: str = ""


def run(turn: Turn, ask: Wanted, reason: str = "") -> Reply:
    """Note an empty run at once when there is a reason; without one ask for a word."""
    visit = _report_visit.pick_visit(turn, ask)
    if isinstance(visit, Reply):
        return visit
    _report_visit.check_author(turn, visit)
    if visit.status == "empty" or turn.tx.reports.get(visit.id):
        word = "扑空" if visit.status == "empty" else "提交纪要"
        raise Stale(f"{_life.short(turn, visit)}这次拜访已经记为{word}，没有重复操作")
    reason = reason or spoken.empty_reason(ask.content)
    return close(turn, visit, reason) if reason else why(turn, visit)


def why(turn: Turn, visit: Visit) -> Reply:
    """One word is enough."""
    draft = turn.ask(Said("visit.empty", {"visit_id": visit.id}), "words", 24 * 60, field="reason", accepts=["report.file"])
    buttons = tuple(Button(r, says.write("visit.empty", visit_id=visit.id, reason=r, draft=draft.id)) for r in REASONS)
    title = f"{_life.short(turn, visit)}扑空的原因是？还没保存"
    return Reply(Card(title, (Text("一个词就行，原因代替纪要。"),), buttons), subject=f"draft:{draft.id}")


def close(turn: Turn, visit: Visit, reason: str) -> Reply:
    """The visit is empty: no report is due any more, a new date is offered."""
    before = visit.status
    saved = _life.finish(turn, visit, "empty", reason=reason)
    if saved is None:
        raise Stale("这次拜访刚刚有变动，没有保存", "请再说一次。")
    closed = [t.id for t in _life.report_tasks(turn, saved, "cancelled")]
    turn.tx.jobs.drop(f"report:{visit.id}")
    turn.did("visit.empty", visit=saved.id, status=before, closed=closed)
    stop_asking(turn, saved)
    buttons = (
        *new_dates(turn, saved),
        Button("改约", says.write("visit.rebook", visit=saved.id), "primary"),
        Button("撤销", says.write("dialog.undo")),
    )
    facts = Facts((("时间", _views.span(saved.slot)), ("原因", reason)))
    text = Text("已计入扑空，不用再写纪要。")
    return Reply(Card(f"已记为扑空：{_life.short(turn, saved)}", (facts, text), buttons, Tone.DONE), subject=f"visit:{saved.id}")


def stop_asking(turn: Turn, visit: Visit) -> None:
    """The question for its report is over too: what is typed next must not turn the empty run into a done visit."""
    for chat in dict.fromkeys((turn.here, f"u:{turn.me.id}")):
        draft = turn.tx.talk.open(turn.me.id, chat, turn.now)
        if draft is not None and draft.intent == "report.file" and _who.slots_of(draft.ask).get("visit_id") == visit.id:
            turn.tx.talk.close(draft.id, "dropped")


def new_dates(turn: Turn, visit: Visit) -> list[Button]:
    """Three free times for the same visit, each booked by one tap (47)."""
    customer = turn.tx.customers.get(visit.customer)
    if customer is None or visit.rep != turn.me.id or turn.group:
        return []
    people = [m for p in visit.participants if (m := turn.tx.people.get(p))]
    free = _ask_time.free_slots(turn, customer, people, visit.slot.minutes, None, visit.mode)
    return [Button(_views.moment(s.start), says.write("visit.rebook", visit=visit.id, start=s.start.isoformat())) for s in free]
