"""What a messenger must be able to do, and how it says that it could not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.cards import Card
from bot.message import Message
from domain.desk import Letter

HANDLE = "@"
"""`Letter.replaces` beginning with this is a platform's own handle (the card that was pressed), not a letter's key."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter on its way out: exactly one of `user` (the platform's own user id) and `group` (its chat id) is set.

    `key` is once-only: pass it to the platform wherever that makes a repeat harmless (task_id, outTrackId). `replaces` is the
    handle of the card to be changed ("" = send a new message); when it can't be changed any more, send a new one.
    `mention` is the platform user id to @ in a group ("" = nobody).
    """

    key: str
    user: str
    group: str
    card: Card
    why: str = "reply"
    replaces: str = ""
    mention: str = ""
    group_id: str = ""
    """The bot's own id of the group, which configuration speaks of."""


class SendFailed(Exception):
    """Not sent. `retry_s` = seconds until it makes sense to try again, None = never; `unsure` = it may have arrived;
    `elsewhere` = another process holds the only connection it can go by: no try of this letter at all."""

    def __init__(self, text: str, *, retry_s: float | None = 5.0, unsure: bool = False, elsewhere: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.retry_s = retry_s
        self.unsure = unsure
        self.elsewhere = elsewhere


class Platform(Protocol):
    """A messenger. `send` returns the handle by which the card can be changed later ("" = it can't)."""

    name: str

    async def send(self, delivery: Delivery) -> str: ...


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a message, after its commit: its reply letters (already in the outbox), or a repeated delivery."""

    replies: tuple[Letter, ...] = ()
    duplicate: bool = False


Inbound = Callable[[Message], Awaitable[Handled]]
"""The one way in: returns after everything the message did is on disk; never raises for what a person may send."""
