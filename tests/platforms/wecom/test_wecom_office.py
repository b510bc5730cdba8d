"""Calendar, address book, menu, files, webhooks, and the whole put together, against the strict fake."""

import asyncio
import contextlib
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.books import Entry
from bot.cards import Button, Card, Facts, Items, Text
from bot.message import Message
from bot.platform import Delivery, Handled, SendFailed
from bot.platforms.wecom import menu
from bot.platforms.wecom.build import build
from bot.platforms.wecom.calendar import Calendar
from bot.platforms.wecom.config import AibotCallbackConfig, AibotConfig, WeComConfig
from bot.platforms.wecom.contacts import Contacts, Department
from bot.platforms.wecom.media import Media
from bot.platforms.wecom.webhook import Webhooks
from tests.platforms.wecom.conftest import Bench

START = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)
VISIT = Entry("visit-v12", "拜访 宏远 李总", START, START + timedelta(hours=1), ("wanglei", "lina"), "聊报价", "苏州")


class Notes:
    """What several processes would share."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    async def noted(self, name: str) -> object | None:
        return self.kept.get(name)

    async def note(self, name: str, value: object) -> None:
        self.kept[name] = value


def calendar(bench: Bench, notes: Notes | None = None) -> Calendar:
    return Calendar(bench.api(), notes or Notes())


async def test_a_visit_in_the_calendar(bench: Bench) -> None:
    book = calendar(bench)
    schedule = await book.add("v12-1", VISIT)
    (kept,) = bench.fake.office.schedules.values()
    assert kept["admins"] == ["wanglei"]
    assert [a["userid"] for a in kept["attendees"]] == ["wanglei", "lina"]
    assert kept["reminders"]["is_remind"] == 0, "the bot reminds"
    later = replace(VISIT, start=START + timedelta(hours=1), end=START + timedelta(hours=2))
    assert await book.change(schedule, later)
    seen = await book.look(schedule)
    assert seen is not None
    assert (seen.start, seen.end, seen.gone) == (later.start, later.end, False)
    await book.remove(schedule)
    await book.remove(schedule)
    assert not await book.change(schedule, VISIT)
    seen = await book.look(schedule)
    assert seen is not None
    assert seen.gone
    assert await book.look("unknown") is None


async def test_one_calendar_for_all_visits_and_processes(bench: Bench) -> None:
    notes = Notes()
    await calendar(bench, notes).add("v12-1", VISIT)
    await calendar(bench, notes).add("v13-1", replace(VISIT, key="visit-v13"))
    assert bench.fake.count("oa/calendar/add") == 1
    assert {s["cal_id"] for s in bench.fake.office.schedules.values()} == set(bench.fake.office.calendars)


async def test_look_before_adding_again(bench: Bench) -> None:
    book = calendar(bench)
    bench.fake.break_("oa/schedule/add", after=True, drop=True)
    with pytest.raises(SendFailed) as caught:
        await book.add("v12-1", VISIT)
    assert caught.value.unsure
    schedule = await book.add("v12-1", VISIT, look_first=True)
    assert list(bench.fake.office.schedules) == [schedule]
    assert await book.find("visit-v1") == ""


async def test_looking_goes_through_all_pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.wecom.calendar.PAGE", 2)
    book = calendar(bench)
    ids = [await book.add(f"v{i}-1", replace(VISIT, key=f"v{i}")) for i in range(5)]
    assert await book.find("v4") == ids[4]


async def test_answers_come_back(bench: Bench) -> None:
    book = calendar(bench)
    schedule = await book.add("v12-1", VISIT)
    bench.fake.office.answer(schedule, "lina", 4)
    seen = await book.look(schedule)
    assert seen is not None
    assert seen.answers == {"wanglei": "", "lina": "declined"}


async def test_long_words_are_cut_and_the_mark_stays(bench: Bench) -> None:
    book = calendar(bench)
    await book.add("v12-1", replace(VISIT, summary="约" * 300, description="聊" * 3000, place="地" * 300))
    (kept,) = bench.fake.office.schedules.values()
    assert kept["description"].endswith("拜访编号：visit-v12")
    assert await book.find("visit-v12")


async def test_the_address_book(bench: Bench) -> None:
    office = bench.fake.office
    office.departments[2] = {"id": 2, "parentid": 1, "name": "华东"}
    office.members = {
        "WangLei": {
            "userid": "WangLei",
            "name": "王磊",
            "department": [2],
            "main_department": 2,
            "position": "销售",
            "direct_leader": ["chenjing"],
            "is_leader_in_dept": [0],
            "status": 1,
        },
        "chenjing": {
            "userid": "chenjing",
            "name": "陈静",
            "department": [1, 2],
            "is_leader_in_dept": [0, 1],
            "status": 5,
        },
    }
    book = Contacts(bench.api())
    found = await book.everyone()
    assert found.departments == (Department(1, "总部", 0), Department(2, "华东", 1))
    assert {p.userid: (p.name, p.manager, p.leads, p.active) for p in found.people} == {
        "WangLei": ("王磊", "chenjing", False, True),
        "chenjing": ("陈静", "", True, False),
    }
    person = await book.person("wanglei")
    assert person is not None
    assert person.departments == (2,)
    assert await book.person("nobody") is None
    bench.fake.break_("user/get", errcode=-1)
    with pytest.raises(SendFailed):
        await book.person("wanglei")


async def test_the_menu(bench: Bench) -> None:
    await menu.install(bench.api())
    assert bench.fake.menu is not None
    assert bench.fake.menu["button"][1] == {"type": "location_select", "name": "定位打卡", "key": "定位打卡"}


@pytest.mark.parametrize(
    "bad",
    [
        (),
        (menu.Entry("a", "a"),) * 4,
        (menu.Entry("", "a"),),
        (menu.Entry("a"),),
        (menu.Entry("六个汉字太长", "a"),),
        (menu.Entry("a", "x" * 129),),
        (menu.Entry("a", below=(menu.Entry("b", "b"),) * 6),),
        (menu.Entry("a", below=(menu.Entry("b", below=(menu.Entry("c", "c"),)),)),),
    ],
)
def test_impossible_menus(bad: tuple[menu.Entry, ...]) -> None:
    with pytest.raises(ValueError, match="menu"):
        menu.body(bad)


async def test_a_picture_is_fetched_once(bench: Bench, tmp_path: Path) -> None:
    media = Media(bench.api(), str(tmp_path))
    bench.fake.media["M1"] = ("image", b"jpeg bytes", bench.clock())
    said = Message("wecom", "wanglei", "k", START, image="M1")
    first, second = await media.fetch(said), await media.fetch(said)
    assert first == second
    assert await asyncio.to_thread(Path(first.image).read_bytes) == b"jpeg bytes"
    assert first.image.endswith(".jpg")
    assert bench.fake.count("media/get") == 1
    assert await Media(bench.api()).fetch(said) == said
    text = Message("wecom", "wanglei", "k", START, text="x")
    assert await media.fetch(text) == text


async def test_a_file_that_is_an_error_or_too_large(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    media = Media(bench.api())
    with pytest.raises(SendFailed) as caught:
        await media.get("gone")
    assert caught.value.retry_s is None
    bench.fake.media["M1"] = ("image", b"x" * 5000, bench.clock())
    monkeypatch.setattr("bot.platforms.wecom.media.MAX_FILE", 1000)
    with pytest.raises(SendFailed, match="large"):
        await media.get("M1")


def hooks(bench: Bench, **changes: object) -> Webhooks:
    return Webhooks(bench.api(webhooks=(("east", "key-east"), ("west", "key-gone")), **changes), bench.clock)


SUMMARY = Card("本周汇总", (Facts((("拜访", "12"), ("逾期", "3"))),))


async def test_a_summary_into_a_group(bench: Bench) -> None:
    door = hooks(bench)
    assert door.serves(Delivery("k", "", "east", SUMMARY))
    assert not door.serves(Delivery("k", "", "north", SUMMARY))
    assert not door.serves(Delivery("k", "wanglei", "", SUMMARY))
    await door.send(Delivery("k", "", "east", SUMMARY, "push"))
    (sent,) = bench.fake.webhook_sent
    assert sent["markdown"]["content"] == "**本周汇总**\n拜访：12\n逾期：3"
    assert bench.fake.count("gettoken") == 0


async def test_a_summary_as_a_card_when_there_is_a_page(bench: Bench) -> None:
    await hooks(bench, home_url="https://visits.example/app").send(Delivery("k", "", "east", SUMMARY))
    assert bench.fake.webhook_sent[0]["template_card"]["card_type"] == "text_notice"


async def test_somebody_is_named(bench: Bench) -> None:
    card = Card("轮到你了", (Text("x" * 3000),), (Button("好", "好"),))
    await hooks(bench).send(Delivery("k", "", "east", card, mention="lina"))
    *first, last = bench.fake.webhook_sent
    assert first
    assert all("mentioned_list" not in sent["text"] for sent in first)
    assert last["text"]["mentioned_list"] == ["lina"]
    assert "1. 好" in last["text"]["content"]


async def test_files_into_a_group(bench: Bench, tmp_path: Path) -> None:
    for name, data in (("b.png", b"\x89PNG01234"), ("a.xlsx", b"PK0123456789")):
        (tmp_path / name).write_bytes(data)
    files = tuple((name, str(tmp_path / name)) for name in ("b.png", "a.xlsx"))
    await hooks(bench).send(Delivery("k", "", "east", Card("导出", files=files)))
    _, image, file = bench.fake.webhook_sent
    assert image["image"]["md5"] == hashlib.md5(b"\x89PNG01234", usedforsecurity=False).hexdigest()
    assert bench.fake.media[file["file"]["media_id"]][1] == b"PK0123456789"


async def test_twenty_a_minute_and_none_lost(bench: Bench) -> None:
    door = hooks(bench)
    todo = [Delivery(f"k{i}", "", "east", Card(f"第{i}条")) for i in range(50)]
    for _ in range(3):
        for letter in list(todo):
            with contextlib.suppress(SendFailed):
                await door.send(letter)
                todo.remove(letter)
        bench.clock.at += 60.5
    assert todo == []
    assert bench.fake.count("webhook/send") == 50
    assert [s["markdown"]["content"] for s in bench.fake.webhook_sent] == [f"**第{i}条**" for i in range(50)]


async def test_a_long_letter_goes_on_where_it_stopped(bench: Bench) -> None:
    door = hooks(bench)
    letter = Delivery("k", "", "east", Card("清单", (Items(tuple(f"第{i}项" + "宏远" * 20 for i in range(120))),)))
    bench.fake.break_("webhook/send", body=b'{"errcode":0}')
    bench.fake.break_("webhook/send", errcode=-1)
    with pytest.raises(SendFailed):
        await door.send(letter)
    await door.send(letter)
    assert len(bench.fake.webhook_sent) == len(door.bodies(letter)) - 1


async def test_a_dead_key_is_told_without_the_key(bench: Bench) -> None:
    with pytest.raises(SendFailed) as caught:
        await hooks(bench).send(Delivery("k", "", "west", SUMMARY))
    assert caught.value.retry_s is None
    assert "key-gone" not in "".join(bench.alarms) + str(caught.value)
    assert bench.alarms


async def test_put_together(bench: Bench, tmp_path: Path) -> None:
    async def inbound(_message: Message) -> Handled:
        return Handled()

    config = replace(
        bench.config,
        aibot=AibotConfig("b", "s"),
        aibot_callback=AibotCallbackConfig(bench.config.token, bench.config.encoding_aes_key),
        webhooks=(("east", "key-east"),),
    )
    made = build(config, bench.session, inbound, bench.clock.now, bench.alarms.append, folder=str(tmp_path))
    app = web.Application()
    app.add_routes(made.routes)
    assert sorted({r.path for r in made.routes}) == ["/wecom/aibot", "/wecom/callback"]
    assert made.aibot is not None
    await made.platform.send(Delivery("k1", "wanglei", "", SUMMARY))
    await made.platform.send(Delivery("k2", "", "east", SUMMARY))
    assert len(bench.fake.delivered) == len(bench.fake.webhook_sent) == 1
    with pytest.raises(SendFailed) as caught:
        await made.platform.send(Delivery("k3", "", "wr1", SUMMARY))
    assert caught.value.retry_s
    nothing = build(WeComConfig(), bench.session, inbound, bench.clock.now, bench.alarms.append)
    assert (nothing.routes, nothing.aibot) == ([], None)
    with pytest.raises(SendFailed):
        await nothing.platform.send(Delivery("k4", "wanglei", "", SUMMARY))
    await made.platform.close()


def test_secrets_are_not_shown() -> None:
    config = WeComConfig(
        corp_id="corp",
        secret="S3CRET",
        token="S3CRET",
        encoding_aes_key="S3CRET",
        aibot=AibotConfig("b", "S3CRET"),
        aibot_callback=AibotCallbackConfig("S3CRET", "S3CRET"),
        webhooks=(("east", "S3CRET"),),
    )
    assert "S3CRET" not in repr(config)


async def test_an_hour_without_wecom(bench: Bench) -> None:
    """Every letter of an hour arrives once when the platform is back, also those of unclear fate."""
    client = bench.client()
    bench.fake.break_("message/send", http=502, times=200)
    bench.fake.break_("message/send", after=True, drop=True, times=20)
    todo = [Delivery(f"k{i}", ("wanglei", "lina", "chenjing")[i % 3], "", Card(f"第{i}条")) for i in range(60)]
    for _ in range(40):
        for letter in list(todo):
            with contextlib.suppress(SendFailed):
                await client.send(letter)
                todo.remove(letter)
        bench.clock.at += 90
    assert todo == []
    assert len(bench.fake.delivered) == 60
    assert bench.fake.dropped == []
