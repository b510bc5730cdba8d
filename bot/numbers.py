"""The numbers and days in force for a person: the configuration's, then the company's, then his managers' (R102, R193)."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date

from domain.model import Member
from domain.rules import Rules
from domain.workdays import Calendar
from storage.tx import Tx

_RULES = frozenset(f.name for f in fields(Rules))
OF = "of:"
"""The company setting `of:<manager>` holds the numbers a manager set for himself and everybody below him."""


def with_rules(rules: Rules, company: Mapping[str, object]) -> Rules:
    """The configuration's numbers with those the company has changed in the chat (R193)."""
    changed = {k: v for k, v in company.items() if k in _RULES}
    return replace(rules, **changed) if changed else rules  # type: ignore[arg-type]


def for_person(tx: Tx, rules: Rules, company: Mapping[str, object], me: Member) -> Rules:
    """The numbers for one person: the nearer manager's word is the last."""
    rules = with_rules(rules, company)
    if not any(key.startswith(OF) for key in company):
        return rules
    chain = [*(m.id for m in reversed(tx.people.managers_above(me.id))), me.id]
    for boss in chain:
        own = company.get(f"{OF}{boss}")
        rules = with_rules(rules, own) if isinstance(own, Mapping) else rules
    return rules


def with_days(calendar: Calendar, company: Mapping[str, object]) -> Calendar:
    """The official calendar with the days an admin typed in (D13): ISO day → is a workday."""
    days = company.get("workdays")
    if not isinstance(days, Mapping):
        return calendar
    return Calendar({**calendar.extra, **{date.fromisoformat(str(d)): bool(w) for d, w in days.items()}})
