"""Every kind of contract.md section 7: when it is raised, when it is not, and what stands behind it."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conflicts import KINDS, alternatives, crosses_lines, decide, lighter_day, reach
from domain.desk import Busy
from domain.model import Customer, Member, Slot, Visit
from domain.wishes import Facts, Verdict, Wish
from tests.domain.office import ANN, BEN, CAT, DAN, ELSE, NOW, OURS, RULES, at, book, slot, visit, wish


def verdict(asked: Wish, *visits: Visit, away: tuple[Busy, ...] = (), elastic: bool = False) -> Verdict:
    return decide(asked, book(asked, *visits, away=away, elastic=elastic), RULES, NOW)


def kinds(asked: Wish, *visits: Visit, away: tuple[Busy, ...] = (), elastic: bool = False) -> tuple[str, ...]:
    return verdict(asked, *visits, away=away, elastic=elastic).kinds


# ---------------------------------------------------------------- overlaps
def test_a_plain_wish_is_clear() -> None:
    answer = verdict(wish(slot(11, 10)))
    assert answer.clear
    assert answer.level == "none"
    assert answer.day_count == 1


def test_own_visit_at_the_same_time_is_hard_whatever_the_mode() -> None:
    other = visit("v1", slot(11, 14), mode="online")
    answer = verdict(wish(slot(11, 14.5)), other)
    assert answer.kinds == ("rep_overlap",)
    assert answer.level == "hard"
    assert [(w.rep, w.visit, w.start) for w in answer.with_] == [("ann", "v1", other.start)]
    assert answer.overridable


def test_touching_visits_do_not_overlap() -> None:
    assert kinds(wish(slot(11, 15)), visit("v1", slot(11, 14))) == ("buffer",)


def test_going_along_on_a_colleagues_visit_counts_like_an_own_one() -> None:
    joint = visit("v1", slot(11, 14), BEN, participants=("ann",))
    assert kinds(wish(slot(11, 14.5)), joint) == ("rep_overlap",)
    assert kinds(wish(slot(11, 15)), joint) == ("buffer",)


def test_leave_blocks_like_a_visit_and_asks_no_buffer() -> None:
    away = (Busy("ann", slot(11, 9, 180), leave="l1"),)
    answer = verdict(wish(slot(11, 11)), away=away)
    assert answer.kinds == ("rep_overlap",)
    assert answer.with_[0].visit is None
    assert kinds(wish(slot(11, 12)), away=away) == ()


def test_a_busy_participant_is_named() -> None:
    answer = verdict(wish(slot(11, 14.5), participants=(CAT, DAN)), visit("v1", slot(11, 14), CAT))
    assert answer.kinds == ("participant_overlap",)
    assert [w.rep for w in answer.with_] == ["cat"]
    assert not answer.overridable


def test_other_peoples_time_does_not_matter() -> None:
    assert kinds(wish(slot(11, 14)), away=(Busy("dan", slot(11, 14), leave="l1"),)) == ()


def test_a_participant_needs_no_buffer() -> None:
    assert kinds(wish(slot(11, 15), participants=(CAT,)), visit("v1", slot(11, 14), CAT)) == ()


@pytest.mark.parametrize("status", ["planned", "pending", "done", "missed", "empty"])
def test_the_customers_slot_is_taken_by_whatever_is_not_cancelled(status: str) -> None:
    there = visit("v1", slot(11, 14), CAT, OURS, status=status)
    answer = verdict(wish(slot(11, 14.5)), there)
    assert answer.hard == ("customer_overlap",)
    assert answer.kinds == ("customer_overlap", "customer_window")
    assert not answer.overridable
    assert kinds(wish(slot(11, 14.5)), replace(there, status="cancelled")) == ()


def test_the_same_slot_stays_hard_for_the_one_who_goes_along() -> None:
    joint = visit("v1", slot(11, 14), CAT, OURS, participants=("ann",))
    assert verdict(wish(slot(11, 14.5)), joint).hard == ("rep_overlap", "customer_overlap")


def test_nobody_overrides_two_visits_to_one_customer_at_once() -> None:
    for status in ("planned", "missed"):
        answer = verdict(wish(slot(11, 14.5)), visit("v1", slot(11, 14), ANN, OURS, status=status))
        assert answer.kinds == ("rep_overlap", "duplicate_visit")
        assert not answer.overridable


def test_a_visit_never_meets_itself() -> None:
    standing = visit("v1", slot(11, 14), ANN, OURS, participants=("cat",))
    for start in (14, 14.5, 15, 15.25):
        assert kinds(wish(slot(11, start), moving="v1", participants=(CAT,)), standing) == ()


# ---------------------------------------------------------------- the customer's window and teams
@pytest.mark.parametrize(
    ("day", "status", "raised"),
    [(11, "done", True), (18, "planned", True), (25, "planned", True), (10, "done", False), (26, "planned", False),
     (18, "cancelled", False), (18, "pending", True)],
)  # fmt: skip
def test_the_window_is_calendar_days_in_both_directions(day: int, status: str, raised: bool) -> None:
    there = visit("v1", slot(day, 17, 30), BEN, OURS, status=status)
    assert ("customer_window" in kinds(wish(slot(18, 9)), there)) is raised


def test_three_teams_need_approval_and_the_earlier_ones_are_listed() -> None:
    first, second = visit("v1", slot(10, 10), CAT, OURS, status="done"), visit("v2", slot(12, 10), DAN, OURS)
    answer = verdict(wish(slot(15, 10)), first, second)
    assert answer.kinds == ("third_team", "customer_window")
    assert answer.level == "approval"
    assert answer.teams == ("二组", "三组", "一组")
    assert [w.visit for w in answer.with_ if w.kind == "third_team"] == ["v1", "v2"]


def test_a_colleague_of_the_own_team_is_no_further_team() -> None:
    visits = visit("v1", slot(10, 10), CAT, OURS), visit("v2", slot(12, 10), BEN, OURS)
    answer = verdict(wish(slot(15, 10)), *visits)
    assert answer.kinds == ("customer_window",)
    assert answer.teams == ("二组", "一组")


def test_people_without_a_team_make_no_team() -> None:
    loner = replace(BEN, id="loner", team="")
    visits = visit("v1", slot(10, 10), CAT, OURS), visit("v2", slot(12, 10), loner, OURS)
    assert kinds(wish(slot(15, 10)), *visits) == ("customer_window",)


def test_joint_visits_count_in_no_window() -> None:
    first, second = visit("v1", slot(10, 10), CAT, OURS), visit("v2", slot(12, 10), DAN, OURS)
    along = replace(first, participants=("ann",))
    assert kinds(wish(slot(15, 10)), along) == ()
    assert kinds(wish(slot(15, 10)), along, second) == ("customer_window",)
    assert kinds(wish(slot(15, 10), participants=(CAT, DAN)), first, second) == ()


def test_owner_and_co_owner_raise_nothing_against_each_other() -> None:
    shared = replace(OURS, co_owners=("cat",), locked=True)
    assert kinds(wish(slot(15, 10), CAT, shared), visit("v1", slot(12, 10), ANN, shared)) == ()
    assert kinds(wish(slot(15, 10), ANN, shared), visit("v1", slot(12, 10), CAT, shared)) == ()
    others = visit("v1", slot(10, 10), ANN, shared), visit("v2", slot(12, 10), DAN, shared)
    assert kinds(wish(slot(15, 10), CAT, shared), *others) == ()


def test_different_product_lines_put_going_together_first() -> None:
    there = visit("v1", slot(10, 10), CAT, OURS, line="软件")
    asked = wish(slot(12, 10), line="硬件")
    assert crosses_lines(asked, book(asked, there), RULES)
    assert not crosses_lines(replace(asked, line="软件"), book(asked, there), RULES)
    assert not crosses_lines(replace(asked, line=""), book(asked, there), RULES)
    assert not crosses_lines(asked, book(asked), RULES)


# ---------------------------------------------------------------- ownership
@pytest.mark.parametrize(
    ("customer", "raised"),
    [
        (replace(OURS, owner="cat"), ("owner_notice",)),
        (replace(OURS, owner="cat", protected_until=NOW.date()), ("owned_by_other",)),
        (replace(OURS, owner="cat", protected_until=date(2026, 6, 7)), ("owner_notice",)),
        (replace(OURS, owner="cat", locked=True), ("owned_by_other",)),
        (replace(OURS, owner="cat", locked=True, co_owners=("ann",)), ()),
        (replace(OURS, owner=None, status="pool"), ()),
        (replace(OURS, protected_until=date(2026, 7, 1), locked=True), ()),
    ],
)
def test_ownership(customer: Customer, raised: tuple[str, ...]) -> None:
    assert kinds(wish(slot(15, 10), ANN, customer)) == raised


# ---------------------------------------------------------------- the rep's own day
def test_a_second_visit_the_same_day_is_a_duplicate_unless_nobody_went() -> None:
    first = visit("v1", slot(11, 9), ANN, OURS)
    assert kinds(wish(slot(11, 16)), first) == ("duplicate_visit",)
    assert kinds(wish(slot(12, 9)), first) == ()
    assert kinds(wish(slot(11, 16)), replace(first, status="empty")) == ()
    assert kinds(wish(slot(11, 16)), replace(first, participants=("ann",), rep="ben")) == ("duplicate_visit",)


@pytest.mark.parametrize(("start", "gap"), [(15.25, 15), (15.5, None), (12.75, 15), (12.5, None), (15, 0)])
def test_exactly_the_buffer_is_enough(start: float, gap: int | None) -> None:
    answer = verdict(wish(slot(11, start)), visit("v1", slot(11, 14)))
    assert answer.gap_min == gap
    assert answer.need_min == (None if gap is None else 30)
    assert answer.kinds == (() if gap is None else ("buffer",))


def test_travel_is_asked_only_between_two_onsite_visits_to_different_customers() -> None:
    rules = replace(RULES, buffer_min=10, travel_min=45)
    for mode, customer, need in (("onsite", ELSE, 45), ("phone", ELSE, 10), ("onsite", OURS, 10)):
        asked = wish(slot(11, 15, 30))
        answer = decide(asked, book(asked, visit("v1", slot(11, 14), ANN, customer, mode=mode)), rules, NOW)
        assert (answer.gap_min, answer.need_min) == (0, need)


def test_the_gap_that_falls_shortest_is_told() -> None:
    answer = verdict(wish(slot(11, 11)), visit("v1", slot(11, 9.75)), visit("v2", slot(11, 12, 30)))
    assert (answer.gap_min, answer.need_min) == (0, 30)
    assert {w.visit for w in answer.with_} == {"v1", "v2"}


def test_an_elastic_customer_gets_thirty_minutes_more() -> None:
    near = visit("v1", slot(11, 14))
    assert kinds(wish(slot(11, 15.5)), near, elastic=True) == ("buffer",)
    assert kinds(wish(slot(11, 16)), near, elastic=True) == ()


def test_the_sixth_visit_of_a_day_is_too_much() -> None:
    day = [visit(f"v{n}", slot(11, 9 + 1.5 * n)) for n in range(4)]
    assert verdict(wish(slot(11, 15)), *day).day_count == 5
    fifth = visit("v5", slot(11, 18.5, 30), mode="phone")
    answer = verdict(wish(slot(11, 15)), *day, fifth)
    assert answer.kinds == ("overload",)
    assert answer.day_count == 6
    assert len(answer.with_) == 5
    assert kinds(wish(slot(11, 15), moving="v5"), *day, fifth) == ()


# ---------------------------------------------------------------- hours and days
@pytest.mark.parametrize(
    ("when", "raised"),
    [
        (slot(11, 9), ()),
        (slot(11, 17), ()),
        (slot(11, 8.75), ("off_hours",)),
        (slot(11, 17.5), ("off_hours",)),
        (slot(11, 23, 120), ("off_hours",)),
        (slot(13, 10), ("off_hours",)),
        (slot(19, 10), ("holiday",)),
        (slot(20, 10), ("holiday",)),
        (slot(19, 20), ("off_hours", "holiday")),
    ],
)
def test_hours_and_days(when: Slot, raised: tuple[str, ...]) -> None:
    assert kinds(wish(when)) == raised


def test_a_made_up_saturday_is_a_workday() -> None:
    assert kinds(wish(Slot(at(9, 10, month=5), at(9, 11, month=5)))) == ()
    asked = wish(slot(13, 10))
    assert decide(asked, book(asked, extra={date(2026, 6, 13): True}), RULES, NOW).clear


def test_the_strictest_kind_decides_and_all_are_listed_in_order() -> None:
    customer = replace(OURS, owner="dan", locked=True)
    visits = (visit("v1", slot(19, 20), ANN), visit("v2", slot(19, 20), BEN, customer),
              visit("v3", slot(16, 10), CAT, customer), visit("v4", slot(17, 10), DAN, customer))  # fmt: skip
    answer = verdict(wish(slot(19, 20.5), ANN, customer), *visits)
    assert answer.kinds == ("rep_overlap", "customer_overlap", "third_team", "owned_by_other", "customer_window",
                            "off_hours", "holiday")  # fmt: skip
    assert (*answer.hard, *answer.approval, *answer.soft) == answer.kinds
    assert answer.level == "hard"


# ---------------------------------------------------------------- properties
HOURS = st.builds(lambda quarter, length: slot(11, 8 + quarter / 4, 15 * length), st.integers(0, 44), st.integers(1, 8))


@given(HOURS, HOURS)
def test_overlap_is_symmetric_and_half_open(one: Slot, two: Slot) -> None:
    first, second = kinds(wish(one), visit("v1", two)), kinds(wish(two), visit("v1", one))
    assert ("rep_overlap" in first) == ("rep_overlap" in second) == (one.start < two.end and two.start < one.end)
    assert ("buffer" in first) == ("buffer" in second)


@given(HOURS, st.lists(HOURS, max_size=6))
def test_putting_a_visit_where_it_stands_raises_only_what_the_others_raise(one: Slot, rest: list[Slot]) -> None:
    others = [visit(f"v{n}", when) for n, when in enumerate(rest)]
    standing = visit("me", one, ANN, OURS)
    assert kinds(wish(one, moving="me"), standing, *others) == kinds(wish(one), *others)


@given(HOURS, st.lists(st.tuples(HOURS, st.sampled_from([ANN, BEN, CAT, DAN]), st.sampled_from([OURS, ELSE]))))
def test_more_visits_never_raise_less(one: Slot, rest: list[tuple[Slot, Member, Customer]]) -> None:
    visits = [visit(f"v{n}", when, rep, customer) for n, (when, rep, customer) in enumerate(rest)]
    seen: set[str] = set()
    for count in range(len(visits) + 1):
        answer = verdict(wish(one), *visits[:count])
        assert seen <= set(answer.kinds)
        assert list(answer.kinds) == sorted(answer.kinds, key=KINDS.index)
        assert all(clash.kind in answer.kinds for clash in answer.with_)
        seen = set(answer.kinds)


def test_visits_that_only_the_calendar_of_the_rep_knows_are_seen_too() -> None:
    asked = wish(slot(11, 14))
    assert decide(asked, Facts(own=(visit("v1", slot(11, 14.5)),)), RULES, NOW).kinds == ("rep_overlap",)


def test_a_wish_past_midnight_meets_the_next_day() -> None:
    assert "rep_overlap" in kinds(wish(slot(11, 22, 240)), visit("v1", slot(12, 1.5)))


def test_the_zone_of_the_values_does_not_matter() -> None:
    def moved(when: Slot) -> Slot:
        return Slot(when.start.astimezone(UTC), when.end.astimezone(UTC))

    visits = visit("v1", slot(11, 7), CAT, OURS), visit("v2", slot(11, 11.25), ANN, ELSE)
    asked = wish(slot(18, 8.5))
    for when in (slot(18, 8.5), slot(11, 12), slot(19, 1), slot(11, 6.5)):
        here = decide(replace(asked, slot=when), book(asked, *visits), RULES, NOW)
        there = book(asked, *(replace(v, start=moved(v.slot).start, end=moved(v.slot).end) for v in visits))
        assert decide(replace(asked, slot=moved(when)), there, RULES, NOW.astimezone(UTC)).kinds == here.kinds
        assert here.kinds


def test_reach_covers_the_window_and_all_alternatives() -> None:
    asked = slot(11, 14)
    span = reach(asked, RULES, NOW)
    assert span.start <= NOW - timedelta(days=7)
    assert span.end >= asked.end + timedelta(days=67)


def test_a_lighter_day_is_the_emptiest_of_the_next_five_workdays() -> None:
    full = [visit(f"a{n}", slot(11, 9 + 1.5 * n)) for n in range(5)]
    asked = wish(slot(11, 16.5))
    some = [visit(f"b{n}", slot(12, 9 + 1.5 * n)) for n in range(2)]
    away = (Busy("ann", Slot(at(15, 0), at(16, 0)), leave="l1"),)
    assert lighter_day(asked, book(asked, *full, *some, away=away), RULES, NOW) == date(2026, 6, 16)
    gone = (Busy("ann", Slot(at(11, 0), at(30, 0)), leave="l1"),)
    assert lighter_day(asked, book(asked, *full, away=gone), RULES, NOW) is None
    assert alternatives(asked, book(asked, *full), RULES, NOW)[0].start.date() > date(2026, 6, 11)
