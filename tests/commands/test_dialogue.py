"""Questions, answers, corrections, topics: contract.md sections 5 and 7b "Numbers", sentences 1-29."""

import pytest

from tests.commands.kit import Begin, at, book, booked, kinds, seed, visit
from tests.talking import Chat, office


def two_zhangs() -> dict[str, object]:
    """Two colleagues of one name."""
    data = office()
    for id_, team, boss in (("zw1", "售前组", "songhe"), ("zw2", "南区组", "shenbo")):
        row = {"id": id_, "name": "章维", "role": "rep", "team": team, "department": "销售", "manager": boss, "aliases": []}
        data["members"].append(row)
    return data


async def test_only_what_is_missing_is_asked(chat: Chat) -> None:
    text = await chat.reply("hanmei", "想约飞燕的龚厂长，做个产品演示")
    assert "时间" in text
    await chat.says("hanmei", "下周二")
    assert not booked(chat)
    await chat.says("hanmei", "上午十点半")
    (event,) = chat.named("visit.booked")
    assert (event["visit"]["start"], event["visit"]["purpose"]) == (at(16, "10:30").isoformat(), "产品演示")


async def test_without_a_purpose_it_is_booked_and_the_card_offers_the_four(chat: Chat) -> None:
    text = await chat.reply("hanmei", book("k7", 12, "10:00"))
    assert text.startswith("已预约")
    await chat.says("hanmei", "合同谈判")
    assert chat.named("visit.updated")[0]["visit"]["purpose"] == "合同谈判"


@pytest.mark.parametrize("answer", ["12号", "12号吧", "6月12号", "周五", "1", "第一个", "12号那天"])
async def test_weekday_and_date_disagree(chat: Chat, answer: str) -> None:
    """12号 is a day here, not the twelfth choice."""
    text = await chat.reply("hanmei", "周三6月12号上午十点拜访飞燕，产品演示")
    assert not booked(chat)
    assert "周五" in text
    assert "周三" in text
    await chat.says("hanmei", answer)
    assert booked(chat) == [("k7", "12T10:00")]


@pytest.mark.parametrize("answer", ["1", "售前", "售前组的", "第一个", "售前组那个"])
async def test_two_people_of_one_name(begin: Begin, answer: str) -> None:
    async with begin(two_zhangs()) as chat:
        text = await chat.reply("hanmei", "下周二上午十点去飞燕做产品演示，带上章维")
        assert "售前组" in text
        assert "南区组" in text
        assert not booked(chat)
        await chat.says("hanmei", answer)
        assert chat.named("visit.booked")[0]["visit"]["participants"] == ["zw1"]


@pytest.mark.parametrize("answer", ["大桥", "第二个", "2", "大桥化工"])
async def test_two_customers_of_one_name(begin: Begin, answer: str) -> None:
    data = seed(k1={"aliases": ["金桥", "桥牌"]}, k3={"aliases": ["大桥", "桥牌"], "owner": "hanmei"}, drop=("w2",))
    async with begin(data) as chat:
        text = await chat.reply("hanmei", "下周二上午十点去桥牌")
        assert "金桥电气" in text
        assert "大桥化工" in text
        assert not booked(chat)
        await chat.says("hanmei", answer)
        assert booked(chat) == [("k3", "16T10:00")]


