"""Every number opens to its rows (R141): a row by its id, in one line, as far as all readers may see."""

from bot.command import Turn
from domain.desk import Clash
from domain.model import Customer
from handlers import _plan, _views

BY = {
    "alternative": "改到备选时间", "anyway": "仍然预约", "joined": "同行", "moved": "改期", "approved": "已批准", "rejected": "已驳回",
    "overridden": "特批", "dropped": "放弃",
}  # fmt: skip
"""How a conflict ended (contract.md section 7)."""


KINDS = {
    **_plan.KIND_WORDS, "rep_overlap": "本人时间重叠", "owned_by_other": "他人保护期或锁定中的客户", "customer_window": "他人近期也约了",
    "owner_notice": "他人负责的客户",
}  # fmt: skip
"""The kinds of conflict as a manager reads them."""


def kinds(found: tuple[str, ...], most: int = 9) -> str:
    """The kinds of a conflict in words."""
    return "、".join(KINDS.get(k, k) for k in found[:most])


def line(turn: Turn, row: str) -> str:
    """`task:ID`, `customer:ID`, or the bare id of a visit, a customer or a conflict; "" for what is gone."""
    kind, _, key = row.rpartition(":")
    if kind == "task":
        task = turn.tx.tasks.get(key)
        return f"{_views.name(turn, task.assignee)}：{task.title}" if task else ""
    if kind != "customer" and (visit := turn.tx.visits.get(key)):
        return _views.visit_line(turn, visit, with_day=True, with_rep=True)
    if kind != "customer" and (found := turn.tx.conflicts.get(key)):
        return clash(turn, found)
    customer = turn.tx.customers.get(key)
    if customer is None:
        return ""
    owner = _views.owner(turn, customer)
    return f"{short(turn, customer)}（{owner}）"


def clash(turn: Turn, found: Clash) -> str:
    """When, who, which customer (客户 when a reader may not know), how it ended."""
    customer = turn.tx.customers.get(found.customer)
    state = BY.get(found.by, "已解决") if found.resolved else "未解决"
    name = short(turn, customer) if customer else "客户"
    return f"{_views.moment(found.at)} {_views.name(turn, found.rep)} 约{name}：{kinds(found.kinds, 2)}，{state}"


def short(turn: Turn, customer: Customer) -> str:
    """The customer's name where readers other than its own people look on: 客户 for a locked one."""
    if not customer.locked or all(
        _follows(turn, reader.id, customer) or reader.role in ("director", "admin") for reader in turn.readers
    ):
        return customer.short
    return "客户"


def _follows(turn: Turn, reader: str, customer: Customer) -> bool:
    people = {p for p in (customer.owner, *customer.co_owners) if p}
    return reader in people or any(reader in _views.managers(turn, p) for p in people)
