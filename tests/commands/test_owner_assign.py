"""Who gets a new customer: review, rotation, grabbing, regions, channel partners, helpers by stage (R44, R48–R51, R68, R104)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.intake import Candidate, pick
from domain.model import OFFICE
from domain.rules import Rules
from storage.store import Store
from tests.talking import NOW, Chat, office, start


async def begin(store: Store, *, rules: Rules | None = None, leave: tuple[str, ...] = (), **customers: dict[str, Any]) -> Chat:
    seed = office()
    for c in seed["customers"]:
        c.update(customers.get(c["id"], {}))
    seed["visits"] = []
    chat = await start(store, seed, NOW, rules)
    for who in leave:
        await chat.says(who, "我今天请假")
    chat.forget()
    return chat


def new(i: int, **more: str) -> str:
    """A new customer as it is said; each has a name and phone like no other."""
    name = "".join("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"[(i * 7 + k * 3) % 24] for k in range(3))
    slots = " ".join(f"{k}={v}" for k, v in more.items())
    return f"/customer.create customer={name}制品有限公司 contact=方经理 phone=1370000{i:04d} {slots}".strip()


async def owners(chat: Chat) -> list[str | None]:
    return [e["customer"]["owner"] for e in chat.named("customer.created")]


async def test_a_key_account_waits_for_the_managers_review_and_nobody_gets_past_it(store: Store) -> None:
    chat = await begin(store)
    text = await chat.reply("hanmei", "新建大客户瑞丰食品有限公司，联系人周经理13812345678")
    assert "待审核" in text
    assert await owners(chat) == [None]
    (asked,) = chat.named("approval.requested")
    assert (asked["approval"]["kind"], asked["approval"]["approvers"]) == ("ownership", ["qinlan"])
    assert "无权" in await chat.reply("duwei", "认领瑞丰食品")
    await chat.says("duwei", "明天下午3点拜访瑞丰食品，初次接洽")
    assert chat.named("conflict.found")[-1]["kinds"][0] == "owned_by_other"
    assert "没有新建" in await chat.reply("duwei", "新建客户瑞丰食品有限公司，电话13812345678")
    assert "无权" in await chat.reply("hanmei", f"/approval.approve id={asked['approval']['id']}")
    await chat.says("qinlan", f"/approval.approve id={asked['approval']['id']}")
    (given,) = chat.named("customer.transferred")
    assert (given["from"], given["to"], given["customer"]["protected_until"]) == (None, "hanmei", "2026-07-09")
    c = await store.read(lambda tx: tx.customers.get(given["customer"]["id"]))
    assert c
    assert c.created == NOW, "the entry keeps its time for the first-come decision"
    assert "已预约" in await chat.reply("hanmei", "明天下午3点拜访瑞丰食品，初次接洽")


async def test_not_granted_it_is_in_the_pool_and_somebody_else_may_be_named(store: Store) -> None:
    chat = await begin(store, rules=Rules(assign_grades={"A": "audit"}))
    await chat.says("hanmei", new(1, grade="A"))
    await chat.says("qinlan", "驳回，查无此公司")
    assert chat.named("customer.released")[0]["customer"]["status"] == "pool"
    await chat.says("hanmei", new(2, grade="A"))
    await chat.press("qinlan", "归其他人")
    await chat.press("qinlan", "归杜伟")
    assert chat.named("customer.transferred")[0]["to"] == "duwei"
    await chat.says("hanmei", new(3, grade="B"))
    assert (await owners(chat))[-1] == "hanmei"


async def test_round_robin_by_source_skips_who_is_away(store: Store) -> None:
    chat = await begin(store, rules=Rules(assign_sources={"官网": "round_robin"}), leave=("lujia",))
    for i in range(9):
        await chat.says("songhe", new(i, source="官网"))
    got = await owners(chat)
    assert "lujia" not in got
    counts = [got.count(w) for w in ("hanmei", "duwei", "fangyu")]
    assert counts == [3, 3, 3], got
    assert any("新客户分给您" in t for t in chat.to("hanmei", "push"))


def test_ten_leads_over_three_are_four_three_three() -> None:
    last, got = "", []
    for _ in range(10):
        last = pick("round_robin", [Candidate(m, 0, 0, 0) for m in "abc"], last)
        got.append(last)
    assert sorted(got.count(m) for m in "abc") == [3, 3, 4]
    busy = [Candidate("a", 0, 0, 0, busy=True), Candidate("b", 9, 0, 0), Candidate("c", 0, 0, 0, away=True)]
    assert pick("round_robin", busy, "c") == pick("fewest", busy) == pick("lowest", busy) == "b"
    assert pick("fewest", [replace(busy[0], away=True)]) == ""


async def test_fewest_and_grab(store: Store) -> None:
    chat = await begin(store, rules=Rules(assign_sources={"展会": "grab", "热线": "fewest"}))
    await chat.says("hanmei", new(1, source="热线"))
    assert await owners(chat) == ["duwei"], "韩梅 holds three, 杜伟 two"
    await chat.says("hanmei", new(2, source="展会"))
    assert (await owners(chat))[-1] is None
    await chat.press("duwei", "认领")
    c = chat.named("customer.claimed")[0]["customer"]["id"]
    assert "杜伟" in await chat.reply("hanmei", f"/owner.claim customer_id={c}")
    assert len(chat.named("customer.claimed")) == 1


async def test_regions_are_set_by_sentence_and_never_lead_to_nobody(store: Store) -> None:
    chat = await begin(store)
    await chat.says("songhe", "苏州的新客户归东区二组")
    assert not chat.named("rule.changed")
    await chat.says("songhe", "确认")
    await chat.says("wuxin", new(1, city="苏州"))
    await chat.says("wuxin", new(2, city="成都"))
    assert await owners(chat) == ["fangyu", "songhe"]
    await chat.says("duwei", new(3, city="苏州"))
    assert (await owners(chat))[-1] == "duwei", "who finds a customer himself has it"
    assert "没有叫「西区组」" in await chat.reply("songhe", "成都的新客户归西区组")
    assert "无权" in await chat.reply("qinlan", "成都的新客户归东区一组")


async def test_a_stage_brings_helpers_once(store: Store) -> None:
    chat = await begin(store, rules=Rules(stage_assist={"合同谈判": "售前组"}), k1={"stage": "报价"})
    await chat.says("hanmei", "金桥阶段改成合同谈判")
    c = await store.read(lambda tx: tx.customers.get("k1"))
    assert c
    assert c.co_owners == ("jiangtao",)
    assert any("协助负责人" in t for t in chat.to("jiangtao", "push"))
    await chat.says("hanmei", "金桥去掉协助负责人江涛")
    await chat.says("qinlan", "金桥阶段改成报价")
    await chat.says("qinlan", "金桥阶段改成合同谈判")
    assert [e["customer"]["stage"] for e in chat.named("customer.updated")][-2:] == ["报价", "合同谈判"]
    c = await store.read(lambda tx: tx.customers.get("k1"))
    assert c
    assert c.co_owners == ()


async def test_by_stage_only_the_owner_books_early_and_the_team_later(store: Store) -> None:
    chat = await begin(store, rules=Rules(stage_booking=True))
    when = datetime(2026, 6, 17, 10, tzinfo=OFFICE).isoformat()
    await chat.says("duwei", f"/visit.book customer_id=k7 time={when} purpose=x")  # 初步接触, 韩梅
    assert chat.named("conflict.found")[-1]["kinds"] == ["owned_by_other"]
    await chat.says("duwei", f"/visit.book customer_id=k1 time={when} purpose=x")  # 深度沟通, 韩梅, same team
    assert [e["visit"]["customer"] for e in chat.named("visit.booked")] == ["k1"]
    await chat.says("fangyu", f"/visit.book customer_id=k2 time={when} purpose=x")  # 报价, another team
    assert chat.named("conflict.found")[-1]["kinds"] == ["owner_notice"]
