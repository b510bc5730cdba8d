"""The fake tenant and a bot connected to it."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.dingtalk import FakeDingTalk
from tests.platforms.dingtalk.kit import Bot, make


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeDingTalk]:
    tenant = await FakeDingTalk().start()
    yield tenant
    await tenant.stop()
    assert tenant.wrongs == []


@pytest_asyncio.fixture
async def bot(fake: FakeDingTalk) -> AsyncIterator[Bot]:
    """Connected; stopped at the end."""
    made = make(fake)
    running = asyncio.create_task(made.stream.run())
    await fake.gateway.connected()
    yield made
    await made.stream.stop()
    await running
    await asyncio.gather(*made.sends, return_exceptions=True)
    await made.client.close()
