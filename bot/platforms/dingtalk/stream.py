"""The receiving side: keeps one stream connection up for ever and answers every frame. dingtalk.md sections 1 and 6.

Make-before-break: at `disconnect`, or when nothing came for too long, a second connection is opened first and the old
one runs on until the server closes it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from aiohttp import ClientError, ClientSession, WSMsgType
from yarl import URL

from bot.platform import Inbound
from bot.platforms.dingtalk.answers import Answers
from bot.platforms.dingtalk.budget import BackOff
from bot.platforms.dingtalk.client import DingTalk
from bot.platforms.dingtalk.config import Alarm, DingTalkConfig
from bot.platforms.dingtalk.errors import Kind, judge
from bot.platforms.dingtalk.frames import (
    OK,
    TOPIC_BOT,
    TOPIC_CARD,
    UNKNOWN_TOPIC,
    Event,
    Frame,
    answer,
    read_frame,
    read_object,
    text_of,
)
from bot.platforms.dingtalk.link import Link, Timing

log = logging.getLogger(__name__)
MAX_WAITING = 1000
"""Frames taken but not answered yet; beyond that the socket is left unread, so the server feels it."""
MAX_FRAME_BYTES = 4 * 1024 * 1024
HEARTBEAT_S = 30.0
OnEvent = Callable[[Event], Awaitable[None]]


class DingTalkStream:
    """Brings what people say to `inbound`. `run` returns after `stop` (or cancellation), never because of the network.

    With `client` (the same tenant's sender) answers can use webhooks, unreadable messages get a hint and clicks change
    their card in place; `on_event` gets EVENT frames (subscribed only then) and may raise to have one sent again.
    """

    def __init__(
        self,
        config: DingTalkConfig,
        inbound: Inbound,
        now: Callable[[], datetime],
        on_alarm: Alarm,
        *,
        client: DingTalk | None = None,
        on_event: OnEvent | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._config, self._alarm, self._on_event = config, on_alarm, on_event
        self._timing = timing or Timing()
        self._answers = Answers(config, inbound, now, on_alarm, client, on_event, self._timing)
        self._back_off = BackOff(self._timing.longest_wait_s)
        self._stopping, self._ended = asyncio.Event(), asyncio.Event()
        self._ended.set()
        self._links: dict[Link, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle_s = self._timing.idle_s
        self._refused = self._pings = False

    @property
    def connected(self) -> bool:
        """True while a connection is up that the server has not announced to close."""
        return any(not link.leaving.is_set() for link in self._links)

    async def stop(self) -> None:
        """End `run`: what was taken is finished and answered (a few seconds at most), then everything is closed."""
        self._stopping.set()
        await self._ended.wait()

    async def run(self) -> None:
        """Connect, serve, replace, reconnect; for ever."""
        self._ended.clear()
        try:
            async with ClientSession(proxy=self._config.proxy or None) as http:
                try:
                    while not self._stopping.is_set():
                        await self._pause(self._back_off.next())
                        link = None if self._stopping.is_set() else await self._open(http)
                        if link is not None:
                            await self._until_leaving(link)
                finally:
                    await self._wind_up()
        finally:
            self._ended.set()

    # ------------------------------------------------------------------ connections
    async def _open(self, http: ClientSession) -> Link | None:
        """Register and connect; None when it did not work (any longer wait is over then)."""
        try:
            async with asyncio.timeout(self._timing.open_s):
                address = await self._register(http)
        except (ClientError, TimeoutError, OSError, ValueError) as e:
            log.warning("dingtalk stream: can't register: %s", type(e).__name__)
            return None
        if isinstance(address, float):
            await self._pause(address)
            return None
        try:
            async with asyncio.timeout(self._timing.open_s):
                ws = await http.ws_connect(address, heartbeat=HEARTBEAT_S, max_msg_size=MAX_FRAME_BYTES)
        except (ClientError, TimeoutError, OSError, ValueError) as e:
            log.warning("dingtalk stream: can't connect: %s", type(e).__name__)
            return None
        link = Link(ws, asyncio.get_running_loop().time())
        self._links[link] = task = asyncio.create_task(self._serve(link))
        task.add_done_callback(_report)
        log.info("dingtalk stream: connected")
        return link

    async def _register(self, http: ClientSession) -> URL | float:
        """The address to connect to (it holds a ticket: never log it), or how many seconds to wait."""
        topics = [{"type": "CALLBACK", "topic": TOPIC_BOT}, {"type": "CALLBACK", "topic": TOPIC_CARD}]
        if self._on_event:
            topics.append({"type": "EVENT", "topic": "*"})
        body = {
            "clientId": self._config.client_id,
            "clientSecret": self._config.client_secret,
            "subscriptions": topics,
            "ua": "visitbot/1.0",
        }
        url = URL(self._config.api_base + "/v1.0/gateway/connections/open")
        async with http.post(url, json=body, headers={"Accept": "application/json"}) as response:
            status, text = response.status, await response.text(errors="replace")
        fault = judge(status, text)
        if fault is None:
            self._refused = False
            answered = read_object(text)
            return self._address(text_of(answered.get("endpoint")), text_of(answered.get("ticket")))
        log.warning("dingtalk stream: registration failed: %s", fault.text)
        if fault.kind is Kind.BANNED:
            return fault.wait_s
        if fault.kind not in (Kind.REFUSED, Kind.TOKEN, Kind.SCOPE):
            return 0.0
        if not self._refused:
            self._refused = True
            words = "钉钉不接受 client_id 或 client_secret，收不到消息；请检查配置和应用状态，改好后会自动连上。"
            self._alarm(f"{words}（{fault.text}）")
        return self._timing.refused_s

    def _address(self, endpoint: str, ticket: str) -> URL | float:
        """The websocket's address; a foreign host never gets the ticket."""
        url = URL(endpoint)
        host = url.host or ""
        ours = url.scheme == "wss" and (host == "dingtalk.com" or host.endswith(".dingtalk.com"))
        if not ticket or not (ours or host == URL(self._config.api_base).host):
            log.warning("dingtalk stream: no usable endpoint in the answer (host %s)", host)
            return 0.0
        return url.update_query(ticket=ticket)

    async def _until_leaving(self, link: Link) -> None:
        """Return when a replacement is wanted, or on stop. A link that ran a stable minute starts the waits anew."""
        loop = asyncio.get_running_loop()
        stop = asyncio.create_task(self._stopping.wait())
        leaving = asyncio.create_task(link.leaving.wait())
        try:
            await asyncio.wait({stop, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            leaving.cancel()
        if loop.time() - link.opened >= self._timing.stable_s:
            self._back_off.reset()

    async def _serve(self, link: Link) -> None:
        """Read a link until it is closed; it is out of the books afterwards."""
        watch = asyncio.create_task(self._watch(link))
        try:
            async for frame in link.ws:
                link.heard()
                if frame.type is WSMsgType.TEXT or frame.type is WSMsgType.BINARY:
                    await self._take(link, frame.data)
        except (ClientError, OSError) as e:
            log.info("dingtalk stream: connection lost: %s", type(e).__name__)
        finally:
            link.leaving.set()
            watch.cancel()
            self._links.pop(link, None)
            with suppress(ClientError, OSError):
                await link.ws.close()

    async def _watch(self, link: Link) -> None:
        """Mark a silent link as leaving; close a leaving one when it has long been silent and owes no answer."""
        while not link.leaving.is_set():
            left = self._idle_s - link.silence()
            if left <= 0:
                log.warning("dingtalk stream: nothing heard for %.0f s, replacing the connection", link.silence())
                link.leaving.set()
                if not self._pings:  # this server may not send keepalives at all: be less impatient, up to a limit
                    self._idle_s = min(self._idle_s * 2, self._timing.longest_idle_s)
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(link.leaving.wait(), left)
        left = self._timing.linger_s
        while left > 0:
            await asyncio.sleep(left)
            left = self._timing.linger_s - link.silence()
        await link.settled.wait()
        await link.ws.close()

    # ------------------------------------------------------------------ frames
    async def _take(self, link: Link, text: str | bytes) -> None:
        frame = read_frame(text)
        if frame is None:
            log.warning("dingtalk stream: something that is no frame, %d characters", len(text))
        elif frame.kind == "SYSTEM":
            await self._system(link, frame)
        elif frame.kind == "EVENT":
            await self._start(link, self._answers.event(link, frame))
        elif frame.kind == "CALLBACK" and frame.topic == TOPIC_BOT:
            await self._start(link, self._answers.bot(link, frame))
        elif frame.kind == "CALLBACK" and frame.topic == TOPIC_CARD:
            await self._start(link, self._answers.click(link, frame))
        else:
            log.warning("dingtalk stream: unknown topic %.80s", frame.topic)
            await link.send(answer(frame, UNKNOWN_TOPIC, {"response": None}))

    async def _system(self, link: Link, frame: Frame) -> None:
        if frame.topic == "ping":
            self._pings, self._idle_s = True, self._timing.idle_s
            await link.send(answer(frame, OK, frame.data))
        elif frame.topic == "disconnect":
            log.info("dingtalk stream: the server is going to close this connection")
            link.leaving.set()

    async def _start(self, link: Link, work: Awaitable[None]) -> None:
        """Answer a frame beside the others; tasks start in the order of their frames."""

        async def answering() -> None:
            with link.owing():
                await work

        task = asyncio.create_task(answering())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)
        if len(self._tasks) >= MAX_WAITING:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    # ------------------------------------------------------------------ the end
    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _wind_up(self) -> None:
        """Finish what was taken, then close."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._timing.stop_s)
        for task in list(self._tasks):
            task.cancel()
        await self._answers.close()
        serving = dict(self._links)
        await asyncio.gather(*(link.ws.close() for link in serving), return_exceptions=True)
        await asyncio.gather(*serving.values(), *self._tasks, return_exceptions=True)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("dingtalk stream: a frame or a connection failed", exc_info=error)
