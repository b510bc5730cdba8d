"""Visits through the API: booked, moved, changed, cancelled and settled like in the chat, by the same rights."""

from collections.abc import Callable

import pytest

from tests.web.conftest import Rest

At = Callable[..., str]
pytestmark = pytest.mark.asyncio


async def book(rest: Rest, who: str, customer: str, start: str, **more: object) -> tuple[int, dict]:
    return await rest(who, "POST", "/visits", {"customer": customer, "start": start, **more})


async def test_booking_saves_and_tells(rest: Rest, at: At) -> None:
    status, visit = await book(rest, "hanmei", "k1", at("14:00"), purpose="产品演示", end=at("15:30"))
    assert status == 201, visit
    assert (visit["rep"], visit["start"], visit["end"], visit["status"]) == ("hanmei", at("14:00"), at("15:30"), "planned")
    assert rest.chat.named("visit.booked")[-1]["visit"]["id"] == visit["id"]
    assert await rest("hanmei", "GET", f"/visits/{visit['id']}") == (200, visit)
    reply = await rest.chat.reply("hanmei", "我明天的安排")
    assert "14:00" in reply
    status, again = await book(rest, "hanmei", "k1", at("14:00"), end=at("15:30"))
    assert (status, again["id"]) == (200, visit["id"])


async def test_a_conflict_is_told_with_its_ways_and_settled(rest: Rest, at: At) -> None:
    _, first = await book(rest, "hanmei", "k1", at("14:00"))
    status, clash = await book(rest, "hanmei", "k2", at("14:30"))
    assert status == 409
    assert clash["error"] == "conflict"
    assert "rep_overlap" in clash["conflict"]["kinds"]
    assert len(clash["conflict"]["alternatives"]) >= 3
    way = next(w for w in clash["ways"] if w["how"] == "alternative")
    status, visit = await rest("hanmei", "POST", "/visits", {"settle": {k: way[k] for k in ("draft", "how", "start")}})
    assert status == 201, visit
    assert visit["start"] == way["start"]
    assert visit["id"] != first["id"]
    assert rest.chat.named("conflict.resolved")[-1]["by"] == "alternative"
    status, stale = await rest("hanmei", "POST", "/visits", {"settle": {"draft": clash["draft"], "how": "anyway"}})
    assert (status, stale["error"]) == (409, "stale")


async def test_the_question_is_not_asked_in_the_chat(rest: Rest, at: At) -> None:
    await book(rest, "hanmei", "k1", at("14:00"))
    await book(rest, "hanmei", "k2", at("14:30"))
    before = len(rest.chat.named("visit.booked"))
    await rest.chat.says("hanmei", "好的")
    await rest.chat.says("hanmei", "改到明天下午四点")
    assert len(rest.chat.named("visit.booked")) == before


async def test_another_persons_draft_is_refused(rest: Rest, at: At) -> None:
    await book(rest, "hanmei", "k1", at("14:00"))
    _, clash = await book(rest, "hanmei", "k2", at("14:30"))
    status, no = await rest("duwei", "POST", "/visits", {"settle": {"draft": clash["draft"], "how": "dropped"}})
    assert (status, no["error"]) == (403, "not_allowed")
    assert rest.chat.named("access.denied")


async def test_moving_changing_and_cancelling(rest: Rest, at: At) -> None:
    _, visit = await book(rest, "hanmei", "k1", at("14:00"))
    path = f"/visits/{visit['id']}"
    status, moved = await rest("hanmei", "PATCH", path, {"start": at("16:00"), "purpose": "合同谈判", "version": 1})
    assert status == 200, moved
    assert (moved["start"], moved["end"], moved["purpose"]) == (at("16:00"), at("17:00"), "合同谈判")
    status, stale = await rest("hanmei", "PATCH", path, {"purpose": "售后回访", "version": 1})
    assert (status, stale["error"]) == (409, "stale")
    status, same = await rest("hanmei", "PATCH", path, {"purpose": "合同谈判"})
    assert (status, same["version"]) == (200, moved["version"])
    status, _ = await rest("fangyu", "PATCH", path, {"start": at("17:00")})
    assert status == 403
    status, gone = await rest("qinlan", "DELETE", path)
    assert (status, gone["status"]) == (200, "cancelled")
    status, _ = await rest("hanmei", "DELETE", path)
    assert status == 409
    status, back = await rest("hanmei", "PATCH", path, {"status": "planned"})
    assert (status, back["status"]) == (200, "planned")


