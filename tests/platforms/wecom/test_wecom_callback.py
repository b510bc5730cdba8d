"""The app's callback over real HTTP: the check, messages, retries, slow commits, and hostile requests."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from wechatpy.work.crypto import WeChatCrypto

from bot.message import Message
from bot.platform import Handled, SendFailed
from bot.platforms.wecom.callback import RETRY_SPAN_S, Guard, routes
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.crypto import Envelope, Sealed, WrongEnvelope, encrypted_part
from bot.platforms.wecom.payload import VOICE, WELCOME, AppWarned, Opened, Other
from bot.platforms.wecom.xml import parse
from tests.fakes.wecom import CORP, serving
from tests.platforms.wecom.conftest import Hand

CONFIG = WeComConfig(corp_id=CORP, token="QDG6eK", encoding_aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
WECOM = Envelope(CONFIG.token, CONFIG.encoding_aes_key, CORP)
DATA = Path(__file__).parent / "data" / "in"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


@dataclass
class Inbox:
    """The stub behind the callback: remembers what came, may be slow or broken."""

    messages: list[Message] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    gate: asyncio.Event | None = None
    error: Exception | None = None
    started: int = 0

    async def __call__(self, message: Message) -> Handled:
        self.started += 1
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        known = message.key in self.keys
        self.keys.add(message.key)
        self.messages.append(message)
        return Handled(duplicate=known)


@dataclass
class Wire:
    """WeCom's side of the wire."""

    url: str
    session: aiohttp.ClientSession
    clock: Hand

    def seal(self, plaintext: bytes, nonce: str = "n1") -> Sealed:
        return WECOM.seal(plaintext, str(int(self.clock())), nonce)

    async def post(self, sealed: Sealed, body: bytes | None = None, **query: str) -> tuple[int, bytes]:
        given = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce} | query
        if body is None:
            body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt></xml>".encode()
        async with self.session.post(f"{self.url}?{urlencode(given)}", data=body) as response:
            return response.status, await response.read()

    async def say(self, name: str) -> tuple[int, bytes]:
        return await self.post(self.seal(recorded(name)))


@asynccontextmanager
async def line(inbox: Inbox, clock: Hand, **options: object) -> AsyncIterator[Wire]:
    app = web.Application()
    app.add_routes(routes(CONFIG, inbox, clock.now, **options))  # type: ignore[arg-type]
    async with serving(app) as url, aiohttp.ClientSession() as session:
        yield Wire(f"{url}/wecom/callback", session, clock)


async def test_the_check_answers_the_bare_echo(clock: Hand) -> None:
    async with line(Inbox(), clock) as wire:
        sealed = wire.seal(b"1616140317555161061")
        query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
        for echo in (urlencode({"echostr": sealed.encrypt}), f"echostr={sealed.encrypt}"):
            async with wire.session.get(f"{wire.url}?{urlencode(query)}&{echo}") as response:
                assert (response.status, await response.read()) == (200, b"1616140317555161061")
        async with wire.session.get(f"{wire.url}?{urlencode(query)}&echostr=AAAA") as response:
            assert (response.status, await response.read()) == (403, b"")


async def test_a_message_of_wechatpy_arrives(clock: Hand) -> None:
    inbox = Inbox()
    async with line(inbox, clock) as wire:
        peer = WeChatCrypto(CONFIG.token, CONFIG.encoding_aes_key, CORP)
        stamp = str(int(clock()))
        body = peer.encrypt_message(recorded("text").decode(), "n9", stamp).encode()
        signature = WECOM.sign(stamp, "n9", encrypted_part(body))
        query = urlencode({"msg_signature": signature, "timestamp": stamp, "nonce": "n9"})
        async with wire.session.post(f"{wire.url}?{query}", data=body) as response:
            assert (response.status, await response.read()) == (200, b"")
    assert [m.text for m in inbox.messages] == ["明天下午3点拜访宏远，聊报价"]
    assert inbox.messages[0].at == clock.now()


