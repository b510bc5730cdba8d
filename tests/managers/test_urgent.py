"""紧急: the owner at once, his manager after half an hour without 收到, nobody after it (R152); names nobody has are asked about."""

from datetime import timedelta

import pytest

from tests.talking import NOW, Chat


async def test_unread_goes_up_once(chat: Chat) -> None:
    await chat.says("duwei", "紧急：绿洲要求今天下午给答复")
    (card,) = [t for t in chat.to("hanmei") if "紧急" in t]
    assert "绿洲" in card
    assert chat.named("task.created")[-1]["task"]["assignee"] == "hanmei"
    await chat.advance(NOW + timedelta(minutes=29))
    assert not [t for t in chat.to("qinlan") if "紧急" in t]
    await chat.advance(NOW + timedelta(minutes=31))
    assert len([t for t in chat.to("qinlan") if "紧急" in t]) == 1
    await chat.press("qinlan", "收到")
    assert any("秦岚已收到" in t for t in chat.to("duwei"))


async def test_read_in_time_stays_with_the_owner(chat: Chat) -> None:
    await chat.says("duwei", "紧急：绿洲要求今天下午给答复")
    await chat.press("hanmei", "收到")
    await chat.advance(NOW + timedelta(hours=2))
    assert not [t for t in chat.to("qinlan") if "紧急" in t]


@pytest.mark.parametrize(("text", "known"), [("火星组本月汇总", False), ("上上周张三的拜访汇总", False), ("杜伟的拜访汇总", True),
                                             ("周一的拜访汇总", True), ("我们组本月汇总", True)])  # fmt: skip
async def test_a_name_nobody_has_is_asked_about(chat: Chat, text: str, known: bool) -> None:
    assert ("没有找到" in await chat.reply("qinlan", text)) is not known
