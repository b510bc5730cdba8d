"""Follow-ups: who was in touch with a customer, when, how, with what result."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from domain.follow import Followup
from domain.model import moment, stamp
from storage.db import Row, Value, number, one_of, seconds, when
from storage.part import Part

_COLUMNS = "id, customer, who, at, channel, content, result, next, next_due, valid, state, contact, visit, skip, source"
_SELECT = f"SELECT {_COLUMNS} FROM followups f"
_COUNTS = "f.valid = 1 AND f.state = 'standing'"
_STANDS = "f.state <> 'void'"


def _followup(row: Row) -> Followup:
    id_, customer, by, at, channel, content, result, next_, next_due, valid, state, contact, visit, skip, source = row
    return Followup(
        id=str(id_),
        customer=str(customer),
        by=str(by),
        at=moment(number(at)),
        channel=str(channel),
        content=str(content),
        result=str(result),
        next=str(next_),
        next_due=when(next_due),
        valid=bool(valid),
        state=str(state),
        contact=str(contact),
        visit=str(visit),
        skip=str(skip),
        source=str(source),
    )


class Followups(Part):
    """Every question leaves out void follow-ups; `valid_only` also leaves out what does not count (R71) or is 待裁定."""

    __slots__ = ()

    def add(self, followup: Followup) -> Followup:
        """Enter a follow-up; it gets an id when it has none. ValueError for a taken id."""
        new = replace(followup, id=followup.id or self.new_id("followup", "followups", "f"))
        n = self.db.run(
            f"INSERT INTO followups ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            *(new.id, new.customer, new.by, stamp(new.at), new.channel, new.content, new.result, new.next),
            *(seconds(new.next_due), int(new.valid), new.state, new.contact, new.visit, new.skip, new.source),
        )
        if n == 0:
            raise ValueError(f"follow-up {new.id} exists")
        self.touched.add("followups")
        return new

    def get(self, id: str) -> Followup | None:
        """The follow-up with this id, whatever its state."""
        row = self.db.row(f"{_SELECT} WHERE f.id = ?", id)
        return _followup(row) if row else None

    def save(self, followup: Followup) -> bool:
        """Replace what may be corrected: result, next step, state, validity and the words; the caller writes the event."""
        f = followup
        self.touched.add("followups")
        return (
            self.db.run(
                "UPDATE followups SET channel = ?, content = ?, result = ?, next = ?, next_due = ?, valid = ?, state = ?, "
                "contact = ?, visit = ?, skip = ? WHERE id = ?",
                *(f.channel, f.content, f.result, f.next, seconds(f.next_due), int(f.valid), f.state),
                *(f.contact, f.visit, f.skip, f.id),
            )
            == 1
        )

    def of_customer(self, customer: str, *, limit: int = 50, valid_only: bool = False) -> list[Followup]:
        """A customer's follow-ups, newest first."""
        kept = _COUNTS if valid_only else _STANDS
        sql = f"{_SELECT} WHERE f.customer = ? AND {kept} ORDER BY f.at DESC, f.no DESC LIMIT ?"
        return [_followup(row) for row in self.db.rows(sql, customer, limit)]

    def last_of(self, customer: str, *, before: datetime | None = None, valid_only: bool = True) -> Followup | None:
        """The newest follow-up of a customer (that counts), before a moment when one is given."""
        kept = _COUNTS if valid_only else _STANDS
        sql = f"{_SELECT} WHERE f.customer = ? AND f.at < ? AND {kept} ORDER BY f.at DESC, f.no DESC LIMIT 1"
        row = self.db.row(sql, customer, stamp(before) if before else 1 << 40)
        return _followup(row) if row else None

    def by_person(self, person: str, since: datetime, until: datetime) -> list[Followup]:
        """What one person logged with since ≤ at < until, in order."""
        return self.by_people((person,), since, until)

    def by_people(self, people: Sequence[str], since: datetime, until: datetime) -> list[Followup]:
        """What several people logged with since ≤ at < until, in order."""
        marks, ids = one_of(people)
        sql = f"{_SELECT} WHERE f.who IN {marks} AND f.at >= ? AND f.at < ? AND {_STANDS} ORDER BY f.at, f.no"
        return [_followup(row) for row in self.db.rows(sql, *ids, stamp(since), stamp(until))]

    def between(self, since: datetime, until: datetime, *, valid_only: bool = False) -> list[Followup]:
        """Everybody's follow-ups with since ≤ at < until, in order."""
        kept = _COUNTS if valid_only else _STANDS
        sql = f"{_SELECT} WHERE f.at >= ? AND f.at < ? AND {kept} ORDER BY f.at, f.no"
        return [_followup(row) for row in self.db.rows(sql, stamp(since), stamp(until))]

    def first_at(self) -> datetime | None:
        """When the earliest follow-up was."""
        row = self.db.row("SELECT MIN(at) FROM followups")
        return when(row[0]) if row else None

    def of_customers(
        self, customers: Sequence[str], since: datetime, until: datetime, *, valid_only: bool = False
    ) -> list[Followup]:
        """The follow-ups of a set of customers with since ≤ at < until, in order."""
        kept = _COUNTS if valid_only else _STANDS
        marks, ids = one_of(customers)
        sql = f"{_SELECT} WHERE f.customer IN {marks} AND f.at >= ? AND f.at < ? AND {kept} ORDER BY f.at, f.no"
        return [_followup(row) for row in self.db.rows(sql, *ids, stamp(since), stamp(until))]

    def disputed(self, customers: Sequence[str] | None = None) -> list[Followup]:
        """The follow-ups that wait for a verdict (待裁定), of some customers or of all, oldest first."""
        if customers is None:
            return [_followup(row) for row in self.db.rows(f"{_SELECT} WHERE f.state = 'disputed' ORDER BY f.at, f.no")]
        marks, ids = one_of(customers)
        sql = f"{_SELECT} WHERE f.state = 'disputed' AND f.customer IN {marks} ORDER BY f.at, f.no"
        return [_followup(row) for row in self.db.rows(sql, *ids)]

    def silent(
        self, grades: Sequence[str], since: datetime | None, until: datetime, owners: Sequence[str] | None = None
    ) -> list[str]:
        """The owned, active customers of these grades whose last contact (else entry) was before `until` and, when given,
        not before `since`: their ids, the longest silent first; of some owners, or with None of everybody."""
        marks, names = one_of(grades)
        last = "COALESCE(c.last_followup, c.created)"
        params: list[Value] = [*names, stamp(since) if since else 0, stamp(until)]
        sql = (
            f"SELECT c.id FROM customers c WHERE c.grade IN {marks} AND c.status = 'active' AND c.owner IS NOT NULL "
            f"AND {last} >= ? AND {last} < ?"
        )
        if owners is not None:
            those, ids = one_of(owners)
            sql += f" AND c.owner IN {those}"
            params += ids
        return [str(row[0]) for row in self.db.rows(f"{sql} ORDER BY {last}, c.no", *params)]

    def entered_between(self, since: datetime, until: datetime) -> list[str]:
        """The owned, active customers entered with since ≤ created < until: their ids."""
        sql = (
            "SELECT id FROM customers WHERE status = 'active' AND owner IS NOT NULL AND created >= ? AND created < ? ORDER BY no"
        )
        return [str(row[0]) for row in self.db.rows(sql, stamp(since), stamp(until))]

    def protected_from(self, grades: Sequence[str], day: date) -> list[str]:
        """The owned, active customers of these grades protected until this day or longer: their ids."""
        marks, names = one_of(grades)
        sql = (
            f"SELECT c.id FROM customers c WHERE c.grade IN {marks} AND c.status = 'active' AND c.owner IS NOT NULL "
            "AND c.protected_until >= ? ORDER BY c.no"
        )
        return [str(row[0]) for row in self.db.rows(sql, *names, day.isoformat())]

    def move(self, customer: str, to: str) -> int:
        """Hand a customer's follow-ups over to another record (merge); how many they were."""
        self.touched.add("followups")
        return self.db.run("UPDATE followups SET customer = ? WHERE customer = ?", to, customer)
