"""What the duplicate check is asked, what it knows and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How sure the check is that two entries are one customer (contract.md section 6)."""

    DUPLICATE = "duplicate"
    POSSIBLE = "possible"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as the check knows it; phones, emails and uscc in whatever spelling they were typed."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    uscc: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as the index keeps it: names as typed, keys normalised."""

    id: str
    names: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    uscc: str
    city: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked about: any subset of a customer's fields, as typed."""

    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    uscc: str = ""
    city: str = ""
    id: str = ""
    """The asker's own id when it is in the book already: never returned, and looked up in the pairs kept apart."""


@dataclass(frozen=True, slots=True)
class Match:
    """A customer that may be the one asked about: score 0 to 1, and the reasons in Chinese words."""

    id: str
    score: float
    verdict: Verdict
    why: tuple[str, ...]


Pairs = frozenset[tuple[str, str]]
"""Ids that somebody has declared not the same; the order inside a pair does not matter."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are: `score` 0 to 1, `same` when only the spelling differs, `kin` for branch or group."""

    score: float
    why: tuple[str, ...]
    same: bool = False
    kin: bool = False
