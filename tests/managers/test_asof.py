"""当时是怎么说的: owners as of then, who moved what; asking never changes anything (M15)."""

from datetime import timedelta

from tests.talking import NOW, Chat


async def test_the_owner_as_of_then(chat: Chat) -> None:
    await chat.says("qinlan", "把绿洲转给杜伟")
    await chat.press("qinlan", "确认")
    await chat.advance(NOW + timedelta(days=1))
    text = await chat.reply("qinlan", "上周三绿洲是谁的")
    assert text.startswith("6月3日 周三绿洲的负责人是韩梅")
    assert "现在是杜伟" in text
    assert (await chat.reply("qinlan", "绿洲是谁的")).startswith("绿洲的负责人是杜伟")


async def test_who_moved_it(chat: Chat) -> None:
    await chat.says("hanmei", "/visit.reschedule visit_id=w1 new_time=2026-06-11T16:00:00+08:00")
    moved = len(chat.named("visit.rescheduled"))
    text = await chat.reply("qinlan", "谁改的金桥的会")
    assert "韩梅把金桥从 6月11日 周四 14:00 改到 6月11日 周四 16:00" in text
    for question in ("谁把金桥的会改到四点", "谁把周四的会取消了", "是谁取消了金桥的拜访"):
        await chat.says("qinlan", question)
    assert len(chat.named("visit.rescheduled")) == moved
    assert chat.named("visit.cancelled") == []
