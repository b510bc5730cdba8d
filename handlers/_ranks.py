"""Reps by a figure: who is ranked, in which order, and what a group may read of it (R178)."""

from dataclasses import dataclass

from bot.command import Turn
from domain import kpi
from domain.model import Member, Slot
from handlers import _figures
from handlers._books import Books, Scope

LEAST = 3
"""Rates with a smaller denominator are listed apart: one of one is no 100 %."""
LOWER_IS_BETTER = frozenset({"conflict_rate", "repeat_followup_rate", "churn"})
Row = tuple[Member, kpi.Figure]


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking."""

    line: str
    name: str
    value: float
    shown: str


def ranked(turn: Turn, team: str, metric: str, slot: Slot) -> tuple[list[Row], Scope]:
    """The reps and their figures, best first. Rankings are public: a rep sees his team's, a manager his people's, a director all."""
    if team:
        who = Scope(tuple(turn.tx.people.team(team)), team)
    elif turn.me.role == "rep" and turn.me.team:
        who = Scope(tuple(turn.tx.people.team(turn.me.team)), turn.me.team)
    else:
        who = _figures.scope(turn, [], "")
    return of(turn, who, metric, slot), who


def of(turn: Turn, who: Scope, metric: str, slot: Slot) -> list[Row]:
    """The reps among these people, best first."""
    books = Books(turn, who, slot)
    reps = [m for m in who.people if not m.role.leads]
    rows = [(m, _figures.figure(turn, metric, Scope((m,), m.name), slot, books)) for m in reps]
    rows.sort(key=lambda x: (_value(x[1]) if metric in LOWER_IS_BETTER else -_value(x[1]), x[0].name))
    return rows


def counts(metric: str, figure: kpi.Figure) -> bool:
    """Enough to be ranked."""
    return metric == "visits" or figure.whole >= LEAST


def shown(figure: kpi.Figure) -> str:
    """The figure with its n."""
    return figure.shown if figure.metric == "visits" or not figure.whole else f"{figure.shown}（{figure.part}/{figure.whole}）"


def places(turn: Turn, rows: list[Row], metric: str) -> list[Place]:
    """Numbered lines; ties share a number, 并列 said; in a group only the upper half (no bottom list), and who does not want to
    be named is 某同事."""
    rows = [r for r in rows if counts(metric, r[1])]
    values = [_value(f) for _, f in rows]
    if turn.group:
        rows = rows[: max(3, (len(rows) + 1) // 2)]
    out = []
    for member, figure in rows:
        place = values.index(_value(figure)) + 1
        tied = "（并列）" if values.count(_value(figure)) > 1 else ""
        unnamed = turn.group is not None and turn.tx.settings.personal(member.id, "unranked") is True
        twin = sum(m.name == member.name for m, _ in rows) > 1 and member.team
        name = "某同事" if unnamed else f"{member.name}（{member.team}）" if twin else member.name
        value = figure.part if metric == "visits" else 100 * (figure.rate or 0)
        out.append(Place(f"第{place}名{tied} {name} {shown(figure)}", name, value, figure.shown))
    return out


def _value(figure: kpi.Figure) -> float:
    return float(figure.part) if figure.metric == "visits" else figure.rate or 0.0
