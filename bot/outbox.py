"""Letters on their way out: claimed by lease, sent with no transaction open, marked afterwards."""

import asyncio
import logging
import os
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.cards import Card, Text, from_json
from bot.clock import Clock
from bot.gather import remember
from bot.handouts import Handouts
from bot.home import uid, ways
from bot.mail import NAME as MAIL
from bot.message import Address
from bot.platform import HANDLE, Delivery, Platform, SendFailed
from domain.desk import Letter
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
LEASE_S = 180
"""Longer than a batch can take: letters of one address go one after the other, each within a messenger's 10 s."""
BATCH = 64
BACK_OFF_S = (2, 5, 15, 60, 120, 300)
"""Seconds by how often it failed: whoever was away for an hour has his letters within five minutes of his return."""
GIVE_UP_TRIES = 150
"""With the last back-off a letter waits out a platform that is down for half a day."""
BURST = 200
"""Pushes for one person that are claimed together, so that a messenger may merge them (features.md D29)."""
OTHER_WAY_TRIES = 3
"""After so many failures (some 20 s) a person who is on another messenger too is written to there (R106)."""
SPREAD_S = 40
"""What falls due on the full or half hour is spread over so many seconds: both platforms ask for it (W90312)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A claimed letter and where it goes on which platform ("" = nobody there); `others` are his ways besides, as
    (platform, user id)."""

    letter: Letter
    platform: str
    user: str
    group: str
    replaces: str
    mention: str = ""
    group_id: str = ""
    others: tuple[tuple[str, str], ...] = ()


