"""What the store promises: durable answers, isolated jobs, reading beside writing, failures that pass."""

import asyncio
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from domain.model import Customer
from storage.store import Store, StoreDown, StoreError, open_store
from storage.tables import CustomerRow, VisitRow
from storage.tx import Tx
from tests.storage.office import book, enter, visit

pytestmark = pytest.mark.asyncio


async def names(store: Store) -> list[str]:
    return await store.read(lambda tx: sorted(c.name for c in tx.customers.all()))


def adds(name: str, *, fail: bool = False) -> Callable[[Tx], str]:
    def fn(tx: Tx) -> str:
        tx.customers.add(Customer("", name))
        if fail:
            raise LookupError(name)
        return name

    return fn


async def test_a_failing_job_takes_nothing_else_with_it(store: Store) -> None:
    """All are queued at once, so on SQLite they share one transaction."""
    jobs = [store.run(adds(f"n{n}", fail=n % 3 == 0)) for n in range(12)]
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert [str(a) for a in answers if isinstance(a, LookupError)] == ["n0", "n3", "n6", "n9"]
    good = sorted(f"n{n}" for n in range(12) if n % 3)
    assert sorted(str(a) for a in answers if isinstance(a, str)) == good
    assert await names(store) == good


async def test_a_savepoint_undoes_its_own_block_only(store: Store) -> None:
    def fails(tx: Tx) -> None:
        with tx.savepoint():
            tx.customers.add(Customer("b", "乙"))
            with tx.savepoint():
                tx.customers.add(Customer("c", "丙"))
            raise LookupError

    def work(tx: Tx) -> None:
        tx.customers.add(Customer("a", "甲"))
        with pytest.raises(LookupError):
            fails(tx)
        with tx.savepoint():
            tx.customers.add(Customer("d", "丁"))

    await store.run(work)
    assert await names(store) == ["丁", "甲"]


async def test_hooks_hear_what_was_touched_after_the_commit_and_before_the_answer(store: Store) -> None:
    heard: list[object] = []

    def broken(_: frozenset[str]) -> None:
        raise RuntimeError("logged, nothing else")

    store.on_commit += [heard.append, broken]
    await store.run(enter)
    heard.append("answered")
    await store.run(lambda tx: tx.customers.count())
    with pytest.raises(LookupError):
        await store.run(adds("x", fail=True))
    assert heard == [frozenset({"members", "customers"}), "answered"]


async def test_reading_cannot_change_anything(store: Store) -> None:
    with pytest.raises(StoreDown, match="read-only"):
        await store.read(lambda tx: tx.customers.add(Customer("", "甲")))
    assert await names(store) == []


async def test_reading_goes_on_beside_writing(store: Store) -> None:
    """While a transaction is open, others read what was committed before it."""
    await store.run(adds("old"))
    inside, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(tx: Tx) -> None:
        tx.customers.add(Customer("", "new"))
        loop.call_soon_threadsafe(inside.set)
        for _ in range(3000):
            if go_on.is_set():
                return
            tx.db.rows("SELECT 1")  # on PostgreSQL this lets the event loop go on
            if tx.db.dialect == "sqlite":  # the writer has a thread of its own
                time.sleep(0.001)
        raise AssertionError("nobody read")

    writing = asyncio.create_task(store.run(slow))
    await asyncio.wait_for(inside.wait(), 5)
    assert await asyncio.wait_for(names(store), 5) == ["old"]
    go_on.set()
    await writing
    assert await names(store) == ["new", "old"]


async def test_a_session_reads_rows_and_writes_none(store: Store) -> None:
    await store.run(enter)
    made = await book(store, visit(9, 10))
    async with store.session() as session:
        rows = (await session.exec(select(VisitRow, CustomerRow).join(CustomerRow))).all()
        assert [(v.id, c.name) for v, c in rows] == [(made.id if made else "", "甲公司有限公司")]
    async with store.session() as session:
        row = (await session.exec(select(CustomerRow))).first()
        assert row
        row.name = "别的"
        session.add(row)
        with pytest.raises(Exception, match=re.compile("read.?only", re.I)):
            await session.commit()


async def test_nothing_is_accepted_after_the_end(db_url: str) -> None:
    store = await open_store(db_url)
    await store.run(enter)
    await store.close()
    await store.close()
    with pytest.raises(StoreDown):
        await store.run(enter)
    with pytest.raises(StoreDown):
        await store.read(lambda tx: tx.customers.count())
    again = await open_store(db_url, create=False)
    assert len(await names(again)) == 2
    await again.close()


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("mysql://x", "must begin with"),
        ("sqlite+aiosqlite:///", "names no file"),
        ("sqlite+aiosqlite:///:memory:", "names no file"),
        ("postgresql+asyncpg://nobody:secret@127.0.0.1:1/x", "can't be reached"),
    ],
)
async def test_a_wrong_address_gets_one_clear_line(url: str, line: str) -> None:
    with pytest.raises(StoreError, match=line) as caught:
        await open_store(url)
    assert "secret" not in str(caught.value)


async def test_a_missing_database_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="db upgrade"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}", create=False)
    assert os.listdir(tmp_path) == []


async def test_numbers_follow_each_other(store: Store) -> None:
    assert await store.run(lambda tx: [tx.db.serial("visit") for _ in range(3)]) == [1001, 1002, 1003]
