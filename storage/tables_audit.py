"""Tables of the audit: the seals of the log, the merges of customers."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.columns import big, serial, words


class SealRow(SQLModel, table=True):
    """The seal of an event: a hash over it and the seal before."""

    __tablename__ = "seals"

    event: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = words()


class MergeRow(SQLModel, table=True):
    """Two records made one: both as they were, and what moved."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("merges_id", "id", unique=True),
        Index("merges_kept", "kept"),
        Index("merges_merged", "merged"),
    )

    no: int | None = serial()
    id: str = words()
    kept: str = words()
    merged: str = words()
    at: int = big()
    who: str = words()
    before: str = words()
    moved: str = words()
    undone: int | None = big(nullable=True, default=None)
