"""The overlap check and a durable booking as the table of visits grows (performance.md T5; docs/adr/0003-overlap.md).

    python -m bench.overlap                     10 thousand and 1 million visits
    python -m bench.overlap --big               also 10 million (about 4 GB of disk and some minutes)

Everything goes through storage's own code and schema; the sizes take turns in one run, so that the ratios count. A rep has
2,000 visits, or 20,000 where there are 50 reps only.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.model import Slot, Visit, moment, stamp
from storage.migrate import fresh
from storage.tx import Tx
from storage.writer import SqliteDb, connect

T0 = 1_700_000_000
STEP = 7200
TRIES = 1000
OBVIOUS = (
    "SELECT 1 FROM visit_people p WHERE p.person_no = (SELECT no FROM members WHERE id = ?) AND p.busy = 1 "
    "AND p.starts < ? AND p.ends > ?"
)


@dataclass(frozen=True, slots=True)
class Size:
    """So many visits, by so many reps."""

    name: str
    visits: int
    reps: int


def rows(size: Size) -> Iterator[tuple[int, int, int, int]]:
    """(number, rep, customer, start) of visits as they come in life: in the order of time, over all reps."""
    draw = random.Random(7)
    for n in range(size.visits):
        turn, rep = divmod(n, size.reps)
        yield n + 1, rep + 1, rep * 20 + turn % 20 + 1, T0 + turn * STEP + draw.randrange(0, 1800)


def build(path: Path, size: Size) -> None:
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
    conn.execute("BEGIN")
    conn.executemany(
        "INSERT INTO members VALUES (?, ?, ?, 'rep', '', '', NULL, '[]', '', '', '', 1)",
        ((n, f"m{n}", f"销售{n}") for n in range(1, size.reps + 1)),
    )
    conn.executemany(
        "INSERT INTO customers (no, id, code, name, aliases, city, grade, co_owners, stage, status, locked, phones, "
        "emails, uscc, contacts, address, extra, version, rev) "
        "VALUES (?, ?, ?, ?, '[]', '', '', '[]', '', 'active', 0, '[]', '[]', '', '[]', '', '{}', 1, 0)",
        ((n, f"c{n}", f"C{n}", f"客户{n}有限公司") for n in range(1, size.reps * 20 + 1)),
    )
    conn.executemany(
        "INSERT INTO visits VALUES (?, 's' || ?1, ?, ?, ?, ?, '[]', 'onsite', '', '', '', 'planned', 1, '', '', '', '', 0, 0, "
        "NULL, 0, '')",
        ((n, customer, rep, start, start + 3600) for n, rep, customer, start in rows(size)),
    )
    conn.executemany(
        "INSERT INTO visit_people VALUES (?, ?, 'rep', '', ?, ?, 1)",
        ((n, rep, start, start + 3600) for n, rep, _, start in rows(size)),
    )
    for _, _, sql in late:
        conn.execute(sql)
    conn.execute("COMMIT")
    conn.close()


def timed(fn: Callable[[int], object], tries: int) -> tuple[float, float]:
    """Median and 99th percentile of fn(0), fn(1), … in microseconds."""
    found = []
    for n in range(tries):
        start = time.perf_counter()
        fn(n)
        found.append((time.perf_counter() - start) * 1e6)
    return statistics.median(found), statistics.quantiles(found, n=100)[98]


class Probe:
    """The questions about one database, on a connection that stays open."""

    def __init__(self, path: Path, size: Size) -> None:
        self.conn = connect(path)
        self.reps = size.reps
        self.next = T0 + (size.visits // size.reps + 10) * STEP
        self.booked = 0
        turns, draw = size.visits // size.reps, random.Random(11)
        self.asked = []
        for _ in range(TRIES):
            start = T0 + draw.randrange(turns * 9 // 10, turns) * STEP + draw.randrange(0, STEP)
            slot = Slot(moment(start), moment(start + 1800))
            self.asked.append((f"m{draw.randrange(self.reps) + 1}", f"c{draw.randrange(self.reps * 20) + 1}", slot))

    def tx(self) -> Tx:
        """As the store makes it for each job."""
        return Tx(SqliteDb(self.conn))

    def busy(self, n: int) -> object:
        """Is this rep taken?"""
        return self.tx().visits.busy((self.asked[n][0],), self.asked[n][2])

    def at_customer(self, n: int) -> object:
        """Is this customer taken?"""
        return self.tx().visits.at_customer(self.asked[n][1], self.asked[n][2])

    def obvious(self, n: int) -> object:
        """The rep's question as one writes it first."""
        who, _, slot = self.asked[n]
        return self.conn.execute(OBVIOUS, (who, stamp(slot.end), stamp(slot.start))).fetchall()

    def book(self, _: int) -> object:
        """Both questions, the visit, its calendar and record, the commit."""
        turn, rep = divmod(self.booked, self.reps)
        self.booked += 1
        start = self.next + turn * STEP
        visit = Visit("", f"c{rep * 20 + 1}", "", f"m{rep + 1}", moment(start), moment(start + 3600))
        self.conn.execute("BEGIN IMMEDIATE")
        visits = self.tx().visits
        made = None
        if not visits.busy(visit.people, visit.slot) and not visits.at_customer(visit.customer, visit.slot):
            made = visits.add(visit, at=visit.start)
        self.conn.execute("COMMIT")
        if made is None:
            raise AssertionError(visit)
        return made

    def measure(self) -> dict[str, tuple[float, float]]:
        """One round."""
        return {
            "busy()": timed(self.busy, TRIES),
            "at_customer()": timed(self.at_customer, TRIES),
            "the obvious query": timed(self.obvious, TRIES // 10),
            "check + durable insert": timed(self.book, TRIES // 2),
        }


def show(console: Console, sizes: list[Size], probes: list[Probe], rounds: int) -> None:
    """Measure all sizes in turn, round by round, and print the medians of the rounds."""
    found = [[probe.measure() for probe in probes] for _ in range(rounds + 1)][1:]  # the first round warms up
    table = Table(title=f"p50 / p99 in µs, median of {rounds} rounds, SQLite {sqlite3.sqlite_version}; × = p50 against the first")
    table.add_column("")
    for size in sizes:
        table.add_column(size.name, justify="right")
    for name in found[0][0]:
        middle = [[statistics.median(r[n][name][part] for r in found) for part in (0, 1)] for n in range(len(sizes))]
        table.add_row(name, *(f"{p50:,.1f} / {p99:,.0f}  ×{p50 / middle[0][0]:.2f}" for p50, p99 in middle))
    console.print(table)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--big", action="store_true", help="also 10 million visits")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes = [Size("10 k", 10_000, 5), Size("1 M", 1_000_000, 500), Size("1 M of 50 reps", 1_000_000, 50)]
    sizes += [Size("10 M", 10_000_000, 5000)] * options.big
    console = Console(width=130)
    folder = Path(tempfile.mkdtemp(prefix="overlap-"))
    try:
        probes = []
        for n, size in enumerate(sizes):
            started = time.perf_counter()
            path = folder / f"{n}.db"
            build(path, size)
            took, megabytes = time.perf_counter() - started, path.stat().st_size / 1e6
            console.print(f"{size.name}: built in {took:.0f} s, {megabytes:,.0f} MB")
            probes.append(Probe(path, size))
        show(console, sizes, probes, options.rounds)
        for probe in probes:
            probe.conn.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
