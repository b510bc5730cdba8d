"""A figure as people see it: the number, n, its line and definition, the rows behind it, the reasons, what to do."""

from dataclasses import replace
from typing import Protocol

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain import kpi
from domain.model import Slot, When
from handlers import _figures, _reasons, _rows, _why
from handlers._books import Books, Scope

SHOWN = 8
"""Rows of a figure shown with it; the rest open by a button (R141)."""
BOARD = ("visits", "effective_visits", "conversion", "coverage", "plan_completion", "report_timeliness", "timeliness",
         "repeat_followup_rate", "conflict_rate", "churn")  # fmt: skip
"""The figures of the board, the four public ones first (R144)."""


class Wanted(_figures.Asked, Protocol):
    """Whose figure, and when."""

    @property
    def time(self) -> When | None: ...


def card(turn: Turn, figure: kpi.Figure, who: Scope, slot: Slot, books: Books, *, inside: bool = True) -> Card:
    """One figure: n, line, definition; `inside` (private) also the rows behind it, the reasons and a way to all of them."""
    over = kpi.alarm(figure, turn.rules)
    grade = f"{books.grade}类客户" * bool(books.grade)
    title = f"{who.name}{_figures.label(turn, slot)}{grade}{kpi.NAMES[figure.metric]}：{kpi.shown(figure, turn.rules)}{'，超标' if over else ''}"
    rows = []
    if figure.metric != "visits" and figure.whole:
        rows.append(("算法", f"{figure.part} ÷ {figure.whole}"))
    if limit := kpi.limit_words(figure.metric, turn.rules):
        rows.append(("标准", limit.removeprefix("标准 ")))
    if before := _before(turn, figure.metric, who, slot, books.grade):
        rows.append(("上期", before))
    rows.append(("定义", kpi.DEFINITIONS[figure.metric]))
    blocks: list[Block] = [Facts(tuple(rows))]
    turn.because(f"{kpi.NAMES[figure.metric]}：{kpi.DEFINITIONS[figure.metric]}", f"{figure.part} ÷ {figure.whole}")
    if inside and figure.rows:
        lines = [line for row in figure.rows[:SHOWN] if (line := _rows.line(turn, row))]
        if kpi.ROWS[figure.metric] and lines:
            blocks.append(Text(f"{kpi.ROWS[figure.metric]}："))
        blocks.append(Items(tuple(lines)))
        blocks += [Items(tuple(found))] if (found := _reasons.lines(books, who, figure)) else []
    if over and figure.metric in kpi.ADVICE:
        blocks.append(Text(kpi.ADVICE[figure.metric]))
    return Card(title, tuple(blocks), tone=Tone.WARN if over else Tone.INFO)


def _before(turn: Turn, metric: str, who: Scope, slot: Slot, grade: str) -> str:
    """The same figure of the period before, when it is a whole week, month or quarter."""
    unit = next((u for u in ("day", "week", "month", "quarter") if slot == _figures.current(slot.start, u)), "")
    if unit in ("", "day"):
        return ""
    earlier = _figures.current(slot.start, unit, 1)
    was = _figures.figure(turn, metric, who, earlier, Books(turn, who, earlier, grade))
    return "" if not was.whole else was.shown + (f"（{was.part} ÷ {was.whole}）" if metric != "visits" else "")


def reply(turn: Turn, who: Scope, ask: Wanted, metric: str, grade: str = "") -> Reply:
    """One figure; in a group without names, which go to the asker alone."""
    slot = _figures.period(turn, ask.time, weekly=metric in kpi.WEEKLY)
    if _why.asked(turn.said.text):
        return _why.reply(turn, who, slot, metric, grade, _figures.token(turn, who, ask))
    books = Books(turn, who, slot, grade)
    figure = _figures.figure(turn, metric, who, slot, books)
    if turn.group:
        public = card(turn, figure, who, slot, books, inside=False)
        private = _figures.privately(turn, lambda: card(turn, figure, who, slot, books)) if figure.rows else None
        return Reply(public, private=private)
    shown = card(turn, figure, who, slot, books)
    return Reply(replace(shown, buttons=ways(figure, slot, _figures.token(turn, who, ask))))


def ways(figure: kpi.Figure, slot: Slot, who: str, *, always: bool = False) -> tuple[Button, ...]:
    """All rows (`always` also when the card shows them), and the trend as a picture."""
    out = []
    name = kpi.NAMES[figure.metric]
    if len(figure.rows) > SHOWN or (always and figure.rows):
        rows = says.write(
            "summary.rows", what=figure.metric, who=who, start=slot.start.isoformat(), end=slot.end.isoformat(), page=1
        )
        out.append(Button(f"{name}明细（{len(figure.rows)}）"[:16], rows))
    if figure.metric != "visits":
        out.append(Button(f"{name}趋势图"[:16], says.write("kpi.trend", metric=figure.metric, who=who)))
    return tuple(out)


def board_rows(turn: Turn, who: Scope, slot: Slot) -> tuple[tuple[str, str], ...]:
    """Every figure with its numbers; a crossed line is marked."""
    books, rows = Books(turn, who, slot), []
    for metric in BOARD:
        figure = _figures.figure(turn, metric, who, slot, books)
        over = "（超标）" if kpi.alarm(figure, turn.rules) else ""
        whole = f"（{figure.part}/{figure.whole}）" if figure.metric != "visits" and figure.whole else ""
        rows.append((kpi.NAMES[metric], f"{kpi.shown(figure, turn.rules)}{whole}{over}"))
    return tuple(rows)
