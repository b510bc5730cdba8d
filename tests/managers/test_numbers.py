"""Summaries, rankings, boards and rows: every number counted by hand."""

from typing import Any

import pytest

from domain import shares, trend
from tests.managers.kit import NOW, at, customers, seed
from tests.talking import Chat, talking


def visit(n: int, rep: str, day: int, clock: str, status: str, purpose: str = "产品演示", customer: int = 0) -> dict[str, Any]:
    """An hour's visit."""
    hour = int(clock[:2])
    return {"id": f"n{n}", "customer": f"m{customer:03d}", "rep": rep, "participants": [], "start": at(day, clock),
            "end": at(day, f"{hour + 1:02d}:{clock[3:]}"), "mode": "onsite", "purpose": purpose, "status": status}  # fmt: skip


def week() -> dict[str, Any]:
    """June 22–28: 韩梅 3 done, 1 missed, 1 cancelled; 杜伟 1 done, 1 empty, 1 still planned; 方宇 (another team) 2 done."""
    rows = [
        visit(1, "hanmei", 22, "10:00", "done"), visit(2, "hanmei", 23, "10:00", "done", "合同谈判"), visit(3, "hanmei", 24, "10:00", "done", "聊聊近况"),
        visit(4, "hanmei", 25, "10:00", "missed", ""), visit(5, "hanmei", 25, "14:00", "cancelled"),
        visit(6, "duwei", 22, "10:00", "done", customer=1), visit(7, "duwei", 23, "10:00", "empty", "售后回访", customer=1),
        visit(8, "duwei", 26, "15:00", "planned", customer=1),
        visit(9, "fangyu", 22, "14:00", "done", customer=2), visit(10, "fangyu", 23, "14:00", "done", customer=2),
    ]  # fmt: skip
    return seed(customers(6), (), rows)


async def test_a_weeks_summary_in_private_and_in_the_group(db_url: str) -> None:
    async with talking(db_url, week(), NOW) as chat:
        text = await chat.reply("qinlan", "本周拜访汇总")
        assert "计划 7 个，完成 4 个" in text.splitlines()[0]
        assert "计划 7，完成 4，漏访 1，扑空 1，待拜访 1，取消 1" in text
        assert "纪要：应交 4，待写 4" in text
        assert "产品演示 3（43%）" in text
        assert "聊聊近况" in text  # her own people's visit, in private
        group = [g for g in await chat.says("qinlan", "@拜访助手 本周拜访汇总", group="east")]
        assert "计划 7，完成 4" in group[0].text
        assert "聊聊近况" not in group[0].text
        assert not group[0].card.buttons
        assert "聊聊近况" in group[1].text
        rows = await chat.says(
            "qinlan", "/summary.rows what=missed start=2026-06-22T00:00:00+08:00 end=2026-06-29T00:00:00+08:00"
        )
        assert "漏访：1 条" in rows[0].text
        assert "6月25日 周四 10:00" in rows[0].text


@pytest.mark.parametrize(
    ("words", "planned", "done"),
    [("今天", 1, 0), ("昨天", 1, 0), ("上周", 0, 0), ("本月", 7, 4), ("本季度", 7, 4), ("6月22号到6月23号", 4, 3)],
)
async def test_periods(db_url: str, words: str, planned: int, done: int) -> None:
    async with talking(db_url, week(), NOW) as chat:
        first = (await chat.reply("qinlan", f"{words}拜访汇总")).splitlines()[0]
    assert (f"计划 {planned} 个，完成 {done} 个" in first) is bool(planned)
    assert ("没有拜访记录" in first) is not bool(planned)


async def test_whose_numbers(db_url: str) -> None:
    """A rep's own, a manager's team's, a director's all; a colleague's only for those who answer for him."""
    async with talking(db_url, week(), NOW) as chat:
        firsts = [(await chat.reply(who, "本周拜访汇总")).splitlines()[0] for who in ("hanmei", "qinlan", "songhe")]
        assert [f.split("：")[-1] for f in firsts] == ["计划 4 个，完成 3 个", "计划 7 个，完成 4 个", "计划 9 个，完成 6 个"]
        assert (await chat.reply("hanmei", "杜伟本周拜访汇总")).startswith("无权")
        assert chat.named("access.denied")
        assert "计划 3 个，完成 1 个" in await chat.reply("qinlan", "杜伟本周拜访汇总")


async def test_ranking_ties_and_the_wish_not_to_be_named(db_url: str) -> None:
    async with talking(db_url, week(), NOW) as chat:
        text = await chat.reply("songhe", "本周拜访量排行")
        assert "第1名 韩梅 3" in text
        assert "第2名 方宇 2" in text
        assert "合计：6" in text
        assert "已设置" in await chat.reply("hanmei", "排行榜不要显示我的名字")
        group = await chat.reply("qinlan", "@拜访助手 本周拜访量排行", group="east")
        assert "第1名 某同事 3" in group
        assert "韩梅" not in group
        assert "第1名 韩梅 3" in await chat.reply("qinlan", "本周拜访量排行")


async def test_conflict_rate_counts_messages(db_url: str) -> None:
    """Four booking messages: a hard conflict settled by an alternative, a soft one settled anyway, two plain ones. 1 of 4."""
    async with talking(db_url) as chat:
        await chat.says("hanmei", "/visit.book customer_id=k7 time=2026-06-16T10:00:00+08:00")
        await chat.says("hanmei", "/visit.book customer_id=k2 time=2026-06-16T10:30:00+08:00")
        found = chat.named("conflict.found")[-1]
        assert found["hard"]
        slot = found["alternatives"][0]["start"]
        await chat.press("hanmei", f"{slot[11:16]}")
        await chat.says("hanmei", "/visit.book customer_id=k1 time=2026-06-17T19:00:00+08:00")
        await chat.press("hanmei", "仍然预约")
        await chat.says("duwei", "/visit.book customer_id=k5 time=2026-06-18T10:00:00+08:00")
        assert len(chat.named("visit.booked")) == 4
        text = await chat.reply("qinlan", "本月冲突率")
        assert "25.0%" in text.splitlines()[0]
        assert "1 ÷ 4" in text


async def test_a_question_for_two_figures_gets_two(chat: Chat) -> None:
    text = await chat.reply("qinlan", "本周咱们组撞单几次 重复跟进率多少")
    assert "冲突率" in text.splitlines()[0]
    assert "重复跟进率" in text.splitlines()[0]


def test_percentages_add_up() -> None:
    assert sum(share for *_, share in shares.percent({"甲": 1, "乙": 1, "丙": 1})) == 100
    assert shares.percent({"甲": 2, "乙": 1}) == [("甲", 2, 67), ("乙", 1, 33)]
    assert shares.percent({}) == []


def test_a_step_is_seen_and_noise_is_not() -> None:
    calm = [(3, 50), (2, 50), (4, 50), (2, 50), (3, 50), (3, 50)]
    assert trend.cusum([*calm, (3, 50), (2, 50), (4, 50), (3, 50)]) is None
    signal = trend.cusum([*calm, (12, 50), (11, 50)])
    assert signal is not None
    assert signal.up
    assert signal.since == 6
    assert trend.cusum([(0, 3)] * 12) is None, "small samples say nothing"
    assert trend.sure((7, 100), (30, 100)) is True
    assert trend.sure((7, 100), (9, 100)) is False
    assert trend.sure((1, 10), (9, 10)) is None
