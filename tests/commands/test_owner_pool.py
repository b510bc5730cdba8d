"""Protection, claims and the way to the pool (R54, R55, D21, contract.md 7b)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from domain.model import OFFICE
from nlp.said import Said
from storage.store import Store
from tests.talking import NOW, Chat, office, start

pytestmark = pytest.mark.asyncio


def at(day: int, clock: str = "09:00", month: int = 6) -> datetime:
    """A moment of 2026."""
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=OFFICE)


async def begin(store: Store, visits: list[dict[str, Any]] | None = None, **customers: dict[str, Any]) -> Chat:
    """The small office with changed customers, no visits but these."""
    seed = office()
    for c in seed["customers"]:
        c.update(customers.get(c["id"], {}))
    seed["visits"] = visits or []
    return await start(store, seed, NOW)


@pytest_asyncio.fixture
async def quiet(store: Store) -> AsyncIterator[Chat]:
    yield await begin(store)


async def test_a_claim_takes_the_customer_and_the_loser_hears_who_and_when(quiet: Chat) -> None:
    text = await quiet.reply("duwei", "东方我来跟")
    assert "已认领：东方" in text
    assert "1/5" in text
    assert "7月9日" in text
    await quiet.advance(at(9, "10:00"))
    text = await quiet.reply("hanmei", "认领东方")
    assert all(word in text for word in ("无权", "杜伟", "6月9日 周二 09:00", "7月9日"))
    assert quiet.named("access.denied")[-1] == {"action": "owner.claim", "object": "k6"}
    assert len(quiet.named("customer.claimed")) == 1


async def test_the_undone_claim_is_in_the_pool_again_and_does_not_count(quiet: Chat) -> None:
    await quiet.says("duwei", "认领东方")
    await quiet.says("duwei", "撤销")
    assert quiet.named("customer.released")[-1]["from"] == "duwei"
    text = await quiet.reply("duwei", "认领东方")
    assert "1/5" in text


async def test_the_sixth_claim_of_a_day_names_the_rule_and_the_next_day(store: Store) -> None:
    free: dict[str, Any] = {f"k{i}": {"owner": None, "status": "pool", "locked": False} for i in range(1, 8)}
    chat = await begin(store, **free)
    for i in range(1, 6):
        await chat.says("lujia", f"/owner.claim customer_id=k{i}")
    text = await chat.reply("lujia", "/owner.claim customer_id=k6")
    assert "上限 5" in text
    assert "6月10日" in text
    assert len(chat.named("customer.claimed")) == 5
    await chat.advance(at(10))
    assert "已认领" in await chat.reply("lujia", "/owner.claim customer_id=k6")


async def test_who_gave_a_customer_up_waits_for_the_cool_down(quiet: Chat) -> None:
    await quiet.says("hanmei", "把飞燕退回公海")
    await quiet.advance(at(15, "20:00"))
    text = await quiet.reply("hanmei", "认领飞燕")
    assert "冷却期到 6月16日" in text
    assert "已认领" in await quiet.reply("duwei", "认领飞燕")
    await quiet.says("duwei", "把飞燕退回公海")
    await quiet.advance(at(16))
    assert "已认领" in await quiet.reply("hanmei", "认领飞燕")


async def test_protection_refuses_transfer_with_its_last_day_and_ends_with_it(store: Store) -> None:
    chat = await begin(store, k1={"created": "2026-05-20T10:00:00+08:00"})
    text = await chat.reply("duwei", "申请把金桥转给我")
    assert "无权" in text
    assert "6月19日" in text
    assert not chat.named("approval.requested")
    await chat.advance(at(19, "12:00"))
    assert "无权" in await chat.reply("duwei", "申请把金桥转给我")
    await chat.advance(at(20, "12:00"))
    await chat.says("duwei", "申请把金桥转给我")
    (asked,) = chat.named("approval.requested")
    assert asked["approval"]["approvers"] == ["qinlan"]


async def test_a_b_customer_goes_to_the_pool_on_its_ninetieth_day(store: Store) -> None:
    chat = await begin(store, k1={"last_followup": "2026-03-13T18:00:00+08:00"})  # + 90 days = Thursday 11 June
    await chat.advance(at(10, "23:00"))
    assert not chat.named("customer.released")
    await chat.advance(at(11, "08:31"))
    (gone,) = chat.named("customer.released")
    assert (gone["customer"]["id"], gone["customer"]["status"], gone["customer"]["owner"], gone["from"]) == (
        "k1",
        "pool",
        None,
        "hanmei",
    )
    assert any("金桥" in t and "公海" in t for t in chat.to("hanmei", "push"))
    assert any("金桥" in t for t in chat.to("qinlan", "push"))
    await chat.advance(at(12))
    assert len(chat.named("customer.released")) == 1


async def test_nothing_with_a_visit_ahead_goes(store: Store) -> None:
    start_, end = at(25, "10:00"), at(25, "11:00")
    visit = {
        "id": "w9",
        "customer": "k1",
        "rep": "hanmei",
        "start": start_.isoformat(),
        "end": end.isoformat(),
        "status": "planned",
    }
    chat = await begin(store, [visit], k1={"last_followup": "2026-03-12T10:00:00+08:00"})
    await chat.advance(at(16))
    assert not chat.named("customer.released")
    assert sum("暂不释放" in t for t in chat.to("hanmei")) == 1
    await chat.says("hanmei", "/visit.cancel visit_id=w9 sure=1")
    await chat.advance(at(17))
    assert [e["customer"]["id"] for e in chat.named("customer.released")] == ["k1"]


async def test_only_a_valid_followup_resets_the_clock(store: Store) -> None:
    chat = await begin(
        store, k1={"last_followup": "2026-03-13T18:00:00+08:00"}, k3={"last_followup": "2026-03-13T18:00:00+08:00"}
    )
    await chat.says("hanmei", "/followup.add customer_id=k1 content=打电话没接 channel=phone next=再打")
    await chat.says("duwei", "/followup.add customer_id=k3 content=电话里确认了采购计划 channel=phone next=周五报价")
    await chat.advance(at(11))
    assert [e["customer"]["id"] for e in chat.named("customer.released")] == ["k1"]


@pytest.mark.parametrize(
    "change", [{"locked": True}, {"grade": "D"}, {"status": "won"}, {"created": "2026-05-25T10:00:00+08:00"}]
)
async def test_lock_grade_and_protection_keep_a_customer(store: Store, change: dict[str, Any]) -> None:
    chat = await begin(store, k1={"last_followup": "2026-03-01T10:00:00+08:00", **change})
    await chat.advance(at(12))
    assert not chat.named("customer.released")


async def test_an_a_customer_goes_to_the_manager_first_and_after_two_workdays_to_the_pool(store: Store) -> None:
    chat = await begin(store, k2={"last_followup": "2026-05-19T10:00:00+08:00"})  # + 21 days = 9 June, found on the 10th
    await chat.advance(at(10))
    assert not chat.named("customer.released")
    (card,) = [g for g in chat.wire.got if g.to == "qinlan" and "绿洲" in g.text and g.card.buttons]
    assert [b.text for b in card.card.buttons] == ["释放", "延期7天", "改派"]
    await chat.advance(at(11, "23:00"))
    assert not chat.named("customer.released")
    await chat.advance(at(12))
    assert [e["customer"]["id"] for e in chat.named("customer.released")] == ["k2"]
    text = await chat.reply("qinlan", card.card.buttons[0].says)
    assert "没有重复操作" in text
    assert len(chat.named("customer.released")) == 1


async def test_the_manager_releases_gives_time_or_hands_on(store: Store) -> None:
    chat = await begin(store, k2={"last_followup": "2026-05-19T10:00:00+08:00"})
    await chat.advance(at(10))
    card = next(g for g in chat.wire.got if g.to == "qinlan" and "绿洲" in g.text and g.card.buttons)
    assert "无权" in await chat.reply("duwei", card.card.buttons[0].says)
    await chat.press("qinlan", "延期7天")
    await chat.advance(at(16, "23:00"))
    assert not chat.named("customer.released")
    await chat.advance(at(17))
    again = [g for g in chat.wire.got if g.to == "qinlan" and "绿洲" in g.text and len(g.card.buttons) == 3]
    assert len(again) == 2
    await chat.press("qinlan", "改派")
    await chat.press("qinlan", "改派给杜伟")
    await chat.press("qinlan", "确认")
    (moved,) = chat.named("customer.transferred")
    assert (moved["from"], moved["to"]) == ("hanmei", "duwei")
    await chat.advance(at(23))
    assert not chat.named("customer.released")


async def test_released_by_the_manager(store: Store) -> None:
    chat = await begin(store, k2={"last_followup": "2026-05-19T10:00:00+08:00"})
    await chat.advance(at(10))
    await chat.press("qinlan", "释放")
    assert chat.named("customer.released")[0]["customer"]["id"] == "k2"
    assert any("绿洲" in t for t in chat.to("hanmei", "push"))


async def test_the_manager_on_leave_is_represented(store: Store) -> None:
    chat = await begin(store, k2={"last_followup": "2026-05-19T10:00:00+08:00"})
    day = {"kind": "range", "start": at(10, "00:00").isoformat(), "end": at(13, "00:00").isoformat()}
    me = await store.read(lambda tx: tx.people.get("qinlan"))
    assert me
    await chat.app.perform(me, Said("leave.add", {"time": day}, text="请假"), "test")
    await chat.advance(at(10))
    assert chat.named("approval.requested")[-1]["approval"]["approvers"] == ["songhe"]
    assert not any("释放" in t for t in chat.to("qinlan"))


async def test_customers_of_a_leaver_are_put_to_his_manager_once(store: Store) -> None:
    chat = await begin(store)

    def leave(tx: Any) -> None:
        tx.people.put(replace(tx.people.get("hanmei"), active=False))

    await store.run(leave)
    await chat.advance(at(12))
    told = [t for t in chat.to("qinlan") if "韩梅已离职" in t]
    assert len(told) == 1
    await chat.press("qinlan", "交给杜伟")
    await chat.press("qinlan", "确认")
    owners = await store.read(lambda tx: {c.owner for c in tx.customers.all()})
    assert "hanmei" not in owners
