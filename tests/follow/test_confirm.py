"""The customer's nod before a visit (R82, M20): task and text the workday before, the answer kept with the visit."""

import re

from tests.follow.conftest import Office, at, visit
from tests.talking import Chat


def confirm_tasks(chat: Chat) -> list[str]:
    return [e["visit"]["id"] for e in chat.named("visit.confirm_asked")]


async def open_tasks(chat: Chat) -> list[str]:
    """What the rep has on his list."""
    tasks = await chat.app.store.read(lambda tx: tx.tasks.open_of("hanmei"))
    return [t.visit for t in tasks if t.kind == "confirm"]


async def test_the_workday_before_there_is_a_task_with_a_ready_text(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(10, "8:29"))
    assert not confirm_tasks(chat)
    await chat.advance(at(10, "8:30"))
    assert confirm_tasks(chat) == ["w1"]
    assert await open_tasks(chat) == ["w1"]
    (text,) = [g.text for g in await chat.press("hanmei", "确认金桥") if g.why == "reply"]
    assert all(x in text for x in ("顾总好，我是韩梅", "6月11日 周四 14:00", "产品演示"))
    code = re.search(r"确认码 (\d{4})", text)
    assert code
    wrong = "1000" if code[1] != "1000" else "1001"
    assert "不对，没有记录" in await chat.reply("hanmei", wrong)
    assert "已确认（确认码）" in await chat.reply("hanmei", f"客户回复 {code[1]}")
    assert not await open_tasks(chat)
    assert "已经用过了" in await chat.reply("hanmei", f"/visit.confirm visit_id=w1 answer={code[1]}")
    await chat.advance(at(11, "13:00"))
    assert any("客户确认：已确认（确认码）" in t for t in chat.to("hanmei", "push"))


async def test_mondays_visit_is_confirmed_on_friday_and_a_moved_one_not_at_all(talk: Office) -> None:
    monday, tuesday = visit("n1", "k7", "hanmei", 15, "10:00"), visit("n2", "k2", "hanmei", 16, "10:00")
    chat = await talk(visits=[monday, tuesday], drop=("w1", "w2", "w3"))
    await chat.advance(at(12, "9:00"))
    assert confirm_tasks(chat) == ["n1"]
    assert "和飞燕确认" in await chat.reply("hanmei", "我还有哪些待办")
    await chat.says("hanmei", "飞燕那个改到周四上午十点")
    assert not await open_tasks(chat)


async def test_no_answer_is_a_risk_and_another_time_offers_the_move(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(10, "8:30"))
    await chat.press("hanmei", "确认金桥")
    (got,) = await chat.press("hanmei", "客户要改时间")
    assert got.text.startswith("已记录：金桥要改时间")
    assert "1. 改时间" in got.text
    await chat.says("hanmei", "/visit.confirmed visit_id=w1 how=silent")
    await chat.advance(at(11, "8:30"))
    assert any("14:00 金桥客户没有回复确认" in t for t in chat.to("hanmei", "push"))


async def test_a_sentence_is_enough_and_only_the_reps_own_counts(talk: Office) -> None:
    chat = await talk()
    assert "已记录：金桥确认了这次拜访" in await chat.reply("hanmei", "金桥已经确认了")
    assert (await chat.reply("duwei", "/visit.confirmed visit_id=w1 how=yes")).startswith("无权")
    await chat.advance(at(10, "8:30"))
    assert not confirm_tasks(chat), "who has said yes is not asked again"
