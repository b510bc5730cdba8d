"""Whose figures and lists somebody sees (contract 7b: a rep his own, a manager his team's, a director everybody's); who is meant."""

from bot.command import Reply, Turn
from domain.model import Customer, Role
from domain.refusal import NotAllowed
from domain.text import fold
from handlers import _views, _who


def below(turn: Turn) -> list[str]:
    """The ids of the people the asker answers for, himself included."""
    tx, me = turn.tx, turn.me
    if me.role in (Role.DIRECTOR, Role.ADMIN):
        return [m.id for m in tx.people.all()]
    if me.role is Role.REP:
        return [me.id]
    return list(dict.fromkeys([me.id, *(m.id for m in tx.people.reports_of(me.id))]))


def asked_about(turn: Turn, people: tuple[str, ...], team: str, what: str, action: str) -> list[str] | Reply | None:
    """The ids of the people or the team named, the question which one is meant, or None when nobody was named.

    Others' things only for those who answer for them; `what` they are is said to everybody else. Raises NotAllowed.
    """
    if people:
        named = _who.people(turn, people, turn.said)
        if isinstance(named, Reply):
            return named
        asked = [m.id for m in named] or [turn.me.id]
    elif team:
        asked = [m.id for m in turn.tx.people.team(team)]
    else:
        return None
    mine = {turn.me.id, *below(turn)}
    hidden = [p for p in asked if p not in mine]
    if hidden:
        raise NotAllowed(f"无权：只能看自己和下属的{what}（{_views.names(turn, hidden[:3])}）", action=action, obj=hidden[0])
    return asked


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
