"""Every conflict kind of contract.md section 7, at every door, on both sides of its boundary."""

import pytest

from tests.commands.kit import Begin, at, book, booked, kinds, move, seed, visit
from tests.talking import Chat

HARD, APPROVAL = {"rep_overlap", "participant_overlap", "customer_overlap"}, {"third_team", "owned_by_other"}


async def test_half_open_slots_touch_without_a_clash(begin: Begin) -> None:
    """14:00-15:00 is taken: 15:00 only lacks the buffer, 14:59 clashes."""
    async with begin() as chat:
        await chat.says("hanmei", book("k7", 11, "15:00"))
        assert kinds(chat) == ["buffer"]
        await chat.says("hanmei", book("k7", 11, "14:59"))
        assert kinds(chat)[0] == "rep_overlap"
        await chat.says("hanmei", book("k7", 11, "13:01"))
        assert kinds(chat)[0] == "rep_overlap"
        assert not booked(chat)


@pytest.mark.parametrize(
    ("clock", "mode", "clear"),
    [("15:30", "onsite", True), ("15:29", "onsite", False), ("12:30", "onsite", True), ("12:31", "onsite", False),
     ("15:30", "online", True), ("15:15", "online", False)],
)  # fmt: skip
async def test_exactly_the_buffer_is_enough(begin: Begin, clock: str, mode: str, clear: bool) -> None:
    async with begin() as chat:
        await chat.says("hanmei", book("k7", 11, clock, mode=mode))
        assert kinds(chat) == ([] if clear else ["buffer"])
        assert len(booked(chat)) == int(clear)


@pytest.mark.parametrize(
    ("clock", "mode", "clear"), [("15:45", "onsite", True), ("15:40", "onsite", False), ("15:30", "online", True)]
)
async def test_travel_counts_between_two_visits_on_site(begin: Begin, clock: str, mode: str, clear: bool) -> None:
    async with begin(travel_min=45) as chat:
        await chat.says("hanmei", book("k7", 11, clock, mode=mode))
        assert kinds(chat) == ([] if clear else ["buffer"])


async def test_a_customer_who_keeps_moving_needs_thirty_minutes_more(begin: Begin) -> None:
    """易变动 (R20): three changes by the customer in 90 days."""
    async with begin(seed(visit("z1", "k7", "hanmei", 15, "10:00"))) as chat:
        for clock in ("十一点", "两点", "十点"):
            await chat.says("hanmei", f"客户临时有事，下周一飞燕改到{clock}")
        assert len(chat.named("visit.rescheduled")) == 3
        await chat.says("hanmei", book("k7", 11, "15:45"))
        assert kinds(chat) == ["buffer"]
        await chat.says("hanmei", book("k7", 11, "16:00"))
        assert booked(chat) == [("k7", "11T16:00")]


@pytest.mark.parametrize(("day", "clear"), [(5, True), (8, False), (12, False), (22, False), (23, True)])
async def test_the_window_is_seven_calendar_days_both_ways(begin: Begin, day: int, clear: bool) -> None:
    """The wish is Mon 6-15 10:00; day 7 counts to its last minute, day 8 does not; done visits count."""
    status = "planned" if day > 9 else "done"
    other = visit("z1", "k2", "duwei", day, "17:00" if day < 15 else "09:00", status=status)
    async with begin(seed(other)) as chat:
        await chat.says("hanmei", book("k2", 15, "10:00"))
        assert kinds(chat) == ([] if clear else ["customer_window"])


@pytest.mark.parametrize("status", ["cancelled"])
async def test_a_cancelled_visit_counts_for_nothing(begin: Begin, status: str) -> None:
    rows = [visit("z1", "k2", "duwei", 15, "10:00", status=status), visit("z2", "k1", "hanmei", 15, "10:00", status=status)]
    async with begin(seed(*rows)) as chat:
        await chat.says("hanmei", book("k2", 15, "10:00"))
        assert booked(chat) == [("k2", "15T10:00")]


async def test_joint_visits_and_co_owners_raise_nothing(begin: Begin) -> None:
    """R8: joint visits, own repeat visits and approved co-owners must not alarm."""
    joint = visit("z1", "k2", "duwei", 16, "10:00", participants=["hanmei"])
    data = seed(
        joint, visit("z2", "k3", "fangyu", 17, "10:00"), k3={"co_owners": ["fangyu"], "created": "2026-06-01T09:00:00+08:00"}
    )
    async with begin(data) as chat:
        await chat.says("hanmei", book("k2", 15, "10:00"))
        await chat.says("fangyu", book("k3", 18, "10:00"))
        await chat.says("duwei", book("k3", 19, "10:00"))
        assert booked(chat)[:2] == [("k2", "15T10:00"), ("k3", "18T10:00")]
        assert kinds(chat) == ["holiday"], "6-19 is Dragon Boat: a holiday, and nothing else"


