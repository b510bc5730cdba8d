"""Which letters answer somebody who talks to the AI bot: they go into that chat, all others go out as the app."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.platform import Delivery

MAX_KEYS = 5_000
C = TypeVar("C")


@dataclass(slots=True)
class Talk(Generic[C]):
    """One message being answered, or answered a while ago; `context` is what an answer needs."""

    chat: str
    context: C
    at: float
    busy: bool = True


class Talks(Generic[C]):
    """Remembers in memory only: after a restart answers go out by the ordinary way."""

    def __init__(self) -> None:
        self._running: dict[str, list[Talk[C]]] = {}
        self._by_key: OrderedDict[str, Talk[C]] = OrderedDict()

    def begin(self, chat: str, context: C, now: float) -> Talk[C]:
        """A message came in: until `end`, every reply into that chat is taken for its answer."""
        talk = Talk(chat.casefold(), context, now)
        self._running.setdefault(talk.chat, []).append(talk)
        return talk

    def end(self, talk: Talk[C], keys: Iterable[str]) -> None:
        """The message is handled; these letters answer it (some may be on their way already)."""
        talk.busy = False
        running = self._running[talk.chat]
        running.remove(talk)
        if not running:
            del self._running[talk.chat]
        for key in keys:
            self._by_key[key] = talk
        while len(self._by_key) > MAX_KEYS:
            self._by_key.popitem(last=False)

    def of(self, delivery: Delivery) -> Talk[C] | None:
        """The message this delivery answers, if any. The outbox may be quicker than the end of `inbound`."""
        talk = self._by_key.get(delivery.key)
        # userids come in either case (W90196).
        chat = (delivery.group or delivery.user).casefold()
        if talk is not None:
            # Notices to others are among the letters of a message too.
            return talk if talk.chat == chat else None
        running = self._running.get(chat)
        return running[0] if running and delivery.why != "push" else None
