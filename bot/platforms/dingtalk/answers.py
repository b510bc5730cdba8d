"""What is answered to each frame, and when: after the message's commit, and in DingTalk's time. dingtalk.md 1 and 3.3.

An answer 200 means the message is on disk (contract.md promise 1). What takes too long is answered as failed and goes
on: should the server send it again, the second delivery waits for the first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards import from_json
from bot.message import Message
from bot.platform import HANDLE, Handled, Inbound
from bot.platforms.dingtalk import draw
from bot.platforms.dingtalk.api import ApiError
from bot.platforms.dingtalk.client import DingTalk
from bot.platforms.dingtalk.config import Alarm, DingTalkConfig
from bot.platforms.dingtalk.frames import FAILED, OK, Event, Frame, answer, read_event
from bot.platforms.dingtalk.link import Link, Timing
from bot.platforms.dingtalk.payload import Got, Hint, Origin, Said, Trouble, read_bot, read_click
from bot.platforms.dingtalk.talks import keep
from domain.desk import Letter

log = logging.getLogger(__name__)
SIDE_BY_SIDE = 64
"""As in bot/outbox.py: `Letter.replaces` beginning with this is the handle of the pressed card."""
NO_FILE = "图片或文件没有收到（可能已过期或超过 20 MB），请重新发送一次。"
NOT_NOW = "系统正忙，这条消息暂时没有办理。如果一分钟内没有收到答复，请再发一次。"
"""The server may deliver it again within about a minute (dingtalk.md 1), then it is answered after all."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a message came to: `shown` is the reply that the pressed card may show in the click's answer."""

    handled: Handled
    shown: Letter | None = None


