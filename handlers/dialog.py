"""对话：确认、放弃、选择、更正；没有待答的问题时说清楚，什么都不改。"""

from dataclasses import dataclass, replace

from bot.answers import to_week
from bot.cards import Card, Items, Text, Tone
from bot.command import Reply, Turn, command, write_when
from domain.model import When
from domain.refusal import NotAllowed
from handlers import _plan, _views, _who
from nlp.said import Said

ADDITIONS = frozenset({"owner.transfer", "owner.dispute", "approval.proof", "transfer.proof", "dispute.proof"})
"""Questions for more about what was handed in already: a no leaves that as it is."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No slots."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A number."""

    choice: int | None = None


@dataclass(frozen=True, slots=True)
class DraftRef:
    """A draft by id."""

    draft: str = ""


@command("dialog.confirm", Nothing)
def confirm(ask: Nothing, turn: Turn) -> Reply:
    """A yes with no open question changes nothing (D32: 好的四点见 is no change)."""
    visit = _who.last_visit(turn)
    if visit is not None:
        text = Text(f"{_views.span(visit.slot)} 拜访{_views.label(turn, visit)}，保持不变。")
        return Reply(Card("好的，没有需要确认的事，日程没有改动", (text,)))
    return Reply(Card("好的，现在没有等您确认的事", (Text("需要时直接说，例如：明天下午3点拜访宏远。"),)))


@command("dialog.deny", Nothing)
def deny(ask: Nothing, turn: Turn) -> Reply:
    """A no with no open question."""
    return Reply(Card("好的，没有任何改动"))


@command("dialog.choose", Choice)
def choose(ask: Choice, turn: Turn) -> Reply:
    """A number that is none of the choices changes nothing."""
    return Reply(Card(f"没有第 {ask.choice} 项可选，没有任何改动" if ask.choice else "现在没有可选的事项，没有任何改动"))


@dataclass(frozen=True, slots=True)
class Correct:
    """A correction of what was just done."""

    customer: str | None = None
    time: When | None = None
    people: tuple[str, ...] = ()
    purpose: str = ""
    mode: str = ""
    contact: str = ""
    location: str = ""
    duration_min: int | None = None


@command("dialog.correct", Correct)
def correct(ask: Correct, turn: Turn) -> Reply:
    """不是周三是周四 after a booking: the visit just talked about is changed, everything else kept."""
    visit = _who.last_visit(turn)
    if visit is None:
        return Reply(Card("要更正哪一件？没有任何改动", (Text("请说完整一点，例如：把明天宏远的拜访改到周四。"),)))
    slots = {**turn.said.slots}
    if ask.time is not None or ask.duration_min:
        flags = turn.said.hints.get("time_flags", ())
        time = slots.get("time")
        if ask.time is not None and ask.time.start is not None and "bare_weekday" in flags:  # type: ignore[operator]
            # 不是周三是周四: the Thursday of the week that was spoken of
            shift = to_week(ask.time.start, visit.start)
            end = ask.time.end + shift if ask.time.end else None
            time = write_when(replace(ask.time, start=ask.time.start + shift, end=end))
        moved = {"new_time": time, "duration_min": ask.duration_min, "visit_id": visit.id}
        hints = {"new_time_flags": flags}
        then = Said("visit.reschedule", {k: v for k, v in moved.items() if v}, hints=hints, text=turn.said.text)
        return Reply(Card("收到更正"), then=then)
    if ask.customer:
        return _other_customer(turn, visit.id, ask.customer)
    fields = {k: v for k in ("purpose", "mode", "contact", "location") if (v := getattr(ask, k))}
    if fields:
        return Reply(Card("收到更正"), then=Said("visit.update", {**fields, "visit_id": visit.id}, text=turn.said.text))
    if ask.people:
        then = Said("visit.invite", {"people": list(ask.people), "visit_id": visit.id}, hints=dict(turn.said.hints))
        return Reply(Card("收到更正"), then=then)
    return Reply(Card("没听出要更正什么，没有任何改动", (Text("例如：不是周三是周四；客户是鼎盛机电。"),)))


def _other_customer(turn: Turn, visit_id: str, customer: str) -> Reply:
    """The wrong customer was booked: the booking is taken off and made again for the right one (21)."""
    visit = turn.tx.visits.get(visit_id)
    if visit is None or visit.rep != turn.me.id:
        return Reply(Card("没有可以更正的拜访，没有任何改动"))
    time = {"kind": "instant", "start": visit.start.isoformat(), "end": None}
    slots: dict[str, object] = {
        "customer": customer, "time": time, "duration_min": visit.slot.minutes, "purpose": visit.purpose, "mode": visit.mode,
    }  # fmt: skip
    hints = {"customer_ids": _who.ids(turn.said, "customer_ids")}
    then = Said("visit.book", {k: v for k, v in slots.items() if v}, hints=hints, text=turn.said.text)
    return Reply(Card("收到更正"), then=Said("visit.replace", {"visit": visit.id}, hints={"then": then}, text=turn.said.text))


@dataclass(frozen=True, slots=True)
class Replace:
    """The visit that was a mistake; the right one stands in the hints."""

    visit: str = ""


@command("visit.replace", Replace, intent="dialog.correct")
def replace_visit(ask: Replace, turn: Turn) -> Reply:
    """Cancel the mistaken visit, then book the right one."""
    then = turn.said.hints.get("then")
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or not isinstance(then, Said):
        return Reply(Card("没有可以更正的拜访，没有任何改动"))
    title = f"已取消约错的：{_views.moment(visit.start)} {_views.label(turn, visit)}"
    _plan.call_off(turn, visit)
    return Reply(Card(title, tone=Tone.DONE), then=then)


@command("draft.drop", DraftRef, intent="dialog.deny")
def drop(ask: DraftRef, turn: Turn) -> Reply:
    """算了: the question is closed, nothing was saved."""
    draft = turn.tx.talk.get(ask.draft) if ask.draft else None
    if draft is not None and draft.person == turn.me.id:
        if not turn.tx.talk.close(draft.id, "dropped"):
            return already(turn)
        turn.tx.talk.close(str(draft.data.get("then") or ""), "dropped")
        if clash := str(draft.data.get("clash") or ""):
            _plan.settle_clash(turn, clash, "dropped", "")
        if draft.question == "words" and draft.intent in ADDITIONS:
            return Reply(Card("好的，先不补充，已经提交的照常处理"))
    return Reply(Card("好的，没有保存，什么都没有改动"))


@command("draft.gone", DraftRef, intent="dialog.choose")
def gone(ask: DraftRef, turn: Turn) -> Reply:
    """A choice on a card whose question was answered before, or was put to somebody else."""
    draft = turn.tx.talk.get(ask.draft) if ask.draft else None
    if draft is not None and draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的卡片，没有任何改动", action=draft.intent, obj=draft.id)
    return already(turn)


def already(turn: Turn) -> Reply:
    """The state as it is now, for a card whose time is over (D8)."""
    visit = _who.last_visit(turn)
    lines = (_views.visit_line(turn, visit, with_day=True),) if visit else ()
    return Reply(Card("这张卡片已经处理过了，没有重复操作", (Items(lines),) if lines else ()))
