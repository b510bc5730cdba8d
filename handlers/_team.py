"""Whose figures and lists somebody sees: a rep his own, a manager his team's, a director or admin everybody's (contract 7b)."""

from bot.command import Turn
from domain.model import Role


def below(turn: Turn) -> list[str]:
    """The ids of the people the asker answers for, himself included."""
    tx, me = turn.tx, turn.me
    if me.role in (Role.DIRECTOR, Role.ADMIN):
        return [m.id for m in tx.people.all()]
    if me.role is Role.REP:
        return [me.id]
    return list(dict.fromkeys([me.id, *(m.id for m in tx.people.reports_of(me.id))]))
