"""PostgreSQL: the same synchronous functions on pooled asyncpg connections (docs/adr/0002-one-writer.md)."""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from sqlalchemy.util import await_only, greenlet_spawn

from storage.db import Dialect, Memory, Overlap, Row, Value, hash64, number
from storage.migrate import HEAD, fresh
from storage.store import Store, StoreDown, StoreError
from storage.tx import Tx

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")
log = logging.getLogger(__name__)

TRIES = 4
"""A transaction that loses against another one is run again: once and three times more."""
LOCK_MS = 2500
"""Below the platforms' patience, as BUSY_MS on SQLite."""
POOL = 10

_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_DOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says of a connection that is just being cut
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    OSError,
    TimeoutError,
)


class _NotBegun(StoreDown):
    """The connection was gone before anything was done on it: another one may be tried."""


@lru_cache(maxsize=2048)
def numbered(sql: str) -> str:
    """`?` → $1, $2, …"""
    count = iter(range(1, sql.count("?") + 1))
    return re.sub(r"\?", lambda _: f"${next(count)}", sql)


class PostgresDb:
    """Db on an asyncpg connection in a transaction; only inside `greenlet_spawn`."""

    __slots__ = ("conn", "fed", "memory")
    dialect: Dialect = "postgresql"

    def __init__(self, conn: Any) -> None:
        self.conn = conn
        self.fed: set[str] = set()
        self.memory = Memory()

    @staticmethod
    def _wait(work: Awaitable[T]) -> T:
        try:
            return await_only(work)
        except asyncpg.ExclusionViolationError:
            raise Overlap from None

    def rows(self, sql: str, *params: Value) -> list[Row]:
        return [tuple(record) for record in self._wait(self.conn.fetch(numbered(sql), *params))]

    def row(self, sql: str, *params: Value) -> Row | None:
        record = self._wait(self.conn.fetchrow(numbered(sql), *params))
        return None if record is None else tuple(record)

    def run(self, sql: str, *params: Value) -> int:
        status = self._wait(self.conn.execute(numbered(sql), *params))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdecimal() else 0

    def many(self, sql: str, params: Sequence[Sequence[Value]]) -> None:
        if params:
            self._wait(self.conn.executemany(numbered(sql), params))

    def lock(self, *names: str) -> None:
        for key in sorted(set(map(hash64, names))):
            self.row("SELECT pg_advisory_xact_lock(?)", key)

    def feed(self, name: str) -> None:
        if name not in self.fed:
            self.fed.add(name)
            self.row("SELECT pg_advisory_xact_lock_shared(?)", hash64(f"feed {name}"))

    def settle(self, name: str) -> None:
        self.row("SELECT pg_advisory_xact_lock(?)", hash64(f"feed {name}"))

    def serial(self, name: str) -> int:
        row = self.row("SELECT nextval(CAST(? AS text)::regclass)", f"serial_{name}")
        assert row
        return number(row[0])

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self._wait(self.conn.execute("SAVEPOINT part"))
        try:
            yield
        except BaseException:
            self.memory.clear()
            if not self.conn.is_closed():
                self._wait(self.conn.execute("ROLLBACK TO part; RELEASE part"))
            raise
        self._wait(self.conn.execute("RELEASE part"))


