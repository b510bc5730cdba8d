"""Visits: entering, changing, asking; overlap as a question and as a refusal of the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.desk import Busy
from domain.model import Leave, Visit
from domain.refusal import Refusal, Stale
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW, at, book, enter, slot, visit

pytestmark = pytest.mark.asyncio


def ids(visits: list[Visit]) -> list[str]:
    return [v.id for v in visits]


async def test_a_visit_comes_back_as_entered(store: Store) -> None:
    await store.run(enter)
    more: dict[str, Any] = {
        "mode": "online",
        "purpose": "二期报价",
        "contact": "王总",
        "location": "总部",
        "line": "A线",
        "agenda": "a\nb",
    }
    whole = visit(9, 10, participants=("ben", "ann", "ben"), source="forwarded", series="s1", checked_in=at(9.1), **more)
    made = await book(store, whole)
    assert made == replace(whole, id="v1001", customer_name="甲公司有限公司", participants=("ben",), version=1)
    assert await store.read(lambda tx: tx.visits.get("v1001")) == made
    assert await store.read(lambda tx: tx.visits.many(["v1001", "none"])) == {"v1001": made}


async def test_what_does_not_exist_or_lasts_too_long_is_not_entered(store: Store) -> None:
    await store.run(enter)
    for wrong in (visit(9, 10, rep="nobody"), visit(9, 10, customer="none"), visit(9, 10, participants=("nobody",))):
        with pytest.raises(ValueError, match="known"):
            await book(store, wrong)
    with pytest.raises(Refusal, match="24 小时"):
        await book(store, visit(0, 24.5))
    assert await book(store, visit(0, 24))


async def test_the_same_id_twice_is_an_error_and_no_overlap(store: Store) -> None:
    await store.run(enter)
    assert await book(store, visit(9, 10, id="v1"))
    with pytest.raises(ValueError, match="exists"):
        await book(store, visit(11, 12, id="v1"))


@pytest.mark.parametrize(
    ("second", "fits"),
    [
        (visit(9.5, 10.5, customer="c2"), False),  # the rep is taken
        (visit(9.5, 10.5, rep="ben"), False),  # the customer is taken
        (visit(8, 12, rep="ben"), False),
        (visit(9.25, 9.5, customer="c2"), False),
        (visit(9, 10, customer="c2", status="pending"), False),  # pending counts
        (visit(10, 11), True),  # right behind
        (visit(8, 9), True),  # right before
        (visit(9, 10, rep="ben", customer="c2"), True),
        (visit(9, 10, status="cancelled"), True),
        (visit(9, 10, customer="c2", overlap_ok=True), True),  # the manager overrode it
        (visit(9, 10, overlap_ok=True), False),  # the customer stays hard for everyone
    ],
)
async def test_the_database_refuses_an_overlap(store: Store, second: Visit, fits: bool) -> None:
    await store.run(enter)
    assert await book(store, visit(9, 10))
    assert (await book(store, second) is not None) is fits
    everything = await store.read(lambda tx: tx.visits.between(at(0), at(24), statuses=("planned", "pending", "cancelled")))
    assert len(everything) == 1 + fits


async def test_a_refusal_leaves_the_transaction_usable(store: Store) -> None:
    def work(tx: Tx) -> tuple[Visit | None, Visit | None, Visit | None]:
        first = tx.visits.add(visit(9, 10), at=NOW)
        assert first
        other = tx.visits.add(visit(11, 12), at=NOW)
        assert other
        refused = tx.visits.add(visit(9, 10), at=NOW)
        moved = tx.visits.save(replace(other, start=at(9), end=at(9.5)), 1, at=NOW)
        return refused, moved, tx.visits.save(replace(other, start=at(10), end=at(11)), 1, at=NOW)

    await store.run(enter)
    refused, moved, third = await store.run(work)
    assert (refused, moved) == (None, None)
    assert third
    assert (third.version, third.start) == (2, at(10))


async def test_a_restored_or_handed_over_visit_is_checked_again(store: Store) -> None:
    def work(tx: Tx) -> None:
        old = tx.visits.add(visit(9, 10), at=NOW)
        assert old
        gone = tx.visits.save(replace(old, status="cancelled"), 1, at=NOW)
        assert gone
        assert tx.visits.add(visit(9, 10, customer="c2"), at=NOW)
        assert tx.visits.save(replace(gone, status="planned"), 2, at=NOW) is None
        back = tx.visits.save(replace(gone, status="planned", rep="ben"), 2, at=NOW)
        assert back
        assert tx.visits.save(replace(back, rep="ann"), 3, at=NOW) is None
        assert tx.visits.save(replace(back, customer="c2"), 3, at=NOW) is None

    await store.run(enter)
    await store.run(work)


async def test_an_old_version_is_stale(store: Store) -> None:
    await store.run(enter)
    made = await book(store, visit(9, 10))
    assert made
    await store.run(lambda tx: tx.visits.save(replace(made, purpose="演示"), 1, at=NOW))
    with pytest.raises(Stale):
        await store.run(lambda tx: tx.visits.save(replace(made, purpose="别的"), 1, at=NOW))
    with pytest.raises(Stale):
        await store.run(lambda tx: tx.visits.save(replace(made, id="gone"), 1, at=NOW))


async def test_every_state_is_on_record(store: Store) -> None:
    def work(tx: Tx) -> Visit:
        first = tx.visits.add(visit(9, 10, participants=("ben",)), at=NOW, by="ann", why="booked")
        assert first
        later = NOW + timedelta(minutes=5)
        second = tx.visits.save(
            replace(first, start=at(14), end=at(15)), 1, at=later, by="boss", why="客户改期", by_customer=True
        )
        assert second
        tx.visits.save(replace(second, status="cancelled"), 2, at=later, by="ann")
        record = tx.visits.versions(first.id)
        assert [(n, v.start, v.status, by, why) for n, v, _, by, why in record] == [
            (1, at(9), "planned", "ann", "booked"),
            (2, at(14), "planned", "boss", "客户改期"),
            (3, at(14), "cancelled", "ann", ""),
        ]
        assert record[0][1] == first
        assert [moment for _, _, moment, _, _ in record] == [NOW, later, later]
        assert tx.visits.recent_changes("c1", NOW) == [(first.id, later, "客户改期")]
        assert tx.visits.recent_changes("c1", later + timedelta(seconds=1)) == []
        assert tx.visits.recent_changes("c2", NOW) == []
        return first

    await store.run(enter)
    await store.run(work)


async def test_busy_is_everything_that_fills_the_time(store: Store) -> None:
    def work(tx: Tx) -> None:
        a = tx.visits.add(visit(9, 10, participants=("ben",)), at=NOW)
        b = tx.visits.add(visit(10, 11, rep="ben", customer="c2"), at=NOW)
        c = tx.visits.add(visit(22, 46, rep="cat", customer="c2", day=-2), at=NOW)  # from the day before yesterday
        gone = tx.visits.add(visit(9, 10, rep="ben", customer="c2", status="cancelled"), at=NOW)
        leave = tx.leaves.add(Leave("", "ann", at(0, -40), at(9.5), "病假"))
        tx.leaves.add(Leave("", "ann", at(10), at(12)))
        assert a
        assert b
        assert c
        assert gone
        away, first = Busy("ann", slot(-40 * 24, 9.5), leave=leave.id), Busy("ann", a.slot, visit=a.id)
        assert tx.visits.busy(["ann"], slot(9, 10)) == [away, first]
        assert tx.visits.busy(["ann"], slot(9.5, 10)) == [first]
        assert tx.visits.busy(["ann"], slot(9, 10), but=a.id) == [away]
        both = [Busy("ben", a.slot, visit=a.id), Busy("ben", b.slot, visit=b.id)]
        assert tx.visits.busy(["ben", "cat"], slot(9, 11)) == both
        assert tx.visits.busy(["cat"], slot(21, 21.5, -1)) == [Busy("cat", c.slot, visit=c.id)]
        assert tx.visits.busy(["cat"], slot(22, 23, -1)) == []
        assert tx.visits.busy([], slot(9, 10)) == []
        assert tx.leaves.cancel(leave.id)
        assert not tx.leaves.cancel(leave.id)
        assert tx.visits.busy(["ann"], slot(8, 9.5)) == [first]

    await store.run(enter)
    await store.run(work)


async def test_declining_frees_and_is_remembered(store: Store) -> None:
    def work(tx: Tx) -> None:
        made = tx.visits.add(visit(9, 10, participants=("ben", "cat")), at=NOW)
        assert made
        assert tx.visits.answer(made.id, "ben", "accepted", at=NOW) == made
        assert tx.visits.answer(made.id, "ann", "declined", at=NOW) is None  # the rep is not asked
        less = tx.visits.answer(made.id, "cat", "declined", at=NOW)
        assert less == replace(made, participants=("ben",), version=2)
        assert tx.visits.answers(made.id) == {"ben": "accepted", "cat": "declined"}
        assert tx.visits.busy(["cat"], slot(9, 10)) == []
        assert tx.visits.of_person("cat", at(0), at(24)) == []
        again = tx.visits.save(replace(less, participants=("ben", "cat")), 2, at=NOW)
        assert again
        assert tx.visits.answers(made.id) == {"ben": "accepted", "cat": ""}
        assert len(tx.visits.busy(["cat"], slot(9, 10))) == 1

    await store.run(enter)
    await store.run(work)


async def test_questions_about_a_stretch_of_time(store: Store) -> None:
    def work(tx: Tx) -> None:
        for value in (
            visit(9, 10, id="a", participants=("ben",), status="done", series="s"),
            visit(23, 25, id="b", rep="ben", customer="c2", series="s"),
            visit(14, 15, id="c", status="cancelled"),
            visit(9, 10, id="d", day=1),
        ):
            assert tx.visits.add(value, at=NOW)
        of = tx.visits
        assert ids(of.of_person("ben", at(0), at(24))) == ["a", "b"]
        assert ids(of.of_person("ben", at(0), at(24), as_participant=False)) == ["b"]
        assert ids(of.of_person("ben", at(24), at(48))) == ["b"]
        assert ids(of.of_person("ann", at(0), at(24), statuses=("cancelled",))) == ["c"]
        assert ids(of.of_people(["ann", "ben"], at(0), at(24))) == ["a", "b"]
        assert ids(of.at_customer_between("c1", at(0), at(48))) == ["a", "d"]
        assert ids(of.between(at(24), at(48))) == ["b", "d"]
        assert ids(of.ended_between(at(10), at(25))) == ["b"]
        assert ids(of.ended_between(at(9), at(10))) == ["a"]
        assert ids(of.in_series("s")) == ["a", "b"]
        assert of.in_series("") == []
        assert (of.count_on_day("ben", at(0), at(24)), of.count_on_day("ben", at(0), at(24), but="a")) == (2, 1)
        assert ids(of.at_customer("c1", slot(9.5, 20))) == ["a"]
        last, following = of.last_at("c1", at(20)), of.next_of("ann", at(9.5))
        assert last
        assert following
        assert (last.id, following.id) == ("a", "d")

    await store.run(enter)
    await store.run(work)


async def test_what_stands_already_is_kept_until_it_is_moved(store: Store) -> None:
    """A seed's overlapping visits are stored; moving one brings the guard back."""

    def work(tx: Tx) -> None:
        assert tx.visits.add(visit(9, 10), at=NOW)
        double = tx.visits.add(visit(9, 10), at=NOW, standing=True)
        assert double
        assert double.overlap_ok
        noted = tx.visits.save(replace(double, purpose="演示"), 1, at=NOW)
        assert noted
        away = tx.visits.save(replace(noted, start=at(11), end=at(12)), 2, at=NOW)
        assert away
        assert tx.visits.save(replace(away, start=at(9), end=at(10)), 3, at=NOW) is None

    await store.run(enter)
    await store.run(work)
