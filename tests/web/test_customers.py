"""Customers through the API: one entry gate, one duplicate check, fields by right."""

from collections.abc import Callable

import pytest

from tests.web.conftest import Rest

At = Callable[..., str]
pytestmark = pytest.mark.asyncio
NEW = {"name": "瑞丰食品有限公司", "phone": "13812345678", "city": "无锡", "grade": "B", "contact": "周经理"}


async def test_a_new_customer_is_entered(rest: Rest) -> None:
    status, made = await rest("lujia", "POST", "/customers", NEW)
    assert status == 201, made
    assert (made["name"], made["owner"], made["code"][:2]) == (NEW["name"], "lujia", "C-")
    assert rest.chat.named("customer.created")
    assert (await rest("lujia", "GET", f"/customers/{made['code']}"))[1] == made
    assert "瑞丰" in await rest.chat.reply("lujia", "瑞丰食品是谁在跟")


async def test_what_is_required_is_named(rest: Rest) -> None:
    status, said = await rest("lujia", "POST", "/customers", {"name": "瑞丰食品有限公司"})
    assert (status, said["error"], said["field"]) == (422, "invalid", "phone")
    assert not rest.chat.events


async def test_a_known_one_is_not_entered_again(rest: Rest) -> None:
    status, twice = await rest("lujia", "POST", "/customers", {**NEW, "name": "金桥电气设备有限公司"})
    assert (status, twice["error"]) == (409, "duplicate")
    assert twice["matches"][0]["id"] == "k1"
    assert twice["matches"][0]["verdict"] == "duplicate"
    assert not rest.chat.named("customer.created")
    assert [w["how"] for w in twice["ways"]] == []
    status, no = await rest("lujia", "POST", "/customers", {"settle": {"draft": twice["draft"], "how": "apart"}})
    assert (status, no["error"]) == (422, "refused")


async def test_a_likely_one_can_be_told_apart(rest: Rest) -> None:
    status, maybe = await rest("lujia", "POST", "/customers", {**NEW, "name": "金乔电气设备有限公司"})
    assert status == 409, maybe
    assert maybe["matches"][0]["verdict"] == "possible"
    way = maybe["ways"][0]
    status, made = await rest("lujia", "POST", "/customers", {"settle": {"draft": way["draft"], "how": way["how"]}})
    assert (status, made["name"]) == (201, "金乔电气设备有限公司")


async def test_match_gives_what_everybody_may_know(rest: Rest) -> None:
    status, found = await rest("lujia", "POST", "/customers/match", {"phone": "021-6111 0004"})
    assert status == 200
    best = found["matches"][0]
    assert (best["id"], best["verdict"]) == ("k4", "duplicate")
    assert "phones" not in best
    status, said = await rest("lujia", "POST", "/customers/match", {})
    assert (status, said["error"]) == (422, "invalid")


async def test_fields_by_right(rest: Rest) -> None:
    mine = (await rest("hanmei", "GET", "/customers/k1"))[1]
    assert mine["phones"] == ["0512-61110001"]
    colleague = (await rest("lujia", "GET", "/customers/k1"))[1]
    assert colleague["phones"] == ["0512-61110001"]
    other_department = (await rest("jiangtao", "GET", "/customers/k1"))[1]
    assert (other_department["phones"], other_department["contacts"], other_department["status"]) == (None, None, "active")
    locked = (await rest("hanmei", "GET", "/customers/k4"))[1]
    assert (locked["name"], locked["owner"], locked["grade"], locked["status"], locked["phones"]) == (
        "星海船务有限公司",
        "fangyu",
        None,
        None,
        None,
    )
    listed = (await rest("hanmei", "GET", "/customers?grade=A"))[1]
    assert [c["id"] for c in listed["items"]] == ["k2"]
    assert "k4" in [c["id"] for c in (await rest("songhe", "GET", "/customers?grade=A"))[1]["items"]]


async def test_a_filter_tells_nothing_about_hidden_visits(rest: Rest) -> None:
    everything = (await rest("hanmei", "GET", "/visits?rep=fangyu"))[1]["items"]
    assert [(v["id"], v["customer"], v["customer_name"]) for v in everything] == [("w3", None, "客户")]
    assert (await rest("hanmei", "GET", "/visits?customer=k4"))[1]["items"] == []
    assert [v["id"] for v in (await rest("fangyu", "GET", "/visits?customer=k4"))[1]["items"]] == ["w3"]


async def test_corrections_by_those_who_may(rest: Rest) -> None:
    status, changed = await rest("hanmei", "PATCH", "/customers/k1", {"grade": "A", "address": "苏州市园区1号", "status": "won"})
    assert status == 200, changed
    assert (changed["grade"], changed["address"], changed["status"]) == ("A", "苏州市园区1号", "won")
    status, same = await rest("hanmei", "PATCH", "/customers/k1", {"grade": "A"})
    assert (status, same["version"]) == (200, changed["version"])
    status, no = await rest("fangyu", "PATCH", "/customers/k1", {"grade": "A"})
    assert (status, no["error"]) == (403, "not_allowed")
    assert rest.chat.named("access.denied")
    status, stale = await rest("hanmei", "PATCH", "/customers/k1", {"grade": "B", "version": 1})
    assert (status, stale["error"]) == (409, "stale")
    status, said = await rest("hanmei", "PATCH", "/customers/k1", {"grade": "E"})
    assert (status, said["field"]) == (422, "grade")
    assert (await rest("hanmei", "PATCH", "/customers/nobody", {"grade": "B"}))[0] == 404


async def test_the_pool(rest: Rest, at: At) -> None:
    pool = (await rest("lujia", "GET", "/customers?owner=pool"))[1]["items"]
    assert [c["id"] for c in pool] == ["k6"]
    status, asked = await rest("lujia", "POST", "/visits", {"customer": "k6", "start": at("14:00")})
    assert (status, asked["error"]) == (409, "undecided")
    way = next(w for w in asked["ways"] if w["how"] == "claim")
    status, visit = await rest("lujia", "POST", "/visits", {"settle": {"draft": way["draft"], "how": "claim"}})
    assert status == 201, visit
    assert visit["customer"] == "k6"
    assert (await rest("lujia", "GET", "/customers/k6"))[1]["owner"] == "lujia"
    status, no = await rest("hanmei", "PATCH", "/customers/k6", {"owner": "hanmei"})
    assert status == 403, no


async def test_pages_cover_everything_once(rest: Rest) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await rest("songhe", "GET", f"/customers?limit=3&cursor={cursor}"))[1]
        seen += [c["id"] for c in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == [f"k{n}" for n in range(1, 8)]


async def test_a_name_is_a_value_like_any_other(rest: Rest) -> None:
    """`name` in a query or body was once taken for the question's own name: 500."""
    status, found = await rest("lujia", "GET", "/customers?name=金桥")
    assert (status, [c["id"] for c in found["items"]]) == (200, ["k1"])
    status, found = await rest("lujia", "POST", "/customers/match", {"name": "金桥电气设备有限公司"})
    assert (status, found["matches"][0]["verdict"]) == (200, "duplicate")
