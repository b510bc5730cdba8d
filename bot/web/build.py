"""The web side put together: API, calendar, metrics, webhooks."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web

from bot.app import App
from bot.config import Config
from bot.web import ical
from bot.web.api import Api
from bot.web.console.console import Console
from bot.web.hooks import Hooks
from bot.web.look import Looks
from bot.web.metrics import Metrics
from bot.web.page import CONSOLE_URL, LOGIN_MIN, PUBLIC_URL
from storage.tx import Tx


class Web:
    """`routes` belong into the web application; `run` goes on until it is cancelled."""

    def __init__(self, app: App, config: Config, looks: Looks, connected: Callable[[], int] = lambda: 0) -> None:
        self.api = Api(app, looks, config.server.public_url)
        self.metrics = Metrics(app, connected)
        self.hooks = Hooks(app, config.webhooks)
        self.app, self._public = app, config.server.public_url.rstrip("/")
        self._login_min = config.web.login_ttl_min
        here = config.server
        self._shown = self._public or f"http://{here.host}:{here.port}"
        secure = self._public.startswith("https:")
        self.console = Console(app, looks, lambda: self.api.door, time.monotonic, secure=secure)
        self.routes: list[web.RouteDef] = [
            *self.api.routes(), *ical.routes(lambda: self.app), *self.console.routes(), *self.metrics.routes(),
        ]  # fmt: skip

    def use(self, app: App) -> None:
        """Work on this app from now on (the playground makes a new one at every reset)."""
        self.app = app
        self.api.use(app)
        self.console.use(app)
        self.metrics.use(app)
        self._told = asyncio.create_task(self.tell())

    async def tell(self) -> None:
        """Commands tell people these addresses."""

        def work(tx: Tx) -> None:
            tx.talk.note("system", PUBLIC_URL, self._public)
            tx.talk.note("system", CONSOLE_URL, self._shown)
            tx.talk.note("system", LOGIN_MIN, self._login_min)

        await self.app.store.run(work)

    async def run(self) -> None:
        """Measure the loop and tell the webhooks."""
        await self.tell()
        await asyncio.gather(self.metrics.watch(), self.hooks.run())
