"""Members, identities, hierarchy, groups."""

from dataclasses import replace

import pytest

from domain.model import Group, Member
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import MEMBERS, enter

pytestmark = pytest.mark.asyncio


async def test_a_member_comes_back_as_entered(store: Store) -> None:
    await store.run(enter)
    assert tuple(await store.read(lambda tx: tx.people.all())) == MEMBERS
    assert await store.read(lambda tx: tx.people.get("nobody")) is None
    assert set(await store.read(lambda tx: tx.people.many(("ann", "nobody", "ben")))) == {"ann", "ben"}


async def test_an_identity_is_found_in_any_case_and_follows_a_change(store: Store) -> None:
    def ask(tx: Tx) -> list[str | None]:
        found = [
            tx.people.by_platform(*pair) for pair in (("wecom", "aNn"), ("wecom", "new"), ("dingtalk", "D-1"), ("web", "ann"))
        ]
        return [member.id if member else None for member in found]

    await store.run(enter)
    assert await store.read(ask) == ["ann", None, "ann", "ann"]
    await store.run(lambda tx: tx.people.put(replace(MEMBERS[2], wecom="NEW")))
    assert await store.read(ask) == [None, "ann", "ann", "ann"]
    await store.run(lambda tx: tx.people.put(Member("dan", "丹丹", wecom="new")))
    assert await store.read(ask) == [None, "dan", "ann", "ann"]


async def test_who_left_is_found_by_id_only(store: Store) -> None:
    def leave(tx: Tx) -> None:
        enter(tx)
        tx.people.put(replace(MEMBERS[2], active=False))

    def ask(tx: Tx) -> tuple[object, ...]:
        people = tx.people
        return (
            people.get("ann"),
            people.by_platform("wecom", "ann"),
            people.named("小安"),
            [m.id for m in people.team("一组")],
        )

    await store.run(leave)
    assert await store.read(ask) == (replace(MEMBERS[2], active=False), None, [], ["boss", "ben"])
    assert len(await store.read(lambda tx: tx.people.all(inactive=True))) == len(MEMBERS)


async def test_names_up_and_down(store: Store) -> None:
    def ask(tx: Tx) -> list[list[str]]:
        people = tx.people
        answers = [people.named("安宁"), people.named("小安"), people.named("安"), people.managers_above("ann")]
        answers += [people.reports_of("dir"), people.reports_of("boss"), people.directors(), people.admins()]
        return [[member.id for member in answer] for answer in answers]

    await store.run(enter)
    down = ["boss", "ann", "ben", "cat"]
    assert await store.read(ask) == [["ann"], ["ann"], [], ["boss", "dir"], down, ["ann", "ben"], ["dir"], []]


async def test_a_circle_of_managers_ends(store: Store) -> None:
    def circle(tx: Tx) -> tuple[list[str], list[str]]:
        tx.people.put(Member("x", "甲", manager="y"))
        tx.people.put(Member("y", "乙", manager="x"))
        return [m.id for m in tx.people.managers_above("x")], [m.id for m in tx.people.reports_of("x")]

    assert await store.run(circle) == (["y"], ["y"])


async def test_groups_keep_their_order_and_their_chats(store: Store) -> None:
    east, west = Group("east", "华东", ("cat", "ann"), "一组"), Group("west", "华西", (), "二组")

    def ask(tx: Tx) -> None:
        tx.people.put_group(east)
        tx.people.put_group(west)
        tx.people.link_chat("west", "wecom", "wr123")
        assert tx.people.groups() == [east, west]
        assert tx.people.group_by_chat("wecom", "wr123") == west
        assert tx.people.group_by_chat("wecom", "east") == east
        assert tx.people.group_by_chat("dingtalk", "wr123") is None
        assert (tx.people.chat_of("west", "wecom"), tx.people.chat_of("east", "wecom")) == ("wr123", "east")
        assert tx.people.groups_of("ann") == [east]
        tx.people.put_group(replace(east, members=("ben",)))
        assert tx.people.groups_of("ann") == []
        assert tx.touched == {"groups"}

    await store.run(ask)