async def test_company_comes_and_goes(rest: Rest, at: At) -> None:
    _, visit = await book(rest, "hanmei", "k1", at("14:00"), participants=["duwei"])
    assert visit["participants"] == ["duwei"]
    status, alone = await rest("hanmei", "PATCH", f"/visits/{visit['id']}", {"participants": []})
    assert (status, alone["participants"]) == (200, [])


async def test_a_key_counts_once(rest: Rest, at: At) -> None:
    body = {"customer": "k1", "start": at("14:00")}
    first = await rest("hanmei", "POST", "/visits", body, Idempotency_Key="a-1")
    assert first[0] == 201
    assert await rest("hanmei", "POST", "/visits", body, Idempotency_Key="a-1") == first
    assert len(rest.chat.named("visit.booked")) == 1
    status, reused = await rest("hanmei", "POST", "/visits", {**body, "start": at("17:00")}, Idempotency_Key="a-1")
    assert (status, reused["error"]) == (422, "key_reused")
    status, other = await rest("duwei", "POST", "/visits", {**body, "start": at("09:00", 25)}, Idempotency_Key="a-1")
    assert other.get("error") != "key_reused"
    assert status in (201, 409)


async def test_a_refused_request_leaves_its_key_free(rest: Rest, at: At) -> None:
    status, past = await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("10:00", 8)}, Idempotency_Key="b")
    assert (status, past["error"]) == (422, "refused")
    status, _ = await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00")}, Idempotency_Key="b")
    assert status == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"customer": "k1"}, "start"),
        ({"start": "2026-06-10T14:00:00+08:00"}, "customer"),
        ({"customer": "k1", "start": "明天"}, "start"),
        ({"customer": "k1", "start": "2026-06-10T14:00:00"}, "start"),
        ({"customer": "k1", "start": "2026-06-10T14:00:00+08:00", "end": "2026-06-10T13:00:00+08:00"}, "end"),
        ({"customer": "k1", "start": "2026-06-10T14:00:00+08:00", "mode": "boat"}, "mode"),
        ({"customer": "k1", "start": "2026-06-10T14:00:00+08:00", "rep": "duwei"}, "rep"),
        ({"customer": "k1", "start": "2026-06-10T14:00:00+08:00", "participants": ["x"]}, "participants"),
        ({"settle": {"draft": "d1", "how": "alternative"}}, "settle.start"),
        ({"settle": {"how": "anyway"}}, "settle.draft"),
    ],
)
async def test_a_wrong_value_is_named(rest: Rest, body: dict, field: str) -> None:
    status, said = await rest("hanmei", "POST", "/visits", body)
    assert (status, said["error"], said["field"]) == (422, "invalid", field)
    assert not rest.chat.events


async def test_lists_come_in_pages(rest: Rest, at: At) -> None:
    for n in range(5):
        status, _ = await book(rest, "hanmei", "k1", at("10:00", 22 + n), second=True)
        if status == 409:
            continue
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        status, page = await rest("hanmei", "GET", f"/visits?limit=2&status=all&cursor={cursor}")
        assert status == 200
        assert len(page["items"]) <= 2
        seen += [v["id"] for v in page["items"]]
        cursor = page["next"]
    everything = await rest("hanmei", "GET", "/visits")
    assert seen == [v["id"] for v in everything[1]["items"]]
    assert len(seen) == len(set(seen)) >= 3


async def test_others_see_when_and_short_name_only(rest: Rest, at: At) -> None:
    _, visit = await book(rest, "hanmei", "k1", at("14:00"), purpose="合同谈判", location="三号会议室")
    status, seen = await rest("lujia", "GET", f"/visits/{visit['id']}")
    assert status == 200
    assert (seen["start"], seen["rep"]) == (at("14:00"), "hanmei")
    assert (seen["purpose"], seen["location"], seen["mode"], seen["contact"]) == (None, None, None, None)
    assert (await rest("qinlan", "GET", f"/visits/{visit['id']}"))[1] == visit
