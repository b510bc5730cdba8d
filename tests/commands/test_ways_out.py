"""Every way out of a conflict: pressed, typed as a number, typed as words, stale, by somebody else, in a group."""

from datetime import timedelta

import pytest

from tests.commands.kit import Begin, at, book, booked, kinds, seed, settled, visit
from tests.talking import NOW, Chat


@pytest.mark.parametrize("answer", ["press", "5", "第五个", "选5吧", "请主管特批", "那就请主管特批吧"])
async def test_a_way_out_by_press_number_or_words(chat: Chat, answer: str) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    if answer == "press":
        await chat.press("hanmei", "请主管特批")
    else:
        await chat.says("hanmei", answer)
    assert chat.named("approval.requested")[0]["approval"]["kind"] == "special"
    assert not booked(chat), "nothing is held meanwhile"


async def test_three_times_have_buttons_whatever_else_is_offered(begin: Begin) -> None:
    """R15: an own clash at a customer that a colleague visits too: every way out, and still three times."""
    rows = [visit("z1", "k7", "duwei", 12, "10:00")]
    async with begin(seed(*rows)) as chat:
        for who in ("hanmei", "qinlan"):
            await chat.says(who, book("k2", 11, "14:30"))
            await chat.says(who, book("k7", 11, "14:30"))
            card = chat.wire.got[-1].card
            offered = chat.named("conflict.found")[-1]["alternatives"] if chat.named("conflict.found") else []
            times = [b for b in card.buttons if "月" in b.text]
            assert len(times) == min(3, len(offered)) or not offered
            assert len(card.buttons) <= 6


