"""Visits as rows and as JSON, and back."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from domain.model import Visit, moment, stamp
from storage.db import Row, number, strings, when

VISIT = (
    "v.id, c.id, c.name, r.id, v.starts, v.ends, v.participants, v.mode, v.purpose, v.contact, v.location, v.status, "
    "v.version, v.line, v.agenda, v.source, v.series, v.overlap_ok, v.checked_in"
)
"""The columns `visit` reads, with visits v, customers c and members r (the rep)."""

JOINED = "visits v CROSS JOIN customers c CROSS JOIN members r WHERE c.no = v.customer_no AND r.no = v.rep_no"
"""CROSS JOIN keeps SQLite from starting anywhere but at the visits; to PostgreSQL it is an ordinary join."""


_FIELDS = tuple(field.name for field in fields(Visit))


def visit(row: Row) -> Visit:
    """A row of VISIT's columns."""
    (id_, customer, customer_name, rep, start, end, participants, mode, purpose, contact) = row[:10]
    (location, status, version, line, agenda, source, series, overlap_ok, checked_in) = row[10:]
    return Visit(
        id=str(id_),
        customer=str(customer),
        customer_name=str(customer_name),
        rep=str(rep),
        start=moment(number(start)),
        end=moment(number(end)),
        participants=strings(participants),
        mode=str(mode),
        purpose=str(purpose),
        contact=str(contact),
        location=str(location),
        status=str(status),
        version=number(version),
        line=str(line),
        agenda=str(agenda),
        source=str(source),
        series=str(series),
        overlap_ok=bool(overlap_ok),
        checked_in=when(checked_in),
    )


def visits(rows: Sequence[Row]) -> list[Visit]:
    """Several rows of VISIT's columns."""
    return [visit(row) for row in rows]


def visit_to_json(value: Visit) -> dict[str, object]:
    """A visit for the record of its versions; times as unix seconds."""
    items = ((key, getattr(value, key)) for key in _FIELDS)  # asdict would copy deeply
    return {key: stamp(item) if isinstance(item, datetime) else item for key, item in items}


def visit_from_json(data: dict[str, object]) -> Visit:
    """The inverse of `visit_to_json`."""
    rest = dict(data)
    participants = rest.pop("participants")
    assert isinstance(participants, list)
    times = {key: when(rest.pop(key)) for key in ("start", "end", "checked_in")}
    return Visit(**rest, **times, participants=tuple(participants))  # type: ignore[arg-type]
