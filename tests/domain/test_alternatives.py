"""What is offered instead: R15, R147 and the words of contract.md section 7 about an alternative."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conflicts import HARD, alternatives, decide
from domain.desk import Busy
from domain.model import OFFICE, Slot, Visit
from domain.rules import Rules
from domain.wishes import Facts, Verdict, Wish
from tests.domain.office import ANN, BEN, CAT, DAN, ELSE, NOW, OURS, RULES, at, book, slot, visit, wish


def starts(slots: list[Slot]) -> list[str]:
    return [f"{s.start:%m-%d %H:%M}" for s in slots]


def test_the_same_day_twice_then_the_next_day() -> None:
    asked = wish(slot(11, 14.5))
    facts = book(asked, visit("v1", slot(11, 14)))
    assert starts(alternatives(asked, facts, RULES, NOW)) == ["06-11 15:30", "06-11 16:30", "06-12 14:30"]


def test_after_a_holiday_the_same_clock() -> None:
    asked = wish(slot(19, 10))
    found = alternatives(asked, book(asked), RULES, NOW)
    assert starts(found) == ["06-22 10:00", "06-23 10:00", "06-24 10:00"]


def test_a_window_is_left_behind_not_just_shifted() -> None:
    asked = wish(slot(12, 10))
    facts = book(asked, visit("v1", slot(8, 10), BEN, OURS, status="done"))
    found = alternatives(asked, facts, RULES, NOW)
    assert starts(found) == ["06-16 10:00", "06-17 10:00", "06-18 10:00"]
    assert all(decide(replace(asked, slot=s), facts, RULES, NOW).clear for s in found)


def test_a_third_team_is_led_to_where_it_needs_no_approval() -> None:
    asked = wish(slot(12, 10))
    facts = book(asked, visit("v1", slot(9, 10), CAT, OURS), visit("v2", slot(10, 10), DAN, OURS))
    found = alternatives(asked, facts, RULES, NOW)
    assert starts(found) == ["06-17 10:00", "06-18 10:00", "06-22 10:00"]
    assert [decide(replace(asked, slot=s), facts, RULES, NOW).level for s in found] == ["soft", "none", "none"]


def test_what_no_other_time_helps_still_gets_times() -> None:
    customer = replace(OURS, owner="cat", locked=True)
    asked = wish(slot(11, 14), ANN, customer)
    assert len(alternatives(asked, book(asked), RULES, NOW)) == 3


def test_a_full_house_is_searched_for_two_months() -> None:
    asked = wish(slot(11, 14))
    away = (Busy("ann", Slot(at(11, 0), at(11, 0) + timedelta(days=40)), leave="l1"),)
    found = alternatives(asked, book(asked, away=away), RULES, NOW)
    assert len(found) == 3
    assert found[0].start.date() == date(2026, 7, 21)
    gone = (Busy("ann", Slot(at(11, 0), at(11, 0) + timedelta(days=90)), leave="l1"),)
    assert alternatives(asked, book(asked, away=gone), RULES, NOW) == []


def test_one_free_morning_is_used_up_before_less() -> None:
    asked = wish(slot(11, 9))
    noon = at(11, 12)
    away = (Busy("ann", slot(11, 9), leave="l1"), Busy("ann", Slot(noon, noon + timedelta(days=90)), leave="l2"))
    found = alternatives(asked, book(asked, away=away), RULES, NOW)
    assert starts(found) == ["06-11 10:00", "06-11 10:30", "06-11 11:00"]


def test_nothing_starts_within_half_an_hour() -> None:
    now = at(11, 9, 20)
    asked = wish(slot(11, 9.5))
    found = alternatives(asked, book(asked, visit("v1", slot(11, 8, 150))), RULES, now)
    assert found[0].start == at(11, 11)
    early = alternatives(asked, book(asked), RULES, now)
    assert early[0].start == at(11, 10)


def test_a_moved_visit_is_not_offered_its_own_place() -> None:
    standing = visit("v1", slot(11, 10), ANN, OURS)
    asked = wish(slot(11, 14.5), moving="v1")
    found = alternatives(asked, book(asked, standing, visit("v2", slot(11, 14))), RULES, NOW)
    assert standing.slot not in found
    assert asked.slot not in found


def test_asking_again_for_a_standing_visit_leads_to_other_days() -> None:
    asked = wish(slot(11, 14))
    facts = book(asked, visit("v1", slot(11, 14), ANN, OURS))
    assert decide(asked, facts, RULES, NOW).kinds == ("rep_overlap", "duplicate_visit")
    assert starts(alternatives(asked, facts, RULES, NOW)) == ["06-12 14:00", "06-15 14:00", "06-16 14:00"]


def test_lunch_is_offered_only_to_those_who_asked_for_it() -> None:
    asked = wish(slot(11, 11))
    facts = book(asked, visit("v1", slot(11, 10, 90)))
    offers = alternatives(asked, facts, RULES, NOW, 6)
    assert len(offers) == 6
    assert not any(s.start.time() < time(13) and s.end.time() > time(12) for s in offers)
    noon = wish(slot(11, 12))
    facts = book(noon, visit("v1", slot(11, 11.5)))
    assert "06-11 13:00" in starts(alternatives(noon, facts, RULES, NOW))
    assert "06-12 12:00" in starts(alternatives(noon, facts, RULES, NOW))


# ---------------------------------------------------------------- properties
PEOPLE = st.sampled_from([ANN, BEN, CAT, DAN])
CUSTOMERS = st.sampled_from([
    OURS, ELSE, replace(OURS, owner="cat"), replace(OURS, owner="dan", locked=True),
    replace(OURS, owner="ben", co_owners=("ann",)), replace(OURS, owner=None, status="pool"),
])  # fmt: skip
SLOTS = st.builds(
    lambda day, half, length: Slot(at(1, 0) + timedelta(days=day, minutes=30 * half),
                                   at(1, 0) + timedelta(days=day, minutes=30 * half + 15 * length)),
    st.integers(0, 45), st.integers(14, 38), st.integers(1, 16),
)  # fmt: skip
VISITS = st.builds(
    lambda when, rep, customer, status, mode, along: visit(
        "", when, rep, customer, status=status, mode=mode, participants=tuple(p.id for p in along - {rep})
    ),
    SLOTS, PEOPLE, st.sampled_from([OURS, ELSE]),
    st.sampled_from(["planned", "pending", "done", "missed", "empty", "cancelled"]),
    st.sampled_from(["onsite", "phone", "online"]), st.frozensets(PEOPLE, max_size=1),
)  # fmt: skip
WISHES = st.builds(
    lambda when, rep, customer, along: wish(when, rep, customer, participants=tuple(along)),
    SLOTS, PEOPLE, CUSTOMERS, st.lists(PEOPLE, max_size=2),
)  # fmt: skip
AWAY = st.builds(lambda who, when, days: Busy(who.id, Slot(when.start, when.end + timedelta(days=days)), leave="l"),
                 PEOPLE, SLOTS, st.integers(0, 12))  # fmt: skip


def breaks(offer: Slot, asked: Wish, visits: list[Visit], away: list[Busy]) -> bool:
    """The hard rule in its plainest words, from the raw book."""
    people = {asked.rep.id} | {p.id for p in asked.participants}
    for v in visits:
        concerned = people & {v.rep, *v.participants} or v.customer == asked.customer.id
        if concerned and v.status != "cancelled" and v.start < offer.end and offer.start < v.end:
            return True
    return any(b.person in people and b.slot.start < offer.end and offer.start < b.slot.end for b in away)


@settings(max_examples=150, deadline=None)
@given(WISHES, st.lists(VISITS, max_size=30), st.lists(AWAY, max_size=4), st.booleans(), st.integers(1, 5))
def test_no_offer_ever_breaks_a_rule(asked: Wish, raw: list[Visit], away: list[Busy], move: bool, n: int) -> None:
    when, rep, customer = asked.slot, asked.rep, asked.customer
    visits = [replace(v, id=f"v{i}") for i, v in enumerate(raw)]
    mine = next((v for v in visits if v.rep == rep.id and v.live and v.customer == customer.id), None) if move else None
    asked = replace(asked, visit=mine.id if mine else "")
    people = {rep.id, *(p.id for p in asked.participants)}
    facts = book(asked, *visits, away=tuple(b for b in away if b.person in people))
    raised = decide(asked, facts, RULES, NOW)
    offers = alternatives(asked, facts, RULES, NOW, n)
    assert len(offers) <= n
    assert len(set(offers)) == len(offers)
    assert offers == sorted(offers)
    for offer in offers:
        again = decide(replace(asked, slot=offer), facts, RULES, NOW)
        assert not again.hard
        assert set(again.kinds) <= set(raised.kinds) - set(HARD)
        assert not breaks(offer, asked, [v for v in visits if v is not mine], away)
        assert offer.minutes == when.minutes
        assert offer.start >= NOW + timedelta(minutes=30)
        assert offer != when
        start, end = offer.start.astimezone(OFFICE), offer.end.astimezone(OFFICE)
        assert time(9) <= start.time() <= end.time() <= time(18)
        assert start.date() == end.date()
        assert facts.calendar.is_workday(start.date())
        assert start.minute in (0, 30)
    if len(offers) < n:
        assert not left_over(asked, facts, raised, offers)


def left_over(wanted: Wish, facts: Facts, raised: Verdict, offers: list[Slot]) -> list[Slot]:
    """Every slot that could have been offered and was not."""
    when, taken = wanted.slot, {wanted.slot.start} | {v.start for v in facts.own if v.id == wanted.visit}
    first = max(NOW.date(), when.start.astimezone(OFFICE).date())
    days = [first + timedelta(days=n) for n in range(61)]
    length, soonest = timedelta(minutes=when.minutes), NOW + timedelta(minutes=30)
    grid = []
    for day in filter(facts.calendar.is_workday, days):
        start = datetime.combine(day, time(9), OFFICE)
        while start + length <= datetime.combine(day, time(18), OFFICE):
            grid += [Slot(start, start + length)] if start >= soonest else []
            start += timedelta(minutes=30)
    fits = set(raised.kinds) - set(HARD)
    return [
        s for s in grid
        if s not in offers and s.start not in taken
        and set(decide(replace(wanted, slot=s), facts, RULES, NOW).kinds) <= fits
    ]  # fmt: skip


@given(SLOTS, st.integers(1, 4))
def test_a_wish_longer_than_the_working_day_has_no_alternative(when: Slot, hours: int) -> None:
    asked = wish(Slot(when.start, when.start + timedelta(hours=9 + hours)))
    assert alternatives(asked, book(asked), RULES, NOW) == []


@pytest.mark.parametrize("rules", [Rules(work_start=time(8, 45), work_end=time(17, 15)), Rules(buffer_min=0, travel_min=0)])
def test_other_hours_and_no_buffer(rules: Rules) -> None:
    asked = wish(slot(11, 14.5))
    facts = book(asked, visit("v1", slot(11, 14)))
    for offer in alternatives(asked, facts, rules, NOW, 6):
        assert rules.work_start <= offer.start.time()
        assert offer.end.time() <= rules.work_end
        assert decide(replace(asked, slot=offer), facts, rules, NOW).clear
