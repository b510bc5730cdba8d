"""One websocket to the AI bot's server: subscribe, ping, ask, be told (W101463). Knows frames, not what they mean."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from secrets import token_hex

import aiohttp

from bot.platform import SendFailed
from bot.platforms.wecom.config import AibotConfig

log = logging.getLogger(__name__)

MAX_FRAME = 4 << 20


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; tests make them short. `kicked` doubles up to an hour: two owners must not kick each other in turn."""

    ping: float = 30.0
    answer: float = 10.0
    connect: float = 15.0
    missed_pings: int = 2
    first_backoff: float = 2.0
    last_backoff: float = 60.0
    kicked: float = 300.0
    refused: float = 600.0
    stable: float = 60.0
    lease: float = 20.0


class End(Enum):
    """Why a connection is over."""

    LOST = auto()
    REFUSED = auto()
    KICKED = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a frame of ours."""

    errcode: int
    errmsg: str
    body: object


Frame = dict[str, object]
OnFrame = Callable[[str, str, object], Awaitable[None]]
"""Called with (cmd, req_id, body), in order; must return quickly."""


class Link:
    """One connection, used once. `ready` is true between the accepted subscription and the end."""

    def __init__(self, config: AibotConfig, session: aiohttp.ClientSession, proxy: str, timing: Timing) -> None:
        self._config = config
        self._session = session
        self._proxy = proxy or None
        self._timing = timing
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._pending: dict[str, deque[asyncio.Future[Answer]]] = {}
        self._end = End.LOST
        self.ready = False
        self.subscribed = asyncio.Event()
        self.subscribed_at = 0.0

    async def run(self, on_frame: OnFrame) -> End:
        """Connects and stays until the connection is over; never raises for what the network does."""
        try:
            async with asyncio.timeout(self._timing.connect):
                ws = await self._session.ws_connect(
                    self._config.ws_url, proxy=self._proxy, max_msg_size=MAX_FRAME, autoclose=True
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("wecom bot: no connection (%s)", type(error).__name__)
            return End.LOST
        self._ws = ws
        keeper = asyncio.create_task(self._keep(ws))
        try:
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._frame(message.data, on_frame)
        finally:
            self.ready = False
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await ws.close()
            self._abandon()
        return self._end

    def condemn(self, end: End) -> None:
        """From now on the connection counts as over for that reason, however it ends."""
        self.ready = False
        self._end = end

    async def close(self) -> None:
        """Ends the connection."""
        self.ready = False
        if self._ws is not None:
            await self._ws.close()

    async def ask(self, cmd: str, body: object, req_id: str = "") -> Answer:
        """Sends a frame and waits for its answer; SendFailed (unsure once it may have been read) without one."""
        if self._ws is None or self._ws.closed:
            raise SendFailed("the AI bot is not connected")
        req_id = req_id or f"{cmd}-{token_hex(8)}"
        frame: Frame = {"cmd": cmd, "headers": {"req_id": req_id}}
        if body is not None:
            frame["body"] = body
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        # Several answers to one message share its req_id; the server answers in order.
        waiting = self._pending.setdefault(req_id, deque())
        waiting.append(future)
        try:
            await self._ws.send_str(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
            async with asyncio.timeout(self._timing.answer):
                return await future
        except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
            raise SendFailed(f"the AI bot did not answer: {type(error).__name__}", unsure=True) from None
        finally:
            if future in waiting:
                waiting.remove(future)
            if not waiting:
                self._pending.pop(req_id, None)

    async def _keep(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Subscribes, then pings; closes the connection when the server is gone or won't have us."""
        try:
            answer = await self.ask("aibot_subscribe", {"bot_id": self._config.bot_id, "secret": self._config.secret})
        except SendFailed:
            await self.close()
            return
        if answer.errcode:
            log.error("wecom bot: subscription refused, errcode %s", answer.errcode)
            self.condemn(End.REFUSED)
            await self.close()
            return
        self.ready = True
        self.subscribed.set()
        self.subscribed_at = asyncio.get_running_loop().time()
        missed = 0
        while missed < self._timing.missed_pings:
            await asyncio.sleep(self._timing.ping)
            try:
                missed = missed + 1 if (await self.ask("ping", None)).errcode else 0
            except SendFailed:
                missed += 1
        log.warning("wecom bot: the server does not answer pings")
        await self.close()

    async def _frame(self, data: str, on_frame: OnFrame) -> None:
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            frame = None
        if not isinstance(frame, dict):
            log.warning("wecom bot: a frame that is no JSON object")
            return
        headers = frame.get("headers")
        req_id = str(headers.get("req_id", "")) if isinstance(headers, dict) else ""
        cmd = frame.get("cmd")
        if isinstance(cmd, str) and cmd:
            await on_frame(cmd, req_id, frame.get("body"))
            return
        for future in self._pending.get(req_id, ()):
            if not future.done():
                code = frame.get("errcode", 0)
                message = str(frame.get("errmsg", ""))
                future.set_result(Answer(code if isinstance(code, int) else -1, message, frame.get("body")))
                return

    def _abandon(self) -> None:
        for waiting in self._pending.values():
            for future in waiting:
                if not future.done():
                    future.set_exception(ConnectionResetError("closed"))
