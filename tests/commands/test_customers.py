"""Customers: entered once, corrected with rights and notice, merged and taken apart again (R31–R34, R43, D14, D28)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.message import Message
from domain.model import Customer
from storage.merges import record_of
from storage.store import Store
from tests.talking import NOW, Chat, office, start

pytestmark = pytest.mark.asyncio


async def customer(chat: Chat, id_: str) -> Customer:
    found = await chat.app.store.read(lambda tx: tx.customers.get(id_))
    assert found
    return found


async def test_entered_at_once_with_owner_protection_and_undo(chat: Chat) -> None:
    text = await chat.reply("hanmei", "新建客户瑞丰食品，联系人周经理13812345678")
    assert "瑞丰食品" in text
    (made,) = chat.named("customer.created")
    assert (made["customer"]["owner"], made["customer"]["protected_until"]) == ("hanmei", "2026-07-09")
    await chat.says("hanmei", "撤销")
    text = await chat.reply("duwei", "新建客户瑞丰食品，联系人周经理13812345678")
    assert len(chat.named("customer.created")) == 2, text


async def test_two_who_enter_the_same_firm_at_once_make_one(store: Store) -> None:
    chat = await start(store, office(), NOW)
    texts = [f"新建客户瑞丰食品有限公司，联系人周经理1381234{n:04d}" for n in range(6)]
    people = ("hanmei", "duwei", "fangyu", "lujia", "qinlan", "shenbo")
    both = [Message("wecom", p, f"m{p}", NOW, text=t) for p, t in zip(people, texts, strict=True)]
    await asyncio.gather(*(chat.app.handle(m) for m in both))
    await chat.due()
    assert len(chat.named("customer.created")) == 1
    assert len(chat.named("customer.duplicate_found")) == 5
    found = await store.read(lambda tx: [c for c in tx.customers.all() if "瑞丰" in c.name and c.status != "void"])
    assert len(found) == 1


async def test_another_firm_after_all_is_remembered_on_both(chat: Chat) -> None:
    await chat.says("duwei", "新建客户金侨电气设备有限公司，手机13611110005")
    assert not chat.named("customer.created")
    await chat.press("duwei", "不是同一家")
    (made,) = chat.named("customer.created")
    new = await customer(chat, made["customer"]["id"])
    old = await customer(chat, "k1")
    assert new.extra["apart"] == ["k1"]
    assert old.extra["apart"] == [new.id]


async def test_the_owner_hears_of_others_changes_the_later_ones_together(chat: Chat) -> None:
    await chat.says("qinlan", "金桥改成A类")
    assert any("等级" in t for t in chat.to("hanmei", "push"))
    chat.forget()
    await chat.says("qinlan", "金桥的阶段改成报价")
    await chat.says("qinlan", "金桥电话改成0512-60001234")
    assert chat.to("hanmei") == []
    assert chat.named("customer.updated")[0]["stage_was"] == "深度沟通"
    await chat.advance(NOW + timedelta(minutes=31))
    (text,) = chat.to("hanmei", "push")
    assert "阶段" in text
    assert "60001234" in text


async def test_lost_keeps_its_day_brings_care_and_is_undone_with_it(chat: Chat) -> None:
    await chat.says("hanmei", "飞燕标记流失")
    assert (await customer(chat, "k7")).extra["lost_on"] == "2026-06-09"
    assert chat.named("task.created")[-1]["task"]["due"].startswith("2026-07-09")
    await chat.says("hanmei", "撤销")
    back = await customer(chat, "k7")
    assert (back.status, back.extra) == ("active", {})
    assert chat.named("task.cancelled")


async def test_an_undo_keeps_what_came_after(chat: Chat) -> None:
    await chat.says("hanmei", "金桥改成A类")
    await chat.says("hanmei", "/followup.add customer_id=k1 content=电话确认了采购计划 channel=phone next=周五报价")
    deed = chat.named("customer.updated")
    assert deed
    await chat.press("hanmei", "撤销")
    await chat.says("hanmei", "撤销")
    back = await customer(chat, "k1")
    assert back.grade == "B"


async def test_a_locked_customer_is_name_owner_and_stage(chat: Chat) -> None:
    await chat.says("hanmei", "锁定绿洲")
    text = await chat.reply("duwei", "绿洲的资料")
    assert "韩梅" in text
    assert "报价" in text
    assert "钱博士" not in text
    assert "A" not in text.replace("回复", "")
    assert "无权" in await chat.reply("duwei", "解锁绿洲")
    await chat.says("qinlan", "解锁绿洲")
    assert "钱博士" in await chat.reply("duwei", "绿洲的资料")


# ---------------------------------------------------------------------- merge
TWIN: dict[str, Any] = {
    "id": "k9", "name": "金桥电气（苏州）有限公司", "aliases": ["金桥苏州"], "city": "苏州", "grade": "C", "owner": "duwei", "stage": "线索",
    "status": "active", "phones": ["0512-61119999"], "created": "2026-04-02T10:00:00+08:00", "last_followup": "2026-06-08T10:00:00+08:00",
    "contacts": [{"name": "顾副总", "title": "副总", "phone": "13900000099", "email": ""}],
}  # fmt: skip


async def twins(store: Store) -> Chat:
    seed = office()
    seed["customers"].append(TWIN)
    slot = {"start": "2026-06-11T14:00:00+08:00", "end": "2026-06-11T15:00:00+08:00"}
    seed["visits"].append({"id": "w9", "customer": "k9", "rep": "duwei", "status": "planned", **slot})
    at = "2026-06-08T10:00:00+08:00"
    seed["followups"] = [
        {"customer": "k9", "by": "duwei", "at": at, "channel": "phone", "content": "聊过", "result": "好", "next": ""}
    ]
    return await start(store, seed, NOW)


async def test_a_merge_is_previewed_confirmed_carried_over_and_undone(store: Store) -> None:
    chat = await twins(store)
    before = {i: record_of(await customer(chat, i)) for i in ("k1", "k9")}
    text = await chat.reply("qinlan", "/customer.merge a=k1 b=k9")
    assert all(word in text for word in ("拜访 1 次", "跟进 1 条", "确认"))
    assert not chat.named("customer.merged")
    await chat.press("qinlan", "确认")
    (done,) = chat.named("customer.merged")
    assert (done["kept"], done["merged"]) == ("k1", "k9")
    kept, gone = await customer(chat, "k1"), await customer(chat, "k9")
    assert (gone.status, gone.extra["merged_into"], gone.owner) == ("merged", "k1", None)
    assert kept.last_followup == NOW.replace(day=8, hour=10)
    assert kept.short == "金桥"
    assert "duwei" in kept.co_owners
    there = await store.read(lambda tx: [v.id for v in tx.visits.at_customer_between("k1", NOW, NOW + timedelta(days=9))])
    assert sorted(there) == ["w1", "w9"]
    assert "金桥电气设备" in await chat.reply("hanmei", "金桥苏州的资料")
    await chat.advance(NOW + timedelta(days=2))
    await chat.says("qinlan", "撤销金桥的合并")
    assert chat.named("customer.unmerged")
    after = {i: record_of(await customer(chat, i)) for i in ("k1", "k9")}
    assert after == before
    there = await store.read(lambda tx: [v.id for v in tx.visits.at_customer_between("k9", NOW, NOW + timedelta(days=9))])
    assert there == ["w9"]
    followups = await store.read(lambda tx: [f.customer for f in tx.followups.of_customer("k9")])
    assert followups == ["k9"]
    assert "没有重复操作" in await chat.reply("qinlan", f"/customer.unmerge merge={done['merge']}")


async def test_what_came_after_a_merge_survives_its_undo(store: Store) -> None:
    chat = await twins(store)
    await chat.says("qinlan", "/customer.merge a=k1 b=k9")
    await chat.press("qinlan", "确认")
    await chat.says("hanmei", "金桥改成A类")
    await chat.press("qinlan", "撤销合并")
    kept = await customer(chat, "k1")
    assert kept.grade == "A"
    assert kept == replace(kept, aliases=("金桥",), co_owners=())


async def test_after_thirty_days_a_merge_stays(store: Store) -> None:
    chat = await twins(store)
    await chat.says("qinlan", "/customer.merge a=k1 b=k9")
    await chat.press("qinlan", "确认")
    merge = chat.named("customer.merged")[0]["merge"]
    await chat.advance(NOW + timedelta(days=31))
    assert "不能撤销" in await chat.reply("qinlan", f"/customer.unmerge merge={merge}")
    assert not chat.named("customer.unmerged")


async def test_who_may_not_merge(store: Store) -> None:
    chat = await twins(store)
    for who in ("hanmei", "duwei", "shenbo"):
        assert "无权" in await chat.reply(who, "/customer.merge a=k1 b=k9")
    assert [e["action"] for e in chat.named("access.denied")] == ["customer.merge"] * 3


async def test_not_the_same_is_remembered(store: Store) -> None:
    chat = await twins(store)
    await chat.says("qinlan", "/customer.merge a=k1 b=k9")
    await chat.press("qinlan", "不是同一家")
    assert not chat.named("customer.merged")
    assert (await customer(chat, "k1")).extra["apart"] == ["k9"]
    assert (await customer(chat, "k9")).extra["apart"] == ["k1"]


async def test_another_name_is_the_owners_to_agree(chat: Chat) -> None:
    await chat.says("duwei", "金桥和 Golden Bridge 是一家")
    assert chat.named("approval.requested")[0]["approval"]["approvers"] == ["hanmei"]
    await chat.says("hanmei", "同意")
    assert (await customer(chat, "k1")).aliases == ("金桥", "Golden Bridge")
