"""SQLite's one writer: a thread that owns the read-write connection and commits what has queued up at once."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.db import Dialect, Memory, Overlap, Row, Value, number
from storage.store import StoreDown, StoreError
from storage.tx import Tx

log = logging.getLogger(__name__)

MAX_BATCH = 256
BUSY_MS = 2500
"""Below the platforms' patience: a stuck lock becomes an apology, not a storm of retries."""
MEMORY = 2000
"""Rows of a kind that the writer remembers (2 MB of customers)."""
IDLE_S = 0.5
"""After this long without work the writer moves the log into the database file."""
WAL_PAGES = 4000
"""Under steady work it does so after about this many pages (16 MB)."""

_DOWN = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_BUSY: "another process holds the database",
    sqlite3.SQLITE_CANTOPEN: "the database file can't be opened",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is no database",
}


def down(error: sqlite3.Error) -> StoreDown | None:
    """The StoreDown for an error that is the database's condition and nobody's statement; else None."""
    code = getattr(error, "sqlite_errorcode", None)
    reason = None if code is None else _DOWN.get(code & 0xFF)
    return StoreDown(f"{reason} ({error})") if reason else None


class SqliteDb:
    """Db on a sqlite3 connection in a transaction."""

    __slots__ = ("_ahead", "conn", "memory")
    dialect: Dialect = "sqlite"

    def __init__(self, conn: sqlite3.Connection, memory: Memory | None = None) -> None:
        self.conn = conn
        self.memory = memory or Memory()
        self._ahead: dict[str, tuple[int, int, int]] = {}

    def _execute(self, sql: str, params: Sequence[Value]) -> sqlite3.Cursor:
        try:
            return self.conn.execute(sql, params)
        except sqlite3.IntegrityError as error:
            if str(error) == "visit overlaps":
                raise Overlap from None
            raise
        except sqlite3.Error as error:
            raise down(error) or error from error

    def rows(self, sql: str, *params: Value) -> list[Row]:
        return self._execute(sql, params).fetchall()

    def row(self, sql: str, *params: Value) -> Row | None:
        # all rows are read: a statement left half-way would keep its snapshot and undo a RETURNING
        rows = self._execute(sql, params).fetchall()
        return rows[0] if rows else None

    def run(self, sql: str, *params: Value) -> int:
        return self._execute(sql, params).rowcount

    def many(self, sql: str, params: Sequence[Sequence[Value]]) -> None:
        for values in params:
            self._execute(sql, values)

    def lock(self, *names: str) -> None:
        """One writer: nobody else can hold them."""

    def feed(self, name: str) -> None:
        """One writer: numbers appear in their order."""

    def settle(self, name: str) -> None:
        """One writer: numbers appear in their order."""

    def serial(self, name: str) -> int:
        # One number for a transaction alone; in a batch, where many ask, twice as many are taken each time.
        at, end, step = self._ahead.get(name, (0, 0, 1))
        if at == end:
            row = self.row("UPDATE serials SET value = value + ? WHERE name = ? RETURNING value", step, name)
            assert row, name
            end = number(row[0])
            at, step = end - step, min(2 * step, 32)
        self._ahead[name] = (at + 1, end, step)
        return at + 1

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self._execute("SAVEPOINT part", ())
        try:
            yield
        except BaseException:
            self._ahead.clear()  # the numbers taken inside are free again
            self.memory.clear()
            if self.conn.in_transaction:  # SQLite itself undoes everything when the disk fails
                self._execute("ROLLBACK TO part", ())
                self._execute("RELEASE part", ())
            raise
        self._execute("RELEASE part", ())


@dataclass(slots=True)
class Work:
    """Something for the writer thread: a transaction's function, or (plain) a task outside any transaction."""

    fn: Callable[[Any], Any]
    answer: asyncio.Future[Any]
    plain: bool = False
    result: Any = None
    error: BaseException | None = None
    touched: frozenset[str] = frozenset()


