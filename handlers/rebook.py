"""改约：把取消、漏访或扑空的拜访换个时间重新约。"""

from dataclasses import dataclass
from datetime import datetime

from bot.cards import Card
from bot.command import Reply, Turn, command
from domain.refusal import NotFound
from handlers import _ask_time
from handlers._rights import check_owner
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Rebook:
    """The visit to book again; `start` when a time was chosen."""

    visit: str = ""
    start: datetime | None = None


@command("visit.rebook", Rebook, intent="visit.book")
def rebook(ask: Rebook, turn: Turn) -> Reply:
    """A new booking with everything of the old one but its time."""
    old = turn.tx.visits.get(ask.visit)
    customer = turn.tx.customers.get(old.customer) if old else None
    if old is None or customer is None:
        raise NotFound("这次拜访已经找不到了")
    check_owner(turn, old)
    names = [m.name for p in old.participants if (m := turn.tx.people.get(p))]
    slots: dict[str, object] = {
        "customer": customer.short, "customer_id": customer.id, "duration_min": old.slot.minutes, "mode": old.mode,
        "purpose": old.purpose, "contact": old.contact, "location": old.location, "people": names,
    }  # fmt: skip
    hints = {"customer_ids": [customer.id], "people_ids": [[p] for p in old.participants]}
    said = Said("visit.book", {k: v for k, v in slots.items() if v}, hints=hints)
    if ask.start is not None:
        when = {"kind": "instant", "start": ask.start.isoformat(), "end": None}
        return Reply(Card("好的，重新约"), then=said.with_slots(time=when))
    people = [m for p in old.participants if (m := turn.tx.people.get(p))]
    return _ask_time.ask_time(turn, said, customer, people, old.slot.minutes, None, old.mode, old.purpose)
