"""Approval flows as data: steps, co-sign, conditions by grade, substitutes; new requests only (R190)."""

import pytest

from domain.flows import flow_for, parse, steps_in, words
from domain.rules import Rules
from storage.store import Store
from tests.talking import NOW, Chat, office, start


async def begin(store: Store, **flows: str) -> Chat:
    seed = office()
    seed["visits"] = []
    return await start(store, seed, NOW, Rules(approval_flows={k.replace("__", "."): v for k, v in flows.items()}))


async def owner(chat: Chat, id_: str) -> str | None:
    c = await chat.app.store.read(lambda tx: tx.customers.get(id_))
    assert c
    return c.owner


async def test_a_second_step_follows_the_first_and_only_then_it_happens(store: Store) -> None:
    chat = await begin(store, transfer="manager > director")
    await chat.says("duwei", "申请把金桥转给我")
    card = next(g for g in chat.wire.got if g.to == "qinlan")
    assert "秦岚 → 宋河" in card.text
    text = await chat.reply("qinlan", "同意")
    assert "等宋河" in text
    assert not chat.named("approval.approved")
    assert await owner(chat, "k1") == "hanmei"
    assert "无权" in await chat.reply("qinlan", card.card.buttons[0].says), "his word is given"
    await chat.says("songhe", "同意")
    assert len(chat.named("approval.approved")) == 1
    assert await owner(chat, "k1") == "duwei"


async def test_a_no_at_any_step_ends_it(store: Store) -> None:
    chat = await begin(store, transfer="manager > director")
    await chat.says("duwei", "申请把金桥转给我")
    await chat.says("qinlan", "同意")
    await chat.says("songhe", "驳回，再看看")
    assert chat.named("approval.rejected")
    assert await owner(chat, "k1") == "hanmei"


async def test_co_sign_for_grade_a_only_needs_both_in_any_order(store: Store) -> None:
    chat = await begin(store, transfer__A="manager + director")
    await chat.says("duwei", "申请把绿洲转给我")  # A
    await chat.press("songhe", "同意")
    assert await owner(chat, "k2") == "hanmei"
    await chat.press("qinlan", "同意")
    assert await owner(chat, "k2") == "duwei"
    await chat.says("duwei", "申请把金桥转给我")  # B: the usual way
    await chat.press("qinlan", "同意")
    assert await owner(chat, "k1") == "duwei"


async def test_a_changed_flow_is_for_new_requests(store: Store) -> None:
    chat = await begin(store)
    await chat.says("duwei", "申请把金桥转给我")
    assert "无权" in await chat.reply("qinlan", "客户转移主管批了再总监批")
    await chat.says("songhe", "客户转移主管批了再总监批")
    await chat.says("songhe", "确认")
    assert chat.named("rule.changed")[0]["rule"]["value"] == "manager > director"
    await chat.says("duwei", "申请把绿洲转给我")
    await chat.press("qinlan", "同意")  # 绿洲, the newest card
    assert await owner(chat, "k2") == "hanmei"
    first = chat.named("approval.requested")[0]["approval"]["id"]
    await chat.says("qinlan", f"/approval.approve id={first}")
    assert await owner(chat, "k1") == "duwei"


@pytest.mark.parametrize(
    ("said", "flow"),
    [
        ("A类客户转移要总监会签", "manager + director"),
        ("转移审批改成总监批", "director"),
        ("客户转移主管批了再总监批", "manager > director"),
        ("客户转移要聊聊", ""),
    ],
)
def test_flows_by_sentence(said: str, flow: str) -> None:
    assert steps_in(said) == flow


def test_flows_are_read_and_said_back() -> None:
    assert words("manager > director + admin") == "主管 → 总监和管理员会签"
    assert flow_for("transfer", "A", {"transfer": "manager", "transfer.A": "director"}) == parse("director")
    for wrong in ("", "manager >", "a + b | c"):
        with pytest.raises(ValueError, match="approval flow"):
            parse(wrong)
