"""Reminders: when they are planned, and when they are still worth sending (R93, D9, promise 4)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.reminders import lead, plan, worth_sending
from tests.domain.office import RULES, at, slot, visit

VISIT = visit("v1", slot(11, 14))
DUE = at(11, 13)


@pytest.mark.parametrize(
    ("lead_min", "now", "due"),
    [
        (60, at(10, 9), DUE),
        (60, at(11, 12, 59), DUE),
        (60, at(11, 13), None),
        (60, at(11, 13, 1), None),
        (120, at(11, 12, 30), None),
        (1440, at(9, 9), at(10, 14)),
        (0, at(10, 9), None),
        (-5, at(10, 9), None),
    ],
)
def test_plan(lead_min: int, now: datetime, due: datetime | None) -> None:
    assert plan(VISIT, lead_min, now) == due


@pytest.mark.parametrize("status", ["pending", "done", "missed", "empty", "cancelled"])
def test_only_a_firm_visit_is_reminded_of(status: str) -> None:
    other = replace(VISIT, status=status)
    assert plan(other, 60, at(10, 9)) is None
    assert worth_sending(other, VISIT.version, DUE, DUE) == "drop"


@pytest.mark.parametrize(
    ("late", "word"), [(0, "send"), (60, "send"), (61, "late"), (3599, "late"), (3600, "drop"), (7200, "drop")]
)
def test_on_time_late_or_not_at_all(late: int, word: str) -> None:
    assert worth_sending(VISIT, 1, DUE, DUE + timedelta(seconds=late)) == word


def test_a_moved_or_vanished_visit_is_dropped() -> None:
    moved = replace(VISIT, version=2, start=at(11, 16), end=at(11, 17))
    assert worth_sending(moved, 1, DUE, DUE) == "drop"
    assert worth_sending(moved, 1, DUE, DUE, planned_start=VISIT.start) == "drop"
    assert worth_sending(None, 1, DUE, DUE) == "drop"


def test_a_new_purpose_costs_no_reminder_where_the_start_is_known() -> None:
    edited = replace(VISIT, version=2, purpose="合同谈判")
    assert worth_sending(edited, 1, DUE, DUE) == "drop"
    assert worth_sending(edited, 1, DUE, DUE, planned_start=VISIT.start) == "send"


def test_the_customer_goes_before_the_person_before_the_default() -> None:
    assert lead(None, None, RULES) == 60
    assert lead(None, 120, RULES) == 120
    assert lead(30, 120, RULES) == 30
    assert lead(0, 120, RULES) == 0
