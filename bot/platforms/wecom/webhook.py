"""The group robot (消息推送, W99110): text, markdown, pictures, files and notice cards into one group, twenty a minute.

It hears nothing and its cards have no buttons; the numbered text tells people what to say to the bot.
"""

import base64
import hashlib
from collections import OrderedDict
from pathlib import Path

from bot.cards import Card, Facts, plain
from bot.gather import remember
from bot.platform import Delivery, SendFailed
from bot.platforms.wecom import draw
from bot.platforms.wecom.api import Api, Now, encode, form
from bot.platforms.wecom.budget import WEBHOOK, Budget
from bot.platforms.wecom.media import IMAGES, load

MAX_IMAGE = 2 << 20
"""Bytes of a webhook picture."""


class Webhooks:
    """A way out for every configured group. The key is the secret: it is in no log and no exception."""

    def __init__(self, api: Api, now: Now) -> None:
        self._api = api
        self._now = now
        self._keys = dict(api.config.webhooks)
        self._home = api.config.home_url
        self._budget = Budget(WEBHOOK)
        # How far a letter of several messages got, so that a second try goes on there.
        self._parts: OrderedDict[str, int] = OrderedDict()

    def serves(self, delivery: Delivery) -> bool:
        """Letters to a group that has a robot."""
        return delivery.group in self._keys

    async def send(self, delivery: Delivery) -> str:
        """Sends all of one letter, or says before the first message how long to wait; nothing can be changed later."""
        key = self._keys[delivery.group]
        bodies = self.bodies(delivery)
        done = self._parts.get(delivery.key, 0)
        now = self._now()
        left = len(bodies) + len(delivery.card.files) - done
        if wait := self._budget.wait_s(delivery.group, now, left):
            raise SendFailed("too many messages to one group", retry_s=wait)
        for _ in range(left):
            self._budget.spend(delivery.group, now)
        for number, body in enumerate(bodies[done:], done):
            await self._api.call("POST", "webhook/send", {"key": key}, encode(body))
            remember(self._parts, delivery.key, number + 1)
        sent_files = max(0, done - len(bodies))
        for number, (name, path) in enumerate(delivery.card.files[sent_files:], len(bodies) + sent_files):
            await self._file(key, name, await load(path))
            remember(self._parts, delivery.key, number + 1)
        self._parts.pop(delivery.key, None)
        return ""

    def bodies(self, delivery: Delivery) -> tuple[draw.Json, ...]:
        """The messages of a letter: text when somebody is to be @-ed, a card when it fits one, markdown else."""
        card = delivery.card
        if delivery.mention:
            *first, last = draw.split(plain(card))
            mentioned = {"content": last, "mentioned_list": [delivery.mention]}
            return (*map(_text, first), {"msgtype": "text", "text": mentioned})
        if self._home and _tabular(card) and (notice := draw.notice(card, self._home)):
            return ({"msgtype": "template_card", "template_card": notice},)
        return tuple({"msgtype": "markdown", "markdown": {"content": text}} for text in draw.markdown(card))

    async def _file(self, key: str, name: str, data: bytes) -> None:
        if Path(name).suffix.lower() in IMAGES and len(data) <= MAX_IMAGE:
            digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
            body: draw.Json = {"msgtype": "image", "image": {"base64": base64.b64encode(data).decode(), "md5": digest}}
        else:
            query = {"key": key, "type": "file"}
            answer = await self._api.call("POST", "webhook/upload_media", query, form(name, data))
            body = {"msgtype": "file", "file": {"media_id": str(answer.get("media_id", ""))}}
        await self._api.call("POST", "webhook/send", {"key": key}, encode(body))


def _text(text: str) -> draw.Json:
    return {"msgtype": "text", "text": {"content": text}}


def _tabular(card: Card) -> bool:
    """A card of facts gains from being a card; prose and lists read better as markdown."""
    return bool(card.blocks) and all(isinstance(block, Facts) for block in card.blocks)