class Outbox:
    """One way out. `wires` by platform name; `only` (scripts, tests) takes every letter with the office's own ids; `handouts`
    makes the files that cards bring along. E-mail to customers goes out by the wire of that name wherever the bot runs."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wires: Mapping[str, Platform],
        only: Platform | None = None,
        handouts: Handouts | None = None,
    ) -> None:
        self._store, self._clock, self._wires, self._only = store, clock, dict(wires), only
        self._handouts = handouts
        self._me = f"{os.getpid():x}-{id(self):x}"
        self._unsure: OrderedDict[str, None] = OrderedDict()
        self._sent: list[tuple[str, int, str]] = []
        self._marking = asyncio.Lock()
        self.lost: Callable[[str, str], None] = lambda to, why: None
        """Told of a letter that was given up: to whom, and why."""
        self.sent_total = 0
        self.failed_total = 0

    async def deliver(self) -> int:
        """Send what is due; the number of letters tried. Different addresses side by side, one address in order."""
        now = self._clock.now()
        await self._mark()
        bound = await self._store.run(lambda tx: self._claim(tx))
        if bound:
            by_address: dict[str, list[Bound]] = {}
            for b in bound:
                by_address.setdefault(b.letter.to, []).append(b)
            await asyncio.gather(*(self._send_all(many) for many in by_address.values()))
            log.debug("outbox: %d letters in %s", len(bound), self._clock.now() - now)
        return len(bound)

    def _claim(self, tx: Tx) -> list[Bound]:
        letters = tx.mail.take(self._clock.now(), BATCH, LEASE_S, self._me, burst=0 if self._only else BURST)
        tx.people.many([to.user for letter in letters if (to := Address.read(letter.to)).user])  # one look for all
        return [self._bind(tx, letter) for letter in letters]

    def _bind(self, tx: Tx, letter: Letter) -> Bound:
        to = Address.read(letter.to)
        if letter.replaces.startswith(HANDLE):
            replaces = letter.replaces.removeprefix(HANDLE)
        else:
            before = tx.mail.get(letter.replaces) if letter.replaces else None
            replaces = before.handle if before else ""
        if letter.platform == MAIL:
            return Bound(letter, MAIL, to.user, "", "")
        if self._only is not None:
            return Bound(letter, self._only.name, to.user, to.group, replaces or letter.replaces)
        messengers = [name for name in self._wires if name != MAIL]
        if to.group:
            chats = tx.people.chats_of(to.group)
            platform = letter.platform or next((w for w in messengers if w in chats), next(iter(messengers), ""))
            return Bound(letter, platform, "", chats.get(platform, to.group), replaces, group_id=to.group)
        member = tx.people.get(to.user)
        if member is None:
            return Bound(letter, letter.platform or next(iter(messengers), ""), to.user, "", replaces)
        known = ways(tx, member, tuple(messengers))
        if letter.platform and uid(member, letter.platform):
            known = [letter.platform, *(w for w in known if w != letter.platform)]
        first, *rest = known or [letter.platform]
        others = tuple((w, uid(member, w)) for w in rest)
        return Bound(letter, first, uid(member, first) or member.id, "", replaces, others=others)

    async def _send_all(self, many: list[Bound]) -> None:
        """One address in order; pushes that follow one another go together, so that a platform may merge them."""
        for pushes, run in groupby(many, lambda b: b.letter.why == "push"):
            if pushes:
                await asyncio.gather(*(self._send(b) for b in run))
            else:
                for bound in run:
                    await self._send(bound)

    async def _send(self, bound: Bound) -> None:
        letter = bound.letter
        try:
            card = from_json(letter.card)
            if self._handouts is not None:
                card = await self._handouts.ready(card)
            handle = await self._by_some_way(bound, card)
        except SendFailed as e:
            await self._failed(letter, e)
        except Exception:  # one letter that can't be drawn must not stop the others
            log.exception("letter %s can't be sent", letter.key)
            await self._store.run(lambda tx: tx.mail.dead(letter.key, letter.fence, "bug"))
        else:
            self.sent_total += 1
            self._sent.append((letter.key, letter.fence, handle))
            await self._mark()

    async def _mark(self) -> None:
        """Note what was sent: all of it that has gathered while the last transaction ran. What can't be noted now is
        noted before anything else is claimed."""
        async with self._marking:
            if not self._sent:
                return
            done, self._sent = self._sent, []
            try:
                await self._store.run(lambda tx: tx.mail.sent(*done))
            except BaseException:
                self._sent = done + self._sent
                raise

    async def _by_some_way(self, bound: Bound, card: Card) -> str:
        """By his messenger; by another one of his when that refuses him for good, or keeps failing without having done it."""
        letter = bound.letter
        first: SendFailed | None = None
        for platform, user in ((bound.platform, bound.user), *bound.others):
            home = platform == bound.platform
            delivery = Delivery(
                *(letter.key, user, bound.group, card, letter.why, bound.replaces if home else ""),
                mention=bound.mention,
                group_id=bound.group_id,
            )
            try:
                wire = self._wires.get(MAIL) if platform == MAIL else self._only or self._wires.get(platform)
                if wire is None:
                    raise SendFailed(f"no connection to {platform or 'any messenger'}", retry_s=60)
                handle = await wire.send(delivery)
            except SendFailed as e:
                first = first or e
                if e.unsure:
                    remember(self._unsure, letter.key, None)
                again = letter.key in self._unsure or e.elsewhere or letter.tries < OTHER_WAY_TRIES
                lasting = e.retry_s is None or not again
                if home and not lasting:
                    raise
                continue
            if not home:
                log.warning("letter %s went by %s: %s", letter.key, platform, first.text if first else "")
                return ""  # its card can't be changed by the way that its next letter will take
            return handle
        assert first is not None
        raise first

    async def _failed(self, letter: Letter, e: SendFailed) -> None:
        if e.elsewhere:
            soon = self._clock.now() + timedelta(seconds=e.retry_s or 1)
            await self._store.run(lambda tx: tx.mail.hand_back(letter.key, letter.fence, soon))
            return
        self.failed_total += 1
        log.warning("letter %s: %s", letter.key, e.text)
        if e.retry_s is None or letter.tries >= GIVE_UP_TRIES:
            await self._store.run(lambda tx: tx.mail.dead(letter.key, letter.fence, e.text))
            self.lost(letter.to, e.text)
            return
        wait = max(e.retry_s, BACK_OFF_S[min(letter.tries, len(BACK_OFF_S) - 1)])
        at = self._clock.now() + timedelta(seconds=wait)
        await self._store.run(lambda tx: tx.mail.retry(letter.key, letter.fence, at, e.text))


def spread(to: str, now: datetime) -> datetime:
    """When a letter that a job wrote at `now` may leave: on the full and the half hour each receiver has his own second."""
    if now.minute % 30 or now.second >= 5:
        return now
    return now.replace(second=0, microsecond=0) + timedelta(seconds=5 + zlib.crc32(to.encode()) % SPREAD_S)


def sorry(key: str) -> Card:
    """The apology for a bug: nothing was changed, and an id to quote."""
    return Card("抱歉，这条消息没有处理成功，什么都没有改动", (Text(f"请稍后再试；如仍不行，把编号 {key} 发给管理员。"),))
