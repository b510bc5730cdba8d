"""The workday mornings: cadence, pool, monthly A visits, cards."""

from typing import Any

from tests.follow.conftest import Office, at, visit


def last(day: str) -> dict[str, Any]:
    return {"last_followup": f"{day}T10:00:00+08:00"}


def cadence(chat: Any) -> list[str]:
    return [e["customer"] for e in chat.named("reminder.sent") if e["kind"] == "cadence"]


async def test_overdue_is_told_once_on_the_day_it_is_crossed(talk: Office) -> None:
    chat = await talk(customers={"k2": last("2026-06-03"), "k4": {"grade": "D"}})  # A: the eighth day is Thursday the 11th
    await chat.advance(at(11, "8:29"))
    assert not cadence(chat)
    got = await chat.advance(at(11, "8:30"))
    assert cadence(chat) == ["k2"]
    assert [g.to for g in got if "绿洲" in g.text and "逾期" in g.text] == ["hanmei"]
    await chat.advance(at(18, "9:00"))
    assert cadence(chat) == ["k2"]


async def test_boundaries_of_b_and_c(talk: Office) -> None:
    chat = await talk(customers={"k3": last("2026-05-11"), "k5": last("2026-03-11"), "k1": last("2026-05-12")})
    await chat.advance(at(10, "23:00"))
    assert not cadence(chat)
    await chat.advance(at(11, "9:00"))
    assert sorted(cadence(chat)) == ["k3", "k5"]
    await chat.advance(at(12, "9:00"))
    assert sorted(cadence(chat)) == ["k1", "k3", "k5"]


async def test_what_was_crossed_before_the_start_is_history(talk: Office) -> None:
    chat = await talk(customers={"k2": last("2026-05-20")})
    await chat.advance(at(11, "12:00"))
    assert not cadence(chat)
    assert "绿洲" in await chat.reply("hanmei", "/customer.due")


async def test_days_off_are_caught_up_on_the_next_workday(talk: Office) -> None:
    # crossed on Saturday the 13th, told on Monday the 15th; Friday the 19th is Dragon Boat, told on Monday the 22nd
    chat = await talk(customers={"k2": last("2026-06-05"), "k4": last("2026-06-11")})
    await chat.advance(at(14, "23:00"))
    assert not cadence(chat)
    await chat.advance(at(15, "8:30"))
    assert cadence(chat) == ["k2"]
    await chat.advance(at(21, "23:00"))
    assert cadence(chat) == ["k2"]
    await chat.advance(at(22, "8:30"))
    assert cadence(chat) == ["k2", "k4"]


async def test_a_follow_up_in_between_starts_the_clock_anew(talk: Office) -> None:
    chat = await talk(customers={"k2": last("2026-06-03"), "k4": {"grade": "D"}})
    await chat.advance(at(10, "18:00"))
    await chat.says("hanmei", "/followup.add customer_id=k2 content=打电话聊了需求，客户说可以 next=再联系")
    await chat.advance(at(17, "23:00"))
    assert not cadence(chat)
    await chat.advance(at(18, "9:00"))
    assert cadence(chat) == ["k2"]


async def test_grade_d_and_locked_customers(talk: Office) -> None:
    chat = await talk(customers={"k2": {**last("2026-06-03"), "grade": "D"}, "k1": {**last("2026-03-16"), "locked": True}})
    await chat.advance(at(12, "12:00"))
    assert not cadence(chat)
    assert not [e for e in chat.named("alert.raised") if e["kind"] == "pool_warning"]


async def test_the_pool_is_warned_of_seven_three_and_one_day_before(talk: Office) -> None:
    chat = await talk(customers={"k2": last("2026-05-28")})  # A: 21 days on is Thursday the 18th
    days = []
    for day in range(10, 19):
        before = len(chat.named("alert.raised"))
        await chat.advance(at(day, "12:00"))
        days += [(day, e["days"]) for e in chat.named("alert.raised")[before:] if e["kind"] == "pool_warning"]
    assert days == [(11, 7), (15, 3), (17, 1)]


async def test_on_the_months_first_workday_each_a_customer_without_a_visit_gets_a_task(talk: Office) -> None:
    planned = visit("j1", "k4", "fangyu", 10, "10:00")
    planned |= {"start": planned["start"].replace("-06-", "-07-"), "end": planned["end"].replace("-06-", "-07-")}
    chat = await talk(visits=[planned], customers={"k2": {"locked": True}})  # locked: it does not go to the pool meanwhile
    await chat.advance(at(30, "23:00"))
    assert not [e for e in chat.named("task.created") if e["task"]["kind"] == "monthly_visit"]
    await chat.advance(at(1, "9:00", month=7))
    tasks = [e["task"] for e in chat.named("task.created") if e["task"]["kind"] == "monthly_visit"]
    assert [(t["customer"], t["assignee"], t["due"][:10]) for t in tasks] == [("k2", "hanmei", "2026-07-31")]
    await chat.advance(at(3, "9:00", month=7))
    assert len([e for e in chat.named("task.created") if e["task"]["kind"] == "monthly_visit"]) == 1


async def test_three_lines_in_the_morning_for_those_who_have_something(talk: Office) -> None:
    chat = await talk(customers={"k7": last("2026-04-01")})
    got = await chat.advance(at(11, "8:30"))
    (card,) = [g for g in got if g.text.startswith("早上好")]
    assert card.to == "hanmei"
    assert "14:00 金桥" in card.text
    assert "机会：飞燕" in card.text
    assert len(card.text.splitlines()) <= 4
    got = await chat.advance(at(12, "8:30"))
    assert not [g for g in got if g.text.startswith("早上好")]


async def test_nobody_on_leave_is_woken(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/leave.add time=2026-06-11T08:00:00+08:00")
    got = await chat.advance(at(11, "8:30"))
    assert not [g for g in got if g.text.startswith("早上好")]


async def test_the_manager_hears_of_yesterdays_missed_visit(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "23:00"))
    got = await chat.advance(at(12, "8:30"))
    (card,) = [g for g in got if g.to == "qinlan"]
    assert "漏访：韩梅" in card.text
    assert "金桥" in card.text


async def test_a_manager_calls_the_owners(talk: Office) -> None:
    chat = await talk(customers={"k2": last("2026-05-20"), "k3": last("2026-04-01")})
    text = await chat.reply("qinlan", "/customer.due")
    assert "绿洲" in text
    assert "大桥" in text
    assert "负责人韩梅" in text
    await chat.press("qinlan", "提醒负责人")
    assert any("绿洲" in t for t in chat.to("hanmei", "push"))
    assert any("大桥" in t for t in chat.to("duwei", "push"))
    assert (await chat.reply("hanmei", "/customer.nudge customers=k3")).startswith("无权")
