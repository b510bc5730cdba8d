"""The log of events (contract.md section 7): who did what, from which message. Only ever added to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.model import moment, stamp
from storage.db import Row, dumps, mapping, number, one_of
from storage.part import Part

_COLUMNS = "at, name, data, who, chat, platform, message, source"


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
