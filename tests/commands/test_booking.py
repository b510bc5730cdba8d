"""Booking: saved at once, asked for what is missing, or stopped with every way out."""

from datetime import timedelta

from tests.talking import NOW, Chat

WED = "2026-06-10"
THU = "2026-06-11"
FRI = "2026-06-12"


def book(customer: str, time: str, **more: object) -> str:
    extra = "".join(f" {k}={v}" for k, v in more.items())
    return f"/visit.book customer_id={customer} time={time}:00+08:00{extra}"


async def test_a_clear_booking_is_saved_at_once_with_an_undo(chat: Chat) -> None:
    text = await chat.reply("hanmei", book("k7", f"{WED}T10:00", purpose="售后回访"))
    assert text.startswith("已预约：6月10日 周三 10:00 拜访飞燕")
    assert "1. 撤销" in text
    (event,) = chat.named("visit.booked")
    assert (event["visit"]["start"], event["visit"]["rep"]) == (f"{WED}T10:00:00+08:00", "hanmei")
    await chat.press("hanmei", "撤销")
    assert chat.named("undo.done")
    assert chat.named("visit.cancelled")[0]["visit"]["id"] == event["visit"]["id"]


async def test_own_overlap_is_hard_and_an_alternative_books_at_once(chat: Chat) -> None:
    text = await chat.reply("hanmei", book("k7", f"{THU}T14:30"))
    (found,) = chat.named("conflict.found")
    assert found["hard"] is True
    assert found["kinds"][0] == "rep_overlap"
    assert len(found["alternatives"]) >= 3
    assert "金桥" in text
    assert not chat.named("visit.booked")
    await chat.says("hanmei", "1")
    (booked,) = chat.named("visit.booked")
    assert booked["visit"]["start"] == found["alternatives"][0]["start"]
    assert chat.named("conflict.resolved")[0]["by"] == "alternative"


