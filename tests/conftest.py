"""Fixtures every test may use: stores on both databases, and the whole bot to talk to."""

from hypothesis import settings

from tests.dbs import db_url, store
from tests.talking import chat

__all__ = ["chat", "db_url", "store"]

# a busy machine is no failure: no test is timed (bench/ measures), and CI tries the same examples every time
settings.register_profile("visitbot", deadline=None, derandomize=True)
settings.load_profile("visitbot")
