"""Three touches by two reps within seven days raise the alarm, never for those who work together (R40, contract.md 7b)."""

from datetime import date, timedelta

import pytest

from domain.collisions import Touch, collision
from domain.model import Customer
from domain.rules import Rules

TODAY = date(2026, 6, 9)
C = Customer("k1", "金桥", owner="a", co_owners=("co",))


def t(days_ago: int, rep: str, *along: str) -> Touch:
    return Touch(TODAY - timedelta(days=days_ago), rep, "拜访", along)


@pytest.mark.parametrize(
    ("touches", "raised"),
    [
        ([t(0, "b"), t(1, "a"), t(6, "a")], True),
        ([t(0, "b"), t(1, "a"), t(7, "a")], False),
        ([t(0, "b"), t(1, "a")], False),
        ([t(0, "a"), t(1, "a"), t(2, "a")], False),
        ([t(0, "a"), t(1, "co"), t(2, "a")], False),
        ([t(0, "co"), t(1, "b"), t(2, "a")], True),
        ([t(2, "a", "b"), t(1, "b"), t(0, "a")], False),
        ([t(2, "a", "b"), t(1, "c"), t(0, "b")], True),
        ([t(2, "b", "c"), t(1, "c"), t(0, "a")], True),
        ([t(2, "b", "c"), t(1, "c"), t(0, "b")], False),
    ],
)
def test_collision(touches: list[Touch], raised: bool) -> None:
    assert bool(collision(touches, C, Rules(), TODAY)) is raised
