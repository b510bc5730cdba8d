"""Visit reminders: exactly one, at its minute, never for what moved or was cancelled, by the right setting (R93, R94, R102, D9-D11)."""

from datetime import datetime

import pytest

from tests.commands.kit import Begin, at, book, move, seed, visit
from tests.talking import Chat


def sent(chat: Chat, visit_id: str, to: str = "hanmei") -> list[str]:
    """When this person was reminded of this visit."""
    times = [e.at for e in chat.events if e.name == "reminder.sent" and e.data.get("visit") == visit_id and e.data["to"] == to]
    return [f"{t:%d %H:%M}" for t in times]


def cards(chat: Chat, to: str = "hanmei") -> list[tuple[datetime, str]]:
    return [(g.at, g.text) for g in chat.wire.got if g.to == to and "拜访提醒" in g.card.title]


async def test_the_four_facts_once_at_its_minute(chat: Chat) -> None:
    await chat.advance(at(11, "12:59"))
    assert not cards(chat)
    await chat.advance(at(11, "14:30"))
    ((when, text),) = cards(chat)
    assert when == at(11, "13:00")
    for fact in ("金桥", "6月11日 周四 14:00–15:00", "苏州市工业园区星湖街1号", "产品演示"):
        assert fact in text
    assert sent(chat, "w1") == ["11 13:00"]


@pytest.mark.parametrize(
    ("to", "times"), [((11, "16:00"), ["11 15:00"]), ((12, "10:00"), ["12 09:00"]), ((11, "14:30"), ["11 13:30"])]
)
async def test_moved(chat: Chat, to: tuple[int, str], times: list[str]) -> None:
    await chat.says("hanmei", move("w1", *to))
    await chat.advance(at(12, "17:00"))
    assert sent(chat, "w1") == times
    assert len(cards(chat)) == 1


async def test_moved_away_and_back(chat: Chat) -> None:
    await chat.says("hanmei", move("w1", 12, "10:00"))
    await chat.says("hanmei", "撤销")
    await chat.advance(at(12, "17:00"))
    assert sent(chat, "w1") == ["11 13:00"]
    assert len(cards(chat)) == 1


async def test_moved_after_the_reminder_into_its_lead(chat: Chat) -> None:
    await chat.advance(at(11, "13:10"))
    await chat.says("hanmei", move("w1", 11, "14:05"))
    await chat.advance(at(11, "16:00"))
    assert sent(chat, "w1") == ["11 13:00"], "moved inside its lead: none"


async def test_moved_after_the_reminder_to_another_day(chat: Chat) -> None:
    await chat.advance(at(11, "13:10"))
    await chat.says("hanmei", move("w1", 12, "10:00"))
    await chat.advance(at(12, "12:00"))
    assert sent(chat, "w1") == ["11 13:00", "12 09:00"]


async def test_another_purpose_costs_no_reminder_and_brings_no_second(chat: Chat) -> None:
    await chat.says("hanmei", "周四金桥的目的改成合同谈判")
    await chat.advance(at(11, "13:05"))
    assert sent(chat, "w1") == ["11 13:00"]
    assert "合同谈判" in cards(chat)[0][1]
    await chat.says("hanmei", "周四金桥改成线上")
    await chat.advance(at(11, "15:00"))
    assert sent(chat, "w1") == ["11 13:00"]


@pytest.mark.parametrize(("clock", "n"), [("09:59", 0), ("10:00", 0), ("10:01", 1)])
async def test_booked_inside_its_lead(begin: Begin, clock: str, n: int) -> None:
    """Now is 09:00: at 10:00 the reminder would be due this very moment."""
    async with begin() as chat:
        await chat.says("hanmei", book("k7", 9, clock))
        await chat.advance(at(9, "11:00"))
        assert len(sent(chat, "v1001")) == n


async def test_cancelled_and_restored(chat: Chat) -> None:
    await chat.says("hanmei", "取消周四金桥的拜访")
    await chat.advance(at(11, "11:00"))
    await chat.says("hanmei", "金桥还是按原来的时间")
    await chat.advance(at(11, "16:00"))
    assert sent(chat, "w1") == ["11 13:00"]


async def test_companions_are_reminded_until_they_decline(chat: Chat) -> None:
    await chat.says("hanmei", "周四金桥带上江涛")
    await chat.says("hanmei", "周四金桥带上杜伟")
    await chat.press("jiangtao", "婉拒")
    await chat.advance(at(11, "13:30"))
    assert sent(chat, "w1", "duwei") == ["11 13:00"]
    assert sent(chat, "w1", "jiangtao") == []
    assert sent(chat, "w1") == ["11 13:00"]


async def test_the_persons_lead_and_the_customers_before_it(begin: Begin) -> None:
    rows = [visit("z1", "k7", "hanmei", 12, "14:00")]
    async with begin(seed(*rows)) as chat:
        await chat.says("hanmei", "以后提前两小时提醒我")
        await chat.says("hanmei", "金桥的拜访提前半小时提醒我")
        await chat.advance(at(12, "15:00"))
        assert sent(chat, "w1") == ["11 13:30"]
        assert sent(chat, "z1") == ["12 12:00"]
        assert sent(chat, "w2", "duwei") == ["12 14:00"], "nobody else's"


async def test_the_companys_lead(begin: Begin) -> None:
    async with begin(remind_before_min=15) as chat:
        await chat.advance(at(11, "15:00"))
        assert sent(chat, "w1") == ["11 13:45"]


async def test_weekends_and_holidays_keep_their_minute(begin: Begin) -> None:
    async with begin(seed(visit("z1", "k7", "hanmei", 19, "10:00"), visit("z2", "k2", "hanmei", 13, "10:00"))) as chat:
        await chat.advance(at(19, "12:00"))
        assert sent(chat, "z1") == ["19 09:00"]
        assert sent(chat, "z2") == ["13 09:00"]


async def test_a_week_passes_in_order(begin: Begin) -> None:
    rows = [visit(f"z{d}", "k7", "hanmei", d, "10:00") for d in (10, 12, 15, 16)]
    async with begin(seed(*rows)) as chat:
        await chat.advance(at(17, "0:00"))
        times = [e.at for e in chat.events]
        assert times == sorted(times)
        assert [sent(chat, f"z{d}") for d in (10, 12, 15, 16)] == [["10 09:00"], ["12 09:00"], ["15 09:00"], ["16 09:00"]]


async def test_a_visit_handed_to_a_stand_in_reminds_him(chat: Chat) -> None:
    await chat.says("hanmei", "周四的金桥让杜伟替我去")
    await chat.press("duwei", "接受代访")
    await chat.advance(at(11, "13:30"))
    assert (sent(chat, "w1"), sent(chat, "w1", "duwei")) == ([], ["11 13:00"])


async def test_time_zone_of_the_machine_does_not_matter(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """D11."""
    import time

    for zone in ("UTC", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
    try:
        async with begin() as chat:
            text = await chat.reply("hanmei", "周五上午十点去飞燕做售后回访")
            assert text.startswith("已预约：6月12日 周五 10:00")
            await chat.advance(at(12, "9:30"))
            assert sent(chat, "v1001") == ["12 09:00"]
    finally:
        monkeypatch.undo()
        time.tzset()
