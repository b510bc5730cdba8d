"""One token for all processes of a company, and one owner of what only one may do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from bot import shelf as shelf_module
from bot.cards import Card, to_json
from bot.clock import VirtualClock
from bot.message import Message
from bot.outbox import Outbox
from bot.platform import Delivery, Handled, SendFailed
from bot.platforms.dingtalk.api import Api as DingTalkApi
from bot.platforms.wecom.aibot import Aibot
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.config import AibotConfig, WeComConfig
from bot.shelf import StoreShelf
from domain.desk import Letter
from storage.store import Store
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.wecom_aibot import BOT_ID, BOT_SECRET, running
from tests.platforms.dingtalk.kit import now
from tests.platforms.wecom.conftest import Bench
from tests.platforms.wecom.test_wecom_aibot import FAST


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "LOOK_EVERY_S", 0.01)


def wecom(bench: Bench, store: Store) -> Api:
    return Api(bench.config, bench.session, bench.clock, bench.alarms.append, StoreShelf(store, bench.clock.now))


async def test_wecom_processes_fetch_one_token_between_them(bench: Bench, store: Store) -> None:
    processes = [wecom(bench, store) for _ in range(3)]
    assert len(set(await asyncio.gather(*(p.token() for p in processes)))) == 1
    assert bench.fake.count("gettoken") == 1


async def test_a_token_found_dead_by_one_is_fetched_anew_once_for_all(bench: Bench, store: Store) -> None:
    one, two = wecom(bench, store), wecom(bench, store)
    await asyncio.gather(one.token(), two.token())
    bench.fake.expire_tokens()
    await asyncio.gather(one.get("department/simplelist"), two.get("department/simplelist"))
    assert bench.fake.count("gettoken") == 2


async def test_a_process_that_fails_to_fetch_leaves_it_to_the_next(bench: Bench, store: Store) -> None:
    one, two = wecom(bench, store), wecom(bench, store)
    bench.fake.break_("gettoken", http=500)
    with pytest.raises(SendFailed):
        await one.token()
    assert await two.token()


async def test_dingtalk_processes_share_a_token_too(store: Store) -> None:
    fake = await FakeDingTalk().start()
    apis = [DingTalkApi(fake.config(), now, lambda text: None, StoreShelf(store, now)) for _ in range(3)]
    try:
        tokens = await asyncio.gather(*(a.token() for a in apis))
        assert len(set(tokens)) == 1
        assert fake.tokens_given == 1
        fake.token = ""  # the platform forgets it before its time
        body = {"outTrackId": "x"}
        calls = (a.call("PUT", "/v1.0/card/instances", body, counted=False) for a in apis)
        await asyncio.gather(*calls, return_exceptions=True)
        assert fake.tokens_given == 2
    finally:
        for a in apis:
            await a.close()
        await fake.stop()


async def test_one_process_owns_the_long_connection_until_it_lets_go(store: Store) -> None:
    one, two = StoreShelf(store, now), StoreShelf(store, now)
    assert await one.claim("aibot", 60)
    assert not await two.claim("aibot", 60)
    assert await one.claim("aibot", 60)
    await one.release("aibot")
    assert await two.claim("aibot", 60)


async def test_two_processes_one_ai_bot(store: Store) -> None:
    """The second stands by, hands its letters over, and takes the connection when the first ends."""
    config = WeComConfig(aibot=AibotConfig(BOT_ID, BOT_SECRET))

    async def inbound(message: Message) -> Handled:
        return Handled()

    async with running() as fake, aiohttp.ClientSession() as session:
        config = replace(config, aibot=replace(config.aibot, ws_url=fake.url))
        alarms: list[str] = []
        bots = [Aibot(config, session, inbound, now, alarms.append, timing=FAST, owner=StoreShelf(store, now)) for _ in range(2)]
        runs = [asyncio.create_task(bots[0].run())]
        await fake.subscribed()
        fake.talked.add("wanglei")
        runs.append(asyncio.create_task(bots[1].run()))
        await asyncio.sleep(0.3)
        assert fake.subscriptions == 1
        assert bots[1].connected, "a process that stands by is in order"
        with pytest.raises(SendFailed) as caught:
            await bots[1].send(Delivery("k1", "wanglei", "", Card("您好")))
        assert caught.value.elsewhere
        await bots[0].stop()
        await runs[0]
        await fake.subscribed(2)
        await sends(bots[1], Delivery("k2", "wanglei", "", Card("您好")))
        assert len(fake.sent("aibot_send_msg")) == 1
        assert alarms == []
        await bots[1].stop()
        await runs[1]


async def test_a_letter_that_another_process_must_send_is_handed_back_without_a_try(store: Store) -> None:
    class Standby:
        name = "wecom"

        async def send(self, delivery: Delivery) -> str:
            raise SendFailed("elsewhere", retry_s=1.0, elsewhere=True)

    clock = VirtualClock(now())
    outbox = Outbox(store, clock, {}, only=Standby())
    await store.run(lambda tx: tx.mail.post(Letter("k1", "u:wanglei", "push", to_json(Card("您好"))), clock.now()))
    for _ in range(3):
        assert await outbox.deliver() == 1
        assert await outbox.deliver() == 0
        clock.move(clock.now() + timedelta(seconds=1))
    letter = await store.read(lambda tx: tx.mail.get("k1"))
    assert letter is not None
    assert letter.tries == 0


async def sends(bot: Aibot, delivery: Delivery) -> None:
    """As soon as it knows that it is connected."""
    async with asyncio.timeout(20):
        while True:
            try:
                await bot.send(delivery)
                return
            except SendFailed:
                await asyncio.sleep(0.01)