class PostgresStore(Store):
    """The store on one PostgreSQL database; any number of processes share it."""

    def __init__(self, url: str, pool: Any) -> None:
        super().__init__()
        self._url = url
        self._pool = pool
        self._engine: AsyncEngine | None = None

    async def run(self, fn: Callable[[Tx], T]) -> T:
        result, touched = await self._tried(fn, readonly=False)
        self._tell(touched)
        return result

    async def read(self, fn: Callable[[Tx], T]) -> T:
        return (await self._tried(fn, readonly=True))[0]

    async def _tried(self, fn: Callable[[Tx], T], *, readonly: bool) -> tuple[T, frozenset[str]]:
        """Again and again, while nothing can have come of it."""
        for tries in range(1, TRIES):
            try:
                return await self._once(fn, readonly=readonly)
            except (*_AGAIN, _NotBegun):
                await asyncio.sleep(random.uniform(0, 0.02) * tries)
        try:
            return await self._once(fn, readonly=readonly)
        except _AGAIN as error:
            raise StoreDown(f"PostgreSQL: others were faster {TRIES} times: {error}") from error

    async def _once(self, fn: Callable[[Tx], T], *, readonly: bool) -> tuple[T, frozenset[str]]:
        begun = inside = False
        try:
            async with self._pool.acquire() as conn, conn.transaction(readonly=readonly):
                tx = Tx(PostgresDb(conn))
                begun = inside = True
                result = await greenlet_spawn(_finished, fn, tx)
                inside = False
        except _AGAIN:
            raise
        except _DOWN as error:
            if inside and isinstance(error, OSError) and not isinstance(error, ConnectionError):
                raise  # fn's own
            kind = StoreDown if begun else _NotBegun
            raise kind(f"PostgreSQL: {error or type(error).__name__}") from error
        return result, frozenset(tx.touched)

    def _tell(self, touched: frozenset[str]) -> None:
        for hook in self.on_commit if touched else ():
            try:
                hook(touched)
            except Exception:
                log.exception("a hook after the commit failed")

    def session(self) -> "AsyncSession":
        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlmodel.ext.asyncio.session import AsyncSession

        if self._engine is None:
            settings = {"default_transaction_read_only": "on", "application_name": "visitbot-read"}
            self._engine = create_async_engine(
                self._url, isolation_level="REPEATABLE READ", pool_size=5, connect_args={"server_settings": settings}
            )
        return AsyncSession(self._engine, expire_on_commit=False)

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None
        await self._pool.close()

    async def backup(self, path: Path) -> None:
        raise StoreError(f"a PostgreSQL database is saved with its own tool: pg_dump -Fc -f {path} <database>")

    async def checkpoint(self) -> None:
        """PostgreSQL looks after its own log."""

    def claim_single(self) -> bool:
        return True


def _finished(fn: Callable[[Tx], T], tx: Tx) -> T:
    result = fn(tx)
    tx.finish()
    return result


async def open_postgres(url: str, *, create: bool) -> PostgresStore:
    """The store on this database; raises StoreError without showing the password."""
    dsn = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    settings = {"lock_timeout": str(LOCK_MS), "application_name": "visitbot", "timezone": "UTC"}
    try:
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=POOL, server_settings=settings, statement_cache_size=512, command_timeout=60
        )
    except (asyncpg.PostgresError, *_DOWN, ValueError) as error:
        raise StoreError(f"PostgreSQL can't be reached: {error or type(error).__name__}") from error
    try:
        async with pool.acquire() as conn:
            found = await _version(conn)
            if found != HEAD and create:
                found = await _upgrade(url, conn)
        if found != HEAD:
            raise StoreError(f"the schema is {found or 'missing'}, not {HEAD}: python main.py db upgrade")
    except BaseException:
        await pool.close()
        raise
    return PostgresStore(url, pool)


async def _version(conn: Any) -> str:
    """The schema's revision, or "" when there is none."""
    if await conn.fetchval("SELECT to_regclass('alembic_version')") is None:
        return ""
    return str(await conn.fetchval("SELECT version_num FROM alembic_version") or "")


async def _upgrade(url: str, conn: Any) -> str:
    key = hash64("visitbot schema")
    await conn.execute("SET lock_timeout = 0")
    await conn.execute("SELECT pg_advisory_lock($1)", key)
    try:
        found = await _version(conn)
        if await conn.fetchval("SELECT COALESCE(to_regclass('alembic_version'), to_regclass('members'))") is None:
            async with conn.transaction():
                for statement in fresh("postgresql"):
                    await conn.execute(statement)
        elif found != HEAD:
            await _alembic(url)
        return await _version(conn)
    finally:
        await conn.execute("SELECT pg_advisory_unlock($1)", key)
        await conn.execute(f"SET lock_timeout = {LOCK_MS}")


async def _alembic(url: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    from storage.migrate import migrate

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except Exception as error:
        raise StoreError(f"the schema could not be upgraded: {error}") from error
    finally:
        await engine.dispose()
