"""The self-built app's callback (contract.md section 3): check, decrypt, hand on, and say 200 only after the commit.

A refusal says nothing but its status and logs nothing but one word: what was sent is not ours to keep.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from secrets import token_hex

from aiohttp import web

from bot.gather import remember
from bot.message import Message
from bot.platform import Handled, Inbound, SendFailed
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.crypto import MAX_BODY, Envelope, WrongEnvelope, encrypted_part
from bot.platforms.wecom.payload import FILE_LOST, WELCOME, Joined, Other, Unread, read
from bot.platforms.wecom.xml import cdata

log = logging.getLogger(__name__)

PATH = "/wecom/callback"
PATIENCE_S = 4.5
"""WeCom hangs up after 5 s and sends again; until then we may still say "not yet"."""
RETRY_SPAN_S = 60.0
"""WeCom repeats a request up to three times within some 15 s: a repeat that comes later is somebody else's."""
DELIVERIES = 3
"""Of one message in all (wecom.md 1.2)."""
MAX_SEEN = 20_000

Clock = Callable[[], datetime]
Notice = Callable[[Other], Awaitable[str]]
"""Takes an event that is no word of a person; returns what to tell them, "" for nothing."""
Fetch = Callable[[Message], Awaitable[Message]]


class Guard:
    """Refuses old and replayed requests without ever refusing a genuine retry. `window_s` = 0 accepts any timestamp."""

    def __init__(self, window_s: int, size: int = MAX_SEEN) -> None:
        self._window_s = window_s
        self._size = size
        self._seen: OrderedDict[str, float] = OrderedDict()

    def check(self, timestamp: str, signature: str, now: float) -> None:
        """WrongEnvelope 403 for a request outside the window, or repeated later than WeCom repeats.

        Call after verifying.
        """
        if self._window_s and abs(_seconds(timestamp) - now) > self._window_s:
            raise WrongEnvelope(403, "old")
        first = self._seen.setdefault(signature, now)
        if now - first > RETRY_SPAN_S:
            raise WrongEnvelope(403, "replay")
        while len(self._seen) > self._size:
            self._seen.popitem(last=False)


def _seconds(timestamp: str) -> int:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise WrongEnvelope(400, "timestamp")
    return int(timestamp)


class InFlight:
    """Lets a slow message finish although its request was answered "not yet"; its retry joins the same work."""

    def __init__(self, inbound: Inbound) -> None:
        self._inbound = inbound
        self._running: dict[str, asyncio.Task[Handled]] = {}

    async def handle(self, key: str, work: Callable[[], Awaitable[Message]], patience_s: float) -> Handled | None:
        """What became of the message that `work` prepares; None when it is not settled in time."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._run(work))
            self._running[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        done, _ = await asyncio.wait({task}, timeout=max(0.0, patience_s))
        return task.result() if done else None

    async def _run(self, work: Callable[[], Awaitable[Message]]) -> Handled:
        return await self._inbound(await work())

    def _ended(self, key: str, task: "asyncio.Task[Handled]") -> None:
        self._running.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("wecom message %s failed", key, exc_info=task.exception())


class Callback:
    """GET and POST of one callback address."""

    def __init__(
        self,
        config: WeComConfig,
        inbound: Inbound,
        clock: Clock,
        notice: Notice | None = None,
        fetch: Fetch | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._envelope = Envelope(config.token, config.encoding_aes_key, config.corp_id)
        self._corp = config.corp_id
        self._clock = clock
        self._notice = notice
        self._fetch = fetch
        self._guard = Guard(config.window_s)
        self._patience_s = patience_s
        self._flight = InFlight(inbound)
        self._tries: OrderedDict[str, int] = OrderedDict()

    async def check(self, request: web.Request) -> web.Response:
        """The address check (W90930): the decrypted echostr, bare."""
        return checked(self._envelope, request)

    async def receive(self, request: web.Request) -> web.Response:
        """One message or event: 200 once it is on disk, 503 when it isn't in time (WeCom sends it again)."""
        deadline = time.monotonic() + self._patience_s
        try:
            signature, timestamp, nonce = signed(request)
            body = await read_body(request)
            plaintext = self._envelope.open(signature, timestamp, nonce, encrypted_part(body))
            now = self._clock()
            self._guard.check(timestamp, signature, now.timestamp())
            said = read(plaintext, now)
        except WrongEnvelope as wrong:
            return refusal(wrong)
        if isinstance(said, Message):
            return await self._pass_on(said, deadline)
        if isinstance(said, Unread):
            return self._reply(said.sender, said.answer, now)
        return await self._note(said, now)

    async def _pass_on(self, message: Message, deadline: float) -> web.Response:
        async def work() -> Message:
            return await self._fetch(message) if self._fetch else message

        tries = self._tries.get(message.key, 0) + 1
        remember(self._tries, message.key, tries)
        try:
            handled = await self._flight.handle(message.key, work, deadline - time.monotonic())
        except SendFailed as failed:
            # The picture could not be fetched. WeCom asks three times in all; then the person must know.
            if failed.retry_s is not None and tries < DELIVERIES:
                return web.Response(status=503)
            return self._reply(message.sender, FILE_LOST, message.at)
        except Exception:
            # Logged where the work ends; the retry finds the message undone.
            handled = None
        return web.Response(status=503) if handled is None else web.Response()

    async def _note(self, event: Other, now: datetime) -> web.Response:
        answer = WELCOME if isinstance(event, Joined) and not event.left else ""
        user = event.user if isinstance(event, Joined) else ""
        if self._notice:
            try:
                answer = await asyncio.wait_for(self._notice(event), PATIENCE_S) or answer
            except Exception as error:
                log.exception("wecom event %s failed", type(event).__name__, exc_info=error)
                return web.Response(status=503)
        return self._reply(user, answer, now) if user and answer else web.Response()

    def _reply(self, user: str, text: str, now: datetime) -> web.Response:
        """A passive text reply (W90241)."""
        seconds = str(int(now.timestamp()))
        inner = (
            f"<xml><ToUserName>{cdata(user)}</ToUserName><FromUserName>{cdata(self._corp)}</FromUserName>"
            f"<CreateTime>{seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{cdata(text)}</Content></xml>"
        )
        sealed = self._envelope.seal(inner.encode(), seconds, token_hex(8))
        return web.Response(body=sealed.xml(), content_type="text/xml")


