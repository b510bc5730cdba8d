"""Requests, handovers, disputes: what changes, who is told, what nobody else may do (R45–R47, R56–R60, R64, D7, D20)."""

from datetime import datetime
from typing import Any

import pytest

from domain.model import OFFICE
from storage.store import Store
from storage.tx import Tx
from tests.talking import NOW, Chat, office, start

pytestmark = pytest.mark.asyncio


def at(day: int, clock: str = "09:00") -> datetime:
    """A moment of June 2026."""
    hour, minute = clock.split(":")
    return datetime(2026, 6, day, int(hour), int(minute), tzinfo=OFFICE)


def visit(id_: str, customer: str, rep: str, day: int, clock: str, **more: Any) -> dict[str, Any]:
    begin = at(day, clock)
    end = begin.replace(hour=begin.hour + 1)
    return {
        "id": id_,
        "customer": customer,
        "rep": rep,
        "start": begin.isoformat(),
        "end": end.isoformat(),
        "status": "planned",
        **more,
    }


async def begin(
    store: Store, *visits: dict[str, Any], followups: tuple[dict[str, Any], ...] = (), **customers: dict[str, Any]
) -> Chat:
    seed = office()
    for c in seed["customers"]:
        c.update(customers.get(c["id"], {}))
    seed["visits"], seed["followups"] = list(visits), list(followups)
    return await start(store, seed, NOW)


async def owner(chat: Chat, customer: str) -> str | None:
    c = await chat.app.store.read(lambda tx: tx.customers.get(customer))
    assert c
    return c.owner


async def reps(chat: Chat) -> dict[str, tuple[str, str]]:
    """Visit id → (rep, status)."""

    def look(tx: Tx) -> dict[str, tuple[str, str]]:
        found = tx.visits.between(at(1), at(30), ("planned", "pending", "done", "cancelled", "missed"))
        return {v.id: (v.rep, v.status) for v in found}

    return await chat.app.store.read(look)


# ---------------------------------------------------------------------- transfer by request
async def test_a_request_changes_nothing_until_the_managers_yes_moves_everything(store: Store) -> None:
    chat = await begin(store, visit("w1", "k1", "hanmei", 11, "14:00"))
    await chat.says("hanmei", "/task.add customer_id=k1 content=发报价 time=2026-06-12T18:00:00+08:00")
    await chat.says("duwei", "申请把金桥转给我，客户点名找我")
    assert await owner(chat, "k1") == "hanmei"
    assert "依据" in chat.to("duwei")[-1]
    await chat.says("duwei", "是顾总提的，有聊天记录")
    assert any("顾总提的" in t for t in chat.to("qinlan"))
    await chat.says("qinlan", "同意")
    assert await owner(chat, "k1") == "duwei"
    assert (await reps(chat))["w1"] == ("duwei", "planned")
    (moved,) = chat.named("customer.transferred")
    assert (moved["from"], moved["to"]) == ("hanmei", "duwei")
    tasks = await store.read(lambda tx: [t.customer for t in tx.tasks.open_of("hanmei")])
    assert "k1" not in tasks
    assert any("金桥已转给杜伟" in t and "6月11日" in t for t in chat.to("hanmei", "push"))
    assert any("金桥" in t for t in chat.to("duwei", "push"))
    chat.forget()
    await chat.advance(at(11, "13:30"))
    sent = [(e["to"], e["visit"]) for e in chat.named("reminder.sent") if e.get("visit")]
    assert sent == [("duwei", "w1")]


async def test_the_no_keeps_the_owner_tells_both_and_notes_a_later_look(store: Store) -> None:
    chat = await begin(store)
    await chat.says("duwei", "申请把金桥转给我")
    await chat.says("qinlan", "驳回，先让韩梅跟完这个月")
    assert await owner(chat, "k1") == "hanmei"
    assert any("驳回" in t and "跟完这个月" in t for t in chat.to("duwei", "push"))
    assert any("仍由您负责" in t for t in chat.to("hanmei", "push"))
    assert chat.named("task.created")[-1]["task"]["due"].startswith("2026-06-30")


