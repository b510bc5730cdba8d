"""The store: open it, run a function in a durable transaction, read beside the writing."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from storage.tx import Tx

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")
SQLITE = "sqlite+aiosqlite:///"
POSTGRES = "postgresql+asyncpg://"


class StoreError(Exception):
    """Something about the store that whoever runs the program must hear: one line, no secrets."""


class StoreDown(StoreError):
    """The database can't be used at the moment (disk full, read-only, busy, connection lost); try again later."""


class Store(ABC):
    """Where everything is kept. One behaviour on both databases."""

    def __init__(self) -> None:
        self.on_commit: list[Callable[[frozenset[str]], None]] = []
        """Called after a commit, before its answer is given, with the kinds that were touched (`Tx.touched`)."""

    @abstractmethod
    async def run(self, fn: Callable[[Tx], T]) -> T:
        """Run fn in a transaction and return its result once the commit is on disk.

        An exception of fn undoes fn's changes and no others, and is raised again. On PostgreSQL fn may be run again
        after a deadlock, so it must touch nothing outside the transaction. StoreDown: the database can't commit.
        """

    @abstractmethod
    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run fn with the same questions on a read-only connection, beside the writing; changing anything fails."""

    @abstractmethod
    def session(self) -> "AsyncSession":
        """A read-only SQLModel session for web, API and reports (`async with store.session() as s`)."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what is queued and let go of the database."""

    @abstractmethod
    async def backup(self, path: Path) -> None:
        """Write a consistent copy of the whole database to a new file while the bot works on; raises StoreError."""

    @abstractmethod
    async def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the database file (SQLite; nothing to do on PostgreSQL)."""

    @abstractmethod
    def claim_single(self) -> bool:
        """Be the one `run` process of this database; False when another one lives (PostgreSQL: always True)."""


def sqlite_path(url: str) -> Path:
    """The file a SQLite address names; raises StoreError when it names none."""
    path = url.removeprefix(SQLITE).partition("?")[0]
    if not path or path == ":memory:":
        raise StoreError(f"storage.url names no file: {SQLITE}path/to/file.db")
    return Path(path)


async def open_store(url: str, *, create: bool = True) -> Store:
    """Open the database at `url`; with `create` it is made and migrated first. Raises StoreError (one clear line)."""
    if url.startswith(SQLITE):
        from storage.sqlite import open_sqlite

        return await open_sqlite(sqlite_path(url), create=create)
    if url.startswith(POSTGRES):
        from storage.postgres import open_postgres

        return await open_postgres(url, create=create)
    raise StoreError(f"storage.url must begin with {SQLITE} or {POSTGRES}")


async def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema, making it when it is not there."""
    await (await open_store(url)).close()