async def test_own_second_visit_of_a_day_is_asked(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", book("k1", 11, "10:00"))
        assert kinds(chat) == ["duplicate_visit"]
        await chat.says("hanmei", book("k1", 12, "10:00"))
        assert booked(chat) == [("k1", "12T10:00")]


async def test_the_sixth_visit_of_a_day_is_too_many(begin: Begin) -> None:
    rows = [visit(f"z{n}", c, "hanmei", 15, clock, 30) for n, (c, clock) in enumerate(
        (("k1", "09:00"), ("k2", "10:00"), ("k7", "11:00"), ("k1", "13:00")), 1)]  # fmt: skip
    async with begin(seed(*rows)) as chat:
        await chat.says("hanmei", book("k2", 15, "15:00", duration_min=30))
        assert "overload" not in kinds(chat), "the fifth"
        await chat.press("hanmei", "仍然预约")
        await chat.says("hanmei", book("k7", 15, "16:30", duration_min=30))
        assert "overload" in kinds(chat), "the sixth"
        text = chat.to("hanmei")[-1]
        assert "第 6 个" in text
        assert "上限 5" in text


@pytest.mark.parametrize(
    ("day", "month", "clock", "kind"),
    [(12, 6, "08:59", "off_hours"), (12, 6, "09:00", ""), (12, 6, "17:00", ""), (12, 6, "17:01", "off_hours"),
     (13, 6, "10:00", "off_hours"), (19, 6, "10:00", "holiday"), (20, 9, "10:00", ""), (25, 9, "10:00", "holiday")],
)  # fmt: skip
async def test_hours_weekends_holidays_and_worked_weekends(begin: Begin, day: int, month: int, clock: str, kind: str) -> None:
    """6-19 is Dragon Boat, 9-25 Mid-Autumn, Sunday 9-20 is worked (调休)."""
    async with begin() as chat:
        await chat.says("hanmei", f"/visit.book customer_id=k7 time={at(day, clock, month).isoformat()}")
        assert kinds(chat) == ([kind] if kind else [])
        assert len(booked(chat)) == int(not kind)


@pytest.mark.parametrize(("created", "kind"), [("2026-05-10", "owned_by_other"), ("2026-05-09", "owner_notice")])
async def test_protection_lasts_through_its_day(begin: Begin, created: str, kind: str) -> None:
    """Entered on 5-10, protected for 30 days: through 6-09, which is today."""
    async with begin(seed(k3={"created": f"{created}T10:00:00+08:00"})) as chat:
        await chat.says("hanmei", book("k3", 23, "10:00"))
        assert kinds(chat) == [kind]
        assert ("申请审批" in chat.to("hanmei")[-1]) == (kind == "owned_by_other")


async def test_a_locked_customer_needs_approval_of_any_grade(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", book("k4", 23, "10:00"))
        assert kinds(chat) == ["owned_by_other"]
        await chat.says("fangyu", book("k4", 23, "10:00"))
        assert booked(chat) == [("k4", "23T10:00")], "its owner needs none"


async def test_teams_are_counted_not_reps(begin: Begin) -> None:
    """Two reps of one team and mine are two teams; a third team needs the manager (R9)."""
    rows = [visit("z1", "k2", "fangyu", 15, "10:00"), visit("z2", "k2", "duwei", 16, "10:00")]
    async with begin(seed(*rows)) as chat:
        await chat.says("hanmei", book("k2", 17, "10:00"))
        assert kinds(chat) == ["customer_window"], "东区一组 (杜伟 and me) and 东区二组"
        await chat.says("lujia", book("k2", 17, "10:00"))
        assert kinds(chat)[0] == "third_team"
        assert "东区一组、东区二组、南区组" in chat.to("lujia")[-1] or "东区二组、东区一组、南区组" in chat.to("lujia")[-1]


# ---------------------------------------------------------------------- the other doors
async def test_a_move_is_checked_like_a_booking(begin: Begin) -> None:
    rows = [visit("z1", "k7", "hanmei", 11, "10:00"), visit("z2", "k7", "duwei", 12, "10:00")]
    async with begin(seed(*rows)) as chat:
        for day, clock, kind in ((11, "14:30", "rep_overlap"), (12, "10:30", "customer_overlap"), (11, "15:10", "buffer"),
                                 (11, "19:00", "off_hours"), (19, "10:00", "holiday")):  # fmt: skip
            await chat.says("hanmei", move("z1", day, clock))
            assert kind in kinds(chat), (day, clock)
            assert not chat.named("visit.rescheduled")
            if set(kinds(chat)) & HARD:
                assert "仍然预约" not in chat.to("hanmei", "reply")[-1]
        await chat.press("hanmei", "仍然预约")
        assert chat.named("visit.rescheduled")[0]["visit"]["start"] == "2026-06-19T10:00:00+08:00"


async def test_a_visit_does_not_clash_with_itself(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", move("w1", 11, "14:30"))
        assert chat.named("visit.rescheduled")
        assert not chat.named("conflict.found")


async def test_a_colleague_taken_along_must_be_free_and_free_of_leave(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", "周五下午三点半拜访飞燕，带上杜伟")
        assert kinds(chat) == ["participant_overlap"]
        text = chat.to("hanmei", "reply")[-1]
        assert "杜伟" in text
        assert "15:00–16:00" in text
        assert "大桥" not in text, "his clash is shown as a time without the customer"
        await chat.says("jiangtao", "我周四请假")
        await chat.says("hanmei", "/visit.invite visit_id=w1 people=江涛")
        assert kinds(chat) == ["participant_overlap"]
        assert not chat.named("visit.updated")


async def test_a_soft_kind_accepted_once_is_not_asked_again_for_a_companion(begin: Begin) -> None:
    async with begin() as chat:
        await chat.says("hanmei", book("k7", 12, "19:00"))
        await chat.press("hanmei", "仍然预约")
        await chat.says("hanmei", "带上江涛")
        assert chat.named("visit.updated")[0]["visit"]["participants"] == ["jiangtao"]


async def test_a_companion_is_busy_meanwhile(chat: Chat) -> None:
    await chat.says("hanmei", "周五上午十点拜访飞燕，带上杜伟")
    await chat.says("duwei", book("k5", 12, "10:30"))
    assert kinds(chat)[0] == "rep_overlap"
    await chat.press("duwei", "婉拒")
    await chat.says("duwei", book("k5", 12, "10:30"))
    assert booked(chat)[-1] == ("k5", "12T10:30")
    assert any("婉拒" in t for t in chat.to("hanmei", "push"))


async def test_leave_blocks_like_a_visit(chat: Chat) -> None:
    await chat.says("hanmei", "我周五请假")
    await chat.says("hanmei", book("k7", 12, "10:00"))
    assert kinds(chat)[0] == "rep_overlap"
    assert chat.named("conflict.found")[-1]["with"][0]["visit"] is None
    await chat.says("hanmei", "周五的假不请了")
    await chat.says("hanmei", book("k7", 12, "10:00"))
    assert booked(chat) == [("k7", "12T10:00")]


@pytest.mark.parametrize("who", ["hanmei", "duwei", "lujia", "qinlan"])
async def test_alternatives_keep_what_they_promise(begin: Begin, who: str) -> None:
    """As long as the wish, ahead, in working hours of a workday, free for all, no new kind; pressing one books."""
    rows = [visit("z1", "k2", "duwei", 11, "15:30"), visit("z2", "k7", "hanmei", 12, "09:30", 90)]
    async with begin(seed(*rows)) as chat:
        await chat.says(who, f"/visit.book customer_id=k2 time={at(11, '15:00').isoformat()} duration_min=90 people=江涛")
        found = chat.named("conflict.found")[-1]
        assert len(found["alternatives"]) >= 3
        asked = set(found["kinds"])
        for slot in found["alternatives"]:
            assert slot["start"] > found["draft"]["start"][:10]
            assert "09:00" <= slot["start"][11:16] <= "16:30"
            assert slot["start"][8:10] not in ("13", "14", "19", "20", "21")
        button = next(b for g in chat.wire.got if g.to == who for b in g.card.buttons if "月" in b.text)
        await chat.says(who, click=button.says)
        if asked & APPROVAL:
            return
        assert chat.named("visit.booked")[-1]["visit"]["start"] == found["alternatives"][0]["start"]
        assert chat.named("visit.booked")[-1]["visit"]["participants"] == ["jiangtao"]
