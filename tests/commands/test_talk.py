"""Talk in several turns: bare names, two answers in one, corrections that are shown, references, whose question it was; and what
a great reply tells (sentences 2, 3, 6, 8, 12-19, 22, 23, 28, 59)."""

import pytest

from tests.commands.kit import Begin, at, booked, seed, visit
from tests.commands.test_dialogue import two_zhangs
from tests.talking import Chat


async def test_a_bare_name_answers_which_customer(chat: Chat) -> None:
    assert (await chat.reply("hanmei", "帮我约个客户")).startswith("拜访哪家客户")
    assert "飞燕" in await chat.reply("hanmei", "飞燕")
    await chat.says("hanmei", "下周三")
    await chat.says("hanmei", "下午三点")
    assert booked(chat) == [("k7", "17T15:00")]


@pytest.mark.parametrize("both", ["售前组，下午三点", "1，下午三点", "下午三点 售前组的"])
async def test_two_answers_in_one(begin: Begin, both: str) -> None:
    async with begin(two_zhangs()) as chat:
        text = await chat.reply("hanmei", "下周三去飞燕做产品演示，带上章维")
        assert "几点也还没定" in text
        await chat.says("hanmei", both)
        (event,) = chat.named("visit.booked")
        assert (event["visit"]["participants"], event["visit"]["start"]) == (["zw1"], at(17, "15:00").isoformat())


async def test_a_correction_of_a_draft_is_shown(chat: Chat) -> None:
    await chat.says("hanmei", "下周三去飞燕做产品演示")
    assert "已改：6月17日 周三 → 6月18日 周四" in await chat.reply("hanmei", "不是周三是周四")
    assert "已改" not in await chat.reply("hanmei", "上午十点")  # completed, not changed


