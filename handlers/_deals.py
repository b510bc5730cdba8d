"""A deal's credit (R66): shared between main owner and co-owners by the rule in force on its day, kept with the customer."""

from collections.abc import Mapping
from datetime import date

from domain.model import STAGES, Customer


def record(customer: Customer, on: date, main: int) -> dict[str, object]:
    """What is kept when a deal is won: its day, everybody's share in percent, the rule it follows."""
    helpers = [p for p in customer.co_owners if p != customer.owner]
    if customer.owner is None:
        return {"on": on.isoformat(), "credit": {}, "rule": main}
    if not helpers:
        return {"on": on.isoformat(), "credit": {customer.owner: 100.0}, "rule": main}
    each = round((100 - main) / len(helpers), 2)
    return {"on": on.isoformat(), "credit": {customer.owner: float(main), **dict.fromkeys(helpers, each)}, "rule": main}


def closed(customer: Customer) -> bool:
    """Won by its status, or by its last stage."""
    return customer.status == "won" or (customer.stage == STAGES[-1] and customer.status == "active")


def won_on(customer: Customer) -> str:
    """The ISO day of the deal, "" when there is none."""
    deal = customer.extra.get("deal")
    return str(deal.get("on") or "") if isinstance(deal, Mapping) and closed(customer) else ""


def credit_of(customer: Customer, member: str) -> float:
    """The share of a customer's deal that is a member's, 0 to 1."""
    deal = customer.extra.get("deal")
    credit = deal.get("credit") if isinstance(deal, Mapping) else None
    return float(credit.get(member) or 0) / 100 if isinstance(credit, Mapping) else 0.0
