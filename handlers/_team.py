"""Whose figures and lists somebody sees (contract 7b: a rep his own, a manager his team's, a director everybody's); who is meant."""

from bot.command import Turn
from domain.model import Customer, Role
from domain.text import fold


def below(turn: Turn) -> list[str]:
    """The ids of the people the asker answers for, himself included."""
    tx, me = turn.tx, turn.me
    if me.role in (Role.DIRECTOR, Role.ADMIN):
        return [m.id for m in tx.people.all()]
    if me.role is Role.REP:
        return [me.id]
    return list(dict.fromkeys([me.id, *(m.id for m in tx.people.reports_of(me.id))]))


def raw(turn: Turn, content: str) -> str:
    """The content as it was typed, when the parser's is but its normalised form."""
    typed = turn.said.text
    if typed.startswith("/") or not typed:
        return content
    return typed if not content or squeezed(typed) == squeezed(content) else content


def squeezed(text: str) -> str:
    """Letters and digits of the folded text."""
    return "".join(c for c in fold(text).text if c.isalnum())


def by_contact(turn: Turn, contact: str) -> list[Customer]:
    """One's own customers that have a contact of this name: 跟王总打了电话 names no customer."""
    if not contact:
        return []
    own = [*turn.tx.customers.owned_by(turn.me.id), *turn.tx.customers.helped_by(turn.me.id)]
    return [c for c in own if any(p.name == contact for p in c.contacts)]
