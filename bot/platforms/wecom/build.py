"""The WeCom side put together from its configuration: what `main` needs; what isn't configured stays off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.platform import Inbound
from bot.platforms.wecom import callback
from bot.platforms.wecom.aibot import Aibot
from bot.platforms.wecom.aibot_callback import AibotCallback
from bot.platforms.wecom.aibot_files import AibotFiles
from bot.platforms.wecom.api import Alarm, Api
from bot.platforms.wecom.clicks import Clicks
from bot.platforms.wecom.client import Door, WeCom
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.media import Media
from bot.platforms.wecom.owner import Owner
from bot.platforms.wecom.webhook import Webhooks
from bot.shelf import TokenShelf


@dataclass(frozen=True, slots=True)
class Built:
    """`platform` sends; `routes` belong into the web application; `aibot` (None = off) is to be run by one process."""

    platform: WeCom
    routes: list[web.RouteDef]
    aibot: Aibot | None
    api: Api


def build(
    config: WeComConfig,
    session: aiohttp.ClientSession,
    inbound: Inbound,
    clock: Callable[[], datetime],
    alarm: Alarm,
    *,
    folder: str = "",
    notice: callback.Notice | None = None,
    shelf: TokenShelf | None = None,
    owner: Owner | None = None,
) -> Built:
    """Builds what is configured. `folder` keeps what people send ("" = not fetched). ValueError for a bad key."""

    def now() -> float:
        return clock().timestamp()

    api = Api(config, session, now, alarm, shelf)
    media = Media(api, folder)
    clicks = Clicks(inbound, now)
    files = AibotFiles(session, str(Path(folder)), config.proxy).fetch if folder else None
    doors: list[Door] = []
    routes: list[web.RouteDef] = []
    if config.can_receive:
        fetch = media.fetch if folder and config.can_send else None
        routes += callback.routes(config, clicks.hear, clock, notice, fetch)
    if config.aibot_callback.ready:
        form = AibotCallback(api, inbound, clock, files)
        routes += form.routes()
        doors.append(form)
    aibot = Aibot(config, session, inbound, clock, alarm, files, owner=owner) if config.aibot.ready else None
    if aibot:
        doors.append(aibot)
    if config.webhooks:
        doors.append(Webhooks(api, now))
    return Built(WeCom(api, now, tuple(doors), media, clicks), routes, aibot, api)
