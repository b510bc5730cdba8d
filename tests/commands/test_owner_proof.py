"""Proof, one quarrel one verdict, first contact after a claim, deals shared by the rule of their day (R57, R58, R66, 35)."""

from pathlib import Path

from domain.rules import Rules
from storage.store import Store
from tests.talking import NOW, Chat, office, start


async def test_words_that_look_like_a_followup_are_the_proof_that_was_asked_for(chat: Chat) -> None:
    await chat.says("duwei", "申请把金桥转给我，客户点名找我")
    await chat.says("duwei", "顾总，有微信聊天记录")
    assert any("有微信聊天记录" in t for t in chat.to("qinlan"))
    assert not chat.named("followup.added")


async def test_a_picture_is_proof_while_it_is_asked_for(chat: Chat, tmp_path: Path) -> None:
    photo = tmp_path / "chat.jpg"
    photo.write_bytes(b"x")
    await chat.says("duwei", "金桥是我先跟的，申请裁定")
    text = await chat.reply("duwei", "", image=str(photo))
    assert "已补给审批人" in text
    card = [g for g in chat.wire.got if g.to == "qinlan"][-1].card
    assert card.files == (("chat.jpg", str(photo)),)


async def test_the_accused_adds_his_words_and_files_no_second_request(chat: Chat) -> None:
    await chat.says("duwei", "金桥是我先跟的，申请裁定")
    text = await chat.reply("hanmei", "金桥是我先录的，杜伟抢我客户")
    assert "已经有一个裁定在等秦岚" in text
    assert len(chat.named("approval.requested")) == 1
    assert any("韩梅对金桥撞单裁定的说明" in t for t in chat.to("qinlan"))


async def test_a_granted_transfer_is_one_push_for_each_side(chat: Chat) -> None:
    await chat.says("duwei", "申请把金桥转给我")
    first = len(chat.to("duwei", "push"))
    await chat.says("qinlan", "同意")
    (told,) = chat.to("duwei", "push")[first:]
    assert "秦岚已同意" in told


async def test_what_was_asked_for_and_happens_all_the_same_is_granted(chat: Chat) -> None:
    await chat.says("hanmei", "把金桥转给杜伟")
    await chat.says("qinlan", "把金桥转给杜伟")
    await chat.press("qinlan", "确认")
    assert [e["approval"]["status"] for e in chat.named("approval.approved")] == ["approved"]
    assert not any("不再处理" in t for t in chat.to("hanmei"))


async def test_a_claim_brings_a_first_contact_that_the_contact_does_and_undo_ends(chat: Chat) -> None:
    assert "首次联系：6月11日" in await chat.reply("duwei", "认领东方")
    await chat.says("duwei", "撤销")
    assert [e["task"]["kind"] for e in chat.named("task.cancelled")] == ["first_contact"]
    await chat.says("duwei", "认领东方")
    await chat.says("duwei", "/followup.add customer_id=k6 content=电话里确认了采购计划 channel=phone next=周五报价")
    assert [e["task"]["kind"] for e in chat.named("task.done")] == ["first_contact"]


async def test_deals_are_shared_by_the_rule_of_their_day(store: Store) -> None:
    chat = await start(store, office(), NOW, Rules(split_main=70))
    await chat.says("qinlan", "金桥加杜伟为协助负责人")
    await chat.says("qinlan", "金桥标记成交")
    await chat.says("songhe", "协作分成改成六四")
    await chat.says("songhe", "确认")
    await chat.says("qinlan", "绿洲加杜伟为协助负责人")
    await chat.says("hanmei", "绿洲标记成交")
    text = await chat.reply("qinlan", "本月业绩排行")
    assert "1. 韩梅 1.3 单" in text
    assert "2. 杜伟 0.7 单" in text
    assert "共 2 单" in text
    await chat.says("hanmei", "绿洲阶段改成报价")
    assert "1. 韩梅 0.7 单" in await chat.reply("qinlan", "本月业绩排行")
