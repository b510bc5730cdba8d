"""What a chart is drawn from: a recipe with its data, as all readers of the reply may see it (bot/handouts.py, bot/charts)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot import says
from bot.cards import Button, Card
from bot.command import Turn
from bot.handouts import recipe
from domain.model import LIVE, OFFICE, Member, Slot, Visit
from handlers import _figures, _views
from handlers._books import Books, Scope

MOST_PEOPLE = 14
"""Rows of a week's picture: more are not read on a phone."""


def picture(chart: str, name: str, **data: object) -> tuple[str, str]:
    """A file of a card: the chart, made when the letter leaves."""
    return f"{name}.png", recipe("chart", {"chart": chart, **data})


def with_picture(card: Card, file: tuple[str, str]) -> Card:
    """The card with a picture; its text stays enough on its own."""
    return replace(card, files=(*card.files, file))


def week(turn: Turn, who: Scope, slot: Slot) -> tuple[str, str]:
    """A team's week, people × days; Saturday and Sunday only when something is in them (R128)."""
    people = [m for m in who.people if not m.role.leads] or list(who.people)
    ids = [m.id for m in people]
    visits = turn.tx.visits.of_people(ids, slot.start, slot.end, statuses=LIVE) if ids else []
    busy = sorted(people, key=lambda m: (-sum(m.id in v.people for v in visits), m.name))[:MOST_PEOPLE]
    shown = [m for m in people if m in busy]
    leaves = turn.tx.leaves.of_many([m.id for m in shown], slot.start, slot.end)
    days = [
        slot.start.astimezone(OFFICE) + timedelta(days=n)
        for n in range(max(1, round((slot.end - slot.start) / timedelta(days=1))))
    ][:7]

    def cell(member: str, n: int) -> list[list[object]]:
        start, end = days[n], days[n] + timedelta(days=1)
        mine = sorted((v for v in visits if member in v.people and start <= v.start < end), key=lambda v: v.start)
        out: list[list[object]] = [["全天" if x.start <= start and x.end >= end else _views.clock(max(x.start, start)), "不在", "leave", False]
                                   for x in leaves if x.member == member and x.start < end and x.end > start]  # fmt: skip
        return out + [[_views.clock(v.start), _views.label(turn, v), v.status, _overlaps(v, mine)] for v in mine]

    cells = {m.id: [cell(m.id, n) for n in range(len(days))] for m in shown}
    used = [
        n
        for n, d in enumerate(days)
        if turn.calendar.is_workday(d.date()) or d.weekday() < 5 or any(cells[m.id][n] for m in shown)
    ]
    heads = [
        [f"周{_views.WEEK[days[n].weekday()]}", f"{days[n].month}/{days[n].day}", not turn.calendar.is_workday(days[n].date())]
        for n in used
    ]
    rows = [[m.name, [cells[m.id][n] for n in used]] for m in shown]
    more = f"，另有 {len(people) - len(shown)} 人未画出" if len(people) > len(shown) else ""
    note = f"{_figures.words(slot)}，共 {len(visits)} 个拜访{more}"
    return picture("week", "团队日程", title=f"{who.name}日程", note=note, days=heads, rows=rows)


def _overlaps(visit: Visit, others: Sequence[Visit]) -> bool:
    return any(o.id != visit.id and o.slot.overlaps(visit.slot) for o in others)


def standing(books: Books) -> list[Visit]:
    """The period's visits that were not cancelled."""
    return [v for v in books.visits if v.status != "cancelled"]


# ---------------------------------------------------------------------- schedules
def weekly(who: Sequence[Member], window: Slot) -> bool:
    """A team's week: more than one person, five to seven days."""
    return len(who) > 1 and timedelta(days=4) < window.end - window.start <= timedelta(days=7)


def of_list(turn: Turn, card: Card, who: Sequence[Member], window: Slot) -> Card:
    """A team's week as a list: with its picture when one was asked for, else with a button to it."""
    if "图" in turn.said.text and not turn.said.text.startswith("/"):
        name = who[0].team if len({m.team for m in who}) == 1 else turn.group.name if turn.group else "团队"
        return with_picture(card, week(turn, Scope(tuple(who), name), window))
    ids = ",".join(m.id for m in who[:30])
    button = Button("看图", says.write("chart.week", who=f"s:{ids}", start=window.start.isoformat()))
    return replace(card, buttons=(*card.buttons, button))
