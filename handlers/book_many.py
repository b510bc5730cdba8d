"""一句话约多次：逐个查冲突，一张表、一次确认。"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.command import Reply, Turn, build, command
from handlers import _plan, _series, _views, _who
from handlers._slots import Wanted, slot_of
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class BookMany:
    """The bookings are in the hints (`items`): whole commands, each with its own candidates."""


@command("visit.book_many", BookMany, intent="visit.book")
def book_many(ask: BookMany, turn: Turn) -> Reply:
    """Resolve and check each; what is unclear is named and left out of the table."""
    items = [s for s in turn.said.hints.get("items") or () if isinstance(s, Said)]  # type: ignore[attr-defined]
    plans: list[_plan.Plan] = []
    lines: list[str] = []
    for item in items:
        plan, line = _one(turn, item, plans)
        lines.append(line)
        if plan is not None:
            plans.append(plan)
    return _series.confirm_many(turn, plans, lines, f"{len(items)} 次拜访")


def _one(turn: Turn, item: Said, before: Sequence[_plan.Plan]) -> tuple[_plan.Plan | None, str]:
    turn.said = item
    want: Wanted = build(Wanted, item.slots)
    found = _who.candidates(turn, want.customer, None)
    said = str(item.slots.get("customer") or "（没说客户）")
    if len(found) != 1:
        return None, f"{said}：{'有几家，请单独约' if found else '没有找到这家客户'}"
    customer = found[0]
    slot = slot_of(turn, want)
    if slot is None:
        return None, f"{customer.short}：缺几点，请单独约"
    if any(turn.me.id in v.people for v in turn.tx.visits.starting(customer.id, slot.start)):
        return None, f"{_views.span(slot)} {customer.short}：已经约过，保留"
    if customer.owner is None and customer.status == "pool":
        return None, f"{customer.short}：在公海，请先认领"
    people = _who.people(turn, want.people, item)
    if isinstance(people, Reply):
        return None, f"{_views.span(slot)} {customer.short}：同行的人有重名，请单独约"
    plan = _plan.Plan(
        "book", customer.id, turn.me.id, slot.start.isoformat(), slot.end.isoformat(), tuple(p.id for p in people),
        mode=want.mode or "onsite", purpose=want.purpose, contact=want.contact, location=want.location, source="chat",
    )  # fmt: skip
    line = f"{_views.span(slot)} {customer.short}"
    if any(slot.overlaps(other.slot) for other in before):
        return None, f"{line}：和这句话里的前一个撞了，请单独约"
    checked = _plan.check(turn, plan)
    kinds = f"（{_plan.short_kinds(checked.verdict.kinds)}）" if checked.verdict.kinds else ""
    if checked.verdict.level in ("hard", "approval"):
        _plan.refuse(turn, checked)
        return None, f"{line}{kinds}：不能直接保存，请单独约"
    return plan, f"{line}{kinds}"
