"""Whole flows over both fakes while the platforms misbehave: the same deeds, everything seen once (issue 5)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.platforms.dingtalk import api as dingtalk_api
from bot.platforms.wecom import api as wecom_api
from tests.platforms.joint import NOW, Joint, joint
from tests.platforms.outage import replay
from tests.platforms.transcript import MARKS, at

Wrong = Callable[[Joint], None]


def wecom_fault(**how: object) -> Wrong:
    def wrong(office: Joint) -> None:
        for path in ("message/send", "message/update_template_card"):
            office.wecom.break_(path, **how)

    return wrong


def dingtalk_fault(fault: str) -> Wrong:
    def wrong(office: Joint) -> None:
        # a message without a card has no key at DingTalk: its repeat shows twice, which is better than not at all
        keyed = ("createAndDeliver", "update")
        for api in keyed if fault == "answer lost" else (*keyed, "batchSend", "webhook"):
            office.dingtalk.fail(api, fault)

    return wrong


def tokens_die(office: Joint) -> None:
    office.wecom.expire_tokens()
    office.dingtalk.token = ""


def nothing(office: Joint) -> None:
    """As it should be."""


WRONGS: dict[str, Wrong] = {
    "tokens die": tokens_die,
    "45009": wecom_fault(errcode=45009),
    "40014": wecom_fault(errcode=40014),
    "busy": wecom_fault(errcode=-1),
    "5 s hang, done": wecom_fault(hang_s=0.8, after=True),
    "5 s hang, not done": wecom_fault(hang_s=0.8, drop=True),
    "socket dropped, done": wecom_fault(drop=True, after=True),
    "socket dropped, not done": wecom_fault(drop=True),
    "403 rate": dingtalk_fault("qps"),
    "504": dingtalk_fault("504"),
    "answer lost": dingtalk_fault("answer lost"),
    "abort": dingtalk_fault("abort"),
}


async def play(office: Joint, wrong: Wrong, times: int) -> tuple[list[str], Counter[str]]:
    """A visit's life on each messenger; (names of the events, what people saw and how often)."""
    for platform, who, customer, mate in (("wecom", "hanmei", "飞燕", "秦岚"), ("dingtalk", "duwei", "山泉", "陆佳")):
        says = office.wecom_says if platform == "wecom" else office.dingtalk_says
        for text in (
            f"明天上午10点拜访{customer}，聊报价",
            f"{customer}那个改到明天下午四点",
            "撤销",
            f"明天{customer}的拜访带上{mate}",
        ):
            only(office, wrong, platform)
            await says(who, text, times=times)
            await office.advance(office.clock.now() + timedelta(minutes=6))
    only(office, wrong, "wecom")
    only(office, wrong, "dingtalk")
    await office.advance(at(10, 9, 30))
    seen = Counter(f"{b['touser']}: {wecom_title(b)}" for b in office.wecom.delivered)
    seen += Counter(f"{c.space}: {t}" for c in office.dingtalk.cards.values() if (t := c.values["title"]) and c.space)
    for chat, said in office.dingtalk.chats.items():
        seen += Counter(f"IM_ROBOT.{chat}: {str(m.get('title') or m['content']).splitlines()[0]}" for _, m in said)
    seen = Counter({k: n for k, n in seen.items() if not k.startswith("wuxin")})  # the admin hears what went wrong
    return sorted(e.name for e in office.events), seen


def only(office: Joint, wrong: Wrong, platform: str) -> None:
    """One thing goes wrong, on this platform; what was left over from before does not."""
    kept = list(office.wecom.faults)
    office.wecom.faults.clear()
    office.dingtalk.forget_faults()
    wrong(office)
    if platform == "dingtalk":
        office.wecom.faults[:] = [f for f in kept if f.times]
    else:
        office.dingtalk.forget_faults()


