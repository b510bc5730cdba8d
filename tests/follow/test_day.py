"""A day of one rep, from the morning brief to the evening."""

from tests.follow.conftest import Office, at, visit


async def test_a_day_of_one_rep(talk: Office) -> None:
    second = visit("n1", "k7", "hanmei", 11, "16:30")
    chat = await talk(visits=[second], customers={"k2": {"last_followup": "2026-06-03T10:00:00+08:00"}})
    await chat.advance(at(11, "8:30"))
    morning = [t for t in chat.to("hanmei", "push")]
    assert any(t.startswith("早上好：今天 2 个拜访") and "14:00 金桥" in t and "16:30 飞燕" in t for t in morning)
    assert any("绿洲" in t and "逾期" in t for t in morning)

    assert "绿洲" in await chat.reply("hanmei", "我有哪些客户超期没跟进")
    await chat.says("hanmei", "给绿洲钱博士打了电话，他说预算批了，下一步周五发报价")
    assert chat.named("followup.added")[0]["followup"]["customer"] == "k2"
    assert "绿洲" not in await chat.reply("hanmei", "我有哪些客户超期没跟进")

    assert "拜访准备：金桥" in await chat.reply("hanmei", "见金桥之前帮我准备一下资料")
    await chat.advance(at(11, "13:00"))
    assert any("拜访提醒" in t and "金桥" in t for t in chat.to("hanmei", "push"))
    await chat.advance(at(11, "13:55"))
    await chat.says("hanmei", location=(31.3001, 120.6001, "金桥"))
    assert chat.named("visit.checked_in")[0]["verified"] is True

    await chat.advance(at(11, "15:10"))
    assert any("金桥的拜访怎么样" in t for t in chat.to("hanmei", "push"))
    await chat.says("hanmei", "刚跟金桥聊完，顾总对样机很满意，意向高，嫌交期长，预算八十万，下一步下周二前给排期")
    report = chat.named("report.filed")[0]["report"]
    assert (report["visit"], report["budget"], report["intent_level"]) == ("w1", 800000, "high")
    kinds = [e["task"]["kind"] for e in chat.named("task.created") if e["task"]["visit"] == "w1"]
    assert sorted(kinds) == ["high_intent", "next_step", "report"]
    assert "跳过" in chat.to("hanmei", "reply")[-1]
    await chat.says("hanmei", "跳过")

    await chat.advance(at(11, "16:40"))
    await chat.says("hanmei", "扑空了，龚厂长临时出差")
    assert chat.named("visit.empty_run")[0]["visit"]["id"] == "n1"

    chat.forget()
    await chat.advance(at(11, "23:59"))
    assert not [t for t in chat.to("hanmei", "push") if "漏访" in t or "纪要" in t]
    assert "没有待写的纪要" in await chat.reply("hanmei", "我还有哪些报告没写")
    await chat.advance(at(12, "8:30"))
    assert any("任务提醒" in t and "意向高" in t for t in chat.to("hanmei", "push"))
