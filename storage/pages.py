"""Long lists piece by piece, for the API and exports: each page begins after the last row of the one before."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.model import Customer, Visit, moment, stamp
from storage.busy import DAY
from storage.customers import _SELECT as CUSTOMER
from storage.customers import _customer
from storage.db import Value, number, one_of
from storage.part import Part
from storage.visit_rows import JOINED, VISIT, visit

_ASK = 500
Place = tuple[int, int]
"""Where a page of visits ended: (start in unix seconds, row number)."""


class Pages(Part):
    """Visits by start, customers by entry."""

    __slots__ = ()

    def visits(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        rep: str = "",
        customer: str = "",
        statuses: Sequence[str] = (),
        after: Place | None = None,
        limit: int = 100,
    ) -> list[tuple[Place, Visit]]:
        """Visits that overlap [start, end), by start; each filter that is empty lets everything through."""
        where, params = [""], list[Value]()
        if start is not None:
            where.append("v.starts > ? AND v.ends > ?")
            params += [stamp(start) - DAY, stamp(start)]
        if end is not None:
            where.append("v.starts < ?")
            params.append(stamp(end))
        for column, value in (("r.id", rep), ("c.id", customer)):
            if value:
                where.append(f"{column} = ?")
                params.append(value)
        if statuses:
            marks, names = one_of(statuses)
            where.append(f"v.status IN {marks}")
            params += names
        if after is not None:
            where.append("(v.starts > ? OR (v.starts = ? AND v.no > ?))")
            params += [after[0], *after]
        sql = f"SELECT {VISIT}, v.no FROM {JOINED}{' AND '.join(where)} ORDER BY v.starts, v.no LIMIT ?"
        rows = self.db.rows(sql, *params, limit)
        return [((number(row[4]), number(row[-1])), visit(row[:-1])) for row in rows]

    def customers(
        self, *, after: int = 0, limit: int = 100, owner: str | None = None, status: str = "", city: str = "", name: str = ""
    ) -> list[tuple[int, Customer]]:
        """Customers in the order of entry (merged and void ones left out); `owner` "" = those of the pool, None = all."""
        where, params = ["c.no > ?", "c.status NOT IN ('void', 'merged')"], list[Value]([after])
        if owner is not None:
            where.append("c.owner = ?" if owner else "c.owner IS NULL")
            params += [owner] if owner else []
        for column, value in (("c.status", status), ("c.city", city)):
            if value:
                where.append(f"{column} = ?")
                params.append(value)
        if name:
            where.append("(c.name LIKE ? ESCAPE '!' OR c.aliases LIKE ? ESCAPE '!')")
            like = "%" + name.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
            params += [like, like]
        sql = f"{CUSTOMER.replace(' FROM customers', ', c.no FROM customers')} WHERE {' AND '.join(where)} ORDER BY c.no LIMIT ?"
        return [(number(row[-1]), _customer(row[:-1])) for row in self.db.rows(sql, *params, limit)]

    def changed(self, visits: Sequence[str]) -> dict[str, datetime]:
        """When each of these visits was changed last, by id."""
        marks, ids = one_of(visits)
        sql = (
            f"SELECT v.id, MAX(x.at) FROM visits v JOIN visit_versions x ON x.visit_no = v.no WHERE v.id IN {marks} GROUP BY v.id"
        )
        return {str(id_): moment(number(at)) for id_, at in self.db.rows(sql, *ids)}

    def having(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these keys (kind, value in the store's form: `key_of`) some customer has."""
        by_kind: dict[str, list[str]] = {}
        for kind, value in keys:
            by_kind.setdefault(kind, []).append(value)
        found: set[tuple[str, str]] = set()
        for kind, values in by_kind.items():
            for n in range(0, len(values), _ASK):
                marks, some = one_of(values[n : n + _ASK])
                sql = f"SELECT DISTINCT value FROM customer_keys WHERE kind = ? AND value IN {marks}"
                found |= {(kind, str(row[0])) for row in self.db.rows(sql, kind, *some)}
        return found
