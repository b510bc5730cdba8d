"""The sliding window and the merging, pure."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.wecom.budget import MEMBER, Budget, Limit


def test_thirty_a_minute() -> None:
    budget = Budget(MEMBER)
    for i in range(30):
        assert budget.wait_s("a", 1000.0 + i) == 0
        budget.spend("a", 1000.0 + i)
    assert budget.left("a", 1029.0) == 0
    assert budget.wait_s("a", 1029.0) == 31.0
    assert budget.wait_s("b", 1029.0) == 0
    assert budget.wait_s("a", 1060.0) == 0
    assert budget.left("a", 1060.0) == 1


def test_a_thousand_an_hour() -> None:
    budget = Budget(MEMBER)
    for i in range(1000):
        budget.spend("a", i * 3.0)
    assert budget.wait_s("a", 3000.0) == 600.0
    assert budget.wait_s("a", 3600.0) == 0


def test_a_letter_of_several_messages_waits_for_room_for_all() -> None:
    budget = Budget((Limit(3, 10.0),))
    budget.spend("a", 0.0)
    budget.spend("a", 4.0)
    assert budget.wait_s("a", 5.0, 2) == 5.0
    assert budget.wait_s("a", 5.0, 99) == 9.0
    assert budget.wait_s("a", 14.0, 99) == 0


def test_only_so_many_receivers_are_remembered() -> None:
    budget = Budget((Limit(1, 10.0),), receivers=2)
    for who in ("a", "b", "c"):
        budget.spend(who, 0.0)
    assert [budget.wait_s(who, 1.0) for who in ("a", "b", "c")] == [0.0, 9.0, 9.0]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=200))
def test_the_limit_holds_whatever_the_rhythm(gaps: list[float]) -> None:
    limit = Limit(5, 60.0)
    budget = Budget((limit,))
    now, sent = 0.0, []
    for gap in gaps:
        now += gap
        if wait := budget.wait_s("a", now):
            now += wait
        if budget.wait_s("a", now) == 0:
            budget.spend("a", now)
            sent.append(now)
    assert all(b - a >= limit.seconds - 1e-6 for a, b in zip(sent, sent[5:], strict=False))