def wecom_title(body: dict[str, dict[str, dict[str, str]]]) -> str:
    if "template_card" in body:
        return body["template_card"]["main_title"]["title"]
    return str(body["text"]["content"]).translate(MARKS).split("\n")[0]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds, made short."""
    monkeypatch.setattr(wecom_api, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))
    monkeypatch.setattr(dingtalk_api, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))


@pytest.fixture(scope="module")
def right() -> dict[str, tuple[list[str], Counter[str]]]:
    """How it goes when nothing goes wrong; played once."""
    return {}


@pytest.mark.parametrize("name", sorted(WRONGS))
async def test_the_same_is_done_and_seen_once_whatever_goes_wrong(
    name: str, tmp_path: Path, right: dict[str, tuple[list[str], Counter[str]]]
) -> None:
    if not right:
        async with joint(f"sqlite+aiosqlite:///{tmp_path / 'right.db'}") as office:
            right[""] = await play(office, nothing, 1)
        assert len(right[""][1]) >= 10
    async with joint(f"sqlite+aiosqlite:///{tmp_path / 'visits.db'}") as office:
        names, seen = await play(office, WRONGS[name], 1)
        assert (seen - right[""][1], right[""][1] - seen) == (Counter(), Counter())
        assert names == right[""][0]


async def test_delivered_three_times_each_is_the_same_as_once(tmp_path: Path) -> None:
    async with joint(f"sqlite+aiosqlite:///{tmp_path / 'once.db'}") as office:
        once = await play(office, nothing, 1)
    async with joint(f"sqlite+aiosqlite:///{tmp_path / 'thrice.db'}") as office:
        assert await play(office, nothing, 3) == once


async def test_out_of_order_deliveries_are_each_done_once(tmp_path: Path) -> None:
    """A repeat of the first message comes after the second: nothing happens again."""
    async with joint(f"sqlite+aiosqlite:///{tmp_path / 'visits.db'}") as office:
        first = office.dingtalk.message("duwei", "明天上午10点拜访山泉")
        second = office.dingtalk.message("duwei", "取消明天山泉的拜访")
        for data in (first, second, first, second):
            assert (await office.dingtalk.gateway.push(data)).code == 200
        await office.settle()
        assert [e.name for e in office.events] == ["visit.booked", "visit.cancelled"]


async def test_the_stream_breaks_in_the_middle_and_goes_on(tmp_path: Path) -> None:
    async with joint(f"sqlite+aiosqlite:///{tmp_path / 'visits.db'}") as office:
        await office.dingtalk_says("duwei", "明天上午10点拜访山泉")
        gateway = office.dingtalk.gateway
        (old,) = await gateway.connected()
        gateway.abort(old)
        await old.gone.wait()
        await gateway.connected(seconds=20)
        await office.dingtalk_says("duwei", "取消明天山泉的拜访")
        assert [e.name for e in office.events] == ["visit.booked", "visit.cancelled"]


async def test_a_rep_here_and_a_rep_there_collide_and_agree(db_url: str) -> None:
    """M17: refused on DingTalk, told at once on WeCom, asked, agreed there, both reminded where they live."""
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "明天上午10点拜访飞燕，聊报价")
        await office.dingtalk_says("duwei", "明天上午10点拜访飞燕")
        assert [e["kinds"][0] for e in office.named("conflict.found")] == ["customer_overlap"]
        assert any("杜伟也想在" in t for t in office.wecom_texts("hanmei"))
        await office.dingtalk_press("duwei", "同行")
        await office.wecom_press("hanmei", "同意同行")
        assert any("韩梅同意同行" in t for t in office.dingtalk_texts("duwei"))
        assert any("已解决" in t for t in office.dingtalk_texts("duwei")), "the clash's own card changed"
        assert [e["by"] for e in office.named("conflict.resolved")] == ["joined"]
        await office.advance(at(10, 9, 30))
        assert sum("拜访提醒" in t for t in office.wecom_texts("hanmei")) == 1
        assert sum("拜访提醒" in t for t in office.dingtalk_texts("duwei")) == 1
        assert [e["organizer"] for e in office.dingtalk.events.values()] == ["union-duwei"]


async def test_one_person_with_both_identities_is_one_person(db_url: str) -> None:
    """Booked on WeCom, seen and moved on DingTalk; what comes by itself comes where he wrote from last, once."""
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "明天上午10点拜访飞燕")
        await office.dingtalk_says("hanmei", "飞燕那个改到明天下午四点")
        assert [e["visit"]["start"][11:16] for e in office.named("visit.rescheduled")] == ["16:00"]
        await office.advance(at(10, 15, 30))
        reminders = [t for t in (*office.wecom_texts("hanmei"), *office.dingtalk_texts("hanmei")) if "拜访提醒" in t]
        assert len(reminders) == 1
        assert any("拜访提醒" in t for t in office.dingtalk_texts("hanmei"))


@pytest.mark.parametrize("kind", ["500", "dropped sockets", "answers lost", "rate limit"])
async def test_an_hour_without_messengers_loses_nothing_and_doubles_nothing(kind: str, tmp_path: Path) -> None:
    got = await replay(f"sqlite+aiosqlite:///{tmp_path / 'v.db'}", kind)
    assert (got.lost, got.twice, got.calendar_missing, got.calendar_twice) == (0, 0, 0, 0)
    assert got.letters >= got.said
    assert got.late_s <= 600


def test_now_is_off_the_full_hour() -> None:
    assert NOW.minute % 30
