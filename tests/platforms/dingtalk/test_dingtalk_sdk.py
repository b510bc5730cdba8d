"""DingTalk's own SDK against the same fake and the same payloads: a second client that does not share our mistakes."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cards import Button, Card
from bot.platforms.dingtalk import draw, frames
from bot.platforms.dingtalk.client import DingTalk
from tests.fakes.dingtalk import FakeDingTalk
from tests.platforms.dingtalk.kit import Bot, delivery, now

sdk = pytest.importorskip("dingtalk_stream")
HERE = Path(__file__).parent


@asynccontextmanager
async def sdk_client(fake: FakeDingTalk) -> AsyncIterator["asyncio.Queue[Any]"]:
    """The SDK connected to the fake; the data of the frames it hears."""
    update = json.dumps(draw.in_ack(Card("SDK 改的"), fake.config()))
    before = len(fake.gateway.conns)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "sdk_peer.py"),
        fake.base,
        update,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        assert process.stdout
        async for line in process.stdout:
            heard.put_nowait(json.loads(line)[1])

    listening = asyncio.create_task(listen())
    try:
        await fake.gateway.connected(before + 1, seconds=20)
        yield heard
    finally:
        process.kill()
        await process.wait()
        await listening


async def test_the_sdk_understands_our_fake(fake: FakeDingTalk) -> None:
    async with sdk_client(fake) as heard:
        ack = await asyncio.wait_for(fake.gateway.push(fake.message("u1", "你好")), 5)
        assert (ack.code, ack.data) == (200, {"response": None})
        data = await asyncio.wait_for(heard.get(), 5)
        assert data["text"] == {"content": "你好"}
        assert sdk.ChatbotMessage.from_dict(data).sender_staff_id == "u1"


async def test_our_card_is_clicked_and_changed_through_the_sdk(fake: FakeDingTalk) -> None:
    client = DingTalk(fake.config(), now, lambda text: None)
    await client.send(delivery(Card("选一个", buttons=(Button("好", "/yes"),))))
    async with sdk_client(fake) as heard:
        ack = await fake.click("m1", "u1", 1)
        assert ack.code == 200
        click = sdk.CardCallbackMessage.from_dict(await asyncio.wait_for(heard.get(), 5))
        assert click.content["cardPrivateData"]["params"] == {"says": "/yes"}
        assert fake.cards["m1"].values["title"] == "SDK 改的"
    await client.close()


async def test_our_client_and_the_sdk_share_the_load(fake: FakeDingTalk, bot: Bot) -> None:
    """Two clients on one app: each frame goes to one of them, and each is answered."""
    bot.reply = lambda message: None
    async with sdk_client(fake) as heard:
        acks = await asyncio.gather(*(fake.gateway.push(fake.message("u1", str(i))) for i in range(40)))
        assert [a.code for a in acks] == [200] * 40
        texts = [m.text for m in bot.got]
        assert 0 < len(texts) < 40
        texts += [(await asyncio.wait_for(heard.get(), 5))["text"]["content"] for _ in range(40 - len(texts))]
        assert sorted(texts, key=int) == [str(i) for i in range(40)]


@pytest.mark.parametrize("name", sorted(p.stem for p in HERE.glob("payloads/*.json") if not p.stem.startswith("over_quota")))
def test_both_read_a_frame_alike(name: str) -> None:
    data = (HERE / "payloads" / f"{name}.json").read_text("utf-8")
    headers = {"messageId": "m", "topic": "t", "time": str(int(time.time())), "eventId": "E", "eventType": "x"}
    raw = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers, "data": data}
    ours, theirs = frames.read_frame(json.dumps(raw)), sdk.CallbackMessage.from_dict(raw)
    assert ours is not None
    assert (ours.message_id, ours.topic) == (theirs.headers.message_id, theirs.headers.topic)
    assert (ours.event_id, ours.event_type) == (theirs.headers.event_id, theirs.headers.event_type)
    assert frames.read_object(ours.data) == theirs.data