@pytest.mark.parametrize(("name", "answer"), [("voice", VOICE), ("subscribe", WELCOME)])
async def test_a_passive_answer_that_wechatpy_reads(clock: Hand, name: str, answer: str) -> None:
    async with line(Inbox(), clock) as wire:
        status, body = await wire.say(name)
    peer = WeChatCrypto(CONFIG.token, CONFIG.encoding_aes_key, CORP)
    outer = parse(body)
    plain = peer.decrypt_message(body, outer.get("MsgSignature"), outer.get("TimeStamp"), outer.get("Nonce"))
    inner = parse(plain.encode())
    assert status == 200
    assert (inner.get("MsgType"), inner.get("Content")) == ("text", answer)
    assert inner.get("ToUserName") in ("WangLei", "wanglei")
    assert len(answer.encode()) <= 2048


async def test_events_are_noted_and_answered_with_nothing(clock: Hand) -> None:
    notes: list[Other] = []

    async def notice(event: Other) -> str:
        notes.append(event)
        return ""

    async with line(Inbox(), clock, notice=notice) as wire:
        for name in ("enter_agent", "inactive_alert", "unsubscribe"):
            assert await wire.say(name) == (200, b"")
    assert notes[:2] == [Opened("wanglei"), AppWarned("inactive_alert", 1774000000)]


async def test_a_notice_that_fails_is_sent_again(clock: Hand) -> None:
    async def notice(_event: Other) -> str:
        raise RuntimeError("store")

    async with line(Inbox(), clock, notice=notice) as wire:
        assert (await wire.say("enter_agent"))[0] == 503


async def test_a_retry_gets_through_and_has_the_same_key(clock: Hand) -> None:
    inbox = Inbox()
    async with line(inbox, clock) as wire:
        sealed = wire.seal(recorded("text"))
        for _ in range(3):
            assert await wire.post(sealed) == (200, b"")
            clock.at += 5
    assert len(inbox.messages) == 3
    assert len(inbox.keys) == 1


async def test_not_yet_until_it_is_on_disk(clock: Hand) -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with line(inbox, clock, patience_s=0.5) as wire:
        sealed = wire.seal(recorded("text"))
        assert await wire.post(sealed) == (503, b"")
        assert inbox.messages == []
        again = asyncio.create_task(wire.post(sealed))
        await asyncio.sleep(0.02)
        assert inbox.gate
        inbox.gate.set()
        assert await again == (200, b"")
    assert inbox.started == 1
    assert len(inbox.messages) == 1


