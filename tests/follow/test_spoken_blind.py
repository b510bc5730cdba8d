"""Spoken visit reports: field F1 of what the bot files (R84, R86).

Thirty are by a second hand that never read the rules; before anybody looked at them the filler scored 0.67, and it was mended
with them since. `spoken_more` are of other industries, written afterwards by the author of the rules.

Each was dictated: no punctuation. `expect` holds the fields said: attendees, pains, needs, budget, decision chain
(decider, `influencers`, `users`), competitor, objection, intent level, next steps with who and due day.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.model import OFFICE
from domain.text import fold
from storage.store import Store
from tests.talking import start

CASES: list[dict[str, Any]] = []


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (Path(__file__).parent / f"{name}.jsonl").read_text("utf-8").splitlines()]


NOW = datetime(2026, 7, 15, 17, 30, tzinfo=OFFICE)
REP = "lusiyuan"
FLOOR = 0.85
LISTS = ("contacts", "influencers", "users")
TEXTS = ("pains", "needs", "objection")
VALUES = ("budget", "decision_maker", "competitor", "intent_level")


def _seed() -> dict[str, Any]:
    """One rep, a customer and a visit of this week for every report."""
    return {
        "members": [
            {"id": REP, "name": "卢思远", "role": "rep", "team": "一组", "department": "销售", "manager": "m", "aliases": []},
            {"id": "m", "name": "闵晴", "role": "manager", "team": "一组", "department": "销售", "manager": None, "aliases": []},
        ],
        "customers": [
            {"id": f"c{n}", "name": f"{case['customer']}有限公司", "aliases": [case["customer"]], "grade": "B", "owner": REP}
            for n, case in enumerate(CASES)
        ],
        "visits": [
            {
                "id": f"v{n}", "customer": f"c{n}", "rep": REP, "status": "done",
                "start": f"2026-07-{13 + n // 12}T{8 + n % 12:02}:00:00+08:00",
                "end": f"2026-07-{13 + n // 12}T{8 + n % 12:02}:40:00+08:00",
            }
            for n, _ in enumerate(CASES)
        ],
    }  # fmt: skip


def _flat(text: object) -> str:
    return "".join(c for c in fold(str(text)).text if c.isalnum())


def _near(want: object, got: object) -> bool:
    """Mostly the same characters: a clause may be cut a little longer or shorter."""
    a, b = Counter(_flat(want)), Counter(_flat(got))
    total = sum(a.values()) + sum(b.values())
    return total > 0 and 2 * sum((a & b).values()) / total >= 0.6


def _step_right(want: Mapping[str, Any], got: Mapping[str, Any]) -> bool:
    who = REP if want.get("who") == "me" else want.get("who")
    right_day = "due" not in want or str(got.get("due") or "")[:10] == want["due"]
    return _near(want["text"], got.get("text", "")) and right_day and (not who or who in (got.get("who"), *_named(got)))


def _named(step: Mapping[str, Any]) -> list[str]:
    """Who a step names in its own words."""
    return [
        case
        for case in {w["who"] for c in CASES for w in c["expect"].get("next_steps", ()) if w.get("who")}
        if case in step["text"]
    ]


def score(want: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[tuple[str, int, int, int]]:
    """For each field: (name, right, said, filed); a field filed that nobody said counts against the score."""
    for field in LISTS:
        said, filed = {_flat(x) for x in want.get(field, ())}, {_flat(x) for x in got.get(field) or ()}
        yield field, len(said & filed), len(said), len(filed)
    for field in TEXTS:
        yield field, int(field in want and _near(want[field], got.get(field, ""))), int(field in want), int(bool(got.get(field)))
    for field in VALUES:
        same = field in want and (want[field] == got.get(field) or _flat(want[field]) == _flat(got.get(field, "")))
        yield field, int(same), int(field in want), int(bool(got.get(field)))
    steps = list(got.get("next_steps") or ())
    right = sum(any(_step_right(w, g) for g in steps) for w in want.get("next_steps", ()))
    yield "next_steps", right, len(want.get("next_steps", ())), len(steps)


@pytest.mark.parametrize("name", ["spoken_blind", "spoken_more"])
async def test_field_f1(store: Store, name: str) -> None:
    CASES[:] = cases(name)
    chat = await start(store, _seed(), NOW)
    sums: dict[str, list[int]] = {}
    for n, case in enumerate(CASES):
        await chat.says(REP, case["voice"])
        filed = next((e["report"] for e in chat.named("report.filed") if e["report"]["visit"] == f"v{n}"), {})
        for field, *counts in score(case["expect"], filed):
            sums[field] = [a + b for a, b in zip(sums.get(field, [0, 0, 0]), counts, strict=True)]
    table = {
        field: f"{2 * right / max(1, said + filed):.2f} ({right}/{said}, filed {filed})"
        for field, (right, said, filed) in sums.items()
    }
    right, said, filed = (sum(column) for column in zip(*sums.values(), strict=True))
    f1 = 2 * right / (said + filed)
    assert f1 >= FLOOR, (round(f1, 3), table)
