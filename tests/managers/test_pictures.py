"""Pictures: every kind is drawn with real glyphs, made once when the letter leaves, and a failure costs the picture only."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.cards import Card
from bot.charts import draw
from bot.charts.canvas import WIDTH, font
from bot.handouts import Handouts, recipe
from tests.talking import Chat

WEEK = [["周一", "6/8", False], ["周二", "6/9", False]]
KINDS: dict[str, dict[str, Any]] = {
    "ranking": {"rows": [["韩梅", 3, "3"], ["名字特别长的一位同事", 0, "0"]]},
    "purposes": {"rows": [["产品演示", 2, 67], ["其他", 1, 33]]},
    "funnel": {"rows": [["计划", 4, ""], ["完成", 2, "50%"], ["有效", 0, "0%"]]},
    "trend": {"points": [["6/1", 12.0, "12.0%"], ["6/8", None, ""], ["6/15", 4.0, "4.0%"]], "lines": [[5.0, "参考线 5%", "alarm"]], "mark": 2},
    "week": {"days": WEEK, "rows": [["韩梅", [[["09:00", "金桥电气设备", "done", False], ["09:30", "客户", "planned", True]], []]]]},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    draw.save({"chart": kind, "title": "东区一组很长很长的标题也要放得下不会画到图的外面去", "note": "6月", **KINDS[kind]}, out)
    with Image.open(out) as image:
        assert image.width == WIDTH
        assert 300 < image.height < 3000
        assert len(image.getcolors(1 << 20) or ()) > 20, "more than a blank sheet"
        edge = image.convert("L").crop((WIDTH - 8, 0, WIDTH, image.height))
        assert edge.getextrema()[0] > 200, "nothing is cut off at the right"


def test_chinese_has_glyphs() -> None:
    missing = font(40).getmask("\U000e0001").getbbox()
    for ch in "拜访助手冲突率漏斗鼎盛銘晟骁燊":
        assert font(40).getmask(ch).getbbox() != missing, ch


async def test_a_picture_is_made_once_and_a_failure_costs_only_itself() -> None:
    made: list[str] = []

    async def maker(what: Any, path: Path) -> None:
        made.append(str(what["n"]))
        if what["n"] == "bad":
            raise RuntimeError("no memory")
        await asyncio.to_thread(path.write_bytes, b"png")

    handouts = Handouts({"chart": maker})
    card = Card("结果", files=(("图.png", recipe("chart", {"n": "good"})),))
    first, again = await handouts.ready(card), await handouts.ready(card)
    assert first.files == again.files
    assert made == ["good"]
    assert await asyncio.to_thread(Path(first.files[0][1]).read_bytes) == b"png"
    broken = await handouts.ready(Card("结果", files=(("图.png", recipe("chart", {"n": "bad"})),)))
    assert broken.title == "结果"
    assert broken.files == ()
    assert "没有生成成功" in str(broken.blocks)


async def test_a_teams_week_in_the_chat(chat: Chat) -> None:
    got = await chat.says("qinlan", "本周团队日程图")
    (file,) = got[0].card.files
    with Image.open(file[1]) as image:
        assert image.format == "PNG"
    assert "韩梅 14:00–15:00 金桥" in got[0].text, "the text is enough on its own"
