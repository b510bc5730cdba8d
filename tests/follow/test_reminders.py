"""Personal reminder settings: lead, evening before, mute; precedence customer > person > company."""

from tests.follow.conftest import Office, at, visit
from tests.talking import Chat


def reminded(chat: Chat) -> list[tuple[str, str]]:
    return [(e["visit"], e["to"]) for e in chat.named("reminder.sent") if e["kind"] == "visit"]


async def test_two_hours_before_moves_the_reminders_that_wait(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("hanmei", "以后提前两小时提醒我")
    assert "12:00 提醒" in text
    await chat.advance(at(11, "11:59"))
    assert not reminded(chat)
    got = await chat.advance(at(11, "12:00"))
    assert [g.to for g in got if "拜访提醒" in g.text] == ["hanmei"]
    await chat.advance(at(11, "13:59"))
    assert reminded(chat) == [("w1", "hanmei")]


async def test_the_customers_setting_goes_before_the_persons(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/reminder.set before_min=120")
    await chat.says("hanmei", "/reminder.set customer_id=k1 before_min=30")
    await chat.advance(at(11, "13:29"))
    assert not reminded(chat)
    await chat.advance(at(11, "13:30"))
    assert reminded(chat) == [("w1", "hanmei")]


async def test_a_lead_whose_moment_is_past_costs_no_reminder(talk: Office) -> None:
    chat = await talk(visits=[visit("n1", "k7", "hanmei", 9, "10:30")])
    await chat.says("hanmei", "/reminder.set before_min=120")
    await chat.advance(at(9, "10:00"))
    assert reminded(chat) == [("n1", "hanmei")]


async def test_undo_puts_the_lead_back(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/reminder.set before_min=120")
    await chat.press("hanmei", "撤销")
    await chat.advance(at(11, "12:59"))
    assert not reminded(chat)
    await chat.advance(at(11, "13:00"))
    assert reminded(chat) == [("w1", "hanmei")]


async def test_morning_visits_the_evening_before_and_only_then(talk: Office) -> None:
    chat = await talk(visits=[visit("n1", "k7", "hanmei", 12, "10:00")])
    text = await chat.reply("hanmei", "以后提前两小时提醒我，早上那场提前一天晚上提醒")
    assert "6月11日 周四 20:00 提醒" in text
    assert "12:00 提醒" in text
    got = await chat.advance(at(11, "20:00"))
    assert [g.at for g in got if "拜访提醒" in g.text] == [at(11, "12:00"), at(11, "20:00")]
    await chat.advance(at(12, "10:00"))
    assert reminded(chat) == [("w1", "hanmei"), ("n1", "hanmei")]


async def test_muting_asks_for_the_scope_and_holds(talk: Office) -> None:
    chat = await talk(visits=[visit("n1", "k1", "hanmei", 25, "10:00")])
    text = await chat.reply("hanmei", "别再提醒我金桥的了")
    assert "只这次" in text
    assert "纪要" in text
    await chat.press("hanmei", "只这次")
    await chat.advance(at(25, "10:00"))
    assert reminded(chat) == [("n1", "hanmei")]


async def test_a_muted_customer_is_heard_again_after_resuming(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/reminder.mute scope=customer:k1")
    await chat.says("hanmei", "恢复提醒")
    await chat.advance(at(11, "13:30"))
    assert reminded(chat) == [("w1", "hanmei")]


async def test_this_week_only(talk: Office) -> None:
    chat = await talk(visits=[visit("n1", "k1", "hanmei", 16, "10:00")])
    await chat.says("hanmei", "这周别给我发提醒了")
    await chat.advance(at(16, "10:00"))
    assert reminded(chat) == [("n1", "hanmei")]


async def test_the_report_reminder_can_not_be_muted_and_says_why(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("hanmei", "关掉纪要提醒")
    assert "不能关" in text
    assert "公司规定" in text
    await chat.says("hanmei", "/reminder.mute scope=all")
    await chat.advance(at(11, "14:05"))
    await chat.says("hanmei", location=(31.3, 120.6, ""))
    await chat.advance(at(12, "16:00"))
    assert any("逾期" in t for t in chat.to("hanmei", "push"))