async def test_that_one_is_the_visit_talked_about(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    assert (await chat.reply("hanmei", "那个取消吧")).startswith("已取消：6月17日")
    assert (await chat.reply("hanmei", "那个取消吧")).startswith(("要取消哪一次", "没有找到"))
    assert len(chat.named("visit.cancelled")) == 1


async def test_and_me(chat: Chat) -> None:
    await chat.says("hanmei", "杜伟周四有几个拜访")
    assert (await chat.reply("hanmei", "那我呢")).startswith("您后天")


async def test_a_report_about_another_customer_is_no_answer(begin: Begin) -> None:
    data = seed(visit("x1", "k1", "hanmei", 8, "10:00", status="done"), visit("x2", "k7", "hanmei", 8, "14:00", status="done"))
    async with begin(data) as chat:
        await chat.says("hanmei", "金桥的拜访纪要：聊了需求，预算五十万，下一步周五发报价")
        await chat.says("hanmei", "飞燕那边挺热情的，预算三万块，要再看看")
        assert not [e for e in chat.named("report.updated") if e["report"]["visit"] == "x1"]


async def test_a_move_says_from_where_and_how_it_was_understood(chat: Chat) -> None:
    await chat.says("hanmei", "下周三下午两点去飞燕做产品演示")
    text = await chat.reply("hanmei", "改到四点吧")
    assert "原时间：6月17日 周三 14:00–15:00" in text
    assert "没说上午下午，按下午 16:00" in text


async def test_a_customers_change_is_counted(chat: Chat) -> None:
    await chat.says("hanmei", "下周三下午两点去飞燕做产品演示")
    text = await chat.reply("hanmei", "客户临时有事，下周三的飞燕改到下周四下午三点")
    assert "客户要求改期：90 天内第 1 次" in text


async def test_a_passed_weekday_is_said(chat: Chat) -> None:
    assert "本周一已过，按下周的 6月15日 周一" in await chat.reply("hanmei", "周一上午十点去飞燕做产品演示")


async def test_times_offered_follow_one_another_from_the_clock_said(chat: Chat) -> None:
    text = await chat.reply("hanmei", "龚厂长：下周四下午两点以后都行，来我们厂里")
    assert "客户原话：下周四下午两点以后都行" in text
    assert all(f"6月18日 周四 {clock}" in text for clock in ("14:00", "15:00", "16:00"))


async def test_on_a_holiday_the_next_workday_is_offered(chat: Chat) -> None:
    text = await chat.reply("hanmei", "6月19号上午拜访飞燕")
    assert "端午节假期" in text
    assert all(f"6月22日 周一 {clock}" in text for clock in ("09:00", "10:00", "11:00"))


async def test_a_visit_with_the_owner_is_a_joint_one(begin: Begin) -> None:
    data = seed(k1={"owner": "duwei", "grade": "B", "created": "2026-06-01T09:00:00+08:00"}, drop=("w1", "w2", "w3"))
    async with begin(data) as chat:
        text = await chat.reply("hanmei", "下周三下午两点和杜伟一起去金桥做产品演示")
        assert "和负责人杜伟同行" in text
        assert chat.named("visit.booked")[0]["visit"]["participants"] == ["duwei"]
        assert not chat.named("conflict.found")
        await chat.press("duwei", "婉拒")
        assert chat.named("visit.cancelled")
        assert any("婉拒了同行" in t for t in chat.to("hanmei", "push"))


async def test_common_afternoons_after_the_question_who(begin: Begin) -> None:
    async with begin(two_zhangs()) as chat:
        await chat.says("hanmei", "我和章维下周找个都有空的下午去飞燕，两个小时")
        text = await chat.reply("hanmei", "售前组")
        clocks = [line.split()[-1] for b in chat.wire.got[-1].card.buttons if (line := b.text)]
        assert len(clocks) == 3, text
        assert all("12:00" <= c <= "16:00" for c in clocks)


async def test_own_gaps_leave_the_buffer(begin: Begin) -> None:
    data = seed(visit("x1", "k7", "hanmei", 17, "14:00"), drop=("w1", "w2", "w3"))
    async with begin(data) as chat:
        assert "09:00–13:30、15:30–18:00" in await chat.reply("hanmei", "我下周三有几个拜访")
        assert "09:00–14:00、15:00–18:00" in await chat.reply("duwei", "韩梅下周三在哪")


async def test_the_hole_left_is_offered_to_the_longest_neglected(begin: Begin) -> None:
    data = seed(
        visit("x1", "k7", "hanmei", 11, "14:00"),
        k2={"last_followup": "2026-05-01T09:00:00+08:00"},
        drop=("w1", "w2", "w3"),
    )
    async with begin(data) as chat:
        text = await chat.reply("hanmei", "周四的飞燕改到下周四下午两点")
        assert "6月11日 周四 14:00 空出来了，可以约绿洲（A，39 天没有联系）" in text
        await chat.press("hanmei", "约绿洲")
        assert booked(chat) == [("k2", "11T14:00")]


async def test_the_same_again_offers_other_words_and_another_length(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    text = await chat.reply("hanmei", "下周三上午十点去飞燕")
    assert text.startswith("已经约过了")
    await chat.press("hanmei", "改时长")
    await chat.says("hanmei", "90分钟")
    assert chat.named("visit.rescheduled")[0]["visit"]["end"] == at(17, "11:30").isoformat()
    await chat.says("hanmei", "下周三上午十点去飞燕")
    await chat.press("hanmei", "改目的")
    await chat.says("hanmei", "付款条款")
    assert chat.named("visit.updated")[0]["visit"]["purpose"] == "付款条款"


async def test_what_undo_and_restore_say(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    await chat.says("hanmei", "改到下午三点")
    assert "6月17日 周三 09:00 提醒您" in await chat.reply("hanmei", "还是原来那个时间")
    await chat.says("hanmei", "下周四上午十点去飞燕做产品演示")
    assert "没有通知过其他人" in await chat.reply("hanmei", "刚才那个取消，约错客户了")


async def test_a_days_cancellation_offers_a_stand_in(begin: Begin) -> None:
    async with begin(seed(visit("x1", "k7", "hanmei", 17, "14:00"), drop=("w1", "w2", "w3"))) as chat:
        text = await chat.reply("hanmei", "下周三所有拜访都取消，我发烧了")
        assert "请同事代访" in text
        assert "发烧" not in text
        assert "能代访的同事" in (await chat.press("hanmei", "请同事代访"))[0].text
        assert not chat.named("visit.cancelled")


async def test_the_same_day_is_the_day_just_talked_about(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    await chat.says("hanmei", "同一天下午三点再去趟绿洲")
    assert booked(chat) == [("k7", "17T10:00"), ("k2", "17T15:00")]


@pytest.mark.parametrize("text", ["下周三上午十点去飞燕，不对，是下周四上午十点", "下周三上午十点去飞燕，哦不对，周四"])
async def test_what_is_taken_back_in_the_same_breath(chat: Chat, text: str) -> None:
    await chat.says("hanmei", text)
    assert booked(chat) == [("k7", "18T10:00")]


async def test_another_part_of_the_visits_own_day(chat: Chat) -> None:
    await chat.says("hanmei", "下周三上午十点去飞燕做产品演示")
    text = await chat.reply("hanmei", "帮我把它挪到下午")
    assert all(f"6月17日 周三 {clock}" in text for clock in ("13:00", "14:00", "15:00"))
    assert not chat.named("visit.rescheduled")


async def test_all_of_them_are_shown_and_asked_once(begin: Begin) -> None:
    async with begin(seed(visit("x1", "k7", "hanmei", 17, "14:00"), drop=("w2", "w3"))) as chat:
        assert "要取消这 2 次拜访吗" in await chat.reply("hanmei", "全部取消")
        assert not chat.named("visit.cancelled")
        await chat.says("hanmei", "好的")
        assert {e["visit"]["id"] for e in chat.named("visit.cancelled")} == {"w1", "x1"}


async def test_two_customers_change_places(begin: Begin) -> None:
    async with begin(seed(visit("x1", "k7", "hanmei", 17, "10:00"), drop=("w2", "w3"))) as chat:
        assert "要对调这两次拜访吗" in await chat.reply("hanmei", "把金桥和飞燕对调一下")
        await chat.says("hanmei", "确认")
        assert {e["visit"]["id"]: e["visit"]["start"][8:16] for e in chat.named("visit.rescheduled")} == {
            "w1": "17T10:00",
            "x1": "11T14:00",
        }


async def test_other_words_than_the_offered_times_end_the_conflict(chat: Chat) -> None:
    await chat.says("hanmei", "周四下午两点半去飞燕做产品演示")
    await chat.says("hanmei", "那就四点吧")
    assert booked(chat) == [("k7", "11T16:00")]
    assert [e["by"] for e in chat.named("conflict.resolved")] == ["alternative"]


async def test_a_series_of_so_many(chat: Chat) -> None:
    assert "4 次" in await chat.reply("hanmei", "每周三上午十点去飞燕做售后回访，排四次")


async def test_several_things_have_an_undo_each(begin: Begin) -> None:
    async with begin(seed(drop=("w2", "w3"))) as chat:
        text = await chat.reply("hanmei", "取消金桥的拜访，再约下周三上午十点飞燕，提醒我明天给顾总打电话")
        assert text.startswith("3 件事都处理了")
        assert "撤销第1件" in text
        await chat.says("hanmei", "撤销第2件")
        assert [e["undone"] for e in chat.named("undo.done")] == ["visit.booked"]


async def test_of_several_things_the_open_one_keeps_its_choices(begin: Begin) -> None:
    async with begin(seed(drop=("w2", "w3"))) as chat:
        text = await chat.reply("hanmei", "取消下周三的飞燕，再约周四下午两点半绿洲")
        assert not text.startswith("2 件事都处理了")
        assert not booked(chat)
        await chat.says("hanmei", "1")
        assert booked(chat) == [("k2", "11T15:30")]


async def test_undo_names_the_owner_who_was_told(begin: Begin) -> None:
    async with begin(seed(drop=("w1", "w2", "w3"))) as chat:
        await chat.says("hanmei", "下周三上午十点去大桥谈合同")
        await chat.says("hanmei", "仍然预约")
        assert "已通知杜伟" in await chat.reply("hanmei", "撤销")


async def test_the_second_of_the_list(begin: Begin) -> None:
    visits = (visit("x1", "k7", "hanmei", 17, "10:00"), visit("x2", "k2", "hanmei", 17, "14:00"))
    async with begin(seed(*visits, drop=("w1", "w2", "w3"))) as chat:
        await chat.says("hanmei", "我下周三有哪些拜访")
        await chat.says("hanmei", "第一个改到四点")
        assert [e["visit"]["id"] for e in chat.named("visit.rescheduled")] == ["x1"]
        await chat.says("hanmei", "第二个取消")
        assert [e["visit"]["id"] for e in chat.named("visit.cancelled")] == ["x2"]


async def test_they_and_she(chat: Chat) -> None:
    await chat.says("hanmei", "绿洲的资料")
    await chat.says("hanmei", "约他们下周三上午十点")
    assert booked(chat) == [("k2", "17T10:00")]
    await chat.says("hanmei", "杜伟下周四有空吗")
    await chat.says("hanmei", "叫上他下周四上午十点一起去飞燕")
    assert chat.named("visit.booked")[-1]["visit"]["participants"] == ["duwei"]


async def test_time_and_company_answer_together(chat: Chat) -> None:
    await chat.says("hanmei", "下周三去飞燕做产品演示")
    await chat.says("hanmei", "早上九点半吧，带上杜伟")
    (event,) = chat.named("visit.booked")
    assert (event["visit"]["start"], event["visit"]["participants"]) == (at(17, "09:30").isoformat(), ["duwei"])


async def test_why_never_changes_anything(chat: Chat) -> None:
    await chat.says("hanmei", "为什么要提前一小时提醒")
    assert chat.outcome
    assert chat.outcome.intent == "dialog.why"
