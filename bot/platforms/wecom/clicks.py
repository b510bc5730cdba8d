"""The reply to a pressed button replaces the pressed card (style.md 4.7): which letter may use which click's code."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.message import Message
from bot.platform import Delivery, Handled, Inbound
from bot.platforms.wecom.aibot_payload import HANDLE
from bot.platforms.wecom.talks import Talks


@dataclass(slots=True)
class _Press:
    """A click's response code, and the letter that uses it (it works once)."""

    code: str
    taken_by: str = ""


class Clicks:
    """Stands before `inbound` and beside the sender; in memory only, without it a reply is a new message."""

    def __init__(self, inbound: Inbound, now: Callable[[], float]) -> None:
        self._inbound = inbound
        self._now = now
        self._talks: Talks[_Press] = Talks()

    async def hear(self, message: Message) -> Handled:
        """`inbound`, with the code of a click remembered for its reply."""
        if not message.click or not message.card_handle or message.card_handle.startswith(HANDLE):
            return await self._inbound(message)
        talk = self._talks.begin(message.sender, _Press(message.card_handle), self._now())
        keys: tuple[str, ...] = ()
        try:
            handled = await self._inbound(message)
            keys = tuple(letter.key for letter in handled.replies)
            return handled
        finally:
            self._talks.end(talk, keys)

    def code(self, delivery: Delivery) -> str:
        """The code of the card this letter replaces, "" for none: the first reply to a click gets it, and keeps it."""
        talk = self._talks.of(delivery)
        if talk is None:
            return ""
        press = talk.context
        press.taken_by = press.taken_by or delivery.key
        return press.code if press.taken_by == delivery.key else ""
