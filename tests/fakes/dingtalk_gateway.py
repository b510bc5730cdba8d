"""The stream half of the fake DingTalk: registration, tickets, websocket frames, acks and everything that goes wrong there."""

import asyncio
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import WSMsgType, web

TOPIC_BOT = "/v1.0/im/bot/messages/get"
TOPIC_CARD = "/v1.0/card/instances/callback"
TICKET_LIFE_S = 90.0
ANSWER_S = 10.0


@dataclass(eq=False)
class Conn:
    """A client's websocket. `deaf`: frames to it vanish, as after the server's `disconnect`."""

    ws: web.WebSocketResponse
    topics: set[tuple[str, str]]
    number: int
    deaf: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Ack:
    """An answer frame: decoded, with the seconds it took."""

    code: int
    data: Any
    headers: dict[str, str]
    took: float
    conn: int


@dataclass
class Gateway:
    """Registers clients and pushes frames; one ticket opens one connection, for 90 s."""

    client_id: str
    client_secret: str
    opens: int = 0
    refuse: str = ""
    """"" = normal, or how registration is refused: 401, qps, html, slow, 500, foreign (an endpoint elsewhere)."""
    slam: bool = False
    """Close every new connection at once."""
    conns: list[Conn] = field(default_factory=list)
    tickets: dict[str, tuple[float, set[tuple[str, str]]]] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    stray: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """messageIds that went to a deaf connection, or to nobody."""
    _waiting: dict[str, tuple[float, "asyncio.Future[Ack]"]] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _rng: random.Random = field(default_factory=lambda: random.Random(7))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1.0/gateway/connections/open", self._register),
            web.get("/connect", self._connect),
        ]

    # ------------------------------------------------------------------ what a test does
    async def connected(self, count: int = 1, seconds: float = 3.0) -> list[Conn]:
        """The live, not deaf connections, once there are at least `count`."""
        until = time.monotonic() + seconds
        while len(live := [c for c in self.conns if not c.ws.closed and not c.deaf]) < count:
            assert time.monotonic() < until, f"{len(live)} connections, waited for {count}"
            await asyncio.sleep(0.005)
        return live

    def push(
        self,
        data: Any,
        topic: str = TOPIC_BOT,
        kind: str = "CALLBACK",
        conn: Conn | None = None,
        message_id: str = "",
        **headers: str,
    ) -> "asyncio.Future[Ack]":
        """Send a frame to a connection (default: a random one of all still open) → its answer, awaited 10 s at most."""
        message_id = message_id or f"mid_{next(self._ids)}"
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {
                "appId": "app",
                "connectionId": "c",
                "contentType": "application/json",
                "messageId": message_id,
                "time": str(int(time.time() * 1000)),
                "topic": topic,
                **headers,
            },
            "data": data if isinstance(data, str) else json.dumps(data, ensure_ascii=False),
        }
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        target = conn or self._anybody(kind, topic)
        if target is None or target.deaf:
            self.lost.append(message_id)
            return future
        self._waiting[message_id] = (time.monotonic(), future)
        late = asyncio.get_running_loop().call_later(ANSWER_S, self._late, future, message_id)

        def settled(answer: "asyncio.Future[Ack]") -> None:
            late.cancel()
            if not answer.cancelled():
                answer.exception()  # looked at here, for a test that does not wait for it

        future.add_done_callback(settled)
        self._raw(target, json.dumps(frame, ensure_ascii=False))
        return future

    def raw(self, text: str, conn: Conn) -> None:
        """Send anything."""
        self._raw(conn, text)

    async def disconnect(self, conn: Conn, close_after: float = 10.0) -> None:
        """The documented end: the frame, then silence, then the socket is closed."""
        self.push({"reason": "connection is expired"}, "disconnect", "SYSTEM", conn)
        await asyncio.sleep(0)
        conn.deaf = True
        asyncio.get_running_loop().call_later(close_after, lambda: self._abort(conn))

    async def close(self, conn: Conn) -> None:
        """A clean close (1000)."""
        await conn.ws.close(code=1000)

    def abort(self, conn: Conn) -> None:
        """TCP is gone without a word."""
        self._abort(conn)

    # ------------------------------------------------------------------ inside
    def _anybody(self, kind: str, topic: str) -> Conn | None:
        able = [c for c in self.conns if not c.ws.closed and self._wants(c, kind, topic)]
        return self._rng.choice(able) if able else None

    @staticmethod
    def _wants(conn: Conn, kind: str, topic: str) -> bool:
        return kind == "SYSTEM" or (kind, topic) in conn.topics or (kind == "EVENT" and ("EVENT", "*") in conn.topics)

    @staticmethod
    def _late(future: "asyncio.Future[Ack]", message_id: str) -> None:
        if not future.done():
            future.set_exception(TimeoutError(f"{message_id} was never answered"))

    def _raw(self, conn: Conn, text: str) -> None:
        task = asyncio.ensure_future(conn.ws.send_str(text))
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    def _abort(self, conn: Conn) -> None:
        transport = conn.ws._req.transport if conn.ws._req else None
        if transport:
            transport.abort()

    async def _register(self, request: web.Request) -> web.StreamResponse:
        self.opens += 1
        if self.refuse == "slow":
            await asyncio.sleep(30)
        if self.refuse == "500":
            return web.Response(status=500, text="oops")
        if self.refuse == "html":
            return web.Response(status=200, text="<html>punish</html>", content_type="text/html")
        if self.refuse == "qps":
            code = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
            return web.json_response({"code": code, "message": "too fast"}, status=403)
        if "json" not in request.headers.get("Accept", ""):
            return web.Response(text="<xml/>", content_type="application/xml")
        body = await request.json()
        if self.refuse == "401" or (body["clientId"], body["clientSecret"]) != (self.client_id, self.client_secret):
            return web.json_response({"code": "authFailed", "message": "鉴权失败", "requestid": "R1"}, status=401)
        topics = {(s["type"], s["topic"]) for s in body["subscriptions"]}
        assert all(kind in ("EVENT", "CALLBACK") and (kind != "EVENT" or topic == "*") for kind, topic in topics)
        ticket = f"t/{next(self._ids)}+{self._rng.getrandbits(32):x}=="
        self.tickets[ticket] = (time.monotonic() + TICKET_LIFE_S, topics)
        endpoint = f"ws://127.0.0.1:{request.url.port}/connect"
        if self.refuse == "foreign":
            endpoint = f"ws://localhost:{request.url.port}/connect"  # reachable, but not the host it was told
        return web.json_response({"endpoint": endpoint, "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        raw = request.rel_url.raw_query_string.partition("ticket=")[2]
        until, topics = self.tickets.pop(unquote_plus(raw), (0.0, set()))
        if time.monotonic() > until:
            return web.Response(status=401)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if self.slam:
            await ws.close()
            return ws
        conn = Conn(ws, topics, len(self.conns))
        self.conns.append(conn)
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    self._answered(json.loads(message.data), conn)
        finally:
            conn.gone.set()
        return ws

    def _answered(self, frame: dict[str, Any], conn: Conn) -> None:
        waiting = self._waiting.pop(frame["headers"]["messageId"], None)
        assert set(frame) == {"code", "message", "headers", "data"}, frame
        assert isinstance(frame["data"], str), "an answer's data is JSON text"
        if waiting is None:
            self.stray.append(frame)
            return
        data = json.loads(frame["data"])
        ack = Ack(frame["code"], data, frame["headers"], time.monotonic() - waiting[0], conn.number)
        self.acks.append(ack)
        if not waiting[1].done():
            waiting[1].set_result(ack)
