"""Fixtures every test may use: stores on both databases, and the whole bot to talk to."""

from tests.dbs import db_url, store
from tests.talking import chat

__all__ = ["chat", "db_url", "store"]
