"""The duplicate check for customers: own keys, and Chinese company names taken apart and compared (pure, no I/O but its cache file)."""

from domain.matching.index import Index
from domain.matching.values import Match, Pairs, Query, Record, Verdict

__all__ = ["Index", "Match", "Pairs", "Query", "Record", "Verdict"]
