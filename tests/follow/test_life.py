"""A visit's life (contract.md section 7b): done, missed, empty, its report asked for and called in."""

import pytest

from tests.follow.conftest import Office, at, visit

HERE = (31.3002, 120.6002, "金桥门口")


async def test_checked_in_it_is_done_at_its_end_and_the_report_is_asked_for_once(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "13:55"))
    await chat.says("hanmei", location=HERE)
    assert chat.named("visit.checked_in")[0]["verified"] is True
    await chat.advance(at(11, "14:59"))
    assert not chat.named("visit.completed")
    await chat.advance(at(11, "15:00"))
    assert chat.named("visit.completed")[0]["visit"]["status"] == "done"
    (task,) = chat.named("task.created")
    assert (task["task"]["kind"], task["task"]["assignee"], task["task"]["due"]) == (
        "report",
        "hanmei",
        "2026-06-12T15:00:00+08:00",
    )
    chat.forget()
    got = await chat.advance(at(11, "15:09"))
    assert got == []
    got = await chat.advance(at(12, "14:59"))
    assert [(g.to, g.at) for g in got if "怎么样" in g.text] == [("hanmei", at(11, "15:10"))]


async def test_no_report_after_24_hours_rep_and_manager_are_reminded_daily_until_it_is_there(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:10"))
    await chat.says("hanmei", location=HERE)
    chat.forget()
    await chat.advance(at(12, "14:59"))
    assert not [e for e in chat.named("reminder.sent") if e["kind"] == "report"]
    got = await chat.advance(at(12, "15:00"))
    assert sorted(g.to for g in got if "逾期" in g.text and "金桥" in g.text) == ["hanmei", "qinlan"]
    events = [e for e in chat.named("reminder.sent") if e["kind"] == "report"]
    assert [(e["visit"], e["to"], e["late"]) for e in events] == [("w1", "hanmei", False), ("w1", "qinlan", False)]
    got = await chat.advance(at(13, "15:00"))
    assert sorted(g.to for g in got if "逾期" in g.text) == ["hanmei", "qinlan"]
    await chat.says("hanmei", "/report.file visit_id=w1 content=见了顾总，样品认可，下一步周五发合同")
    got = await chat.advance(at(15, "20:00"))
    assert not [g for g in got if "纪要逾期" in g.text and "金桥" in g.text]


@pytest.mark.parametrize(("minute", "late"), [("14:59", False), ("15:00", False), ("15:01", True)])
async def test_late_is_one_minute_after_24_hours(talk: Office, minute: str, late: bool) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:00"))
    await chat.says("hanmei", location=HERE)
    await chat.advance(at(12, minute))
    text = await chat.reply("hanmei", "/report.file visit_id=w1 content=聊得不错，意向中")
    (event,) = chat.named("report.filed")
    assert event["report"]["late"] is late
    assert ("逾期" in text.splitlines()[0]) is late


async def test_nobody_there_makes_it_missed_and_a_late_report_done(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "16:59"))
    assert not chat.named("visit.missed")
    got = await chat.advance(at(11, "17:00"))
    assert chat.named("visit.missed")[0]["visit"]["id"] == "w1"
    assert any("漏访" in g.text and g.to == "hanmei" for g in got)
    alert = next(e for e in chat.named("alert.raised") if e["kind"] == "missed_visit")
    assert alert["subject"] == {"visit": "w1"}
    await chat.says("hanmei", "/report.file visit_id=w1 content=其实去过了，忘了签到，顾总同意试用")
    assert chat.named("visit.completed")[0]["visit"]["status"] == "done"
    assert chat.named("task.done")[0]["task"]["kind"] == "report"


async def test_a_report_before_the_end_makes_it_done_and_nobody_asks(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:50"))
    await chat.says("hanmei", "/report.file visit_id=w1 content=见了顾总，意向高")
    assert [e["visit"]["id"] for e in chat.named("visit.completed")] == ["w1"]
    chat.forget()
    await chat.advance(at(13, "10:00"))
    assert not chat.named("visit.missed")
    assert not [e for e in chat.named("task.created") if e["task"]["kind"] == "report"]
    assert not [t for t in chat.to("hanmei") if "怎么样" in t or "纪要" in t]


async def test_an_empty_run_needs_a_word_and_replaces_the_report(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:20"))
    text = await chat.reply("hanmei", "/visit.empty visit_id=w1")
    assert "原因" in text
    assert not chat.named("visit.empty_run")
    await chat.press("hanmei", "客户不在")
    (event,) = chat.named("visit.empty_run")
    assert (event["visit"]["status"], event["reason"]) == ("empty", "客户不在")
    assert "改约" in chat.to("hanmei")[-1]
    chat.forget()
    await chat.advance(at(14, "10:00"))
    assert not chat.named("task.created")
    assert not chat.named("visit.missed")


async def test_undoing_an_empty_run_puts_the_visit_back(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:20"))
    await chat.says("hanmei", "/visit.empty visit_id=w1 reason=客户不在")
    await chat.press("hanmei", "撤销")
    assert chat.named("visit.restored")[0]["visit"]["status"] == "planned"
    await chat.advance(at(11, "17:00"))
    assert chat.named("visit.missed")


async def test_a_moved_visit_has_no_end_at_its_old_time(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/visit.reschedule visit_id=w1 new_time=2026-06-12T10:00:00+08:00")
    await chat.advance(at(11, "23:00"))
    assert not chat.named("task.created")
    assert not chat.named("visit.missed")
    await chat.advance(at(12, "11:00"))
    assert [t["task"]["visit"] for t in chat.named("task.created")] == ["w1"]


async def test_a_seeded_done_visit_is_reminded_only_when_its_deadline_is_ahead(talk: Office) -> None:
    old = visit("o1", "k7", "hanmei", 4, "10:00", "done")
    fresh = visit("o2", "k2", "hanmei", 8, "15:00", "done")
    chat = await talk(visits=[old, fresh])
    assert not chat.to("hanmei")
    await chat.advance(at(9, "16:00"))
    events = [e["visit"] for e in chat.named("reminder.sent") if e["kind"] == "report"]
    assert events == ["o2", "o2"]


async def test_somebody_elses_visit_can_not_be_reported(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "15:30"))
    text = await chat.reply("duwei", "/report.file visit_id=w1 content=聊得不错，预算五十万")
    assert text.startswith("无权")
    assert chat.named("access.denied")
    assert not chat.named("report.filed")


async def test_after_an_empty_run_the_next_words_are_no_report_and_a_free_time_is_one_tap(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "15:10"))
    assert any("金桥的拜访怎么样" in t for t in chat.to("hanmei", "push"))
    await chat.says("hanmei", "扑空了，客户不在")
    await chat.says("hanmei", "顾总临时出差")
    assert not chat.named("report.filed"), "the open question for the report went with the visit"
    await chat.says("hanmei", "2")
    booked = chat.named("visit.booked")[0]["visit"]
    assert (booked["customer"], booked["purpose"], booked["rep"]) == ("k1", "产品演示", "hanmei")
    assert booked["start"] > "2026-06-12"
