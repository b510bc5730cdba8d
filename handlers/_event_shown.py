"""An event as one reader may read it (promise 5): what is about him, without the texts and details that are not his."""

from collections.abc import Mapping

from bot.command import Turn
from domain.model import Customer, Role, Visit
from domain.permissions import HIDDEN_CUSTOMER, Layer, layer, sees_private, sees_visit, visit_label
from handlers import _owners, _views
from storage.log import Event

DETAILS = ("mode", "purpose", "contact", "location", "fields")
_REPORT = ("visit", "customer", "by", "at", "late", "version")
"""What of a report everybody concerned may know: that it is there, whose, when."""
_FOLLOWUP = ("id", "customer", "by", "at", "channel", "valid", "state", "status")


def shown(turn: Turn, event: Event) -> dict[str, object]:
    """The event's data for `turn.me`; directors and admins read all of it, everybody his own acts."""
    if turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return dict(event.data)
    return {key: _part(turn, key, value) for key, value in event.data.items()}


def _part(turn: Turn, key: str, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    customer = turn.tx.customers.get(str(value.get("customer") or ""))
    if key in ("visit", "draft") and "rep" in value:
        return _visit(turn, value, customer)
    if key == "report":
        return dict(value) if _reads(turn, customer, str(value.get("by"))) else _only(value, _REPORT)
    if key == "followup":
        return _followup(turn, value, customer)
    if key == "task":
        person = str(value.get("assignee") or "")
        mine = turn.me.id in (person, *_views.managers(turn, person)) or _reads(turn, customer, str(value.get("by") or ""))
        return dict(value) if mine else {**value, "title": None}
    if key == "approval":
        return _approval(turn, value)
    if key == "subject" and isinstance(value.get("plan"), Mapping):
        return {**value, "plan": None}
    return dict(value)


def _only(value: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, object]:
    """The same object with everything else empty."""
    return {k: v if k in keys else None for k, v in value.items()}


def _reads(turn: Turn, customer: Customer | None, author: str) -> bool:
    """Texts, next plans, amounts (contract.md 7b "Who sees what")."""
    if turn.me.id == author or turn.me.id in _views.managers(turn, author):
        return True
    return customer is not None and sees_private(turn.me, customer, _owners.customer_chain(turn, customer))


def _followup(turn: Turn, value: Mapping[str, object], customer: Customer | None) -> dict[str, object]:
    """Whole for who may read it; the result for the owner's department too."""
    if _reads(turn, customer, str(value.get("by"))):
        return dict(value)
    out = _only(value, _FOLLOWUP)
    owner = turn.tx.people.get(customer.owner) if customer and customer.owner else None
    if customer is not None and layer(turn.me, customer, owner, _owners.customer_chain(turn, customer)) >= Layer.TEAM:
        out["result"] = value.get("result")
    return out


def _visit(turn: Turn, value: Mapping[str, object], customer: Customer | None) -> dict[str, object]:
    """Everybody concerned sees when and who; the rest as in a schedule."""
    id_, rep, people = str(value.get("id") or ""), str(value["rep"]), value.get("participants")
    seen = turn.tx.visits.get(id_) if id_ else None
    if customer is None:
        return _only(value, ("id", "rep", "participants", "start", "end", "status", "version"))
    along = tuple(str(p) for p in people) if isinstance(people, list | tuple) else ()
    if seen is None:  # a wish that was never saved
        moment = turn.now
        seen = Visit("", customer.id, customer.name, rep, moment, moment, along)
    chain = _views.managers(turn, rep) | _owners.customer_chain(turn, customer)
    if sees_visit(turn.me, seen, customer, chain) or turn.me.id in (rep, *along):
        return dict(value)
    hidden = visit_label(turn.me, seen, customer, chain) == HIDDEN_CUSTOMER
    name = {"customer": None, "customer_name": HIDDEN_CUSTOMER} if hidden else {"customer_name": customer.short}
    return {**value, **{k: None for k in DETAILS if k in value}, **name}


def _approval(turn: Turn, value: Mapping[str, object]) -> dict[str, object]:
    """What was asked for is the applicant's, those who decide and those above; of others' the kind and the state."""
    by, approvers = str(value.get("by") or ""), value.get("approvers")
    people = {by, *map(str, approvers if isinstance(approvers, list | tuple) else [])}
    above = {m for p in people for m in _views.managers(turn, p)}
    return dict(value) if turn.me.id in people | above else {**value, "subject": {}}
