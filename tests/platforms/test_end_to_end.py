"""One sentence books a visit over the real wires: encrypted WeCom callback, DingTalk stream, against the local fakes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

import handlers
from bot.app import App
from bot.clock import VirtualClock
from bot.config import Config
from bot.names import Names
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.crypto import Envelope
from bot.serve import Service
from domain.model import stamp
from nlp.parser import Parser
from storage.seed import seed_store
from storage.store import open_store
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.wecom import AGENT, CORP, SECRET, FakeWeCom, running, serving
from tests.talking import NOW, office

TOKEN = "callbackToken"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@asynccontextmanager
async def bot(config: Config, folder: Path) -> AsyncIterator[Service]:
    """The bot as `run` builds it, on a store of its own."""
    store = await open_store(f"sqlite+aiosqlite:///{folder / 'visits.db'}")
    clock = VirtualClock(NOW)
    await seed_store(store, office(), clock.now())
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    app = App(store, Parser(names.book, purposes=config.rules.purposes), config.rules, commands, jobs, clock, names=names)
    service = Service(app, config)
    service.add_wecom()
    service.add_dingtalk()
    service.open_outbox()
    try:
        yield service
    finally:
        await service.close()
        await store.close()


async def until(ready: Callable[[], object], app: App) -> None:
    """Deliver until something has arrived."""
    for _ in range(100):
        assert app.outbox
        await app.outbox.deliver()
        if ready():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing arrived")


def text_xml(user: str, text: str, msgid: int) -> bytes:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{stamp(NOW)}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{msgid}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    ).encode()


def click_xml(user: str, key: str, task: str, code: str) -> bytes:
    return (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{stamp(NOW)}</CreateTime>"
        f"<MsgType>event</MsgType><Event>template_card_event</Event><EventKey><![CDATA[{key}]]></EventKey><TaskId>{task}</TaskId>"
        f"<CardType>button_interaction</CardType><ResponseCode>{code}</ResponseCode><AgentID>{AGENT}</AgentID></xml>"
    ).encode()


async def test_wecom_sentence_card_click_update_and_repeated_delivery(tmp_path: Path) -> None:
    fake = FakeWeCom(now=lambda: float(stamp(NOW)))
    fake.visible |= {"hanmei", "duwei", "qinlan"}
    async with running(fake) as wecom:
        config = Config(wecom=WeComConfig(
            corp_id=CORP, agent_id=AGENT, secret=SECRET, token=TOKEN, encoding_aes_key=KEY, api_base=wecom.url,
        ))  # fmt: skip
        envelope = Envelope(TOKEN, KEY, CORP)
        async with bot(config, tmp_path) as service:
            web_app = web.Application()
            web_app.add_routes(service.routes)
            async with serving(web_app) as url, aiohttp.ClientSession() as session:

                async def deliver(plaintext: bytes, nonce: str) -> int:
                    at = str(stamp(NOW))
                    sealed = envelope.seal(plaintext, at, nonce)
                    query = urlencode({"msg_signature": sealed.signature, "timestamp": at, "nonce": nonce})
                    data = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>"
                    async with session.post(f"{url}/wecom/callback?{query}", data=data.encode()) as answer:
                        return answer.status

                said = text_xml("hanmei", "周三上午10点拜访飞燕，聊报价", 1001)
                assert [await deliver(said, f"n{i}") for i in range(3)] == [200, 200, 200]
                await until(lambda: wecom.sent, service.app)
                assert len(wecom.sent) == 1, "three deliveries, one answer"
                card = wecom.sent[0]["template_card"]
                assert "飞燕" in card["main_title"]["title"]
                buttons = {b["text"]: b["key"] for b in card["button_list"]}
                undo = next(key for words, key in buttons.items() if "撤销" in words)
                code = wecom.click("hanmei")
                assert await deliver(click_xml("hanmei", undo, card["task_id"], code), "click1") == 200
                await until(lambda: wecom.updates or len(wecom.sent) > 1, service.app)
                assert wecom.updates, "the pressed card was changed in place"
                assert "已撤销" in str(wecom.updates[0])
                events = await service.app.store.read(lambda tx: tx.log.after(0, 50))
                assert [e.name for e in events] == ["visit.booked", "visit.cancelled", "undo.done"]


async def test_dingtalk_sentence_card_click(tmp_path: Path) -> None:
    fake = await FakeDingTalk().start()
    fake.users["hanmei"] = "union-hanmei"
    config = Config(dingtalk=fake.config())
    try:
        async with bot(config, tmp_path) as service:
            (stream,) = service.streams
            runs = asyncio.create_task(stream.run())
            await fake.gateway.connected()
            ack = await fake.gateway.push(fake.message("hanmei", "周三上午10点拜访飞燕，聊报价"))
            assert ack.code == 200
            await until(lambda: fake.cards, service.app)
            (track, card), *_ = fake.cards.items()
            assert "飞燕" in card.values["title"]
            undo = next(i for i, b in enumerate(card.buttons, 1) if "撤销" in b["text"])
            clicked = await fake.click(track, "hanmei", undo)
            assert clicked.code == 200
            await until(lambda: "已撤销" in fake.cards[track].values["title"], service.app)
            await stream.stop()
            await runs
    finally:
        await fake.stop()