def signed(request: web.Request) -> tuple[str, str, str]:
    """(msg_signature, timestamp, nonce) of the query; WrongEnvelope 400 when one is missing or absurd."""
    values = tuple(request.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not all(values) or any(len(value) > 128 for value in values):
        raise WrongEnvelope(400, "query")
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        raise WrongEnvelope(400, "query") from None
    return values[0], values[1], values[2]


async def read_body(request: web.Request) -> bytes:
    """At most 64 kB within the patience; WrongEnvelope 400, 408 or 413."""
    if "Content-Encoding" in request.headers:
        # WeCom doesn't compress; what unpacks to gigabytes is not even begun.
        raise WrongEnvelope(400, "compressed")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for part in request.content.iter_any():
                size += len(part)
                if size > MAX_BODY:
                    raise WrongEnvelope(413, "size")
                parts.append(part)
    except TimeoutError:
        raise WrongEnvelope(408, "slow") from None
    except (web.RequestPayloadError, ConnectionError):
        raise WrongEnvelope(400, "body") from None
    return b"".join(parts)


def refusal(wrong: WrongEnvelope) -> web.Response:
    """Its status, nothing else; one line with a word in the log."""
    log.info("wecom callback refused: %s", wrong.reason)
    return web.Response(status=wrong.status)


def checked(envelope: Envelope, request: web.Request) -> web.Response:
    """The answer to an address check: the decrypted echostr, bare, or the refusal."""
    try:
        signature, timestamp, nonce = signed(request)
        # A "+" that came unescaped reads as a space; base64 has none.
        echo = request.query.get("echostr", "").replace(" ", "+").encode(errors="replace")
        return web.Response(body=envelope.open(signature, timestamp, nonce, echo), content_type="text/plain")
    except WrongEnvelope as wrong:
        return refusal(wrong)


def routes(
    config: WeComConfig,
    inbound: Inbound,
    clock: Clock,
    notice: Notice | None = None,
    fetch: Fetch | None = None,
    patience_s: float = PATIENCE_S,
) -> list[web.RouteDef]:
    """The app's routes (contract.md section 3); `clock` gives aware datetimes. ValueError for an impossible key."""
    door = Callback(config, inbound, clock, notice, fetch, patience_s)
    return [web.get(PATH, door.check, allow_head=False), web.post(PATH, door.receive)]
