"""指标：任何一个指标，按人、团队、公司和期间，带定义、分子分母、标准线和原因，能点开明细。"""

import re
from dataclasses import dataclass

from bot.cards import Card, Facts, Text
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import When
from handlers import _boards, _figure_card, _figures, _targets, _trends
from handlers._books import Scope
from nlp.metrics import metrics_in

_TREND = re.compile("趋势|走势|曲线|变化图|折线")
_COUNTED = re.compile("(撞单|冲突|撞车)了?(几|多少)(次|起|单)")


@dataclass(frozen=True, slots=True)
class Show:
    """Which figure, of whom, when; `who` comes from a button."""

    metric: str = ""
    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    grade: str = ""
    who: str = ""


@command("kpi.show", Show, group="数据", example="这个月重复跟进率是多少")
def show(ask: Show, turn: Turn) -> Reply:
    """The figure with n, definition and rows; 超标 when its line is crossed; several when several are asked for; without a
    metric the board (R144)."""
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    text = turn.said.text
    if (named := _boards.named(text)) is not None:
        return named(turn, who, _figures.period(turn, ask.time, usual=_boards.USUAL), _figures.token(turn, who, ask))
    if _TREND.search(text) and not text.startswith("/"):
        return Reply(_trends.card(turn, who, ask.metric if ask.metric in kpi.NAMES else "conflict_rate"))
    if ask.metric not in kpi.NAMES:
        return board(turn, who, ask)
    slot = _figures.period(turn, ask.time, weekly=ask.metric in kpi.WEEKLY)
    if turn.me.role.leads and (target := _targets.read(turn, ask.metric, slot)) is not None:
        return Reply(_targets.preview(turn, target))
    said = ["conflict_rate"] if _COUNTED.search(text) else []
    wanted = list(dict.fromkeys([*said, ask.metric, *(m for m in metrics_in(text) if m in kpi.NAMES)]))
    replies = [_figure_card.reply(turn, who, ask, metric, ask.grade) for metric in wanted[:3]]
    if len(replies) == 1:
        return replies[0]
    title = "；".join(r.card.title for r in replies)
    blocks = tuple(b for r in replies for b in (Text(f"【{r.card.title}】"), *r.card.blocks))
    buttons = tuple(b for r in replies for b in r.card.buttons)[:6]
    return Reply(Card(title, blocks, buttons, max((r.card.tone for r in replies), key=lambda t: t == "warn")))


def board(turn: Turn, who: Scope, ask: Show) -> Reply:
    """The public board first: visits, effective, conversion, coverage (R144); then the others."""
    slot = _figures.period(turn, ask.time, weekly=False)
    return Reply(
        Card(
            f"{who.name}{_figures.label(turn, slot)}指标",
            (Facts(_figure_card.board_rows(turn, who, slot)), Text("想看某一项的定义和明细，直接问它的名字。")),
        )
    )
