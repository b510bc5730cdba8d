"""Random days against a plain list: the questions answer what a scan would, the guards refuse what they must."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.model import Leave, Slot, Visit
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW, at, enter

pytestmark = pytest.mark.asyncio

PEOPLE = ("ann", "ben", "cat", "boss", "dir")


class Days:
    """The list of everything, and what may be added to it."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.visits: dict[str, Visit] = {}
        self.leaves: list[Leave] = []

    def slot(self) -> Slot:
        start = at(self.draw.randrange(0, 96) / 2, self.draw.randrange(-1, 2))
        return Slot(start, start + timedelta(minutes=self.draw.choice((15, 30, 60, 60, 90, 600, 1440))))

    def wish(self) -> Visit:
        slot, people = self.slot(), self.draw.sample(PEOPLE, self.draw.choice((1, 1, 2, 3)))
        customer = self.draw.choice(("c1", "c2"))
        return Visit("", customer, "", people[0], slot.start, slot.end, tuple(people[1:]), overlap_ok=self.draw.random() < 0.1)

    def refused(self, wish: Visit) -> bool:
        others = [v for v in self.visits.values() if v.live and v.id != wish.id and v.slot.overlaps(wish.slot)]
        rep = any(v.rep == wish.rep and not v.overlap_ok and not wish.overlap_ok for v in others)
        return wish.live and (rep or any(v.customer == wish.customer for v in others))

    def busy(self, people: list[str], slot: Slot) -> set[tuple[str, Slot, str]]:
        found = {
            (p, v.slot, v.id) for v in self.visits.values() if v.live and v.slot.overlaps(slot) for p in v.people if p in people
        }
        away = ((leave.member, Slot(leave.start, leave.end), leave.id) for leave in self.leaves)
        return found | {(who, when, id_) for who, when, id_ in away if who in people and when.overlaps(slot)}


def change(tx: Tx, days: Days) -> None:
    """One random change, on the database and on the list."""
    kind = days.draw.random()
    if kind < 0.5 or not days.visits:
        wish = days.wish()
        made = tx.visits.add(wish, at=NOW)
        assert (made is None) is days.refused(wish)
        if made:
            days.visits[made.id] = made
    elif kind < 0.85:
        old = days.draw.choice(list(days.visits.values()))
        slot, status = days.slot(), days.draw.choice(("planned", "planned", "cancelled", "pending"))
        wish = replace(old, start=slot.start, end=slot.end, status=status, rep=days.wish().rep)
        wish = replace(wish, participants=tuple(p for p in wish.participants if p != wish.rep))
        saved = tx.visits.save(wish, old.version, at=NOW)
        assert (saved is None) is days.refused(wish)
        if saved:
            days.visits[saved.id] = saved
    elif kind < 0.95:
        old = days.draw.choice(list(days.visits.values()))
        for person in old.participants[:1]:
            said = tx.visits.answer(old.id, person, "declined", at=NOW)
            assert said
            assert person not in said.participants
            days.visits[old.id] = said
    else:
        slot = days.slot()
        days.leaves.append(tx.leaves.add(Leave("", days.draw.choice(PEOPLE), slot.start, slot.end + timedelta(days=2))))


def look(tx: Tx, days: Days) -> None:
    """Every question about a random slot."""
    slot, people = days.slot(), days.draw.sample(PEOPLE, 2)
    found = tx.visits.busy(people, slot)
    assert {(b.person, b.slot, b.visit or b.leave) for b in found} == days.busy(people, slot)
    there = {v.id: v for v in days.visits.values() if v.live and v.customer == "c1" and v.slot.overlaps(slot)}
    known = {v.id: replace(v, customer_name="甲公司有限公司") for v in there.values()}
    assert {v.id: v for v in tx.visits.at_customer("c1", slot)} == known
    mine = {v.id for v in days.visits.values() if v.live and people[0] in v.people and v.slot.overlaps(slot)}
    assert {v.id for v in tx.visits.of_person(people[0], slot.start, slot.end)} == mine


@pytest.mark.parametrize("seed", range(4))
async def test_random_days(store: Store, seed: int) -> None:
    days = Days(seed)
    await store.run(enter)
    for _ in range(60):
        await store.run(lambda tx: change(tx, days))
        await store.read(lambda tx: look(tx, days))
    assert len(days.visits) > 10
