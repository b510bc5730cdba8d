"""Arriving at a customer: which visit is meant, how far away it is, what a delay does to the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from bot.message import Place
from domain import place as ground
from domain.follow import CheckIn
from domain.model import Customer, Visit
from domain.refusal import NotAllowed
from handlers import _life, _views

EARLY = timedelta(hours=3)
"""So long before its start a visit can be checked in."""


@dataclass(frozen=True, slots=True)
class Here:
    """A visit the person may be at, and how far its customer's coordinates are (None: unknown)."""

    visit: Visit
    customer: Customer
    distance: int | None


def near(turn: Turn, place: Place | None, customers: Sequence[Customer] = ()) -> list[Here]:
    """The person's visits around now, the likeliest first: inside the radius before outside, then by time."""
    after = timedelta(minutes=turn.rules.missed_after_min)
    found = turn.tx.visits.of_person(turn.me.id, turn.now - after, turn.now + EARLY, statuses=("planned", "done", "missed"))
    wanted = {c.id for c in customers}
    known = turn.tx.customers.many([v.customer for v in found])
    here = [
        Here(v, known[v.customer], ground.distance_to(known[v.customer], *_point(place)))
        for v in found
        if v.customer in known and (not wanted or v.customer in wanted)
    ]
    return sorted(here, key=lambda h: (not inside(turn, h.distance), h.visit.status != "planned", _gap(turn, h.visit)))


def _point(place: Place | None) -> tuple[float | None, float | None]:
    return (place.lat, place.lng) if place else (None, None)


def inside(turn: Turn, distance: int | None) -> bool:
    """Within `check_in_radius_m` of the customer's coordinates."""
    return distance is not None and distance <= turn.rules.check_in_radius_m


def _gap(turn: Turn, visit: Visit) -> timedelta:
    """How far now is from the visit's time; nothing while it lasts."""
    if visit.start <= turn.now < visit.end:
        return timedelta(0)
    return visit.start - turn.now if turn.now < visit.start else turn.now - visit.end


def check_in(turn: Turn, here: Here, place: Place | None, extra: Sequence[Block] = ()) -> Reply:
    """Note the check-in with its level; a second one changes something only when it is better (D24)."""
    visit, verified = here.visit, inside(turn, here.distance)
    if turn.me.id not in visit.people:
        raise NotAllowed("无权：这不是您的拜访，没有签到", action="visit.check_in", obj=visit.id)
    label = place.label if place else ""
    check = CheckIn(visit.id, turn.me.id, turn.now, verified, here.distance, label)
    if not turn.tx.evidence.check_in(check):
        return _again(turn, here, extra)
    if visit.checked_in is None:
        marked = replace(visit, checked_in=turn.now)
        visit = turn.tx.visits.save(marked, visit.version, at=turn.now, by=turn.me.id, why="checked_in") or visit
    turn.event("visit.checked_in", visit=_views.visit_json(visit), verified=verified, distance_m=here.distance)
    if visit.status == "missed":
        visit = _life.finish(turn, visit, "done") or visit
    turn.tx.talk.note(turn.me.id, "visit", visit.id)
    turn.tx.talk.note(turn.me.id, "report_visit", visit.id)
    return _card(turn, replace_visit(here, visit), place, extra)


def replace_visit(here: Here, visit: Visit) -> Here:
    """The same place with the visit as it is now."""
    return Here(visit, here.customer, here.distance)


def _card(turn: Turn, here: Here, place: Place | None, extra: Sequence[Block]) -> Reply:
    verified = inside(turn, here.distance)
    name = _views.label(turn, here.visit, here.customer)
    rows = [("拜访", _views.span(here.visit.slot)), ("距离", ground.metres(here.distance) if here.distance is not None else "")]
    rows.append(("定位", place.label if place else ""))
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v)), *extra]
    if not verified:
        blocks.append(Text(_why_not(turn, here, place)))
    buttons = [Button("改时间", says.write("visit.retime", visit=here.visit.id))] if here.visit.start > turn.now else []
    buttons.append(Button("写纪要", says.write("report.start", visit_id=here.visit.id)))
    if turn.now < here.visit.end:
        buttons.append(Button("扑空", says.write("visit.empty", visit_id=here.visit.id)))
    title = f"已签到（{'已核实' if verified else '未核实'}）：{name} {_views.clock(turn.now)}"
    tone = Tone.DONE if verified else Tone.WARN
    return Reply(Card(title, tuple(blocks), tuple(buttons), tone), subject=f"visit:{here.visit.id}")


def _why_not(turn: Turn, here: Here, place: Place | None) -> str:
    if place is None:
        return "没有收到定位，先记为未核实；到现场后发一个位置即可核实。"
    if here.distance is None:
        return "客户资料里没有坐标，先记为未核实。"
    return f"离客户地址 {ground.metres(here.distance)}，超过 {turn.rules.check_in_radius_m} 米，记为未核实；到现场后可以再发一次位置。"


def _again(turn: Turn, here: Here, extra: Sequence[Block]) -> Reply:
    """Nothing better than before."""
    old = turn.tx.evidence.of_visit(here.visit.id)
    level = "已核实" if old and old.verified else "未核实"
    at = f"{_views.clock(old.at)} " if old else ""
    title = f"{_views.label(turn, here.visit, here.customer)}已经签到过了（{at}{level}），没有重复记录"
    return Reply(Card(title, tuple(extra)), subject=f"visit:{here.visit.id}")


# ---------------------------------------------------------------------- delays
def delay_blocks(turn: Turn, visit: Visit, minutes: int) -> list[Block]:
    """A delay and what it does to the next appointment; the customer is told nothing."""
    end = visit.end + timedelta(minutes=minutes)
    turn.event("visit.delayed", visit=_views.visit_json(visit), minutes=minutes)
    for person in visit.people:
        if person != turn.me.id:
            title = f"{turn.me.name}预计晚 {minutes} 分钟：{_views.span(visit.slot)} {_life.short(turn, visit)}"
            turn.tell(person, Card(title), subject=f"visit:{visit.id}")
    follower = turn.tx.visits.next_of(turn.me.id, visit.start + timedelta(minutes=1), statuses=("planned", "pending"))
    same_day = follower is not None and follower.start.date() == visit.start.date()
    words = f"预计晚 {minutes} 分钟，结束约 {_views.clock(end)}。没有通知客户，需要的话请您直接联系。"
    if follower is None or not same_day:
        return [Text(words), Text("今天后面没有别的拜访，不受影响。")]
    both = visit.mode == follower.mode == "onsite"
    need = turn.rules.travel_min if both else turn.rules.buffer_min
    gap = int((follower.start - end).total_seconds() // 60)
    name = f"{_views.clock(follower.start)} {_views.label(turn, follower)}"
    state = f"来得及（间隔 {gap} 分钟）" if gap >= need else f"有风险：只剩 {max(gap, 0)} 分钟，需要 {need} 分钟"
    return [Text(words), Text(f"下一场 {name}{state}。")]


def next_button(turn: Turn, visit: Visit) -> Button | None:
    """改下一场 when there is one the same day."""
    follower = turn.tx.visits.next_of(turn.me.id, visit.start + timedelta(minutes=1), statuses=("planned",))
    if follower is None or follower.start.date() != visit.start.date() or follower.rep != turn.me.id:
        return None
    return Button(f"改下一场{_views.label(turn, follower)}"[:16], says.write("visit.retime", visit=follower.id))
