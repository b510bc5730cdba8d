"""The hand-written migration, its fast path and the SQLModel tables describe the same schema, on both databases."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.migrate import HEAD, config, fresh, migrate
from storage.store import open_store, upgrade
from storage.tables import METADATA
from tests.dbs import postgres_database

T = TypeVar("T")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'visits.db'}"
        return
    with postgres_database(empty=True) as url:
        yield url


def on(url: str, fn: Callable[[Connection], T]) -> T:
    """Run fn on a synchronous connection of SQLAlchemy."""

    async def run() -> T:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            result = await connection.run_sync(fn)
        await engine.dispose()
        return result

    return asyncio.run(run())


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to get from the database to the tables; the guards are the migration's own."""
    lite = connection.dialect.name == "sqlite"  # it calls every INTEGER PRIMARY KEY nullable, and has no identity columns

    def ours(_: object, name: str | None, kind: str, __: bool, ___: object) -> bool:
        return not (kind in ("index", "unique_constraint", "check_constraint") and (name or "").startswith("guard_"))

    options = {"compare_type": True, "compare_server_default": not lite, "include_object": ours}
    context = MigrationContext.configure(connection, opts=options)
    found: list[object] = list(compare_metadata(context, METADATA))
    numbers = {(t.name, c.name) for t in METADATA.sorted_tables for c in t.columns if c.primary_key}
    return [d for d in found if not (lite and isinstance(d, list) and d[0][0] == "modify_nullable" and d[0][2:4] in numbers)]


def dump(connection: Connection) -> list[object]:
    """Everything the database says about its own schema."""
    if connection.dialect.name == "sqlite":
        sql = "SELECT type, name, sql FROM sqlite_master WHERE name <> 'alembic_version' ORDER BY name"
        return [tuple(row) for row in connection.execute(text(sql))]
    found: list[object] = []
    for sql in (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY table_name, column_name",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY conname",
        "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename",
    ):
        found += [tuple(row) for row in connection.execute(text(sql))]
    return found


def test_the_tables_and_the_migration_agree(empty_url: str) -> None:
    on(empty_url, migrate)
    assert on(empty_url, differences) == []


def test_a_difference_would_be_seen(empty_url: str) -> None:
    on(empty_url, migrate)
    on(empty_url, lambda c: c.execute(text("ALTER TABLE visits ADD COLUMN mood TEXT")))
    on(empty_url, lambda c: c.execute(text("DROP INDEX visits_customer")) if c.dialect.name != "sqlite" else None)
    assert "mood" in str(on(empty_url, differences))


def test_the_fast_path_makes_the_same_schema(empty_url: str, tmp_path: Path) -> None:
    asyncio.run(upgrade(empty_url))
    fast = on(empty_url, dump)
    if empty_url.startswith("sqlite"):
        other = f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"
        on(other, migrate)
        assert on(other, dump) == fast
    else:
        with postgres_database(empty=True) as other:
            on(other, migrate)
            assert on(other, dump) == fast
    assert len(fast) > 80


def test_down_and_up_again(empty_url: str) -> None:
    on(empty_url, migrate)
    before = on(empty_url, dump)
    on(empty_url, lambda connection: migrate(connection, "base"))
    assert on(empty_url, lambda c: inspect(c).get_table_names()) == ["alembic_version"]
    on(empty_url, migrate)
    assert on(empty_url, dump) == before


def test_a_database_that_alembic_made_opens(empty_url: str) -> None:
    on(empty_url, migrate)

    async def use() -> int:
        store = await open_store(empty_url, create=False)
        count = await store.run(lambda tx: tx.customers.count())
        await store.close()
        return count

    assert asyncio.run(use()) == 0


def test_an_older_database_is_upgraded_by_alembic(empty_url: str) -> None:
    """Stamped and emptied again, it stands before the first revision."""
    on(empty_url, migrate)
    on(empty_url, lambda connection: migrate(connection, "base"))
    asyncio.run(upgrade(empty_url))
    assert on(empty_url, lambda c: c.execute(text("SELECT version_num FROM alembic_version")).scalar()) == HEAD


def test_head_is_what_alembic_calls_head() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_many_that_open_an_empty_database_at_once_make_it_once(empty_url: str) -> None:
    async def use() -> None:
        for store in await asyncio.gather(*(open_store(empty_url) for _ in range(4))):
            await store.close()

    asyncio.run(use())
    assert on(empty_url, differences) == []


def test_the_guards_use_their_index() -> None:
    """The trigger's look stays inside an index; without one it would scan the table at every booking."""
    conn = sqlite3.connect(":memory:")
    for statement in fresh("sqlite"):
        conn.execute(statement)
    plan = conn.execute(
        "EXPLAIN QUERY PLAN SELECT 1 FROM visits INDEXED BY guard_rep WHERE rep_no = 1 AND starts < 9 AND starts > 1 "
        "AND ends > 5 AND status <> 'cancelled' AND overlap_ok = 0"
    ).fetchall()
    conn.close()
    assert "guard_rep (rep_no=? AND starts>? AND starts<?)" in str(plan)
