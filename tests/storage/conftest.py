"""Every storage test runs on both databases."""

from tests.dbs import db_url, store

__all__ = ["db_url", "store"]
