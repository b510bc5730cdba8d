"""Jobs, drafts, deeds, events, conflicts, approvals, settings."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.desk import Approval, Clash, Deed, Draft, Job
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW

pytestmark = pytest.mark.asyncio

MIN = timedelta(minutes=1)


async def test_a_job_is_planned_and_taken_once(store: Store) -> None:
    def work(tx: Tx) -> None:
        second = Job("k2", "visit_end", "visit:1", NOW, {"n": 1})
        first = Job("k1", "visit_reminder", "visit:1", NOW - MIN)
        assert [tx.jobs.plan(job) for job in (second, first, second)] == [True, True, False]
        assert tx.jobs.of("visit:1") == [first, second]
        assert tx.jobs.next_due() == NOW - MIN
        assert tx.jobs.take_due(NOW - 2 * MIN, 10) == []
        assert tx.jobs.take_due(NOW, 1) == [first]
        assert tx.jobs.take_due(NOW, 10) == [second]
        assert (tx.jobs.take_due(NOW, 10), tx.jobs.next_due()) == ([], None)
        assert not tx.jobs.plan(first)
        assert tx.jobs.move("k1", NOW + MIN)
        assert not tx.jobs.move("k9", NOW)
        assert tx.jobs.take_due(NOW + MIN, 10) == [replace(first, due=NOW + MIN)]
        assert tx.jobs.forget(NOW + 2 * MIN) == 2

    await store.run(work)


async def test_dropped_jobs_may_be_planned_again(store: Store) -> None:
    def work(tx: Tx) -> None:
        jobs = [Job(f"k{n}", kind, "visit:1", NOW) for n, kind in enumerate(("a", "b", "b"))]
        assert all(map(tx.jobs.plan, jobs))
        assert tx.jobs.drop("visit:1", "b") == 2
        assert tx.jobs.of("visit:1") == jobs[:1]
        assert tx.jobs.get("k0") == jobs[0]
        assert tx.jobs.drop("visit:1") == 1
        assert tx.jobs.get("k0") is None
        assert tx.jobs.plan(jobs[0])

    await store.run(work)


async def test_jobs_are_shared_between_transactions(store: Store) -> None:
    await store.run(lambda tx: [tx.jobs.plan(Job(f"k{n}", "x", "s", NOW)) for n in range(40)])
    found = await asyncio.gather(*(store.run(lambda tx: tx.jobs.take_due(NOW, 10)) for _ in range(8)))
    keys = [job.key for part in found for job in part]
    assert sorted(keys) == sorted(f"k{n}" for n in range(40))


async def test_a_failing_job_is_due_again(store: Store) -> None:
    def fail(tx: Tx) -> None:
        assert tx.jobs.take_due(NOW, 10)
        raise RuntimeError("before the commit")

    await store.run(lambda tx: tx.jobs.plan(Job("k", "x", "s", NOW)))
    with pytest.raises(RuntimeError):
        await store.run(fail)
    assert len(await store.run(lambda tx: tx.jobs.take_due(NOW, 10))) == 1


async def test_once_is_once(store: Store) -> None:
    found = await asyncio.gather(*(store.run(lambda tx: tx.jobs.once("push 2026-03-11")) for _ in range(10)))
    assert sorted(found) == [False] * 9 + [True]


async def test_the_newest_open_question_counts(store: Store) -> None:
    def work(tx: Tx) -> None:
        ask = {"intent": "visit.book", "slots": {"customer": "宏远"}}
        wish = Draft("", "ann", "u:ann", "visit.book", "time", ask, {"n": 1}, NOW, NOW + 10 * MIN)
        first = tx.talk.save(wish)
        second = tx.talk.save(replace(wish, question="customer", expires=None))
        tx.talk.save(replace(wish, question=""))
        tx.talk.save(replace(wish, chat="g:east"))
        assert tx.talk.get(first.id) == first == replace(wish, id=first.id)
        assert tx.talk.open("ann", "u:ann", NOW) == second
        assert tx.talk.open("ben", "u:ann", NOW) is None
        again = tx.talk.save(replace(first, question="settle"))
        assert tx.talk.open("ann", "u:ann", NOW) == again
        assert tx.talk.open("ann", "u:ann", NOW + 10 * MIN) == second
        assert tx.talk.close(second.id, "done")
        assert not tx.talk.close(second.id, "dropped")
        assert tx.talk.open("ann", "u:ann", NOW + 10 * MIN) is None

    await store.run(work)


async def test_a_deed_is_undone_once(store: Store) -> None:
    def work(tx: Tx) -> None:
        old = tx.talk.did(Deed("", "ann", "u:ann", "visit.booked", NOW, {"visit": "v1"}))
        new = tx.talk.did(Deed("", "ann", "u:ann", "visit.cancelled", NOW, {}))
        assert tx.talk.last("ann", NOW) == new
        assert tx.talk.last("ann", NOW, "visit.booked") == old
        assert tx.talk.last("ann", NOW + MIN) is None
        assert tx.talk.last("ben", NOW) is None
        assert [tx.talk.undo(new.id), tx.talk.undo(new.id), tx.talk.undo("none")] == [True, False, False]
        assert tx.talk.deed(new.id) == replace(new, undone=True)
        assert tx.talk.last("ann", NOW) == old
        assert tx.talk.noted("ann", "customer") is None
        tx.talk.note("ann", "customer", "c1")
        tx.talk.note("ann", "customer", ["c2"])
        assert tx.talk.noted("ann", "customer") == ["c2"]

    await store.run(work)


async def test_events_are_read_in_order(store: Store) -> None:
    def work(tx: Tx) -> list[int]:
        first = tx.log.event("visit.booked", {"visit": {"id": "v1"}}, NOW, "ann", chat="u:ann", platform="wecom", message="m")
        return [first, tx.log.event("rule.changed", {}, NOW + MIN)]

    first, second = await store.run(work)
    events = await store.read(lambda tx: tx.log.after(0))
    assert [event.id for event in events] == [first, second]
    assert (events[0].data, events[0].who, events[0].chat, events[0].platform) == (
        {"visit": {"id": "v1"}},
        "ann",
        "u:ann",
        "wecom",
    )
    assert (events[0].at, events[0].message, events[0].source) == (NOW, "m", "")
    assert await store.read(lambda tx: tx.log.after(first)) == events[1:]
    assert await store.read(lambda tx: tx.log.after(0, limit=1)) == events[:1]
    assert await store.read(lambda tx: tx.log.of_message("wecom", "m")) == events[:1]
    assert await store.read(lambda tx: tx.log.named(["rule.changed"], NOW, NOW + 2 * MIN)) == events[1:]


async def test_a_reader_of_events_misses_none(store: Store) -> None:
    seen: list[int] = []

    async def follow() -> None:
        while len(seen) < 60:
            last = seen[-1] if seen else 0
            seen.extend(e.id for e in await store.read(lambda tx, last=last: tx.log.after(last)))  # type: ignore[misc]

    async with asyncio.timeout(30):
        await asyncio.gather(follow(), *(store.run(lambda tx: tx.log.event("x", {}, NOW)) for _ in range(60)))
    assert seen == sorted(set(seen))
    assert len(seen) == 60


async def test_a_conflict_is_kept_and_resolved_once(store: Store) -> None:
    def work(tx: Tx) -> None:
        others = ({"visit": "v1", "rep": "ben", "start": "x"}, {"visit": None, "rep": "cat"})
        clash = tx.conflicts.add(Clash("", ("rep_overlap", "buffer"), True, "ann", "c1", NOW, {"mode": "online"}, others))
        assert tx.conflicts.get(clash.id) == clash
        assert tx.conflicts.open_between(["v0", "v1"]) == [clash]
        assert tx.conflicts.open_between(["v0"]) == []
        day = (NOW, NOW + MIN)
        assert tx.conflicts.list(*day) == tx.conflicts.list(*day, people=["cat"]) == tx.conflicts.list(*day, ["ann"]) == [clash]
        assert tx.conflicts.list(*day, people=["dan"]) == tx.conflicts.list(*day, people=[]) == []
        assert tx.conflicts.resolve(clash.id, "moved", "v2", NOW + MIN)
        assert not tx.conflicts.resolve(clash.id, "dropped", "", NOW + MIN)
        assert tx.conflicts.get(clash.id) == replace(clash, by="moved", visit="v2", resolved=NOW + MIN)
        assert tx.conflicts.open_between(["v1"]) == []

    await store.run(work)


async def test_an_approval_is_decided_once(store: Store) -> None:
    def work(tx: Tx) -> None:
        asked = Approval("", "third_team", "ann", ("boss", "dir"), {"visit": "v1"}, at=NOW, expires=NOW + MIN)
        one = tx.approvals.add(asked)
        two = tx.approvals.add(replace(asked, kind="transfer", subject={"customer": "c1"}, approvers=("dir",)))
        assert tx.approvals.get(one.id) == one
        assert tx.approvals.waiting_for("dir") == [one, two]
        assert tx.approvals.waiting_for("boss") == [one]
        assert tx.approvals.asked_by("ann") == [one, two]
        assert tx.approvals.pending("transfer") == [two]
        assert tx.approvals.pending(subject_visit="v1") == [one]
        assert tx.approvals.pass_on(one.id, ("dir",), None)
        assert tx.approvals.waiting_for("boss") == []
        assert tx.approvals.decide(one.id, "rejected", "dir", NOW + MIN, "太近")
        assert not tx.approvals.decide(one.id, "approved", "dir", NOW)
        assert not tx.approvals.pass_on(one.id, ("boss",), None)
        done = replace(
            one, approvers=("dir",), expires=None, status="rejected", decided_by="dir", decided=NOW + MIN, reason="太近"
        )
        assert tx.approvals.get(one.id) == done
        assert tx.approvals.all(NOW) == [done, two]
        assert tx.approvals.all(NOW + MIN) == []

    await store.run(work)


async def test_settings_and_alarms(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.settings.set_company("buffer_min", 30, NOW, "dir")
        tx.settings.set_company("buffer_min", 20, NOW, "dir")
        tx.settings.set_company("purposes", ["签约"], NOW, "dir")
        tx.settings.set_company("purposes", None, NOW, "dir")
        assert tx.settings.all_company() == {"buffer_min": 20}
        assert (tx.settings.company("buffer_min"), tx.settings.company("purposes")) == (20, None)
        tx.settings.set_personal("ann", "remind_before_min", 15)
        tx.settings.set_personal("ann", "remind_before_min", 10)
        assert (tx.settings.personal("ann", "remind_before_min"), tx.settings.personal("ben", "remind_before_min")) == (
            10,
            None,
        )
        tx.settings.set_personal("ann", "remind_before_min", None)
        assert tx.settings.personal("ann", "remind_before_min") is None
        assert [tx.settings.raise_alarm("churn 一组", NOW) for _ in range(2)] == [True, False]
        assert [tx.settings.clear_alarm("churn 一组") for _ in range(2)] == [True, False]
        assert tx.settings.raise_alarm("churn 一组", NOW)

    await store.run(work)
