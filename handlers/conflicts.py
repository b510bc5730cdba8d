"""冲突清单：本周撞了哪些，解决了没有，花了多久。"""

from collections import Counter
from dataclasses import dataclass

from bot.cards import Card, Facts, Items
from bot.command import Reply, Turn, command
from domain.desk import Clash
from domain.model import When
from handlers import _figures, _plan, _views, _who


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose and when; this week by default; `open` = only unsolved ones were asked for."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None


@command("conflict.list", Wanted, group="数据", example="本周有哪些冲突")
def listing(ask: Wanted, turn: Turn) -> Reply:
    """By kind, open or solved, mean time to solve (R28, R143)."""
    named = _who.people(turn, ask.people, turn.said) if ask.people else []
    if isinstance(named, Reply):
        return named
    who = _figures.scope(turn, named, ask.team)
    slot = _figures.period(turn, ask.time, weekly=True)
    ids = None if who.everybody else who.ids
    found = [c for c in turn.tx.conflicts.list(slot.start, slot.end, ids) if not c.draft.get("again")]
    waiting = [c for c in found if c.resolved is None]
    only_open = any(w in turn.said.text for w in ("没解决", "未解决", "没处理", "待处理", "还没"))
    shown = waiting if only_open else found
    when = _figures.words(slot)
    if not shown:
        return Reply(Card(f"{who.name}{when}没有{'未解决的' if only_open else ''}冲突"))
    kinds = Counter(k for c in shown for k in c.kinds)
    facts = [("类型", "，".join(f"{_plan.KIND_WORDS.get(k, k)} {n}" for k, n in kinds.most_common(5)))]
    took = [(c.resolved - c.at).total_seconds() / 60 for c in found if c.resolved]
    if took:
        facts.append(("平均解决", f"{sum(took) / len(took):.0f} 分钟"))
    lines = tuple(line(turn, c) for c in shown[:10])
    title = f"{who.name}{when}冲突：{len(found)} 起，未解决 {len(waiting)} 起"
    return Reply(Card(title, (Facts(tuple(facts)), Items(lines))))


BY = {"alternative": "改到备选时间", "anyway": "仍然预约", "joined": "同行", "moved": "改期", "approved": "已批准",
      "rejected": "已驳回", "overridden": "特批", "dropped": "放弃"}  # fmt: skip


def line(turn: Turn, clash: Clash) -> str:
    """When, who, which customer (客户 when a reader may not know), how it ended."""
    customer = turn.tx.customers.get(clash.customer)
    name = customer.short if customer and not (customer.locked and turn.group) else "客户"
    state = BY.get(clash.by, "已解决") if clash.resolved else "未解决"
    return f"{_views.moment(clash.at)} {_views.name(turn, clash.rep)} 约{name}：{_plan.short_kinds(clash.kinds)}，{state}"
