"""SQLite: one writer thread, and readers beside it (docs/adr/0002-one-writer.md)."""

import asyncio
import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from storage.migrate import HEAD, fresh
from storage.store import Store, StoreDown, StoreError
from storage.tx import Tx
from storage.writer import SqliteDb, Stop, Work, Writer, connect

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")
log = logging.getLogger(__name__)

READERS = 4
SAFE_SQLITE = (3, 51, 3)
"""Before it, two processes that commit and checkpoint at the same moment can lose a commit (performance.md B1)."""


class SqliteStore(Store):
    """The store on one SQLite file."""

    def __init__(self, path: Path, conn: sqlite3.Connection) -> None:
        super().__init__()
        self.path = path
        self._writer = Writer(conn, asyncio.get_running_loop(), self._release)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._engine: AsyncEngine | None = None
        self._claim: int | None = None
        self._closed = False

    def _release(self, batch: list[Work]) -> None:
        """In the event loop, after the commit: tell the hooks, then give the answers."""
        for work in batch:
            if work.error is None and work.touched:
                for hook in self.on_commit:
                    try:
                        hook(work.touched)
                    except Exception:
                        log.exception("a hook after the commit failed")
        for work in batch:
            if work.answer.done():
                continue
            if work.error is not None:
                work.answer.set_exception(work.error)
            else:
                work.answer.set_result(work.result)

    async def _ask(self, fn: Callable[[Any], T], *, plain: bool) -> T:
        if self._closed:
            raise StoreDown("the store is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.put(Work(fn, answer, plain))
        return await answer

    async def run(self, fn: Callable[[Tx], T]) -> T:
        return await self._ask(fn, plain=False)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        if self._closed:
            raise StoreDown("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, fn)

    def _read(self, fn: Callable[[Tx], T]) -> T:
        conn = cast("sqlite3.Connection | None", getattr(self._local, "conn", None))
        if conn is None:
            conn = self._local.conn = connect(self.path, readonly=True)
            self._opened.append(conn)
        conn.execute("BEGIN")
        try:
            return fn(Tx(SqliteDb(conn)))
        finally:
            conn.execute("ROLLBACK")

    def session(self) -> "AsyncSession":
        from sqlalchemy import URL, event
        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlmodel.ext.asyncio.session import AsyncSession

        if self._engine is None:
            file = self.path.absolute().as_uri()
            self._engine = create_async_engine(URL.create("sqlite+aiosqlite", database=file, query={"mode": "ro", "uri": "true"}))

            def only_read(connection: Any, _record: object) -> None:
                connection.execute("PRAGMA query_only = ON").close()

            event.listen(self._engine.sync_engine, "connect", only_read)
        return AsyncSession(self._engine, expire_on_commit=False)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._readers.shutdown(wait=False)
        if self._engine is not None:
            await self._engine.dispose()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._readers.shutdown)
        for conn in self._opened:
            conn.close()
        self._writer.put(Stop())
        await loop.run_in_executor(None, self._writer.join)
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    async def backup(self, path: Path) -> None:
        def copy(conn: sqlite3.Connection) -> None:
            part = path.with_name(path.name + ".part")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                part.unlink(missing_ok=True)
                target = sqlite3.connect(part)
                try:
                    conn.backup(target, pages=-1)
                    target.execute("PRAGMA journal_mode = DELETE")
                finally:
                    target.close()
                with part.open("rb") as file:
                    os.fsync(file.fileno())
                part.replace(path)
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"backup to {path}: {error}") from error

        await self._ask(copy, plain=True)

    async def checkpoint(self) -> None:
        def checkpoint(conn: sqlite3.Connection) -> None:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        await self._ask(checkpoint, plain=True)

    def claim_single(self) -> bool:
        if self._claim is not None:
            return True
        file = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._claim = file
        if sqlite3.sqlite_version_info < SAFE_SQLITE:
            log.warning("SQLite %s: commands beside the bot are safest with 3.51.3 or newer", sqlite3.sqlite_version)
        return True


def prepare(path: Path, *, create: bool) -> sqlite3.Connection:
    """The read-write connection of a database at the newest schema; raises StoreError."""
    if not create and not path.exists():
        raise StoreError(f"{path}: there is no such database; make it with: python main.py db upgrade")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error
    conn = connect(path)
    try:
        if _version(conn) != HEAD and create:
            _upgrade(path, conn)
        if _version(conn) != HEAD:
            found = _version(conn) or "missing"
            raise StoreError(f"{path}: the schema is {found}, not {HEAD}: python main.py db upgrade")
    except sqlite3.Error as error:
        conn.close()
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        conn.close()
        raise
    return conn


def _version(conn: sqlite3.Connection) -> str:
    """The schema's revision, or "" when there is none."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
        return ""
    rows = conn.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else ""


def _upgrade(path: Path, conn: sqlite3.Connection) -> None:
    conn.execute("BEGIN IMMEDIATE")  # two that start at once make it one after the other
    try:
        empty = not conn.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        if empty:
            for statement in fresh("sqlite"):
                conn.execute(statement)
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    if not empty and _version(conn) != HEAD:
        _alembic(path)


def _alembic(path: Path) -> None:
    from sqlalchemy import URL, create_engine

    from storage.migrate import migrate

    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with engine.connect() as connection:
            migrate(connection)
            connection.commit()
    except Exception as error:
        raise StoreError(f"{path}: the schema could not be upgraded: {error}") from error
    finally:
        engine.dispose()


async def open_sqlite(path: Path, *, create: bool) -> SqliteStore:
    """The store on this file; raises StoreError."""
    conn = await asyncio.get_running_loop().run_in_executor(None, lambda: prepare(path, create=create))
    return SqliteStore(path, conn)
