"""The log of events (contract.md section 7): who did what, from which message. Only ever added to, and sealed (R158).

Each event's seal is a hash over the event and the seal before it, so that whoever changes, removes or slips in a row
would have to make every later seal anew. SQLite's one writer seals before it commits (storage/writer.py); on PostgreSQL
writers must not queue on one chain, so `seal` follows right behind them (bot/seal.py).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.model import moment, stamp
from storage.db import Row, dumps, hash64, mapping, number, one_of
from storage.part import Part

_COLUMNS = "at, name, data, who, chat, platform, message, source"
_CHUNK = 5000
_KEY = hash64("seal")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `data` as contract.md section 7 prints it."""

    id: int
    at: datetime
    name: str
    data: Mapping[str, object]
    who: str = ""
    chat: str = ""
    platform: str = ""
    message: str = ""
    """The key of the message that brought it about."""
    source: str = ""


def _event(row: Row) -> Event:
    id_, at, name, data, *rest = row
    return Event(number(id_), moment(number(at)), str(name), mapping(data), *(str(text) for text in rest))


class Log(Part):
    """Events carry rising ids."""

    __slots__ = ()

    def event(
        self,
        name: str,
        data: Mapping[str, object],
        at: datetime,
        who: str = "",
        *,
        chat: str = "",
        platform: str = "",
        message: str = "",
        source: str = "",
    ) -> int:
        """Note an event; its id."""
        self.db.feed("events")
        self.touched.add("events")
        row = self.db.row(
            f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            *(stamp(at), name, dumps(dict(data)), who, chat, platform, message, source),
        )
        assert row
        return number(row[0])

    def after(self, id: int, limit: int = 100) -> list[Event]:
        """The events with greater ids, in order; none with a smaller id can appear later. Ask inside `Store.read`."""
        self.db.settle("events")
        rows = self.db.rows(f"SELECT id, {_COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?", id, limit)
        return [_event(row) for row in rows]

    def of_message(self, platform: str, message: str) -> list[Event]:
        """The events one message brought about, in order."""
        sql = f"SELECT id, {_COLUMNS} FROM events WHERE message = ? AND platform = ? ORDER BY id"
        return [_event(row) for row in self.db.rows(sql, message, platform)]

    def named(self, names: Sequence[str], since: datetime, until: datetime) -> list[Event]:
        """The events of these names with since ≤ at < until, in order."""
        marks, values = one_of(names)
        sql = f"SELECT id, {_COLUMNS} FROM events WHERE name IN {marks} AND at >= ? AND at < ? ORDER BY id"
        return [_event(row) for row in self.db.rows(sql, *values, stamp(since), stamp(until))]

    def of_customer(self, customer: str, names: Sequence[str]) -> list[Event]:
        """The events of these names about a customer (`data.customer.id`), in order."""
        marks, values = one_of(names)
        like = f'%"id":{dumps(customer)}%'
        sql = f"SELECT id, {_COLUMNS} FROM events WHERE name IN {marks} AND data LIKE ? ORDER BY id"
        found = [_event(row) for row in self.db.rows(sql, *values, like)]
        return [e for e in found if isinstance(c := e.data.get("customer"), dict) and c.get("id") == customer]

    def last(self, name: str, holding: str = "") -> datetime | None:
        """When an event of this name (with this text in its data) was last noted."""
        sql = "SELECT at FROM events WHERE name = ? AND data LIKE ? ESCAPE '!' ORDER BY at DESC LIMIT 1"
        row = self.db.row(sql, name, "%" + holding.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")
        return moment(number(row[0])) if row else None

    # ------------------------------------------------------------------ the seals
    def seal(self, limit: int = _CHUNK) -> int:
        """Seal what was written meanwhile, in the order of the ids; how many.

        On PostgreSQL in a transaction of its own, one process at a time; who comes second finds nothing to do.
        """
        if self.db.dialect == "postgresql":
            row = self.db.row("SELECT pg_try_advisory_xact_lock(?)", _KEY)
            if not row or not row[0]:
                return 0
            self.db.settle("events")
        return self._seal_rest(limit)

    def _seal_rest(self, limit: int) -> int:
        row = self.db.row("SELECT event, hash FROM seals ORDER BY event DESC LIMIT 1")
        last, chain = (number(row[0]), str(row[1])) if row else (0, "")
        rows = self.db.rows(f"SELECT id, {_COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?", last, limit)
        made = []
        for event in rows:
            chain = _hash(chain, event)
            made.append((number(event[0]), chain))
        self.db.many("INSERT INTO seals (event, hash) VALUES (?, ?)", made)
        return len(rows)

    def unsealed(self) -> int:
        """How many events wait for their seal."""
        row = self.db.row("SELECT COUNT(*) FROM events WHERE id > COALESCE((SELECT MAX(event) FROM seals), 0)")
        return number(row[0]) if row else 0

    def broken(self, most: int = 20, *, newest: int | None = None) -> list[str]:
        """Where the log is not what was written: at most `most` sentences, [] when every seal fits.

        With `newest` only so many of the last events are looked at.
        """
        out: list[str] = []
        chain, low = self._chain_before(newest) if newest else ("", 0)
        for id_, event, hash_ in self._sealed(low):
            if event is None:
                out.append(f"event {id_} is missing from the log")
            elif hash_ is None:
                out.append(f"event {id_} ({event[2]}) was slipped into the log: it has no seal")
                continue
            elif _hash(chain, event) != hash_:
                out.append(f"event {id_} ({event[2]} of {moment(number(event[1])):%Y-%m-%d %H:%M}) does not fit its seal")
            chain = str(hash_)
            if len(out) >= most:
                break
        return out

    def _chain_before(self, newest: int) -> tuple[str, int]:
        """The seal before the newest events, and the event it belongs to."""
        row = self.db.row("SELECT hash, event FROM seals ORDER BY event DESC LIMIT 1 OFFSET ?", newest)
        return (str(row[0]), number(row[1])) if row else ("", 0)

    def _sealed(self, low: int = 0) -> Iterator[tuple[int, Row | None, str | None]]:
        """(id, event or None, seal or None) above `low` up to the last seal, in order."""
        row = self.db.row("SELECT MAX(event) FROM seals")
        end = number(row[0]) if row and row[0] is not None else 0
        while low < end:
            high = low + _CHUNK
            found = self.db.rows(f"SELECT id, {_COLUMNS} FROM events WHERE id > ? AND id <= ?", low, min(high, end))
            events = {number(e[0]): e for e in found}
            seals = {
                number(i): str(h)
                for i, h in self.db.rows("SELECT event, hash FROM seals WHERE event > ? AND event <= ?", low, high)
            }
            for id_ in sorted(events.keys() | seals.keys()):
                yield id_, events.get(id_), seals.get(id_)
            low = high


def _hash(before: str, event: Row) -> str:
    """The seal of an event that follows another one."""
    return hashlib.sha256(f"{before}\n{dumps(list(event))}".encode()).hexdigest()
