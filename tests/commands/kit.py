"""Small words for the dialogues: canonical sentences, seeds, times of the week of 2026-06-08 (Monday)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from domain.model import OFFICE
from tests.talking import Chat, office

Begin = Callable[..., AbstractAsyncContextManager[Chat]]


def at(day: int, clock: str, month: int = 6) -> datetime:
    """A moment of June 2026."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=OFFICE)


def book(customer: str, day: int, clock: str, **more: object) -> str:
    """The canonical sentence of a booking."""
    extra = "".join(f" {k}={v}" for k, v in more.items())
    return f"/visit.book customer_id={customer} time={at(day, clock).isoformat()}{extra}"


def move(visit: str, day: int, clock: str, **more: object) -> str:
    """The canonical sentence of a move."""
    extra = "".join(f" {k}={v}" for k, v in more.items())
    return f"/visit.reschedule visit_id={visit} new_time={at(day, clock).isoformat()}{extra}"


def visit(id: str, customer: str, rep: str, day: int, clock: str, minutes: int = 60, **more: object) -> dict[str, Any]:
    """A seeded visit."""
    start = at(day, clock)
    end = datetime.fromtimestamp(start.timestamp() + minutes * 60, OFFICE)
    row = {"id": id, "customer": customer, "rep": rep, "participants": [], "start": start.isoformat(), "end": end.isoformat(),
           "mode": "onsite", "purpose": "产品演示", "status": "planned"}  # fmt: skip
    return {**row, **more}


def seed(*visits: dict[str, Any], drop: tuple[str, ...] = (), **customers: dict[str, object]) -> dict[str, Any]:
    """The office with more visits, without those in `drop`, and with changed customers (k3={"locked": True})."""
    data = office()
    data["visits"] = [v for v in data["visits"] if v["id"] not in drop] + list(visits)
    for row in data["customers"]:
        row.update(customers.get(row["id"], {}))
    return data


def kinds(chat: Chat) -> list[str]:
    """The kinds of the newest conflict."""
    found = chat.named("conflict.found")
    return list(found[-1]["kinds"]) if found else []


def booked(chat: Chat) -> list[tuple[str, str]]:
    """(customer, start) of every visit booked so far, as day and clock."""
    return [(e["visit"]["customer"], e["visit"]["start"][8:16]) for e in chat.named("visit.booked")]


def settled(chat: Chat) -> list[str]:
    """How conflicts ended so far."""
    return [e["by"] for e in chat.named("conflict.resolved")]
