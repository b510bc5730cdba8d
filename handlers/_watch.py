"""Morning check of the three figures with a line: an alarm once per incident, with its reasons and what to do (R120–R122, R139)."""

from collections.abc import Iterator

from bot.cards import Block, Card, Facts, Items, Text, Tone
from bot.command import Turn
from domain import kpi
from domain.model import Member, Role, Slot
from handlers import _daily, _figure_card, _figures, _reasons, _rows
from handlers._books import Books, Scope
from handlers._daily import Morning

WATCHED = {"repeat_followup_rate": "kpi.repeat_followup", "churn": "kpi.churn", "timeliness": "kpi.timeliness"}
"""The figures and the alarm each raises (contract.md section 7)."""
ROWS = 5


def bosses(turn: Turn) -> Iterator[tuple[Member, Scope]]:
    """Each manager with his people; where a company has no manager, its directors or admins with everybody."""
    everybody = turn.tx.people.all()
    found = [m for m in everybody if m.role is Role.MANAGER]
    for m in found:
        if turn.tx.people.reports_of(m.id):
            yield m, _figures.below(turn, m)
    if not found:
        for m in [m for m in everybody if m.role is Role.DIRECTOR] or [m for m in everybody if m.role is Role.ADMIN]:
            yield m, Scope(tuple(everybody), "全公司", True)


def periods(turn: Turn, morning: Morning, metric: str) -> list[Slot]:
    """The running week or month, and the one before when it ended since the last morning."""
    unit = "week" if metric in kpi.WEEKLY else "month"
    running = _figures.current(turn.now, unit)
    return [running] if running.start <= morning.since else [_figures.current(turn.now, unit, 1), running]


def check(turn: Turn, morning: Morning) -> None:
    """Crossing a line tells the manager once; coming back below it ends the incident, so that the next crossing is told again."""
    for boss, who in bosses(turn):
        turn.readers = [boss]
        for metric in WATCHED:
            for slot in periods(turn, morning, metric):
                books = Books(turn, who, slot)
                figure = _figures.figure(turn, metric, who, slot, books)
                incident = f"{WATCHED[metric]}-{boss.id}-{slot.start:%Y%m%d}"
                if not kpi.alarm(figure, turn.rules):
                    turn.tx.settings.clear_alarm(incident)
                elif turn.tx.settings.raise_alarm(incident, turn.now):
                    subject = {"team": boss.team or who.name}
                    turn.event("alert.raised", kind=WATCHED[metric], subject=subject, to=[boss.id], value=figure.shown)
                    turn.tell(boss.id, card(turn, who, slot, figure, books))


def card(turn: Turn, who: Scope, slot: Slot, figure: kpi.Figure, books: Books) -> Card:
    """The figure, its line, who and what is behind it, the first rows, advice, and the way to all of them."""
    name, shown = kpi.NAMES[figure.metric], kpi.shown(figure, turn.rules)
    facts = [
        ("算法", f"{figure.part} ÷ {figure.whole}"),
        ("标准", kpi.limit_words(figure.metric, turn.rules).removeprefix("标准 ")),
    ]
    blocks: list[Block] = [Facts(tuple(facts))]
    if reasons := _reasons.lines(books, who, figure):
        blocks.append(Items(tuple(reasons)))
    if lines := [line for row in figure.rows[:ROWS] if (line := _rows.line(turn, row))]:
        more = [f"等共 {len(figure.rows)} 项"] if len(figure.rows) > ROWS else []
        blocks += [Text(f"{kpi.ROWS[figure.metric]}："), Items((*lines, *more))]
    blocks.append(Text(kpi.ADVICE[figure.metric]))
    title = f"超标：{who.name}{_figures.label(turn, slot)}{name} {shown}"
    return Card(title, tuple(blocks), _figure_card.ways(figure, slot, "", always=True), Tone.WARN)


_daily.CHECKS.append(check)
