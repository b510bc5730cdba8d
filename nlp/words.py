"""The vocabulary of `words.toml` and `grammar.toml`, read once."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """The parsed TOML file of that name beside this module."""
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def alternation(words: frozenset[str] | tuple[str, ...] | list[str]) -> str:
    """A regular expression that matches any of the words, the longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) + ")"


@dataclass(frozen=True, slots=True)
class Words:
    """Lists of words by role; all folded to simplified lower case where they are Latin."""

    surnames: frozenset[str]
    top_surnames: frozenset[str]
    compound_surnames: frozenset[str]
    titles: tuple[str, ...]
    departments: tuple[str, ...]
    latin_given: frozenset[str]
    legal: tuple[str, ...]
    trades: frozenset[str]
    ends: tuple[str, ...]
    places: frozenset[str]
    typos: dict[str, str]
    mixed: dict[str, str]


def _longest_first(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(text.split()), key=lambda word: (-len(word), word)))


@cache
def words() -> Words:
    """The one vocabulary of the process."""
    raw = read("words.toml")
    names, companies, places = raw["names"], raw["companies"], raw["places"]
    return Words(
        surnames=frozenset(names["surnames"].split()),
        top_surnames=frozenset(names["top_surnames"].split()),
        compound_surnames=frozenset(names["compound_surnames"].split()),
        titles=_longest_first(names["titles"]),
        departments=_longest_first(names["departments"]),
        latin_given=frozenset(names["latin_given"].split()),
        legal=_longest_first(companies["legal"]),
        trades=frozenset(companies["trades"].split()),
        ends=_longest_first(companies["ends"]),
        places=frozenset(" ".join(places.values()).split()),
        typos=dict(pair.split("=") for pair in raw["typos"]["verbs"].split()),
        mixed=dict(
            pair.strip().split("=") for pair in (*raw["mixed"]["words"].split(), *raw["mixed"]["phrases"].strip().split("|"))
        ),
    )
