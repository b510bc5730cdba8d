"""Rights asked before a change, with the refusal in words; the predicates themselves live in domain/permissions.py."""

from bot import says
from bot.command import Turn
from domain.model import Customer, Visit
from domain.permissions import may_change_visit
from domain.refusal import NotAllowed, Stale
from handlers import _views


def check_owner(turn: Turn, visit: Visit) -> None:
    """Only the visit's rep and his managers upwards, whatever the visit's state."""
    if not may_change_visit(turn.me, visit, _views.managers(turn, visit.rep)):
        rep = _views.name(turn, visit.rep)
        ways = instead(turn, turn.tx.customers.get(visit.customer))
        text = f"无权：这是{rep}的拜访，没有任何改动"
        raise NotAllowed(text, f"请联系{rep}。", action="visit.change", obj=visit.id, ways=ways)


def check_visit(turn: Turn, visit: Visit) -> None:
    """A standing visit is changed by its rep and his managers upwards (contract.md section 7b)."""
    check_owner(turn, visit)
    if visit.status not in ("planned", "pending"):
        raise Stale(f"这次拜访{_views.STATUSES.get(visit.status) or '已结束'}，不能再改", "需要的话请重新预约。")


def instead(turn: Turn, customer: Customer | None) -> tuple[tuple[str, str], ...]:
    """申请协作 for who does not follow the customer; C takes no co-owner, the pool needs none (contract.md section 7b)."""
    if customer is None or customer.owner is None or customer.grade == "C":
        return ()
    if turn.me.id in (customer.owner, *customer.co_owners):
        return ()
    return (("申请协作", says.write("owner.cooperate", customer_id=customer.id)),)
