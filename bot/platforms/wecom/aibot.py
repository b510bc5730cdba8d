"""The AI bot on its long connection: hears private chats and @-s in groups, answers with cards in both (W101463).

One bot has one live connection: a second one kicks the first. So one process runs this (the caller holds a lease), and
a kicked connection waits long before it comes back. Nothing is lost meanwhile: letters stay in the outbox.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.gather import remember
from bot.message import Message
from bot.platform import Delivery, Inbound, SendFailed
from bot.platforms.wecom import aibot_draw
from bot.platforms.wecom.aibot_files import upload
from bot.platforms.wecom.aibot_payload import Heard, Kicked, read_body
from bot.platforms.wecom.api import Alarm
from bot.platforms.wecom.budget import MEMBER, Budget
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.crypto import WrongEnvelope
from bot.platforms.wecom.draw import Json
from bot.platforms.wecom.errors import Kind, fault
from bot.platforms.wecom.link import Answer, End, Link, Timing
from bot.platforms.wecom.media import load
from bot.platforms.wecom.owner import Owner, Ownership
from bot.platforms.wecom.payload import FILE_LOST, SORRY, Unread
from bot.platforms.wecom.talks import Talk, Talks

log = logging.getLogger(__name__)

CLICK_S = 4.5
"""A click's card can be changed within 5 s (W101463)."""
ANSWER_S = 23 * 3600.0
"""A message can be answered by its own req_id within 24 h."""
MAX_BUSY = 200
"""Messages being handled at once; beyond it we stop reading."""

BAD_REQ, EXPIRED, UNSUBSCRIBED, NO_DEVICE = 846605, 846608, 846609, 600039
Fetch = Callable[[Message, Mapping[str, str]], Awaitable[Message]]
"""Replaces the address of a picture or file by the path of the fetched one; the mapping holds AES keys by address."""


@dataclass(slots=True)
class _Ask:
    """What a message allows: one answer under its req_id, on the link it came by; `task` is the clicked card's."""

    req_id: str
    task: str
    link: Link
    used: bool = False


