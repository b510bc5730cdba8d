"""The AI bot's callback form: answers inside the response, later ones by response_url, hostile requests."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from bot.cards import Button, Card, Items
from bot.message import Message
from bot.platform import Delivery, Handled, SendFailed
from bot.platforms.wecom.aibot_callback import AibotCallback
from bot.platforms.wecom.aibot_files import AibotFiles, opened
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.config import AibotCallbackConfig, WeComConfig
from bot.platforms.wecom.crypto import Envelope
from domain.desk import Letter
from tests.fakes.wecom import serving
from tests.platforms.wecom.conftest import Hand
from tests.platforms.wecom.test_wecom_crypto import KEY, encrypted, pad

AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
BOT = Envelope("QDG6eK", AES_KEY, "")
CARD = Card("已预约：宏远", (), (Button("撤销", "撤销 #12"),))
NOTE = Card("已撤销：宏远")
LONG = Card("清单", (Items(tuple(f"第{i}项，宏远机械" for i in range(20))),), (Button("下一页", "下一页"),))


@dataclass
class Line:
    """The bot behind its callback, and WeCom's side of the wire."""

    door: AibotCallback
    url: str
    session: aiohttp.ClientSession
    clock: Hand
    heard: list[Message] = field(default_factory=list)
    posted: list[Any] = field(default_factory=list)
    letters: list[Delivery] = field(default_factory=list)
    sending: list["asyncio.Task[Any]"] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None
    late_s: float = 0.0

    async def inbound(self, message: Message) -> Handled:
        self.heard.append(message)
        if self.before:
            await self.before()
        self.sending += [asyncio.create_task(self._deliver(d)) for d in self.letters]
        return Handled(tuple(Letter(d.key, "u:x", "reply", "{}") for d in self.letters))

    async def _deliver(self, delivery: Delivery) -> object:
        """The outbox: asks the door as WeCom.send does."""
        await asyncio.sleep(self.late_s)
        if not self.door.serves(delivery):
            return "app"
        try:
            return await self.door.send(delivery)
        except SendFailed as failed:
            return failed

    async def post(self, plaintext: bytes, nonce: str = "n1", raw: bytes | None = None, **query: str) -> tuple[int, Any]:
        sealed = BOT.seal(plaintext, str(int(self.clock())), nonce)
        given = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": nonce} | query
        data = json.dumps({"encrypt": sealed.encrypt}).encode() if raw is None else raw
        async with self.session.post(f"{self.url}?{urlencode(given)}", data=data) as response:
            body = await response.read()
            if response.status != 200 or not body:
                return response.status, None
            answer = json.loads(body)
            assert answer["nonce"] == nonce
            assert isinstance(answer["timestamp"], int)
            plain = BOT.open(answer["msgsignature"], str(answer["timestamp"]), nonce, answer["encrypt"].encode())
            return 200, json.loads(plain)

    async def say(self, text: str = "帮助", msgid: str = "m1", group: str = "", **more: Any) -> tuple[int, Any]:
        body = {
            "msgid": msgid,
            "aibotid": "b",
            "chattype": "group" if group else "single",
            "from": {"userid": "wanglei"},
        }
        body |= {
            "msgtype": "text",
            "text": {"content": text},
            "response_url": f"{self.url.replace('/wecom/aibot', '')}/r",
        }
        return await self.post(json.dumps(body | ({"chatid": group} if group else {}) | more).encode())

    async def click(self) -> tuple[int, Any]:
        event = {"eventtype": "template_card_event", "template_card_event": {"event_key": "撤销 #12", "task_id": "k1"}}
        return await self.say(msgtype="event", event=event)


@asynccontextmanager
async def line(clock: Hand, patience_s: float = 1.0, folder: Path | None = None) -> AsyncIterator[Line]:
    made: list[Line] = []

    async def inbound(message: Message) -> Handled:
        return await made[0].inbound(message)

    async def response_url(request: web.Request) -> web.Response:
        made[0].posted.append(await request.json())
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def media(_request: web.Request) -> web.Response:
        return web.Response(body=base64.b64decode(encrypted(pad(b"jpeg bytes"))))

    async with aiohttp.ClientSession() as session:
        config = WeComConfig(aibot_callback=AibotCallbackConfig("QDG6eK", AES_KEY), api_base="http://127.0.0.1:1")
        api = Api(config, session, clock, lambda _text: None)
        files = AibotFiles(session, str(folder)).fetch if folder else None
        door = AibotCallback(api, inbound, clock.now, files, patience_s)
        app = web.Application()
        app.add_routes([*door.routes(), web.post("/r", response_url), web.get("/f", media)])
        async with serving(app) as url:
            made.append(Line(door, f"{url}/wecom/aibot", session, clock))
            yield made[0]


