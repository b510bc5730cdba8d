"""Reads of sensitive fields leave a trace like writes do: who, when, what, why, from which message (R158)."""

from bot.command import Turn


def read(turn: Turn, why: str, obj: str, *fields: str) -> None:
    """Note that fields of an object were shown to everybody who reads this reply; `why` is the question asked.

    Many objects of one answer (a list, a page of the API) make one entry.
    """
    readers = [r.id for r in turn.readers if r.id != turn.me.id]
    last = turn.events[-1] if turn.events else None
    if last is not None and last[0] == "audit.read" and last[1]["action"] == why and last[1]["fields"] == list(fields):
        seen = last[1].get("objects") or [last[1]["object"]]
        assert isinstance(seen, list)
        turn.events[-1] = ("audit.read", {**last[1], "objects": list(dict.fromkeys([*seen, obj]))})
        return
    turn.event("audit.read", action=why, object=obj, fields=list(fields), **({"readers": readers} if readers else {}))
