"""指标：任何一个指标，按人、团队、公司和期间，带定义、分子分母和标准线。"""

from dataclasses import dataclass

from bot.cards import Card, Facts, Text
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import When
from handlers import _figures, _who


@dataclass(frozen=True, slots=True)
class Show:
    """Which figure, of whom, when."""

    metric: str = ""
    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None


@command("kpi.show", Show, group="数据", example="这个月重复跟进率是多少")
def show(ask: Show, turn: Turn) -> Reply:
    """The figure with n and definition; 超标 when its line is crossed; without a metric the four board figures (R144)."""
    named = _who.people(turn, ask.people, turn.said) if ask.people else []
    if isinstance(named, Reply):
        return named
    who = _figures.scope(turn, named or ([turn.me] if ask.people else []), ask.team)
    if ask.metric not in kpi.NAMES:
        return board(turn, who, ask)
    slot = _figures.period(turn, ask.time, weekly=ask.metric in kpi.WEEKLY)
    figure = _figures.figure(turn, ask.metric, who, slot)
    return Reply(_figures.card(turn, figure, who, _figures.words(slot)))


def board(turn: Turn, who: _figures.Scope, ask: Show) -> Reply:
    """The public board: visits, effective, conversion, coverage (R144)."""
    slot = _figures.period(turn, ask.time, weekly=False)
    rows = []
    for metric in ("visits", "effective_visits", "conversion", "coverage", "report_timeliness", "timeliness"):
        figure = _figures.figure(turn, metric, who, slot)
        over = "（超标）" if kpi.alarm(figure, turn.rules) else ""
        whole = f"（{figure.part}/{figure.whole}）" if figure.metric != "visits" and figure.whole else ""
        rows.append((kpi.NAMES[metric], f"{figure.shown}{whole}{over}"))
    return Reply(
        Card(f"{who.name}{_figures.words(slot)}指标", (Facts(tuple(rows)), Text("想看某一项的定义和明细，直接问它的名字。")))
    )
