"""Two more tables that can be exported: follow-ups, and the figures of people over a period (R163)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.command import Turn
from bot.sheets.tables import Filter, Page
from bot.sheets.write import Value
from domain import kpi
from domain.follow import CHANNEL_WORDS
from domain.permissions import sees_private
from handlers import _data_reports, _figures, _owners, _shown, _views
from handlers._books import Books, Scope

FOLLOWUPS = ["时间", "客户", "跟进人", "方式", "结果", "内容", "下一步", "下一步期限"]
_STATES = {"planned": "待拜访", "done": "完成", "cancelled": "取消", "missed": "漏访", "empty": "扑空"}
REPORT = [
    "姓名",
    "团队",
    *_STATES.values(),
    *(f"{name}（{kpi.DEFINITIONS[k]}）" for k, name in kpi.NAMES.items() if k != "visits"),
]
_MONTH = timedelta(days=31)


def followup_page(turn: Turn, wanted: Filter, place: str) -> Page:
    """A month at a time, oldest first; the text and the plan only for those who may read them (R156)."""
    until = wanted.until or turn.now
    first = wanted.since or turn.tx.followups.first_at() or turn.now
    start = datetime.fromisoformat(place) if place else first
    end = min(start + _MONTH, until + timedelta(seconds=1))
    found = turn.tx.followups.between(start, end)
    rows = [f for f in found if not wanted.people or f.by in wanted.people]
    known = turn.tx.customers.many(list({f.customer for f in rows}))
    out: list[Sequence[Value]] = []
    for f in sorted(rows, key=lambda f: f.at):
        if (c := known.get(f.customer)) is None or not (shown := _shown.of(turn, c)).has("last_touch"):
            continue
        private = sees_private(turn.me, c, _owners.customer_chain(turn, c), author=f.by) or shown.follower
        inside: list[Value] = [f.content, f.next, f.next_due] if private else [None, None, None]
        out.append([f.at, c.name, _views.name(turn, f.by), CHANNEL_WORDS.get(f.channel, f.channel), f.result, *inside])
    return Page(out, end.isoformat() if end <= until else "")


def report_page(turn: Turn, wanted: Filter, place: str) -> Page:
    """A line for each person the asker answers for: visits by state, then every figure as a percentage."""
    slot = _data_reports.period(turn, wanted)
    who = _data_reports.answered_for(turn, wanted)
    books, out = Books(turn, who, slot), list[Sequence[Value]]()
    for m in who.people:
        own = Scope((m,), m.name)
        states = [v.status for v in books.visits if v.rep == m.id]
        figures = [_figures.figure(turn, k, own, slot, books).shown for k in kpi.NAMES if k != "visits"]
        out.append([m.name, m.team, *(states.count(s) for s in _STATES), *figures])
    return Page(out)
