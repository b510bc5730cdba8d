"""Groups: answered where it was said as far as the least privileged may see; buttons checked against who presses (D7, R157)."""

import pytest

from tests.commands.kit import Begin, at, book, booked, kinds, seed, visit
from tests.talking import Chat

SECRETS = ("13900000004", "021-61110004", "张杨路", "鲍总", "合同价八十万")


async def test_a_booking_in_a_group_shows_neither_purpose_nor_place(chat: Chat) -> None:
    text = await chat.reply("hanmei", "@拜访助手 周五上午十点去飞燕谈合同，找龚厂长", group="east")
    assert text.startswith("已预约：6月12日 周五 10:00 拜访飞燕")
    assert "合同谈判" not in text
    assert "前进路" not in text
    assert chat.named("visit.booked")[0]["visit"]["purpose"] == "合同谈判"


async def test_a_locked_customer_is_called_customer(chat: Chat) -> None:
    """fangyu's visit at the locked 星海 on Thursday 10:00."""
    for text in ("周四谁在外面", "方宇周四在哪", "周四大家有什么拜访"):
        reply = await chat.reply("hanmei", f"@拜访助手 {text}", group="all")
        assert "10:00–11:00" in reply
        assert "星海" not in reply
        assert not any(s in reply for s in SECRETS)


async def test_what_the_asker_may_see_beyond_the_group_comes_in_private(chat: Chat) -> None:
    got = await chat.says("fangyu", "@拜访助手 我周四有哪些拜访", group="all")
    public = [g.text for g in got if g.to == "g:all"]
    private = [g.text for g in got if g.to == "fangyu"]
    assert len(public) == 1
    assert "星海" not in public[0]
    assert "星海" in private[0]
    assert "合同谈判" in private[0]


async def test_a_conflict_in_a_group_keeps_the_locked_name(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k7", "hanmei", 15, "10:00"))) as chat:
        text = await chat.reply("fangyu", "@拜访助手 周四上午十点半去金桥", group="all")
        assert kinds(chat)[0] == "rep_overlap"
        assert "星海" not in text
        assert "10:00–11:00" in text


@pytest.mark.parametrize("words", ["仍然预约", "6月", "算了"])
async def test_a_card_in_the_group_obeys_only_its_asker(chat: Chat, words: str) -> None:
    await chat.says("hanmei", "@拜访助手 周五晚上七点去飞燕", group="east")
    got = await chat.press("duwei", words, group="east")
    assert chat.named("access.denied")
    assert not booked(chat)
    assert not chat.named("conflict.resolved")
    assert any(g.to == "duwei" and "无权" in g.text for g in got), "others get a private 无权"
    await chat.press("hanmei", "仍然预约", group="east")
    assert booked(chat) == [("k7", "12T19:00")]


async def test_a_question_in_the_group_is_answered_by_the_asked(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", "@拜访助手 周五上午拜访飞燕", group="east")
        await chat.press("duwei", "6月12日", group="east")
        assert chat.named("access.denied")
        await chat.says("duwei", "@拜访助手 1", group="east")
        assert not booked(chat)
        await chat.says("hanmei", "@拜访助手 十点", group="east")
        assert booked(chat) == [("k7", "12T10:00")]


async def test_a_number_in_private_does_not_answer_a_card_in_the_group(chat: Chat) -> None:
    await chat.says("hanmei", "@拜访助手 周五晚上七点去飞燕", group="east")
    await chat.says("hanmei", "1")
    assert not booked(chat)
    await chat.says("hanmei", "@拜访助手 1", group="east")
    assert booked(chat) == [("k7", "12T19:00")]


async def test_approving_in_a_group_is_for_the_approver(begin: Begin) -> None:
    data = seed(k3={"created": "2026-06-01T10:00:00+08:00"})
    async with begin(data) as chat:
        await chat.says("hanmei", book("k3", 15, "10:00"))
        await chat.press("hanmei", "申请审批")
        for who in ("duwei", "hanmei"):
            await chat.says(who, "@拜访助手 同意", group="east", quoted="请审批")
        assert len(chat.named("access.denied")) == 2
        assert not chat.named("approval.approved")
        await chat.says("qinlan", "@拜访助手 同意", group="east", quoted="请审批")
        assert chat.named("approval.approved")
        assert booked(chat) == [("k3", "15T10:00")]


async def test_a_stranger_in_a_group_learns_nothing(chat: Chat) -> None:
    got = await chat.says("guest", "@拜访助手 周四谁在外面", group="east")
    text = "\n".join(g.text for g in got)
    assert "韩梅" not in text
    assert "不是" in text
    assert chat.named("access.denied")
    assert [g.to for g in got] == ["guest"], "the group is not told either"


async def test_a_stranger_presses_a_button(chat: Chat) -> None:
    await chat.says("hanmei", "@拜访助手 周五晚上七点去飞燕", group="east")
    button = chat.wire.got[-1].card.buttons[0]
    await chat.says("guest", click=button.says, group="east")
    assert not booked(chat)


async def test_the_bots_name_is_not_part_of_the_sentence(chat: Chat) -> None:
    for mention in ("@拜访助手 ", "＠拜访助手", "@拜访助手\u2005"):
        chat.forget()
        await chat.says("hanmei", f"{mention}我周四几个拜访", group="east")
        assert chat.outcome is not None
        assert chat.outcome.intent == "visit.list"


async def test_free_time_never_says_why(chat: Chat) -> None:
    await chat.says("duwei", "我周五上午请假，看病")
    text = await chat.reply("hanmei", "@拜访助手 周五谁有空", group="east")
    assert "杜伟" in text
    assert "病" not in text
    assert "大桥" not in text
    assert "请假" not in text


async def test_another_departments_visits_are_times_and_names(chat: Chat) -> None:
    text = await chat.reply("jiangtao", "杜伟周五有什么拜访")
    assert "15:00–16:00" in text
    assert "大桥" in text
    assert "售后回访" not in text
    assert "诚信大道" not in text


async def test_companions_see_what_they_go_to(chat: Chat) -> None:
    await chat.says("fangyu", "/visit.invite visit_id=w3 people=江涛")
    assert "星海" in chat.to("jiangtao", "push")[-1]
    assert "星海" in await chat.reply("jiangtao", "我周四有哪些拜访")
    assert "星海" not in await chat.reply("hanmei", "江涛周四有哪些拜访")
    await chat.advance(at(11, "9:30"))
    assert any("星海" in t for t in chat.to("jiangtao", "push"))


async def test_what_a_group_may_not_read_of_a_customer_goes_to_the_asker_alone(chat: Chat) -> None:
    text = await chat.reply("hanmei", "金桥的资料", group="all")
    assert "61110001" not in text
    assert "完整资料已私信您" in text
    assert "0512-61110001" in chat.to("hanmei")[-1]
    before = len(chat.to("jiangtao"))
    assert "0512" not in await chat.reply("jiangtao", "金桥的资料", group="all")
    assert len(chat.to("jiangtao")) == before, "he may see no more in private"
