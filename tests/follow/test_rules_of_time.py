"""Pure rules: cadence and pool days, collisions, late by the minute, routes."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain import cadence
from domain.collisions import Touch, collision
from domain.follow import Task, is_late
from domain.model import OFFICE, Customer, Visit
from domain.route import legs, metres_of, shortest
from domain.rules import Rules

RULES = Rules()
DAY = date(2026, 6, 10)


def customer(grade: str = "A", days: int = 0, **more: object) -> Customer:
    last = datetime(2026, 6, 10, 23, 59, tzinfo=OFFICE) - timedelta(days=days)
    base = Customer("c", "C", grade=grade, owner="o", last_followup=last)
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("grade", "limit"), [("A", 8), ("B", 31), ("C", 92)])
def test_overdue_from_the_day_its_cadence_is_reached(grade: str, limit: int) -> None:
    assert cadence.overdue(customer(grade, limit - 1), RULES, DAY) is None
    first = cadence.overdue(customer(grade, limit), RULES, DAY)
    assert first is not None
    assert (first.days, first.late, first.since, first.words) == (limit, 0, DAY, "今天起逾期")
    later = cadence.overdue(customer(grade, limit + 3), RULES, DAY)
    assert later is not None
    assert later.words == "逾期 3 天"
    assert cadence.next_contact(customer(grade, 0), RULES) == DAY + timedelta(days=limit - 1)


def test_days_are_calendar_days_of_the_office() -> None:
    late_evening = datetime(2026, 6, 2, 23, 59, tzinfo=OFFICE)
    assert cadence.overdue(customer(last_followup=late_evening), RULES, DAY) is not None
    assert cadence.overdue(customer(last_followup=late_evening + timedelta(minutes=1)), RULES, DAY) is None


def test_without_any_contact_the_entry_counts() -> None:
    entered = customer(last_followup=None, created=datetime(2026, 6, 2, 9, tzinfo=OFFICE))
    assert cadence.overdue(entered, RULES, DAY) is not None


@pytest.mark.parametrize("more", [{"grade": "D"}, {"grade": ""}, {"status": "lost"}, {"status": "pool"}, {"owner": None}])
def test_who_has_no_clock(more: dict[str, object]) -> None:
    quiet = replace(customer("A", 400), **more)  # type: ignore[arg-type]
    assert cadence.overdue(quiet, RULES, DAY) is None
    assert cadence.in_cadence(quiet, RULES, DAY) is None
    assert cadence.pool_day(quiet, RULES) is None


@pytest.mark.parametrize(("days", "step"), [(13, None), (14, 7), (17, 7), (18, 3), (20, 1), (21, None), (30, None)])
def test_the_steps_before_the_pool(days: int, step: int | None) -> None:
    assert cadence.warn_step(customer("A", days), RULES, DAY) == step


def test_lock_and_protection_go_before_the_pool() -> None:
    assert cadence.pool_day(customer("A", 300, locked=True), RULES) is None
    protected = customer("A", 300, protected_until=DAY + timedelta(days=5))
    assert cadence.pool_day(protected, RULES) == DAY + timedelta(days=6)
    claimed = customer("B", 300, protected_until=DAY + timedelta(days=30))  # claimed today
    assert cadence.pool_day(claimed, RULES) == DAY + timedelta(days=90)


def test_asleep_after_two_cadences() -> None:
    assert not cadence.asleep(customer("A", 16), RULES, DAY)
    assert cadence.asleep(customer("A", 17), RULES, DAY)
    assert not cadence.asleep(customer("C", 400), RULES, DAY)


def touch(days: int, rep: str) -> Touch:
    return Touch(DAY - timedelta(days=days), rep)


def test_three_touches_by_two_reps_in_seven_days() -> None:
    own = customer(co_owners=("co",))
    assert not collision([touch(0, "o"), touch(1, "o"), touch(2, "o")], own, RULES, DAY)
    assert not collision([touch(0, "o"), touch(1, "x")], own, RULES, DAY)
    assert len(collision([touch(0, "o"), touch(1, "x"), touch(6, "x")], own, RULES, DAY)) == 3
    assert not collision([touch(0, "o"), touch(1, "x"), touch(7, "x")], own, RULES, DAY)


def test_owner_and_co_owner_do_not_collide() -> None:
    own = customer(co_owners=("co",))
    assert not collision([touch(0, "o"), touch(1, "co"), touch(2, "co")], own, RULES, DAY)
    assert collision([touch(0, "o"), touch(1, "co"), touch(2, "x")], own, RULES, DAY)


@pytest.mark.parametrize(("seconds", "late"), [(-60, False), (0, False), (59, False), (60, True)])
def test_late_by_the_minute(seconds: int, late: bool) -> None:
    end = datetime(2026, 6, 10, 11, tzinfo=OFFICE)
    assert is_late(end + timedelta(hours=24, seconds=seconds), end, 24) is late


def test_a_task_is_in_time_until_its_minute() -> None:
    due = datetime(2026, 6, 10, 11, tzinfo=OFFICE)
    task = Task("t", "x", "o", due)
    assert task.in_time(due)
    assert not task.in_time(due + timedelta(seconds=1))
    assert replace(task, done=due, state="done").in_time(due + timedelta(days=9))
    assert task.overdue(due + timedelta(seconds=1))


# ---------------------------------------------------------------------- routes
def stop(id_: str, hour: int, lat: float | None, lng: float | None, mode: str = "onsite") -> tuple[Visit, Customer]:
    start = datetime(2026, 6, 10, hour, tzinfo=OFFICE)
    place = Customer(id_, id_, lat=lat, lng=lng)
    return Visit(id_, id_, id_, "o", start, start + timedelta(hours=1), mode=mode), place


def test_legs_say_what_can_not_be_made() -> None:
    near, far, call = stop("a", 9, 31.3, 120.6), stop("b", 11, 31.31, 120.6), stop("c", 13, 39.9, 116.4)
    first, second = legs([near, far, call], 30)
    assert first.possible
    assert 1300 < (first.metres or 0) < 1600
    assert not second.possible
    (online,) = legs([near, stop("d", 10, 39.9, 116.4, "online")], 30)
    assert online.possible
    (unknown,) = legs([near, stop("e", 10, None, None)], 30)
    assert (unknown.metres, unknown.needed, unknown.possible) == (None, 30, False)


def test_the_shortest_order_is_no_longer_than_any_other() -> None:
    places = [
        Customer(n, n, lat=31 + lat, lng=120 + lng) for n, lat, lng in (("a", 0, 0), ("b", 0.5, 0), ("c", 0.1, 0), ("d", 0.4, 0))
    ]
    assert [c.id for c in shortest(places)] in (["a", "c", "d", "b"], ["b", "d", "c", "a"])
    many = [Customer(str(n), str(n), lat=31 + n * 7 % 11 / 10, lng=120.0) for n in range(11)]
    assert sorted(c.id for c in shortest(many)) == sorted(c.id for c in many)
    assert (metres_of(shortest(many)) or 0) <= (metres_of(many) or 0)
