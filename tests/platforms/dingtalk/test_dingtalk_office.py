"""Contacts, calendar, todo, and what people send besides words, against the fake tenant."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.platforms.dingtalk.api import ApiError
from bot.platforms.dingtalk.calendar import Changed, Entry, read_change
from bot.platforms.dingtalk.client import DingTalk
from bot.platforms.dingtalk.errors import Kind
from bot.platforms.dingtalk.frames import Event
from domain.model import OFFICE
from tests.fakes.dingtalk import FakeDingTalk
from tests.platforms.dingtalk.kit import make, now

pytestmark = pytest.mark.asyncio
START = datetime(2026, 11, 22, 15, 0, tzinfo=OFFICE)
VISIT = Entry("拜访 宏远", START, START + timedelta(hours=1), "苏州", "聊报价", ("u2", "gone"))


@pytest_asyncio.fixture
async def client(fake: FakeDingTalk) -> AsyncIterator[DingTalk]:
    made = DingTalk(fake.config(), now, lambda text: None)
    yield made
    await made.close()


async def test_a_union_id_is_asked_for_once(fake: FakeDingTalk, client: DingTalk) -> None:
    assert await asyncio.gather(*(client.contacts.union("u1") for _ in range(5))) == ["union1"] * 5
    assert await client.contacts.union("u1") == "union1"
    assert len(fake.called("user")) == 1
    client.contacts.note("u9", "union9")
    assert await client.contacts.union("u9") == "union9"
    assert client.api.quota.state(now())["api"] == 0, "contacts are free"


async def test_people_found_and_not_found(fake: FakeDingTalk, client: DingTalk) -> None:
    contact = await client.contacts.get("u1")
    assert contact is not None
    assert (contact.name, contact.departments, contact.manager) == ("名u1", (1, 7), "u2")
    assert await client.contacts.get("nobody") is None
    assert await client.contacts.union("nobody") == ""
    assert await client.contacts.by_union("union2") == "u2"
    assert await client.contacts.by_union("x") == ""
    fake.mobiles["13800001111"] = "u1"
    assert await client.contacts.by_mobile("13800001111") == "u1"
    assert await client.contacts.by_mobile("1") == ""


async def test_a_failed_look_up_is_not_remembered(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("user", "errcode:90018")
    with pytest.raises(ApiError):
        await client.contacts.union("u1")
    assert await client.contacts.union("u1") == "union1"


async def test_a_visit_in_the_calendar_added_moved_removed(fake: FakeDingTalk, client: DingTalk) -> None:
    event = await client.calendar.add("u1", "visit-1", VISIT)
    kept = fake.events[event]
    assert kept["organizer"] == "union1"
    assert kept["start"] == {"dateTime": "2026-11-22T15:00:00+08:00", "timeZone": "Asia/Shanghai"}
    assert kept["attendees"] == [{"id": "union2", "isOptional": False}]
    assert kept["reminders"] == [], "the bot reminds by itself"
    assert await client.calendar.busy("u1", START, START + timedelta(days=1)) == [(VISIT.start, VISIT.end)]
    moved = Entry("拜访 宏远", START + timedelta(hours=2), START + timedelta(hours=3))
    assert await client.calendar.change("u1", event, moved)
    assert fake.events[event]["start"]["dateTime"] == "2026-11-22T17:00:00+08:00"
    assert await client.calendar.remove("u1", event)
    assert fake.events == {}
    assert not await client.calendar.remove("u1", event)
    assert not await client.calendar.change("u1", event, moved)


async def test_an_unclear_add_is_repeated_without_doubling(fake: FakeDingTalk, client: DingTalk) -> None:
    fake.fail("calendar POST", "answer lost")
    with pytest.raises(ApiError) as caught:
        await client.calendar.add("u1", "visit-1", VISIT)
    assert caught.value.fault.kind is Kind.UNCLEAR
    await client.calendar.add("u1", "visit-1", VISIT)
    assert len(fake.events) == 1


async def test_the_calendar_of_nobody(client: DingTalk) -> None:
    with pytest.raises(ApiError) as caught:
        await client.calendar.add("nobody", "k", VISIT)
    assert caught.value.fault.kind is Kind.REFUSED


async def test_a_change_made_by_a_person_is_read() -> None:
    data = {"calendarEventId": "e1", "unionIdList": ["union1", "union2"], "changeType": "deleted"}
    assert read_change(Event("E", "calendar_event_change", data)) == Changed("e1", ("union1", "union2"), "deleted")
    assert read_change(Event("E", "user_add_org", data)) is None
    assert read_change(Event("E", "calendar_event_change", {})) is None


async def test_a_report_task_added_once_done_removed(fake: FakeDingTalk, client: DingTalk) -> None:
    task = await client.todo.add("u1", "visit-1", "写报告", START, "https://example.cn/app/v1")
    assert fake.tasks[task]["dueTime"] == int(START.timestamp() * 1000)
    assert await client.todo.add("u1", "visit-1", "写报告", START, "https://example.cn/app/v1") == ""
    await client.todo.done("u1", task)
    assert fake.tasks[task]["done"] is True
    await client.todo.remove("u1", task)
    await client.todo.remove("u1", task)
    assert fake.tasks == {}


# ---------------------------------------------------------------------- pictures and files
def kept(path: str, folder: Path) -> tuple[str, bytes]:
    file = Path(path)
    assert folder in file.resolve().parents
    return file.name, file.read_bytes()


PICTURE = b"\xff\xd8\xff\xe0 a photo"


async def test_pictures_and_files_arrive_as_paths(fake: FakeDingTalk, tmp_path: Path) -> None:
    bot = make(fake, media_dir=str(tmp_path))
    bot.reply = lambda message: None
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    fake.downloads |= {"c1": PICTURE, "c2": b"PK sheet"}
    photo = fake.message("u1", "", msgtype="picture", content={"downloadCode": "c1"})
    sheet = fake.message("u1", "", msgtype="file", content={"downloadCode": "c2", "fileName": "../../客户:1.xlsx"})
    gone = fake.message("u1", "", msgtype="picture", content={"downloadCode": "expired"})
    for data in (photo, sheet, gone):
        assert (await fake.gateway.push(data)).code == 200
    assert len(bot.got) == 2
    assert kept(bot.got[0].image, tmp_path) == ("picture.jpg", PICTURE)
    assert kept(bot.got[1].file, tmp_path) == ("_.._客户_1.xlsx", b"PK sheet")
    assert "重新发送" in fake.chats["u1"][0][1]["content"]
    await bot.stream.stop()
    await running
    await bot.client.close()


async def test_a_text_with_pictures_is_several_messages(fake: FakeDingTalk, tmp_path: Path) -> None:
    bot = make(fake, media_dir=str(tmp_path))
    bot.reply = lambda message: None
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    fake.downloads |= {"c1": PICTURE}
    rich = {"richText": [{"text": "已到宏远门口"}, {"type": "picture", "downloadCode": "c1"}]}
    data = fake.message("u1", "", msgtype="richText", content=rich)
    for _ in range(2):
        assert (await fake.gateway.push(data)).code == 200
    assert [(m.text, bool(m.image)) for m in bot.got] == [("已到宏远门口", False), ("", True)]
    await bot.stream.stop()
    await running
    await bot.client.close()


async def test_a_stranger_is_told_why_and_the_quota_frame_alarms_once(fake: FakeDingTalk) -> None:
    bot = make(fake)
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    stranger = fake.message("u1", "你好", "cidEast==")
    del stranger["senderStaffId"]
    await fake.gateway.push(stranger)
    for _ in range(3):
        ack = await fake.gateway.push({"errorCode": "20001", "errorMessage": "受调用量超量影响"})
        assert ack.code == 200
    assert bot.got == []
    assert "认不出" in fake.chats["cidEast=="][0][1]["content"]
    assert len(bot.alarms) == 1
    assert "用完" in bot.alarms[0]
    await bot.stream.stop()
    await running
    await bot.client.close()
