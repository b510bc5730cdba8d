"""The columns of the tables: INTEGER, BIGINT, DOUBLE and TEXT only."""

from typing import Any

from sqlalchemy import REAL, BigInteger, Double, Identity, Index, Integer, Text, text
from sqlmodel import Field

_BIG = BigInteger().with_variant(Integer, "sqlite")
_REAL: Any = Double().with_variant(REAL, "sqlite")


def serial() -> Any:
    """The row's own number, given by the database."""
    return Field(sa_type=_BIG, primary_key=True, default=None, sa_column_args=(Identity(always=False),))


def big(**more: Any) -> Any:
    """A 64-bit number: a moment in unix seconds, or another row's number."""
    return Field(sa_type=_BIG, **more)


def small(**more: Any) -> Any:
    """A count, or a flag (0 or 1)."""
    return Field(sa_type=Integer, **more)


def real(**more: Any) -> Any:
    """A double."""
    return Field(sa_type=_REAL, **more)


def words(**more: Any) -> Any:
    """Text, or JSON in text."""
    return Field(sa_type=Text, **more)


def partial(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that fit a condition."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
