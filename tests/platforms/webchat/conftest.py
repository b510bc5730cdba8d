"""A playground with a scripted bot behind it, served by a test client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.platforms.webchat.playground import Playground
from bot.platforms.webchat.server import attach
from tests.platforms.webchat.kit import Client, Offices, real_office


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real headless Chromium")


@pytest.fixture
def offices(tmp_path: Path) -> Offices:
    """Makes the scripted bots; `offices.app` is the newest."""
    return Offices(tmp_path)


@pytest_asyncio.fixture
async def playground(offices: Offices, tmp_path: Path) -> AsyncIterator[Playground]:
    """With a scripted bot."""
    async with Playground(offices, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def client(playground: Playground) -> AsyncIterator[Client]:
    """Of a playground with a scripted bot."""
    app = web.Application()
    attach(app, playground)
    async with TestClient(TestServer(app)) as made:
        yield made


@pytest_asyncio.fixture
async def real(tmp_path: Path) -> AsyncIterator[Playground]:
    """With the whole bot and the sample team."""
    async with Playground(real_office(tmp_path), tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def address(real: Playground) -> AsyncIterator[str]:
    """Where the playground with the whole bot is served."""
    app = web.Application()
    attach(app, real)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))
