"""Reads of sensitive fields leave a trace like writes do: who, when, what, why, from which message (R158)."""

from bot.command import Turn


def read(turn: Turn, why: str, obj: str, *fields: str) -> None:
    """Note that fields of an object were shown to everybody who reads this reply; `why` is the question asked."""
    readers = [r.id for r in turn.readers if r.id != turn.me.id]
    turn.event("audit.read", action=why, object=obj, fields=list(fields), **({"readers": readers} if readers else {}))
