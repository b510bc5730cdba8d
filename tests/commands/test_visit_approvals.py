"""Approvals of visits: who decides, pending counts as busy, both kinds, twice, too late (R9, R21, D2)."""

from datetime import timedelta

from tests.commands.kit import Begin, at, book, booked, kinds, move, seed, settled, visit
from tests.talking import NOW

PROTECTED = {"created": "2026-06-01T10:00:00+08:00"}


async def test_both_kinds_need_both_managers(begin: Begin) -> None:
    data = seed(visit("z1", "k3", "fangyu", 16, "10:00"), k3=PROTECTED)
    async with begin(data) as chat:
        await chat.says("lujia", book("k3", 17, "10:00"))
        assert {"third_team", "owned_by_other"} <= set(kinds(chat))
        await chat.press("lujia", "申请审批")
        asked = {e["approval"]["kind"]: e["approval"]["approvers"] for e in chat.named("approval.requested")}
        assert asked == {"third_team": ["shenbo"], "owned_by_other": ["qinlan"]}
        await chat.press("shenbo", "同意")
        assert not booked(chat)
        await chat.press("qinlan", "同意")
        assert booked(chat) == [("k3", "17T10:00")]
        assert settled(chat) == ["approved"]
        chat.forget()
        await chat.says("lujia", move("v1001", 17, "15:00"))
        await chat.press("lujia", "申请审批")
        await chat.press("qinlan", "同意")
        assert not chat.named("visit.rescheduled"), "a move needs both as well"
        await chat.press("shenbo", "同意")
        assert chat.named("visit.rescheduled")[0]["visit"]["start"] == at(17, "15:00").isoformat()


async def test_one_no_is_enough(begin: Begin) -> None:
    data = seed(visit("z1", "k3", "fangyu", 16, "10:00"), k3=PROTECTED)
    async with begin(data) as chat:
        await chat.says("lujia", book("k3", 17, "10:00"))
        await chat.press("lujia", "申请审批")
        await chat.press("shenbo", "同意")
        await chat.says("qinlan", "驳回，先让杜伟跟完")
        assert chat.named("approval.rejected")
        assert "先让杜伟跟完" in chat.to("lujia", "push")[-1]
        assert chat.named("visit.cancelled")[0]["visit"]["status"] == "cancelled"
        assert settled(chat) == ["rejected"]
        await chat.says("lujia", book("k5", 17, "10:00"))
        assert "rep_overlap" not in kinds(chat), "the slot is free again"


