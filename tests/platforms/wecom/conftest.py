"""A running fake, a client for it, a hand-set clock."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio

from bot.platforms.wecom.api import Api
from bot.platforms.wecom.clicks import Clicks
from bot.platforms.wecom.client import WeCom
from bot.platforms.wecom.config import WeComConfig
from tests.fakes.wecom import AGENT, CORP, SECRET, FakeWeCom, running


@dataclass
class Hand:
    """A clock that stands until it is moved."""

    at: float = datetime(2026, 3, 11, 2, 0, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@dataclass
class Bench:
    """What a test of the sending side needs."""

    fake: FakeWeCom
    session: aiohttp.ClientSession
    clock: Hand
    config: WeComConfig
    alarms: list[str] = field(default_factory=list)

    def api(self, **changes: object) -> Api:
        config = replace(self.config, **changes)  # type: ignore[arg-type]
        return Api(config, self.session, self.clock, self.alarms.append)

    def client(self, clicks: Clicks | None = None, **changes: object) -> WeCom:
        return WeCom(self.api(**changes), self.clock, clicks=clicks, gather_s=0.01)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest_asyncio.fixture
async def bench(clock: Hand) -> AsyncIterator[Bench]:
    async with running(FakeWeCom(clock)) as fake, aiohttp.ClientSession() as session:
        config = WeComConfig(
            corp_id=CORP,
            agent_id=AGENT,
            secret=SECRET,
            token="QDG6eK",
            encoding_aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
            api_base=fake.url,
        )
        yield Bench(fake, session, clock, config)
