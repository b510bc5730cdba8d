"""明细：汇总和指标里的每一个数字都能点开，看到背后的每一条。"""

from dataclasses import dataclass
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Items
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import Slot
from domain.refusal import NotFound
from handlers import _figures, _overview, _rows
from handlers._books import Books

PAGE = 10


@dataclass(frozen=True, slots=True)
class Rows:
    """Which number (a state, moved, conflicts, reports, or a metric), whose, of which period, which page from 1 on."""

    what: str = ""
    who: str = ""
    start: datetime | None = None
    end: datetime | None = None
    page: int = 1
    people: tuple[str, ...] = ()
    team: str = ""


@command("summary.rows", Rows, intent="summary.show")
def rows(ask: Rows, turn: Turn) -> Reply:
    """The rows behind one number (R141); checked against whoever presses."""
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    if ask.start is None or ask.end is None or ask.start >= ask.end:
        raise NotFound("这个按钮已经失效，没有任何改动")
    slot = Slot(ask.start, ask.end)
    books = Books(turn, who, slot)
    if ask.what in kpi.NAMES:
        figure = _figures.figure(turn, ask.what, who, slot, books)
        name, ids = f"{kpi.NAMES[ask.what]}·{kpi.ROWS[ask.what]}", figure.rows
    else:
        found = _overview.numbers(books).get(ask.what)
        if found is None:
            raise NotFound("这个按钮已经失效，没有任何改动")
        name, ids = found.name, found.rows
    if turn.group:
        private = _figures.privately(turn, lambda: page(turn, ask, name, ids))
        return Reply(Card(f"{who.name}{_figures.label(turn, slot)}{name}：{len(ids)} 条，明细已私信您"), private=private)
    return Reply(page(turn, ask, f"{who.name}{_figures.label(turn, slot)}{name}", ids))


def page(turn: Turn, ask: Rows, title: str, ids: tuple[str, ...]) -> Card:
    """Ten rows, and a button to the next ten."""
    first = max(0, ask.page - 1) * PAGE
    lines = [line for row in ids[first : first + PAGE] if (line := _rows.line(turn, row))]
    more = first + PAGE < len(ids)
    following = says.write(
        "summary.rows", what=ask.what, who=ask.who, start=_iso(ask.start), end=_iso(ask.end), page=ask.page + 1
    )
    buttons = (Button("下一页", following),) if more else ()
    span = f"（第 {first + 1}–{first + len(lines)} 条）" if len(ids) > PAGE else ""
    return Card(f"{title}：{len(ids)} 条{span}", (Items(tuple(lines)),) if lines else (), buttons)


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
