"""The seed file: everything in it, once, or one clear line."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from domain.model import Contact
from storage.seed import SeedError, seed_store
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW, at

pytestmark = pytest.mark.asyncio

SEED: dict[str, Any] = {
    "members": [
        {"id": "ann", "name": "安宁", "manager": "boss", "team": "一组", "aliases": ["小安"], "dingtalk": "D1"},
        {"id": "boss", "name": "陈静", "role": "manager", "unknown": 1},
    ],
    "groups": [{"id": "east", "name": "华东", "members": ["ann", "boss"], "team": "一组"}],
    "customers": [
        {
            "id": "c1",
            "name": "甲公司",
            "owner": "ann",
            "phones": ["0512-66881234"],
            "created": "2026-02-20T23:30:00+08:00",
            "last_followup": "2026-03-01T10:00:00+08:00",
            "contacts": [{"name": "王总", "title": "总经理", "phone": "13800001111", "email": ""}],
            "lat": 31,
        },
        {"id": "c2", "name": "乙公司", "owner": None, "status": "pool"},
    ],
    "visits": [
        {
            "id": "v1",
            "customer": "c1",
            "rep": "ann",
            "start": "2026-03-11T15:00:00+08:00",
            "end": "2026-03-11T08:00:00+00:00",
        },
        {
            "id": "v2",
            "customer": "c1",
            "rep": "ann",
            "start": "2026-03-11T15:30:00+08:00",
            "end": "2026-03-11T16:30:00+08:00",
        },
    ],
    "followups": [
        {"customer": "c1", "by": "ann", "at": "2026-03-05T10:00:00+08:00"},
        {"customer": "c1", "by": "ann", "at": "2026-02-01T10:00:00+08:00"},
    ],
}


async def test_everything_in_it_is_there(store: Store) -> None:
    def look(tx: Tx) -> None:
        ann, c1, c2 = tx.people.get("ann"), tx.customers.get("c1"), tx.customers.get("c2")
        assert ann
        assert c1
        assert c2
        assert (ann.wecom, ann.dingtalk, ann.manager) == ("ann", "D1", "boss")
        assert [group.members for group in tx.people.groups()] == [("ann", "boss")]
        assert (c1.protected_until, c1.last_followup) == (date(2026, 3, 22), at(10, -6))
        assert (c1.contacts, c1.phones, c1.lat) == (
            (Contact("王总", "总经理", "13800001111"),),
            ("0512-66881234",),
            31.0,
        )
        assert (c2.owner, c2.status, c2.protected_until, c2.created) == (None, "pool", None, NOW)
        found = tx.visits.between(at(0), at(24))
        assert [(v.id, v.start, v.end, v.overlap_ok) for v in found] == [
            ("v1", at(15), at(16), False),
            ("v2", at(15.5), at(16.5), True),
        ]

    await seed_store(store, SEED, NOW)
    await store.read(look)


async def test_ids_that_exist_are_left_alone(store: Store) -> None:
    again = deepcopy(SEED)
    again["members"][0]["name"] = again["customers"][0]["name"] = "别的"
    again["customers"].append({"id": "c3", "name": "丙公司"})
    await seed_store(store, SEED, NOW)
    before = await store.read(lambda tx: tx.customers.get("c1"))
    await seed_store(store, again, NOW)
    assert await store.read(lambda tx: tx.customers.get("c1")) == before
    names = await store.read(lambda tx: ([m.name for m in tx.people.all()], tx.customers.count()))
    assert names == (["安宁", "陈静"], 3)


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        (("members", 0, "role"), "king", "members[0].role: must be one of rep, manager, director, admin, not 'king'"),
        (("members", 0, "name"), "", "members[0].name: is missing"),
        (("members", 0, "manager"), "nobody", "members[0].manager: there is no member 'nobody'"),
        (("members", 1, "wecom"), "ANN", "members[1].wecom: 'ANN' is already 'ann'"),
        (("members",), {"a": 1}, "members: must be a list"),
        (("members", 0), "ann", "members[0]: must be an object, not 'ann'"),
        (("members", 0, "aliases"), [1], "members[0].aliases: must be a list of texts, not [1]"),
        (("groups", 0, "members"), ["cat"], "groups[0].members: there is no member 'cat'"),
        (("customers", 0, "created"), "soon", "customers[0].created: no time: 'soon'"),
        (("customers", 0, "locked"), "yes", "customers[0].locked: must be true or false, not 'yes'"),
        (("customers", 0, "lat"), "31", "customers[0].lat: must be a number, not '31'"),
        (("customers", 0, "contacts", 0, "phone"), 138, "customers[0].contacts[0].phone: must be text, not 138"),
        (("customers", 1, "status"), "gone", "customers[1].status: must be one of active, pool, lost, won, not 'gone'"),
        (("visits", 0, "customer"), "c9", "visits[0].customer: there is no customer 'c9'"),
        (
            ("visits", 0, "end"),
            "2026-03-11T15:00:00+08:00",
            "visits[0].end: must be later than start, by 24 hours at most",
        ),
        (("visits", 0, "start"), None, "visits[0].start: is missing"),
        (("followups", 1, "by"), "cat", "followups[1].by: there is no member 'cat'"),
        (("followups", 1, "at"), None, "followups[1].at: is missing"),
    ],
)
async def test_a_mistake_is_named_and_nothing_stays(store: Store, place: tuple[Any, ...], value: object, line: str) -> None:
    wrong = deepcopy(SEED)
    inner: Any = wrong
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(SeedError) as caught:
        await seed_store(store, wrong, NOW)
    assert str(caught.value) == line
    assert await store.read(lambda tx: (tx.people.all(), tx.customers.count())) == ([], 0)
