"""The board of deals: whose they are, shared by the rule of their day (R66)."""

from bot.cards import Card, Items, Text
from bot.command import Reply, Turn
from domain.model import OFFICE, Slot
from handlers import _deals, _figures
from handlers._books import Scope


def board(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Deals of a period by rep, each counted with the share its rule gave it on its day."""
    first, last = slot.start.astimezone(OFFICE).date().isoformat(), slot.end.astimezone(OFFICE).date().isoformat()
    deals = [c for c in turn.tx.customers.having_extra("deal") if first <= _deals.won_on(c) < last]
    rows = [(m, round(sum(_deals.credit_of(c, m.id) for c in deals), 2)) for m in who.people if not m.role.leads]
    rows = sorted((r for r in rows if r[1]), key=lambda r: (-r[1], r[0].name))
    title = f"{who.name}{_figures.label(turn, slot)}成交业绩"
    if not rows:
        return Reply(Card(f"{title}：还没有成交"))
    places = [1 + sum(other > n for _, other in rows) for _, n in rows]
    lines = tuple(f"{place}. {m.name} {n:g} 单" for place, (m, n) in zip(places, rows, strict=True))
    main = turn.rules.split_main
    text = Text(f"有协助负责人的成交按成交当天的规则分（现在主负责人 {main}%，协助负责人共 {100 - main}%）。")
    return Reply(Card(f"{title}：共 {sum(n for _, n in rows):g} 单", (Items(lines), text)))
