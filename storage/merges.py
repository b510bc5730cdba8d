"""Merges of customers: a link from one record to another, with all it takes to undo it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime

from domain.model import Contact, Customer, moment, stamp
from storage.db import Overlap, Row, dumps, mapping, number, when
from storage.part import Part

_COLUMNS = "id, kept, merged, at, who, before, moved, undone"
_TABLES = ("followups", "tasks", "reports")
_OWN = frozenset({"version", "code"})
"""What the store gives a record; it stays with the record whatever is put back."""


@dataclass(frozen=True, slots=True)
class Merge:
    """`merged` points to `kept`; `before` holds both records as they were, and the kept one as it was right afterwards."""

    id: str
    kept: str
    merged: str
    at: datetime
    by: str
    before: Mapping[str, object]
    moved: Mapping[str, object]
    undone: datetime | None = None

    def record(self, which: str) -> Customer:
        """A record as it was: "kept" or "merged" before the merge, "after" = the kept one after it."""
        data = self.before[which]
        assert isinstance(data, dict), which
        return customer_of(data)

    def count(self, kind: str) -> int:
        """How many visits, followups, tasks or reports went over."""
        rows = self.moved.get(kind)
        return len(rows) if isinstance(rows, list) else 0


def record_of(customer: Customer) -> dict[str, object]:
    """A customer as JSON, everything but its number and version; `customer_of` is the inverse."""
    out: dict[str, object] = {}
    for name in (f.name for f in fields(Customer) if f.name not in _OWN):
        value = getattr(customer, name)
        if isinstance(value, datetime):
            out[name] = stamp(value)
        elif isinstance(value, date):
            out[name] = value.isoformat()
        else:
            out[name] = [asdict(c) for c in value] if name == "contacts" else value
    return out


def customer_of(data: Mapping[str, object]) -> Customer:
    """The customer that `record_of` wrote."""
    rest = dict(data)
    contacts = rest.pop("contacts")
    assert isinstance(contacts, list)
    for name in ("created", "last_followup"):
        rest[name] = when(rest[name])
    rest["protected_until"] = date.fromisoformat(str(rest["protected_until"])) if rest["protected_until"] else None
    for name in ("aliases", "co_owners", "phones", "emails"):
        rest[name] = tuple(rest[name])  # type: ignore[arg-type]
    return Customer(**rest, contacts=tuple(Contact(**c) for c in contacts))  # type: ignore[arg-type]


def _merge(row: Row) -> Merge:
    id_, kept, merged, at, who, before, moved, undone = row
    return Merge(str(id_), str(kept), str(merged), moment(number(at)), str(who), mapping(before), mapping(moved), when(undone))


class Merges(Part):
    """What belonged to the merged record goes over to the kept one, and comes back by its own ids."""

    __slots__ = ()

    def carry(self, merged: str, kept: str) -> dict[str, list[str]]:
        """Hand everything of a record over to another; the ids that moved, by kind."""
        ids = {table: self._ids(table, merged) for table in _TABLES}
        for table in _TABLES:
            self.db.run(f"UPDATE {table} SET customer = ? WHERE customer = ?", kept, merged)
        ids["visits"] = [
            str(row[0])
            for row in self.db.rows("SELECT v.id FROM visits v JOIN customers c ON c.no = v.customer_no WHERE c.id = ?", merged)
        ]
        ids["beside"] = [visit for visit in ids["visits"] if self._seat(visit, kept)]
        self.touched.update((*_TABLES, "visits"))
        return ids

    def bring_back(self, merge: Merge) -> None:
        """The inverse of `carry`, for what is still at the kept record."""
        for table in _TABLES:
            key = "visit" if table == "reports" else "id"
            sql = f"UPDATE {table} SET customer = ? WHERE {key} = ? AND customer = ?"
            self.db.many(sql, [(merge.merged, id_, merge.kept) for id_ in self._moved(merge, table)])
        beside = self._moved(merge, "beside")
        for visit in self._moved(merge, "visits"):
            self._seat(visit, merge.merged, free=visit in beside)
        self.touched.update((*_TABLES, "visits"))

    def add(self, merge: Merge) -> Merge:
        """Note a merge (id given when empty)."""
        new = replace(merge, id=merge.id or self.new_id("merge", "merges", "m"))
        self.db.run(
            f"INSERT INTO merges ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            *(new.id, new.kept, new.merged, stamp(new.at), new.by, dumps(dict(new.before)), dumps(dict(new.moved))),
        )
        return new

    def get(self, id: str) -> Merge | None:
        """The merge with this id, undone or not."""
        row = self.db.row(f"SELECT {_COLUMNS} FROM merges WHERE id = ?", id)
        return _merge(row) if row else None

    def of(self, customer: str) -> list[Merge]:
        """The standing merges a record takes part in, newest first."""
        sql = f"SELECT {_COLUMNS} FROM merges WHERE (kept = ? OR merged = ?) AND undone IS NULL ORDER BY no DESC"
        return [_merge(row) for row in self.db.rows(sql, customer, customer)]

    def by(self, person: str, since: datetime) -> list[Merge]:
        """The standing merges somebody made at or after a moment, newest first."""
        sql = f"SELECT {_COLUMNS} FROM merges WHERE who = ? AND at >= ? AND undone IS NULL ORDER BY no DESC"
        return [_merge(row) for row in self.db.rows(sql, person, stamp(since))]

    def undo(self, id: str, at: datetime) -> bool:
        """Mark a merge undone; True only the first time."""
        return self.db.run("UPDATE merges SET undone = ? WHERE id = ? AND undone IS NULL", stamp(at), id) == 1

    def _ids(self, table: str, customer: str) -> list[str]:
        key = "visit" if table == "reports" else "id"
        return [str(row[0]) for row in self.db.rows(f"SELECT {key} FROM {table} WHERE customer = ?", customer)]

    @staticmethod
    def _moved(merge: Merge, kind: str) -> list[str]:
        rows = merge.moved.get(kind)
        return [str(x) for x in rows] if isinstance(rows, list) else []

    def _seat(self, visit: str, customer: str, *, free: bool = False) -> bool:
        """Put a visit at another customer; where two stand in one slot there, both may (True): they were real before."""
        sql = "UPDATE visits SET customer_no = (SELECT no FROM customers WHERE id = ?){} WHERE id = ?"
        try:
            with self.db.savepoint():
                self.db.run(sql.format(", shared_ok = 0" if free else ""), customer, visit)
        except Overlap:
            self.db.run(sql.format(", shared_ok = 1"), customer, visit)
            return True
        return False
