"""The audit log: every event sealed, and one altered, missing or added row found (R158)."""

import asyncio
from pathlib import Path

import pytest

from bot.upkeep import findings, verify
from storage.store import Store, open_store
from storage.tx import Tx
from tests.talking import NOW, Chat, office, start

pytestmark = pytest.mark.asyncio


async def some_events(store: Store) -> Chat:
    """A bot that has done a few things."""
    chat = await start(store, office(), NOW)
    await chat.says("hanmei", "/visit.book customer_id=k7 time=2026-06-10T10:00:00+08:00")
    await chat.says("hanmei", "/owner.claim customer_id=k6")
    await chat.says("duwei", "/owner.claim customer_id=k6")
    await chat.due()
    return chat


async def test_everything_that_happened_is_sealed_in_order(store: Store) -> None:
    chat = await some_events(store)
    assert await store.read(lambda tx: tx.log.unsealed()) == 0
    assert await store.read(findings) == []
    rows = await store.read(lambda tx: tx.log.after(0))
    assert [e.name for e in rows] == [e.name for e in chat.events]
    denied = rows[-1]
    assert (denied.name, denied.who, denied.data["object"]) == ("access.denied", "duwei", "k6")
    assert denied.message
    assert denied.source == "chat"


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("UPDATE customers SET owner = 'duwei' WHERE id = 'k1'", "customer k1 was changed outside the log: owner 'duwei'"),
        ("UPDATE customers SET stage = '成交' WHERE id = 'k6'", "customer k6 was changed outside the log: stage"),
        ("UPDATE customers SET protected_until = '2027-01-01' WHERE id = 'k6'", "customer k6 was changed outside the log: prot"),
        ("UPDATE visits SET purpose = 'x' WHERE customer_no = 7", "visit v"),
    ],
)
async def test_a_row_changed_behind_the_bots_back_is_found(store: Store, tamper: str, found: str) -> None:
    await some_events(store)
    assert await store.read(findings) == []
    await store.run(lambda tx: tx.db.run(tamper))
    (line,) = await store.read(findings)
    assert line.startswith(found)


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("UPDATE events SET data = replace(data, 'hanmei', 'fangyu') WHERE id = {id}", "event {id} (customer.claimed"),
        ("UPDATE events SET at = at - 86400 WHERE id = {id}", "event {id} (customer.claimed"),
        ("DELETE FROM events WHERE id = {id}", "event {id} is missing"),
        ("UPDATE events SET who = 'duwei' WHERE id = {id}", "event {id} (customer.claimed"),
        ("UPDATE seals SET hash = 'f' WHERE event = {id}", "event {id} (customer.claimed"),
    ],
)
async def test_one_altered_row_is_found(store: Store, tamper: str, found: str) -> None:
    await some_events(store)

    def alter(tx: Tx) -> int:
        row = tx.db.row("SELECT id FROM events WHERE name = 'customer.claimed'")
        assert row
        tx.db.run(tamper.format(id=row[0]))
        return int(str(row[0]))

    id_ = await store.run(alter)
    bad = await store.read(findings)
    assert any(line.startswith(found.format(id=id_)) for line in bad), bad
    assert len(bad) <= 2


async def test_a_row_removed_with_its_seal_breaks_the_chain(store: Store) -> None:
    await some_events(store)

    def alter(tx: Tx) -> None:
        row = tx.db.row("SELECT id FROM events WHERE name = 'customer.claimed'")
        assert row
        tx.db.run("DELETE FROM events WHERE id = ?", int(str(row[0])))
        tx.db.run("DELETE FROM seals WHERE event = ?", int(str(row[0])))

    await store.run(alter)
    assert any("does not fit" in line for line in await store.read(findings))


async def test_a_tampered_copy_is_found_and_the_original_is_not(tmp_path: Path) -> None:
    url, copy = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", tmp_path / "b.db"
    store = await open_store(url)
    await some_events(store)
    await store.backup(copy)
    await store.close()
    other = await open_store(f"sqlite+aiosqlite:///{copy}", create=False)
    await other.run(lambda tx: tx.db.run("UPDATE events SET name = 'visit.cancelled' WHERE name = 'visit.booked'"))
    await other.close()
    assert await verify(url) == []
    (line,) = await verify(f"sqlite+aiosqlite:///{copy}")
    assert "visit.cancelled" in line


async def test_many_writers_and_sealers_make_one_chain(store: Store) -> None:
    """Writers and several sealers at once: nothing is left out, nothing sealed twice, the chain holds."""

    async def write(n: int) -> None:
        await store.run(lambda tx: tx.log.event("visit.booked", {"n": n}, NOW, who="ann"))

    async def seal() -> None:
        if await store.read(lambda tx: tx.db.dialect) == "postgresql":
            await store.run(lambda tx: tx.log.seal())

    await asyncio.gather(*(write(n) if n % 4 else seal() for n in range(80)))
    await seal()
    assert await store.read(lambda tx: tx.log.unsealed()) == 0
    assert await store.read(lambda tx: tx.log.broken()) == []
    rows = await store.read(lambda tx: tx.db.rows("SELECT COUNT(*) FROM seals"))
    assert rows[0][0] == 60


async def test_an_unsealed_database_is_sealed_from_its_first_event_on(store: Store) -> None:
    """An upgraded database has events from before the seals."""
    await store.run(lambda tx: tx.log.event("visit.booked", {"n": 1}, NOW))
    await store.run(lambda tx: tx.db.run("DELETE FROM seals"))
    await store.run(lambda tx: tx.log.event("visit.booked", {"n": 2}, NOW))
    await store.run(lambda tx: tx.log.seal())
    assert await store.read(lambda tx: tx.log.unsealed()) == 0
    assert await store.read(lambda tx: tx.log.broken()) == []
