"""Leave, trips and trainings: time in which a person can't be booked, however long."""

from dataclasses import replace
from datetime import datetime

from domain.model import Leave, Slot, moment, stamp
from storage.db import Row, number, one_of
from storage.part import Part

_SELECT = "SELECT l.id, m.id, l.starts, l.ends, l.kind FROM leaves l JOIN members m ON m.no = l.member_no"


def _leave(row: Row) -> Leave:
    id_, member, start, end, kind = row
    return Leave(str(id_), str(member), moment(number(start)), moment(number(end)), str(kind))


class Leaves(Part):
    """Leaves stay on record when cancelled, but are then found by no question."""

    __slots__ = ()

    def add(self, leave: Leave) -> Leave:
        """Enter a leave; it gets an id when it has none. ValueError for an unknown member or an empty stretch."""
        slot = Slot(leave.start, leave.end)
        new = replace(leave, id=leave.id or self.new_id("leave", "leaves", "l"))
        row = self.db.row(
            "INSERT INTO leaves (id, member_no, starts, ends, kind, cancelled) "
            "SELECT ?, m.no, ?, ?, ?, 0 FROM members m WHERE m.id = ? RETURNING no",
            *(new.id, stamp(slot.start), stamp(slot.end), new.kind, new.member),
        )
        if row is None:
            raise ValueError(f"no member {leave.member}")
        self.touched.add("leaves")
        return new

    def get(self, id: str) -> Leave | None:
        """The standing leave with this id."""
        row = self.db.row(f"{_SELECT} WHERE l.id = ? AND l.cancelled = 0", id)
        return _leave(row) if row else None

    def cancel(self, id: str) -> bool:
        """Take a leave back; False when there is no standing one by that id."""
        self.touched.add("leaves")
        return self.db.run("UPDATE leaves SET cancelled = 1 WHERE id = ? AND cancelled = 0", id) == 1

    def restore(self, id: str) -> bool:
        """The inverse of `cancel`."""
        self.touched.add("leaves")
        return self.db.run("UPDATE leaves SET cancelled = 0 WHERE id = ? AND cancelled = 1", id) == 1

    def of(self, member: str, start: datetime, end: datetime) -> list[Leave]:
        """A member's leaves that overlap [start, end), by time."""
        return self.of_many((member,), start, end)

    def of_many(self, members: tuple[str, ...] | list[str], start: datetime, end: datetime) -> list[Leave]:
        """The leaves of several members that overlap [start, end), by time."""
        marks, ids = one_of(members)
        sql = f"{_SELECT} WHERE m.id IN {marks} AND l.cancelled = 0 AND l.ends > ? AND l.starts < ? ORDER BY l.starts, l.no"
        return [_leave(row) for row in self.db.rows(sql, *ids, stamp(start), stamp(end))]
