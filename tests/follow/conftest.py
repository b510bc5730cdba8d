"""Follow-up tests: the talking office with changes of its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from domain.model import OFFICE
from domain.rules import Rules
from storage.store import Store
from tests.talking import NOW, Chat, office, start

Office = Callable[..., Awaitable[Chat]]


def at(day: int, clock: str, month: int = 6) -> datetime:
    """That clock of a day in June 2026; the 8th is a Monday, the 19th the Dragon Boat holiday."""
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=OFFICE)


@pytest.fixture
def talk(store: Store) -> Office:
    """`await talk(customers={"k2": {...}}, visits=[...], drop=["w1"])`: the bot with a changed office."""

    async def begin(
        *,
        customers: dict[str, dict[str, Any]] | None = None,
        visits: list[dict[str, Any]] | None = None,
        followups: list[dict[str, Any]] | None = None,
        drop: tuple[str, ...] = ("w2", "w3"),
        now: datetime = NOW,
        rules: Rules | None = None,
    ) -> Chat:
        seed = office()
        for customer in seed["customers"]:
            customer.update((customers or {}).get(customer["id"], {}))
        seed["visits"] = [v for v in seed["visits"] if v["id"] not in drop] + (visits or [])
        seed["followups"] = followups or []
        return await start(store, seed, now, rules)

    return begin


def visit(id_: str, customer: str, rep: str, day: int, clock: str, status: str = "planned", **more: Any) -> dict[str, Any]:
    """A seeded visit of one hour."""
    begin = at(day, clock)
    end = begin.replace(hour=begin.hour + 1)
    return {
        "id": id_,
        "customer": customer,
        "rep": rep,
        "start": begin.isoformat(),
        "end": end.isoformat(),
        "status": status,
        **more,
    }
