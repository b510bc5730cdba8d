"""Sending to a tenant that misbehaves: what is retried, what goes another way, what is told, what is never doubled."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientTimeout

from bot.cards import Button, Card, Items, Text
from bot.platform import Delivery, Platform, SendFailed
from bot.platforms.dingtalk import api as api_module
from bot.platforms.dingtalk.budget import Quota
from bot.platforms.dingtalk.client import DingTalk
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.payload import Origin
from bot.platforms.dingtalk.tally import Tally
from storage.store import Store, StoreDown
from tests.fakes.dingtalk import FakeDingTalk
from tests.platforms.dingtalk.kit import BOOKED, UNDONE, delivery, now

pytestmark = pytest.mark.asyncio
Alarms = list[str]


@pytest.fixture
def alarms() -> Alarms:
    return []


@pytest_asyncio.fixture
async def client(fake: FakeDingTalk, alarms: Alarms) -> AsyncIterator[DingTalk]:
    made = DingTalk(fake.config(), now, alarms.append)
    yield made
    await made.close()


def origin(fake: FakeDingTalk, chat: str = "u1", group: str = "", life_s: float = 5400) -> Origin:
    url, until = fake.session(group or chat, life_s)
    return Origin(user=chat, group=group, nick="小钉", webhook=url, until=until / 1000)


async def failing(client: DingTalk, out: Delivery) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await client.send(out)
    return caught.value


async def test_it_is_a_platform(client: DingTalk) -> None:
    platform: Platform = client
    assert platform.name == "dingtalk"


# ---------------------------------------------------------------------- tokens
async def test_one_token_for_many_letters_at_once(fake: FakeDingTalk, client: DingTalk) -> None:
    await asyncio.gather(*(client.send(delivery(key=f"k{i}")) for i in range(15)))
    assert fake.tokens_given == 1
    assert len(fake.cards) == 15


async def test_a_dead_token_is_fetched_anew_once_and_the_call_repeated(fake: FakeDingTalk, client: DingTalk) -> None:
    await client.send(delivery(key="k1"))
    fake.token = "another"
    assert await client.send(delivery(key="k2")) == "k2"
    assert fake.tokens_given == 2


async def test_a_token_refused_for_ever_does_not_loop(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("createAndDeliver", *["token"] * 5)
    assert (await failing(client, delivery())).retry_s is not None
    assert len(fake.called("createAndDeliver")) == 2


async def test_a_wrong_secret_stops_and_is_told_once(fake: FakeDingTalk, client: DingTalk, alarms: Alarms) -> None:
    fake.secret = "changed"
    for key in ("k1", "k2", "k3"):
        assert (await failing(client, delivery(key=key))).retry_s == 600
    assert len(fake.called("token")) == 1
    assert len(alarms) == 1
    assert "client_secret" in alarms[0]


# ---------------------------------------------------------------------- cards
async def test_the_same_key_again_shows_one_card(fake: FakeDingTalk, client: DingTalk) -> None:
    assert [await client.send(delivery()) for _ in range(3)] == ["m1"] * 3
    assert len(fake.cards) == 1
    assert fake.chats == {}


async def test_an_answer_that_got_lost_is_repeated_without_doubling(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("createAndDeliver", "answer lost")
    failure = await failing(client, delivery())
    assert failure.retry_s is not None
    assert failure.unsure, "the outTrackId makes the repeat harmless here, and nowhere else"
    assert await client.send(delivery()) == "m1"
    assert len(fake.cards) == 1


async def test_a_card_nobody_got_is_said_instead_and_never_taken_for_delivered(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("createAndDeliver", "undelivered")
    fake.fail("batchSend", "busy")
    assert (await failing(client, delivery())).retry_s == 5
    assert await client.send(delivery()) == ""
    ((kind, said),) = fake.chats["u1"]
    assert kind == "sampleMarkdown"
    assert "已预约" in said["text"]


@pytest.mark.parametrize("fault", ["scope", "code:param.templateNotExist", "code:param.templateUnpublished"])
async def test_without_cards_everything_is_said_with_a_numbered_menu_and_the_operator_told(
    fake: FakeDingTalk, client: DingTalk, alarms: Alarms, fault: str
) -> None:
    fake.fail("createAndDeliver", fault)
    assert [await client.send(delivery(key=k)) for k in ("k1", "k2", "k3")] == [""] * 3
    assert len(fake.called("createAndDeliver")) == 1, "no call is spent on cards for a while"
    assert len(fake.chats["u1"]) == 3
    text = fake.chats["u1"][0][1]["text"]
    assert "1、[撤销](dtmd://" in text
    assert any("卡片" in a for a in alarms)
    assert len(alarms) == len(set(alarms))


async def test_a_missing_scope_is_named(fake: FakeDingTalk, client: DingTalk, alarms: Alarms) -> None:
    fake.fail("batchSend", "scope")
    fake.fail("createAndDeliver", "code:param.contentUnsafe")
    await failing(client, delivery())
    assert "Card.Instance.Write" in alarms[0]
    assert "REQ-1" in alarms[0]


async def test_refused_content_concerns_that_card_only(fake: FakeDingTalk, client: DingTalk, alarms: Alarms) -> None:
    fake.fail("createAndDeliver", "code:param.contentUnsafe")
    assert await client.send(delivery(key="k1")) == ""
    assert await client.send(delivery(key="k2")) == "k2"
    assert alarms == []


async def test_too_long_for_a_card_is_said_completely(fake: FakeDingTalk, client: DingTalk) -> None:
    card = Card("今天的拜访", (Items(tuple(f"{i}:00 拜访第{i}家客户有限公司" for i in range(60))),), BOOKED.buttons)
    assert await client.send(delivery(card)) == ""
    text = fake.chats["u1"][0][1]["text"]
    assert all(f"第{i}家" in text for i in range(60))
    assert fake.called("createAndDeliver") == []


# ---------------------------------------------------------------------- changes
async def test_a_change_puts_the_whole_new_look(fake: FakeDingTalk, client: DingTalk) -> None:
    await client.send(delivery(group="cidEast=="))
    assert await client.send(delivery(UNDONE, "m2", group="cidEast==", replaces="m1", why="update")) == "m1"
    assert fake.cards["m1"].values["title"] == UNDONE.title
    assert fake.cards["m1"].buttons == []
    assert fake.cards["m1"].values["markdown"] == ""
    assert "m2" not in fake.cards


async def test_a_card_that_is_gone_is_followed_by_a_new_one(fake: FakeDingTalk, client: DingTalk) -> None:
    assert await client.send(delivery(UNDONE, "m2", replaces="long-gone")) == "m2"
    assert fake.cards["m2"].values["title"] == UNDONE.title


async def test_a_change_without_an_answer_is_repeated(fake: FakeDingTalk, client: DingTalk) -> None:
    await client.send(delivery())
    fake.fail("update", "504")
    failure = await failing(client, delivery(UNDONE, "m2", replaces="m1"))
    assert (failure.unsure, failure.retry_s) == (True, 5)


async def test_no_change_while_its_click_is_being_answered(fake: FakeDingTalk, client: DingTalk) -> None:
    await client.send(delivery())
    client.talks.open_click("m1")
    sending = asyncio.create_task(client.send(delivery(UNDONE, "m2", replaces="m1")))
    await asyncio.sleep(0.05)
    assert fake.called("update") == []
    client.talks.close_click("m1", "")
    await sending
    assert len(fake.called("update")) == 1


# ---------------------------------------------------------------------- messages
CARDLESS = ["code:param.contentUnsafe"]


async def test_somebody_who_is_not_there_is_final(fake: FakeDingTalk, client: DingTalk) -> None:
    failure = await failing(client, delivery(user="nobody"))
    assert failure.retry_s is None


async def test_somebody_flow_controlled_is_tried_later(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("createAndDeliver", *CARDLESS)
    fake.fail("batchSend", "flow")
    assert (await failing(client, delivery())).retry_s == 60


@pytest.mark.parametrize(
    ("fault", "wait", "unsure"),
    [
        ("qps", 1.5, False),
        ("busy", 5, False),
        ("504", 5, True),
        ("answer lost", 5, True),
        ("abort", 5, True),
        ("quota", 3600, False),
        ("html", 300, False),
        ("banned", 300, False),
        ("code:robot.oto.notExist", None, False),
    ],
)
async def test_each_failure_says_whether_and_when_to_try_again(
    fake: FakeDingTalk, client: DingTalk, fault: str, wait: float | None, unsure: bool
) -> None:
    fake.fail("createAndDeliver", *CARDLESS)
    fake.fail("batchSend", fault)
    failure = await failing(client, delivery())
    assert (failure.retry_s, failure.unsure) == (wait, unsure)


async def test_no_answer_in_time_is_unsure(fake: FakeDingTalk, client: DingTalk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "TIMEOUT", ClientTimeout(total=0.2))
    fake.fail("createAndDeliver", *CARDLESS)
    fake.fail("batchSend", "slow")
    failure = await failing(client, delivery())
    assert failure.unsure
    assert failure.retry_s is not None


async def test_nobody_there_at_all_is_surely_not_sent(alarms: Alarms, fake: FakeDingTalk) -> None:
    client = DingTalk(fake.config(api_base="http://127.0.0.1:9"), now, alarms.append)
    failure = await failing(client, delivery())
    assert (failure.unsure, failure.retry_s) == (False, 5)
    await client.close()


async def test_a_ban_keeps_everybody_quiet(fake: FakeDingTalk, client: DingTalk, alarms: Alarms) -> None:
    fake.fail("createAndDeliver", "banned")
    for key in ("k1", "k2"):
        assert (await failing(client, delivery(key=key))).retry_s == 300
    assert len(fake.called("createAndDeliver")) == 1
    assert len(alarms) == 1


async def test_twenty_calls_a_second_and_none_refused(fake: FakeDingTalk, client: DingTalk) -> None:
    await asyncio.gather(*(client.send(delivery(key=f"k{i}")) for i in range(45)))
    assert {c.status for c in fake.called("createAndDeliver")} == {200}
    times = [c.at for c in fake.called("createAndDeliver")]
    assert times[-1] - times[0] > 1.9


# ---------------------------------------------------------------------- webhooks
LINE = Card("已撤销", (Text("宏远，明天 15:00"),))


async def test_an_answer_without_buttons_goes_by_the_fresh_webhook(fake: FakeDingTalk, client: DingTalk) -> None:
    client.talks.note(origin(fake))
    assert await client.send(delivery(LINE)) == ""
    assert fake.chats["u1"][0][0] == "markdown"
    assert fake.tokens_given == 0


async def test_a_mention_by_webhook_is_in_text_and_list(fake: FakeDingTalk, client: DingTalk) -> None:
    client.talks.note(origin(fake, group="cidEast=="))
    await client.send(delivery(LINE, group="cidEast==", mention="u1"))
    assert fake.called("webhook")[0].body["at"] == {"atUserIds": ["u1"]}
    assert fake.chats["cidEast=="][0][1]["text"].startswith("@u1 ")


async def test_reminders_never_go_by_webhook(fake: FakeDingTalk, client: DingTalk) -> None:
    client.talks.note(origin(fake))
    assert await client.send(delivery(LINE, why="push")) == "m1"
    assert fake.called("webhook") == []


@pytest.mark.parametrize("trouble", ["expired", "errcode:300001", "old"])
async def test_a_dead_webhook_is_left_for_the_open_api(fake: FakeDingTalk, client: DingTalk, trouble: str) -> None:
    client.talks.note(origin(fake, life_s=30 if trouble == "expired" else 5400))
    if trouble == "old":
        fake.sessions.clear()
    elif trouble != "expired":
        fake.fail("webhook", trouble)
    assert await client.send(delivery(LINE)) == "m1"
    assert len(fake.called("webhook")) == (0 if trouble == "expired" else 1)
    assert await client.send(delivery(LINE, "m2")) == "m2"
    assert len(fake.called("webhook")) == (0 if trouble == "expired" else 1), "it is not tried again"


async def test_a_webhook_without_an_answer_is_unsure(fake: FakeDingTalk, client: DingTalk) -> None:
    client.talks.note(origin(fake))
    fake.fail("webhook", "answer lost")
    assert (await failing(client, delivery(LINE))).unsure


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/robot/sendBySession?session=s1",
        "http://oapi.dingtalk.com/x",
        "https:",
        "",
        "::",
        "//x",
        "https://dingtalk.com.evil.cn/",
        "https://oapi.dingtalk.com@evil.cn/x",
        "https://evildingtalk.com/",
        "file:///a",
    ],
)
async def test_a_foreign_webhook_is_never_followed(fake: FakeDingTalk, client: DingTalk, address: str) -> None:
    client.talks.note(replace(origin(fake), webhook=address))
    assert client.talks.webhook("u1", now()) is None
    await client.hint(Origin(user="u1", webhook=address), "你好")
    assert fake.chats["u1"] == [("sampleText", {"content": "你好"})]


async def test_a_real_webhook_is_trusted(client: DingTalk) -> None:
    assert client.talks.trusted("https://oapi.dingtalk.com/robot/sendBySession?session=a%2Bb") is not None


# ---------------------------------------------------------------------- the month's calls
async def test_near_the_months_end_calls_are_saved(fake: FakeDingTalk, alarms: Alarms) -> None:
    client = DingTalk(fake.config(monthly_api_calls=10), now, alarms.append)
    for i in range(8):
        await client.send(delivery(key=f"k{i}"))
    assert len(alarms) == 1
    assert "八成" in alarms[0]
    client.talks.note(origin(fake))
    assert await client.send(delivery(key="saved")) == ""
    kind, said = fake.chats["u1"][-1]
    assert kind == "markdown"
    assert "1、[撤销](dtmd://dingtalkclient/sendMessage?content=%2Fundo%20deed%3Dd1)" in said["text"]
    assert client.api.quota.state(now())["api"] == 8
    await client.close()


async def test_the_count_outlives_a_restart_and_starts_anew_each_month(store: Store, alarms: Alarms) -> None:
    at = now()
    config = DingTalkConfig("id", "secret", monthly_api_calls=100)

    def process() -> tuple[Quota, Tally]:
        quota = Quota(config, alarms.append)
        return quota, Tally(store, quota, lambda: at, config.client_id)

    (one, keep_one), (two, keep_two) = process(), process()
    one.count("api", at, 60)
    two.count("api", at, 30)
    two.count("stream", at, 3)
    for keep in (keep_one, keep_two, keep_one):
        await keep.keep()
    assert one.state(at) == two.state(at) == {"month": at.strftime("%Y-%m"), "api": 90, "stream": 3}
    assert len(alarms) == 2, "each process says once that 80 % are used"
    again, keep_again = process()
    again.count("api", at)
    await keep_again.keep()
    assert again.state(at)["api"] == 91
    assert again.saving(at)
    at += timedelta(days=40)
    assert not again.saving(at)
    again.count("api", at)
    await keep_again.keep()
    assert again.state(at)["api"] == 1


async def test_what_the_store_did_not_take_is_kept_the_next_time(store: Store, alarms: Alarms) -> None:
    quota = Quota(DingTalkConfig("id", "secret"), alarms.append)
    tally = Tally(store, quota, now, "id")
    quota.count("api", now(), 5)
    whole, store.run = store.run, down  # type: ignore[method-assign]
    with pytest.raises(StoreDown):
        await tally.keep()
    store.run = whole  # type: ignore[method-assign]
    await tally.keep()
    await tally.keep()
    assert (await store.read(lambda tx: tx.wires.noted("calls:id")))["api"] == 5  # type: ignore[index]


async def down(_work: object) -> object:
    raise StoreDown("no disk")


async def test_refused_for_speed_does_not_count(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("createAndDeliver", "qps")
    await failing(client, delivery())
    assert client.api.quota.state(now())["api"] == 0


# ---------------------------------------------------------------------- files
async def test_files_are_sent_once_and_odd_ones_zipped(fake: FakeDingTalk, client: DingTalk, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"sheet")
    (tmp_path / "b.csv").write_bytes(b"1,2")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    files = tuple((f"{n}", str(tmp_path / n)) for n in ("a.xlsx", "b.csv", "c.png", "gone.pdf"))
    out = delivery(Card("导出好了", files=files))
    fake.fail("createAndDeliver", "busy")
    await failing(client, out)
    await client.send(out)
    kinds = [(kind, said.get("fileName", "")) for kind, said in fake.chats["u1"]]
    assert kinds == [("sampleFile", "a.xlsx"), ("sampleFile", "b.zip"), ("sampleImageMsg", "")]
    assert fake.uploads["@m1"] == b"sheet"


async def test_a_file_that_is_gone_is_named_in_the_card(fake: FakeDingTalk, client: DingTalk) -> None:
    await client.send(delivery(Card("导出好了", files=(("报表.xlsx", "/nowhere/x.xlsx"),))))
    assert "报表.xlsx" in fake.cards["m1"].values["markdown"]


async def test_a_button_with_long_words_still_fits_some_way(fake: FakeDingTalk, client: DingTalk) -> None:
    buttons = tuple(Button(f"第{i}个", "约" * 330) for i in range(6))
    assert await client.send(delivery(Card("选一个", buttons=buttons))) == ""
    ((_, said),) = fake.chats["u1"]
    assert said["text"].count("、第") == 6
    assert len(json.dumps(said, ensure_ascii=False).encode()) <= 15000
