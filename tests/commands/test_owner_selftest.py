"""The weekly trial of the guards (R109)."""

from datetime import datetime

from domain.model import OFFICE
from domain.rules import Rules
from storage.store import Store
from tests.talking import NOW, Chat, office, start


def at(day: int, clock: int = 9) -> datetime:
    return datetime(2026, 6, day, clock, tzinfo=OFFICE)


async def test_every_week_the_admin_reads_that_all_guards_work_and_when_they_fired(chat: Chat) -> None:
    await chat.says("duwei", "金桥改成A类")
    await chat.advance(at(12))
    assert not any("自检" in t for t in chat.to("wuxin"))
    await chat.advance(at(15))
    (card,) = [t for t in chat.to("wuxin", "push") if "自检" in t]
    assert "8 项都正常" in card
    assert "归属锁定：开；上次触发 6月9日 周二；试验：通过" in card
    assert "查重：开；上次触发 还没有" in card
    assert {"kind": "selftest", "period": "2026-06-15", "to": "wuxin"} in chat.named("summary.sent")
    await chat.advance(at(22))
    assert sum("自检" in t for t in chat.to("wuxin")) == 2
    assert "自检" in await chat.reply("qinlan", "自检")
    assert "自检：" not in await chat.reply("hanmei", "自检")


async def test_a_guard_that_is_off_is_red(store: Store) -> None:
    chat = await start(store, office(), NOW, Rules(protect_days=0, customer_window_days=0))
    text = await chat.reply("wuxin", "防撞单自检")
    assert "2 项要处理" in text
    assert "【红】保护期：关闭" in text


async def test_a_tampered_log_is_red(store: Store) -> None:
    chat = await start(store, office(), NOW)
    await chat.says("duwei", "认领东方")
    await chat.due()
    await store.run(lambda tx: tx.db.run("UPDATE events SET who = 'hanmei' WHERE name = 'customer.claimed'"))
    assert "【红】日志防篡改：异常" in await chat.reply("wuxin", "自检")
