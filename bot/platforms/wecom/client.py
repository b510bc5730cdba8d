"""Letters out: which door of WeCom a delivery goes through, what is sent there, and what a failure means.

Private letters go out as the app, or through the AI bot when the person talks to us there; group letters through the
AI bot or the group's webhook. The self-built app itself can't speak in groups that exist (wecom.md section 0).
"""

from collections import OrderedDict
from typing import Protocol

from bot.cards import plain
from bot.gather import GATHER_S, Gatherer, remember
from bot.platform import Delivery, SendFailed
from bot.platforms.wecom import draw
from bot.platforms.wecom.aibot_payload import HANDLE
from bot.platforms.wecom.api import Api, Now
from bot.platforms.wecom.budget import MEMBER, Budget
from bot.platforms.wecom.clicks import Clicks
from bot.platforms.wecom.errors import ApiFailed, Kind
from bot.platforms.wecom.media import Media, load

MERGE_BELOW = 10
"""With fewer messages left this minute, reminders for one person are gathered into one."""
MERGE_ALL_BELOW = 6
"""With fewer left, those with buttons as well: late is worse than without buttons."""

OUT_OF_SIGHT = "他不在应用可见范围内，或没有使用许可；请在企业微信管理后台该应用的“可见范围”里加上"


class Door(Protocol):
    """Another way out beside the app: the AI bot or a group's webhook."""

    def serves(self, delivery: Delivery) -> bool: ...

    async def send(self, delivery: Delivery) -> str: ...


