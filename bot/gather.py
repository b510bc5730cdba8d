"""Under pressure, several reminders for one person become one message (features.md D29): none dropped, none twice."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.cards import Block, Card, Items, Text, Tone, lines
from bot.platform import Delivery, SendFailed

GATHER_S = 0.2
"""So long a reminder waits for others; the outbox hands out what it claimed at once."""
REMEMBERED = 5_000
MAX_MERGED = 40
"""Cards in one merged message: a title each, they fit into two texts of the smallest messenger (2,048 bytes)."""
WHOLE = 5
"""Up to so many are merged with all their lines, more as a list of what they are about."""

K = TypeVar("K")
V = TypeVar("V")
SendOne = Callable[[Delivery], Awaitable[str]]
_Seat = tuple[Delivery, "asyncio.Future[str]"]


class Gatherer:
    """Collects deliveries per person for a moment and sends them as one; each caller learns what became of his."""

    def __init__(self, send_one: SendOne, wait_s: float = GATHER_S) -> None:
        self._send_one = send_one
        self._wait_s = wait_s
        self._seats: dict[str, list[_Seat]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # A merged message that may have arrived must be repeated as it was: only then WeCom's duplicate check sees the
        # repeat.
        self._unclear: OrderedDict[str, tuple[Delivery, ...]] = OrderedDict()
        self._arrived: OrderedDict[str, None] = OrderedDict()

    def knows(self, key: str) -> bool:
        """That letter was part of a merged message whose fate was unclear."""
        return key in self._unclear or key in self._arrived

    async def send(self, delivery: Delivery) -> str:
        """Waits until the message with this delivery in it is sent; SendFailed as for a single one."""
        if delivery.key in self._arrived:
            return ""
        if delivery.key in self._unclear:
            await self._send_batch(self._unclear[delivery.key])
            return ""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        seats = self._seats.setdefault(delivery.user, [])
        seats.append((delivery, future))
        if len(seats) == 1:
            task = asyncio.create_task(self._depart(delivery.user))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def close(self) -> None:
        """Ends what still waits; those letters stay unsent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _depart(self, user: str) -> None:
        try:
            await asyncio.sleep(self._wait_s)
        finally:
            seats = self._seats.pop(user)
        for first in range(0, len(seats), MAX_MERGED):
            await self._carry(seats[first : first + MAX_MERGED])

    async def _carry(self, seats: list[_Seat]) -> None:
        try:
            await self._send_batch(tuple(delivery for delivery, _ in seats))
        except SendFailed as failed:
            for _, future in seats:
                if not future.done():
                    future.set_exception(SendFailed(failed.text, retry_s=failed.retry_s, unsure=failed.unsure))
        else:
            for _, future in seats:
                if not future.done():
                    future.set_result("")
        finally:
            for _, future in seats:
                if not future.done():
                    future.cancel()

    async def _send_batch(self, batch: tuple[Delivery, ...]) -> None:
        try:
            await self._send_one(together(batch))
        except SendFailed as failed:
            if failed.unsure and len(batch) > 1:
                for delivery in batch:
                    remember(self._unclear, delivery.key, batch)
            raise
        for delivery in batch:
            if self._unclear.pop(delivery.key, None):
                remember(self._arrived, delivery.key, None)


def together(batch: tuple[Delivery, ...]) -> Delivery:
    """One delivery with all the cards, its key made of theirs; a batch of one is itself."""
    if len(batch) == 1:
        return batch[0]
    digest = hashlib.sha256("\n".join(d.key for d in batch).encode()).hexdigest()[:40]
    return Delivery(f"merged-{digest}", batch[0].user, batch[0].group, merged([d.card for d in batch]), batch[0].why)


def merged(cards: Sequence[Card]) -> Card:
    """Several cards as one, in order, none left out; what their buttons would do is said in words."""
    if len(cards) == 1:
        return cards[0]
    blocks: list[Block] = []
    for number, card in enumerate(cards, 1):
        content = [line for block in card.blocks for line in lines(block)] if len(cards) <= WHOLE else []
        words = "、".join(b.text for b in card.buttons) if len(cards) <= WHOLE else ""
        blocks.append(Items((f"{number}/{len(cards)} {card.title}", *content, *([f"可以：{words}"] if words else []))))
    if any(card.buttons for card in cards) or len(cards) > WHOLE:
        blocks.append(Text("消息太多，合并成一条。要操作请直接说一句话并带上客户名。"))
    tone = Tone.WARN if any(c.tone is Tone.WARN for c in cards) else Tone.INFO
    return Card(f"{len(cards)} 条提醒", tuple(blocks), tone=tone, files=tuple(f for c in cards for f in c.files))


def remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """Adds to a memory of bounded size; the oldest entry goes first."""
    memory[key] = value
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
