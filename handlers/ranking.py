"""排行：按任一指标，注明定义、并列和最低样本；群里不列末位，不想上榜的人只显示「某同事」。"""

import re
from dataclasses import dataclass

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import When
from handlers import _boards, _figures, _ranks
from handlers._books import Books

_HIDE = re.compile(
    r"(别|不要|不想|不用|不让).{0,8}(排行|排名|榜).{0,6}|(排行|排名|榜).{0,6}(别|不要|不想|隐藏).{0,4}(我|显示|公开)|隐藏.{0,4}我.{0,4}(名|排)"
)
_SHOW = re.compile("(恢复|重新|继续).{0,6}(上榜|显示|排行|排名)")
_LOWEST = re.compile(r"最(少|低|差|慢)|倒数|垫底|末位")


@dataclass(frozen=True, slots=True)
class Rank:
    """By which figure, in which team, when; `who` comes from a button."""

    metric: str = "visits"
    team: str = ""
    time: When | None = None
    people: tuple[str, ...] = ()
    who: str = ""


@command("ranking.show", Rank, group="数据", example="本月拜访量排行")
def ranking(ask: Rank, turn: Turn) -> Reply:
    """Reps by a figure, best first; equal figures share a place (R178). Also the boards that rank something else."""
    text = "" if turn.said.text.startswith("/") else turn.said.text
    if _HIDE.search(text) or _SHOW.search(text):
        return opt_out(turn, hide=not _SHOW.search(text))
    if (board := _boards.named(text)) is not None:
        who = _figures.whose(turn, ask)
        if isinstance(who, Reply):
            return who
        return board(turn, who, _figures.period(turn, ask.time, usual=_boards.USUAL), _figures.token(turn, who, ask))
    metric = ask.metric if ask.metric in kpi.NAMES else "visits"
    slot = _figures.period(turn, ask.time, weekly=metric in kpi.WEEKLY)
    rows, who = _ranks.ranked(turn, ask.team, metric, slot)
    small = [(m, f) for m, f in rows if metric != "visits" and 0 < f.whole < _ranks.LEAST]
    lines = [p.line for p in _ranks.places(turn, rows, metric)]
    facts = [("定义", kpi.DEFINITIONS[metric])]
    if metric != "visits":
        facts.append(("最低样本", f"{_ranks.LEAST}（分母不足的不排名）"))
    if small and not turn.group:
        facts.append(("样本不足", "、".join(f"{m.name} {f.shown}（{f.part}/{f.whole}）" for m, f in small)))
    total = _figures.figure(turn, metric, who, slot, Books(turn, who, slot))
    if total.whole:
        facts.insert(0, ("合计" if metric == "visits" else "团队", _ranks.shown(total)))
    title = f"{who.name}{_figures.label(turn, slot)}{kpi.NAMES[metric]}排行"
    if not lines:
        return Reply(Card(f"{title}：暂无数据", (Facts(tuple(facts)),)))
    blocks: list[Block] = [Items(tuple(lines)), Facts(tuple(facts))]
    if _LOWEST.search(text) and turn.group:
        blocks.append(Text("群里不列末位，需要的话私聊我。"))
    button = Button(
        "看图",
        says.write(
            "chart.show", kind="ranking", metric=metric, team=ask.team, start=slot.start.isoformat(), end=slot.end.isoformat()
        ),
    )
    return Reply(Card(title, tuple(blocks), (button,)))


def opt_out(turn: Turn, *, hide: bool) -> Reply:
    """A person's own wish not to be named in public rankings (R178)."""
    turn.tx.settings.set_personal(turn.me.id, "unranked", hide)
    if not hide:
        return Reply(Card("已恢复：群里的排行榜会显示您的名字", tone=Tone.DONE))
    back = (Button("恢复显示", says.write("ranking.named")),)
    return Reply(
        Card("已设置：群里的排行榜不再显示您的名字", (Text("您的数据照常计入，主管在私聊里仍能看到。"),), back, Tone.DONE)
    )


@dataclass(frozen=True, slots=True)
class Named:
    """Be named again."""


@command("ranking.named", Named, intent="ranking.show")
def be_named(ask: Named, turn: Turn) -> Reply:
    """Undo the wish not to be named."""
    return opt_out(turn, hide=False)
