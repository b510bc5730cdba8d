"""What the messengers must not forget: notes, leases between processes, and what is mirrored into their calendars."""

from dataclasses import dataclass
from datetime import datetime

from domain.model import moment, stamp
from storage.db import Row, dumps, loads, number
from storage.part import Part

_MIRROR = "subject, wire, handle, shows, round, wanted, unsure, fence, tries"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One visit or to-do on one messenger: what is there (`handle`, `shows`), and whether that is certain.

    `round` counts the entries made for it so far, so that a new one after a removal is not taken for a repeat.
    """

    subject: str
    wire: str
    handle: str
    shows: str
    round: int
    wanted: int
    unsure: bool
    fence: int
    tries: int


def _mirrored(row: Row) -> Mirrored:
    subject, wire, handle, shows, round_, wanted, unsure, fence, tries = row
    return Mirrored(
        *(str(subject), str(wire), str(handle), str(shows), number(round_), number(wanted), bool(unsure)),
        *(number(fence), number(tries)),
    )


class Wires(Part):
    """The messengers' memory; nothing here is a rule of the business."""

    __slots__ = ()

    # ------------------------------------------------------------------ notes
    def note(self, name: str, value: object, at: datetime) -> None:
        """Remember a JSON value in place of the one before."""
        self.db.run(
            "INSERT INTO wire_notes (name, value, at) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
            *(name, dumps(value), stamp(at)),
        )

    def noted(self, name: str) -> object | None:
        """What `note` remembered, or None."""
        row = self.db.row("SELECT value FROM wire_notes WHERE name = ?", name)
        return loads(row[0]) if row else None

    # ------------------------------------------------------------------ leases
    def claim(self, name: str, owner: str, now: datetime, seconds: int) -> bool:
        """Be the one who may do `name` for so long (again, when it is this owner already); False when another may."""
        at = stamp(now)
        sql = (
            "INSERT INTO leases (name, owner, ends) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET owner = excluded.owner, ends = excluded.ends WHERE leases.owner = excluded.owner OR leases.ends <= ?"
        )
        return self.db.run(sql, name, owner, at + seconds, at) == 1

    def held(self, name: str, now: datetime) -> bool:
        """Somebody holds it at the moment."""
        return self.db.row("SELECT 1 FROM leases WHERE name = ? AND ends > ?", name, stamp(now)) is not None

    def release(self, name: str, owner: str) -> None:
        """Let others do it at once."""
        self.db.run("DELETE FROM leases WHERE name = ? AND owner = ?", name, owner)

    # ------------------------------------------------------------------ mirrors
    def want(self, subject: str, wire: str, now: datetime) -> None:
        """Something about the subject changed: its entry on that messenger is to be looked at."""
        at = stamp(now)
        self.db.run(
            "INSERT INTO mirrors (subject, wire, handle, shows, round, wanted, open, unsure, due, leased, fence, tries, error) "
            "VALUES (?, ?, '', '', 0, 1, 1, 0, ?, 0, 0, 0, '') ON CONFLICT (subject, wire) DO UPDATE "
            "SET wanted = mirrors.wanted + 1, open = 1, due = ?, tries = 0",
            *(subject, wire, at, at),
        )

    def renew(self, subject: str, wire: str, now: datetime) -> None:
        """Write the entry again although it should be right: somebody changed it over there."""
        self.db.run("UPDATE mirrors SET shows = '' WHERE subject = ? AND wire = ?", subject, wire)
        self.want(subject, wire, now)

    def take(self, now: datetime, limit: int, lease_s: int) -> list[Mirrored]:
        """Claim entries to be looked at. One without a handle is uncertain from here on, should this process die."""
        at = stamp(now)
        skip = " FOR UPDATE SKIP LOCKED" if self.db.dialect == "postgresql" else ""
        rows = self.db.rows(
            "SELECT subject, wire FROM mirrors WHERE open = 1 AND due <= ? AND leased <= ? "
            f"ORDER BY due, subject, wire LIMIT ?{skip}",
            *(at, at, limit),
        )
        out = []
        for subject, wire in rows:
            row = self.db.row(
                "UPDATE mirrors SET leased = ?, fence = fence + 1 WHERE subject = ? AND wire = ? AND leased <= ? "
                f"RETURNING {_MIRROR}",
                *(at + lease_s, str(subject), str(wire), at),
            )
            if row:
                out.append(_mirrored(row))
        return out

    def trying(self, it: Mirrored) -> None:
        """An entry is about to be made: until its fate is known, it may be there."""
        self.db.run("UPDATE mirrors SET unsure = 1 WHERE subject = ? AND wire = ? AND fence = ?", it.subject, it.wire, it.fence)

    def mirrored(self, it: Mirrored, handle: str, shows: str, round_: int) -> bool:
        """It is as wanted now; False when somebody else holds it by now. Wanted again meanwhile: looked at again."""
        sql = (
            "UPDATE mirrors SET handle = ?, shows = ?, round = ?, unsure = 0, leased = 0, tries = 0, error = '', "
            "open = CASE WHEN wanted = ? THEN 0 ELSE 1 END WHERE subject = ? AND wire = ? AND fence = ?"
        )
        return self.db.run(sql, handle, shows, round_, it.wanted, it.subject, it.wire, it.fence) == 1

    def put_off(self, it: Mirrored, due: datetime | None, unsure: bool, error: str) -> bool:
        """It did not work: look again at `due` (None = never, unless something changes)."""
        sql = (
            "UPDATE mirrors SET due = ?, open = CASE WHEN ? = 1 OR wanted <> ? THEN 1 ELSE 0 END, unsure = ?, leased = 0, "
            "tries = tries + 1, error = ? WHERE subject = ? AND wire = ? AND fence = ?"
        )
        again = 0 if due is None else 1
        at = 0 if due is None else stamp(due)
        return self.db.run(sql, at, again, it.wanted, int(unsure), error[:200], it.subject, it.wire, it.fence) == 1

    def mirror_of(self, wire: str, handle: str) -> Mirrored | None:
        """Whose entry this is on that messenger; a handle may have its owner before it (`owner|entry`)."""
        sql = f"SELECT {_MIRROR} FROM mirrors WHERE wire = ? AND (handle = ? OR handle LIKE ?)"
        row = self.db.row(sql, wire, handle, f"%|{handle}")
        return _mirrored(row) if row else None

    def mirrors_of(self, subject: str) -> list[Mirrored]:
        """Every messenger's entry of a subject, by messenger."""
        rows = self.db.rows(f"SELECT {_MIRROR} FROM mirrors WHERE subject = ? ORDER BY wire", subject)
        return [_mirrored(row) for row in rows]

    def unmirrored(self, now: datetime, limit: int = 10_000) -> list[str]:
        """Planned visits still ahead that no messenger's calendar was ever asked to hold."""
        sql = (
            "SELECT v.id FROM visits v WHERE v.status = 'planned' AND v.starts > ? AND NOT EXISTS "
            "(SELECT 1 FROM mirrors m WHERE m.subject = 'visit:' || v.id) ORDER BY v.starts LIMIT ?"
        )
        return [str(row[0]) for row in self.db.rows(sql, stamp(now), limit)]

    def next_mirror(self) -> datetime | None:
        """When the next entry is to be looked at."""
        row = self.db.row("SELECT MIN(CASE WHEN leased > due THEN leased ELSE due END) FROM mirrors WHERE open = 1")
        return moment(number(row[0])) if row and row[0] is not None else None

    def unlease(self) -> None:
        """Put back what a process that died was doing; only for a store that nobody else uses."""
        self.db.run("UPDATE mirrors SET leased = 0 WHERE leased > 0")
        self.db.run("DELETE FROM leases")
