"""What storage sees of a database: hand-written SQL in, plain tuples out; the same on SQLite and PostgreSQL."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from domain.custom_fields import Field
from domain.model import Customer, Member, moment, stamp

Row = tuple[object, ...]
Dialect = Literal["sqlite", "postgresql"]
Value = int | float | str | None
"""The only values that go into a statement."""


@dataclass(slots=True)
class Memory:
    """Rows read before that still hold: on PostgreSQL for one transaction, in SQLite's one writer until another process
    has written or something was undone. Whoever changes such a row takes it out."""

    members: dict[str, Member | None] = field(default_factory=dict)
    uids: dict[tuple[str, str], Member] = field(default_factory=dict)
    """By messenger and user id."""
    customers: dict[str, Customer] = field(default_factory=dict)
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    """A member's own settings; the company's under ""."""
    fields: dict[str, list[Field]] = field(default_factory=dict)
    """The company's own fields of an object."""
    rows: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    """(row number, name) of a "member" or "customer"."""

    def clear(self) -> None:
        """Read everything afresh from here on."""
        self.members.clear()
        self.uids.clear()
        self.customers.clear()
        self.settings.clear()
        self.fields.clear()
        self.rows.clear()

    def trim(self, most: int) -> None:
        """Keep it small: what holds more than `most` begins anew."""
        parts = (self.members, self.uids, self.customers, self.settings, self.rows)
        if any(len(part) > most for part in parts):
            self.clear()


class Overlap(Exception):
    """The database itself refused a visit: its rep or its customer is taken in that slot."""


class Db(Protocol):
    """One open transaction. `?` stands for a parameter, whatever the database."""

    dialect: Dialect
    memory: Memory

    def rows(self, sql: str, *params: Value) -> list[Row]:
        """Every row of the answer; raises Overlap when a guard of the visits table refuses."""

    def row(self, sql: str, *params: Value) -> Row | None:
        """The first row, or None."""

    def run(self, sql: str, *params: Value) -> int:
        """How many rows the statement changed."""

    def many(self, sql: str, params: Sequence[Sequence[Value]]) -> None:
        """The same statement once for each set of parameters."""

    def lock(self, *names: str) -> None:
        """Wait until nobody else holds any of these names; they are held until the transaction ends.

        PostgreSQL: advisory locks, always in the same order. SQLite: nothing, because there is one writer.
        """

    def feed(self, name: str) -> None:
        """Announce that this transaction adds numbered rows to a feed; see `settle`."""

    def settle(self, name: str) -> None:
        """Wait for the transactions that are adding to a feed, so that no smaller number can appear later."""

    def serial(self, name: str) -> int:
        """The next number of a series (storage/tables.py SERIALS); gaps are possible."""

    def savepoint(self) -> AbstractContextManager[None]:
        """A block whose changes alone are undone when it raises."""


def hash64(name: str) -> int:
    """A stable signed 64-bit number for a name, for advisory locks."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().raw_decode


def dumps(value: object) -> str:
    """JSON as the store keeps it: compact, readable Chinese."""
    return _encode(value)


def loads(text: object) -> object:
    """The inverse of `dumps`, and of nothing else: no white space around it."""
    return _decode(str(text))[0]


def seconds(value: datetime | None) -> int | None:
    """Aware datetime → unix seconds; None stays None."""
    return None if value is None else stamp(value)


def when(value: object) -> datetime | None:
    """Unix seconds → aware datetime in the office's zone; None stays None."""
    return None if value is None else moment(number(value))


def number(value: object) -> int:
    """An integer column's value."""
    assert isinstance(value, int), value
    return value


def real(value: object) -> float | None:
    """A real column's value."""
    assert value is None or isinstance(value, int | float), value
    return None if value is None else float(value)


def strings(text: object) -> tuple[str, ...]:
    """A JSON list of strings."""
    if text == "[]":  # most lists are
        return ()
    value = loads(text)
    assert isinstance(value, list), text
    return tuple(str(item) for item in value)


def mapping(text: object) -> dict[str, object]:
    """A JSON object."""
    if text == "{}":
        return {}
    value = loads(text)
    assert isinstance(value, dict), text
    return value


def one_of(values: Iterable[str]) -> tuple[str, list[str]]:
    """`(?,?…)` and its values for an IN list; an empty list matches nothing.

    The list is filled up to a power of two with its last value, so that few different statements need preparing.
    """
    items = list(dict.fromkeys(values))
    if len(items) < 2:
        return ("(?)", items) if items else ("(NULL)", [])
    items += items[-1:] * ((1 << (len(items) - 1).bit_length()) - len(items))
    return "(" + ",".join("?" * len(items)) + ")", items