class WeCom:
    """The Platform for WeCom. `doors` are asked in order; a private letter that none serves goes out as the app.

    The handle of a card is its response code: good once and for 72 hours, after that a new message takes its place.
    `clicks` tells which letter answers a click, and so may change the pressed card without naming it.
    """

    name = "wecom"

    def __init__(
        self,
        api: Api,
        now: Now,
        doors: tuple[Door, ...] = (),
        media: Media | None = None,
        clicks: Clicks | None = None,
        gather_s: float = GATHER_S,
    ) -> None:
        self._api = api
        self._now = now
        self._doors = doors
        self._media = media or Media(api)
        self._clicks = clicks
        self._agent = api.config.agent_id
        self._budget = Budget(MEMBER)
        self._gatherer = Gatherer(self._as_app, gather_s)
        self._parts: OrderedDict[str, int] = OrderedDict()
        self._unclear: OrderedDict[str, str] = OrderedDict()

    async def send(self, delivery: Delivery) -> str:
        """Sends one letter and returns the handle of a card that can be changed later, else "".

        SendFailed when it can't.
        """
        for door in self._doors:
            if door.serves(delivery):
                return await door.send(delivery)
        if delivery.group or not self._api.config.can_send:
            where = f"群 {delivery.group}" if delivery.group else f"成员 {delivery.user}"
            self._api.alarm(f"企业微信没有可用的通道发给{where}，请检查配置")
            raise SendFailed("WeCom has no way to that receiver", retry_s=None)
        if self._gatherer.knows(delivery.key) or self._crowded(delivery):
            return await self._gatherer.send(delivery)
        return await self._as_app(delivery)

    async def close(self) -> None:
        """Stops gathering; letters that still wait stay in the outbox."""
        await self._gatherer.close()

    def _crowded(self, delivery: Delivery) -> bool:
        """A push to somebody whose minute is nearly used up: first those without buttons, at the very end all."""
        if delivery.why != "push" or delivery.replaces or delivery.card.files:
            return False
        left = self._budget.left(delivery.user, self._now())
        return left < (MERGE_ALL_BELOW if delivery.card.buttons else MERGE_BELOW)

    async def _as_app(self, delivery: Delivery) -> str:
        handle = ""
        for code in self._codes(delivery):
            if await self._update(delivery, code):
                texts = len(draw.redraw(delivery.card).texts)
                break
        else:
            handle, texts = await self._new(delivery)
        await self._files(delivery, texts + 1)
        self._parts.pop(delivery.key, None)
        return handle

    def _codes(self, delivery: Delivery) -> list[str]:
        """Response codes to try: the card the letter names, then the one whose button it answers."""
        named = delivery.replaces if not delivery.replaces.startswith(HANDLE) else ""
        pressed = self._clicks.code(delivery) if self._clicks else ""
        return [code for code in dict.fromkeys((named, pressed)) if code]

    async def _new(self, delivery: Delivery) -> tuple[str, int]:
        """A new message: its handle, and how many texts it took."""
        drawing = draw.draw(delivery.card, delivery.key)
        await self._texts(delivery, drawing.texts)
        if drawing.card is None or self._parts.get(delivery.key, 0) > len(drawing.texts):
            return "", len(drawing.texts)
        try:
            body = draw.card_message(drawing.card, delivery.user, self._agent)
            answer = await self._part(delivery, len(drawing.texts), body)
        except ApiFailed as failed:
            if failed.kind is Kind.SENT:
                # The task id is taken: an earlier, unclear try did arrive.
                return "", len(drawing.texts)
            if failed.kind is not Kind.CARD:
                raise
            # A card WeCom won't have is still an answer somebody waits for: its numbered text, unless it went out
            # already.
            if not drawing.texts:
                texts = draw.split(plain(delivery.card))
                await self._texts(delivery, texts)
                return "", len(texts)
            return "", len(drawing.texts)
        return str(answer.get("response_code") or ""), len(drawing.texts)

    async def _update(self, delivery: Delivery, code: str) -> bool:
        """Changes the card of that response code; False when it can't be changed any more."""
        drawing = draw.redraw(delivery.card)
        await self._texts(delivery, drawing.texts)
        if self._parts.get(delivery.key, 0) > len(drawing.texts):
            return True
        assert drawing.card is not None
        body = draw.update(drawing.card, delivery.user, self._agent, code)
        try:
            await self._api.post("message/update_template_card", body)
        except ApiFailed as failed:
            if failed.kind not in (Kind.GONE, Kind.CARD, Kind.SENT):
                self._doubt(delivery, code, failed)
                raise
            # The code works once: gone after an unclear try means that the try worked.
            if self._unclear.get(delivery.key) != code:
                return False
        except SendFailed as failed:
            self._doubt(delivery, code, failed)
            raise
        self._unclear.pop(delivery.key, None)
        remember(self._parts, delivery.key, len(drawing.texts) + 1)
        return True

    def _doubt(self, delivery: Delivery, code: str, failed: SendFailed) -> None:
        if failed.unsure:
            remember(self._unclear, delivery.key, code)

    async def _texts(self, delivery: Delivery, texts: tuple[str, ...]) -> None:
        for number, text in enumerate(texts):
            body = draw.text_message(text, delivery.user, self._agent, f"{delivery.key}#{number}")
            await self._part(delivery, number, body)

    async def _files(self, delivery: Delivery, first: int) -> None:
        for number, (name, path) in enumerate(delivery.card.files, first):
            if self._parts.get(delivery.key, 0) > number:
                continue
            kind, media_id = await self._media.put(name, await load(path))
            await self._part(delivery, number, draw.file_message(kind, media_id, delivery.user, self._agent))

    async def _part(self, delivery: Delivery, number: int, body: draw.Json) -> draw.Json:
        """One message of the letter, unless an earlier try got past it.

        Never beyond what WeCom delivers to one member.
        """
        if self._parts.get(delivery.key, 0) > number:
            return {}
        now = self._now()
        if wait := self._budget.wait_s(delivery.user, now):
            raise SendFailed("too many messages to one member", retry_s=wait)
        self._budget.spend(delivery.user, now)
        try:
            answer = await self._api.post("message/send", body)
        except ApiFailed as failed:
            if failed.kind is Kind.UNREACHABLE:
                raise SendFailed(OUT_OF_SIGHT, retry_s=None) from None
            raise
        missed = f"{answer.get('invaliduser') or ''}|{answer.get('unlicenseduser') or ''}".casefold().split("|")
        if delivery.user.casefold() in missed:
            raise SendFailed(OUT_OF_SIGHT, retry_s=None)
        remember(self._parts, delivery.key, number + 1)
        return answer
