"""汇总：今天、本周、本月，个人、团队、公司；群里适合所有人看，细节私信给提问的主管。"""

from dataclasses import dataclass

from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import When
from handlers import _boards, _figure_card, _figures, _overview, _queries, _targets
from handlers._books import Books


@dataclass(frozen=True, slots=True)
class Summary:
    """Of whom and when; today when no period is said; `who` comes from a button."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    metric: str = ""
    grade: str = ""
    who: str = ""


@command("summary.show", Summary, group="数据", example="本周拜访汇总")
def summary(ask: Summary, turn: Turn) -> Reply:
    """Planned, done, missed, empty runs, moved, conflicts, reports due, purposes, stages (R136, 49); or the board asked for."""
    if (query := _queries.meant(turn)) is not None:
        return query
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    if "目标" in turn.said.text and turn.me.role.leads:
        return Reply(_targets.board(turn, turn.me.id))
    if (board := _boards.named(turn.said.text)) is not None:
        return board(turn, who, _figures.period(turn, ask.time, usual=_boards.USUAL), _figures.token(turn, who, ask))
    if ask.metric in kpi.NAMES and ask.metric != "visits":
        # 为什么…变多了, 情况怎么样 about one figure: the figure with its rows and reasons
        return _figure_card.reply(turn, who, ask, ask.metric, ask.grade)
    slot = _figures.period(turn, ask.time, usual="day")
    books, token = Books(turn, who, slot), _figures.token(turn, who, ask)
    card = _overview.card(turn, books, inside=not turn.group, who=token)
    if not turn.group:
        return Reply(card)
    private = (
        _figures.privately(turn, lambda: _overview.card(turn, books, inside=True, who=token)) if turn.me.role.leads else None
    )
    return Reply(card, private=private if private and private.blocks != card.blocks else None)
