"""A bot on the fake DingTalk: real stream and client, an `inbound` that keeps what it gets and answers by script."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards import Button, Card, Facts, Text, to_json
from bot.message import Address, Message
from bot.outbox import HANDLE
from bot.platform import Delivery, Handled
from bot.platforms.dingtalk.client import DingTalk
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.link import Timing
from bot.platforms.dingtalk.stream import DingTalkStream
from domain.desk import Letter
from domain.model import OFFICE
from tests.fakes.dingtalk import FakeDingTalk

QUICK = Timing(
    ack_s=0.3,
    click_ack_s=0.3,
    event_ack_s=0.3,
    idle_s=60.0,
    longest_idle_s=120.0,
    linger_s=0.3,
    stable_s=0.05,
    longest_wait_s=0.1,
    refused_s=0.2,
    open_s=1.0,
    stop_s=0.5,
)

BOOKED = Card(
    "已预约：明天 15:00 宏远",
    (Facts((("客户", "宏远机械 *新*"), ("时间", "3月12日 15:00-16:00"))), Text("聊报价")),
    (Button("撤销", "/undo deed=d1"), Button("改时间", "/visit.move visit=v1", "primary")),
)
UNDONE = Card("已撤销：明天 15:00 宏远")


def now() -> datetime:
    return datetime.now(OFFICE)


def delivery(card: Card = BOOKED, key: str = "m1", user: str = "u1", group: str = "", **more: str) -> Delivery:
    return Delivery(key, "" if group else user, group, card, **more)


@dataclass
class Bot:
    """`reply` makes the cards that answer a message; they become letters and are sent as the outbox would.

    A reply takes the pressed card's place unless `refused`, as in bot/app.py.
    """

    fake: FakeDingTalk
    config: DingTalkConfig
    client: DingTalk
    stream: DingTalkStream
    alarms: list[str]
    got: list[Message] = field(default_factory=list)
    reply: Callable[[Message], Card | None] = lambda message: BOOKED
    work: Callable[[Message], Awaitable[None]] | None = None
    sends: list["asyncio.Task[str]"] = field(default_factory=list)
    refused: bool = False

    async def inbound(self, message: Message) -> Handled:
        if self.work:
            await self.work(message)
        self.got.append(message)
        card = self.reply(message)
        if card is None:
            return Handled()
        key = f"r{len(self.got)}"
        to = Address(group="east") if message.group else Address(user="anna")
        handle = "" if self.refused else message.card_handle
        replaces = f"{HANDLE}{handle}" if handle else ""
        letter = Letter(key, str(to), "reply", to_json(card), platform="dingtalk", replaces=replaces)
        out = delivery(card, key, message.sender, message.group, replaces=handle)
        # as early as an outbox could possibly be: before the click's answer is on its way
        self.sends.append(asyncio.create_task(self.client.send(out)))
        return Handled((letter,))

    async def sent(self) -> list[str]:
        """The handles of everything sent so far, in order."""
        return list(await asyncio.gather(*self.sends))


def make(fake: FakeDingTalk, timing: Timing = QUICK, **more: object) -> Bot:
    config = fake.config(**more)
    alarms: list[str] = []
    client = DingTalk(config, now, alarms.append)
    bot = Bot(fake, config, client, None, alarms)  # type: ignore[arg-type]
    bot.stream = DingTalkStream(config, lambda m: bot.inbound(m), now, alarms.append, client=client, timing=timing)
    return bot
