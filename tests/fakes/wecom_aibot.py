"""The AI bot's websocket server (wecom.md 2.4): one live connection, strict frames, everything recorded."""

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes import wecom_cards
from tests.fakes.wecom import serving

Json = dict[str, Any]
BOT_ID, BOT_SECRET = "bot-1", "bot-secret"


@dataclass
class FakeAibot:
    """`frames` are (cmd, req_id, body) as they came; `errors` maps a cmd to the errcodes of its next answers."""

    url: str = ""
    frames: list[tuple[str, str, Any]] = field(default_factory=list)
    errors: dict[str, list[int]] = field(default_factory=dict)
    deaf: bool = False
    """Reads and answers nothing."""
    subscriptions: int = 0
    talked: set[str] = field(default_factory=set)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _uploads: dict[str, tuple[Json, dict[int, bytes]]] = field(default_factory=dict)
    _socket: web.WebSocketResponse | None = None
    _asked: dict[str, tuple[str, Json]] = field(default_factory=dict)
    _tasks: set[str] = field(default_factory=set)
    _count: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def sent(self, *cmds: str) -> list[Any]:
        """Bodies of the frames with those commands."""
        return [body for cmd, _, body in self.frames if cmd in cmds]

    async def until(self, cmd: str, count: int = 1) -> None:
        """Waits until that many frames of a command came."""
        async with asyncio.timeout(10):
            while sum(1 for c, _, _ in self.frames if c == cmd) < count:
                self._news.clear()
                await self._news.wait()

    async def subscribed(self, count: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.subscriptions < count or self._socket is None:
                self._news.clear()
                await self._news.wait()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=4 << 20)
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT or self.deaf:
                continue
            frame = json.loads(message.data)
            cmd, req_id, body = frame["cmd"], frame["headers"]["req_id"], frame.get("body")
            self.frames.append((cmd, req_id, body))
            code = (self.errors.get(cmd) or [0]).pop(0) or self._fault(cmd, req_id, body, socket)
            if cmd == "aibot_subscribe" and code == 0:
                await self._take_over(socket)
            self._news.set()
            answer: Json = {"headers": {"req_id": req_id}, "errcode": code, "errmsg": "e" if code else "ok"}
            if code == 0 and cmd.startswith("aibot_upload_media"):
                answer["body"] = self._upload(cmd, body)
            with contextlib.suppress(ConnectionError):
                await socket.send_json(answer)
        if self._socket is socket:
            self._socket = None
        return socket

    async def _take_over(self, socket: web.WebSocketResponse) -> None:
        old, self._socket = self._socket, socket
        self.subscriptions += 1
        if old is not None and not old.closed:
            event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
            await old.send_json({"cmd": "aibot_event_callback", "headers": {"req_id": "bye"}, "body": event})
            # At once, so that the client can't count on time between being told and being cut off.
            assert old._req is not None
            assert old._req.transport is not None
            old._req.transport.close()

    def _fault(self, cmd: str, req_id: str, body: Any, socket: web.WebSocketResponse) -> int:
        if cmd == "aibot_subscribe":
            return 0 if body == {"bot_id": BOT_ID, "secret": BOT_SECRET} else 40001
        if socket is not self._socket:
            return 846609
        if cmd == "ping":
            return 0
        if cmd == "aibot_send_msg":
            if body.get("chat_type", 0) not in (0, 1, 2) or body.get("chatid") not in self.talked:
                return 93006
            return self._content(body)
        if cmd.startswith("aibot_upload_media"):
            return self._upload_fault(cmd, body)
        kind, asked = self._asked.get(req_id, ("", {}))
        if cmd == "aibot_respond_msg" and kind == "message":
            return self._content(body)
        if cmd == "aibot_respond_update_msg" and kind == "click":
            card = dict(body["template_card"])
            same = card.pop("task_id", None) == asked["event"]["template_card_event"]["task_id"]
            right = body.get("response_type") == "update_template_card" and same
            return wecom_cards.fault(card, update=True) if right else 42016
        return 846605

    def _upload_fault(self, cmd: str, body: Json) -> int:
        if cmd.endswith("init"):
            return 0 if body["type"] in ("file", "image") and 1 <= body["total_chunks"] <= 100 else 40058
        init, chunks = self._uploads.get(body["upload_id"], ({}, {}))
        if cmd.endswith("chunk"):
            raw = base64.b64decode(body["base64_data"], validate=True)
            return 0 if init and 0 <= body["chunk_index"] < init["total_chunks"] and len(raw) <= 512 * 1024 else 40058
        whole = b"".join(chunks[i] for i in sorted(chunks))
        same = hashlib.md5(whole, usedforsecurity=False).hexdigest() == init.get("md5")
        return 0 if same and len(whole) == init["total_size"] else 40058

    def _upload(self, cmd: str, body: Json) -> Json:
        if cmd.endswith("init"):
            self._count += 1
            self._uploads[f"u{self._count}"] = (body, {})
            return {"upload_id": f"u{self._count}"}
        init, chunks = self._uploads[body["upload_id"]]
        if cmd.endswith("chunk"):
            chunks[body["chunk_index"]] = base64.b64decode(body["base64_data"])
            return {}
        media_id = f"media-{body['upload_id']}"
        self.media[media_id] = (init["type"], b"".join(chunks[i] for i in sorted(chunks)))
        return {"media_id": media_id, "type": init["type"]}

    def _content(self, body: Json) -> int:
        kind = body.get("msgtype")
        if kind == "markdown":
            return 0 if 0 < len(body["markdown"]["content"].encode()) <= 20_480 else 45002
        if kind in ("file", "image"):
            return 0 if self.media.get(body[kind]["media_id"], ("",))[0] == kind else 40007
        if kind != "template_card":
            return 40008
        card = body["template_card"]
        if code := wecom_cards.fault(card):
            return code
        if card.get("task_id") in self._tasks:
            return 42014
        self._tasks.add(card.get("task_id"))
        return 0

    async def say(self, user: str, group: str = "", **content: Any) -> str:
        """A member says something; returns the frame's req_id."""
        self._count += 1
        kind = content.pop("msgtype", "text")
        body: Json = {
            "msgid": f"m{self._count}",
            "aibotid": BOT_ID,
            "chattype": "group" if group else "single",
            "from": {"userid": user},
            "msgtype": kind,
        } | content
        if group:
            body["chatid"] = group
        self.talked.add(group or user)
        return await self._push("aibot_msg_callback", "message", body)

    async def click(self, user: str, key: str, task: str, group: str = "") -> str:
        """A member presses a button; returns the frame's req_id."""
        self._count += 1
        event = {
            "eventtype": "template_card_event",
            "template_card_event": {"card_type": "button_interaction", "event_key": key, "task_id": task},
        }
        body: Json = {
            "msgid": f"m{self._count}",
            "create_time": 1773194400,
            "aibotid": BOT_ID,
            "chattype": "group" if group else "single",
            "from": {"userid": user},
            "msgtype": "event",
            "event": event,
        }
        if group:
            body["chatid"] = group
        self.talked.add(group or user)
        return await self._push("aibot_event_callback", "click", body)

    async def _push(self, cmd: str, kind: str, body: Json) -> str:
        req_id = f"r{self._count}"
        self._asked[req_id] = (kind, body)
        await self.raw(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}))
        return req_id

    async def raw(self, text: str) -> None:
        """Any text as a frame."""
        assert self._socket is not None
        await self._socket.send_str(text)

    async def drop(self) -> None:
        """The network breaks."""
        assert self._socket is not None
        socket, self._socket = self._socket, None
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()


@asynccontextmanager
async def running() -> AsyncIterator[FakeAibot]:
    """The fake on a free local port; `url` is its ws_url."""
    fake = FakeAibot()
    app = web.Application()
    app.router.add_get("/", fake.handle)
    async with serving(app) as url:
        fake.url = url.replace("http", "ws", 1)
        yield fake
