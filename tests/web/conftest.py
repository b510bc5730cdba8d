"""The API over HTTP on the talking office, once on each database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.config import Config
from bot.web.build import Web
from bot.web.tokens import issue
from handlers.data_api import LOOKS
from tests.talking import NOW, Chat


@dataclass
class Rest:
    """`await rest("qinlan", "GET", "/visits")` → (status, JSON)."""

    http: TestClient[web.Request, web.Application]
    chat: Chat
    web: Web
    tokens: dict[str, str]

    async def token(self, who: str) -> str:
        if who not in self.tokens:
            self.tokens[who] = await issue(self.chat.app.store, who, "api", NOW)
        return self.tokens[who]

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        told = {"Authorization": f"Bearer {await self.token(who)}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        async with self.http.request(method, f"/api/v1{path}", json=body, headers=told) as answer:
            return answer.status, await answer.json()


@pytest_asyncio.fixture
async def rest(chat: Chat) -> AsyncIterator[Rest]:
    made = Web(chat.app, Config(), LOOKS)
    app = web.Application()
    app.add_routes(made.routes)
    async with TestClient(TestServer(app)) as http:
        yield Rest(http, chat, made, {})


@pytest.fixture
def at() -> Any:
    """`at("14:00")` on the day after the office's today, as ISO."""

    def moment(clock: str, day: int = 10) -> str:
        return f"2026-06-{day:02d}T{clock}:00+08:00"

    return moment
