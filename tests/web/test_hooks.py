"""Webhooks: signed, in order, tried again, never lost over a restart, never where they must not go."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import Webhook
from bot.web.hooks import Blocked, Guard, Hooks, allowed, check_url
from tests.talking import Chat
from tests.web.conftest import Rest

pytestmark = pytest.mark.asyncio
SECRET = "geheim"


@dataclass
class Receiver:
    """Keeps what it takes; `status` is what it answers."""

    url: str = ""
    status: int = 200
    took: list[dict] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    tried: int = 0

    async def post(self, request: web.Request) -> web.Response:
        self.tried += 1
        body = await request.read()
        want = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert request.headers["X-Visitbot-Signature"] == want
        if self.status == 200:
            self.took.append(json.loads(body))
            self.news.set()
        headers = {"Location": self.url + "/other"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.post)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/hook"))
        yield made


async def tell(chat: Chat, hooks: Hooks) -> None:
    """One look at every address."""
    async with aiohttp.ClientSession() as session:
        for n, target in enumerate(hooks.targets):
            while await hooks.step(session, target, f"h{n}"):
                pass


async def test_events_are_told_signed_and_in_order(rest: Rest, receiver: Receiver, at: Callable[..., str]) -> None:
    hooks = Hooks(rest.chat.app, [Webhook(receiver.url, SECRET, ("visit.booked", "visit.cancelled"))])
    await tell(rest.chat, hooks)
    _, visit = await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00")})
    await rest("hanmei", "PATCH", f"/visits/{visit['id']}", {"start": at("16:00")})
    await rest("hanmei", "DELETE", f"/visits/{visit['id']}")
    await tell(rest.chat, hooks)
    assert [e["name"] for e in receiver.took] == ["visit.booked", "visit.cancelled"]
    assert receiver.took[0]["data"]["visit"]["id"] == visit["id"]
    assert receiver.took[0]["id"] < receiver.took[1]["id"]
    await tell(rest.chat, Hooks(rest.chat.app, hooks.targets))
    assert len(receiver.took) == 2


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_a_refused_event_is_tried_again_later(rest: Rest, receiver: Receiver, status: int, at: Callable[..., str]) -> None:
    hooks = Hooks(rest.chat.app, [Webhook(receiver.url, SECRET)])
    await tell(rest.chat, hooks)
    receiver.status = status
    await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00")})
    await tell(rest.chat, hooks)
    assert receiver.tried == 1
    receiver.status = 200
    await tell(rest.chat, hooks)
    assert receiver.took == []
    rest.chat.clock.move(rest.chat.clock.now().replace(second=30))
    await tell(rest.chat, hooks)
    assert receiver.took[0]["name"] == "visit.booked"


async def test_one_that_hangs_holds_up_nobody(rest: Rest, receiver: Receiver, at: Callable[..., str]) -> None:
    hung = asyncio.Event()
    hanging: list[asyncio.StreamWriter] = []

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hanging.append(writer)
        hung.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hooks = Hooks(rest.chat.app, [Webhook(f"http://127.0.0.1:{port}/", SECRET), Webhook(receiver.url, SECRET)])
    task = asyncio.create_task(hooks.run())
    await asyncio.sleep(0.3)
    await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00")})
    await asyncio.wait_for(hung.wait(), 5)
    await asyncio.wait_for(receiver.news.wait(), 5)
    assert (await rest("hanmei", "GET", "/visits"))[0] == 200
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for writer in hanging:
        writer.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("address", "written", "may"),
    [
        ("8.8.8.8", False, True), ("10.0.0.5", False, True), ("127.0.0.1", False, False), ("127.0.0.1", True, True),
        ("169.254.169.254", True, False), ("::1", False, False), ("::ffff:127.0.0.1", False, False), ("fe80::1", True, False),
        ("0.0.0.0", True, False), ("224.0.0.1", True, False),
    ],
)  # fmt: skip
async def test_where_webhooks_may_go(address: str, written: bool, may: bool) -> None:
    assert allowed(ip_address(address), written=written) is may


async def test_addresses_from_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_url("https://erp.example.com/hook") == ""
    for bad in ("ftp://x/", "nothing", "http://", "http://u:p@x/", "http://169.254.169.254/", "http://[::1"):
        assert check_url(bad), bad
    guard = Guard()

    async def loop(*_: object) -> list[dict]:
        return [{"host": "127.0.0.1", "hostname": "evil", "port": 80, "family": 2, "proto": 0, "flags": 0}]

    monkeypatch.setattr(guard._inner, "resolve", loop)
    with pytest.raises(Blocked):
        await guard.resolve("evil.example.com", 80)
    assert await guard.resolve("localhost", 80)
