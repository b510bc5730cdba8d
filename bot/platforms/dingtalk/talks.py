"""What the receiving side knows and the sending side needs: fresh webhooks, names, and clicks being answered.

Memory only: all of it is a shortcut, and what a restart forgets goes the long way (OpenAPI call, new card).
"""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import TypeVar

from yarl import URL

from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.payload import Origin

K = TypeVar("K")
V = TypeVar("V")
KEPT = 5000
WEBHOOK_MARGIN_S = 60.0
CLICK_WAIT_S = 3.0
"""A click is answered within 2 s; whoever waits longer for it need not."""


def keep(book: OrderedDict[K, V], key: K, value: V) -> None:
    """Put a value in; of more than KEPT the oldest go."""
    book[key] = value
    book.move_to_end(key)
    while len(book) > KEPT:
        book.popitem(last=False)


class Talks:
    """Shared by one DingTalkStream and one DingTalk."""

    def __init__(self, config: DingTalkConfig) -> None:
        self._bases = {URL(base).origin() for base in (config.api_base, config.oapi_base)}
        self._webhooks: OrderedDict[str, tuple[URL, float]] = OrderedDict()
        self._nicks: OrderedDict[str, str] = OrderedDict()
        self._clicks: OrderedDict[str, asyncio.Future[str]] = OrderedDict()

    # ------------------------------------------------------------------ webhooks and names
    def note(self, origin: Origin) -> None:
        """Remember how this chat can be answered for a while, and what the sender is called."""
        url = self.trusted(origin.webhook)
        if url is not None:
            keep(self._webhooks, origin.group or origin.user, (url, origin.until))
        if origin.user and origin.nick:
            keep(self._nicks, origin.user, origin.nick)

    def webhook(self, chat: str, now: datetime) -> URL | None:
        """The chat's webhook while it is certainly not expired; `chat` is a group's or a user's id."""
        url, until = self._webhooks.get(chat, (None, 0.0))
        return url if now.timestamp() < until - WEBHOOK_MARGIN_S else None

    def drop_webhook(self, chat: str) -> None:
        self._webhooks.pop(chat, None)

    def nick(self, user: str) -> str:
        return self._nicks.get(user, "")

    def trusted(self, address: str) -> URL | None:
        """The address as a URL when it is DingTalk's (https, *.dingtalk.com) or the configured host; else None."""
        try:
            url = URL(address, encoded=True)
            host = url.host or ""
            if url.scheme == "https" and (host == "dingtalk.com" or host.endswith(".dingtalk.com")) and not url.user:
                return url
            return url if url.is_absolute() and url.origin() in self._bases else None
        except ValueError:
            return None

    # ------------------------------------------------------------------ clicks
    def open_click(self, key: str) -> None:
        """A click's answer is on its way that may show this letter, or change this card: whoever sends it waits."""
        keep(self._clicks, key, asyncio.get_running_loop().create_future())

    def close_click(self, key: str, handle: str) -> None:
        """The click was answered: `handle` is the card that now shows the letter, "" = the answer showed nothing."""
        future = self._clicks.get(key)
        if future and not future.done():
            future.set_result(handle)

    async def shown(self, key: str) -> str:
        """The card in which a click's answer has shown this letter already, "" = none has."""
        future = self._clicks.get(key)
        if future is None:
            return ""
        await asyncio.wait([future], timeout=CLICK_WAIT_S)
        return future.result() if future.done() else ""
