"""The company changes what counts as a duplicate by a sentence: previewed on last month, in force at once behind every door, undone."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.message import Message
from domain.model import Customer, Role
from tests.talking import NOW, Chat, chat

__all__ = ["chat"]
TWIN = "/customer.create customer=旭日彩印有限公司 phone=13911112222"


async def director(chat: Chat) -> str:
    people = await chat.app.store.read(lambda tx: tx.people.all())
    return next(m.id for m in people if m.role in (Role.DIRECTOR, Role.ADMIN))


async def known(chat: Chat) -> Customer:
    """A customer entered last month, and one like it by phone alone."""
    last = NOW - timedelta(days=20)

    def work(tx):  # type: ignore[no-untyped-def]
        first = tx.customers.add(
            Customer("", "北辰测绘有限公司", owner="hanmei", status="active", phones=("13911112222",), created=last)
        )
        tx.customers.add(
            Customer(
                "",
                "南极光电有限公司",
                owner="hanmei",
                status="active",
                phones=("139-1111-2222",),
                created=last + timedelta(days=1),
            )
        )
        return first

    return await chat.app.store.run(work)


async def test_a_rule_by_sentence_changes_the_verdict_at_once(chat: Chat) -> None:
    await known(chat)
    boss = await director(chat)
    text = await chat.reply(boss, "查重规则：名称和电话都相同才拦截")
    assert "名称相同且电话相同 → 拦截" in text
    assert "新规则会拦截 0 家、提醒 1 家；现行规则是 1 家、0 家" in text
    await chat.says("hanmei", TWIN)
    assert chat.named("customer.duplicate_found")[-1]["matches"][0]["verdict"] == "duplicate", "a preview changes nothing"
    await chat.says(boss, "确认")
    assert chat.named("rule.changed")[0]["rule"]["key"] == "dup_rules"

    chat.forget()
    assert "可能已经在系统里" in await chat.reply("hanmei", TWIN)
    assert {m["verdict"] for m in chat.named("customer.duplicate_found")[0]["matches"]} == {"possible"}
    await chat.press("hanmei", "不是同一家")
    assert [e["customer"]["name"] for e in chat.named("customer.created")] == ["旭日彩印有限公司"]
    assert "名称相同且电话相同" in await chat.reply(boss, "现在有哪些规则")
    await chat.says(boss, "恢复默认查重规则")
    await chat.says(boss, "确认")
    await chat.says("hanmei", TWIN.replace("旭日", "旭升"))
    assert chat.named("customer.duplicate_found")[-1]["matches"][0]["verdict"] == "duplicate"


async def test_what_is_let_through_is_entered_by_every_door(chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISITBOT_FILES", str(tmp_path))
    await known(chat)
    boss = await director(chat)
    await chat.says(boss, "小客户只按名称查重")
    await chat.says(boss, "确认")
    await chat.says(boss, "查重规则：名称相同就拦截，电话相同放行")
    await chat.says(boss, "确认")
    await chat.says("hanmei", TWIN)
    (tmp_path / "a.csv").write_text("公司,电话\n赤峰磁材有限公司,13911112222\n北辰测绘有限公司,\n", encoding="utf-8")
    await chat.handle(Message("wecom", boss, "file", chat.clock.now(), file=str(tmp_path / "a.csv")))
    assert "新增 1，重复 1，错误 0" in (await chat.press(boss, "确认"))[-1].text
    assert {e["customer"]["name"] for e in chat.named("customer.created")} == {"旭日彩印有限公司", "赤峰磁材有限公司"}


async def test_only_who_answers_for_the_whole_company_may(chat: Chat) -> None:
    assert "无权" in await chat.reply("hanmei", "查重规则：名称相同就放行")
    assert not chat.named("rule.changed")