async def test_only_the_right_person_decides_and_only_once(store: Store) -> None:
    chat = await begin(store)
    await chat.says("duwei", "申请把金桥转给我")
    card = next(g for g in chat.wire.got if g.to == "qinlan")
    yes = card.card.buttons[0].says
    for stranger in ("duwei", "hanmei", "fangyu", "shenbo"):
        assert "无权" in await chat.reply(stranger, yes)
    assert len(chat.named("access.denied")) == 4
    await chat.says("duwei", "同意", group="east")
    assert await owner(chat, "k1") == "hanmei"
    await chat.says("qinlan", yes)
    assert "没有重复操作" in await chat.reply("qinlan", yes)
    assert "没有重复操作" in await chat.reply("songhe", card.card.buttons[1].says)
    assert len(chat.named("customer.transferred")) == 1


async def test_a_quoted_card_is_the_one_that_is_meant(store: Store) -> None:
    chat = await begin(store)
    await chat.says("duwei", "申请把金桥转给我")
    await chat.says("fangyu", "申请把绿洲转给我")
    cards = [g for g in chat.wire.got if g.to == "qinlan"]
    await chat.says("qinlan", "同意", quoted=cards[0].text)
    assert [e["customer"]["id"] for e in chat.named("customer.transferred")] == ["k1"]
    text = await chat.reply("shenbo", "同意", quoted=cards[1].text)
    assert "无权" in text
    assert await owner(chat, "k2") == "hanmei"


async def test_the_owners_yes_makes_a_co_owner_but_not_for_grade_c(store: Store) -> None:
    chat = await begin(store)
    text = await chat.reply("duwei", "金桥改成A类")
    assert "无权" in text
    assert "韩梅" in text
    await chat.press("duwei", "申请协作")
    await chat.says("hanmei", "同意")
    c = await store.read(lambda tx: tx.customers.get("k1"))
    assert c
    assert c.co_owners == ("duwei",)
    assert "已更新" in await chat.reply("duwei", "金桥改成A类")
    assert any("杜伟" in t and "A" in t for t in chat.to("hanmei", "push"))
    assert "无权" in await chat.reply("duwei", "金桥标记流失")
    assert "无权" in await chat.reply("duwei", "把金桥退回公海")
    text = await chat.reply("hanmei", "/owner.cooperate customer_id=k5")
    assert "C 类" in text
    assert "C 类" in await chat.reply("duwei", "山泉加韩梅为协助负责人")


async def test_a_manager_hands_on_after_one_confirmation(store: Store) -> None:
    chat = await begin(store, visit("w1", "k1", "hanmei", 11, "14:00"), visit("w2", "k3", "duwei", 11, "14:30"))
    text = await chat.reply("qinlan", "把金桥转给杜伟")
    assert "冲突" in text
    assert await owner(chat, "k1") == "hanmei"
    assert "无权" in await chat.reply("duwei", chat.wire.got[-1].card.buttons[0].says)
    await chat.says("qinlan", "确认")
    assert await owner(chat, "k1") == "duwei"
    assert (await reps(chat))["w1"] == ("hanmei", "planned")
    assert any("需要改期" in t for t in chat.to("hanmei", "push"))


# ---------------------------------------------------------------------- handover
async def test_nothing_stays_on_a_leaver(store: Store) -> None:
    chat = await begin(
        store,
        visit("w1", "k1", "hanmei", 11, "14:00"),
        visit("w2", "k3", "duwei", 11, "14:30"),
        visit("w3", "k4", "hanmei", 12, "10:00"),
        visit("w4", "k3", "duwei", 15, "10:00", participants=["hanmei"]),
    )
    await chat.says("hanmei", "/task.add content=整理合同 time=2026-06-12T18:00:00+08:00")
    text = await chat.reply("songhe", "韩梅离职，客户全部交给杜伟")
    assert all(word in text for word in ("3 家", "冲突", "确认"))
    assert not chat.named("customer.transferred")
    await chat.says("songhe", "确认")
    assert sorted(e["customer"]["id"] for e in chat.named("customer.transferred")) == ["k1", "k2", "k7"]
    found = await reps(chat)
    assert {found[v][0] for v in ("w1", "w3")} == {"duwei"}
    busy = await store.read(lambda tx: [v.id for v in tx.visits.of_person("hanmei", at(9), at(30))])
    assert busy == []
    assert await store.read(lambda tx: tx.tasks.open_of("hanmei")) == []
    assert any("3 家客户转到您名下" in t and "改期" in t for t in chat.to("duwei", "push"))
    assert any("3 家客户已转交" in t for t in chat.to("hanmei", "push"))


