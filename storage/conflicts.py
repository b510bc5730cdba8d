"""Conflicts found at entry (R28): kept for ever, also when the visit goes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.desk import Clash
from domain.model import stamp
from storage.db import Row, dumps, loads, mapping, one_of, seconds, strings, when
from storage.part import Part

_COLUMNS = "id, kinds, hard, rep, customer, at, draft, others, resolution, visit, resolved"
_SELECT = "SELECT " + ", ".join(f"x.{name}" for name in _COLUMNS.split(", ")) + " FROM conflicts x"


def _clash(row: Row) -> Clash:
    id_, kinds, hard, rep, customer, at, draft, others, by, visit, resolved = row
    found_at, list_ = when(at), loads(others)
    assert found_at
    assert isinstance(list_, list)
    return Clash(
        id=str(id_),
        kinds=strings(kinds),
        hard=bool(hard),
        rep=str(rep),
        customer=str(customer),
        at=found_at,
        draft=mapping(draft),
        others=tuple(list_),
        by=str(by),
        visit=str(visit),
        resolved=when(resolved),
    )


class Conflicts(Part):
    """`others` hold the visits and reps on the other side ({"visit", "rep", …}); they can be asked for."""

    __slots__ = ()

    def add(self, clash: Clash) -> Clash:
        """Note a conflict (id given when empty)."""
        new = replace(clash, id=clash.id or self.new_id("conflict", "conflicts", "x"))
        others = [dict(other) for other in new.others]
        self.db.run(
            f"INSERT INTO conflicts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.id, dumps(new.kinds), int(new.hard), new.rep, new.customer, stamp(new.at), dumps(dict(new.draft))),
            *(dumps(others), new.by, new.visit, seconds(new.resolved)),
        )
        sides = {("visit", str(o["visit"])) for o in others if o.get("visit")}
        sides |= {("person", str(o["rep"])) for o in others if o.get("rep")} | {("person", new.rep)}
        sql = "INSERT INTO conflict_sides (conflict, kind, value) VALUES (?, ?, ?)"
        self.db.many(sql, [(new.id, *side) for side in sorted(sides)])
        self.touched.add("conflicts")
        return new

    def get(self, id: str) -> Clash | None:
        """The conflict with this id."""
        row = self.db.row(f"{_SELECT} WHERE x.id = ?", id)
        return _clash(row) if row else None

    def resolve(self, id: str, by: str, visit: str, at: datetime) -> bool:
        """Note how it ended (`by` of contract.md section 7) and in which visit; True only the first time."""
        self.touched.add("conflicts")
        sql = "UPDATE conflicts SET resolution = ?, visit = ?, resolved = ? WHERE id = ? AND resolved IS NULL"
        return self.db.run(sql, by, visit, stamp(at), id) == 1

    def open_between(self, visits: Sequence[str]) -> list[Clash]:
        """The unresolved conflicts in which one of these visits stands on the other side, oldest first."""
        marks, ids = one_of(visits)
        sql = (
            f"{_SELECT} WHERE x.resolved IS NULL AND x.id IN (SELECT conflict FROM conflict_sides WHERE kind = 'visit' "
            f"AND value IN {marks}) ORDER BY x.at, x.no"
        )
        return [_clash(row) for row in self.db.rows(sql, *ids)]

    def list(self, since: datetime, until: datetime, people: Sequence[str] | None = None) -> list[Clash]:
        """The conflicts found in [since, until), oldest first; with `people` those in which one of them takes part."""
        sql, params = f"{_SELECT} WHERE x.at >= ? AND x.at < ?", [stamp(since), stamp(until)]
        values: list[str] = []
        if people is not None:
            marks, values = one_of(people)
            sql += f" AND x.id IN (SELECT conflict FROM conflict_sides WHERE kind = 'person' AND value IN {marks})"
        return [_clash(row) for row in self.db.rows(f"{sql} ORDER BY x.at, x.no", *params, *values)]
