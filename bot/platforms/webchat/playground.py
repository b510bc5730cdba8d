"""The office behind the page: a bot with its own clock, which everybody on the page talks to and which can start afresh."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import VirtualClock, advance
from bot.handouts import Handouts, makers
from bot.message import Address, Message
from bot.outbox import Outbox
from bot.platforms.webchat.ask import BadAsk, Say
from bot.platforms.webchat.uploads import Upload, Uploads
from bot.platforms.webchat.wire import Json, Listener, WebWire
from bot.sample import START, Story, sentences, stories
from domain.model import OFFICE, Group, Member
from storage.tx import Tx

if TYPE_CHECKING:
    from bot.app import App, Event

log = logging.getLogger(__name__)
OpenOffice = Callable[[VirtualClock], "AbstractAsyncContextManager[App]"]
"""Makes a bot with a fresh, seeded store that is told the time by the clock; leaving the context closes it."""
MAX_PLACES = 60


class Playground:
    """`async with Playground(open_office, folder) as playground:` runs it. `app` is the bot of the moment; a reset changes it.

    One thing at a time: what a message or a move of the clock brings about is on the page before the next one begins.
    """

    def __init__(
        self,
        open_office: OpenOffice,
        folder: Path,
        start: datetime = START,
        *,
        bot_name: str = "拜访助手",
        plays: tuple[Story, ...] | None = None,
    ) -> None:
        self._open_office, self._start = open_office, start
        self.bot_name = bot_name
        self.plays = stories() if plays is None else plays
        self.uploads = Uploads(folder / "uploads")
        self.on_open: list[Callable[[App], None]] = []
        """Told of each bot that takes over (at the start and at every reset), before it hears anything."""
        self.clock = VirtualClock(start)
        self.wire = WebWire(self.clock)
        self._office = AsyncExitStack()
        self._app: App | None = None
        self._pump: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()
        self._run = secrets.token_hex(4)
        self._said = 0

    @property
    def app(self) -> "App":
        """The bot of the moment."""
        if self._app is None:
            raise RuntimeError("the playground is not open")
        return self._app

    async def __aenter__(self) -> "Playground":
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.wire.hang_up()
        await self._close()

    async def _open(self) -> None:
        app = await self._office.enter_async_context(self._open_office(self.clock))
        app.outbox = Outbox(app.store, self.clock, app.post, self.wire, Handouts(makers()))
        app.on_event.append(self._event)
        for tell in self.on_open:
            tell(app)
        self._app, self._run = app, secrets.token_hex(4)
        self._pump = asyncio.create_task(self._on_wake(app))

    async def _close(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            with suppress(asyncio.CancelledError):
                await pump
        self._app = None
        await self._office.aclose()

    def _event(self, event: "Event") -> None:
        self.wire.event(event.at, event.name, event.data)

    # ------------------------------------------------------------------ what people do
    async def say(self, say: Say) -> Json:
        """Somebody says, presses or sends something. Raises BadAsk when that person, group or upload is unknown."""
        async with self._busy:
            member, group = await self.app.store.read(lambda tx: _who(tx, say))
            chat = str(Address(group=group.id) if group else Address(user=member.id))
            message = self._message(say, member, chat)
            handled = await self.app.handle(message)
            await self._flush()
        return {"duplicate": handled.duplicate, "replies": [letter.key for letter in handled.replies]}

    def _message(self, say: Say, member: Member, chat: str) -> Message:
        self._said += 1
        upload = self._upload(say)
        words = say.content
        if say.group and say.how == "text" and f"@{self.bot_name}" not in words:
            words = f"@{self.bot_name} {words}"  # in a group the bot only hears what is said to it
        self._show(say, chat, member, words, upload)
        uid = member.dingtalk if say.platform == "dingtalk" else member.wecom
        return Message(
            say.platform,
            uid or member.id,
            say.msgid or f"web-{self._run}-{self._said}",
            self.clock.now(),
            text=words if say.how == "text" else "",
            group=say.group,
            voice=words if say.how == "voice" else "",
            click=words if say.how == "click" else "",
            values=say.values,
            place=say.place,
            image=str(upload.path) if upload and say.how == "image" else "",
            file=str(upload.path) if upload and say.how == "file" else "",
            quoted=say.quoted,
        )

    def _show(self, say: Say, chat: str, member: Member, words: str, upload: Upload | None) -> None:
        media = f"playground/upload/{upload.token}" if upload and upload.picture else ""
        action = words if say.how == "click" else ""
        shown = upload.name if upload else self.wire.label_of(chat, action) or "按钮" if action else words
        self.wire.said(chat, member.id, say.how, shown, say.platform, media=media, action=action)

    def _upload(self, say: Say) -> Upload | None:
        if say.how not in ("image", "file"):
            return None
        upload = self.uploads.get(say.content)
        if upload is None:
            raise BadAsk("这个文件已经不在了，请重新上传")
        return upload

    # ------------------------------------------------------------------ time
    async def move(self, to: datetime) -> None:
        """Move the clock forward; what falls due on the way happens in order (contract.md section 4)."""
        async with self._busy:
            await advance(self.clock, to, self.app.next_due, self._due)
            await self._flush()
        self.wire.push({"type": "clock", "now": self.now})

    async def _due(self) -> int:
        n = await self.app.do_due()
        self.wire.push({"type": "clock", "now": self.now})
        return n

    async def _flush(self) -> None:
        """Everything that is due at the present moment, until nothing is left."""
        while await self.app.do_due():
            pass

    async def _on_wake(self, app: "App") -> None:
        """What other doors (API, console) bring about is sent too."""
        while True:
            await app.wake.wait()
            app.wake.clear()
            try:
                async with self._busy:
                    await self._flush()
            except Exception:  # the page must go on whatever one letter does
                log.exception("sending what waits failed")

    @property
    def now(self) -> str:
        """The virtual time, ISO, office zone."""
        return self.clock.now().astimezone(OFFICE).isoformat()

    # ------------------------------------------------------------------ the whole
    async def reset(self) -> None:
        """A fresh office at the start of the clock; open pages go on with it."""
        async with self._busy:
            await self._close()
            old = self.wire
            self.clock = VirtualClock(self._start)
            self.wire = WebWire(self.clock)
            old.hand_over(self.wire)
            await self._open()
            self.wire.push({"type": "state", **await self._state()})

    async def state(self) -> Json:
        """Everything the page shows."""
        async with self._busy:
            return await self._state()

    async def join(self) -> Listener:
        """A newly opened page: told the whole state first, then everything that happens."""
        async with self._busy:
            state = await self._state()
            return self.wire.listen([{"type": "state", **state}])

    async def _state(self) -> Json:
        people, groups, places = await self.app.store.read(_cast)
        return {
            "now": self.now,
            "bot": self.bot_name,
            "members": [_member_json(m) for m in people],
            "groups": [_group_json(g) for g in groups],
            "places": places,
            "items": list(self.wire.items),
            "events": list(self.wire.events),
            "sentences": sentences(),
            "stories": [{"id": s.id, "title": s.title, "steps": list(s.steps)} for s in self.plays],
        }


def _who(tx: Tx, say: Say) -> tuple[Member, Group | None]:
    member = tx.people.get(say.who)
    if member is None:
        raise BadAsk("没有这个人")
    group = tx.people.group(say.group) if say.group else None
    if say.group and group is None:
        raise BadAsk("没有这个群")
    if group is not None and group.members and member.id not in group.members:
        raise BadAsk(f"{member.name}不在这个群里")
    return member, group


def _cast(tx: Tx) -> tuple[list[Member], list[Group], list[Json]]:
    somewhere = (c for c in tx.customers.all() if c.lat is not None and c.lng is not None)
    places: list[Json] = [{"label": c.short, "lat": c.lat, "lng": c.lng} for c in islice(somewhere, MAX_PLACES)]
    return tx.people.all(), tx.people.groups(), places


def _member_json(m: Member) -> Json:
    return {"id": m.id, "name": m.name, "role": m.role.value, "team": m.team, "department": m.department}


def _group_json(g: Group) -> Json:
    return {"id": g.id, "name": g.name, "members": list(g.members)}