async def test_an_answered_card_does_nothing_twice(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", f"{THU}T14:30"))
    await chat.press("hanmei", "6月")
    assert len(chat.named("visit.booked")) == 1
    conflict_card = next(g for g in chat.wire.got if "没有保存" in g.text)
    text = await chat.reply("hanmei", conflict_card.card.buttons[1].says)
    assert "已经处理过" in text
    assert len(chat.named("visit.booked")) == 1


async def test_somebody_elses_card_is_refused(chat: Chat) -> None:
    got = await chat.says("hanmei", book("k7", f"{THU}T14:30"))
    text = await chat.reply("duwei", got[0].card.buttons[0].says)
    assert "无权" in text
    assert chat.named("access.denied")
    assert not chat.named("visit.booked")


async def test_a_visit_in_the_past_is_refused(chat: Chat) -> None:
    assert "已经过去" in await chat.reply("hanmei", book("k7", "2026-06-08T10:00"))
    assert not chat.events


async def test_the_same_visit_again_is_shown_not_saved(chat: Chat) -> None:
    text = await chat.reply("hanmei", book("k1", f"{THU}T14:00"))
    assert text.startswith("已经约过了")
    assert not chat.named("visit.booked")


async def test_a_holder_is_told_and_may_take_the_other_along(chat: Chat) -> None:
    got = await chat.says("hanmei", book("k3", f"{FRI}T15:00"))
    assert "customer_overlap" in chat.named("conflict.found")[0]["kinds"]
    assert [g.to for g in got if g.why == "push"] == ["duwei"]
    await chat.press("hanmei", "同行")
    assert not chat.named("visit.updated")
    await chat.press("duwei", "同意同行")
    assert chat.named("visit.updated")[0]["visit"]["participants"] == ["hanmei"]
    assert chat.named("conflict.resolved")[0]["by"] == "joined"
    assert any("已解决" in t for t in chat.to("hanmei", "update"))


async def test_the_third_team_needs_the_managers_word(chat: Chat) -> None:
    await chat.says("duwei", book("k3", "2026-06-15T10:00"))
    await chat.says("fangyu", book("k3", "2026-06-16T10:00"))
    await chat.press("fangyu", "仍然预约")
    chat.forget()
    text = await chat.reply("lujia", book("k3", "2026-06-17T10:00"))
    assert "third_team" in chat.named("conflict.found")[0]["kinds"]
    assert "申请审批" in text
    await chat.press("lujia", "申请审批")
    (asked,) = chat.named("approval.requested")
    assert asked["approval"]["approvers"] == ["shenbo"]
    assert not chat.named("visit.booked")
    await chat.press("shenbo", "同意")
    assert chat.named("visit.booked")[0]["visit"]["status"] == "planned"
    assert any("已预约" in t or "同意" in t for t in chat.to("lujia", "push"))


async def test_a_rejected_request_frees_the_slot(chat: Chat) -> None:
    await third_team(chat)
    (asked,) = chat.named("approval.requested")
    await chat.says("lujia", f"/approval.approve id={asked['approval']['id']}")
    assert chat.named("access.denied"), "nobody decides his own request"
    await chat.press("shenbo", "驳回")
    assert chat.named("approval.rejected")
    assert chat.named("visit.cancelled")
    chat.forget()
    await chat.says("hanmei", book("k7", "2026-06-17T10:00"))
    await chat.says("lujia", book("k5", "2026-06-17T10:00"))
    assert "rep_overlap" not in [k for e in chat.named("conflict.found") for k in e["kinds"]]


async def third_team(chat: Chat) -> None:
    """Three teams want the same customer in one week; the third asks for approval."""
    await chat.says("duwei", book("k3", "2026-06-15T10:00"))
    await chat.says("fangyu", book("k3", "2026-06-16T10:00"))
    await chat.press("fangyu", "仍然预约")
    await chat.says("lujia", book("k3", "2026-06-17T10:00"))
    await chat.press("lujia", "申请审批")


async def test_pending_counts_as_busy(chat: Chat) -> None:
    await third_team(chat)
    chat.forget()
    await chat.says("lujia", book("k5", "2026-06-17T10:30"))
    assert chat.named("conflict.found")[0]["kinds"][0] == "rep_overlap"


async def test_soft_kinds_are_asked_once(chat: Chat) -> None:
    text = await chat.reply("hanmei", book("k7", f"{WED}T19:00"))
    assert chat.named("conflict.found")[0]["kinds"] == ["off_hours"]
    assert text.startswith("还没保存")
    await chat.says("hanmei", "仍然预约")
    assert chat.named("visit.booked")
    assert chat.named("conflict.resolved")[0]["by"] == "anyway"


async def test_anyway_does_not_override_a_hard_kind(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", f"{THU}T14:30"))
    await chat.says("hanmei", "仍然预约")
    assert not chat.named("visit.booked")


async def test_one_reminder_an_hour_before_and_none_after_a_move(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", f"{WED}T10:00"))
    visit = chat.named("visit.booked")[0]["visit"]["id"]
    await chat.says("hanmei", f"/visit.reschedule visit_id={visit} new_time={WED}T11:00:00+08:00")
    got = await chat.advance(NOW + timedelta(days=1, hours=2))
    reminders = [g for g in got if "提醒" in g.card.title]
    assert [g.at.strftime("%m-%d %H:%M") for g in reminders] == ["06-10 10:00"]
    assert "飞燕" in reminders[0].text
    assert len(chat.named("reminder.sent")) == 1


async def test_no_reminder_for_a_cancelled_visit(chat: Chat) -> None:
    await chat.says("hanmei", "/visit.cancel visit_id=w1")
    assert chat.named("visit.cancelled")
    got = await chat.advance(NOW + timedelta(days=3))
    assert not [g for g in got if g.to == "hanmei" and "金桥" in g.text and "提醒" in g.card.title]


async def test_a_repeated_delivery_changes_nothing(chat: Chat) -> None:
    await chat.says("hanmei", book("k7", f"{WED}T10:00"), key="same")
    again = await chat.says("hanmei", book("k7", f"{WED}T10:00"), key="same")
    assert again == []
    assert len(chat.named("visit.booked")) == 1


async def test_a_stranger_learns_nothing(chat: Chat) -> None:
    text = await chat.reply("nobody", "金桥是谁的")
    assert "不是" in text
    assert "金桥" not in text
