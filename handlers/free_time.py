"""查空档：我的、同事的、谁有空、几个人共同的空档。"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot import says
from bot.cards import Block, Button, Card, Items, Text
from bot.command import Reply, Turn, command
from domain import free
from domain.model import OFFICE, Member, Slot, When
from domain.refusal import NotFound, Refusal
from handlers import _hole, _slots, _views, _who
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class FreeTime:
    """Whose and when; several people together with a length means common slots."""

    people: tuple[str, ...] = ()
    team: str = ""
    customer: str | None = None
    time: When | None = None
    duration_min: int | None = None
    draft: str = ""


@command("visit.free_time", FreeTime, group="查询", example="周五下午谁有空")
def free_time(ask: FreeTime, turn: Turn) -> Reply:
    """Free intervals inside working hours; why somebody is busy is never said (R27)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    window = window_of(turn, ask.time)
    text = turn.said.text
    if ask.people:
        named = _who.people(turn, ask.people, turn.said)
        if isinstance(named, Reply):
            return named
        together = len(named) > 1 or "我" in text
        who = [turn.me, *named] if "我" in text else named or [turn.me]
        if together and len(who) > 1:
            return common(turn, who, window, ask)
        return one(turn, who[0], window)
    if ask.team or "谁" in text or "哪些人" in text:
        members = turn.tx.people.team(ask.team) if ask.team else team_of(turn)
        if not members:
            raise NotFound(f"没有找到团队「{ask.team}」")
        return each(turn, members, window)
    return one(turn, turn.me, window)


def team_of(turn: Turn) -> list[Member]:
    """Who 谁 means: the group's members, else the asker's team."""
    return list(turn.readers) if turn.group else turn.tx.people.team(turn.me.team) or [turn.me]


def window_of(turn: Turn, when: When | None) -> Slot:
    """From now (or the start said) to the end said; a moment means an hour from it; nothing means today or the next days."""
    now = turn.now.astimezone(OFFICE)
    if when is None or when.start is None:
        end = when.end if when and when.end else datetime.combine(now.date(), time(0), OFFICE) + timedelta(days=1)
        start = now
    elif when.kind == "instant":
        start, end = when.start, when.start + timedelta(hours=1)
    else:
        start = when.start
        end = when.end or start + timedelta(days=1)
    start = max(start, now)
    if end <= start:
        raise Refusal("这段时间已经过去了", "请换一个以后的时间。")
    return Slot(start, min(end, start + timedelta(days=31)))


def show(slots: list[Slot]) -> Block:
    """Free stretches, one line a day."""
    days: dict[str, list[str]] = {}
    for s in slots:
        days.setdefault(_views.day(s.start), []).append(_views.clocks(s))
    return Items(tuple(f"{d} {'、'.join(c)}" for d, c in list(days.items())[:10]))


def one(turn: Turn, who: Member, window: Slot) -> Reply:
    """One person's free time."""
    slots = _slots.free_stretches(turn, who, window)
    name = "您" if who.id == turn.me.id else who.name
    label = when_words(window)
    if not slots:
        hint = Text("工作时间内已排满或是休息日，可以问别的日子。")
        return Reply(Card(f"{name}{label}没有空档", (hint,)))
    title = f"{name}{label}有 {len(slots)} 段空档"
    if who.id == turn.me.id and (whom := _hole.offer(turn, slots)):
        return Reply(Card(title, (show(slots), Text(whom[0])), (whom[1],)))
    return Reply(Card(title, (show(slots), Text("直接说「约…」即可预约。"))))


def each(turn: Turn, members: list[Member], window: Slot) -> Reply:
    """Who is free: every colleague with free intervals."""
    lines = []
    for m in members:
        slots = _slots.free_stretches(turn, m, window, gap=False)
        if slots and not m.role.leads:
            lines.append(f"{m.name}：{'、'.join(_views.clocks(s) for s in slots[:4])}")
    label = when_words(window).strip()
    if not lines:
        return Reply(Card(f"{label}没有人有空", (Text("可以换个时间再问。"),)))
    return Reply(Card(f"{label}有空的同事：{len(lines)} 位", (Items(tuple(lines)),)))


def common(turn: Turn, who: list[Member], window: Slot, ask: FreeTime) -> Reply:
    """Slots that are free for all."""
    minutes = ask.duration_min or turn.rules.default_visit_min
    busy = {m.id: turn.tx.visits.busy([m.id], window) for m in who}
    slots = free.common(busy, window, minutes, turn.rules, turn.calendar, part=_slots.part_of_day(turn))
    names = _views.listing(who)
    if not slots:
        return Reply(Card(f"{names}在{when_words(window)}没有共同的 {minutes} 分钟空档", (Text("可以换一段时间再问。"),)))
    buttons: tuple[Button, ...] = ()
    found = _who.candidates(turn, ask.customer)
    if len(found) == 1:
        others = [m for m in who if m.id != turn.me.id]
        wish = Said(
            "visit.book",
            {"customer": found[0].short, "people": [m.name for m in others], "duration_min": minutes},
            hints={"customer_ids": [found[0].id], "people_ids": [[m.id] for m in others]},
        )
        draft = turn.ask(wish, "time")
        buttons = tuple(
            Button(f"约{_views.moment(s.start)}", says.write("draft.fill", draft=draft.id, start=s.start.isoformat()))
            for s in slots
        )
    return Reply(Card(f"{names}都有空的时间：{len(slots)} 个", (Items(tuple(_views.span(s) for s in slots)),), buttons))


def when_words(window: Slot) -> str:
    """The window in words."""
    first, last = window.start.astimezone(OFFICE), (window.end - timedelta(minutes=1)).astimezone(OFFICE)
    if first.date() != last.date():
        return f" {_views.day(first)} – {_views.day(last)}"
    return f" {_views.day(first)} {_views.clocks(window)}"
