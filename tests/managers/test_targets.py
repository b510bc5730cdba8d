"""PDCA: a target in one sentence, one 确认, followed in the pack, judged after its period (R177)."""

from datetime import datetime

from domain.model import OFFICE
from tests.managers.test_boundaries import repeated
from tests.talking import talking

BEFORE = datetime(2026, 6, 25, 10, tzinfo=OFFICE)


async def test_a_target_from_sentence_to_verdict(db_url: str) -> None:
    async with talking(db_url, repeated(6), BEFORE) as chat:
        text = await chat.reply("qinlan", "把重复跟进率目标定到4%")
        assert "≤ 4%，还没有生效" in text
        assert chat.named("rule.changed") == []
        await chat.press("qinlan", "确认")
        assert chat.named("rule.changed")[-1]["rule"]["goal"] == 0.04
        assert "现在 6.0%，未达到" in await chat.reply("qinlan", "目标完成得怎么样")
        assert "目标" not in await chat.reply("hanmei", "这个月重复跟进率是多少")
        await chat.advance(datetime(2026, 6, 26, 17, tzinfo=OFFICE))
        assert any("目标：" in t and "≤ 4%" in t for t in chat.to("qinlan") if "周复盘" in t)
        await chat.advance(datetime(2026, 7, 2, 9, tzinfo=OFFICE))
        verdicts = [t for t in chat.to("qinlan") if t.startswith("目标没有达到")]
        assert len(verdicts) == 1
        assert "6.0%" in verdicts[0]
        await chat.press("qinlan", "沿用到下一期")
        assert chat.named("rule.changed")[-1]["rule"]["start"].startswith("2026-07-01")
        await chat.advance(datetime(2026, 7, 3, 9, tzinfo=OFFICE))
        assert len([t for t in chat.to("qinlan") if t.startswith("目标没有达到")]) == 1
