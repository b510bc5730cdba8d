"""Moving, cancelling, undoing, bringing back: R17, R18, sentences 13-22."""

from datetime import timedelta

import pytest

from tests.commands.kit import Begin, at, book, booked, kinds, move, seed, visit
from tests.talking import NOW, Chat


@pytest.mark.parametrize(("minutes", "undone"), [(9, True), (10, True), (11, False)])
async def test_ten_minutes_to_undo(chat: Chat, minutes: int, undone: bool) -> None:
    await chat.says("hanmei", book("k7", 12, "10:00"))
    await chat.advance(NOW + timedelta(minutes=minutes))
    await chat.says("hanmei", "撤销刚才的预约")
    assert bool(chat.named("undo.done")) is undone
    assert bool(chat.named("visit.cancelled")) is undone


@pytest.mark.parametrize("minutes", [9, 11])
@pytest.mark.parametrize(("change", "event"), [
    (move("w1", 12, "10:00"), "visit.restored"),
    ("/visit.cancel visit_id=w1", "visit.restored"),
    ("/visit.update visit_id=w1 mode=online purpose=合同谈判", "visit.updated"),
    ("/visit.invite visit_id=w1 people=江涛", "visit.updated"),
])  # fmt: skip
async def test_every_change_can_be_undone_for_ten_minutes(chat: Chat, change: str, event: str, minutes: int) -> None:
    await chat.says("hanmei", change)
    before = len(chat.named(event))
    await chat.advance(NOW + timedelta(minutes=minutes))
    await chat.says("hanmei", "撤销")
    if minutes > 10:
        assert not chat.named("undo.done")
        return
    assert len(chat.named(event)) == before + 1
    state = chat.named(event)[-1]["visit"]
    was = {"start": at(11, "14:00").isoformat(), "mode": "onsite", "purpose": "产品演示", "participants": [], "status": "planned"}
    assert {k: state[k] for k in was} == was