async def test_a_managers_word_overrides_an_own_overlap(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.press("hanmei", "请主管特批")
    await chat.press("qinlan", "同意")
    assert booked(chat) == [("k7", "11T14:30")]
    assert settled(chat) == ["overridden"]
    assert any("已解决" in t for t in chat.to("hanmei", "update"))


async def test_a_manager_overrides_his_own_with_a_reason(chat: Chat) -> None:
    await chat.says("qinlan", book("k7", 15, "10:00"))
    await chat.press("qinlan", "仍然预约")
    await chat.says("qinlan", book("k2", 15, "10:30"))
    text = await chat.reply("qinlan", "说明原因后特批")
    assert "原因" in text
    assert len(booked(chat)) == 1
    await chat.says("qinlan", "客户只有这个时间")
    assert booked(chat)[-1] == ("k2", "15T10:30")
    assert settled(chat)[-1] == "overridden"
    assert "客户只有这个时间" in await chat.reply("qinlan", "为什么")


async def test_the_same_customer_at_one_time_stays_hard_for_everybody(begin: Begin) -> None:
    async with begin() as chat:
        for who in ("hanmei", "qinlan", "songhe", "wuxin"):
            text = await chat.reply(who, book("k3", 12, "15:30"))
            assert "customer_overlap" in kinds(chat)
            assert "特批" not in text
            assert "仍然预约" not in text
        assert not booked(chat)


async def test_moving_the_own_visit_books_the_wish_in_the_same_step(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    text = await chat.reply("hanmei", "改约原来那个")
    assert "金桥" in text
    await chat.says("hanmei", "周五上午十点")
    assert chat.named("visit.rescheduled")[0]["visit"]["start"] == at(12, "10:00").isoformat()
    assert booked(chat) == [("k7", "11T14:30")]
    assert settled(chat) == ["moved"]
    assert chat.to("hanmei", "reply")[-1].startswith("已预约：6月11日 周四 14:30")


async def test_giving_up_the_move_keeps_everything(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.press("hanmei", "改约原来那个")
    await chat.says("hanmei", "算了")
    assert settled(chat) == ["dropped"]
    await chat.says("hanmei", "周五上午十点")
    assert not chat.named("visit.rescheduled")
    assert not booked(chat)


async def test_asking_the_other_to_move(chat: Chat) -> None:
    """请对方改约: nothing moves by itself; when the holder moves, both cards change and one tap books."""
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.press("hanmei", "请对方改约")
    assert not chat.named("visit.rescheduled")
    await chat.press("duwei", "改时间")
    await chat.says("duwei", "下周一上午十点")
    assert settled(chat) == ["moved"]
    assert any("已解决" in t for t in chat.to("hanmei", "update"))
    assert "空出来了" in chat.to("hanmei", "push")[-1]
    await chat.press("hanmei", "现在预约")
    assert booked(chat) == [("k3", "12T15:00")]


async def test_a_holder_who_keeps_his_time(chat: Chat) -> None:
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.press("hanmei", "请对方改约")
    await chat.press("duwei", "不改")
    assert "不改" in chat.to("hanmei", "push")[-1]
    await chat.press("hanmei", "再试一次")
    assert not booked(chat)
    assert kinds(chat)[0] == "customer_overlap"


async def test_a_refused_one_hears_when_the_visit_is_cancelled(chat: Chat) -> None:
    """R101: the change of somebody else reaches whom it concerns without asking."""
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.says("duwei", "/visit.cancel visit_id=w2")
    assert settled(chat) == ["moved"]
    await chat.press("hanmei", "现在预约")
    assert booked(chat) == [("k3", "12T15:00")]


async def test_the_holder_is_told_at_once_only_of_a_hard_clash(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k2", "duwei", 12, "10:00"))) as chat:
        await chat.says("hanmei", book("k2", 15, "10:00"))
        assert kinds(chat) == ["customer_window"]
        assert not chat.to("duwei")
        await chat.press("hanmei", "仍然预约")
        assert len(chat.to("duwei", "push")) == 1, "after the choice"
        await chat.says("fangyu", book("k2", 12, "10:30"))
        assert len(chat.to("duwei", "push")) == 2
        assert "方宇" in chat.to("duwei", "push")[-1]


async def test_going_along_declined(chat: Chat) -> None:
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.says("hanmei", "同行")
    await chat.says("duwei", "婉拒")
    assert not chat.named("visit.updated")
    assert "婉拒" in chat.to("hanmei", "push")[-1]


async def test_only_the_holder_lets_somebody_come_along(chat: Chat) -> None:
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.press("hanmei", "同行")
    button = next(b for g in chat.wire.got if g.to == "duwei" for b in g.card.buttons if "同意" in b.text)
    await chat.says("fangyu", click=button.says)
    await chat.says("hanmei", click=button.says)
    assert not chat.named("visit.updated")
    assert len(chat.named("access.denied")) == 2
    await chat.says("duwei", click=button.says)
    await chat.says("duwei", click=button.says)
    assert len(chat.named("visit.updated")) == 1
    assert settled(chat) == ["joined"]


async def test_going_along_is_no_way_past_an_own_clash(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k7", "hanmei", 12, "15:30"))) as chat:
        await chat.says("hanmei", book("k3", 12, "15:00"))
        await chat.press("hanmei", "同行")
        text = await chat.reply("duwei", "同意同行")
        assert "已有安排" in text
        assert not chat.named("visit.updated")


async def test_a_way_out_whose_time_has_passed_does_nothing(begin: Begin) -> None:
    data = seed(k3={"created": "2026-06-01T10:00:00+08:00"})
    async with begin(data) as chat:
        await chat.says("hanmei", book("k3", 9, "11:00"))
        await chat.says("duwei", book("k7", 9, "11:00"))
        await chat.advance(NOW + timedelta(hours=3))
        for who, words in (("hanmei", "申请审批"), ("duwei", "仍然预约")):
            await chat.press(who, words)
            assert "已经过去" in chat.to(who, "reply")[-1]
        assert not booked(chat)
        assert not chat.named("approval.requested")


async def test_a_soft_choice_is_checked_again(begin: Begin) -> None:
    """The slot was taken after the card was shown: 仍然预约 must not book over it."""
    async with begin() as chat:
        await chat.says("hanmei", book("k2", 13, "10:00"))
        await chat.says("duwei", book("k2", 13, "10:00"))
        await chat.press("duwei", "仍然预约")
        await chat.press("hanmei", "仍然预约")
        assert len(booked(chat)) == 1
        assert "customer_overlap" in kinds(chat)


async def test_an_offered_time_that_was_taken_meanwhile(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    first = chat.named("conflict.found")[0]["alternatives"][0]["start"]
    await chat.says("hanmei", f"/visit.book customer_id=k2 time={first}")
    button = chat.wire.got[0].card.buttons[0]
    await chat.says("hanmei", click=button.says)
    assert [c for c, _ in booked(chat)].count("k7") == 0
    assert kinds(chat)[0] == "rep_overlap"


async def test_a_card_of_yesterday_still_works(chat: Chat) -> None:
    """Also on an expired card: checked again, then carried out."""
    await chat.says("hanmei", book("k7", 12, "19:00"))
    await chat.advance(NOW + timedelta(days=2))
    button = next(b for g in chat.wire.got for b in g.card.buttons if b.text == "仍然预约")
    await chat.says("hanmei", click=button.says)
    assert booked(chat) == [("k7", "12T19:00")]


async def test_giving_up_changes_the_holders_card(chat: Chat) -> None:
    await chat.says("hanmei", book("k3", 12, "15:00"))
    await chat.says("hanmei", "算了")
    assert settled(chat) == ["dropped"]
    assert any("已解决" in t for t in chat.to("duwei", "update"))


async def test_an_alternative_is_no_second_attempt(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 11, "14:30"))
    await chat.says("hanmei", "1")
    assert len(chat.named("conflict.found")) == 1
    assert settled(chat) == ["alternative"]


async def test_two_visits_of_one_customer_that_overlap_offer_to_move_the_first(chat: Chat) -> None:
    """Half past two at a customer whose visit is at two: one wants that one moved, not a second."""
    text = await chat.reply("hanmei", book("k1", 11, "14:30"))
    assert "特批" not in text
    await chat.says("hanmei", "改那一次的时间")
    assert chat.named("visit.rescheduled")[0]["visit"]["start"] == at(11, "14:30").isoformat()
    assert not booked(chat)
