"""Who may do and see what: one predicate for each question, asked by every door; what no line allows is denied (R153).

`chain` always means the managers upwards of the people an object belongs to: a visit's rep; a customer's owner,
co-owners and, for a text, its author. Directors and admins answer for everybody. A person who has left may nothing.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum

from domain.desk import Approval
from domain.model import Customer, Member, Role, Visit

_NOBODY: frozenset[str] = frozenset()
HIDDEN_CUSTOMER = "客户"
"""What a locked customer is called in other people's schedules (R157)."""


class Layer(IntEnum):
    """How much of a customer somebody sees; each layer includes those before it (contract.md 7b "Who sees what")."""

    NOTHING = 0
    NAME = 1
    """A locked customer: name, owner and stage."""
    PUBLIC = 2
    """Also status and protection."""
    TEAM = 3
    """Also contacts, phones, address, needs; who was in touch when, by what channel, with what result."""
    FOLLOWER = 4
    """Everything: texts, next plans, amounts."""


def _leads(who: Member, chain: frozenset[str]) -> bool:
    return who.active and (who.id in chain or who.role in (Role.DIRECTOR, Role.ADMIN))


def may_change_visit(who: Member, visit: Visit, chain: frozenset[str] = _NOBODY) -> bool:
    """Its rep and his managers upwards; taking part is not enough."""
    return _leads(who, chain) or (who.active and who.id == visit.rep)


def may_change_customer(who: Member, customer: Customer, chain: frozenset[str] = _NOBODY) -> bool:
    """Its owner, co-owners and their managers upwards; a customer of the pool is nobody's until claimed."""
    return _leads(who, chain) or _follows(who, customer)


def may_override_overlap(who: Member, rep_chain: frozenset[str]) -> bool:
    """A manager upwards of the rep whose own visits overlap (contract.md section 7, D27)."""
    return _leads(who, rep_chain)


def may_decide(who: Member, approval: Approval) -> bool:
    """A named approver, a director or an admin, but nobody his own request."""
    return who.id != approval.by and _leads(who, frozenset(approval.approvers))


def layer(who: Member, customer: Customer, owner: Member | None = None, chain: frozenset[str] = _NOBODY) -> Layer:
    """How much of the customer `who` sees; `owner` is the member who owns it, None for the pool."""
    if not who.active:
        return Layer.NOTHING
    if _leads(who, chain) or _follows(who, customer):
        return Layer.FOLLOWER
    if customer.locked:
        return Layer.NAME
    colleague = owner is not None and owner.id == customer.owner and bool(who.department)
    return Layer.TEAM if colleague and owner and who.department == owner.department else Layer.PUBLIC


def sees_status(who: Member, customer: Customer, chain: frozenset[str] = _NOBODY) -> bool:
    """Status and protection: every member, unless the customer is locked."""
    return layer(who, customer, None, chain) >= Layer.PUBLIC


def sees_contacts(who: Member, customer: Customer, owner: Member | None, chain: frozenset[str] = _NOBODY) -> bool:
    """Contacts, phones, address, needs, last touch: the owner's department too, unless it is locked (R155)."""
    return layer(who, customer, owner, chain) >= Layer.TEAM


def sees_private(who: Member, customer: Customer, chain: frozenset[str] = _NOBODY, *, author: str = "") -> bool:
    """Texts, next plans, amounts: owner, co-owners, author, their managers upwards, directors, admins (R156)."""
    return layer(who, customer, None, chain) is Layer.FOLLOWER or (who.active and who.id == author)


def sees_visit(who: Member, visit: Visit, customer: Customer, chain: frozenset[str] = _NOBODY) -> bool:
    """More of a visit than its time and short name: who takes part, who follows the customer, and managers upwards."""
    return _leads(who, chain) or _follows(who, customer) or (who.active and who.id in visit.people)


def visit_label(who: Member, visit: Visit, customer: Customer, chain: frozenset[str] = _NOBODY) -> str:
    """The customer's name in a schedule `who` looks at: the short name, or 客户 for a locked one of others (R157)."""
    named = who.active and (not customer.locked or sees_visit(who, visit, customer, chain))
    return customer.short if named else HIDDEN_CUSTOMER


def audience(members: Sequence[Member], allowed: Callable[[Member], bool]) -> bool:
    """True when every reader is allowed: the least privileged member decides, and an empty group is denied."""
    return bool(members) and all(allowed(member) for member in members)


def _follows(who: Member, customer: Customer) -> bool:
    return who.active and who.id in (customer.owner, customer.awaiting, *customer.co_owners)