async def test_a_rejected_move_leaves_the_visit_where_it_is(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k3", "hanmei", 16, "10:00"), k3=PROTECTED)) as chat:
        await chat.says("hanmei", move("z1", 17, "10:00"))
        assert kinds(chat)[0] == "owned_by_other"
        text = await chat.reply("hanmei", "申请审批")
        assert "原来的安排不变" in text
        await chat.press("qinlan", "驳回")
        assert not chat.named("visit.cancelled")
        assert not chat.named("visit.rescheduled")
        await chat.advance(at(16, "9:30"))
        assert [e["visit"] for e in chat.named("reminder.sent") if e.get("visit") == "z1"] == ["z1"]


async def test_pending_is_busy_for_the_customer_and_the_companion(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("hanmei", f"{book('k3', 16, '10:00')} people=江涛")
        await chat.press("hanmei", "申请审批")
        assert not chat.to("jiangtao"), "told when it is firm"
        await chat.says("duwei", book("k3", 16, "10:30"))
        assert "customer_overlap" in kinds(chat)
        await chat.says("jiangtao", book("k7", 16, "10:30"))
        assert "rep_overlap" in kinds(chat)
        await chat.press("qinlan", "同意")
        assert any("邀您同行" in t for t in chat.to("jiangtao", "push"))


async def test_nobody_decides_his_own_and_twice_is_once(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("qinlan", book("k3", 16, "10:00"))
        assert kinds(chat) == ["owned_by_other"] or "owner_notice" not in kinds(chat)
        await chat.press("qinlan", "申请审批")
        (asked,) = chat.named("approval.requested")
        assert asked["approval"]["approvers"] == ["songhe"], "one level up"
        await chat.says("qinlan", f"/approval.approve id={asked['approval']['id']}")
        assert chat.named("access.denied")
        await chat.press("songhe", "同意")
        await chat.press("songhe", "同意")
        await chat.press("songhe", "驳回")
        assert len(chat.named("approval.approved")) == 1
        assert not chat.named("approval.rejected")
        assert len(booked(chat)) == 1


async def test_director_and_admin_may_decide_anything_another_manager_nothing(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("hanmei", book("k3", 16, "10:00"))
        await chat.press("hanmei", "申请审批")
        id_ = chat.named("approval.requested")[0]["approval"]["id"]
        for who in ("shenbo", "duwei", "lujia"):
            assert "无权" in await chat.reply(who, f"/approval.approve id={id_}")
        assert len(chat.named("access.denied")) == 3
        await chat.says("wuxin", f"/approval.approve id={id_}")
        assert len(booked(chat)) == 1


async def test_too_late_to_agree(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("hanmei", book("k3", 10, "10:00"))
        await chat.press("hanmei", "申请审批")
        await chat.advance(NOW + timedelta(days=2))
        text = await chat.reply("qinlan", f"/approval.approve id={chat.named('approval.requested')[0]['approval']['id']}")
        assert "已经过去" in text
        assert not booked(chat)


async def test_withdrawn_by_undo(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("hanmei", book("k3", 16, "10:00"))
        await chat.press("hanmei", "申请审批")
        await chat.says("hanmei", "撤销")
        assert chat.named("undo.done")
        text = await chat.reply("qinlan", f"/approval.approve id={chat.named('approval.requested')[0]['approval']['id']}")
        assert "已撤回" in text
        assert not booked(chat)


async def test_no_reminder_while_pending_one_when_firm(begin: Begin) -> None:
    async with begin(seed(k3=PROTECTED)) as chat:
        await chat.says("hanmei", book("k3", 16, "10:00"))
        await chat.press("hanmei", "申请审批")
        await chat.press("qinlan", "同意")
        await chat.says("hanmei", book("k3", 17, "10:00"))
        await chat.press("hanmei", "申请审批")
        await chat.advance(at(17, "11:00"))
        visits = [e["visit"] for e in chat.named("reminder.sent") if e["kind"] == "visit" and e["to"] == "hanmei"]
        assert visits.count("v1001") == 1
        assert "v1002" not in visits


# ---------------------------------------------------------------------- R21
async def test_with_confirm_bookings_a_reps_booking_waits_for_his_manager(begin: Begin) -> None:
    async with begin(confirm_bookings=True) as chat:
        text = await chat.reply("hanmei", book("k7", 16, "10:00"))
        assert "待确认" in text
        assert not booked(chat)
        await chat.says("hanmei", book("k2", 16, "10:30"))
        assert kinds(chat)[0] == "rep_overlap"
        await chat.press("qinlan", "同意")
        assert booked(chat) == [("k7", "16T10:00")]
        await chat.says("qinlan", f"/visit.book customer_id=k1 time={at(16, '15:00').isoformat()}")
        await chat.press("qinlan", "仍然预约")
        assert booked(chat)[-1] == ("k1", "16T15:00"), "a manager's own is firm at once"


async def test_with_confirm_bookings_each_of_a_series_waits(begin: Begin) -> None:
    async with begin(confirm_bookings=True) as chat:
        await chat.says("hanmei", "下周三上午九点半飞燕、下午两点绿洲，都是售后回访")
        await chat.press("hanmei", "确认")
        assert len(chat.named("approval.requested")) == 2
        assert not booked(chat)
        text = await chat.reply("qinlan", "有什么要批的吗")
        assert "2 件" in text
        await chat.press("qinlan", "同意第1件")
        await chat.press("qinlan", "驳回第2件")
        assert len(booked(chat)) == 1
        assert len(chat.named("visit.cancelled")) == 1


async def test_several_waiting_are_listed_not_guessed(begin: Begin) -> None:
    async with begin(confirm_bookings=True) as chat:
        await chat.says("hanmei", book("k7", 16, "10:00"))
        await chat.says("duwei", book("k3", 17, "10:00"))
        chat.forget()
        await chat.says("qinlan", "/approval.approve")
        assert not chat.named("approval.approved")
        await chat.press("qinlan", "杜伟")
        assert booked(chat) == [("k3", "17T10:00")]
