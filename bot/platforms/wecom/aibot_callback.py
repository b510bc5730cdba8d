"""The AI bot in its callback form (W101033): encrypted JSON in, the answer in the same HTTP response.

The letter that answers a message is taken from the outbox while the request is still open; what comes later goes to the
message's response_url, which works once within an hour. Everything else goes out as the app.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from bot.gather import remember
from bot.message import Message
from bot.platform import Delivery, Inbound, SendFailed
from bot.platforms.wecom import aibot_draw
from bot.platforms.wecom.aibot import Fetch
from bot.platforms.wecom.aibot_payload import Heard, Poll, read_json
from bot.platforms.wecom.api import Api, encode
from bot.platforms.wecom.callback import PATIENCE_S, Guard, checked, read_body, refusal, signed
from bot.platforms.wecom.crypto import MAX_BODY, Envelope, WrongEnvelope
from bot.platforms.wecom.draw import Json
from bot.platforms.wecom.errors import ApiFailed, Kind
from bot.platforms.wecom.payload import FILE_LOST, SORRY, Unread
from bot.platforms.wecom.talks import Talk, Talks

log = logging.getLogger(__name__)

PATH = "/wecom/aibot"
LETTER_S = 2.0
"""So long an answered message waits for its letter to come out of the outbox."""
URL_S = 3500.0
"""A response_url is good for an hour."""


@dataclass(slots=True)
class _Ask:
    """What is open for one message: the HTTP response (`slot`) and, once, `url`."""

    slot: "asyncio.Future[Json]"
    url: str
    task: str
    group: bool


class AibotCallback:
    """Routes and way out of the callback form. `clock` gives aware datetimes; ValueError for an impossible key."""

    def __init__(
        self,
        api: Api,
        inbound: Inbound,
        clock: Callable[[], datetime],
        fetch: Fetch | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        config = api.config
        # The AI bot of one's own corp signs without a receiver (W101033).
        self._envelope = Envelope(config.aibot_callback.token, config.aibot_callback.encoding_aes_key, "")
        self._aes_key = config.aibot_callback.encoding_aes_key
        self._config = config
        self._api = api
        self._inbound = inbound
        self._clock = clock
        self._fetch = fetch
        self._patience_s = patience_s
        self._guard = Guard(config.window_s)
        self._talks: Talks[_Ask] = Talks()
        self._running: dict[str, asyncio.Task[Json | None]] = {}
        self._answers: OrderedDict[str, Json] = OrderedDict()

    def routes(self) -> list[web.RouteDef]:
        """GET is the address check, POST a message (contract.md section 3)."""
        return [web.get(PATH, self.check, allow_head=False), web.post(PATH, self.receive)]

    # -- in -------------------------------------------------------------------------------------------------------

    async def check(self, request: web.Request) -> web.Response:
        """The decrypted echostr, bare."""
        return checked(self._envelope, request)

    async def receive(self, request: web.Request) -> web.Response:
        """The answer as encrypted JSON, or an empty 200; 503 when the message is not on disk in time."""
        started = time.monotonic()
        try:
            signature, timestamp, nonce = signed(request)
            encrypt = encrypted_field(await read_body(request))
            plaintext = self._envelope.open(signature, timestamp, nonce, encrypt)
            now = self._clock()
            self._guard.check(timestamp, signature, now.timestamp())
            seen = read_json(plaintext, self._config.aibot.names, now)
        except WrongEnvelope as wrong:
            return refusal(wrong)
        if isinstance(seen, Poll):
            # Every stream of ours is finished at once; a poll for one means that its answer got lost.
            return self._reply({"msgtype": "stream", "stream": _finished(seen.stream)}, nonce)
        if isinstance(seen, Unread):
            return self._reply(aibot_draw.stream(seen.answer, signature), nonce)
        if not isinstance(seen, Heard):
            return web.Response()
        key = seen.messages[0].key
        if (known := self._answers.get(key)) is not None:
            return self._reply(known, nonce)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._handle(seen))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        done, _ = await asyncio.wait({task}, timeout=max(0.0, self._patience_s - (time.monotonic() - started)))
        if not done:
            return web.Response(status=503)
        answer = task.result()
        return web.Response() if answer is None else self._reply(answer, nonce)

    def _reply(self, answer: Json, nonce: str) -> web.Response:
        seconds = str(int(self._clock().timestamp()))
        sealed = self._envelope.seal(encode(answer), seconds, nonce)
        return web.Response(body=encode(sealed.json()), content_type="application/json")

    async def _handle(self, heard: Heard) -> Json | None:
        """Everything up to the answer; a failure is told to the person, because this form knows no safe second try."""
        first = heard.messages[0]
        loop = asyncio.get_running_loop()
        slot: asyncio.Future[Json] = loop.create_future()
        # After the response nobody reads the slot any more: a late letter must take the address.
        closing = loop.call_later(self._patience_s * 0.9, slot.cancel)
        ask = _Ask(slot, self._checked(heard.answer_url), heard.task, bool(first.group))
        talk = self._talks.begin(heard.chat, ask, self._clock().timestamp())
        keys: list[str] = []
        try:
            for message in heard.messages:
                handled = await self._inbound(await self._filed(message))
                keys += [letter.key for letter in handled.replies]
            if keys and not slot.done():
                await asyncio.wait({slot}, timeout=LETTER_S)
        except SendFailed:
            return aibot_draw.stream(FILE_LOST, first.key)
        except Exception:
            log.exception("wecom message %s failed", first.key)
            return None if heard.task else aibot_draw.stream(SORRY, first.key)
        finally:
            self._talks.end(talk, keys)
            closing.cancel()
            slot.cancel()
        if slot.cancelled():
            return None
        remember(self._answers, first.key, slot.result())
        return slot.result()

    async def _filed(self, message: Message) -> Message:
        if self._fetch is None or not (message.image or message.file):
            return message
        return await self._fetch(message, {message.image or message.file: self._aes_key})

    def _checked(self, url: str) -> str:
        """The response_url if it is WeCom's, else ""."""
        host = urlsplit(url).hostname or ""
        ours = urlsplit(self._config.api_base).hostname
        return url if host == ours or host.endswith(".weixin.qq.com") else ""

    # -- out ------------------------------------------------------------------------------------------------------

    def serves(self, delivery: Delivery) -> bool:
        """Letters that answer a message whose response, or response_url, is still unused; this form sends no files."""
        talk = None if delivery.card.files else self._talks.of(delivery)
        return talk is not None and (not talk.context.slot.done() or self._url(talk) != "")

    async def send(self, delivery: Delivery) -> str:
        """Answers in the open response if there is one, else by response_url. The handle is always ""."""
        talk = self._talks.of(delivery)
        if talk is None:
            raise SendFailed("nothing to answer", retry_s=None)
        ask = talk.context
        if not ask.slot.done():
            if ask.task:
                body, more = aibot_draw.update(delivery.card, ask.task)
                ask.slot.set_result(body)
                if more and self._url(talk):
                    await self._post(talk, aibot_draw.words("\n".join(more)))
            else:
                ask.slot.set_result(aibot_draw.answer(delivery.card, delivery.key))
            return ""
        bodies = aibot_draw.messages(delivery.card, delivery.key)
        if ask.group or len(bodies) > 1:
            # In groups the address takes no cards (W101138), and it works once.
            bodies = aibot_draw.plain_messages(delivery.card)
        await self._post(talk, bodies[0])
        return ""

    def _url(self, talk: Talk[_Ask]) -> str:
        return talk.context.url if self._clock().timestamp() - talk.at < URL_S else ""

    async def _post(self, talk: Talk[_Ask], body: Json) -> None:
        url, talk.context.url = self._url(talk), ""
        try:
            await self._api.call("POST", url, {}, encode(body))
        except ApiFailed as failed:
            if failed.kind is not Kind.SENT:
                # The address is spent; a second try finds another way or none.
                raise SendFailed(failed.text, retry_s=1.0) from None


def _finished(stream: str) -> Json:
    return {"id": stream, "finish": True, "content": "这条回答已经发出。"}


def encrypted_field(body: bytes) -> bytes:
    """The `encrypt` of a JSON callback; WrongEnvelope when there is none."""
    if len(body) > MAX_BODY:
        raise WrongEnvelope(413, "size")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise WrongEnvelope(400, "json") from None
    encrypt = value.get("encrypt") if isinstance(value, dict) else None
    if not isinstance(encrypt, str) or not encrypt.isascii():
        raise WrongEnvelope(400, "encrypt")
    return encrypt.encode()