class Aibot:
    """A way out for its chats, and the loop that keeps the connection. `clock` gives aware datetimes."""

    def __init__(
        self,
        config: WeComConfig,
        session: aiohttp.ClientSession,
        inbound: Inbound,
        clock: Callable[[], datetime],
        alarm: Alarm,
        fetch: Fetch | None = None,
        timing: Timing | None = None,
        owner: Owner | None = None,
    ) -> None:
        self._config = config
        self._session = session
        self._inbound = inbound
        self._clock = clock
        self._alarm = alarm
        self._fetch = fetch
        self._timing = timing or Timing()
        self._lease = Ownership(owner, f"aibot:{config.aibot.bot_id}", self._timing.lease)
        self._hooked = {group for group, _ in config.webhooks}
        self._talks: Talks[_Ask] = Talks()
        self._budget = Budget(MEMBER)
        self._parts: OrderedDict[str, int] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = asyncio.Semaphore(MAX_BUSY)
        self._stop = asyncio.Event()
        self._link: Link | None = None

    @property
    def connected(self) -> bool:
        """Subscribed and alive, or standing by while another process is."""
        return not self._lease.mine or (self._link is not None and self._link.ready)

    # -- the connection -------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keeps the connection until `stop`; comes back after every loss, with jitter, for ever."""
        keeper = asyncio.create_task(self._lease.run(self._let_go))
        try:
            await self._connections()
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._lease.release()

    async def _let_go(self) -> None:
        if self._link is not None:
            await self._link.close()

    async def _connections(self) -> None:
        failures, kicks, timing = 0, 0, self._timing
        while not self._stop.is_set():
            if not self._lease.mine:
                await either(self._stop, self._lease.gained)
                continue
            link = Link(self._config.aibot, self._session, self._config.proxy, self._timing)
            self._link = link
            end = await link.run(self._on_frame)
            lived = asyncio.get_running_loop().time() - link.subscribed_at if link.subscribed_at else 0.0
            if self._stop.is_set():
                return
            if end is End.KICKED:
                kicks += 1
                self._alarm("智能机器人的长连接被另一个程序顶掉了：同一个机器人只能有一个程序连接，请停掉多余的那个")
                await self._pause(min(timing.kicked * 2 ** (kicks - 1), 3600.0))
            elif end is End.REFUSED:
                self._alarm("智能机器人连接被拒绝，请核对 wecom.aibot 的 bot_id 和 secret")
                await self._pause(timing.refused)
            else:
                if lived >= timing.stable:
                    failures, kicks = 0, 0
                failures += 1
                longest = min(timing.last_backoff, timing.first_backoff * 2 ** min(failures - 1, 10))
                await self._pause(random.uniform(0, longest))

    async def stop(self) -> None:
        """Ends the connection and waits for what is being handled."""
        self._stop.set()
        if self._link is not None:
            await self._link.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    # -- in -------------------------------------------------------------------------------------------------------

    async def _on_frame(self, cmd: str, req_id: str, body: object) -> None:
        link = self._link
        if cmd not in ("aibot_msg_callback", "aibot_event_callback") or link is None:
            return
        try:
            seen = read_body(body, self._config.aibot.names, self._clock(), req_id)
        except WrongEnvelope as wrong:
            log.info("wecom bot frame refused: %s", wrong.reason)
            return
        if isinstance(seen, Kicked):
            # Said before the server cuts us off; not awaited, because closing waits for the reader, and this is it.
            link.condemn(End.KICKED)
            self._start(link.close())
        elif isinstance(seen, Unread):
            self._start(self._say(link, req_id, seen.answer))
        elif isinstance(seen, Heard):
            await self._busy.acquire()
            self._start(self._handle(seen, _Ask(req_id, seen.task, link)))

    def _start(self, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, heard: Heard, ask: _Ask) -> None:
        talk = self._talks.begin(heard.chat, ask, self._now())
        keys: list[str] = []
        try:
            for message in heard.messages:
                handled = await self._inbound(await self._filed(message, heard))
                keys += [letter.key for letter in handled.replies]
        except SendFailed:
            await self._say(ask.link, ask.req_id, FILE_LOST)
        except Exception:
            # The connection has no second delivery; the person must at least learn that nothing was done.
            log.exception("wecom message %s failed", heard.messages[0].key)
            await self._say(ask.link, ask.req_id, SORRY)
        finally:
            self._talks.end(talk, keys)
            self._busy.release()

    async def _filed(self, message: Message, heard: Heard) -> Message:
        return await self._fetch(message, heard.aes_keys) if self._fetch else message

    async def _say(self, link: Link, req_id: str, text: str) -> None:
        try:
            await link.ask("aibot_respond_msg", aibot_draw.words(text), req_id)
        except SendFailed as failed:
            log.warning("wecom bot hint lost: %s", failed.text)

    # -- out ------------------------------------------------------------------------------------------------------

    def serves(self, delivery: Delivery) -> bool:
        """Answers to what was said here; group letters where no webhook is; everything when there is no app."""
        if self._talks.of(delivery) is not None:
            return True
        return delivery.group not in self._hooked if delivery.group else not self._config.can_send

    async def send(self, delivery: Delivery) -> str:
        """Sends one letter into its chat; a click's card is changed while that is possible. The handle is always ""."""
        link = self._link
        if not self._lease.mine:
            raise SendFailed("another process holds the AI bot's connection", retry_s=1.0, elsewhere=True)
        if link is None or not link.ready:
            raise SendFailed("the AI bot is not connected")
        talk = self._talks.of(delivery)
        bodies = aibot_draw.messages(delivery.card, delivery.key)
        if talk and await self._changed(delivery, talk, link):
            bodies = tuple(map(aibot_draw.words, aibot_draw.update(delivery.card, talk.context.task)[1]))
        for number, body in enumerate(bodies):
            if self._parts.get(delivery.key, 0) > number:
                continue
            await self._one(delivery, talk, link, body)
            remember(self._parts, delivery.key, number + 1)
        for number, (name, path) in enumerate(delivery.card.files, len(bodies)):
            if self._parts.get(delivery.key, 0) > number:
                continue
            await self._one(delivery, None, link, await upload(link, name, await load(path)))
            remember(self._parts, delivery.key, number + 1)
        self._parts.pop(delivery.key, None)
        return ""

    async def _changed(self, delivery: Delivery, talk: Talk[_Ask], link: Link) -> bool:
        ask = talk.context
        if not ask.task or ask.used or ask.link is not link or self._now() - talk.at > CLICK_S:
            return False
        ask.used = True
        body, _ = aibot_draw.update(delivery.card, ask.task)
        self._spend(delivery)
        answer = await link.ask("aibot_respond_update_msg", body, ask.req_id)
        return answer.errcode == 0

    async def _one(self, delivery: Delivery, talk: Talk[_Ask] | None, link: Link, body: Json) -> None:
        self._spend(delivery)
        ask = talk.context if talk else None
        answer: Answer | None = None
        if talk and ask and not ask.used and not ask.task and ask.link is link and self._now() - talk.at <= ANSWER_S:
            ask.used = True
            answer = await link.ask("aibot_respond_msg", body, ask.req_id)
        if answer is None or answer.errcode in (BAD_REQ, EXPIRED):
            where: Json = {"chatid": delivery.group or delivery.user, "chat_type": 2 if delivery.group else 1}
            answer = await link.ask("aibot_send_msg", where | body)
        await self._settle(answer, delivery, link, body)

    async def _settle(self, answer: Answer, delivery: Delivery, link: Link, body: Json) -> None:
        if answer.errcode == 0:
            return
        trouble = fault(answer.errcode, answer.errmsg)
        if trouble.kind is Kind.SENT:
            return
        log.warning("wecom bot errcode %s", answer.errcode)
        if answer.errcode == UNSUBSCRIBED:
            # The socket looks open and is not: letters wait for the next one.
            await link.close()
            raise SendFailed("the AI bot lost its subscription")
        if "template_card" in body and (trouble.kind is Kind.CARD or answer.errcode == NO_DEVICE):
            for plain in aibot_draw.plain_messages(delivery.card):
                await self._one(delivery, None, link, plain)
            return
        if trouble.alarm:
            self._alarm(trouble.alarm)
        raise trouble.failed()

    def _spend(self, delivery: Delivery) -> None:
        chat, now = delivery.group or delivery.user, self._now()
        if wait := self._budget.wait_s(chat, now):
            raise SendFailed("too many messages to one chat", retry_s=wait)
        self._budget.spend(chat, now)

    def _now(self) -> float:
        return self._clock().timestamp()


async def either(*events: asyncio.Event) -> None:
    """Waits for the first of them."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
