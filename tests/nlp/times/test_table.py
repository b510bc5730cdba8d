"""The table of own sentences: each row is one reading in --times mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nlp.times import best
from tests.nlp.times.when import NOW

_LINES = (Path(__file__).parent / "table.txt").read_text(encoding="utf-8").splitlines()
ROWS = [tuple(line.split(" => ")) for line in _LINES if line and not line.startswith("#")]


def _short(iso: str | None, exact: bool = False) -> str:
    if iso is None:
        return "-"
    day, clock = iso[:10], iso[11:16]
    return day.removeprefix("2026-") + (f" {clock}" if exact or clock != "00:00" else "")


def describe(answer: dict[str, Any]) -> str:
    """Write an answer the way the table does."""
    kind, start, end = answer["kind"], answer["start"], answer["end"]
    if kind == "instant":
        return f"i {start[:10].removeprefix('2026-')} {start[11:16]}"
    if kind == "date":
        return f"d {_short(start)}"
    if kind == "range":
        exact = any(at is not None and at[11:16] != "00:00" for at in (start, end))
        return f"r {_short(start, exact)} ~ {_short(end, exact)}"
    if kind == "duration":
        return f"u {answer['minutes']}"
    if kind == "recurrence":
        return _recurrence(answer["recur"])
    return str(kind)


def _recurrence(recur: dict[str, Any]) -> str:
    words = [f"e {recur['freq']} {recur['interval']}"]
    for name, key in (("byday", "byday"), ("monthday", "bymonthday")):
        if recur[key]:
            words.append(f"{name}=" + ",".join(map(str, recur[key])))
    if "nth" in recur:
        words.append(f"nth={recur['nth']}")
    if recur["time"]:
        words.append(f"time={recur['time']}")
    return " ".join(words)


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_row(text: str, expected: str) -> None:
    assert describe(best(text, NOW)) == expected.replace(" 2026-", " ")


def test_the_table_is_large_enough() -> None:
    assert len(ROWS) >= 300
