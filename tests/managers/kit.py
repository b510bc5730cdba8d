"""An office of a hundred customers for figures whose numbers are counted by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.model import OFFICE
from tests.talking import office

NOW = datetime(2026, 6, 26, 10, tzinfo=OFFICE)
"""A Friday; the month's workdays go on until Tuesday the 30th."""
REPS = ("hanmei", "duwei")


def at(day: int, clock: str = "09:00", month: int = 6) -> str:
    """A moment of 2026 in ISO."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=OFFICE).isoformat()


def customers(n: int, grade: str = "B", **more: Any) -> list[dict[str, Any]]:
    """m000, m001, … owned by the two reps in turn, entered in January."""
    return [
        {
            "id": f"m{i:03d}", "name": f"第{i:03d}号有限公司", "aliases": [], "city": "苏州", "grade": grade, "owner": REPS[i % 2],
            "stage": "初步接触", "status": "active", "locked": False, "phones": [f"0512-8{i:07d}"], "emails": [],
            "created": at(5, month=1), **more,
        }
        for i in range(n)
    ]  # fmt: skip


def followup(i: int, by: str, when: str, **more: Any) -> dict[str, Any]:
    """A valid follow-up on customer number i."""
    return {
        "customer": f"m{i:03d}",
        "by": by,
        "at": when,
        "channel": "phone",
        "content": "谈过",
        "result": "好",
        "next": "再谈",
        **more,
    }


def seed(
    made: Sequence[dict[str, Any]], followups: Sequence[dict[str, Any]] = (), visits: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """The office with these rows instead of its own."""
    return office() | {"customers": list(made), "followups": list(followups), "visits": list(visits)}
