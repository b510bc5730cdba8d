"""冲突清单：本周撞了哪些，解决了没有，花了多久。"""

from collections import Counter
from dataclasses import dataclass

from bot.cards import Card, Facts, Items, Text
from bot.command import Reply, Turn, command
from domain.model import When
from handlers import _figures, _rows
from handlers._books import Books


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose and when; this week by default; `open` = only unsolved ones were asked for."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    who: str = ""


@command("conflict.list", Wanted, group="数据", example="本周有哪些冲突")
def listing(ask: Wanted, turn: Turn) -> Reply:
    """By kind, open or solved, mean time to solve (R28, R143)."""
    who = _figures.whose(turn, ask)
    if isinstance(who, Reply):
        return who
    slot = _figures.period(turn, ask.time, weekly=True)
    found = Books(turn, who, slot).met
    waiting = [c for c in found if c.resolved is None]
    only_open = any(w in turn.said.text for w in ("没解决", "未解决", "没处理", "待处理", "还没"))
    shown = waiting if only_open else found
    when = _figures.label(turn, slot)
    if not shown:
        return Reply(Card(f"{who.name}{when}没有{'未解决的' if only_open else ''}冲突"))
    kinds = Counter(k for c in shown for k in c.kinds)
    facts = [("类型", "，".join(f"{_rows.KINDS.get(k, k)} {n}" for k, n in kinds.most_common(5)))]
    took = [(c.resolved - c.at).total_seconds() / 60 for c in found if c.resolved]
    if took:
        facts.append(("平均解决", f"{sum(took) / len(took):.0f} 分钟"))
    lines = tuple(_rows.clash(turn, c) for c in shown[:10])
    title = f"{who.name}{when}冲突：{len(found)} 起，未解决 {len(waiting)} 起"
    return Reply(Card(title, (Facts(tuple(facts)), Items(lines), *([Text(f"等共 {len(shown)} 起")] if len(shown) > 10 else []))))