class Stop:
    """The last thing in the queue."""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection that leaves transactions to us; raises StoreError when the file can't be opened."""
    try:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512)
        conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if readonly:
            conn.execute("PRAGMA query_only = ON")
        else:
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA foreign_keys = ON")
            conn.execute("PRAGMA wal_autocheckpoint = 0")
            conn.execute("PRAGMA journal_size_limit = 67108864")
        conn.execute("PRAGMA cache_size = -32768")
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    return conn


class Writer:
    """Owns the read-write connection: takes what is queued, commits it at once, then gives the answers."""

    def __init__(self, conn: sqlite3.Connection, loop: asyncio.AbstractEventLoop, done: Callable[[list[Work]], None]) -> None:
        self._conn = conn
        self._loop = loop
        self._done = done
        self._queue: queue.SimpleQueue[Work | Stop] = queue.SimpleQueue()
        self._dirty = 0
        self._memory = Memory()
        self._version = -1
        self.batches = 0
        self._thread = threading.Thread(target=self._live, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, work: Work | Stop) -> None:
        """Queue something; answers come in the order of the queue."""
        self._queue.put(work)

    def join(self) -> None:
        """Wait for the thread's end."""
        self._thread.join()

    def _live(self) -> None:
        stop = False
        while not stop:
            try:
                first = self._queue.get(timeout=IDLE_S if self._dirty else None)
            except queue.Empty:
                self._tidy()
                continue
            batch, stop = self._gather(first)
            self._work(batch)
        self._tidy()
        self._conn.close()

    def _gather(self, first: "Work | Stop") -> tuple[list[Work], bool]:
        batch: list[Work] = []
        item: Work | Stop = first
        while True:
            if isinstance(item, Stop):
                return batch, True
            batch.append(item)
            if len(batch) >= MAX_BATCH:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False

    def _work(self, batch: list[Work]) -> None:
        jobs = [work for work in batch if not work.plain]
        if jobs:
            self._transaction(jobs)
        for work in batch:
            if work.plain:
                try:
                    work.result = work.fn(self._conn)
                except Exception as error:
                    work.error = error
        if batch:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._done, batch)
        if self._dirty > WAL_PAGES:
            self._tidy()

    def _transaction(self, jobs: list[Work]) -> None:
        """All jobs in one transaction, each in its savepoint; they stand or fall together at the commit alone."""
        self.batches += 1
        try:
            self._conn.execute("BEGIN IMMEDIATE")
            db = SqliteDb(self._conn, self._remembered())
            for job in jobs:
                self._job(db, job)
                if not self._conn.in_transaction:
                    raise job.error or StoreDown("the transaction is gone")
            if any("events" in job.touched for job in jobs):
                Tx(db).log.seal()
            self._conn.execute("COMMIT")
            self._dirty += 8 * len(jobs)
        except BaseException as error:
            with suppress(sqlite3.Error):
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")
            self._memory.clear()
            failure = (down(error) or StoreDown(str(error))) if isinstance(error, sqlite3.Error) else error
            log.error("a batch of %d was not committed: %s", len(jobs), failure)
            for job in jobs:
                job.result, job.error = None, failure

    def _remembered(self) -> Memory:
        """What was read before, unless another connection has committed since."""
        version = self._conn.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._memory.clear()
        self._memory.trim(MEMORY)
        return self._memory

    @staticmethod
    def _job(db: SqliteDb, job: Work) -> None:
        tx = Tx(db)
        try:
            with db.savepoint():
                job.result = job.fn(tx)
                tx.finish()
            job.touched = frozenset(tx.touched)
        except BaseException as error:
            job.error = error

    def _tidy(self) -> None:
        """Move the log into the database file as far as no reader needs it; at most what is there, never waiting."""
        self._dirty = 0
        with suppress(sqlite3.Error):
            self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
