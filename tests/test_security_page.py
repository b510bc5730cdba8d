"""docs/SECURITY.md names only tests there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_test_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/SECURITY.md").read_text("utf-8")))
    there = {name for p in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)\(", p.read_text("utf-8"))}
    assert len(named) > 50
    assert named <= there
