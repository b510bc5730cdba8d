"""The web side put together: API, calendar, metrics, webhooks."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from bot.app import App
from bot.config import Config
from bot.web import ical
from bot.web.api import Api
from bot.web.hooks import Hooks
from bot.web.look import Looks
from bot.web.metrics import Metrics
from bot.web.page import PUBLIC_URL


class Web:
    """`routes` belong into the web application; `run` goes on until it is cancelled."""

    def __init__(self, app: App, config: Config, looks: Looks, connected: Callable[[], int] = lambda: 0) -> None:
        self.api = Api(app, looks, config.server.public_url)
        self.metrics = Metrics(app, connected)
        self.hooks = Hooks(app, config.webhooks)
        self.app, self._public = app, config.server.public_url.rstrip("/")
        self.routes: list[web.RouteDef] = [*self.api.routes(), *ical.routes(lambda: self.app), *self.metrics.routes()]

    def use(self, app: App) -> None:
        """Work on this app from now on (the playground makes a new one at every reset)."""
        self.app = app
        self.api.use(app)
        self.metrics.use(app)

    async def run(self) -> None:
        """Measure the loop and tell the webhooks."""
        await self.app.store.run(lambda tx: tx.talk.note("system", PUBLIC_URL, self._public))
        await asyncio.gather(self.metrics.watch(), self.hooks.run())
