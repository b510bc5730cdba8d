"""The customer record, its number, its keys and the feed of changes."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from domain.model import Contact, Customer
from domain.refusal import Stale
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW, enter

pytestmark = pytest.mark.asyncio

WHOLE = Customer(
    id="k1",
    name="鼎盛机械有限公司",
    aliases=("鼎盛", "DS"),
    city="苏州",
    grade="A",
    owner="ann",
    co_owners=("ben", "cat"),
    stage="报价",
    status="active",
    locked=True,
    phones=("0512-66881234", "+86 138 0000 1111"),
    emails=("Info@DS.cn",),
    uscc="91320500ma1abcde2x",
    created=NOW,
    last_followup=NOW,
    protected_until=date(2026, 4, 10),
    contacts=(Contact("王总", "总经理", "13900002222", "wang@ds.cn"),),
    lat=31.3,
    lng=120.6,
    address="工业园区",
    extra={"来源": "展会", "n": 3},
)


async def test_the_whole_record_comes_back(store: Store) -> None:
    added = await store.run(lambda tx: tx.customers.add(WHOLE))
    assert added == replace(WHOLE, code="C-000001", version=1)
    assert await store.read(lambda tx: tx.customers.get("k1")) == added
    assert await store.read(lambda tx: tx.customers.by_code("c-000001")) == added
    assert await store.read(lambda tx: list(tx.customers.all())) == [added]


async def test_a_number_never_changes_and_is_never_given_twice(store: Store) -> None:
    def work(tx: Tx) -> list[str]:
        first = tx.customers.put(Customer("", "甲"))
        second = tx.customers.put(Customer("", "乙"))
        again = tx.customers.put(replace(first, name="丙", code="C-999999"))
        assert (again.id, again.version, again.name) == (first.id, 2, "丙")
        return [first.code, second.code, again.code]

    assert await store.run(work) == ["C-000001", "C-000002", "C-000001"]
    with pytest.raises(ValueError, match="exists"):
        await store.run(lambda tx: tx.customers.add(Customer("c1001", "丁")))


async def test_an_id_a_seed_took_is_not_given_again(store: Store) -> None:
    def work(tx: Tx) -> tuple[str, str]:
        tx.customers.add(Customer("c1001", "甲"))
        return tx.customers.add(Customer("", "乙")).id, tx.customers.add(Customer("", "丙")).id

    assert await store.run(work) == ("c1001x", "c1002")


async def test_keys_are_found_in_any_spelling_and_go_with_the_record(store: Store) -> None:
    def ask(tx: Tx) -> list[list[str]]:
        keys = [
            ("phone", "051266881234"),
            ("phone", "86-13800001111"),
            ("phone", "139 0000 2222"),
            ("email", "info@ds.cn "),
        ]
        return [tx.customers.by_key(*key) for key in (*keys, ("uscc", "91320500MA1ABCDE2X"), ("email", "13800001111"))]

    await store.run(lambda tx: tx.customers.add(WHOLE))
    assert await store.read(ask) == [["k1"]] * 5 + [[]]
    await store.run(lambda tx: tx.customers.put(replace(WHOLE, phones=(), emails=(), uscc="", contacts=())))
    assert await store.read(ask) == [[]] * 6


async def test_owners_and_pool(store: Store) -> None:
    def work(tx: Tx) -> tuple[list[str], list[str], list[str]]:
        tx.customers.add(WHOLE)
        tx.customers.add(Customer("k2", "公海客户", status="pool"))
        own, help_, pool = tx.customers.owned_by("ann"), tx.customers.helped_by("cat"), tx.customers.pool()
        return [c.id for c in own], [c.id for c in help_], [c.id for c in pool]

    assert await store.run(work) == (["k1"], ["k1"], ["k2"])
    assert await store.read(lambda tx: (tx.customers.count(), list(tx.customers.names()))) == (
        2,
        [("k1", "鼎盛机械有限公司", ("鼎盛", "DS")), ("k2", "公海客户", ())],
    )


async def test_an_expected_version_that_is_over_is_stale(store: Store) -> None:
    await store.run(enter)
    await store.run(lambda tx: tx.customers.put(Customer("c1", "甲公司"), expected=1))
    with pytest.raises(Stale):
        await store.run(lambda tx: tx.customers.put(Customer("c1", "乙公司"), expected=1))
    found = await store.read(lambda tx: tx.customers.get("c1"))
    assert found
    assert (found.name, found.version) == ("甲公司", 2)


async def test_the_feed_misses_nothing_under_concurrent_writes(store: Store) -> None:
    """Who asks again and again with the rev he got sees every record, though commits overtake one another."""
    seen: set[str] = set()

    async def follow() -> None:
        rev = 0
        while len(seen) < 60:
            rev, changed = await store.read(lambda tx, since=rev: tx.customers.changed_since(since))  # type: ignore[misc]
            seen.update(customer.id for customer in changed)

    async def write(n: int) -> None:
        await store.run(lambda tx: tx.customers.add(Customer(f"n{n}", f"客户{n}")))

    async with asyncio.timeout(30):
        await asyncio.gather(follow(), *(write(n) for n in range(60)))
    assert len(seen) == 60
    rev, changed = await store.read(lambda tx: tx.customers.changed_since(0))
    assert len(changed) == 60
    assert await store.read(lambda tx: tx.customers.changed_since(rev)) == (rev, [])
