"""What the parts of a transaction have in common."""

from storage.db import Db


class Part:
    """Some questions and changes about one kind of thing."""

    __slots__ = ("db", "touched")

    def __init__(self, db: Db, touched: set[str]) -> None:
        self.db = db
        self.touched = touched

    def new_id(self, series: str, table: str, prefix: str) -> str:
        """A short id nobody has: prefix and number (v1001), with an x behind it where a seed took that one already."""
        made = f"{prefix}{self.db.serial(series)}"
        while self.db.row(f"SELECT 1 FROM {table} WHERE id = ?", made):
            made += "x"
        return made
