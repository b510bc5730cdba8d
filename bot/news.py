"""What a messenger tells that is no word of a person: calendars, the address book, the app's own standing."""

import logging
from collections.abc import Awaitable, Callable

from bot import says
from bot.app import App
from bot.message import Message
from bot.mirror import Mirror

log = logging.getLogger(__name__)


class News:
    """Called by the messengers' receiving sides; what raises is delivered again by the platform."""

    def __init__(self, app: App, alarm: Callable[[str], None]) -> None:
        self._app = app
        self.alarm = alarm
        self.mirror: Mirror | None = None
        self.people_changed: Callable[[str], Awaitable[None]] | None = None
        """Called with the platform when its address book changed."""

    async def calendar(self, platform: str, handle: str) -> None:
        """An entry was moved, removed or answered over there: an answer counts like the pressed button."""
        if self.mirror is None:
            return
        for user, visit, answer in await self.mirror.heard(platform, handle):
            at = self._app.clock.now()
            click = says.write("visit.answer", visit=visit, **{answer: True})
            key = f"calendar-{handle}-{user}-{answer}-{int(at.timestamp())}"
            await self._app.handle(Message(platform, user, key, at, click=click))

    async def people(self, platform: str) -> None:
        """Somebody came, left or moved."""
        if self.people_changed is not None:
            await self.people_changed(platform)
