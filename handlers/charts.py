"""图表：团队一周日程、指标趋势、目的、排行、漏斗，发成图片；文字内容始终完整。"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards import Card, Facts, Items
from bot.command import Reply, Turn, command
from domain import kpi, shares
from domain.model import Slot, When
from domain.refusal import NotFound
from handlers import _boards, _figures, _overview, _pictures, _ranks, _trends, _views
from handlers._books import Books, Scope


@dataclass(frozen=True, slots=True)
class Chart:
    """Which picture, whose, of which period."""

    kind: str = ""
    who: str = ""
    start: datetime | None = None
    end: datetime | None = None
    metric: str = "visits"
    team: str = ""
    people: tuple[str, ...] = ()
    time: When | None = None


def _slot(ask: Chart) -> Slot:
    if ask.start is None or (ask.end is not None and ask.start >= ask.end):
        raise NotFound("这个按钮已经失效，没有任何改动")
    return Slot(ask.start, ask.end) if ask.end else _figures.current(ask.start, "week")


@command("chart.show", Chart, intent="summary.show")
def show(ask: Chart, turn: Turn) -> Reply:
    """Purposes, funnel or ranking as a picture, with its numbers in the text."""
    slot = _slot(ask)
    if ask.kind == "ranking":
        return Reply(ranking(turn, ask, slot))
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    board = {"purposes": _boards.purposes, "funnel": _boards.funnel}.get(ask.kind)
    if board is None:
        raise NotFound("这个按钮已经失效，没有任何改动")
    reply = board(turn, who, slot, ask.who)
    books, note = Books(turn, who, slot), _figures.words(slot)
    rows: list[list[object]]
    if ask.kind == "funnel":
        rows = [list(r) for r in _boards.steps(books, who)]
        file = _pictures.picture("funnel", "拜访漏斗", title=f"{who.name}拜访漏斗", note=note, rows=rows)
    else:
        rows = [list(r) for r in shares.percent(_overview.purposes_of(turn, _pictures.standing(books)))]
        file = _pictures.picture("purposes", "拜访目的", title=f"{who.name}拜访目的", note=note, rows=rows)
    return replace(reply, card=replace(reply.card, buttons=(), files=(file,) if rows else ()))


def ranking(turn: Turn, ask: Chart, slot: Slot) -> Card:
    """The ranking's bars; in a group only those the text lists."""
    metric = ask.metric if ask.metric in kpi.NAMES else "visits"
    rows, who = _ranks.ranked(turn, ask.team, metric, slot)
    places = _ranks.places(turn, rows, metric)
    title = f"{who.name}{_figures.label(turn, slot)}{kpi.NAMES[metric]}排行"
    if not places:
        return Card(f"{title}：暂无数据")
    data = [[p.name, p.value, p.shown] for p in places[:15]]
    file = _pictures.picture(
        "ranking",
        "排行",
        title=f"{who.name}{kpi.NAMES[metric]}排行",
        note=f"{_figures.words(slot)}；{kpi.DEFINITIONS[metric]}",
        rows=data,
    )
    return Card(title, (Items(tuple(p.line for p in places)), Facts((("定义", kpi.DEFINITIONS[metric]),))), files=(file,))


@command("chart.week", Chart, intent="visit.list")
def week(ask: Chart, turn: Turn) -> Reply:
    """A team's week as a picture: everybody's schedule is open as time and short name (R157)."""
    slot = _slot(ask)
    if slot.end - slot.start > _figures.current(slot.start, "week").end - _figures.current(slot.start, "week").start:
        slot = _figures.current(slot.start, "week")
    kind, _, value = ask.who.partition(":")
    if kind == "s":  # a schedule, not a figure: anybody may look
        people = [m for i in value.split(",") if (m := turn.tx.people.get(i))]
        who: Scope | Reply = Scope(
            tuple(people), "、".join(m.name for m in people) if len(people) <= 3 else people[0].team or "团队"
        )
    else:
        who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    found = turn.tx.visits.of_people(who.ids, slot.start, slot.end)
    lines = tuple(_views.visit_line(turn, v, with_day=True, with_rep=True) for v in found[:30])
    card = Card(f"{who.name}日程 {_figures.words(slot)}：{len(found)} 个拜访", (Items(lines),) if lines else ())
    return Reply(_pictures.with_picture(card, _pictures.week(turn, who, slot)))


@command("kpi.trend", Chart, intent="kpi.show")
def trend(ask: Chart, turn: Turn) -> Reply:
    """A figure over the last weeks or months with its reference lines, and whether it changed beyond chance (R123, M21)."""
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    return Reply(_trends.card(turn, who, ask.metric if ask.metric in kpi.NAMES else "conflict_rate"))
