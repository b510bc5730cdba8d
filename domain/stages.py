"""The way of a customer from lead to deal (R74, R76, R77): what a stage demands, who must agree, and when it stands still."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from domain.model import OFFICE, STAGES, Customer

REVIEWED = "报价"
"""From here on a rep's step up is agreed to by his manager (R76)."""
LAST = "成交"
NEEDS = {
    "name": "客户名称",
    "contact": "联系人",
    "phone": "电话",
    "email": "邮箱",
    "city": "城市",
    "address": "地址",
    "grade": "等级",
}
"""The built-in fields that a stage may demand; any other name is a field made in the chat."""


def place(stage: str) -> int:
    """The stage's place in the order; an unknown one stands before the first."""
    return STAGES.index(stage) if stage in STAGES else -1


def missing(customer: Customer, stage: str, required: Mapping[str, Sequence[str]]) -> list[str]:
    """The fields, in words, that a customer still needs for a stage; none for a step back."""
    if place(stage) <= place(customer.stage):
        return []
    phones = [*customer.phones, *(c.phone for c in customer.contacts if c.phone)]
    has: dict[str, object] = {
        "name": customer.name, "contact": customer.contacts, "phone": phones,
        "email": [*customer.emails, *(c.email for c in customer.contacts if c.email)],
        "city": customer.city, "address": customer.address, "grade": customer.grade,
    }  # fmt: skip
    return [NEEDS.get(f, f) for f in required.get(stage, ()) if not (has[f] if f in has else customer.extra.get(f))]


def needs_review(old: str, new: str) -> bool:
    """True when a step crosses the line to 报价, from below to it or beyond."""
    return place(old) < place(REVIEWED) <= place(new)


def since(customer: Customer) -> date | None:
    """The day from which the customer is in its stage: the last change, else its entry."""
    if changed := str(customer.extra.get("stage_since") or ""):
        return date.fromisoformat(changed)
    return customer.created.astimezone(OFFICE).date() if customer.created else None


def stale_on(customer: Customer, days: int) -> date | None:
    """The first day on which the stage has been unchanged for more than `days`; None when it has no next stage or no clock.

    Grade D has no clocks (features.md 0.3), nor have pool, lost and won customers and the last stage.
    """
    begun = since(customer)
    if begun is None or customer.owner is None or customer.status != "active" or customer.grade == "D" or customer.stage == LAST:
        return None
    return begun + timedelta(days=days + 1)
