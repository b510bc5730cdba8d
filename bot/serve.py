"""The bot as a service: web server, messengers, the loop of what falls due; ends cleanly on SIGTERM.

One TaskGroup: a part that dies takes the process with it, loudly; a network that is down does not.
"""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Protocol

import aiohttp
from aiohttp import web

from bot.addressbook import AddressBook, Source
from bot.alarms import Alarms
from bot.app import App
from bot.books import Book
from bot.clock import Clock, tick_forever
from bot.config import Config
from bot.handouts import Handouts, makers
from bot.journal import journal, log_as
from bot.keeper import Keeper
from bot.mirror import TODO, Mirror
from bot.news import News
from bot.outbox import Outbox, spread
from bot.platform import Platform
from bot.shelf import StoreShelf

log = logging.getLogger(__name__)
NAMES_EVERY_S = 5.0
"""How often other processes' new names are looked for."""
STOP_WITHIN_S = 9.0


class Stream(Protocol):
    """A long connection to a messenger: runs for ever, ends on `stop`."""

    @property
    def connected(self) -> bool: ...

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


class Service:
    """Everything that runs while the bot is up."""

    def __init__(self, app: App, config: Config) -> None:
        self.app, self.config = app, config
        self.clock: Clock = app.clock
        self.shelf = StoreShelf(app.store, self._now)
        self.alarm = Alarms(app)
        self.wires: dict[str, Platform] = {}
        self.routes: list[web.RouteDef] = []
        self.attach: list[Callable[[web.Application], None]] = []
        """More that hangs itself into the web application (the playground)."""
        self._closers: list[Callable[[], object]] = []
        self.streams: list[Stream] = []
        self.work: list[Callable[[], Coroutine[object, object, None]]] = []
        """What else runs until the end (webhooks, imports)."""
        self.books: dict[str, Book] = {}
        self.people: dict[str, Source] = {}
        self.address_book: AddressBook | None = None
        self.menu: Callable[[], Coroutine[object, object, None]] | None = None
        """Puts the app's menu in place."""
        self.mirror: Mirror | None = None
        self.news = News(app, self.alarm)
        log_as(config.log.level, config.log.format)
        app.on_done.append(journal)
        self.only_web = False
        """The playground moves its own clock and sends its own letters."""

    # ------------------------------------------------------------------ parts
    def add_wecom(self) -> None:
        """WeCom in every form that is configured: callback in, messages out, webhooks, the AI bot."""
        config = self.config.wecom
        if not (config.can_send or config.can_receive or config.aibot.ready or config.aibot_callback.ready):
            return
        from bot.platforms.wecom.build import build
        from bot.platforms.wecom.calendar import Calendar
        from bot.platforms.wecom.contacts import Contacts, listed
        from bot.platforms.wecom.menu import install
        from bot.platforms.wecom.news import pass_on

        session = aiohttp.ClientSession()
        built = build(
            *(config, session, self.app.handle, self._now, self.alarm),
            folder="data/media",
            notice=lambda event: pass_on(event, self.news),
            shelf=self.shelf,
            owner=self.shelf,
        )
        if config.can_send:
            self.books["wecom"] = Calendar(built.api, self.shelf)
            self.people["wecom"] = lambda: listed(Contacts(built.api))
            self.menu = lambda: install(built.api)
        self.wires["wecom"] = built.platform
        self.routes += built.routes
        if built.aibot is not None:
            self.streams.append(built.aibot)
        self._closers += [built.platform.close, session.close]

    def add_dingtalk(self) -> None:
        """The robot: stream in, OpenAPI out."""
        config = self.config.dingtalk
        if not config.on:
            return
        from bot.platforms.dingtalk.books import CalendarBook, TodoBook
        from bot.platforms.dingtalk.client import DingTalk, telling
        from bot.platforms.dingtalk.news import pass_on
        from bot.platforms.dingtalk.stream import DingTalkStream
        from bot.platforms.dingtalk.tally import Tally

        client = DingTalk(config, self._now, self.alarm, self.shelf)
        tally = Tally(self.app.store, client.api.quota, self._now, config.client_id)
        stream = DingTalkStream(
            *(config, self.app.handle, self._now, self.alarm),
            client=client,
            on_event=lambda event: pass_on(event, self.news),
        )
        self.books["dingtalk"] = CalendarBook(client.api, client.calendar)
        self.people["dingtalk"] = lambda: telling(client.contacts.everyone())
        if page := self.config.server.public_url:
            self.books[f"dingtalk{TODO}"] = TodoBook(client.api, client.todo, f"{page.rstrip('/')}/app/")
        self.wires["dingtalk"] = client
        self.work.append(tally.run)
        self._closers += [tally.keep, client.close]
        self.streams.append(stream)

    def add_messengers(self) -> None:
        """Everything that is configured. ValueError for a key that can't be one."""
        self.add_wecom()
        self.add_dingtalk()
        self.add_calendars()

    def add_calendars(self) -> None:
        """Visits and to-dos appear on the messengers by themselves, members come from their address books."""
        if self.people:
            self.address_book = AddressBook(self.app, self.people)
            self.news.people_changed = self.address_book.changed
            self.work.append(self.address_book.run)
        if not self.books:
            return
        mirror = self.mirror = self.news.mirror = Mirror(self.app.store, self.clock, self.books, tuple(self.wires))
        self.app.inside.append(mirror.want)
        self.app.on_event.append(lambda event: mirror.wake(event.name))
        self.work.append(mirror.run)

    def open_outbox(self) -> None:
        """The one way out, by every messenger that is there."""
        wires = {**self.wires, **self.app.post}
        self.app.outbox = Outbox(self.app.store, self.clock, wires, handouts=Handouts(makers()))
        self.app.outbox.lost = self.alarm.lost
        self.app.spread = spread

    def _now(self) -> datetime:
        return self.clock.now()

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    # ------------------------------------------------------------------ health
    def health_routes(self) -> list[web.RouteDef]:
        """Liveness, readiness."""

        async def healthz(_: web.Request) -> web.Response:
            return web.json_response({"ok": True})

        async def readyz(_: web.Request) -> web.Response:
            try:
                waiting = await asyncio.wait_for(self.app.store.read(lambda tx: tx.mail.pending_count()), 2)
            except Exception as e:  # readiness answers whatever is wrong with the store
                return web.json_response({"ok": False, "store": type(e).__name__}, status=503)
            streams = all(s.connected for s in self.streams)
            state = {
                "ok": streams,
                "store": "ok",
                "letters_waiting": waiting,
                "streams": streams,
                "alarms": len(self.alarm.texts),
            }
            return web.json_response(state, status=200 if streams else 503)

        return [web.get("/healthz", healthz), web.get("/readyz", readyz)]

    # ------------------------------------------------------------------ life
    async def run(self, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
        """Serve until `stop`; what was taken is finished, waiting letters get one last try."""
        server = self.config.server
        web_app = web.Application(client_max_size=32 * 2**20)
        web_app.add_routes([*self.health_routes(), *self.routes])
        for hang in self.attach:
            hang(web_app)
        # a malformed request is the sender's affair: no traceback per request (performance.md A9)
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
        runner = web.AppRunner(web_app, access_log=None, handle_signals=False)
        await runner.setup()
        if self.app.outbox is None:
            self.open_outbox()
        gc.freeze()  # names and grammar stay for ever: no collection need look at them again
        try:
            site = web.TCPSite(runner, server.host, server.port)
            await site.start()
            ready(f"http://{server.host}:{bound_port(site) or server.port}/")
            async with asyncio.TaskGroup() as group:
                tasks: list[asyncio.Task[None]] = []
                if not self.only_web:
                    tasks.append(group.create_task(tick_forever(self.clock, self.app.do_due, self.app.wake)))
                    tasks.append(group.create_task(self._watch_names()))
                    tasks.append(group.create_task(Keeper(self.app.store, self.clock, self.config.keep).run()))
                tasks += [group.create_task(stream.run()) for stream in self.streams]
                tasks += [group.create_task(work()) for work in self.work]
                await stop.wait()
                for stream in self.streams:
                    await stream.stop()
                for task in tasks:
                    task.cancel()
        finally:
            await runner.cleanup()
            if not self.only_web:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(self.app.do_due(), STOP_WITHIN_S / 2)
            await self.alarm.close()
            await self.close()

    async def close(self) -> None:
        """Let go of the messengers' sessions."""
        for close in self._closers:
            result = close()
            if asyncio.iscoroutine(result):
                await result
        self._closers.clear()

    async def _watch_names(self) -> None:
        """New names of other processes on the same database."""
        while True:
            await asyncio.sleep(NAMES_EVERY_S)
            try:
                if self.app.names is not None:
                    await self.app.names.refresh(everything=True)
            except Exception:  # the store may be down for a while; messages say so themselves
                log.warning("names could not be refreshed")


def bound_port(site: web.TCPSite) -> int | None:
    """The real port when 0 was asked for."""
    server = site._server
    sockets = getattr(server, "sockets", None) or ()
    return int(sockets[0].getsockname()[1]) if sockets else None


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop
