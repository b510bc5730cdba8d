"""Message in, card out, click, changed card: over the real protocol against the fake tenant."""

import asyncio

import pytest

from bot.cards import Card
from bot.message import Message
from tests.fakes.dingtalk import TOPIC_CARD, FakeDingTalk
from tests.platforms.dingtalk.kit import BOOKED, UNDONE, Bot, delivery

pytestmark = pytest.mark.asyncio


async def test_a_sentence_becomes_a_card_with_buttons(fake: FakeDingTalk, bot: Bot) -> None:
    ack = await fake.gateway.push(fake.message("u1", "明天下午3点拜访宏远，聊报价"))
    assert (ack.code, ack.data) == (200, {"response": None})
    assert [(m.text, m.sender, m.group) for m in bot.got] == [("明天下午3点拜访宏远，聊报价", "u1", "")]
    assert await bot.sent() == ["r1"]
    card = fake.cards["r1"]
    assert card.space == "IM_ROBOT.u1"
    assert card.values["title"] == "已预约：明天 15:00 宏远"
    assert [b["text"] for b in card.buttons] == ["撤销", "改时间"]
    assert card.values["tips"] == "也可回复数字：1. 撤销　2. 改时间"


@pytest.mark.parametrize("shape", ["content", "value"])
async def test_a_click_in_private_changes_its_card_in_the_answer_and_costs_no_call(
    fake: FakeDingTalk, bot: Bot, shape: str
) -> None:
    await bot.client.send(delivery())
    bot.reply = lambda message: UNDONE
    before = len(fake.calls)
    ack = await fake.click("m1", "u1", 1, shape)
    assert ack.code == 200
    assert bot.got[0].click == "/undo deed=d1"
    assert (bot.got[0].card_handle, bot.got[0].group, bot.got[0].sender) == ("m1", "", "u1")
    assert await bot.sent() == ["m1"]
    assert fake.cards["m1"].values["title"] == UNDONE.title
    assert fake.cards["m1"].buttons == []
    assert len(fake.calls) == before


async def test_a_click_in_a_group_is_answered_for_the_presser_and_then_put_for_all(fake: FakeDingTalk, bot: Bot) -> None:
    await bot.client.send(delivery(group="cidEast=="))
    bot.reply = lambda message: UNDONE
    ack = await fake.click("m1", "u2", 1)
    assert ack.data["response"]["cardData"]["cardParamMap"]["title"] == UNDONE.title
    assert (bot.got[0].group, bot.got[0].sender) == ("cidEast==", "u2")
    assert await bot.sent() == ["m1"]
    assert [c.status for c in fake.called("update")] == [200]
    assert fake.cards["m1"].values["title"] == UNDONE.title


@pytest.mark.parametrize("group", ["", "cidEast=="])
async def test_a_refusal_leaves_the_card_as_it_is(fake: FakeDingTalk, bot: Bot, group: str) -> None:
    await bot.client.send(delivery(group=group))
    bot.reply, bot.refused = lambda message: Card("无权：这是王磊的拜访"), True
    ack = await fake.click("m1", "u1", 1)
    assert ack.data == {"response": {}}
    assert await bot.sent() == ["r1"]
    assert fake.cards["m1"].values["title"] == BOOKED.title
    assert fake.cards["r1"].values["title"] == "无权：这是王磊的拜访"


async def test_a_slow_click_is_answered_in_time_and_its_reply_comes_as_an_update(fake: FakeDingTalk, bot: Bot) -> None:
    await bot.client.send(delivery())

    async def slow(message: Message) -> None:
        await asyncio.sleep(0.6)

    bot.work, bot.reply = slow, lambda message: UNDONE
    ack = await fake.click("m1", "u1", 2)
    assert ack.data == {"response": {}}
    assert ack.took < 0.5
    await asyncio.sleep(0.5)
    assert await bot.sent() == ["m1"]
    assert fake.cards["m1"].values["title"] == UNDONE.title
    assert len(fake.called("update")) == 1


async def test_the_same_click_twice_is_done_once_and_answered_twice(fake: FakeDingTalk, bot: Bot) -> None:
    await bot.client.send(delivery())
    bot.reply = lambda message: UNDONE
    first = await fake.click("m1", "u1", 1, message_id="same")
    fake.cards["m1"].values["sys_full_json_obj"] = '{"msgButtons":[{"id":"1","request":true,"params":{"says":"x"}}]}'
    second = await fake.click("m1", "u1", 1, message_id="same")
    assert first.data == second.data
    assert len(bot.got) == 1


async def test_a_button_without_a_sentence_gets_a_hint(fake: FakeDingTalk, bot: Bot) -> None:
    data = {"outTrackId": "old", "userId": "u1", "userIdType": 1, "content": '{"cardPrivateData":{"actionIds":["x"]}}'}
    ack = await fake.gateway.push(data, TOPIC_CARD)
    assert ack.code == 200
    await asyncio.sleep(0.05)
    assert bot.got == []
    assert "失效" in fake.chats["u1"][0][1]["content"]


async def test_a_group_is_answered_in_the_group_with_a_mention(fake: FakeDingTalk, bot: Bot) -> None:
    await fake.gateway.push(fake.message("u1", "今天谁在外面", "cidEast=="))
    assert (bot.got[0].text, bot.got[0].group) == ("今天谁在外面", "cidEast==")
    await bot.sent()
    await bot.client.send(delivery(key="m2", group="cidEast==", mention="u1"))
    body = fake.called("createAndDeliver")[-1].body
    assert body["openSpaceId"] == "dtv1.card//IM_GROUP.cidEast=="
    assert body["imGroupOpenDeliverModel"] == {"robotCode": "dingapp", "atUserIds": {"u1": "昵称u1"}}


async def test_the_same_message_on_and_on_is_handled_once(fake: FakeDingTalk, bot: Bot) -> None:
    data = fake.message("u1", "明天下午3点拜访宏远")
    acks = await asyncio.gather(*(fake.gateway.push(data) for _ in range(5)))
    assert [a.code for a in acks] == [200] * 5
    assert len(bot.got) == 1


async def test_a_message_is_acknowledged_only_after_its_commit(fake: FakeDingTalk, bot: Bot) -> None:
    committed = asyncio.Event()

    async def commit(message: Message) -> None:
        await committed.wait()

    bot.work = commit
    answer = fake.gateway.push(fake.message("u1", "明天下午3点拜访宏远"))
    await asyncio.sleep(0.1)
    assert not answer.done()
    committed.set()
    assert (await answer).code == 200


async def test_too_slow_is_never_acknowledged_as_done_and_the_second_delivery_joins_the_first(
    fake: FakeDingTalk, bot: Bot
) -> None:
    committed = asyncio.Event()

    async def commit(message: Message) -> None:
        await committed.wait()

    bot.work = commit
    data = fake.message("u1", "明天下午3点拜访宏远")
    first = await fake.gateway.push(data)
    assert first.code == 500
    again = fake.gateway.push(data)
    await asyncio.sleep(0.02)
    committed.set()
    assert (await again).code == 200
    assert len(bot.got) == 1


async def test_a_failure_inside_is_told_to_the_sender_and_a_redelivery_works(fake: FakeDingTalk, bot: Bot) -> None:
    async def broken(message: Message) -> None:
        raise OSError("disk is full")

    bot.work = broken
    data = fake.message("u1", "明天下午3点拜访宏远")
    assert (await fake.gateway.push(data)).code == 500
    assert "没有办理" in fake.chats["u1"][0][1]["content"]
    bot.work = None
    assert (await fake.gateway.push(data)).code == 200
    assert len(bot.got) == 1


async def test_messages_of_one_person_are_handed_in_in_order(fake: FakeDingTalk, bot: Bot) -> None:
    conn = (await fake.gateway.connected())[0]
    bot.reply = lambda message: None
    pushed = [fake.gateway.push(fake.message("u1", f"第{i}条"), conn=conn) for i in range(200)]
    await asyncio.gather(*pushed)
    assert [m.text for m in bot.got] == [f"第{i}条" for i in range(200)]
