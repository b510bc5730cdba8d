"""Blind time expressions by a second hand that never read `nlp/`: a floor on how many are read as the contract says."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from nlp.times import best

CASES = [json.loads(line) for line in (Path(__file__).parent / "hand_times.jsonl").read_text(encoding="utf-8").splitlines()]
FLOOR = 0.99


def _is(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether an answer is this reading; of a recurrence only the named parts count."""
    if want["kind"] == "recurrence" == got["kind"]:
        return all(got["recur"].get(part) == value for part, value in want["recur"].items())
    return all(got.get(part) == value for part, value in want.items())


def wrong() -> list[str]:
    """What is read otherwise than labelled, one line each."""
    answers = [(case, best(case["text"], datetime.fromisoformat(case["now"]))) for case in CASES]
    return [
        f"{case['text']} @{case['now'][:16]}: {got['kind']} {got.get('start')} ~ {got.get('end')} {got.get('minutes', '')}"
        for case, got in answers
        if not any(_is(want, got) for want in case["accept"])
    ]


def test_blind_expressions() -> None:
    assert len(CASES) >= 250
    missed = wrong()
    assert 1 - len(missed) / len(CASES) >= FLOOR, "\n".join(missed)
