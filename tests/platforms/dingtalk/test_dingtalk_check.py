"""`check` names what is missing on DingTalk's side, with the cure, and disturbs nobody."""

import pytest

from bot.platforms.dingtalk.check import check
from bot.platforms.dingtalk.config import DingTalkConfig
from tests.fakes.dingtalk import FakeDingTalk
from tests.platforms.dingtalk.kit import now

pytestmark = pytest.mark.asyncio


async def test_all_in_order(fake: FakeDingTalk) -> None:
    found = await check(fake.config(), now)
    assert [f.cure for f in found] == [""] * 5
    assert fake.chats == {}
    assert fake.cards == {}
    assert fake.gateway.conns == []


@pytest.mark.parametrize(
    ("api", "fault", "line", "cure"),
    [
        ("batchSend", "code:robot.oto.notExist", 2, "robot_code"),
        ("batchSend", "scope", 2, "qyapi_robot_sendmsg"),
        ("update", "scope", 3, "Card.Instance.Write"),
        ("user", "errcode:60011", 4, "qyapi_get_member"),
        ("user", "errcode:60020", 4, "白名单"),
        ("batchSend", "quota", 2, "调用量"),
        ("batchSend", "504", 2, "放行"),
    ],
)
async def test_each_missing_thing_has_its_cure(fake: FakeDingTalk, api: str, fault: str, line: int, cure: str) -> None:
    fake.fail(api, fault)
    found = await check(fake.config(), now)
    assert cure in found[line].cure
    if fault != "quota":
        assert [bool(f.cure) for f in found].count(True) == 1


async def test_wrong_secret_stops_at_once(fake: FakeDingTalk) -> None:
    (found,) = await check(fake.config(client_secret="wrong"), now)
    assert "client_secret" in found.cure
    assert "wrong" not in found.cure


async def test_the_stream_refused(fake: FakeDingTalk) -> None:
    fake.gateway.refuse = "401"
    assert "Stream" in (await check(fake.config(), now))[1].cure


async def test_off_and_unreachable(fake: FakeDingTalk) -> None:
    assert (await check(DingTalkConfig(), now))[0].cure == ""
    assert "连不上" in (await check(fake.config(api_base="http://127.0.0.1:9"), now))[0].cure
