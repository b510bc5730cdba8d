"""排行：按任一指标，注明定义、并列和最低样本；群里不列末位。"""

from dataclasses import dataclass

from bot.cards import Card, Facts, Items
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import Member, When
from handlers import _figures

LEAST = 3
"""Rates with a smaller denominator are listed apart: one of one is no 100 %."""


@dataclass(frozen=True, slots=True)
class Rank:
    """By which figure, in which team, when."""

    metric: str = "visits"
    team: str = ""
    time: When | None = None


@command("ranking.show", Rank, group="数据", example="本月拜访量排行")
def ranking(ask: Rank, turn: Turn) -> Reply:
    """Reps by a figure, best first; equal figures share a place."""
    metric = ask.metric if ask.metric in kpi.NAMES else "visits"
    slot = _figures.period(turn, ask.time, weekly=metric in kpi.WEEKLY)
    people = turn.tx.people.team(ask.team) if ask.team else turn.tx.people.all()
    if not ask.team and turn.me.role == "manager":
        people = list(_figures.scope(turn, [], "").people)
    reps = [m for m in people if not m.role.leads]
    rows = [(m, _figures.figure(turn, metric, _figures.Scope((m,), m.name), slot)) for m in reps]
    lower_is_better = metric in ("conflict_rate", "repeat_followup_rate", "churn")
    counted = [(m, f) for m, f in rows if metric == "visits" or f.whole >= LEAST]
    small = [(m, f) for m, f in rows if metric != "visits" and 0 < f.whole < LEAST]
    counted.sort(key=lambda x: (value(x[1]) if lower_is_better else -value(x[1]), x[0].name))
    lines = places(counted, turn.group is not None)
    small_words = "、".join(f"{m.name} {f.shown}（{f.part}/{f.whole}）" for m, f in small)
    facts = [("定义", kpi.DEFINITIONS[metric])]
    if metric != "visits":
        facts.append(("最低样本", f"{LEAST}"))
    if small_words and not turn.group:
        facts.append(("样本不足", small_words))
    title = f"{_figures.words(slot)}{kpi.NAMES[metric]}排行"
    if not lines:
        return Reply(Card(f"{title}：暂无数据", (Facts(tuple(facts)),)))
    return Reply(Card(title, (Items(tuple(lines)), Facts(tuple(facts)))))


def value(figure: kpi.Figure) -> float:
    """What is compared."""
    return float(figure.part) if figure.metric == "visits" else figure.rate or 0.0


def places(rows: list[tuple[Member, kpi.Figure]], in_group: bool) -> list[str]:
    """Numbered lines; ties share a number; in a group only the upper half, no bottom list."""
    out, place, before = [], 0, None
    shown = rows[: max(3, (len(rows) + 1) // 2)] if in_group else rows
    for i, (member, figure) in enumerate(shown, 1):
        if value(figure) != before:
            place, before = i, value(figure)
        whole = f"（{figure.part}/{figure.whole}）" if figure.metric != "visits" else ""
        out.append(f"第{place}名 {member.name} {figure.shown}{whole}")
    return out