async def test_work_that_fails_is_sent_again(clock: Hand, caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox(error=OSError("disk"))
    async with line(inbox, clock) as wire:
        assert await wire.say("text") == (503, b"")
        inbox.error = None
        assert await wire.say("text") == (200, b"")
    assert len(inbox.messages) == 1
    assert "宏远" not in caplog.text


async def test_a_picture_is_fetched_before_it_is_handled(clock: Hand) -> None:
    async def fetch(message: Message) -> Message:
        return replace(message, image=f"/files/{message.image}.jpg") if message.image else message

    inbox = Inbox()
    async with line(inbox, clock, fetch=fetch) as wire:
        await wire.say("image")
    assert [m.image for m in inbox.messages] == ["/files/MEDIA_1.jpg"]


@pytest.mark.parametrize(("retry_s", "statuses"), [(5.0, [503, 503, 200]), (None, [200])])
async def test_a_picture_that_can_not_be_fetched(clock: Hand, retry_s: float | None, statuses: list[int]) -> None:
    async def fetch(_message: Message) -> Message:
        raise SendFailed("gone", retry_s=retry_s)

    inbox = Inbox()
    async with line(inbox, clock, fetch=fetch) as wire:
        answers = [await wire.say("image") for _ in statuses]
    assert [status for status, _ in answers] == statuses
    outer = parse(answers[-1][1])
    plain = WECOM.open(outer.get("MsgSignature"), outer.get("TimeStamp"), outer.get("Nonce"), outer.get("Encrypt").encode())
    assert "再发一次" in plain.decode()
    assert inbox.messages == []


def hostile() -> list[tuple[str, int, Callable[[Wire, Sealed], object]]]:
    """(name, expected status, request)"""
    return [
        ("no query", 400, lambda w, s: w.post(s, msg_signature="")),
        ("wrong signature", 403, lambda w, s: w.post(s, msg_signature="0" * 40)),
        ("signature not ASCII", 403, lambda w, s: w.post(s, msg_signature="签名")),
        ("endless nonce", 400, lambda w, s: w.post(s, nonce="n" * 5000)),
        ("other nonce", 403, lambda w, s: w.post(s, nonce="n2")),
        ("other time", 403, lambda w, s: w.post(s, timestamp="1")),
        ("empty", 400, lambda w, s: w.post(s, b"")),
        ("json", 400, lambda w, s: w.post(s, b'{"encrypt":"AAAA"}')),
        ("not UTF-8", 400, lambda w, s: w.post(s, b"\xff\xfe\x00")),
        ("no Encrypt", 400, lambda w, s: w.post(s, b"<xml><A>1</A></xml>")),
        ("two Encrypts", 400, lambda w, s: w.post(s, b"<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>")),
        ("billion laughs", 400, lambda w, s: w.post(s, b'<!DOCTYPE l [<!ENTITY a "aaaa">]><xml>&a;</xml>')),
        ("deep", 400, lambda w, s: w.post(s, b"<a>" * 20_000)),
        ("large", 413, lambda w, s: w.post(s, b"<xml>" + b"A" * 70_000 + b"</xml>")),
        ("changed", 403, lambda w, s: w.post(s, f"<xml><Encrypt>{s.encrypt[4:]}</Encrypt></xml>".encode())),
    ]


@pytest.mark.parametrize(("name", "status", "request_"), hostile(), ids=lambda v: v if isinstance(v, str) else "")
async def test_hostile(
    clock: Hand, name: str, status: int, request_: Callable[[Wire, Sealed], object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    inbox = Inbox()
    async with line(inbox, clock) as wire:
        answer = await request_(wire, wire.seal(recorded("text")))  # type: ignore[misc]
        assert answer == (status, b""), name
        assert (await wire.say("text"))[0] == 200
    assert len(inbox.messages) == 1
    assert all(len(record.getMessage()) < 80 for record in caplog.records if record.name.startswith("bot."))


@pytest.mark.parametrize(
    ("plaintext", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"\xff", 400),
        (b"<!DOCTYPE a><xml/>", 400),
        (recorded("text").replace(b"4561255354251345929", b"x"), 400),
        (recorded("location").replace(b"31.38", b"inf"), 400),
    ],
)
async def test_signed_garbage(clock: Hand, plaintext: bytes, status: int) -> None:
    inbox = Inbox()
    async with line(inbox, clock) as wire:
        assert await wire.post(wire.seal(plaintext)) == (status, b"")
    assert inbox.messages == []


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"A" * 20_000_000)])
async def test_compressed_bodies_do_no_harm(clock: Hand, body: bytes) -> None:
    async with line(Inbox(), clock) as wire:
        sealed = wire.seal(recorded("text"))
        query = urlencode({"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": "n1"})
        headers = {"Content-Encoding": "gzip"}
        async with wire.session.post(f"{wire.url}?{query}", data=body, headers=headers) as response:
            assert response.status == 400


async def test_other_methods_are_refused(clock: Hand) -> None:
    async with line(Inbox(), clock) as wire:
        for method in ("PUT", "DELETE", "HEAD"):
            async with wire.session.request(method, wire.url) as response:
                assert response.status == 405


@pytest.mark.parametrize(("age", "status"), [(0, 200), (590, 200), (-590, 200), (611, 403), (-611, 403)])
async def test_the_window(clock: Hand, age: float, status: int) -> None:
    async with line(Inbox(), clock) as wire:
        sealed = wire.seal(recorded("text"))
        clock.at += age
        assert (await wire.post(sealed))[0] == status


def test_a_replay_after_the_retries_is_refused() -> None:
    guard = Guard(600, size=3)
    guard.check("1000", "sig", 1000.0)
    guard.check("1000", "sig", 1000.0 + RETRY_SPAN_S)
    with pytest.raises(WrongEnvelope) as caught:
        guard.check("1000", "sig", 1001.0 + RETRY_SPAN_S)
    assert caught.value.status == 403
    for i in range(10):
        guard.check("1000", f"other{i}", 1000.0)
    guard.check("1000", "other0", 1100.0)


def test_the_window_can_be_switched_off() -> None:
    Guard(0).check("1", "sig", 1_800_000_000.0)


@pytest.mark.parametrize("timestamp", ["x", "-1", "1e3", "１", "1" * 13])
def test_odd_timestamps(timestamp: str) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        Guard(600).check(timestamp, "sig", 1000.0)
    assert caught.value.status == 400
