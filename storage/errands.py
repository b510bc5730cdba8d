"""Errands: work too long for a transaction (reading, entering and writing big files), done once, beside the messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.model import moment, stamp
from storage.db import Row, dumps, loads, mapping, number
from storage.part import Part


@dataclass(frozen=True, slots=True)
class Errand:
    """`who` asked for it; `fence` changes with every process that takes it, so that a late one can do no harm."""

    id: str
    kind: str
    who: str
    data: Mapping[str, object]
    at: datetime
    fence: int = 0


def _errand(row: Row) -> Errand:
    id_, kind, who, data, at, fence = row
    return Errand(str(id_), str(kind), str(who), mapping(data), moment(number(at)), number(fence))


class Errands(Part):
    """Taken by lease; what was done of a long one is kept part by part, so that it goes on where it stopped."""

    __slots__ = ()

    def send(self, kind: str, who: str, data: Mapping[str, object], at: datetime) -> str:
        """Ask for work; its id. `touched` has "errands", so whoever does them looks."""
        id_ = self.new_id("errand", "errands", "e")
        sql = "INSERT INTO errands (id, kind, who, data, state, at, leased, fence) VALUES (?, ?, ?, ?, 'waiting', ?, 0, 0)"
        self.db.run(sql, id_, kind, who, dumps(dict(data)), stamp(at))
        self.touched.add("errands")
        return id_

    def take(self, now: datetime, lease_s: int) -> Errand | None:
        """Claim the oldest errand that nobody is on, for `lease_s` seconds."""
        skip = " FOR UPDATE SKIP LOCKED" if self.db.dialect == "postgresql" else ""
        row = self.db.row(
            "UPDATE errands SET leased = ?, fence = fence + 1 WHERE no IN (SELECT no FROM errands WHERE state = 'waiting' "
            f"AND leased <= ? ORDER BY no LIMIT 1{skip}) RETURNING id, kind, who, data, at, fence",
            *(stamp(now) + lease_s, stamp(now)),
        )
        return _errand(row) if row else None

    def get(self, id: str) -> Errand | None:
        """The errand with this id, done or not."""
        row = self.db.row("SELECT id, kind, who, data, at, fence FROM errands WHERE id = ?", id)
        return _errand(row) if row else None

    def hold(self, id: str, fence: int, now: datetime, lease_s: int) -> bool:
        """Go on for `lease_s` more seconds; False when somebody else has it by now."""
        sql = "UPDATE errands SET leased = ? WHERE id = ? AND fence = ? AND state = 'waiting'"
        return self.db.run(sql, stamp(now) + lease_s, id, fence) == 1

    def done(self, errand: Errand) -> bool:
        """Finished, or given up with an apology; False when somebody else has it by now."""
        sql = "UPDATE errands SET state = 'done', leased = 0 WHERE id = ? AND fence = ? AND state = 'waiting'"
        if self.db.run(sql, errand.id, errand.fence) != 1:
            return False
        self.db.run("DELETE FROM errand_parts WHERE errand = ?", errand.id)
        return True

    def free(self) -> None:
        """Put back what a process that died was doing; only for a store that nobody else uses."""
        self.db.run("UPDATE errands SET leased = 0 WHERE leased > 0")

    # ------------------------------------------------------------------ parts
    def keep(self, errand: str, first: int, results: Sequence[object]) -> None:
        """Note what came of a part of an errand, in the transaction that did it."""
        sql = (
            "INSERT INTO errand_parts (errand, first, results) VALUES (?, ?, ?) "
            "ON CONFLICT (errand, first) DO UPDATE SET results = excluded.results"
        )
        self.db.run(sql, errand, first, dumps(list(results)))

    def kept(self, errand: str) -> list[object]:
        """What came of the parts that are done, in their order."""
        rows = self.db.rows("SELECT results FROM errand_parts WHERE errand = ? ORDER BY first", errand)
        return [x for row in rows if isinstance(found := loads(row[0]), list) for x in found]