async def test_a_handover_waits_for_its_day_and_can_be_called_off(store: Store) -> None:
    chat = await begin(store)
    text = await chat.reply("songhe", "韩梅下周离职，客户全部交给杜伟")
    assert "6月15日" in text
    await chat.says("songhe", "确认")
    await chat.advance(at(14, "23:00"))
    assert not chat.named("customer.transferred")
    await chat.advance(at(15, "09:00"))
    assert len(chat.named("customer.transferred")) == 3
    await chat.says("songhe", "杜伟下周离职，客户全部交给韩梅")
    await chat.says("songhe", "确认")
    await chat.press("songhe", "取消交接")
    await chat.advance(at(24))
    assert len(chat.named("customer.transferred")) == 3


async def test_a_handover_is_shared_evenly_among_several(store: Store) -> None:
    chat = await begin(store)
    await chat.says("songhe", "韩梅离职，客户分给方宇和陆佳")
    await chat.says("songhe", "确认")
    to = [e["to"] for e in chat.named("customer.transferred")]
    assert sorted(to) == ["fangyu", "lujia", "lujia"]  # 方宇 had one before


async def test_a_manager_hands_over_his_own_team_only(store: Store) -> None:
    chat = await begin(store)
    assert "无权" in await chat.reply("shenbo", "韩梅离职，客户全部交给方宇")
    assert "无权" in await chat.reply("duwei", "韩梅离职，客户全部交给方宇")
    assert not chat.named("customer.transferred")


# ---------------------------------------------------------------------- disputes
FIRST = {
    "customer": "k1",
    "by": "duwei",
    "at": "2026-02-20T10:00:00+08:00",
    "channel": "phone",
    "content": "聊过采购",
    "result": "有意向",
    "next": "再约",
}


async def test_a_verdict_names_one_rep_stops_the_others_and_asks_for_the_cause(store: Store) -> None:
    chat = await begin(store, visit("w1", "k1", "hanmei", 11, "14:00"), followups=(FIRST,))
    text = await chat.reply("duwei", "韩梅抢我客户，金桥是我先录的")
    assert "裁定" in text
    card = next(g for g in chat.wire.got if g.to == "qinlan")
    assert "建议：归杜伟" in card.text
    assert "2月20日" in card.text
    assert await owner(chat, "k1") == "hanmei"
    await chat.says("qinlan", "同意")
    assert await owner(chat, "k1") == "duwei"
    assert chat.named("visit.cancelled")[0]["visit"]["id"] == "w1"
    task = chat.named("task.created")[-1]["task"]
    assert (task["assignee"], task["due"][:10]) == ("duwei", "2026-06-09")
    await chat.press("qinlan", "录入前没查重")
    assert chat.named("verdict.cause")[0]["cause"] == "录入前没查重"
    c = await store.read(lambda tx: tx.customers.get("k1"))
    assert c
    assert c.extra["verdicts"][0]["cause"] == "录入前没查重"  # type: ignore[index]
    assert "无权" in await chat.reply("hanmei", "金桥改成A类")


async def test_the_no_is_a_verdict_for_the_owner(store: Store) -> None:
    chat = await begin(store, visit("w1", "k1", "duwei", 11, "14:00"))
    await chat.says("duwei", "金桥是我先跟的，申请裁定")
    await chat.says("qinlan", "驳回，韩梅先录入")
    assert await owner(chat, "k1") == "hanmei"
    assert chat.named("visit.cancelled")[0]["visit"]["id"] == "w1"
    assert any("请不要再联系" in t for t in chat.to("duwei", "push"))


async def test_a_followup_in_dispute_is_settled_by_the_owners_managers_word(store: Store) -> None:
    chat = await begin(store)
    await chat.says("duwei", "/followup.add customer_id=k1 content=电话确认了采购计划 channel=phone next=周五报价")
    assert "待裁定" in await chat.reply("qinlan", "有什么要批的吗")
    assert "没有待您审批" in await chat.reply("shenbo", "同意")
    await chat.says("qinlan", "驳回")
    rows = await store.read(lambda tx: tx.followups.disputed())
    assert rows == []
    assert any("不算" in t for t in chat.to("duwei", "push"))
    await chat.says("duwei", "/followup.add customer_id=k1 content=电话确认了付款方式 channel=phone next=下周签约")
    await chat.says("qinlan", "同意")
    c = await store.read(lambda tx: tx.customers.get("k1"))
    assert c
    assert c.last_followup == NOW
