"""Durable writes through the store against raw sqlite3, one run (performance.md A2; docs/adr/0002-one-writer.md).

    python -m bench.writes [--seconds 2] [--rounds 3] [--postgres postgresql+asyncpg://…/an_empty_database]

"insert" is one row in one transaction, WAL, synchronous=FULL; "booking" is the look at rep and customer and the visit itself
with its calendar and its record. Raw does the same insert on a bare connection, BEGIN IMMEDIATE … COMMIT. The variants take
turns, the medians of the rounds are printed; only the ratios mean something.
"""

import argparse
import asyncio
import itertools
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.model import Customer, Member, Visit, moment
from storage.store import open_store
from storage.tx import Tx

T0 = 1_800_000_000
REPS = 50
CLIENTS = (1, 8, 64)
_number = itertools.count()


def raw(folder: Path, seconds: float) -> list[float]:
    """Latencies of the bare connection."""
    conn = sqlite3.connect(folder / f"raw{next(_number)}.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE marks (key TEXT NOT NULL PRIMARY KEY)")
    found = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("INSERT INTO marks VALUES (?)", (f"k{next(_number)}",))
        conn.execute("COMMIT")
        found.append(time.perf_counter() - start)
    conn.close()
    return found


def insert(n: int) -> Callable[[Tx], object]:
    """One row."""
    return lambda tx: tx.db.run("INSERT INTO marks (key) VALUES (?)", f"k{n}")


def booking(n: int) -> Callable[[Tx], object]:
    """One visit, checked and entered."""
    turn, rep = divmod(n, REPS)
    start = T0 + turn * 7200
    visit = Visit("", f"c{rep}", "", f"m{rep}", moment(start), moment(start + 3600))

    def fn(tx: Tx) -> object:
        if tx.visits.busy(visit.people, visit.slot) or tx.visits.at_customer(visit.customer, visit.slot):
            raise AssertionError(visit)
        return tx.visits.add(visit, at=visit.start)

    return fn


def office(tx: Tx) -> None:
    """Enough people and customers for the bookings."""
    for n in range(REPS):
        tx.people.put(Member(f"m{n}", f"销售{n}"))
        tx.customers.put(Customer(f"c{n}", f"客户{n}"))


async def through(url: str, seconds: float, clients: int, job: Callable[[int], Callable[[Tx], object]]) -> list[float]:
    """Latencies of that many clients, each waiting for its answer before it asks again; and the elapsed time as the last."""
    store = await open_store(url)
    await store.run(office)
    found: list[float] = []
    end = time.perf_counter() + seconds

    async def client() -> None:
        while (start := time.perf_counter()) < end:
            await store.run(job(next(_number)))
            found.append(time.perf_counter() - start)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    found.append(time.perf_counter() - started)
    await store.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", default="")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="writes-"))
    runs: dict[str, list[tuple[float, float, float]]] = {}

    def note(name: str, latencies: list[float], elapsed: float) -> None:
        cuts = statistics.quantiles(latencies, n=100)
        runs.setdefault(name, []).append((len(latencies) / elapsed, cuts[49] * 1e6, cuts[98] * 1e6))

    try:
        for _ in range(options.rounds):
            latencies = raw(folder, options.seconds)
            note("raw insert", latencies, sum(latencies))
            for name, job in (("insert", insert), ("booking", booking)):
                for clients in CLIENTS:
                    for what, url in (
                        ("", f"sqlite+aiosqlite:///{folder}/store{next(_number)}.db"),
                        ("PostgreSQL ", options.postgres),
                    ):
                        if url:
                            *latencies, elapsed = asyncio.run(through(url, options.seconds, clients, job))
                            note(f"{what}{name}, {clients} clients", latencies, elapsed)
    finally:
        shutil.rmtree(folder)
    table = Table(title=f"durable transactions, SQLite {sqlite3.sqlite_version}, medians of {options.rounds} rounds")
    for heading in ("", "a second", "x raw", "p50 µs", "p99 µs"):
        table.add_column(heading, justify="right" if heading else "left")
    middle = {name: [statistics.median(column) for column in zip(*found, strict=True)] for name, found in runs.items()}
    for name, (rate, p50, p99) in middle.items():
        table.add_row(name, f"{rate:,.0f}", f"{rate / middle['raw insert'][0]:.2f}", f"{p50:,.0f}", f"{p99:,.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
