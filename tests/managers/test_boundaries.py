"""The three lines: on the line is not crossed (R120–R122), and what is no repetition is not counted."""

from datetime import timedelta
from typing import Any

import pytest

from domain import kpi
from domain.rules import Rules
from tests.managers.kit import NOW, at, customers, followup, seed
from tests.talking import talking


def repeated(hits: int) -> dict[str, Any]:
    """A hundred customers followed by their owners; the first `hits` by the other rep too, three days later."""
    made = customers(100)
    rows = [followup(i, c["owner"], at(2)) for i, c in enumerate(made)]
    others = {"hanmei": "duwei", "duwei": "hanmei"}
    rows += [followup(i, others[made[i]["owner"]], at(5)) for i in range(hits)]
    return seed(made, rows)


@pytest.mark.parametrize(("hits", "shown", "red"), [(5, "5.0%", False), (6, "6.0%", True)])
async def test_repeat_followup_rate(db_url: str, hits: int, shown: str, red: bool) -> None:
    async with talking(db_url, repeated(hits), NOW) as chat:
        text = await chat.reply("qinlan", "这个月重复跟进率是多少")
        assert f"{shown}" in text.splitlines()[0]
        assert ("超标" in text) is red
        assert f"{hits} ÷ 100" in text
        await chat.advance(NOW + timedelta(days=3))
        alarms = [e for e in chat.named("alert.raised") if e["kind"] == "kpi.repeat_followup"]
        assert [(e["subject"], e["to"]) for e in alarms] == ([({"team": "东区一组"}, ["qinlan"])] if red else [])
        await chat.advance(NOW + timedelta(days=4))
        assert len([e for e in chat.named("alert.raised") if e["kind"] == "kpi.repeat_followup"]) == int(red)


@pytest.mark.parametrize(("lost", "shown", "red"), [(10, "10.0%", False), (11, "11.0%", True)])
async def test_churn(db_url: str, lost: int, shown: str, red: bool) -> None:
    async with talking(db_url, seed(customers(100)), NOW) as chat:
        for i in range(lost):
            await chat.says("qinlan", f"/customer.update customer_id=m{i:03d} field=状态 value=流失")
        text = await chat.reply("qinlan", "本月流失率")
        assert shown in text.splitlines()[0]
        assert ("超标" in text) is red
        assert f"{lost} ÷ 100" in text


@pytest.mark.parametrize(("kept", "shown", "red"), [(85, "85.0%", False), (84, "84.0%", True)])
async def test_timeliness(db_url: str, kept: int, shown: str, red: bool) -> None:
    """A customers touched on the 16th are overdue on the 24th, this Wednesday: 84 of 100 in time is red, 85 is not."""
    made = customers(100, "A")
    rows = [followup(i, c["owner"], at(16)) for i, c in enumerate(made)]
    rows += [followup(i, made[i]["owner"], at(23)) for i in range(kept)]
    async with talking(db_url, seed(made, rows), NOW) as chat:
        text = await chat.reply("qinlan", "本周跟进及时率")
        assert shown in text.splitlines()[0]
        assert ("超标" in text) is red
        assert f"{kept} ÷ 100" in text


async def test_what_is_no_repetition(db_url: str) -> None:
    """Joint visits, approved co-owners, seven days apart, an invalid touch, the same rep twice; one pair over the month's edge."""
    made = customers(8)
    made[1]["co_owners"] = ["hanmei"]
    visit = {"id": "j1", "customer": "m000", "rep": "hanmei", "participants": ["duwei"], "start": at(3, "10:00"), "end": at(3, "11:00"),
             "mode": "onsite", "purpose": "产品演示", "status": "done"}  # fmt: skip
    rows = [
        followup(0, "hanmei", at(3, "12:00"), channel="visit"), followup(0, "duwei", at(3, "12:00"), channel="visit"),
        followup(1, "duwei", at(3)), followup(1, "hanmei", at(4)),
        followup(2, "hanmei", at(2)), followup(2, "duwei", at(9)),
        followup(3, "duwei", at(3)), followup(3, "hanmei", at(4), valid=False),
        followup(4, "hanmei", at(3)), followup(4, "hanmei", at(4)),
        followup(5, "duwei", at(30, month=5)), followup(5, "hanmei", at(2)),
    ]  # fmt: skip
    async with talking(db_url, seed(made, rows, [visit]), NOW) as chat:
        text = await chat.reply("qinlan", "这个月重复跟进率是多少")
    assert "1 ÷ 6" in text
    assert "第005号" in text


def test_a_crossed_line_never_looks_kept() -> None:
    rules = Rules()
    close = kpi.Figure("repeat_followup_rate", 21, 419)
    assert close.shown == "5.0%"
    assert kpi.alarm(close, rules)
    assert kpi.shown(close, rules) == "5.01%"
    assert kpi.shown(kpi.Figure("repeat_followup_rate", 5, 100), rules) == "5.0%"


async def test_why_there_are_more(db_url: str) -> None:
    """B customers: 1 of 10 in May, 4 of 10 in June, three of them by a rep who is not the owner; A customers do not count."""
    made = [*customers(10), {**customers(11)[10], "grade": "A"}]
    others = {"hanmei": "duwei", "duwei": "hanmei"}
    rows = [followup(i, c["owner"], at(12, month=5)) for i, c in enumerate(made)]
    rows += [followup(0, others[made[0]["owner"]], at(13, month=5))]
    rows += [followup(i, c["owner"], at(10)) for i, c in enumerate(made)]
    rows += [followup(i, others[made[i]["owner"]], at(12)) for i in (1, 2, 3, 10)]
    async with talking(db_url, seed(made, rows), NOW) as chat:
        text = await chat.reply("qinlan", "为什么B类客户重复跟进变多了")
        first = text.splitlines()[0]
        assert "10.0%（1/10） → 30.0%（3/10）" in first
        assert "样本太少" in text
        assert "3 家里有 3 家会先问负责人" in text
        assert "第010号" not in text
        assert "30.0%" in (await chat.reply("qinlan", "B类客户这个月重复跟进率是多少")).splitlines()[0]
        group = await chat.reply("qinlan", "@拜访助手 为什么B类客户重复跟进变多了", group="east")
        assert "第001号" not in group
