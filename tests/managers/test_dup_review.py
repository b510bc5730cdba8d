"""The month's look at the duplicate check (R38): caught, found too late, false alarms; counted by hand."""

from datetime import datetime

from domain.model import OFFICE
from tests.talking import Chat, chat

__all__ = ["chat"]


async def test_what_the_check_caught_missed_and_overdid(chat: Chat) -> None:
    await chat.says("hanmei", "/customer.create customer=北辰测绘有限公司 phone=13911112222")
    await chat.says("hanmei", "/customer.create customer=旭日彩印有限公司 phone=139-1111-2222")
    await chat.says("hanmei", "算了")
    await chat.says("hanmei", "/customer.create customer=北宸测绘有限公司 phone=13911113333")
    await chat.press("hanmei", "不是同一家")
    made = [e["customer"]["id"] for e in chat.named("customer.created")]
    assert len(made) == 2
    await chat.says("qinlan", f"/customer.merge a={made[0]} b={made[1]}")
    await chat.press("qinlan", "确认")
    assert len(chat.named("customer.merged")) == 1
    await chat.advance(datetime(2026, 7, 1, 9, tzinfo=OFFICE))
    card = next(t for t in chat.to("songhe") + chat.to("shenbo") + chat.to("qinlan") if "查重拦下" in t and "2 次" in t)
    assert "电话相同 1" in card
    assert "漏掉后来合并：1 家" in card
    assert "误报改为不是同一家：1 次" in card
