"""Notes, leases and mirrored entries: the same on both databases."""

from datetime import datetime, timedelta

from domain.model import OFFICE
from storage.store import Store
from storage.wires import Mirrored

NOW = datetime(2026, 6, 9, 9, tzinfo=OFFICE)


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def taken(store: Store, at: datetime) -> list[Mirrored]:
    return await store.run(lambda tx: tx.wires.take(at, 10, 60))


async def test_a_note_is_the_last_one(store: Store) -> None:
    assert await store.run(lambda tx: tx.wires.noted("quota")) is None
    await store.run(lambda tx: tx.wires.note("quota", {"api": 3}, NOW))
    await store.run(lambda tx: tx.wires.note("quota", {"api": 4}, NOW))
    assert await store.read(lambda tx: tx.wires.noted("quota")) == {"api": 4}


async def test_one_owner_of_a_lease_until_it_ends_or_is_released(store: Store) -> None:
    async def claims(who: str, at: datetime) -> bool:
        return await store.run(lambda tx: tx.wires.claim("aibot", who, at, 30))

    assert [await claims("a", NOW), await claims("b", NOW), await claims("a", later(20)), await claims("b", later(49))] == [
        True,
        False,
        True,
        False,
    ]
    assert await claims("b", later(50))
    await store.run(lambda tx: tx.wires.release("aibot", "a"))
    assert not await claims("a", later(51))
    await store.run(lambda tx: tx.wires.release("aibot", "b"))
    assert await claims("a", later(52))


async def test_an_entry_is_taken_by_one_and_done_until_something_changes(store: Store) -> None:
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", NOW))
    (it,) = await taken(store, NOW)
    assert (it.subject, it.wire, it.handle, it.unsure) == ("visit:v1", "wecom", "", False)
    assert await taken(store, later(59)) == []
    assert await store.run(lambda tx: tx.wires.mirrored(it, "s1", "10:00", 1))
    assert await taken(store, later(600)) == []
    assert await store.run(lambda tx: tx.wires.mirror_of("wecom", "s1")) is not None
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", later(700)))
    (again,) = await taken(store, later(700))
    assert (again.handle, again.shows, again.round) == ("s1", "10:00", 1)


async def test_a_change_during_the_sending_is_not_lost(store: Store) -> None:
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", NOW))
    (it,) = await taken(store, NOW)
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", later(1)))
    await store.run(lambda tx: tx.wires.mirrored(it, "s1", "10:00", 1))
    assert [m.handle for m in await taken(store, later(1))] == ["s1"]


async def test_a_process_that_died_leaves_an_uncertain_entry_to_the_next(store: Store) -> None:
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", NOW))
    (it,) = await taken(store, NOW)
    await store.run(lambda tx: tx.wires.trying(it))
    (next_,) = await taken(store, later(60))
    assert next_.unsure
    assert not await store.run(lambda tx: tx.wires.mirrored(it, "late", "", 1))
    assert not await store.run(lambda tx: tx.wires.put_off(it, None, False, "late"))


async def test_put_off_comes_again_and_given_up_does_not(store: Store) -> None:
    await store.run(lambda tx: tx.wires.want("visit:v1", "wecom", NOW))
    (it,) = await taken(store, NOW)
    await store.run(lambda tx: tx.wires.put_off(it, later(30), True, "down"))
    assert await store.read(lambda tx: tx.wires.next_mirror()) == later(30)
    (again,) = await taken(store, later(30))
    assert (again.unsure, again.tries) == (True, 1)
    await store.run(lambda tx: tx.wires.put_off(again, None, False, "no such person"))
    assert await store.read(lambda tx: tx.wires.next_mirror()) is None