async def test_undo_pressed_twice_or_by_somebody_else(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", 12, "10:00"))
    button = chat.wire.got[-1].card.buttons[0]
    assert button.text == "撤销"
    await chat.says("duwei", click=button.says)
    assert chat.named("access.denied")
    assert not chat.named("undo.done")
    await chat.says("hanmei", click=button.says)
    await chat.says("hanmei", click=button.says)
    assert len(chat.named("undo.done")) == 1
    assert len(chat.named("visit.cancelled")) == 1


async def test_undo_needs_everybody_free_again(chat: Chat) -> None:
    """A companion of the cancelled visit was booked elsewhere meanwhile."""
    await chat.says("hanmei", "/visit.invite visit_id=w1 people=杜伟")
    await chat.says("hanmei", "/visit.cancel visit_id=w1")
    await chat.says("duwei", book("k3", 11, "14:30"))
    assert booked(chat) == [("k3", "11T14:30")]
    await chat.says("hanmei", "撤销")
    assert not chat.named("visit.restored")
    assert "不空" in chat.to("hanmei", "reply")[-1]
    await chat.says("hanmei", "金桥恢复吧")
    assert not chat.named("visit.restored")


async def test_undo_of_a_move_whose_old_slot_was_taken(chat: Chat) -> None:
    await chat.says("hanmei", move("w1", 12, "10:00"))
    await chat.says("hanmei", book("k7", 11, "14:00"))
    await chat.says("hanmei", "/dialog.undo visit=w1")
    assert not chat.named("visit.restored")


async def test_restore_after_a_cancel_is_the_same_visit_with_its_reminder(chat: Chat) -> None:
    await chat.says("hanmei", "取消周四金桥的拜访")
    await chat.says("hanmei", "还是按原来的时间")
    (event,) = chat.named("visit.restored")
    assert event["visit"]["id"] == "w1"
    assert not chat.named("visit.booked")
    await chat.advance(at(11, "13:30"))
    assert [e["visit"] for e in chat.named("reminder.sent") if e["to"] == "hanmei"] == ["w1"]


async def test_restore_puts_a_moved_visit_back_also_after_the_undo_time(chat: Chat) -> None:
    await chat.says("hanmei", move("w1", 12, "10:00"))
    await chat.advance(NOW + timedelta(hours=5))
    await chat.says("hanmei", "王总改主意了，还是原来那个时间")
    (event,) = chat.named("visit.restored")
    assert (event["visit"]["id"], event["visit"]["start"]) == ("w1", at(11, "14:00").isoformat())
    await chat.advance(at(12, "12:00"))
    assert len([e for e in chat.named("reminder.sent") if e["visit"] == "w1"]) == 1


async def test_restore_would_make_a_third_team(begin: Begin) -> None:
    """R9: a third team within the week is impossible to reach silently, also through 恢复."""
    rows = [visit("z1", "k2", "lujia", 15, "10:00")]
    async with begin(seed(*rows)) as chat:
        await chat.says("lujia", "/visit.cancel visit_id=z1")
        await chat.says("fangyu", book("k2", 16, "10:00"))
        await chat.press("fangyu", "仍然预约")
        await chat.says("hanmei", book("k2", 17, "10:00"))
        await chat.press("hanmei", "仍然预约")
        chat.forget()
        await chat.says("lujia", "/visit.restore visit_id=z1")
        assert not chat.named("visit.restored")
        assert "审批" in chat.to("lujia", "reply")[-1]


async def test_participants_hear_of_a_move_and_of_a_cancel_without_the_private_reason(chat: Chat) -> None:
    await chat.says("hanmei", "/visit.invite visit_id=w1 people=江涛")
    await chat.says("hanmei", "周四金桥改到下午四点")
    assert any("16:00" in t for t in chat.to("jiangtao", "push"))
    await chat.says("hanmei", "周四的拜访都取消，我发烧了")
    await chat.press("hanmei", "确认")
    assert chat.named("visit.cancelled")
    assert any("已取消" in t for t in chat.to("jiangtao"))
    assert not any("发烧" in t or "病" in t for t in chat.to("jiangtao"))


async def test_cancel_without_a_word_about_which_never_guesses(begin: Begin) -> None:
    rows = [
        visit("z1", "k7", "hanmei", 12, "10:00"),
        visit("z2", "k2", "hanmei", 15, "10:00"),
        visit("z3", "k1", "hanmei", 16, "10:00"),
    ]
    async with begin(seed(*rows)) as chat:
        text = await chat.reply("hanmei", "取消")
        assert not chat.named("visit.cancelled")
        assert "1. 6月11日 周四 14:00 金桥" in text
        assert "3. " in text
        await chat.says("hanmei", "第二个")
        assert [e["visit"]["id"] for e in chat.named("visit.cancelled")] == ["z1"]


async def test_a_booking_said_into_an_open_question_is_a_booking(begin: Begin) -> None:
    """要取消哪一次 is open; a booking must not be read as its answer."""
    async with begin(seed(visit("z1", "k7", "hanmei", 12, "10:00"))) as chat:
        await chat.says("hanmei", "取消")
        await chat.says("hanmei", "下周二上午十点去绿洲")
        assert not chat.named("visit.cancelled")
        assert booked(chat) == [("k2", "16T10:00")]


@pytest.mark.parametrize("word", ["算了", "先不要了", "不用了"])
async def test_a_no_to_a_reminder_cancels_nothing(chat: Chat, word: str) -> None:
    """The reminder's card has 取消拜访; 算了 must not press it."""
    await chat.advance(at(11, "13:05"))
    await chat.says("hanmei", word)
    assert not chat.named("visit.cancelled")
    await chat.says("hanmei", "2")
    assert chat.named("visit.cancelled")


async def test_several_are_shown_before_they_are_cancelled(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k7", "hanmei", 11, "10:00"))) as chat:
        await chat.says("hanmei", "周四的拜访全部取消")
        assert not chat.named("visit.cancelled")
        await chat.says("hanmei", "好的")
        assert {e["visit"]["id"] for e in chat.named("visit.cancelled")} == {"w1", "z1"}


async def test_a_preview_that_grew_old_leaves_what_changed(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k7", "hanmei", 11, "10:00"))) as chat:
        await chat.says("hanmei", "周四的拜访全部取消")
        preview = chat.wire.got[-1].card.buttons[0]
        await chat.says("hanmei", move("z1", 11, "11:00"))
        text = await chat.reply("hanmei", click=preview.says)
        assert [e["visit"]["id"] for e in chat.named("visit.cancelled")] == ["w1"]
        assert "刚有变动" in text


async def test_two_visits_change_places(begin: Begin) -> None:
    rows = [visit("z1", "k7", "hanmei", 12, "10:00", participants=["jiangtao"])]
    async with begin(seed(*rows)) as chat:
        await chat.says("hanmei", "把周四的和周五的对调一下")
        assert not chat.named("visit.rescheduled")
        await chat.says("hanmei", "确认")
        moved = {e["visit"]["id"]: e["visit"]["start"] for e in chat.named("visit.rescheduled")}
        assert moved == {"w1": at(12, "10:00").isoformat(), "z1": at(11, "14:00").isoformat()}
        assert any("14:00" in t for t in chat.to("jiangtao", "push"))
        await chat.advance(at(12, "12:00"))
        reminded = [(e["visit"], e["to"]) for e in chat.named("reminder.sent") if e["to"] == "hanmei"]
        assert reminded == [("z1", "hanmei"), ("w1", "hanmei")]


@pytest.mark.parametrize("text", ["/visit.cancel visit_id=w2", move("w2", 15, "10:00"), "/visit.update visit_id=w2 mode=online",
                                  "/visit.invite visit_id=w2 people=江涛", "/visit.restore visit_id=w2", "/visit.retime visit=w2",
                                  "/visit.substitute visit_id=w2 member=jiangtao"])  # fmt: skip
async def test_somebody_elses_visit_is_not_changed(chat: Chat, text: str) -> None:
    reply = await chat.reply("hanmei", text)
    assert "无权" in reply
    assert chat.named("access.denied")
    assert len(chat.events) == 1


@pytest.mark.parametrize(
    "text", ["取消杜伟周五的拜访", "周五大桥的拜访取消", "把杜伟周五大桥的拜访改到下周一上午十点", "大桥的拜访改成线上"]
)
async def test_somebody_elses_visit_by_name_is_refused_not_guessed(begin: Begin, text: str) -> None:
    """A colleague's name must never lead to the asker's own visit of that day."""
    async with begin(seed(visit("z1", "k7", "hanmei", 12, "10:00"))) as chat:
        reply = await chat.reply("hanmei", text)
        assert "无权" in reply
        assert "杜伟" in reply
        assert "申请协作" in reply
        assert [e.name for e in chat.events] == ["access.denied"]


async def test_a_manager_names_his_rep(chat: Chat) -> None:
    await chat.says("qinlan", "杜伟周五的拜访取消")
    assert [e["visit"]["id"] for e in chat.named("visit.cancelled")] == ["w2"]
    assert any("已取消" in t for t in chat.to("duwei", "push"))


async def test_a_cancelled_visit_is_brought_back_by_its_people_only(chat: Chat) -> None:
    await chat.says("duwei", "/visit.cancel visit_id=w2")
    assert "无权" in await chat.reply("hanmei", "/visit.restore visit_id=w2")
    assert not chat.named("visit.restored")


@pytest.mark.parametrize("boss", ["qinlan", "songhe", "wuxin"])
async def test_managers_upwards_may(chat: Chat, boss: str) -> None:
    await chat.says(boss, move("w2", 15, "10:00"))
    assert chat.named("visit.rescheduled")
    assert any("改到" in t for t in chat.to("duwei", "push"))


async def test_a_manager_of_another_team_may_not(chat: Chat) -> None:
    assert "无权" in await chat.reply("shenbo", "/visit.cancel visit_id=w2")


async def test_to_the_past_and_to_the_same_time(chat: Chat) -> None:
    assert "已经过去" in await chat.reply("hanmei", move("w1", 8, "10:00"))
    assert "没有变化" in await chat.reply("hanmei", move("w1", 11, "14:00"))
    assert not chat.events


async def test_an_agreeing_word_is_no_change(chat: Chat) -> None:
    """D32: 好的四点见 on a visit at four changes nothing and says so."""
    await chat.says("hanmei", "周四金桥改到下午四点")
    chat.forget()
    await chat.says("hanmei", "好的，四点见")
    assert not chat.events


async def test_stand_in(chat: Chat) -> None:
    """代访: nothing changes before the colleague's yes; then the visit and its reminder are his, the customer stays."""
    await chat.says("duwei", "周五下午谁能替我去大桥，我发烧了")
    await chat.press("duwei", "请韩梅代访")
    assert not chat.named("visit.updated")
    assert not any("发烧" in t for t in chat.to("hanmei"))
    await chat.press("hanmei", "接受代访")
    assert chat.named("visit.updated")[0]["visit"]["rep"] == "hanmei"
    await chat.advance(at(12, "14:30"))
    assert [e["to"] for e in chat.named("reminder.sent") if e["visit"] == "w2"] == ["hanmei"]
    assert not chat.named("customer.transferred")


async def test_kinds_of_a_move_are_those_of_a_booking(chat: Chat) -> None:
    await chat.says("hanmei", move("w1", 13, "19:00"))
    assert kinds(chat) == ["off_hours"]
    assert "仍然预约" in chat.to("hanmei")[-1]
    await chat.says("hanmei", "仍然预约")
    assert chat.named("visit.rescheduled")