def reply(card: Card = CARD, key: str = "k1", group: str = "", replaces: str = "") -> Delivery:
    return Delivery(key, "" if group else "wanglei", group, card, replaces=replaces)


async def test_the_check(clock: Hand) -> None:
    async with line(clock) as it:
        sealed = BOT.seal(b"echo-1", "1", "n")
        query = {"msg_signature": sealed.signature, "timestamp": "1", "nonce": "n", "echostr": sealed.encrypt}
        async with it.session.get(f"{it.url}?{urlencode(query)}") as response:
            assert await response.read() == b"echo-1"
        async with it.session.get(f"{it.url}?{urlencode(query | {'nonce': 'x'})}") as response:
            assert response.status == 403


async def test_the_answer_is_in_the_response(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(group="wr1")]
        status, answer = await it.say("@拜访助手 明天拜访宏远", group="wr1")
        assert (status, answer["msgtype"]) == (200, "template_card")
        assert answer["template_card"]["task_id"] == "k1"
        assert (it.heard[0].text, it.heard[0].group) == ("明天拜访宏远", "wr1")
        assert it.posted == []


async def test_words_come_as_a_finished_stream(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(NOTE)]
        _, answer = await it.say()
        assert answer["msgtype"] == "stream"
        assert (answer["stream"]["finish"], answer["stream"]["content"]) == (True, "**已撤销：宏远**")
        it.letters = [reply(LONG, "k2")]
        _, answer = await it.say(msgid="m2")
        assert answer["msgtype"] == "stream_with_template_card"
        assert "第19项" in answer["stream"]["content"]


async def test_the_outbox_may_be_quicker_than_the_end_of_handling(clock: Hand) -> None:
    async with line(clock) as it:
        sent = []

        async def quick() -> None:
            assert it.door.serves(reply())
            sent.append(await it.door.send(reply()))

        it.before = quick
        _, answer = await it.say()
        assert sent == [""]
        assert answer["template_card"]["task_id"] == "k1"


async def test_a_second_letter_takes_the_address_a_third_the_app(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(NOTE, "k1"), reply(CARD, "k2"), reply(NOTE, "k3")]
        _, answer = await it.say()
        results = await asyncio.gather(*it.sending)
        assert answer["stream"]["content"] == "**已撤销：宏远**"
        assert [p["template_card"]["task_id"] for p in it.posted] == ["k2"]
        assert results == ["", "", "app"]


async def test_in_groups_the_address_takes_words_only(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(NOTE, "k1", "wr1"), reply(CARD, "k2", "wr1")]
        await it.say(group="wr1")
        await asyncio.gather(*it.sending)
        assert "1. 撤销" in it.posted[0]["markdown"]["content"]


async def test_a_click_changes_its_card_and_the_rest_follows(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(LONG, "k2")]
        _, answer = await it.click()
        await asyncio.gather(*it.sending)
        assert answer["response_type"] == "update_template_card"
        assert answer["template_card"]["task_id"] == "k1"
        assert "第19项" in it.posted[0]["markdown"]["content"]
        assert it.heard[0].click == "撤销 #12"


async def test_a_late_letter_takes_the_address(clock: Hand) -> None:
    async with line(clock, patience_s=1.0) as it:
        it.letters = [reply(NOTE)]
        it.late_s = 1.2
        assert await it.say() == (200, None)
        await asyncio.gather(*it.sending)
        assert it.posted == [{"msgtype": "markdown", "markdown": {"content": "**已撤销：宏远**"}}]


async def test_not_yet_and_the_retry_joins(clock: Hand) -> None:
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    async with line(clock, patience_s=0.5) as it:
        it.before = wait
        it.letters = [reply(NOTE)]
        assert await it.say() == (503, None)
        again = asyncio.create_task(it.say())
        await asyncio.sleep(0.03)
        gate.set()
        assert (await again)[0] == 200
        assert len(it.heard) == 1
        await asyncio.gather(*it.sending)
        assert len(it.posted) == 1


