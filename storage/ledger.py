"""Rows against the record of how they came to be (R158): an owner, stage, status or visit changed behind the bot's back is found."""

from collections.abc import Mapping

from domain.model import Customer
from storage.db import loads, mapping, number
from storage.tx import Tx
from storage.visit_rows import JOINED, VISIT, visit, visit_to_json

KEPT = ("name", "owner", "grade", "stage", "status", "protected_until")
"""What every `customer.*` event says of its customer; a row must say the same as the last of them."""
_CHUNK = 5000
_SEEDED = "seeded"


def said_of(c: Customer) -> dict[str, object]:
    """A customer as its events describe it."""
    until = c.protected_until.isoformat() if c.protected_until else None
    return {"name": c.name, "owner": c.owner, "grade": c.grade, "stage": c.stage, "status": c.status, "protected_until": until}


def note_seeded(tx: Tx, customers: list[Customer]) -> None:
    """Remember how seeded customers were entered: they have no event of their own until something happens to them."""
    for n in range(0, len(customers), _CHUNK):
        some = customers[n : n + _CHUNK]
        tx.talk.note("system", f"{_SEEDED}:{some[0].id}", {c.id: list(said_of(c).values()) for c in some})


def drift(tx: Tx, most: int = 20) -> list[str]:
    """Customers and visits that are not as the log and their versions say; at most `most` sentences, [] when all fit."""
    return [*_customers(tx), *_visits(tx)][:most]


def _customers(tx: Tx) -> list[str]:
    last: dict[str, Mapping[str, object]] = {}
    for row in tx.db.rows("SELECT value FROM notes WHERE person = 'system' AND key LIKE 'seeded:%'"):
        for id_, values in mapping(row[0]).items():
            assert isinstance(values, list)
            last[id_] = dict(zip(KEPT, values, strict=True))
    place = 0
    while rows := tx.db.rows(
        "SELECT id, data FROM events WHERE id > ? AND name LIKE 'customer.%' ORDER BY id LIMIT ?", place, _CHUNK
    ):
        for event, data in rows:
            place = number(event)
            c = mapping(data).get("customer")
            if isinstance(c, dict) and "status" in c:
                last[str(c["id"])] = c
    out = []
    for c in tx.customers.all():
        known = last.get(c.id)
        if known is None or c.status == "merged":
            continue
        now = said_of(c)
        wrong = [f"{k} {now[k]!r} instead of {known.get(k)!r}" for k in KEPT if now[k] != known.get(k)]
        if wrong:
            out.append(f"customer {c.id} was changed outside the log: {', '.join(wrong)}")
    return out


def _visits(tx: Tx) -> list[str]:
    out, place = [], 0
    sql = (
        f"SELECT {VISIT}, v.no, x.data FROM {JOINED} AND v.no > ? AND v.no IN (SELECT no FROM visits WHERE no > ? ORDER BY no LIMIT ?)"
    ).replace(
        "visits v CROSS JOIN", "visits v JOIN visit_versions x ON x.visit_no = v.no AND x.version = v.version CROSS JOIN", 1
    )
    while rows := tx.db.rows(f"{sql} ORDER BY v.no", place, place, _CHUNK):
        for *row, no, data in rows:
            place = number(no)
            v = visit(tuple(row))
            was = loads(data)
            now = visit_to_json(v)
            assert isinstance(was, dict)
            wrong = [k for k, value in now.items() if k != "customer_name" and _plain(value) != _plain(was.get(k))]
            if wrong:
                out.append(f"visit {v.id} was changed outside its record: {', '.join(wrong)}")
    return out


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
