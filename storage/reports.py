"""Reports: what a visit brought, every state of it, and the visits that still lack one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.follow import Report
from domain.model import Visit, moment, stamp
from storage.db import Row, Value, dumps, mapping, number, one_of
from storage.part import Part
from storage.visit_rows import JOINED, VISIT, visits

_COLUMNS = "visit, customer, who, at, late, content, fields, version"
_SELECT = f"SELECT {_COLUMNS} FROM reports p"


def _report(row: Row) -> Report:
    visit, customer, by, at, late, content, fields, version = row
    return Report(
        str(visit), str(customer), str(by), moment(number(at)), bool(late), str(content), mapping(fields), number(version)
    )


class Reports(Part):
    """One report a visit; a correction keeps the state before it."""

    __slots__ = ()

    def get(self, visit: str) -> Report | None:
        """The report of a visit."""
        row = self.db.row(f"{_SELECT} WHERE p.visit = ?", visit)
        return _report(row) if row else None

    def many(self, visits: Sequence[str]) -> dict[str, Report]:
        """The reports of these visits, by visit."""
        marks, ids = one_of(visits)
        return {r.visit: r for r in map(_report, self.db.rows(f"{_SELECT} WHERE p.visit IN {marks}", *ids))}

    def file(self, report: Report) -> Report | None:
        """Enter a report; None when the visit has one already."""
        r = replace(report, version=1)
        n = self.db.run(
            f"INSERT INTO reports ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING",
            *(r.visit, r.customer, r.by, stamp(r.at), int(r.late), r.content, dumps(dict(r.fields))),
        )
        if n == 0:
            return None
        self._record(r, r.by, r.at)
        return r

    def update(self, visit: str, content: str, fields: Mapping[str, object], by: str, at: datetime) -> Report | None:
        """Correct a report (its filing time stays); None when there is none."""
        row = self.db.row(
            f"UPDATE reports SET content = ?, fields = ?, version = version + 1 WHERE visit = ? RETURNING {_COLUMNS}",
            *(content, dumps(dict(fields)), visit),
        )
        if row is None:
            return None
        new = _report(row)
        self._record(new, by, at)
        return new

    def withdraw(self, visit: str) -> bool:
        """Take a report back (undo); its states stay on record."""
        self.touched.add("reports")
        return self.db.run("DELETE FROM reports WHERE visit = ?", visit) == 1

    def versions(self, visit: str) -> list[tuple[int, str, datetime, str, dict[str, object]]]:
        """Every state of a report, oldest first: (version, by, at, content, fields)."""
        sql = "SELECT version, who, at, content, fields FROM report_versions WHERE visit = ? ORDER BY version"
        return [
            (number(version), str(by), moment(number(at)), str(content), mapping(fields))
            for version, by, at, content, fields in self.db.rows(sql, visit)
        ]

    def between(self, since: datetime, until: datetime) -> list[Report]:
        """The reports filed with since ≤ at < until, in order."""
        sql = f"{_SELECT} WHERE p.at >= ? AND p.at < ? ORDER BY p.at, p.visit"
        return [_report(row) for row in self.db.rows(sql, stamp(since), stamp(until))]

    def of_customer(self, customer: str, limit: int = 20) -> list[Report]:
        """A customer's reports, newest first."""
        sql = f"{_SELECT} WHERE p.customer = ? ORDER BY p.at DESC, p.visit DESC LIMIT ?"
        return [_report(row) for row in self.db.rows(sql, customer, limit)]

    def missing(
        self, people: Sequence[str] | None, since: datetime, until: datetime, statuses: Sequence[str] = ("done",)
    ) -> list[Visit]:
        """The visits in these statuses without a report that ended after `since`, at `until` the latest, by their ends.

        Of these reps, or with None of everybody.
        """
        wanted, names = one_of(statuses)
        sql = (
            f"SELECT {VISIT} FROM {JOINED} AND v.starts >= ? AND v.starts < ? AND v.ends > ? AND v.ends <= ? "
            f"AND v.status IN {wanted} AND NOT EXISTS (SELECT 1 FROM reports p WHERE p.visit = v.id)"
        )
        low, high = stamp(since), stamp(until)
        params: list[Value] = [low - 86_400, high, low, high, *names]
        if people is not None:
            marks, ids = one_of(people)
            sql += f" AND r.id IN {marks}"
            params += ids
        return visits(self.db.rows(f"{sql} ORDER BY v.ends, v.no", *params))

    def move(self, customer: str, to: str) -> int:
        """Hand a customer's reports over to another record (merge); how many they were."""
        self.touched.add("reports")
        return self.db.run("UPDATE reports SET customer = ? WHERE customer = ?", to, customer)

    def _record(self, report: Report, by: str, at: datetime) -> None:
        self.touched.add("reports")
        row = self.db.row("SELECT COALESCE(MAX(version), 0) FROM report_versions WHERE visit = ?", report.visit)
        version = max(number(row[0]) + 1 if row else 1, report.version)
        self.db.run(
            "INSERT INTO report_versions (visit, version, who, at, content, fields) VALUES (?, ?, ?, ?, ?, ?)",
            *(report.visit, version, by, stamp(at), report.content, dumps(dict(report.fields))),
        )
