"""Promise 3 of contract.md section 8: whoever writes, no two visits overlap. Each guard is proved by removing it."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.util import await_only

from domain.model import Visit
from storage.store import Store, StoreDown, open_store
from storage.tx import Tx
from tests.dbs import postgres_database
from tests.storage.office import NOW, at, enter, slot, visit

pytestmark = pytest.mark.asyncio

CLIENTS = 24
ROOT = Path(__file__).parents[2]
Book = Callable[[Tx, Visit], Visit | None]


def checked(tx: Tx, wish: Visit) -> Visit | None:
    """As a handler books: lock, look, enter."""
    tx.db.lock(*(f"person:{p}" for p in wish.people), f"customer:{wish.customer}")
    return unlocked(tx, wish)


def unlocked(tx: Tx, wish: Visit) -> Visit | None:
    """Look and enter, without the lock."""
    if tx.visits.busy(wish.people, wish.slot) or tx.visits.at_customer(wish.customer, wish.slot):
        return None
    return tx.visits.add(wish, at=NOW)


def blind(tx: Tx, wish: Visit) -> Visit | None:
    """Enter without looking: the database is the only guard."""
    return tx.visits.add(wish, at=NOW)


async def race(store: Store, book: Book, wishes: list[Visit]) -> int:
    """All at once; how many got it."""
    made = await asyncio.gather(*(store.run(lambda tx, w=wish: book(tx, w)) for wish in wishes))  # type: ignore[misc]
    return sum(visit is not None for visit in made)


async def overlaps(store: Store) -> int:
    """Pairs of live visits of one rep or one customer that overlap."""
    found = await store.read(lambda tx: tx.visits.between(at(0), at(24)))
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :] if a.slot.overlaps(b.slot)]
    return sum(a.rep == b.rep or a.customer == b.customer for a, b in pairs)


@pytest.mark.parametrize("book", [checked, blind])
async def test_one_of_many_gets_the_slot(store: Store, book: Book) -> None:
    await store.run(enter)
    reps = ("ann", "ben", "cat", "boss")
    same_rep = [visit(9 + n % 3 / 4, 10, customer=f"c{n % 2 + 1}") for n in range(CLIENTS)]
    same_customer = [visit(14, 15 + n % 3 / 4, rep=reps[n % 4]) for n in range(CLIENTS)]
    assert await race(store, book, same_rep) == 1
    assert await race(store, book, same_customer) == 1
    assert await overlaps(store) == 0


async def test_one_of_many_moves_into_the_slot(store: Store) -> None:
    await store.run(enter)
    made = [await store.run(lambda tx, n=n: tx.visits.add(visit(n, n + 0.5), at=NOW)) for n in range(12)]  # type: ignore[misc]

    def move(tx: Tx, old: Visit) -> Visit | None:
        tx.db.lock("person:ann", "customer:c1")
        target = slot(20, 21)
        return tx.visits.save(replace(old, start=target.start, end=target.end), 1, at=NOW)

    assert await race(store, move, [old for old in made if old]) == 1
    assert await overlaps(store) == 0


async def test_a_participant_is_not_taken_twice(store: Store) -> None:
    """No constraint knows participants: the lock and the look do it."""
    await store.run(enter)
    reps = ("ann", "boss", "cat")
    wishes = [visit(9, 10, rep=reps[n % 3], customer=f"c{n % 2 + 1}", participants=("ben",)) for n in range(CLIENTS)]
    assert await race(store, checked, wishes) == 1
    busy = await store.read(lambda tx: tx.visits.busy(["ben"], slot(9, 10)))
    assert len(busy) == 1


BOOKER = """
import asyncio, sys
from storage.store import open_store
from tests.storage.office import visit
from tests.storage.test_races import blind, race

async def main():
    store = await open_store(sys.argv[1], create=False)
    print("ready", flush=True)
    sys.stdin.readline()
    for hour in range(24):
        print(await race(store, blind, [visit(hour, hour + 1)] * 4), flush=True)
    await store.close()

asyncio.run(main())
"""


def three_processes(url: str) -> list[list[int]]:
    """How often each of three processes won each hour."""
    command = [sys.executable, "-c", BOOKER, url]
    started = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return [[int(line) for line in process.communicate(timeout=60)[0].split()] for process in started]


async def test_three_processes_that_only_rely_on_the_database(db_url: str) -> None:
    """`import` and a second office beside `run`: nobody is told "locked", each hour is won once."""
    store = await open_store(db_url)
    await store.run(enter)
    won = await asyncio.to_thread(three_processes, db_url)
    assert [sum(hour) for hour in zip(*won, strict=True)] == [1] * 24
    assert await overlaps(store) == 0
    await store.close()


async def test_without_the_trigger_sqlite_would_double_book(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    store = await open_store(f"sqlite+aiosqlite:///{path}")
    await store.run(enter)
    conn = sqlite3.connect(path)
    for name in ("guard_rep_insert", "guard_customer_insert"):
        conn.execute(f"DROP TRIGGER {name}")
    conn.close()
    assert await race(store, blind, [visit(9, 10)] * CLIENTS) == CLIENTS
    assert await race(store, unlocked, [visit(14, 15)] * CLIENTS) == 1  # one writer: looking inside the transaction is enough
    await store.close()


@pytest.fixture
def pg_url() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.mark.parametrize(("book", "safe"), [(checked, True), (unlocked, False), (blind, False)])
async def test_without_the_constraint_postgres_needs_the_lock(pg_url: str, book: Book, safe: bool) -> None:
    """Each guard holds alone; with both taken away the race is lost."""
    store = await open_store(pg_url)
    await store.run(enter)
    conn = await asyncpg.connect(pg_url.replace("+asyncpg", ""))
    await conn.execute("ALTER TABLE visits DROP CONSTRAINT guard_rep, DROP CONSTRAINT guard_customer")
    await conn.close()
    won = [await race(store, book, [visit(hour, hour + 1)] * CLIENTS) for hour in range(8, 18)]
    assert (max(won) == 1) is safe
    await store.close()


async def test_a_deadlock_is_run_again(pg_url: str) -> None:
    """Two transactions take the same names in opposite order: one is the victim, runs again, both are done."""
    store = await open_store(pg_url)
    both, tries = asyncio.Barrier(2), [0]

    def cross(tx: Tx, first: str, second: str) -> str:
        tries[0] += 1
        tx.db.lock(first)
        if tries[0] <= 2:
            await_only(both.wait())
        tx.db.lock(second)
        return first

    done = list(await asyncio.gather(store.run(lambda tx: cross(tx, "a", "b")), store.run(lambda tx: cross(tx, "b", "a"))))
    assert done == ["a", "b"]
    assert tries[0] == 3
    await store.close()


async def test_cut_connections_are_made_anew_unnoticed(pg_url: str) -> None:
    """Nothing was done on them yet; one that is cut within a transaction is said, because the outcome may be unknown."""
    store = await open_store(pg_url)
    await store.run(enter)
    for _ in range(10):
        conn = await asyncpg.connect(pg_url.replace("+asyncpg", ""))
        await conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'visitbot'")
        await conn.close()
        assert await store.run(lambda tx: tx.customers.count()) == 2
    with pytest.raises(StoreDown, match="PostgreSQL"):
        await store.run(lambda tx: tx.db.rows("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await store.run(lambda tx: tx.customers.count()) == 2
    await store.close()
