"""What goes out by itself: group cards, packs, alarms; on workdays only, each once, days off caught up."""

from collections import Counter
from datetime import datetime, timedelta

from domain.model import OFFICE
from tests.managers.kit import customers, seed
from tests.talking import Chat, start, talking


def moment(day: int, clock: str = "09:00", month: int = 6) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=OFFICE)


def sent(chat: Chat, kind: str) -> list[tuple[str, str]]:
    """(period, to) of the summaries of a kind so far."""
    return [(e["period"], e["to"]) for e in chat.named("summary.sent") if e["kind"] == kind]


async def test_a_groups_morning(db_url: str) -> None:
    """Tuesday to Monday over the festival on Friday the 19th: a card each workday, the week's schedule on its first."""
    async with talking(db_url) as chat:
        await chat.says("hanmei", "/visit.book customer_id=k2 time=2026-06-22T10:00:00+08:00")
        await chat.advance(moment(23))
        days = [p for p, to in sent(chat, "group_morning") if to == "east"]
        assert days == [f"2026-06-{d}" for d in ("10", "11", "12", "15", "16", "17", "18", "22", "23")]
        cards = [g for g in chat.wire.got if g.to == "g:east" and "晨会" in g.card.title]
        assert all((g.at.hour, g.at.minute) == (8, 30) for g in cards)
        monday = next(g.text for g in cards if g.at.day == 22)
        assert "本周日程" in monday
        assert "韩梅 10:00–11:00 绿洲" in monday
        assert "本周日程" not in next(g.text for g in cards if g.at.day == 11)
        assert "韩梅 14:00–15:00 金桥" in next(g.text for g in cards if g.at.day == 11)


async def test_fridays_pack_and_a_friday_off(db_url: str) -> None:
    """June 12 at 17:00; the 19th is a festival: that week's pack comes with Monday's morning. Restarted, nothing comes twice."""
    async with talking(db_url) as chat:
        await chat.advance(moment(12, "16:59"))
        assert sent(chat, "weekly_pack") == []
        await chat.advance(moment(12, "17:00"))
        assert Counter(sent(chat, "weekly_pack")) == Counter({("2026-06-08", w): 1 for w in ("qinlan", "shenbo", "songhe")})
        pack = next(t for t in chat.to("qinlan") if "周复盘" in t)
        for word in ("拜访量", "做得好的", "要改进的", "重复跟进率"):
            assert word in pack
        await chat.advance(moment(21))
        again = await start(chat.app.store, {}, moment(21))
        await again.advance(moment(22))
        assert [p for p, to in sent(again, "weekly_pack") if to == "qinlan"] == ["2026-06-15"]
        assert all(g.at == moment(22, "08:30") for g in again.wire.got if "周复盘" in g.card.title)


async def test_month_and_quarter(db_url: str) -> None:
    """July 1 is a Wednesday: the month's pack and the quarter's review, once; August 3 only the month's."""
    async with talking(db_url, seed(customers(4)), moment(30)) as chat:
        await chat.advance(moment(2, month=7))
        assert [p for p, to in sent(chat, "monthly_pack") if to == "qinlan"] == ["2026-06"]
        assert [p for p, to in sent(chat, "quarterly_pack") if to == "qinlan"] == ["2026-04"]
        assert any("现行规则" in t for t in chat.to("qinlan"))
        await chat.advance(moment(4, month=8))
        assert [p for p, to in sent(chat, "monthly_pack") if to == "qinlan"] == ["2026-06", "2026-07"]
        assert len(sent(chat, "quarterly_pack")) == 3
        assert timedelta(0) < chat.clock.now() - moment(3, month=8)
