"""Visits, customers and events as one reader may see them, for the API and for exports (R153–R157)."""

from collections.abc import Mapping

from bot.command import Turn
from domain.model import OFFICE, Customer, Role, Visit
from domain.permissions import HIDDEN_CUSTOMER, Layer, sees_visit, visit_label
from handlers import _audit, _owners, _shown, _views
from storage.log import Event

DETAILS = ("mode", "purpose", "contact", "location")
"""What of a visit only those concerned see; everybody sees when, who and the customer's short name."""


def visit(turn: Turn, v: Visit, customer: Customer | None = None) -> dict[str, object]:
    """`data.visit` of contract.md section 7; what the asker may not see is null."""
    known = customer or turn.tx.customers.get(v.customer)
    out = _views.visit_json(v)
    if known is None:
        return out
    chain = _views.managers(turn, v.rep) | _owners.customer_chain(turn, known)
    if sees_visit(turn.me, v, known, chain):
        return out
    hidden = visit_label(turn.me, v, known, chain) == HIDDEN_CUSTOMER
    shown = {"customer": None, "customer_name": HIDDEN_CUSTOMER} if hidden else {"customer_name": known.short}
    return {**out, **dict.fromkeys(DETAILS), **shown}


def customer(turn: Turn, c: Customer) -> dict[str, object]:
    """`data.customer` of contract.md section 7, and what else the asker's layer holds; the rest is null."""
    shown = _shown.of(turn, c)
    out: dict[str, object] = {**_views.customer_json(c), "short": c.short, "locked": c.locked, "version": c.version}
    if shown.level < Layer.PUBLIC:
        out |= dict.fromkeys(("grade", "status", "protected_until"))
    last = c.last_followup.astimezone(OFFICE).isoformat() if c.last_followup else None
    more = {
        "aliases": list(c.aliases), "city": c.city, "address": c.address, "uscc": c.uscc, "phones": list(c.phones),
        "emails": list(c.emails), "co_owners": list(c.co_owners), "last_followup": last,
        "contacts": [{"name": x.name, "title": x.title, "phone": x.phone, "email": x.email} for x in shown.contacts],
    }  # fmt: skip
    seen = {k: shown.has("last_touch" if k == "last_followup" else k) for k in more}
    out |= {k: None for k in ("grade", "status") if not shown.has(k)}
    if read := [k for k in ("contacts", "phones", "emails", "address", "last_followup") if seen[k]]:
        _audit.read(turn, "api.customer", c.id, *read)
    return {**out, **{k: value if seen[k] else None for k, value in more.items()}}


# ---------------------------------------------------------------------- events
def concerned(turn: Turn, event: Event, mine: frozenset[str]) -> bool:
    """Whether the asker may read an event: directors and admins all, others those that they, their people or their customers made."""
    if turn.me.role in (Role.DIRECTOR, Role.ADMIN) or event.who in mine:
        return True
    data = event.data
    to = data.get("to")
    if mine & set(map(str, to if isinstance(to, list) else [to])):
        return True
    return any(bool(mine & _people(data, key)) for key in _WHO) or _own_customer(turn, data, mine)


_WHO: Mapping[str, tuple[str, ...]] = {
    "visit": ("rep", "participants"), "draft": ("rep", "participants"), "customer": ("owner",), "report": ("by",),
    "followup": ("by",), "task": ("assignee", "by"), "leave": ("member",), "approval": ("by", "approvers"), "subject": ("rep",),
}  # fmt: skip
"""The objects in an event's data and their fields that name people."""


def _people(data: Mapping[str, object], key: str) -> set[str]:
    found = data.get(key)
    if not isinstance(found, Mapping):
        return set()
    out: set[str] = set()
    for name in _WHO[key]:
        value = found.get(name)
        out |= {str(x) for x in value} if isinstance(value, list) else {str(value)} if value else set()
    return out


def _own_customer(turn: Turn, data: Mapping[str, object], mine: frozenset[str]) -> bool:
    """A follow-up, visit or report on a customer that the asker or his people own."""
    for key in ("visit", "followup", "report", "task"):
        found = data.get(key)
        id_ = found.get("customer") if isinstance(found, Mapping) else None
        known = turn.tx.customers.get(str(id_)) if id_ else None
        if known is not None and mine & {known.owner or "", *known.co_owners}:
            return True
    return False
