"""Labelled pairs, one file to tune on and one kept apart: what the check must find, and what it must not claim."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from domain.matching import Index, Match, Query, Record, Verdict

HERE = Path(__file__).parent
FILES = ("pairs_tuned.tsv", "pairs_held_out.tsv")


def rows(name: str) -> list[tuple[str, str, str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    found = [tuple(line.split("\t")) for line in lines if not line.startswith("#")]
    return [(label, asked, known) for label, asked, known in found]


@cache
def book() -> Index:
    names = dict.fromkeys(known for name in FILES for _, _, known in rows(name))
    return Index(Record(name, name) for name in names)


@cache
def answers(name: str) -> dict[str, list[tuple[str, list[Match]]]]:
    found: dict[str, list[tuple[str, list[Match]]]] = defaultdict(list)
    for label, asked, known in rows(name):
        found[label].append((known, book().find(Query(asked))))
    return found


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_enough_pairs_are_kept() -> None:
    assert sum(len(rows(name)) for name in FILES) >= 300
    assert not {tuple(row) for row in rows(FILES[0])} & {tuple(row) for row in rows(FILES[1])}


@pytest.mark.parametrize("name", FILES)
def test_another_spelling_is_certain(name: str) -> None:
    found = answers(name)["same"]
    assert share([bool(ms) and ms[0].id == known and ms[0].verdict is Verdict.DUPLICATE for known, ms in found]) >= 0.95


@pytest.mark.parametrize("name", FILES)
def test_short_forms_sounds_and_slips_come_first(name: str) -> None:
    found = answers(name)["likely"]
    assert share([bool(ms) and ms[0].id == known and ms[0].verdict is not Verdict.RELATED for known, ms in found]) >= 0.93


@pytest.mark.parametrize("name", FILES)
def test_another_company_is_never_certain_and_seldom_shown(name: str) -> None:
    found = answers(name)["other"]
    assert not [ms for _, ms in found if any(m.verdict is Verdict.DUPLICATE for m in ms)]
    assert share([any(m.verdict is Verdict.POSSIBLE for m in ms) for _, ms in found]) <= 0.06


@pytest.mark.parametrize("name", FILES)
def test_a_branch_is_related(name: str) -> None:
    found = answers(name)["related"]
    assert all(any(m.id == known and m.verdict is Verdict.RELATED for m in ms) for known, ms in found)
    assert not any(m.verdict is Verdict.DUPLICATE for _, ms in found for m in ms)


@pytest.mark.parametrize("name", FILES)
def test_one_threshold_parts_them(name: str) -> None:
    """The F1 of "the first answer is right" against "somebody else" at score 0.55."""
    hit = miss = wrong = 0
    for label, found in answers(name).items():
        for known, matches in found:
            top = matches[0] if matches and matches[0].score >= 0.55 else None
            if label in ("same", "likely"):
                good = top is not None and top.id == known
                hit += good
                miss += not good
                wrong += top is not None and not good
            elif label == "other":
                wrong += top is not None
    assert 2 * hit / (2 * hit + miss + wrong) >= 0.95
