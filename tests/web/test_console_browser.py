"""The console in a real browser: the link, dragging with the conflict dialog, a phone, and no network."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.config import Config
from bot.sample import team
from bot.web.build import Web
from domain.model import OFFICE
from handlers.data_api import LOOKS
from storage.store import open_store
from tests.platforms.webchat.browser import CHROMIUM, Tab, browser
from tests.talking import Chat, start

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
NOW = datetime(2026, 3, 11, 10, tzinfo=OFFICE)


class Screen:
    """A tab that is in the console as 王磊's manager."""

    def __init__(self, tab: Tab, chat: Chat, base: str, runner: web.AppRunner) -> None:
        self.tab, self.chat, self.base, self.runner = tab, chat, base, runner

    async def go(self, path: str, ready: str) -> None:
        await self.tab.do("Page.navigate", url=self.base + path)
        await self.tab.until(f"location.pathname.startsWith({path.split('?')[0]!r}) && !!document.querySelector({ready!r})")

    async def drag(self, visit: str, date: str, person: str) -> None:
        """Take a visit by the mouse and let it go over a day."""
        spot = "(s) => { const b = document.querySelector(s).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }"
        start = await self.tab.js(f"({spot})('.visit[data-id={visit}]')")
        end = await self.tab.js(f"({spot})('.cell[data-date=\"{date}\"][data-person={person}]')")
        mouse = "Input.dispatchMouseEvent"
        await self.tab.do(mouse, type="mousePressed", x=start[0], y=start[1], button="left", clickCount=1)
        for share in (0.3, 0.7, 1.0):
            at = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
            await self.tab.do(mouse, type="mouseMoved", x=at[0], y=at[1], button="left", buttons=1)
        await self.tab.do(mouse, type="mouseReleased", x=end[0], y=end[1], button="left", clickCount=1)


@pytest_asyncio.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/office.db")
    chat = await start(store, team(), NOW)
    made = Web(chat.app, Config(), LOOKS)
    await made.tell()
    app = web.Application()
    app.add_routes(made.routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    link = (await chat.reply("chenjing", "打开网页控制台")).split("\n")[1].split("/app/")[1]
    async with browser(tmp_path / "profile") as tab:
        await tab.open(f"{base}/app/{link}")
        await tab.until("location.pathname == '/app/week' && !!document.querySelector('.visit')")
        yield Screen(tab, chat, base, runner)
    await runner.cleanup()
    await store.close()


async def test_dragging_to_another_day(screen: Screen) -> None:
    tab, chat = screen.tab, screen.chat
    await screen.drag("v1", "2026-03-11", "lina")
    await tab.until("document.querySelector('#toast').textContent.includes('换人请在聊天里说')")
    assert chat.named("visit.rescheduled") == []
    # Friday 14:00 is free for 王磊: 蓝海 is at 10:00
    await screen.drag("v1", "2026-03-13", "wanglei")
    await tab.until("document.querySelector('#toast').textContent.includes('已改期')")
    await tab.until("document.querySelector('.visit[data-id=v1]').closest('.cell').dataset.date == '2026-03-13'")
    assert chat.named("visit.rescheduled")[-1]["visit"]["start"] == "2026-03-13T14:00:00+08:00"
    # 10:30 the same day runs into 蓝海: nothing is saved, the dialog offers times, pressing one books it
    await tab.click(".visit[data-id=v1]")
    await tab.until("document.querySelector('#visit').open")
    await tab.js("document.querySelector('#visit [name=when]').value = '2026-03-13T10:30'")
    await tab.click("[data-do=move]")
    await tab.until("document.querySelector('#conflict').open")
    assert await tab.js("document.querySelectorAll('#conflict [data-how=alternative]').length") >= 3
    moved = len(chat.named("visit.rescheduled"))
    await tab.click("#conflict [data-how=alternative]")
    await tab.until("!document.querySelector('#conflict').open")
    await tab.until("document.querySelector('#toast').textContent.includes('已改期')")
    assert len(chat.named("visit.rescheduled")) == moved + 1
    assert [p for p in tab.problems if "409" not in p] == []


async def test_every_page_fits_a_phone_and_survives_without_a_network(screen: Screen) -> None:
    tab = screen.tab
    pages = {"/app/week": ".week", "/app/stages": ".column", "/app/kpi": ".tile", "/app/conflicts": "main", "/app/rules": ".panel",
             "/app/import": "form.upload", "/app/customer/c3": ".timeline"}  # fmt: skip
    for width in (390, 1280):
        await tab.size(width, 844)
        for path, ready in pages.items():
            await screen.go(path, ready)
            assert await tab.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (path, width)
    await tab.until("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)")
    await screen.go("/app/week", ".week")
    await screen.go("/app/week", ".week")
    assert await tab.js("document.querySelector('#offline').hidden")
    await screen.runner.cleanup()
    await screen.go("/app/week", ".visit")
    assert not await tab.js("document.querySelector('#offline').hidden")
    await tab.click(".visit[data-id=v1]")
    await tab.until("document.querySelector('#visit').open")
    await tab.click("[data-do=move]")
    await tab.until("document.querySelector('#toast').textContent.includes('没有网络')")
