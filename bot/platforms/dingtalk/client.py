"""The sending side: one letter becomes a card, a card's change, or a message, by the way that reaches the person."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from yarl import URL

from bot.cards import Card, Text
from bot.gather import GATHER_S, Gatherer
from bot.platform import Delivery, SendFailed
from bot.platforms.dingtalk import draw
from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.calendar import Calendar
from bot.platforms.dingtalk.config import Alarm, DingTalkConfig
from bot.platforms.dingtalk.contacts import Contacts
from bot.platforms.dingtalk.errors import Fault, Kind
from bot.platforms.dingtalk.media import Media
from bot.platforms.dingtalk.payload import Origin
from bot.platforms.dingtalk.talks import Talks, keep
from bot.platforms.dingtalk.todo import Todo
from bot.shelf import TokenShelf

log = logging.getLogger(__name__)
T = TypeVar("T")
CARDS_OFF_S = 600.0
"""After a card was refused for a reason that is not its own, this long everything goes as messages."""
FLOW_WAIT_S = 60.0

CARD_EXISTS = "param.cardAlreadyExist"
TEMPLATE_FAULTS = ("param.templateNotExist", "param.templateUnpublished")


class DingTalk:
    """The DingTalk messenger (Platform). Call `close` at the end."""

    name = "dingtalk"

    def __init__(
        self,
        config: DingTalkConfig,
        now: Callable[[], datetime],
        on_alarm: Alarm,
        shelf: TokenShelf | None = None,
        gather_s: float = GATHER_S,
    ) -> None:
        self.config = config
        self.api = Api(config, now, on_alarm, shelf)
        self.talks = Talks(config)
        self.media = Media(self.api)
        self.contacts = Contacts(self.api)
        self.calendar = Calendar(self.api, self.contacts)
        self.todo = Todo(self.api, self.contacts)
        self._gatherer = Gatherer(self._send, gather_s)
        self._undelivered: OrderedDict[str, None] = OrderedDict()
        self._done: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def close(self) -> None:
        await self._gatherer.close()
        await self.api.close()

    async def send(self, delivery: Delivery) -> str:
        """Send or change a card; returns its outTrackId, or "" for a message that can't be changed. Raises SendFailed.

        Sending the same key again is harmless for cards; for messages `unsure` says when it may have arrived. While calls
        are saved, pushes to one person that come together become one message (they cost a call each).
        """
        plain = delivery.why == "push" and not (delivery.replaces or delivery.card.buttons or delivery.card.files)
        if self._gatherer.knows(delivery.key) or (plain and delivery.user and self._sparing()):
            return await self._gatherer.send(delivery)
        return await self._send(delivery)

    async def _send(self, delivery: Delivery) -> str:
        handle = await self.talks.shown(delivery.key)
        try:
            delivery = await self._files(delivery)
            if handle and not delivery.group:
                return handle
            if delivery.replaces and await self._change(delivery):
                return delivery.replaces
            return await self._new(delivery)
        except ApiError as e:
            raise failed(e.fault) from e

    def note(self, origin: Origin) -> None:
        """Remember what came along with a message: the chat's webhook, the sender's name and union id."""
        self.talks.note(origin)
        self.contacts.note(origin.user, origin.union)

    async def hint(self, origin: Origin, text: str) -> None:
        """Say one sentence back at once; a hint that can't be sent is given up. Never raises."""
        body = draw.webhook(Card(text), private=not origin.group)
        url = self.talks.trusted(origin.webhook) or self.talks.webhook(origin.group or origin.user, self.api.now())
        try:
            if url is not None:
                try:
                    return await self.api.post_webhook(url, body)
                except ApiError as e:
                    log.info("dingtalk hint by webhook: %s", e)
            if origin.user or origin.group:
                await self._message(Delivery("", "" if origin.group else origin.user, origin.group, Card(text)))
        except (ApiError, SendFailed) as e:
            log.warning("dingtalk hint not sent: %s", e)

    # ------------------------------------------------------------------ changing
    async def _change(self, delivery: Delivery) -> bool:
        """Change the card `replaces`; False = it can't be changed any more, send a new one."""
        body = draw.update(delivery.replaces, delivery.card, self.config, delivery.group)
        if body is None:
            return False
        await self.talks.shown(delivery.replaces)  # never while its own click is being answered (dingtalk.md 3.3)
        try:
            await self.api.call("PUT", "/v1.0/card/instances", body)
        except ApiError as e:
            if e.fault.kind in (Kind.REFUSED, Kind.SCOPE):
                log.warning("card %s can't be changed: %s", delivery.replaces, e)
                return False
            raise
        return True

    # ------------------------------------------------------------------ new
    async def _new(self, delivery: Delivery) -> str:
        url = self._reply_url(delivery)
        webhook_first = url is not None and (not delivery.card.buttons or self._sparing())
        if url and webhook_first and await self._by_webhook(delivery, url):
            return ""
        if not self.api.shut("cards"):
            handle = await self._card(delivery)
            if handle:
                return handle
        if url and not webhook_first and await self._by_webhook(delivery, url):
            return ""
        await self._message(delivery)
        return ""

    def _reply_url(self, delivery: Delivery) -> URL | None:
        """The chat's fresh webhook, for answers only: a reminder by webhook dies silently (dingtalk.md trap 3)."""
        if delivery.why != "reply":
            return None
        return self.talks.webhook(delivery.group or delivery.user, self.api.now())

    def _sparing(self) -> bool:
        return self.api.quota.saving(self.api.now()) or self.api.shut("quota") is not None

    async def _by_webhook(self, delivery: Delivery, url: URL) -> bool:
        """Answer by the chat's webhook; False = it is dead and forgotten, go another way."""
        body = draw.webhook(delivery.card, not delivery.group, delivery.mention)
        try:
            await self.api.post_webhook(url, body)
        except ApiError as e:
            self.talks.drop_webhook(delivery.group or delivery.user)
            if e.fault.kind is Kind.UNCLEAR:
                raise
            log.info("dingtalk webhook: %s", e)
            return False
        return True

    async def _card(self, delivery: Delivery) -> str:
        """Send as an interactive card; its outTrackId, or "" when it must be said as a message."""
        body = draw.create(delivery, self.config, self.talks.nick(delivery.mention))
        handle = draw.track_id(delivery.key, self.config)
        if body is None or delivery.key in self._undelivered:
            return ""
        try:
            answer = await self.api.call("POST", "/v1.0/card/instances/createAndDeliver", body)
        except ApiError as e:
            return self._card_refused(delivery, handle, e.fault)
        trouble = _undelivered(answer)
        if trouble is None:
            return handle
        # the id is used up although nobody has the card: remembered, or the next try would take it for delivered
        keep(self._undelivered, delivery.key, None)
        log.warning("card %s created but not delivered: %s", handle, trouble)
        return ""

    def _card_refused(self, delivery: Delivery, handle: str, fault: Fault) -> str:
        if fault.code == CARD_EXISTS:
            return handle
        if fault.kind is Kind.SCOPE or fault.code in TEMPLATE_FAULTS:
            self.api.close_gate("cards", fault, CARDS_OFF_S)
            self.api.tell("cards", f"钉钉卡片发不出去，暂时改发文字和编号。请检查卡片模板和权限。（{fault.text}）")
            return ""
        if fault.kind is Kind.REFUSED:
            log.warning("card %s refused: %s", handle, fault.text)
            return ""
        raise ApiError(fault)

    async def _message(self, delivery: Delivery) -> None:
        """Say it as markdown or text through the OpenAPI."""
        key, param = draw.message(delivery.card, private=not delivery.group)
        await self._send_message(delivery.user, delivery.group, key, param)

    async def _send_message(self, user: str, group: str, msg_key: str, msg_param: str) -> None:
        body: dict[str, object] = {"robotCode": self.config.robot, "msgKey": msg_key, "msgParam": msg_param}
        if group:
            await self.api.call("POST", "/v1.0/robot/groupMessages/send", {**body, "openConversationId": group})
            return
        answer = await self.api.call("POST", "/v1.0/robot/oToMessages/batchSend", {**body, "userIds": [user]})
        if user in _list(answer.get("invalidStaffIdList")):
            raise SendFailed("钉钉：没有这个成员，或他不在应用的可见范围内", retry_s=None)
        if user in _list(answer.get("flowControlledStaffIdList")):
            raise SendFailed("钉钉：发给这个成员的消息太多，被限流", retry_s=FLOW_WAIT_S)

    async def _files(self, delivery: Delivery) -> Delivery:
        """Send the card's files, each once however often the letter is tried (while this process lives).

        A file that can't be sent at all is named in the card instead.
        """
        lost = []
        for name, path in delivery.card.files:
            done = (delivery.key, path)
            if done in self._done:
                continue
            try:
                key, param = await self.media.message(name, path)
                await self._send_message(delivery.user, delivery.group, key, param)
            except ApiError as e:
                if e.fault.kind is not Kind.REFUSED:
                    raise
                log.warning("file of letter %s: %s", delivery.key, e)
                lost.append(Text(f"文件“{name}”没有发成，请重新导出"))
            keep(self._done, done, None)
        return replace(delivery, card=replace(delivery.card, blocks=(*delivery.card.blocks, *lost)))


async def telling(call: Awaitable[T]) -> T:
    """A call whose failure is a SendFailed, as outside of this package."""
    try:
        return await call
    except ApiError as e:
        raise failed(e.fault) from e


def failed(fault: Fault) -> SendFailed:
    """A fault as the outbox understands it."""
    if fault.kind is Kind.REFUSED:
        return SendFailed(fault.text, retry_s=None)
    return SendFailed(fault.text, retry_s=fault.wait_s, unsure=fault.kind is Kind.UNCLEAR)


def _undelivered(answer: dict[str, object]) -> str | None:
    """Why nobody got the card, None = somebody did. HTTP 200 can hide it (dingtalk.md 3.2)."""
    result = answer.get("result")
    results = _list(result.get("deliverResults")) if isinstance(result, dict) else []
    if answer.get("success") is False:
        return "success is false"
    bad = [r for r in results if isinstance(r, dict) and r.get("success") is False]
    return str(bad[0].get("errorMsg") or "not delivered") if bad else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
