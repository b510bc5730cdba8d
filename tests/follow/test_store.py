"""Storage of follow-ups, tasks, reports and evidence, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.follow import CheckIn, Followup, Photo, Report, Task
from domain.model import OFFICE
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import enter, visit

NOW = datetime(2026, 3, 11, 10, tzinfo=OFFICE)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


async def test_followups_come_back_as_they_were_and_by_every_question(store: Store) -> None:
    whole = Followup(
        "", "c1", "ann", at(-2), "phone", "谈价格", "要比较", "发方案", at(48), True, "standing", "王总", "", "", "chat"
    )

    def work(tx: Tx) -> None:
        enter(tx)
        one = tx.followups.add(whole)
        assert tx.followups.get(one.id) == one == replace(whole, id=one.id)
        idle = tx.followups.add(Followup("f9", "c1", "ben", at(-1), "wechat", "早安", valid=False))
        open_ = tx.followups.add(Followup("", "c2", "ben", at(0), state="disputed"))
        gone = tx.followups.add(Followup("", "c1", "ann", at(1), state="void"))
        assert tx.followups.of_customer("c1") == [idle, one]
        assert tx.followups.of_customer("c1", valid_only=True) == [one]
        assert tx.followups.last_of("c1") == one
        assert tx.followups.last_of("c1", before=one.at) is None
        assert tx.followups.by_person("ben", at(-5), at(5)) == [idle, open_]
        assert tx.followups.between(at(-2), at(0)) == [one, idle]
        assert tx.followups.of_customers(["c1", "c2"], at(-5), at(5)) == [one, idle, open_]
        assert tx.followups.disputed() == [open_]
        assert tx.followups.save(replace(open_, state="standing"))
        assert tx.followups.disputed() == []
        assert tx.followups.move("c1", "c2") == 3
        assert tx.followups.of_customer("c1") == []
        assert gone.state == "void"

    await store.run(work)


async def test_tasks_by_due_time_and_closed_once(store: Store) -> None:
    def work(tx: Tx) -> None:
        enter(tx)
        late = tx.tasks.add(Task("", "回电话", "ann", at(-1), "c1", data={"a": 1}), NOW)
        open_ = tx.tasks.add(Task("", "没有期限", "ann"), NOW)
        soon = tx.tasks.add(Task("", "发方案", "ann", at(3), "c1", "v1", "promise", by="ben"), NOW)
        assert tx.tasks.get(soon.id) == soon
        assert tx.tasks.open_of("ann") == [late, soon, open_]
        assert tx.tasks.open_of("ann", due_before=NOW) == [late]
        assert tx.tasks.overdue(["ann", "ben"], NOW) == [late]
        assert tx.tasks.due_between(at(0), at(9)) == [soon]
        assert tx.tasks.due_between(at(0), at(9), ["ben"]) == []
        assert tx.tasks.of_customer("c1", kind="promise") == [soon]
        assert tx.tasks.of_visit("v1") == [soon]
        assert tx.tasks.of_visit("") == []
        assert tx.tasks.close(soon.id, "done", at(1))
        assert not tx.tasks.close(soon.id, "cancelled", at(2))
        done = tx.tasks.get(soon.id)
        assert done is not None
        assert (done.state, done.done, done.touched) == ("done", at(1), True)
        assert tx.tasks.reopen(soon.id)
        assert tx.tasks.hand_over("ann", "ben", "c1") == 2
        assert [t.id for t in tx.tasks.open_of("ben")] == [late.id, soon.id]

    await store.run(work)


async def test_one_report_a_visit_and_every_state_of_it(store: Store) -> None:
    def work(tx: Tx) -> None:
        enter(tx)
        done = tx.visits.add(visit(8, 9, status="done", id="v1"), at=NOW)
        tx.visits.add(visit(9, 10, status="done", id="v2", customer="c2"), at=NOW)
        tx.visits.add(visit(12, 13, id="v3"), at=NOW)
        assert done is not None
        assert [v.id for v in tx.reports.missing(None, at(-24), NOW)] == ["v1", "v2"]
        assert [v.id for v in tx.reports.missing(["ben"], at(-24), NOW)] == []
        filed = tx.reports.file(Report("v1", "c1", "ann", NOW, False, "聊了", {"budget": 5}))
        assert filed == tx.reports.get("v1")
        assert tx.reports.file(Report("v1", "c1", "ben", NOW)) is None
        assert [v.id for v in tx.reports.missing(["ann"], at(-24), NOW)] == ["v2"]
        new = tx.reports.update("v1", "聊了价格", {"budget": 6}, "ben", at(1))
        assert new is not None
        assert (new.version, new.at, new.by, new.fields) == (2, NOW, "ann", {"budget": 6})
        assert [(n, by, f["budget"]) for n, by, _, _, f in tx.reports.versions("v1")] == [(1, "ann", 5), (2, "ben", 6)]
        assert tx.reports.withdraw("v1")
        again = tx.reports.file(Report("v1", "c1", "ann", at(2)))
        assert again is not None
        assert [n for n, *_ in tx.reports.versions("v1")] == [1, 2, 3]
        assert tx.reports.between(at(1), at(3)) == [again]
        assert tx.reports.of_customer("c1") == [again]

    await store.run(work)


async def test_a_better_check_in_replaces_a_weaker_one_only(store: Store) -> None:
    def work(tx: Tx) -> None:
        words = CheckIn("v1", "ann", NOW, False)
        far, near = replace(words, distance_m=9000), replace(words, verified=True, distance_m=20)
        assert tx.evidence.check_in(words)
        assert tx.evidence.check_in(far)
        assert not tx.evidence.check_in(words)
        assert tx.evidence.check_in(near)
        assert not tx.evidence.check_in(far)
        assert tx.evidence.of_visit("v1") == near

    await store.run(work)


async def test_the_same_picture_is_found_within_six_bits(store: Store) -> None:
    def work(tx: Tx) -> None:
        base = 0x0F1E_2D3C_4B5A_6978
        kept = tx.evidence.add_photo(Photo("", "v1", "ann", NOW, base, "a.jpg"))
        six = base ^ 0b1 ^ 1 << 16 ^ 1 << 17 ^ 1 << 33 ^ 1 << 50 ^ 1 << 51
        assert tx.evidence.like(six) == [kept]
        assert tx.evidence.like(six ^ 1 << 5) == []
        assert tx.evidence.like(base, but_visit="v1") == []
        assert tx.evidence.photos_of("v1") == [kept]
        high = tx.evidence.add_photo(Photo("", "v2", "ann", NOW, (1 << 64) - 1))
        assert tx.evidence.like((1 << 64) - 1) == [high]

    await store.run(work)


async def test_the_silent_ones(store: Store) -> None:
    def work(tx: Tx) -> None:
        enter(tx)
        for n, days in enumerate((3, 8, 9, 40)):
            known = tx.customers.get("c1")
            assert known is not None
            new = replace(known, id=f"x{n}", code="", grade="A", owner="ann", last_followup=NOW - days * DAY)
            tx.customers.add(new)
        assert tx.followups.silent(("A",), None, NOW - 8 * DAY + timedelta(seconds=1)) == ["x3", "x2", "x1"]
        assert tx.followups.silent(("A",), NOW - 9 * DAY, NOW - 7 * DAY) == ["x2", "x1"]
        assert tx.followups.silent(("B",), None, NOW) == []

    await store.run(work)
