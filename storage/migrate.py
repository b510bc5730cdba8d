"""From an empty or an older database to the newest schema.

A fresh database gets the statements of all versions at once, without importing Alembic (a script starts with one);
an older one is Alembic's work. Both ways give the same schema (tests/storage/test_schema.py).
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

VERSIONS = ("v0001_first", "v0002_follow", "v0004_audit", "v0005_doors", "v0006_errands", "v0007_wires")
"""The modules of storage/migrations/versions, oldest first."""

HEAD = VERSIONS[-1][1:5]
SET_VERSION = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')",
)


def fresh(dialect: str) -> list[str]:
    """Every statement that makes the newest schema in an empty database."""
    out: list[str] = []
    for name in VERSIONS:
        out += importlib.import_module(f"storage.migrations.versions.{name}").up(dialect)
    return [*out, *SET_VERSION]


def config() -> "Config":
    """Alembic's configuration; no file needed."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return made


def migrate(connection: "Connection", target: str = "head") -> None:
    """Take an open SQLAlchemy connection's database to a revision, up or (`base`) down, in one transaction."""
    from alembic import command

    settings = config()
    settings.attributes["connection"] = connection
    if target == "base":
        command.downgrade(settings, target)
    else:
        command.upgrade(settings, target)
