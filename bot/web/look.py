"""Reading through another door: the same turn as in the chat, in a read-only transaction."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.app import App
from bot.command import Turn, build
from bot.message import Address
from bot.numbers import with_days, with_rules
from domain.model import Member
from nlp.said import Said
from storage.tx import Tx

Answer = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Look:
    """A question that changes nothing: `run(ask, turn)` gives JSON, as far as the asker (`turn.me`) may see."""

    ask: type
    run: Callable[[Any, Turn], Answer]

    def at(self, turn: Turn, /, **slots: object) -> Answer:
        """The answer inside a transaction that is open already."""
        return self.run(build(self.ask, slots), turn)


Looks = Mapping[str, Look]


def reading_turn(app: App, tx: Tx, member: Member, source: str) -> Turn:
    """A turn of this member with today's rules and calendar."""
    company = tx.settings.all_company()
    rules, days = with_rules(app.rules, company), with_days(app.calendar, company)
    turn = Turn(tx, member, Address(user=member.id), app.clock.now(), Said(""), rules, days, None, [member], source)
    if app.names is not None:
        turn.matcher, turn.named = app.names.matcher, app.names.book.exactly
    return turn


async def look(app: App, member: Member, what: Look, source: str, slots: Mapping[str, object]) -> Answer:
    """Ask beside the writing; what was read of sensitive fields is noted (R158). Raises Refusal, and ValueError for a value
    that can't be what its field is."""
    seen: list[tuple[str, Mapping[str, object]]] = []

    def ask(tx: Tx) -> Answer:
        turn = reading_turn(app, tx, member, source)
        answer = what.at(turn, **slots)
        seen[:] = turn.events
        return answer

    answer = await app.store.read(ask)
    await note_reads(app, member, source, seen)
    return answer


async def note_reads(app: App, member: Member, source: str, seen: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Reads through another door than the chat, in the audit log before the answer leaves."""
    if not seen:
        return
    now, base = app.clock.now(), f"{source}-{secrets.token_hex(8)}"

    def write(tx: Tx) -> None:
        for name, data in seen:
            tx.log.event(name, data, now, who=member.id, chat=str(Address(user=member.id)), message=base, source=source)

    await app.store.run(write)
