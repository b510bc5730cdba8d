"""`check` names what is missing on WeCom's side, with the fix, and disturbs nobody."""

from dataclasses import replace

import pytest

from bot.platforms.wecom.check import check, gaps
from bot.platforms.wecom.config import AibotCallbackConfig, AibotConfig, WeComConfig
from tests.fakes.wecom_aibot import BOT_ID, BOT_SECRET, running
from tests.platforms.wecom.conftest import Bench


async def test_all_in_order_and_nothing_is_sent(bench: Bench) -> None:
    async with running() as bot:
        config = replace(bench.config, webhooks=(("east", "key-east"),), aibot=AibotConfig(BOT_ID, BOT_SECRET, ws_url=bot.url))
        found = await check(config, bench.clock)
        assert [(f.what, f.cure) for f in found if f.cure] == []
        assert len(found) == 6
    assert bench.fake.delivered == []
    assert bench.fake.webhook_sent == []


@pytest.mark.parametrize(
    ("path", "code", "what", "cure"),
    [
        ("gettoken", 40001, "凭证", "wecom.secret"),
        ("gettoken", 40013, "凭证", "corp_id"),
        ("message/send", 60020, "发消息", "可信IP"),
        ("message/send", 301002, "发消息", "agent_id"),
        ("message/send", 50003, "发消息", "启用"),
        ("user/get", 48002, "通讯录", "权限"),
        ("oa/schedule/get", 90472, "日程", "可调用接口的应用"),
    ],
)
async def test_each_missing_thing_has_its_fix(bench: Bench, path: str, code: int, what: str, cure: str) -> None:
    bench.fake.break_(path, errcode=code, times=9)
    found = [f for f in await check(bench.config, bench.clock) if f.cure]
    assert len(found) == 1
    assert what in found[0].what
    assert cure in found[0].cure


async def test_wrong_keys_of_robots(bench: Bench) -> None:
    async with running() as bot:
        aibot = AibotConfig(BOT_ID, "wrong", ws_url=bot.url)
        config = replace(bench.config, webhooks=(("east", "key-gone"),), aibot=aibot)
        cures = [f.cure for f in await check(config, bench.clock) if f.cure]
    assert len(cures) == 2
    assert "bot_id" in cures[0]
    assert "key" in cures[1]
    assert "key-gone" not in "".join(cures)


async def test_a_running_bot_is_not_kicked_out(bench: Bench) -> None:
    async with running() as bot:
        config = replace(bench.config, aibot=AibotConfig(BOT_ID, BOT_SECRET, ws_url=bot.url))
        found = await check(config, bench.clock, bot_runs=True)
        assert not any(f.cure for f in found)
        assert bot.subscriptions == 0


async def test_out_of_reach(bench: Bench) -> None:
    (found,) = await check(replace(bench.config, api_base="http://127.0.0.1:9"), bench.clock)
    assert "连不上" in found.cure


def test_keys_that_belong_together() -> None:
    whole = WeComConfig("ww1", 1, "s", "tok", "k" * 43)
    assert gaps(WeComConfig()) == gaps(whole) == []
    assert [f.what for f in gaps(WeComConfig("ww1"))] == ["wecom.secret", "wecom.agent_id", "wecom.token / encoding_aes_key"]
    assert [f.what for f in gaps(WeComConfig(secret="s"))] == ["wecom.corp_id"]
    assert "42" in gaps(replace(whole, encoding_aes_key="k" * 42))[0].cure
    assert "32" in gaps(replace(whole, token="t" * 33))[0].cure
    both = replace(whole, aibot=AibotConfig("b", "s"), aibot_callback=AibotCallbackConfig("t", "k" * 43))
    assert [f.what for f in gaps(both)] == ["wecom.aibot"]
