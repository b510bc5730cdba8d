"""Requests that wait for somebody's word; each is decided once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.desk import Approval
from domain.model import stamp
from storage.db import Row, dumps, mapping, seconds, strings, when
from storage.part import Part

_COLUMNS = "id, kind, asker, approvers, subject, status, at, expires, decided_by, decided, reason"
_SELECT = "SELECT " + ", ".join(f"a.{name}" for name in _COLUMNS.split(", ")) + " FROM approvals a"


def _approval(row: Row) -> Approval:
    id_, kind, by, approvers, subject, status, at, expires, decided_by, decided, reason = row
    return Approval(
        id=str(id_),
        kind=str(kind),
        by=str(by),
        approvers=strings(approvers),
        subject=mapping(subject),
        status=str(status),
        at=when(at),
        expires=when(expires),
        decided_by=str(decided_by),
        decided=when(decided),
        reason=str(reason),
    )


class Approvals(Part):
    """Each approver of a pending request may decide it; a request stays on record."""

    __slots__ = ()

    def add(self, approval: Approval) -> Approval:
        """Note a request (id given when empty); `subject["visit"]` can be asked for."""
        new = replace(approval, id=approval.id or self.new_id("approval", "approvals", "a"))
        visit = new.subject.get("visit")
        self.db.run(
            f"INSERT INTO approvals ({_COLUMNS}, visit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.id, new.kind, new.by, dumps(new.approvers), dumps(dict(new.subject)), new.status, seconds(new.at)),
            *(seconds(new.expires), new.decided_by, seconds(new.decided), new.reason),
            visit if isinstance(visit, str) else "",
        )
        self._approvers(new.id, new.approvers)
        return new

    def get(self, id: str) -> Approval | None:
        """The request with this id."""
        row = self.db.row(f"{_SELECT} WHERE a.id = ?", id)
        return _approval(row) if row else None

    def decide(self, id: str, status: str, by: str, at: datetime, reason: str = "") -> bool:
        """Carry a pending request over to approved, rejected or withdrawn; True only the first time."""
        self.touched.add("approvals")
        sql = "UPDATE approvals SET status = ?, decided_by = ?, decided = ?, reason = ?"
        return self.db.run(f"{sql} WHERE id = ? AND status = 'pending'", status, by, stamp(at), reason, id) == 1

    def pass_on(self, id: str, approvers: tuple[str, ...], expires: datetime | None) -> bool:
        """Let others decide a pending request instead (one level up), until another moment."""
        sql = "UPDATE approvals SET approvers = ?, expires = ? WHERE id = ? AND status = 'pending'"
        if self.db.run(sql, dumps(approvers), seconds(expires), id) != 1:
            return False
        self._approvers(id, approvers)
        return True

    def go_on(self, id: str, approvers: tuple[str, ...], subject: Mapping[str, object]) -> bool:
        """The next step of a pending request: who decides now, and how far it has come (R190)."""
        sql = "UPDATE approvals SET approvers = ?, subject = ? WHERE id = ? AND status = 'pending'"
        if self.db.run(sql, dumps(approvers), dumps(dict(subject)), id) != 1:
            return False
        self._approvers(id, approvers)
        return True

    def waiting_for(self, member: str) -> list[Approval]:
        """The pending requests this member may decide, oldest first."""
        sql = f"{_SELECT} JOIN approvers p ON p.approval = a.id WHERE p.member = ? AND a.status = 'pending' ORDER BY a.at, a.no"
        return [_approval(row) for row in self.db.rows(sql, member)]

    def asked_by(self, member: str) -> list[Approval]:
        """The pending requests of a member, oldest first."""
        sql = f"{_SELECT} WHERE a.asker = ? AND a.status = 'pending' ORDER BY a.at, a.no"
        return [_approval(row) for row in self.db.rows(sql, member)]

    def pending(self, kind: str | None = None, subject_visit: str | None = None) -> list[Approval]:
        """The pending requests, of one kind and about one visit when given, oldest first."""
        sql, params = f"{_SELECT} WHERE a.status = 'pending'", []
        if kind is not None:
            sql += " AND a.kind = ?"
            params.append(kind)
        if subject_visit is not None:
            sql += " AND a.visit = ?"
            params.append(subject_visit)
        return [_approval(row) for row in self.db.rows(f"{sql} ORDER BY a.at, a.no", *params)]

    def all(self, since: datetime) -> list[Approval]:
        """The requests made at or after a moment, oldest first."""
        return [_approval(row) for row in self.db.rows(f"{_SELECT} WHERE a.at >= ? ORDER BY a.at, a.no", stamp(since))]

    def _approvers(self, id: str, approvers: tuple[str, ...]) -> None:
        self.db.run("DELETE FROM approvers WHERE approval = ?", id)
        sql = "INSERT INTO approvers (approval, member) VALUES (?, ?)"
        self.db.many(sql, [(id, member) for member in dict.fromkeys(approvers)])
        self.touched.add("approvals")
