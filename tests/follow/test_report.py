"""The one-minute report: fields, questions, corrections, tasks, rights."""

import pytest

from tests.follow.conftest import Office, at, visit
from tests.talking import Chat

SPOKEN = (
    "/report.file visit_id=w1 content=刚跟金桥聊完，顾总挺感兴趣，嫌交期长，预算五十万，拍板的是他们刘总，"
    "下一步周五前发会议纪要给客户；杜伟下周二准备产品演示环境"
)


async def after_the_visit(talk: Office, **more: object) -> Chat:
    chat = await talk(**more)
    await chat.advance(at(11, "14:05"))
    await chat.says("hanmei", location=(31.3, 120.6, ""))
    await chat.advance(at(11, "15:05"))
    chat.forget()
    return chat


async def test_filed_at_once_with_its_fields_and_a_task_for_each_next_step(talk: Office) -> None:
    chat = await after_the_visit(talk)
    text = await chat.reply("hanmei", SPOKEN)
    (event,) = chat.named("report.filed")
    report = event["report"]
    assert (report["budget"], report["decision_maker"], report["by"], report["late"]) == (500000, "刘总", "hanmei", False)
    tasks = [e["task"] for e in chat.named("task.created")]
    assert [(t["title"], t["assignee"], t["due"][:10]) for t in tasks] == [
        ("周五前发会议纪要给客户", "hanmei", "2026-06-12"),
        ("杜伟下周二准备产品演示环境", "duwei", "2026-06-16"),
    ]
    assert any("新任务" in t for t in chat.to("duwei"))
    assert text.startswith("已提交纪要：金桥")
    assert "有竞争对手吗" in text
    assert text.count("？") <= 2
    assert "跳过" in text


async def test_an_answer_fills_what_was_asked(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，预算二十万，下一步下周一发报价")
    text = await chat.reply("hanmei", "刘总拍板，没有竞品")
    assert "决策人：刘总" in text
    (event,) = chat.named("report.updated")
    assert (event["report"]["decision_maker"], event["report"]["competitor"]) == ("刘总", "无")


async def test_skip_leaves_it_open_and_asks_no_more(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，预算二十万")
    assert "已保存" in await chat.reply("hanmei", "跳过")
    await chat.says("hanmei", "谢谢")
    assert not chat.named("report.updated")


async def test_a_correction_shows_both_values(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，预算五十万，王总拍板，没有竞品，下一步周五发报价")
    text = await chat.reply("hanmei", "预算是60万不是50万")
    assert "预算：50万 → 60万" in text
    assert chat.named("report.updated")[0]["report"]["budget"] == 600000


async def test_high_intent_makes_a_task_and_lowering_it_cancels_it(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，下一步周五发报价")
    await chat.press("hanmei", "意向高")
    task = chat.named("task.created")[-1]["task"]
    assert (task["kind"], task["due"][:10], task["assignee"]) == ("high_intent", "2026-06-14", "hanmei")
    await chat.says("hanmei", "/report.set visit_id=w1 intent_level=medium")
    assert [e["task"]["id"] for e in chat.named("task.cancelled")] == [task["id"]]


async def test_high_intent_is_reminded_on_the_last_workday_up_to_its_day(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，意向高，下一步周五发报价")
    task = next(e["task"]["id"] for e in chat.named("task.created") if e["task"]["kind"] == "high_intent")
    got = await chat.advance(at(15, "12:00"))
    assert [g.at for g in got if "意向高" in g.text and "任务提醒" in g.text] == [at(12, "8:30")]
    assert [e["to"] for e in chat.named("reminder.sent") if e.get("task") == task] == ["hanmei"]


async def test_a_touched_task_survives(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊了需求，意向高")
    task = chat.named("task.created")[-1]["task"]["id"]
    await chat.says("hanmei", f"/task.done id={task}")
    await chat.says("hanmei", "/report.set visit_id=w1 intent_level=low")
    assert not chat.named("task.cancelled")


async def test_undo_takes_the_report_its_tasks_and_its_effects_back(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", SPOKEN)
    await chat.says("hanmei", "/dialog.undo")
    assert chat.named("report.withdrawn")
    assert len(chat.named("task.cancelled")) == 2
    pending = await chat.reply("hanmei", "/report.pending")
    assert "金桥" in pending


async def test_which_visit_is_asked_and_nothing_typed_is_lost(talk: Office) -> None:
    other = visit("o1", "k2", "hanmei", 11, "10:00", "done")
    chat = await after_the_visit(talk, visits=[other])
    await chat.advance(at(11, "20:00"))
    text = await chat.reply("hanmei", "/report.file content=预算三十万，顾虑是价格")
    assert "哪次拜访" in text
    assert not chat.named("report.filed")
    await chat.press("hanmei", "绿洲")
    (event,) = chat.named("report.filed")
    assert (event["report"]["visit"], event["report"]["budget"]) == ("o1", 300000)


async def test_a_report_for_no_visit_can_become_a_follow_up(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("hanmei", "/report.file customer_id=k7 content=在展会碰到，想要样品，下一步周五寄样品")
    assert "没有飞燕的拜访" in text
    await chat.press("hanmei", "记为跟进")
    (event,) = chat.named("followup.added")
    assert (event["followup"]["customer"], event["followup"]["channel"]) == ("k7", "visit")


async def test_others_do_not_read_it_and_the_manager_does(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", SPOKEN)
    assert (await chat.reply("duwei", "/report.show customer_id=k1")).startswith("无权")
    assert "50万" in await chat.reply("qinlan", "/report.show customer_id=k1")
    text = await chat.reply("qinlan", "/report.show customer_id=k1", group="east")
    assert "50万" not in text


async def test_a_report_told_in_a_group_shows_no_amounts_there(talk: Office) -> None:
    chat = await after_the_visit(talk)
    got = await chat.says("hanmei", SPOKEN, group="east")
    public = [g.text for g in got if g.to == "g:east"]
    assert public
    assert not any("50万" in t or "刘总" in t for t in public)
    assert any("50万" in g.text for g in got if g.to == "hanmei")


@pytest.mark.parametrize(("who", "sees"), [("qinlan", True), ("songhe", True), ("shenbo", False)])
async def test_pending_reports_are_a_managers_teams(talk: Office, who: str, sees: bool) -> None:
    chat = await after_the_visit(talk)
    assert ("金桥" in await chat.reply(who, "/report.pending")) is sees


async def test_a_report_resets_the_customers_clock(talk: Office) -> None:
    chat = await after_the_visit(talk, customers={"k1": {"last_followup": "2026-04-20T10:00:00+08:00"}})
    assert "金桥" in await chat.reply("hanmei", "/customer.due")
    await chat.says("hanmei", SPOKEN)
    assert "金桥" not in await chat.reply("hanmei", "/customer.due")


async def test_two_next_steps_as_the_answer_become_two_tasks(talk: Office) -> None:
    chat = await after_the_visit(talk)
    await chat.says("hanmei", "/report.file visit_id=w1 content=聊得不错，意向中，预算三十万，没有竞品")
    await chat.says("hanmei", "刘总拍板")
    text = await chat.reply("hanmei", "下一步下周三寄样品给顾总，让杜伟准备报价单")
    tasks = [(e["task"]["title"], e["task"]["assignee"], (e["task"]["due"] or "")[:10]) for e in chat.named("task.created")]
    assert tasks == [("下周三寄样品给顾总", "hanmei", "2026-06-17"), ("让杜伟准备报价单", "duwei", "")]
    assert "决策人" not in text
    assert chat.named("report.updated")[-1]["report"]["decision_maker"] == "刘总"
