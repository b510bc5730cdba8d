"""Follow-ups: next step mandatory, valid or not, 待裁定, collisions; tasks and promises."""

import pytest

from tests.follow.conftest import Office, at


async def test_the_next_step_is_asked_for_first(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("hanmei", "/followup.add customer_id=k2 content=打电话给钱博士，他说预算批了")
    assert "下一步" in text
    assert "跳过" in text
    assert not chat.named("followup.added")
    text = await chat.reply("hanmei", "下周三前把报价发给他")
    (event,) = chat.named("followup.added")
    f = event["followup"]
    assert (f["channel"], f["result"], f["next"], f["next_due"]) == (
        "phone",
        "预算批了",
        "下周三前把报价发给他",
        "2026-06-17T23:59:00+08:00",
    )
    assert chat.named("task.created")[0]["task"]["due"] == f["next_due"]
    assert text.startswith("已记录跟进：绿洲")


async def test_skipping_needs_a_reason(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/followup.add customer_id=k2 content=微信聊了聊，没什么变化")
    text = await chat.reply("hanmei", "跳过")
    assert "为什么" in text
    assert not chat.named("followup.added")
    await chat.says("hanmei", "客户在开会")
    assert chat.named("followup.added")[0]["followup"]["next"] == ""
    assert "无（客户在开会）" in chat.to("hanmei")[-1]


async def test_it_resets_the_clock_only_when_it_counts(talk: Office) -> None:
    chat = await talk(customers={"k2": {"last_followup": "2026-05-20T10:00:00+08:00"}})
    await chat.says("hanmei", "/followup.add customer_id=k2 content=打电话没人接 next=明天再打")
    assert chat.named("followup.added")[0]["followup"]["valid"] is False
    assert "绿洲" in await chat.reply("hanmei", "/customer.due")
    await chat.says("hanmei", "/followup.add customer_id=k2 content=打电话谈了价格，客户说要比较 next=周五给方案")
    assert "绿洲" not in await chat.reply("hanmei", "/customer.due")
    await chat.says("hanmei", "/dialog.undo")
    assert "绿洲" in await chat.reply("hanmei", "/customer.due")


async def test_on_somebody_elses_customer_it_waits_for_a_verdict(talk: Office) -> None:
    chat = await talk(customers={"k2": {"last_followup": "2026-05-20T10:00:00+08:00"}})
    text = await chat.reply("duwei", "/followup.add customer_id=k2 content=打电话聊了需求，客户说可以 next=周五发方案")
    assert "待裁定" in text
    assert chat.named("followup.added")[0]["followup"]["status"] == "待裁定"
    assert any("待裁定" in t for t in chat.to("hanmei"))
    assert any("待裁定" in t for t in chat.to("qinlan"))
    assert "绿洲" in await chat.reply("hanmei", "/customer.due")
    refused = await chat.reply("duwei", f"/followup.settle id={chat.named('followup.added')[0]['followup']['id']} yes=1")
    assert refused.startswith("无权")
    await chat.press("qinlan", "算有效")
    assert "绿洲" not in await chat.reply("hanmei", "/customer.due")
    assert "有效" in chat.to("duwei")[-1]


async def test_co_owners_and_pool_customers_are_in_no_dispute(talk: Office) -> None:
    chat = await talk(customers={"k2": {"co_owners": ["duwei"]}})
    await chat.says("duwei", "/followup.add customer_id=k2 content=打电话聊了需求，客户说可以 next=周五发方案")
    await chat.says("duwei", "/followup.add customer_id=k6 content=打电话聊了需求，客户说可以 next=周五发方案")
    assert [e["followup"]["state"] for e in chat.named("followup.added")] == ["standing", "standing"]
    assert any("跟进了您的客户绿洲" in t for t in chat.to("hanmei"))


async def test_three_touches_by_two_reps_in_seven_days_are_a_collision_once(talk: Office) -> None:
    chat = await talk()
    say = "/followup.add customer_id=k1 content=打电话聊了需求，客户说可以 next=周五发方案"
    await chat.says("hanmei", say)
    await chat.says("hanmei", say + "。")
    assert not [e for e in chat.named("alert.raised") if e["kind"] == "collision"]
    await chat.says("duwei", say)
    (alert,) = [e for e in chat.named("alert.raised") if e["kind"] == "collision"]
    assert alert["subject"] == {"customer": "k1"}
    assert alert["to"] == ["hanmei", "qinlan"]
    await chat.says("duwei", say + "！")
    assert len([e for e in chat.named("alert.raised") if e["kind"] == "collision"]) == 1


async def test_a_group_sees_no_text_of_a_follow_up(talk: Office) -> None:
    chat = await talk()
    got = await chat.says("hanmei", "/followup.add customer_id=k2 content=打电话，客户说底价八十万 next=周五发方案", group="east")
    assert not any("八十万" in g.text for g in got if g.to == "g:east")
    assert any("八十万" in g.text for g in got if g.to == "hanmei")


# ---------------------------------------------------------------------- tasks
async def test_a_task_is_reminded_at_its_moment_once(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/task.add content=给钱博士打电话 time=2026-06-10T15:00:00+08:00")
    got = await chat.advance(at(10, "16:00"))
    assert [(g.to, g.at) for g in got if "任务提醒" in g.text] == [("hanmei", at(10, "15:00"))]
    assert [e["kind"] for e in chat.named("reminder.sent") if e.get("task")] == ["task"]


async def test_done_and_undone(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "/task.add content=给钱博士打电话 time=2026-06-10T15:00:00+08:00")
    await chat.press("hanmei", "完成")
    assert chat.named("task.done")
    got = await chat.advance(at(10, "16:00"))
    assert not [g for g in got if "任务提醒" in g.text]


async def test_a_colleague_is_told_and_answers_for_it(talk: Office) -> None:
    chat = await talk()
    await chat.says("qinlan", "/task.add content=整理A类客户清单 people=杜伟 time=2026-06-12T18:00:00+08:00")
    assert chat.named("task.created")[0]["task"]["assignee"] == "duwei"
    assert any("新任务" in t for t in chat.to("duwei"))
    task = chat.named("task.created")[0]["task"]["id"]
    assert (await chat.reply("hanmei", f"/task.done id={task}")).startswith("无权")
    await chat.says("duwei", f"/task.done id={task}")
    assert any("完成了" in t for t in chat.to("qinlan"))


@pytest.mark.parametrize("time", ["2026-06-08T10:00:00+08:00", "2026-06-09T09:00:00+08:00"])
async def test_a_task_in_the_past_is_refused(talk: Office, time: str) -> None:
    chat = await talk()
    assert "已经过去" in await chat.reply("hanmei", f"/task.add content=打电话 time={time}")
    assert not chat.named("task.created")
