"""The long connection against a fake server: answers, clicks, losses, rivals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest

from bot.cards import Button, Card, Items
from bot.message import Message
from bot.platform import Delivery, Handled, SendFailed
from bot.platforms.wecom.aibot import Aibot
from bot.platforms.wecom.config import AibotConfig, WeComConfig
from bot.platforms.wecom.link import Timing
from domain.desk import Letter
from tests.fakes.wecom_aibot import BOT_ID, BOT_SECRET, FakeAibot, running
from tests.platforms.wecom.conftest import Hand

FAST = Timing(ping=0.05, answer=0.6, connect=5, first_backoff=0.02, last_backoff=0.05, kicked=0.5, refused=0.1, lease=0.05)
CARD = Card("已预约：宏远", (), (Button("撤销", "撤销 #12"),))
NOTE = Card("已撤销：宏远")


@dataclass
class Line:
    """One bot, its server, and what was said to it."""

    fake: FakeAibot
    bot: Aibot
    clock: Hand
    alarms: list[str]
    heard: list[Message] = field(default_factory=list)
    replies: tuple[Letter, ...] = ()
    news: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    async def inbound(self, message: Message) -> Handled:
        self.heard.append(message)
        self.news.set()
        if self.error:
            raise self.error
        return Handled(self.replies)

    async def connected(self, wanted: bool = True) -> None:
        """Waits until the bot knows that it is connected, or not."""
        for _ in range(1000):
            if self.bot.connected is wanted:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError

    async def hears(self, count: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def line(clock: Hand, *, bot_secret: str = BOT_SECRET, **changes: object) -> AsyncIterator[Line]:
    async with running() as fake, aiohttp.ClientSession() as session:
        config = WeComConfig(aibot=AibotConfig(BOT_ID, bot_secret, ws_url=fake.url))
        config = replace(config, **changes)  # type: ignore[arg-type]
        alarms: list[str] = []

        async def inbound(message: Message) -> Handled:
            return await made.inbound(message)

        bot = Aibot(config, session, inbound, clock.now, alarms.append, timing=FAST)
        made = Line(fake, bot, clock, alarms)
        running_bot = asyncio.create_task(bot.run())
        try:
            yield made
        finally:
            await bot.stop()
            await asyncio.wait_for(running_bot, 10)


def letter(key: str, to: str = "u:wanglei") -> Letter:
    return Letter(key, to, "reply", "{}")


async def test_a_question_in_a_group_is_answered_there_with_a_card(clock: Hand) -> None:
    async with line(clock) as it:
        it.replies = (letter("k1", "g:wr1"),)
        await it.fake.subscribed()
        req = await it.fake.say("wanglei", "wr1", text={"content": "@拜访助手 明天下午3点拜访宏远"})
        await it.hears()
        assert (it.heard[0].text, it.heard[0].group) == ("明天下午3点拜访宏远", "wr1")
        delivery = Delivery("k1", "", "wr1", CARD)
        assert it.bot.serves(delivery)
        assert await it.bot.send(delivery) == ""
        cmd, asked, body = it.fake.frames[-1]
        assert (cmd, asked, body["msgtype"]) == ("aibot_respond_msg", req, "template_card")
        assert body["template_card"]["task_id"] == "k1"
        await it.bot.send(Delivery("k2", "", "wr1", NOTE))
        assert it.fake.sent("aibot_send_msg") == [
            {"chatid": "wr1", "chat_type": 2, "msgtype": "markdown", "markdown": {"content": "**已撤销：宏远**"}}
        ]


async def test_a_click_changes_its_card_in_time(clock: Hand) -> None:
    async with line(clock) as it:
        it.replies = (letter("k2", "g:wr1"),)
        await it.fake.subscribed()
        req = await it.fake.click("wanglei", "撤销 #12", "k1", "wr1")
        await it.hears()
        assert it.heard[0].click == "撤销 #12"
        delivery = Delivery("k2", "", "wr1", NOTE, replaces=it.heard[0].card_handle)
        await it.bot.send(delivery)
        cmd, asked, body = it.fake.frames[-1]
        assert (cmd, asked, body["template_card"]["task_id"]) == ("aibot_respond_update_msg", req, "k1")
        assert it.fake.sent("aibot_send_msg") == []


async def test_a_late_click_gets_a_new_message(clock: Hand) -> None:
    async with line(clock) as it:
        it.replies = (letter("k2"),)
        await it.fake.subscribed()
        await it.fake.click("wanglei", "撤销 #12", "k1")
        await it.hears()
        clock.at += 6
        await it.bot.send(Delivery("k2", "wanglei", "", NOTE, replaces=it.heard[0].card_handle))
        assert len(it.fake.sent("aibot_send_msg")) == 1
        assert it.fake.sent("aibot_respond_update_msg") == []


async def test_what_does_not_fit_a_changed_card_follows_it(clock: Hand) -> None:
    async with line(clock) as it:
        it.replies = (letter("k2"),)
        await it.fake.subscribed()
        await it.fake.click("wanglei", "下一页", "k1")
        await it.hears()
        card = Card("清单", (Items(tuple(f"第{i}项，宏远机械" for i in range(20))),), (Button("下一页", "下一页 2"),))
        await it.bot.send(Delivery("k2", "wanglei", "", card, replaces=it.heard[0].card_handle))
        assert len(it.fake.sent("aibot_respond_update_msg")) == 1
        (rest,) = it.fake.sent("aibot_send_msg")
        assert "第19项" in rest["markdown"]["content"]


@pytest.mark.parametrize("code", [846605, 846608])
async def test_a_stale_req_id_falls_back_to_a_push(clock: Hand, code: int) -> None:
    async with line(clock) as it:
        it.replies = (letter("k1"),)
        await it.fake.subscribed()
        await it.fake.say("wanglei", text={"content": "帮助"})
        await it.hears()
        it.fake.errors["aibot_respond_msg"] = [code]
        await it.bot.send(Delivery("k1", "wanglei", "", NOTE))
        assert len(it.fake.sent("aibot_send_msg")) == 1


@pytest.mark.parametrize("code", [600039, 42037])
async def test_a_card_the_client_can_not_show_becomes_words(clock: Hand, code: int) -> None:
    async with line(clock) as it:
        it.replies = (letter("k1"),)
        await it.fake.subscribed()
        await it.fake.say("wanglei", text={"content": "帮助"})
        await it.hears()
        it.fake.errors["aibot_respond_msg"] = [code]
        await it.bot.send(Delivery("k1", "wanglei", "", CARD))
        (sent,) = it.fake.sent("aibot_send_msg")
        assert "1. 撤销" in sent["markdown"]["content"]


async def test_a_repeated_card_shows_once(clock: Hand) -> None:
    async with line(clock) as it:
        await it.connected()
        it.fake.talked.add("wanglei")
        await it.bot.send(Delivery("k1", "wanglei", "", CARD))
        await it.bot.send(Delivery("k1", "wanglei", "", CARD))
        assert len(it.fake._tasks) == 1


async def test_files_into_a_group_in_chunks(clock: Hand, tmp_path: Path) -> None:
    big, chart = bytes(range(256)) * 5000, b"\x89PNG01234"
    (tmp_path / "a.xlsx").write_bytes(big)
    (tmp_path / "b.png").write_bytes(chart)
    files = (("客户.xlsx", str(tmp_path / "a.xlsx")), ("图.png", str(tmp_path / "b.png")))
    async with line(clock) as it:
        await it.connected()
        it.fake.talked.add("wr1")
        it.fake.errors["aibot_upload_media_finish"] = [-1]
        export = Delivery("k1", "", "wr1", Card("导出", files=files))
        with pytest.raises(SendFailed):
            await it.bot.send(export)
        await it.bot.send(export)
        assert [b["msgtype"] for b in it.fake.sent("aibot_send_msg")] == ["markdown", "file", "image"]
        assert list(it.fake.media.values()) == [("file", big), ("image", chart)]
        (tmp_path / "a.xlsx").unlink()
        with pytest.raises(SendFailed) as caught:
            await it.bot.send(replace(export, key="k2"))
        assert caught.value.retry_s is None


async def test_it_comes_back_after_a_loss(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        await it.fake.drop()
        await it.fake.subscribed(2)
        await it.fake.say("wanglei", text={"content": "帮助"})
        await it.hears()


async def test_silence_is_death(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        await it.connected()
        it.fake.deaf = True
        await it.connected(False)
        it.fake.deaf = False
        await it.fake.subscribed(2)


async def test_lost_subscription_reconnects_and_keeps_the_letter(clock: Hand) -> None:
    async with line(clock) as it:
        await it.connected()
        it.fake.talked.add("wanglei")
        it.fake.errors["aibot_send_msg"] = [846609]
        with pytest.raises(SendFailed) as caught:
            await it.bot.send(Delivery("k1", "wanglei", "", NOTE))
        assert caught.value.retry_s
        assert not caught.value.unsure
        await it.fake.subscribed(2)
        await it.connected()
        await it.bot.send(Delivery("k1", "wanglei", "", NOTE))


async def test_no_answer_is_unsure_and_no_connection_is_not(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        await it.connected()
        it.fake.deaf = True
        with pytest.raises(SendFailed) as caught:
            await it.bot.send(Delivery("k1", "wanglei", "", NOTE))
        assert caught.value.unsure
        await it.connected(False)
        with pytest.raises(SendFailed) as caught:
            await it.bot.send(Delivery("k1", "wanglei", "", NOTE))
        assert not caught.value.unsure
        assert caught.value.retry_s


async def test_a_rival_is_not_kicked_back_at_once(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        async with aiohttp.ClientSession() as session, session.ws_connect(it.fake.url) as rival:
            body = {"bot_id": BOT_ID, "secret": BOT_SECRET}
            await rival.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "x"}, "body": body})
            await rival.receive()
            await asyncio.sleep(0.06)
            assert it.fake.subscriptions == 2
            assert any("长连接" in alarm for alarm in it.alarms)
            await it.fake.subscribed(3)


async def test_a_wrong_secret_is_told_and_tried_slowly(clock: Hand) -> None:
    async with line(clock, bot_secret="wrong") as it:
        await it.fake.until("aibot_subscribe", 2)
        assert it.fake.subscriptions == 0
        assert any("secret" in alarm for alarm in it.alarms)
        assert not it.bot.connected


async def test_what_can_not_be_read_gets_a_hint(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        await it.fake.say("wanglei", msgtype="video", video={"url": "u"})
        await it.fake.until("aibot_respond_msg")
        assert "视频" in it.fake.sent("aibot_respond_msg")[0]["markdown"]["content"]


async def test_a_failure_is_told_to_the_person(clock: Hand) -> None:
    async with line(clock) as it:
        it.error = RuntimeError("store")
        await it.fake.subscribed()
        await it.fake.say("wanglei", text={"content": "帮助"})
        await it.fake.until("aibot_respond_msg")
        assert "再说一遍" in it.fake.sent("aibot_respond_msg")[0]["markdown"]["content"]


async def test_garbage_frames_do_no_harm(clock: Hand) -> None:
    async with line(clock) as it:
        await it.fake.subscribed()
        for text in ("", "{", "[]", "{}", '{"cmd":1}', '{"cmd":"aibot_msg_callback"}', '{"headers":[],"errcode":0}'):
            await it.fake.raw(text)
        await it.fake.say("wanglei", text={"content": "帮助"})
        await it.hears()
        assert it.fake.subscriptions == 1


async def test_never_more_than_a_chat_gets(clock: Hand) -> None:
    async with line(clock) as it:
        await it.connected()
        it.fake.talked.add("wr1")
        for i in range(30):
            await it.bot.send(Delivery(f"k{i}", "", "wr1", NOTE))
        with pytest.raises(SendFailed) as caught:
            await it.bot.send(Delivery("k30", "", "wr1", NOTE))
        assert caught.value.retry_s == 60.0


async def test_which_letters_it_takes(clock: Hand) -> None:
    async with line(clock, webhooks=(("east", "key"),)) as it:
        assert it.bot.serves(Delivery("k", "", "wr1", NOTE))
        assert not it.bot.serves(Delivery("k", "", "east", NOTE))
        assert it.bot.serves(Delivery("k", "wanglei", "", NOTE))


async def test_beside_an_app_it_takes_only_what_answers(clock: Hand) -> None:
    async with line(clock, corp_id="ww1", agent_id=1, secret="s") as it:
        it.replies = (letter("k1"), letter("notice", "u:lina"))
        await it.fake.subscribed()
        await it.fake.say("WangLei", text={"content": "明天拜访宏远"})
        await it.hears()
        assert it.bot.serves(Delivery("k1", "WANGLEI", "", NOTE))
        assert not it.bot.serves(Delivery("notice", "lina", "", NOTE))
        assert not it.bot.serves(Delivery("remind", "wanglei", "", NOTE, why="push"))
