"""今天怎么跑：按时间排好，算每段路和总路程，标出赶不上的；另给一个最短顺序。"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain import route as roads
from domain.model import OFFICE, Customer, Visit, When
from domain.place import metres
from handlers import _views


@dataclass(frozen=True, slots=True)
class Route:
    """Which day; tomorrow's when today has no visit left."""

    time: When | None = None


@command("visit.route", Route, group="查询", example="明天的拜访怎么跑最顺")
def route(ask: Route, turn: Turn) -> Reply:
    """The day's visits by time with legs, total and impossible gaps (R81)."""
    first = _day(turn, ask.time)
    found = turn.tx.visits.of_person(turn.me.id, first, first + timedelta(days=1), statuses=("planned", "pending"))
    known = turn.tx.customers.many([v.customer for v in found])
    stops = [(v, known[v.customer]) for v in found if v.customer in known]
    if not stops:
        return Reply(Card(f"{_views.day(first)} 没有拜访安排"))
    legs = roads.legs(stops, turn.rules.travel_min)
    late = [leg for leg in legs if not leg.possible]
    total = sum(leg.metres or 0 for leg in legs)
    lines = [_stop(turn, *stops[0])]
    for leg, (v, c) in zip(legs, stops[1:], strict=True):
        lines.append(f"{_leg(leg)} → {_stop(turn, v, c)}")
    unknown = any(leg.metres is None for leg in legs)
    road = f"，全程约 {metres(total)}{'（有地址没有坐标，未计入）' if unknown else ''}" if legs else ""
    blocks: list[Block] = [Items(tuple(lines))]
    blocks += [Text(_late_words(turn, leg)) for leg in late[:2]]
    if better := _better(turn, stops, total):
        blocks.append(Text(better))
    buttons = tuple(
        Button(f"改{_views.label(turn, leg.end)}时间"[:16], says.write("visit.retime", visit=leg.end.id))
        for leg in late[:2]
        if leg.end.rep == turn.me.id
    )
    title = f"{_views.day(first)} {len(stops)} 个拜访{road}"
    return Reply(Card(title, tuple(blocks), buttons, Tone.WARN if late else Tone.INFO))


def _day(turn: Turn, when: When | None) -> datetime:
    today = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    if when is not None and when.start is not None:
        return when.start.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    left = turn.tx.visits.of_person(turn.me.id, turn.now, today + timedelta(days=1), statuses=("planned", "pending"))
    return today if left else today + timedelta(days=1)


def _stop(turn: Turn, v: Visit, c: Customer) -> str:
    place = (v.location or c.address or c.city) if v.mode == "onsite" else _views.MODES.get(v.mode, "")
    return f"{_views.clocks(v.slot)} {_views.label(turn, v, c)}" + (f"（{place}）" if place else "")


def _leg(leg: roads.Leg) -> str:
    if leg.metres is None:
        return f"路程未知，留 {max(leg.gap, 0)} 分钟"
    if leg.needed == 0:
        return f"间隔 {max(leg.gap, 0)} 分钟"
    return f"约 {metres(leg.metres)}、{leg.needed} 分钟"


def _late_words(turn: Turn, leg: roads.Leg) -> str:
    names = f"{_views.label(turn, leg.start)}到{_views.label(turn, leg.end)}"
    return f"赶不上：{names}只有 {max(leg.gap, 0)} 分钟，路上要 {leg.needed} 分钟。"


def _better(turn: Turn, stops: list[tuple[Visit, Customer]], total: int) -> str:
    """Another order of the on-site visits that saves road, as advice: the times were agreed with customers."""
    onsite = [c for v, c in stops if v.mode == "onsite"]
    order = roads.shortest(onsite)
    best = roads.metres_of(order)
    if best is None or len(onsite) < 3 or total - best < 1000:
        return ""
    return f"如果时间能调，按 {' → '.join(c.short for c in order)} 跑可少 {metres(total - best)}。"