async def test_a_number_beyond_the_choices_changes_nothing(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    for text in ("7", "第九个", "0", "12"):
        reply = await chat.reply("hanmei", text)
        assert "没有任何改动" in reply
    assert not booked(chat)
    assert not chat.named("conflict.resolved")


async def test_a_number_is_the_askers_own(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.says("duwei", "1")
    assert not booked(chat)


async def test_the_newest_card_is_meant(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.says("hanmei", book("k2", 12, "19:00"))
    await chat.says("hanmei", "1")
    assert booked(chat) == [("k2", "12T19:00")]


@pytest.mark.parametrize(
    ("wrong", "start"), [("不是周三是周四", (18, "10:00")), ("改到下午三点", (17, "15:00")), ("错了，是下午两点", (17, "14:00"))]
)
async def test_a_correction_right_after_keeps_the_rest(chat: Chat, wrong: str, start: tuple[int, str]) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    await chat.says("hanmei", wrong)
    moved = chat.named("visit.rescheduled")[-1]["visit"]
    assert (moved["start"], moved["purpose"]) == (at(*start).isoformat(), "产品演示")
    assert len(booked(chat)) == 1


async def test_a_correction_of_an_open_draft(chat: Chat) -> None:
    await chat.says("hanmei", "下周三去飞燕做产品演示")
    await chat.says("hanmei", "不是周三是周四")
    assert not chat.named("visit.rescheduled")
    await chat.says("hanmei", "上午十点")
    assert booked(chat) == [("k7", "18T10:00")]


async def test_the_wrong_customer(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    await chat.says("hanmei", "时间没错，客户错了，是绿洲不是飞燕")
    assert chat.named("visit.cancelled")[0]["visit"]["customer"] == "k7"
    assert booked(chat) == [("k7", "17T10:00"), ("k2", "17T10:00")]


async def test_another_topic_leaves_the_question_open(chat: Chat) -> None:
    await chat.says("hanmei", "约飞燕做产品演示")
    await chat.says("hanmei", "我周四有几个拜访")
    assert chat.outcome is not None
    assert chat.outcome.intent == "visit.list"
    await chat.says("hanmei", "下周二上午十点半")
    assert booked(chat) == [("k7", "16T10:30")]


async def test_a_new_booking_is_not_the_answer_to_an_old_question(chat: Chat) -> None:
    await chat.says("hanmei", "约飞燕做产品演示，带上江涛")
    await chat.says("hanmei", "下周二上午十点去绿洲谈合同")
    (event,) = chat.named("visit.booked")
    assert (event["visit"]["customer"], event["visit"]["participants"], event["visit"]["purpose"]) == ("k2", [], "合同谈判")


@pytest.mark.parametrize("no", ["算了", "取消", "先不约了", "不要了"])
async def test_a_no_drops_the_question(chat: Chat, no: str) -> None:
    await chat.says("hanmei", "约飞燕做产品演示")
    await chat.says("hanmei", no)
    await chat.says("hanmei", "下周二上午十点半")
    assert not booked(chat)
    assert not chat.named("visit.cancelled")


@pytest.mark.parametrize("yes", ["好的", "确认", "可以", "仍然预约", "1", "就这样吧，仍然预约"])
async def test_a_yes_to_a_soft_warning(chat: Chat, yes: str) -> None:
    await chat.says("hanmei", "周五晚上七点去飞燕谈合同")
    assert kinds(chat) == ["off_hours"]
    await chat.says("hanmei", yes)
    assert booked(chat) == [("k7", "12T19:00")]


@pytest.mark.parametrize("yes", ["好的", "确认", "可以", "仍然预约", "同意"])
async def test_a_yes_to_a_hard_clash_is_none(chat: Chat, yes: str) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.says("hanmei", yes)
    assert not booked(chat)
    assert not chat.named("approval.requested")


@pytest.mark.parametrize("text", ["好的", "算了", "3", "第二个", "撤销", "不是周三是周四", "谢谢", "你好", "改到四点"])
async def test_with_nothing_open_nothing_happens(begin: Begin, text: str) -> None:
    async with begin(seed(drop=("w1",))) as chat:
        reply = await chat.reply("hanmei", text)
        assert reply
        assert not chat.events


async def test_why_tells_the_rule_and_the_facts(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    text = await chat.reply("hanmei", "为什么")
    assert "rep_overlap" in text
    assert "金桥" in text
    await chat.says("hanmei", book("k2", 16, "10:00"))
    assert "rep_overlap" not in await chat.reply("hanmei", "为什么"), "the last answer was a clean booking"


async def test_a_question_asked_again_with_another_person_or_time(chat: Chat) -> None:
    assert "15:00–16:00" in await chat.reply("hanmei", "杜伟周五下午在哪")
    assert "方宇" in await chat.reply("hanmei", "方宇呢")
    assert "周四" in await chat.reply("hanmei", "那周四呢")
    assert not chat.events


@pytest.mark.parametrize("text", ["我周四几个拜访？", "我周四有几个拜访呢？", "那我周四有几个拜访呢"])
async def test_a_whole_question_is_its_own(chat: Chat, text: str) -> None:
    """A question mark alone does not make it the last question asked again."""
    await chat.says("hanmei", "我周五下午还有空吗")
    reply = await chat.reply("hanmei", text)
    assert chat.outcome is not None
    assert chat.outcome.intent == "visit.list"
    assert "金桥" in reply


async def test_a_forwarded_customer_message_is_a_booking_question(chat: Chat) -> None:
    await chat.says("hanmei", "顾总：下周四下午两点以后都行，来我们园区工厂")
    assert chat.outcome is not None
    assert chat.outcome.intent == "visit.book"
    assert not booked(chat)


async def test_voice_is_like_typing(chat: Chat) -> None:
    await chat.says("hanmei", voice="帮我约一下下周二下午两点半去飞燕模具谈合同大概两个小时")
    (event,) = chat.named("visit.booked")
    visit_ = event["visit"]
    assert (visit_["start"], visit_["end"], visit_["purpose"]) == (
        at(16, "14:30").isoformat(),
        at(16, "16:30").isoformat(),
        "合同谈判",
    )


async def test_several_in_one_message(chat: Chat) -> None:
    text = await chat.reply("hanmei", "下周三上午九点半飞燕、下午两点绿洲，都是售后回访")
    assert not booked(chat)
    assert "确认" in text
    await chat.says("hanmei", "好的")
    assert booked(chat) == [("k7", "17T09:30"), ("k2", "17T14:00")]


async def test_several_of_which_one_clashes(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k3", "duwei", 17, "14:00"))) as chat:
        await chat.says("hanmei", "下周三上午九点半飞燕、下午两点大桥，都是售后回访")
        assert "customer_overlap" in kinds(chat)
        assert chat.to("duwei", "push"), "the holder is told at once"
        await chat.press("hanmei", "确认")
        assert booked(chat) == [("k7", "17T09:30")]


async def test_several_that_clash_with_one_another(chat: Chat) -> None:
    text = await chat.reply("hanmei", "下周三上午九点半飞燕、十点绿洲，都是售后回访")
    assert "撞" in text
    await chat.press("hanmei", "确认")
    assert booked(chat) == [("k7", "17T09:30")]


async def test_a_series_moves_off_holidays_and_is_asked_once(chat: Chat) -> None:
    await chat.says("hanmei", "每周五上午十点拜访飞燕")
    text = chat.to("hanmei")[-1]
    assert "6月22日 周一 10:00" in text, "6-19 is a holiday: the next workday"
    assert not booked(chat)
    await chat.says("hanmei", "确认")
    days = [day for _, day in booked(chat)]
    assert days[:3] == ["12T10:00", "22T10:00", "26T10:00"]
    first = chat.wire.got[0].card.buttons[0]
    await chat.says("hanmei", click=first.says)
    assert len(booked(chat)) == len(days), "pressed twice"


async def test_a_series_leaves_out_what_clashes(begin: Begin) -> None:
    rows = [visit("z1", "k2", "hanmei", 26, "10:30"), visit("z2", "k7", "duwei", 12, "10:00")]
    async with begin(seed(*rows)) as chat:
        text = await chat.reply("hanmei", "每周五上午十点拜访飞燕")
        assert text.count("这次不约") == 2
        await chat.press("hanmei", "确认")
        assert not {"12T10:00", "26T10:00"} & {day for _, day in booked(chat)}