class Answers:
    """Takes the frames of all connections, so that one message on two of them is handled once."""

    def __init__(
        self,
        config: DingTalkConfig,
        inbound: Inbound,
        now: Callable[[], datetime],
        alarm: Alarm,
        client: DingTalk | None,
        on_event: Callable[[Event], Awaitable[None]] | None,
        timing: Timing,
    ) -> None:
        self._config, self._inbound, self._now, self._alarm = config, inbound, now, alarm
        self._client, self._on_event, self._timing = client, on_event, timing
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)
        self._seen: OrderedDict[str, asyncio.Task[Done | None]] = OrderedDict()
        self._events: OrderedDict[str, asyncio.Task[bool]] = OrderedDict()
        self._late: set[str] = set()
        self._told: set[str] = set()

    async def close(self) -> None:
        """Give up what is still being handled; its transaction is undone or already complete."""
        busy: list[asyncio.Task[Done | None] | asyncio.Task[bool]] = [t for t in self._seen.values() if not t.done()]
        busy += [t for t in self._events.values() if not t.done()]
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    # ------------------------------------------------------------------ frames
    async def bot(self, link: Link, frame: Frame) -> None:
        """A bot message: handled, then answered 200; failed or too slow: answered 500."""
        if self._client:
            self._client.api.quota.count("stream", self._now())
        tasks = [task for got in read_bot(frame, self._config.robot, self._now()) if (task := self._once(got))]
        if tasks:
            await asyncio.wait(tasks, timeout=self._timing.ack_s)
        good = all(task.done() and not task.cancelled() and task.result() for task in tasks)
        await link.send(answer(frame, OK if good else FAILED, {"response": None}))

    async def click(self, link: Link, frame: Frame) -> None:
        """A pressed button: its answer changes the card when the reply is there in time; later replies are sent."""
        if self._client:  # whether clicks count is not documented: better counted than surprised
            self._client.api.quota.count("stream", self._now())
        got = read_click(frame, self._now())
        task = self._once(got) if got else None
        if task is None or not isinstance(got, Said):
            await link.send(answer(frame, OK, {"response": {}}))
            return
        key, handle = got.message.key, got.message.card_handle
        self._open(handle)
        done: Done | None = None
        sent = False
        try:
            await asyncio.wait({task}, timeout=self._timing.click_ack_s)
            if task.done() and not task.cancelled():
                done = task.result()
            else:
                self._late.add(key)
                task.add_done_callback(lambda _: self._late.discard(key))
            body = self._update(got.message, done.shown) if done and done.shown else None
            ok = await link.send(answer(frame, OK, {"response": body or {}}))
            sent = ok and body is not None
        finally:
            if done and done.shown:
                self._close(done.shown.key, handle if sent else "")
            self._close(handle, "")

    async def event(self, link: Link, frame: Frame) -> None:
        """An event: SUCCESS when it was taken (once per event id), LATER when it should come again."""
        good = True
        if self._on_event:
            event = read_event(frame)
            task = self._events.get(event.id)
            if task is None or (task.done() and not task.result()):
                task = asyncio.create_task(self._give(event))
                keep(self._events, event.id, task)
            await asyncio.wait({task}, timeout=self._timing.event_ack_s)
            good = task.done() and task.result()
        await link.send(answer(frame, OK, {"status": "SUCCESS" if good else "LATER"}))

    async def _give(self, event: Event) -> bool:
        assert self._on_event is not None
        try:
            await self._on_event(event)
        except Exception:  # whatever failed in there: the server keeps the event for us
            log.exception("dingtalk event %s failed", event.id)
            return False
        return True

    # ------------------------------------------------------------------ messages
    def _once(self, got: Got) -> "asyncio.Task[Done | None] | None":
        """The one task that deals with this message, however often it comes; a failed one may be tried again."""
        if isinstance(got, Trouble):
            if got.text not in self._told:
                self._told.add(got.text)
                self._alarm(got.text)
            return None
        key = got.key if isinstance(got, Hint) else got.message.key
        task = self._seen.get(key)
        if task is None or (task.done() and (task.cancelled() or task.result() is None)):
            work = self._handle(got) if isinstance(got, Said) else self._hint(got.origin, got.text)
            task = asyncio.create_task(work)
            keep(self._seen, key, task)
        return task

    async def _handle(self, said: Said) -> Done | None:
        """Hand a message in; None = it failed and its sender was told so. Never raises."""
        message = said.message
        if self._client:
            self._client.note(said.origin)
        async with self._room:
            try:
                if said.code and self._client:
                    message = await self._fetched(self._client, said)
                handled = await self._inbound(message)
            except ApiError as e:
                log.warning("dingtalk message %s: its file did not come: %s", message.key, e)
                return await self._hint(said.origin, NO_FILE)
            except Exception:  # the database is away, or a bug: the sender must hear that nothing was done
                log.exception("dingtalk message %s failed", message.key)
                await self._hint(said.origin, NOT_NOW)
                return None
            shown = self._shown(message, handled)
            if shown and message.key not in self._late:
                self._open(shown.key)  # in the same step as the commit's return: the outbox must not be faster
                return Done(handled, shown)
            return Done(handled)

    async def _fetched(self, client: DingTalk, said: Said) -> Message:
        message = said.message
        path = await client.media.fetch(said.code, message.file)
        return replace(message, image=path) if message.image else replace(message, file=path)

    async def _hint(self, origin: Origin, text: str) -> Done | None:
        if self._client:
            self._client.note(origin)
            await self._client.hint(origin, text)
        else:
            log.warning("dingtalk: no sender, so nobody was told: %s", text)
        return Done(Handled())

    # ------------------------------------------------------------------ cards
    def _shown(self, message: Message, handled: Handled) -> Letter | None:
        """The reply that is to take the pressed card's place (a refusal is not), when it answers in the same chat."""
        if not self._client or not message.card_handle or handled.duplicate:
            return None
        here = "g:" if message.group else "u:"
        for letter in handled.replies:
            handle = letter.replaces.removeprefix(HANDLE)
            if handle == letter.replaces:  # the key of the letter that was the card
                handle = draw.track_id(letter.replaces, self._config)
            fits = letter.why == "reply" and letter.platform in ("", "dingtalk") and letter.to.startswith(here)
            if fits and letter.replaces and handle == message.card_handle:
                return letter
        return None

    def _update(self, message: Message, letter: Letter) -> draw.Body | None:
        return draw.in_ack(from_json(letter.card), self._config, message.group)

    def _open(self, key: str) -> None:
        if self._client and key:
            self._client.talks.open_click(key)

    def _close(self, key: str, handle: str) -> None:
        if self._client and key:
            self._client.talks.close_click(key, handle)
