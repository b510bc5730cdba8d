"""Letters out, against the strict fake, with everything going wrong that wecom.md names."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cards import Button, Card, Items, Text, plain
from bot.message import Message
from bot.platform import Delivery, Handled, SendFailed
from bot.platforms.wecom import api as api_module
from bot.platforms.wecom.clicks import Clicks
from bot.platforms.wecom.draw import MARKS
from bot.platforms.wecom.errors import fault
from domain.desk import Letter
from tests.platforms.wecom.conftest import Bench

CARD = Card("已预约：宏远", (Text("3月12日 15:00"),), (Button("撤销", "撤销 访#1"), Button("改时间", "改时间 访#1")))
NOTE = Card("已取消")
LONG = Card("清单", (Items(tuple(f"{i} 拜访宏远机械股份有限公司" for i in range(150))),), (Button("下一页", "下一页"),))


def letter(key: str = "reply-1", card: Card = CARD, user: str = "wanglei", replaces: str = "", why: str = "reply") -> Delivery:
    return Delivery(key, user, "", card, why, replaces)


async def failed(bench: Bench, delivery: Delivery, **changes: Any) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await bench.client(**changes).send(delivery)
    return caught.value


def content(body: dict[str, dict[str, str]]) -> str:
    return body["text"]["content"].translate(MARKS)


async def test_a_card_and_its_handle(bench: Bench) -> None:
    handle = await bench.client().send(letter())
    assert handle in bench.fake.codes
    (body,) = bench.fake.delivered
    assert body["touser"] == "wanglei"
    assert body["template_card"]["task_id"] == "reply-1"
    assert [b["key"] for b in body["template_card"]["button_list"]] == ["撤销 访#1", "改时间 访#1"]


async def test_a_text_has_no_handle(bench: Bench) -> None:
    assert await bench.client().send(letter(card=NOTE)) == ""
    assert content(bench.fake.delivered[0]) == "已取消"


async def test_a_long_card_loses_nothing(bench: Bench) -> None:
    handle = await bench.client().send(letter(card=LONG))
    *texts, card = bench.fake.delivered
    assert "\n".join(map(content, texts)) == plain(LONG)
    assert card["msgtype"] == "template_card"
    assert handle


async def test_a_repeat_shows_once(bench: Bench) -> None:
    for card in (CARD, NOTE):
        await bench.client().send(letter(card.title, card))
        await bench.client().send(letter(card.title, card))
    assert len(bench.fake.delivered) == 2


async def test_a_repeat_after_the_duplicate_window_shows_once(bench: Bench) -> None:
    await bench.client().send(letter())
    bench.clock.at += 5 * 3600
    assert await bench.client().send(letter()) == ""
    assert len(bench.fake.delivered) == 1


async def test_two_letters_that_read_alike_both_arrive(bench: Bench) -> None:
    await bench.client().send(letter("a", NOTE))
    await bench.client().send(letter("b", NOTE))
    assert [content(b) for b in bench.fake.delivered] == ["已取消", "已取消"]


async def test_update_with_a_click(bench: Bench) -> None:
    client = bench.client()
    await client.send(letter())
    code = bench.fake.click("wanglei")
    assert await client.send(letter("reply-2", NOTE, replaces=code)) == ""
    (update,) = bench.fake.updates
    assert update["userids"] == ["wanglei"]
    assert update["template_card"]["replace_text"] == "已处理"
    assert len(bench.fake.delivered) == 1


async def test_the_reply_to_a_click_replaces_the_pressed_card(bench: Bench) -> None:
    async def inbound(_message: Message) -> Handled:
        # The outbox may send before the handling has ended.
        await client.send(letter("reply-2", NOTE))
        return Handled((Letter("reply-2", "u:wanglei", "reply", "{}"), Letter("reply-3", "u:wanglei", "reply", "{}")))

    clicks = Clicks(inbound, bench.clock)
    client = bench.client(clicks)
    await client.send(letter())
    code = bench.fake.click("wanglei")
    await clicks.hear(Message("wecom", "WangLei", "k", bench.clock.now(), click="撤销 访#1", card_handle=code))
    (update,) = bench.fake.updates
    assert update["response_code"] == code
    await client.send(letter("reply-3", CARD))
    await client.send(letter("other", CARD))
    await client.send(Delivery("notice", "lina", "", NOTE, "push"))
    assert bench.fake.count("message/update_template_card") == 1
    assert len(bench.fake.delivered) == 4


async def test_a_failed_reply_to_a_click_keeps_its_code(bench: Bench) -> None:
    async def inbound(_message: Message) -> Handled:
        return Handled((Letter("reply-2", "u:wanglei", "reply", "{}"),))

    clicks = Clicks(inbound, bench.clock)
    client = bench.client(clicks)
    code = bench.fake.click("wanglei")
    await clicks.hear(Message("wecom", "wanglei", "k", bench.clock.now(), click="撤销 访#1", card_handle=code))
    bench.fake.break_("message/update_template_card", after=True, drop=True)
    with pytest.raises(SendFailed):
        await client.send(letter("reply-2", NOTE))
    await client.send(letter("reply-2", NOTE))
    assert len(bench.fake.updates) == 1
    assert bench.fake.delivered == []


async def test_a_click_on_a_card_whose_named_code_is_spent(bench: Bench) -> None:
    async def inbound(_message: Message) -> Handled:
        return Handled((Letter("reply-2", "u:wanglei", "reply", "{}"),))

    clicks = Clicks(inbound, bench.clock)
    client = bench.client(clicks)
    code = bench.fake.click("wanglei")
    await clicks.hear(Message("wecom", "wanglei", "k", bench.clock.now(), click="撤销 访#1", card_handle=code))
    await client.send(letter("reply-2", NOTE, replaces="spent-long-ago"))
    assert [u["response_code"] for u in bench.fake.updates] == [code]


async def test_a_used_code_means_a_new_message(bench: Bench) -> None:
    client = bench.client()
    code = await client.send(letter())
    await client.send(letter("reply-2", NOTE, replaces=code))
    await client.send(letter("reply-3", CARD, replaces=code))
    assert len(bench.fake.updates) == 1
    assert [b.get("template_card", {}).get("task_id") for b in bench.fake.delivered] == ["reply-1", "reply-3"]


async def test_after_72_hours_a_new_message(bench: Bench) -> None:
    code = await bench.client().send(letter())
    bench.clock.at += 72 * 3600 + 1
    handle = await bench.client().send(letter("reply-2", replaces=code))
    assert handle.startswith("code-")
    assert bench.fake.updates == []


async def test_an_unclear_update_is_not_repeated_as_a_message(bench: Bench) -> None:
    client = bench.client()
    code = await client.send(letter())
    bench.fake.break_("message/update_template_card", after=True, drop=True)
    with pytest.raises(SendFailed) as caught:
        await client.send(letter("reply-2", NOTE, replaces=code))
    assert caught.value.unsure
    assert await client.send(letter("reply-2", NOTE, replaces=code)) == ""
    assert len(bench.fake.updates) == 1
    assert len(bench.fake.delivered) == 1


async def test_a_failed_update_is_tried_again(bench: Bench) -> None:
    client = bench.client()
    code = await client.send(letter())
    bench.fake.break_("message/update_template_card", errcode=-1)
    with pytest.raises(SendFailed):
        await client.send(letter("reply-2", NOTE, replaces=code))
    await client.send(letter("reply-2", NOTE, replaces=code))
    assert len(bench.fake.updates) == 1
    assert len(bench.fake.delivered) == 1


@pytest.mark.parametrize(
    ("how", "retry", "unsure"),
    [
        ({"errcode": -1}, True, True),
        ({"errcode": 45009}, True, False),
        ({"errcode": 60020, "errmsg": "not allow, hint: [1], from ip: 1.2.3.4, more"}, True, False),
        ({"errcode": 48002}, True, False),
        ({"errcode": 40058}, False, False),
        ({"errcode": 81013}, False, False),
        ({"errcode": 77777}, True, False),
        ({"http": 502}, True, True),
        ({"http": 404}, True, False),
        ({"body": b"not json"}, True, True),
        ({"body": b"[1]"}, True, True),
        ({"drop": True}, True, True),
        ({"drop": True, "after": True}, True, True),
    ],
)
async def test_every_failure_says_what_to_do(bench: Bench, how: dict[str, object], retry: bool, unsure: bool) -> None:
    bench.fake.break_("message/send", **how)
    client = bench.client()
    with pytest.raises(SendFailed) as caught:
        await client.send(letter())
    assert (caught.value.retry_s is not None, caught.value.unsure) == (retry, unsure)
    if retry:
        await client.send(letter())
        assert len(bench.fake.delivered) == 1


async def test_a_hanging_server_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    bench.fake.break_("message/send", hang_s=0.3, after=True)
    client = bench.client()
    with pytest.raises(SendFailed) as caught:
        await client.send(letter())
    assert caught.value.unsure
    await client.send(letter())
    assert len(bench.fake.delivered) == 1


async def test_nobody_listens(bench: Bench) -> None:
    trouble = await failed(bench, letter(), api_base="http://127.0.0.1:9")
    assert (trouble.retry_s, trouble.unsure) == (5.0, False)


async def test_the_proxy_is_used(bench: Bench) -> None:
    trouble = await failed(bench, letter(), proxy="http://127.0.0.1:9")
    assert trouble.retry_s
    assert bench.fake.calls == []


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_dead_token_is_fetched_anew_once(bench: Bench, code: int) -> None:
    client = bench.client()
    await client.send(letter("a"))
    bench.fake.break_("message/send", errcode=code)
    await client.send(letter("b"))
    assert bench.fake.count("gettoken") == 2
    assert len(bench.fake.delivered) == 2


async def test_a_server_that_refuses_every_token_is_not_hammered(bench: Bench) -> None:
    bench.fake.break_("message/send", errcode=40014, times=1000)
    client = bench.client()
    for i in range(20):
        with pytest.raises(SendFailed) as caught:
            await client.send(letter(f"k{i}"))
        assert caught.value.retry_s == 30.0
    assert bench.fake.count("gettoken") <= 4


async def test_an_expired_token_is_renewed_before_it_fails(bench: Bench) -> None:
    client = bench.client()
    await client.send(letter("a"))
    bench.clock.at += 7000
    await client.send(letter("b"))
    assert bench.fake.count("gettoken") == 2
    assert bench.fake.count("message/send") == 2


async def test_one_fetch_for_many_letters(bench: Bench) -> None:
    client = bench.client()
    await asyncio.gather(*(client.send(letter(f"k{i}")) for i in range(20)))
    assert bench.fake.count("gettoken") == 1


async def test_a_wrong_secret_stops(bench: Bench) -> None:
    client = bench.client(secret="wrong")
    for i in range(30):
        with pytest.raises(SendFailed) as caught:
            await client.send(letter(f"k{i}"))
        assert caught.value.retry_s
        assert not caught.value.unsure
    assert bench.fake.count("gettoken") == 1
    assert len(bench.alarms) == 1
    assert "secret" in bench.alarms[0]
    bench.clock.at += 3601
    with pytest.raises(SendFailed):
        await client.send(letter())
    assert bench.fake.count("gettoken") == 2


async def test_a_failed_token_fetch_is_never_unsure(bench: Bench) -> None:
    bench.fake.break_("gettoken", http=500)
    assert not (await failed(bench, letter())).unsure
    bench.fake.break_("gettoken", body=b'{"errcode":0}')
    assert (await failed(bench, letter())).retry_s


async def test_trusted_ip_alarm_names_the_address(bench: Bench) -> None:
    bench.fake.break_("message/send", errcode=60020, errmsg="hint: [1], from ip: 1.2.3.4, more", times=3)
    for i in range(3):
        await failed(bench, letter(f"k{i}"))
    assert any("1.2.3.4" in alarm for alarm in bench.alarms)


async def test_invisible_member(bench: Bench) -> None:
    bench.fake.visible.discard("wanglei")
    gone = await failed(bench, letter())
    assert gone.retry_s is None
    assert "可见范围" in gone.text, "words for the admin"
    bench.fake.break_("message/send", body=json.dumps({"errcode": 0, "errmsg": "ok", "invaliduser": "wanglei"}).encode())
    assert (await failed(bench, letter(user="WangLei"))).text == gone.text


async def test_a_card_wecom_will_not_have_becomes_text(bench: Bench) -> None:
    bench.fake.callback_url = False
    assert await bench.client().send(letter()) == ""
    assert "1. 撤销" in content(bench.fake.delivered[0])
    assert any("URL" in alarm for alarm in bench.alarms)


async def test_files_follow_the_card(bench: Bench, tmp_path: Path) -> None:
    table = tmp_path / "a.xlsx"
    table.write_bytes(b"PK0123456789")
    chart = tmp_path / "b.png"
    chart.write_bytes(b"\x89PNG01234")
    await bench.client().send(letter(card=Card("导出", files=(("客户.xlsx", str(table)), ("图.png", str(chart))))))
    assert [b["msgtype"] for b in bench.fake.delivered] == ["text", "file", "image"]
    assert {m[1] for m in bench.fake.media.values()} == {b"PK0123456789", b"\x89PNG01234"}


@pytest.mark.parametrize("data", [None, b"tiny"])
async def test_a_file_that_can_not_go(bench: Bench, tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "a.bin"
    if data is not None:
        path.write_bytes(data)
    trouble = await failed(bench, letter(card=Card("导出", files=(("a.bin", str(path)),))))
    assert trouble.retry_s is None


async def test_an_upload_is_whole_after_a_token_change(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 5000)
    bench.fake.break_("media/upload", errcode=42001)
    await bench.client().send(letter(card=Card("导出", files=(("a.bin", str(path)),))))
    assert [len(m[1]) for m in bench.fake.media.values()] == [5000]


async def test_a_letter_in_parts_goes_on_where_it_stopped(bench: Bench) -> None:
    client = bench.client()
    bench.fake.break_("message/send", http=200, body=b'{"errcode":0,"errmsg":"ok"}')
    bench.fake.break_("message/send", errcode=45009)
    with pytest.raises(SendFailed):
        await client.send(letter(card=LONG))
    bench.clock.at += 2 * 3600
    await client.send(letter(card=LONG))
    first = [json.dumps(body) for path, body in bench.fake.calls if path == "message/send"]
    assert first.count(first[0]) == 1


async def test_never_more_than_a_member_gets(bench: Bench) -> None:
    client = bench.client()
    waits = []
    for i in range(40):
        try:
            await client.send(letter(f"k{i}"))
        except SendFailed as trouble:
            waits.append(trouble.retry_s)
    assert len(bench.fake.delivered) == 30
    assert waits == [60.0] * 10
    assert bench.fake.dropped == []
    await client.send(letter("other", user="lina"))
    bench.clock.at += 60.1
    await client.send(letter("k39"))
    assert len(bench.fake.delivered) == 32


async def test_two_hundred_reminders_all_arrive_merged(bench: Bench) -> None:
    client = bench.client()
    reminders = [letter(f"remind-{i}", Card(f"提醒{i}：9:30 拜访客户{i}"), why="push") for i in range(200)]
    sent: set[str] = set()
    for _ in range(5):
        todo = [r for r in reminders if r.key not in sent]
        results = await asyncio.gather(*(client.send(r) for r in todo), return_exceptions=True)
        sent |= {r.key for r, result in zip(todo, results, strict=True) if result == ""}
        bench.clock.at += 61
    everything = "\n".join(map(content, bench.fake.delivered))
    assert all(everything.count(f"提醒{i}：") == 1 for i in range(200))
    assert bench.fake.dropped == []
    assert len(bench.fake.delivered) <= 40
    await client.close()


async def test_a_merged_message_of_unclear_fate_is_repeated_as_it_was(bench: Bench) -> None:
    client = bench.client()
    for i in range(25):
        await client.send(letter(f"k{i}"))
    reminders = [letter(f"remind-{i}", Card(f"提醒{i}"), why="push") for i in range(3)]
    bench.fake.break_("message/send", after=True, drop=True)
    results = await asyncio.gather(*(client.send(r) for r in reminders), return_exceptions=True)
    assert all(isinstance(r, SendFailed) and r.unsure for r in results)
    for reminder in reversed(reminders):
        assert await client.send(reminder) == ""
    texts = [content(b) for b in bench.fake.delivered[25:]]
    assert texts == ["3 条提醒\n· 1/3 提醒0\n· 2/3 提醒1\n· 3/3 提醒2"]


async def test_no_way_to_a_group(bench: Bench) -> None:
    with pytest.raises(SendFailed) as caught:
        await bench.client().send(Delivery("k", "", "east", NOTE))
    assert caught.value.retry_s is None
    assert any("east" in alarm for alarm in bench.alarms)


def test_unknown_codes_are_tried_again_later() -> None:
    assert fault(12345).failed().retry_s == 60.0
