"""The further sheets of a report: figures with their definitions, conflicts, the ranking (R163)."""

from collections.abc import Sequence

from bot.command import Turn
from bot.sheets.tables import Filter, Page
from bot.sheets.write import Value
from domain import kpi
from domain.model import Slot
from handlers import _figure_card, _figures, _rows, _views
from handlers._books import Books, Scope

KPI = ["指标", "数值", "分子", "分母", "状态", "定义"]
CONFLICTS = ["发现时间", "销售", "客户", "类型", "结果", "用时（分钟）"]
_RANKED = ("visits", "effective_visits", "coverage", "plan_completion", "report_timeliness", "conversion")
RANKING = ["姓名", "团队", *(kpi.NAMES[m] for m in _RANKED)]


def answered_for(turn: Turn, wanted: Filter) -> Scope:
    """The people asked about that the asker answers for; everybody only for those who see everybody."""
    people = tuple(m for m in turn.tx.people.all() if not wanted.people or m.id in wanted.people)
    mine = tuple(m for m in people if m.id == turn.me.id or _figures.leads(turn, m.id))
    return Scope(mine, "", not wanted.people and len(mine) == len(people))


def period(turn: Turn, wanted: Filter) -> Slot:
    """The period asked for, else this month."""
    month = _figures.current(turn.now, "month")
    return Slot(wanted.since or month.start, wanted.until or month.end)


def kpi_page(turn: Turn, wanted: Filter, place: str) -> Page:
    """Every figure with n, definition and whether its line is crossed."""
    who, slot = answered_for(turn, wanted), period(turn, wanted)
    books, rows = Books(turn, who, slot), list[Sequence[Value]]()
    for metric in _figure_card.BOARD:
        f = _figures.figure(turn, metric, who, slot, books)
        over = "超标" if kpi.alarm(f, turn.rules) else ""
        whole = None if metric == "visits" else f.whole
        rows.append([kpi.NAMES[metric], kpi.shown(f, turn.rules), f.part, whole, over, kpi.DEFINITIONS[metric]])
    return Page(rows)


def conflict_page(turn: Turn, wanted: Filter, place: str) -> Page:
    """The conflicts of the period, how they ended, how long it took."""
    rows: list[Sequence[Value]] = []
    for c in Books(turn, answered_for(turn, wanted), period(turn, wanted)).met:
        customer = turn.tx.customers.get(c.customer)
        took = round((c.resolved - c.at).total_seconds() / 60) if c.resolved else None
        state = _rows.BY.get(c.by, "已解决") if c.resolved else "未解决"
        rows.append(
            [
                c.at,
                _views.name(turn, c.rep),
                _rows.short(turn, customer) if customer else "客户",
                _rows.kinds(c.kinds),
                state,
                took,
            ]
        )
    return Page(rows)


def ranking_page(turn: Turn, wanted: Filter, place: str) -> Page:
    """Reps by visits, the other public figures beside it."""
    who, slot = answered_for(turn, wanted), period(turn, wanted)
    books, found = Books(turn, who, slot), list[tuple[int, Sequence[Value]]]()
    for m in (m for m in who.people if not m.role.leads):
        own = Scope((m,), m.name)
        shown = [_figures.figure(turn, x, own, slot, books) for x in _RANKED]
        found.append((shown[0].part, [m.name, m.team, shown[0].part, *(f.shown for f in shown[1:])]))
    return Page([row for _, row in sorted(found, key=lambda x: -x[0])])
