"""A person's calendar: only with the secret, his own visits, the same UID for ever."""

import pytest
from icalendar import Calendar

from bot.web.tokens import issue
from tests.talking import NOW
from tests.web.conftest import Rest

pytestmark = pytest.mark.asyncio


async def calendar(rest: Rest, secret: str) -> Calendar | None:
    async with rest.http.get(f"/ical/{secret}.ics") as answer:
        if answer.status == 404:
            return None
        assert answer.content_type == "text/calendar"
        return Calendar.from_ical(await answer.read())


async def test_visits_in_a_calendar(rest: Rest) -> None:
    secret = await issue(rest.chat.app.store, "hanmei", "ical", NOW)
    found = await calendar(rest, secret)
    assert found is not None
    [event] = found.walk("VEVENT")
    assert str(event["uid"]) == "w1@visitbot"
    assert str(event["summary"]) == "拜访金桥：产品演示"
    assert event.decoded("dtstart").isoformat() == "2026-06-11T14:00:00+08:00"
    assert int(event["sequence"]) == 0
    await rest("hanmei", "PATCH", "/visits/w1", {"start": "2026-06-11T16:00:00+08:00"})
    [moved] = (await calendar(rest, secret)).walk("VEVENT")  # type: ignore[union-attr]
    assert (str(moved["uid"]), int(moved["sequence"]), moved.decoded("dtstart").hour) == ("w1@visitbot", 1, 16)
    await rest("hanmei", "DELETE", "/visits/w1")
    [gone] = (await calendar(rest, secret)).walk("VEVENT")  # type: ignore[union-attr]
    assert str(gone["status"]) == "CANCELLED"


async def test_only_the_newest_calendar_secret_is_good(rest: Rest) -> None:
    store = rest.chat.app.store
    old = await issue(store, "hanmei", "ical", NOW)
    new = await issue(store, "hanmei", "ical", NOW)
    assert await calendar(rest, old) is None
    assert await calendar(rest, new) is not None
    assert await calendar(rest, await rest.token("hanmei")) is None
    assert await calendar(rest, "x" * 40) is None
    async with rest.http.get("/ical/..%2f.ics") as answer:
        assert answer.status == 404


async def test_unchanged_is_told_shortly(rest: Rest) -> None:
    secret = await issue(rest.chat.app.store, "hanmei", "ical", NOW)
    async with rest.http.get(f"/ical/{secret}.ics") as answer:
        tag = answer.headers["ETag"]
    async with rest.http.get(f"/ical/{secret}.ics", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304


async def test_metrics_count_and_tell_no_names(rest: Rest) -> None:
    await rest.chat.says("hanmei", "明天下午3点拜访金桥，聊报价")
    await rest.chat.says("hanmei", "明天下午3点拜访金桥，聊报价", key="k")
    async with rest.http.get("/metrics") as answer:
        text = await answer.text()
        assert answer.status == 200
        assert answer.content_type == "text/plain"
    assert 'visitbot_messages_total{platform="wecom"} 2.0' in text
    assert 'visitbot_letters{state="sent"}' in text
    assert 'visitbot_events_total{name="visit.booked"} 1.0' in text
    assert 'visitbot_jobs{state="late"} 0.0' in text
    for secret in ("hanmei", "韩梅", "金桥", "k1"):
        assert secret not in text
