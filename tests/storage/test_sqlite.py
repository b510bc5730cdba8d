"""What only SQLite has: the writer thread, its batches, the disk that fails, one process, the backup, kill -9."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import select

from domain.model import Customer
from storage.sqlite import SqliteStore, open_sqlite
from storage.store import StoreDown, StoreError, open_store
from storage.tables import MemberRow
from storage.tx import Tx
from storage.writer import SqliteDb, connect
from tests.storage.office import book, enter, visit

pytestmark = pytest.mark.asyncio
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture
async def lite(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(tmp_path / "data" / "visits.db", create=True)
    yield store
    await store.close()


def add(name: str) -> Callable[[Tx], Customer]:
    return lambda tx: tx.customers.add(Customer(name, name))


def outside(store: SqliteStore, sql: str) -> list[tuple[object, ...]]:
    """What another process sees."""
    conn = sqlite3.connect(store.path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


async def test_the_connection_is_as_durable_as_promised(lite: SqliteStore) -> None:
    def ask(tx: Tx) -> list[object]:
        words = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint")
        return [tx.db.rows(f"PRAGMA {word}")[0][0] for word in words]

    assert await lite.run(ask) == ["wal", 2, 1, 2500, 0]


async def test_the_check_is_inside_the_transaction(lite: SqliteStore) -> None:
    """performance.md A2b: with pysqlite's own transactions a check before the first write is outside, silently."""

    def work(tx: Tx) -> None:
        assert isinstance(tx.db, SqliteDb)
        assert tx.db.conn.isolation_level is None
        assert tx.db.conn.in_transaction
        other = sqlite3.connect(lite.path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()

    await lite.run(work)


async def test_an_answer_comes_after_the_commit(lite: SqliteStore) -> None:
    for n in range(20):
        await lite.run(add(f"n{n}"))
        assert outside(lite, f"SELECT COUNT(*) FROM customers WHERE id = 'n{n}'") == [(1,)]


async def test_what_is_queued_shares_a_transaction(lite: SqliteStore) -> None:
    before = lite._writer.batches
    await asyncio.gather(*(lite.run(add(f"n{n}")) for n in range(200)))
    assert lite._writer.batches - before < 60
    assert outside(lite, "SELECT COUNT(*) FROM customers") == [(200,)]


async def test_a_commit_that_fails_fails_for_all_and_the_next_one_works(lite: SqliteStore) -> None:
    """A deferred foreign key breaks at the COMMIT itself."""
    await lite.run(lambda tx: tx.db.run("CREATE TABLE child (no INTEGER REFERENCES members DEFERRABLE INITIALLY DEFERRED)"))
    jobs: list[Awaitable[object]] = [lite.run(add(f"n{n}")) for n in range(5)]
    jobs.append(lite.run(lambda tx: tx.db.run("INSERT INTO child VALUES (77)")))
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(answers[-1], StoreDown)
    lost = [answer for answer in answers if isinstance(answer, StoreDown)]
    kept = outside(lite, "SELECT COUNT(*) FROM customers")[0][0]
    assert len(lost) == 6 - int(str(kept))
    await lite.run(add("after"))
    assert outside(lite, "SELECT COUNT(*) FROM customers WHERE id = 'after'") == [(1,)]


async def test_a_full_disk_is_said_and_passes(lite: SqliteStore) -> None:
    await lite.run(add("before"))
    pages = outside(lite, "PRAGMA page_count")[0][0]
    await lite.run(lambda tx: tx.db.rows(f"PRAGMA max_page_count = {pages}"))
    big = "x" * 200_000
    answers = await asyncio.gather(
        lite.run(add("small")),
        lite.run(lambda tx: tx.customers.add(Customer("big", big))),
        return_exceptions=True,
    )
    assert isinstance(answers[1], StoreDown)
    assert "disk is full" in str(answers[1])
    assert await lite.read(lambda tx: tx.customers.get("big")) is None
    await lite.run(lambda tx: tx.db.rows("PRAGMA max_page_count = 1000000"))
    await lite.run(lambda tx: tx.customers.add(Customer("big", big)))
    known = {"before", "big"} | ({"small"} if not isinstance(answers[0], BaseException) else set())
    assert {str(row[0]) for row in outside(lite, "SELECT id FROM customers")} == known


async def test_another_process_that_holds_the_file_is_said_and_passes(lite: SqliteStore) -> None:
    await lite.run(lambda tx: tx.db.rows("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(lite.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreDown, match="another process"):
        await lite.run(add("x"))
    other.execute("ROLLBACK")
    other.close()
    await lite.run(add("x"))


async def test_a_reader_beside_sees_one_moment(lite: SqliteStore) -> None:
    """Two questions in one `read` are answered from the same state, whatever is committed between them."""
    loop = asyncio.get_running_loop()

    def twice(tx: Tx) -> tuple[int, int]:
        first = tx.customers.count()
        asyncio.run_coroutine_threadsafe(lite.run(add("between")), loop).result(5)
        return first, tx.customers.count()

    assert await lite.read(twice) == (0, 0)
    assert await lite.read(lambda tx: tx.customers.count()) == 1


async def test_the_log_goes_into_the_file_when_idle_and_when_asked(lite: SqliteStore) -> None:
    wal = lite.path.with_name("visits.db-wal")
    await asyncio.gather(*(lite.run(add(f"n{n}")) for n in range(50)))
    assert wal.stat().st_size > 0
    await lite.checkpoint()
    assert wal.stat().st_size == 0


async def test_one_process_at_a_time(lite: SqliteStore) -> None:
    assert lite.claim_single()
    assert lite.claim_single()
    second = await open_sqlite(lite.path, create=False)
    assert not second.claim_single()
    await lite.close()
    assert second.claim_single()
    await second.close()


async def test_a_backup_holds_everything_answered_and_opens(lite: SqliteStore, tmp_path: Path) -> None:
    await lite.run(enter)
    assert await book(lite, visit(9, 10))
    await lite.backup(tmp_path / "copy" / "b.db")
    await lite.run(add("later"))
    copy = await open_sqlite(tmp_path / "copy" / "b.db", create=False)
    assert await copy.read(lambda tx: tx.customers.count()) == 2
    assert await book(copy, visit(9, 10, rep="ben")) is None
    await copy.close()
    with pytest.raises(StoreError, match="backup to"):
        await lite.backup(tmp_path)


async def test_a_folder_with_any_name_will_do(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / '数据 100%25 #1' / 'v.db'}")
    await store.run(enter)
    async with store.session() as session:
        assert len((await session.exec(select(MemberRow))).all()) == 5
    await store.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.db"
    path.write_text("hello" * 1000)
    with pytest.raises(StoreError, match=r"no\.db"):
        await open_sqlite(path, create=True)


WRITER = """
import asyncio, sys
from pathlib import Path
from domain.model import Customer
from storage.sqlite import open_sqlite

async def main():
    store = await open_sqlite(Path(sys.argv[1]), create=True)
    assert store.claim_single()

    async def write(client):
        for n in range(100000):
            name = f"k{client}_{n}"
            await store.run(lambda tx: tx.customers.add(Customer(name, name)))
            sys.stdout.write(name + "\\n")
            sys.stdout.flush()

    await asyncio.gather(*(write(c) for c in range(8)))

asyncio.run(main())
"""


def write_until_killed(path: Path, after: int) -> list[str]:
    """Start a writer, kill it after so many answers; everything it was answered."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    answered = [process.stdout.readline().strip() for _ in range(after)]
    os.kill(process.pid, signal.SIGKILL)
    answered += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait(5)
    process.stdout.close()
    return answered


@pytest.mark.parametrize("after", [1, 57, 300])
async def test_kill_9_loses_nothing_answered(tmp_path: Path, after: int) -> None:
    path = tmp_path / "visits.db"
    answered = write_until_killed(path, after)
    store = await open_sqlite(path, create=False)
    assert store.claim_single()  # the lock went with the process
    there = await store.read(lambda tx: {c.id for c in tx.customers.all()})
    assert len(answered) >= after
    assert set(answered) <= there
    assert await store.run(lambda tx: tx.db.rows("PRAGMA integrity_check")) == [("ok",)]
    await store.close()


async def test_readers_open_read_only(lite: SqliteStore) -> None:
    conn = connect(lite.path, readonly=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        conn.execute("DELETE FROM customers")
    conn.close()