async def test_a_repeat_gets_the_same_answer(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply()]
        assert await it.say() == await it.say()
        assert len(it.heard) == 1


async def test_letters_to_others_and_pushes_are_not_taken(clock: Hand) -> None:
    async with line(clock) as it:
        other = Delivery("k9", "lina", "", NOTE)
        push = Delivery("p", "wanglei", "", NOTE, "push")
        export = Delivery("k8", "wanglei", "", Card("导出", files=(("a", "/a"),)))
        served = []

        async def look() -> None:
            served.extend([it.door.serves(other), it.door.serves(push), it.door.serves(export)])

        it.before = look
        assert await it.say() == (200, None)
        assert served == [False, False, False]


async def test_an_address_that_is_not_wecoms_is_not_used(clock: Hand) -> None:
    async with line(clock) as it:
        it.letters = [reply(NOTE, "k1"), reply(NOTE, "k2")]
        await it.say(response_url="http://evil.example/r")
        assert await asyncio.gather(*it.sending) == ["", "app"]


async def test_hints_polls_and_events(clock: Hand) -> None:
    async with line(clock) as it:
        _, answer = await it.say(msgtype="video", video={"url": "u"})
        assert "视频" in answer["stream"]["content"]
        _, answer = await it.post(b'{"msgtype":"stream","stream":{"id":"s1"}}')
        assert answer["stream"]["id"] == "s1"
        assert answer["stream"]["finish"] is True
        for event in ("enter_chat", "feedback_event", "other"):
            assert await it.say(msgtype="event", event={"eventtype": event}) == (200, None)
        assert it.heard == []


async def test_a_failure_is_told(clock: Hand) -> None:
    async def broken() -> None:
        raise RuntimeError("store")

    async with line(clock) as it:
        it.before = broken
        _, answer = await it.say()
        assert "再说一遍" in answer["stream"]["content"]


async def test_a_picture_is_fetched_and_opened(clock: Hand, tmp_path: Path) -> None:
    async with line(clock, folder=tmp_path) as it:
        url = it.url.replace("/wecom/aibot", "/f?name=a.jpg")
        assert await it.say(msgtype="image", image={"url": url}) == (200, None)
        assert await asyncio.to_thread(Path(it.heard[0].image).read_bytes) == b"jpeg bytes"
        _, answer = await it.say(msgid="m2", msgtype="image", image={"url": it.url + "/nothing"})
        assert "再发一次" in answer["stream"]["content"]


def test_files_with_and_without_a_key() -> None:
    sealed = base64.b64decode(encrypted(pad(b"x")))
    assert opened(sealed, AES_KEY) == b"x"
    assert opened(sealed, base64.b64encode(KEY).decode()) == b"x"
    assert opened(b"plain", "") == b"plain"
    for key in ("short", "非", AES_KEY[:-1] + "!"):
        with pytest.raises(SendFailed):
            opened(sealed[:16], key)


@pytest.mark.parametrize(
    ("raw", "query", "status"),
    [
        (b"", {}, 400),
        (b"<xml><Encrypt>AAAA</Encrypt></xml>", {}, 400),
        (b"[]", {}, 400),
        (b'{"encrypt":1}', {}, 400),
        (b'{"encrypt":"\xe4\xb8\xad"}', {}, 400),
        (b'{"encrypt":"AAAA"}', {}, 403),
        (b"[" * 60_000, {}, 400),
        (b"x" * 70_000, {}, 413),
        (None, {"msg_signature": "0" * 40}, 403),
        (None, {"timestamp": "1"}, 403),
        (None, {"nonce": ""}, 400),
    ],
)
async def test_hostile(clock: Hand, raw: bytes | None, query: dict[str, str], status: int) -> None:
    async with line(clock) as it:
        assert await it.post(b"{}", raw=raw, **query) == (status, None)
        assert it.heard == []


@pytest.mark.parametrize("plaintext", [b"", b"\xff", b"[]", b'{"msgtype":"text"}', b"[" * 30_000])
async def test_signed_garbage(clock: Hand, plaintext: bytes) -> None:
    async with line(clock) as it:
        assert await it.post(plaintext) == (400, None)


async def test_old_requests_are_refused(clock: Hand) -> None:
    async with line(clock) as it:
        then = replace(it, clock=Hand(clock.at - 700))
        assert (await then.say())[0] == 403
