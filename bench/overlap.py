"""The overlap check and a durable booking as the table of visits grows (performance.md T5; docs/adr/0003-overlap.md).

    python -m bench.overlap                     10 thousand and 1 million visits
    python -m bench.overlap --big               also 10 million (about 4 GB of disk and some minutes)

Everything goes through storage's own code and schema; all sizes in one run, so that ratios count. 2,000 visits per rep.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.model import Slot, Visit, moment
from storage.migrate import fresh
from storage.tx import Tx
from storage.writer import SqliteDb, connect

T0 = 1_700_000_000
STEP = 7200
PER_REP = 2000
NAIVE = (
    "SELECT 1 FROM visit_people p WHERE p.person_no = (SELECT no FROM members WHERE id = ?) AND p.busy = 1 "
    "AND p.starts < ? AND p.ends > ? LIMIT 1"
)


def rows(count: int) -> Iterator[tuple[int, int, int, int]]:
    """(number, rep, customer, start) of visits as they come in life: in the order of time, over all reps."""
    reps = max(5, count // PER_REP)
    draw = random.Random(7)
    for n in range(count):
        turn, rep = divmod(n, reps)
        yield n + 1, rep + 1, rep * 20 + turn % 20 + 1, T0 + turn * STEP + draw.randrange(0, 1800)


def build(path: Path, count: int) -> None:
    """A database of that many visits, with the schema's own indexes and triggers made after the rows."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = OFF")
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("PRAGMA cache_size = -400000")
    for statement in fresh("sqlite"):
        conn.execute(statement)
    late = conn.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ('visits', 'visit_people') AND type <> 'table' "
        "AND sql IS NOT NULL ORDER BY type"
    ).fetchall()
    for kind, name, _ in reversed(late):
        conn.execute(f"DROP {kind} {name}")
    reps = max(5, count // PER_REP)
    conn.execute("BEGIN")
    conn.executemany(
        "INSERT INTO members VALUES (?, ?, ?, 'rep', '', '', NULL, '[]', '', '', '', 1)",
        ((n, f"m{n}", f"销售{n}") for n in range(1, reps + 1)),
    )
    conn.executemany(
        "INSERT INTO customers (no, id, code, name, aliases, city, grade, co_owners, stage, status, locked, phones, emails, uscc, "
        "contacts, address, extra, version, rev) VALUES (?, ?, ?, ?, '[]', '', '', '[]', '', 'active', 0, '[]', '[]', '', "
        "'[]', '', '{}', 1, 0)",
        ((n, f"c{n}", f"C{n}", f"客户{n}有限公司") for n in range(1, reps * 20 + 1)),
    )
    conn.executemany(
        "INSERT INTO visits VALUES (?, 's' || ?1, ?, ?, ?, ?, '[]', 'onsite', '', '', '', 'planned', 1, '', '', '', '', 0, 0, "
        "NULL, 0, '')",
        ((n, customer, rep, start, start + 3600) for n, rep, customer, start in rows(count)),
    )
    conn.executemany(
        "INSERT INTO visit_people VALUES (?, ?, 'rep', '', ?, ?, 1)",
        ((n, rep, start, start + 3600) for n, rep, _, start in rows(count)),
    )
    for _, _, sql in late:
        conn.execute(sql)
    conn.execute("COMMIT")
    conn.close()


def timed(tries: int, fn: Callable[[int], object]) -> tuple[float, float]:
    """Median and 99th percentile of fn(0), fn(1), … in microseconds."""
    found = []
    for n in range(tries):
        start = time.perf_counter()
        fn(n)
        found.append((time.perf_counter() - start) * 1e6)
    return statistics.median(found), statistics.quantiles(found, n=100)[98]


def measure(path: Path, count: int, tries: int) -> dict[str, tuple[float, float]]:
    """Every figure of one size, warm."""
    conn = connect(path)
    reps, turns = max(5, count // PER_REP), count // max(5, count // PER_REP)
    draw = random.Random(11)
    asked = []
    for _ in range(tries):
        start = T0 + draw.randrange(turns * 9 // 10, turns) * STEP + draw.randrange(0, STEP)
        asked.append(
            (f"m{draw.randrange(reps) + 1}", f"c{draw.randrange(reps * 20) + 1}", Slot(moment(start), moment(start + 1800)))
        )

    def tx() -> Tx:
        return Tx(SqliteDb(conn))

    def busy(n: int) -> object:
        return tx().visits.busy((asked[n][0],), asked[n][2])

    def customer(n: int) -> object:
        return tx().visits.at_customer(asked[n][1], asked[n][2])

    def naive(n: int) -> object:
        who, _, slot = asked[n]
        return conn.execute(NAIVE, (who, int(slot.end.timestamp()), int(slot.start.timestamp()))).fetchone()

    def book(n: int) -> object:
        start = T0 + (turns + 10 + n // reps) * STEP
        rep = n % reps + 1
        visit = Visit("", f"c{(rep - 1) * 20 + 1}", "", f"m{rep}", moment(start), moment(start + 3600))
        conn.execute("BEGIN IMMEDIATE")
        found = tx().visits.busy(visit.people, visit.slot) or tx().visits.at_customer(visit.customer, visit.slot)
        assert not found
        made = tx().visits.add(visit, at=visit.start)
        conn.execute("COMMIT")
        assert made
        return made

    out = {}
    for name, fn in (("busy()", busy), ("at_customer()", customer), ("obvious query", naive), ("check + durable insert", book)):
        timed(min(200, tries), fn) if fn is not book else None
        out[name] = timed(tries, fn)
    conn.close()
    return out


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--big", action="store_true", help="also 10 million visits")
    parser.add_argument("--tries", type=int, default=3000)
    options = parser.parse_args()
    sizes = [10_000, 1_000_000] + [10_000_000] * options.big
    console = Console(width=120)
    folder = Path(tempfile.mkdtemp(prefix="overlap-"))
    found = {}
    try:
        for size in sizes:
            started = time.perf_counter()
            build(folder / f"{size}.db", size)
            console.print(
                f"{size:>10,} visits built in {time.perf_counter() - started:.0f} s, "
                f"{(folder / f'{size}.db').stat().st_size / 1e6:,.0f} MB"
            )
        for size in sizes:
            found[size] = measure(folder / f"{size}.db", size, options.tries)
    finally:
        shutil.rmtree(folder)
    table = Table(title=f"p50 / p99 in µs, SQLite {sqlite3.sqlite_version}; ratio of the p50s to {sizes[0]:,}")
    table.add_column("")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    for size in sizes[1:]:
        table.add_column(f"ratio {size:,}", justify="right")
    for name in found[sizes[0]]:
        cells = [f"{found[s][name][0]:,.1f} / {found[s][name][1]:,.0f}" for s in sizes]
        cells += [f"{found[s][name][0] / found[sizes[0]][name][0]:.2f}" for s in sizes[1:]]
        table.add_row(name, *cells)
    console.print(table)


if __name__ == "__main__":
    main()
