"""Who may ask, how often, how refusals look; events, reminders, figures; the document."""

import asyncio
from typing import Any

import pytest

from bot.web.api import OPERATIONS
from bot.web.limits import Limits
from bot.web.tokens import issue, revoke
from tests.talking import NOW
from tests.web.conftest import Rest

pytestmark = pytest.mark.asyncio


async def bare(rest: Rest, path: str, method: str = "GET", **more: Any) -> tuple[int, Any]:
    async with rest.http.request(method, path, **more) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "Bearer " + "x" * 500, "Bearer 令牌"]
)
async def test_without_a_good_token_nothing(rest: Rest, header: str) -> None:
    raw = header.encode().decode("latin-1")
    status, said = await bare(rest, "/api/v1/visits", headers={"Authorization": raw} if header else {})
    assert (status, said["error"]) == (401, "unauthorized")


async def test_tokens_die_with_revoking_and_with_leaving(rest: Rest) -> None:
    store = rest.chat.app.store
    assert (await rest("hanmei", "GET", "/visits"))[0] == 200
    assert await revoke(store, "hanmei", "api") == 1
    assert (await rest("hanmei", "GET", "/visits"))[0] == 401
    rest.tokens["hanmei"] = await issue(store, "韩梅", "api", NOW)
    assert (await rest("hanmei", "GET", "/visits"))[0] == 200
    await store.run(lambda tx: tx.db.run("UPDATE members SET active = 0 WHERE id = 'hanmei'"))
    assert (await rest("hanmei", "GET", "/visits"))[0] == 401
    kept = await store.read(lambda tx: tx.db.rows("SELECT hash FROM tokens"))
    assert not any(rest.tokens["hanmei"] in str(row) for row in kept)


async def test_bodies(rest: Rest) -> None:
    token = {"Authorization": f"Bearer {await rest.token('hanmei')}"}
    for data, status in (
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b"[]", 422),
        (b'{"a":"' + b"x" * 70_000 + b'"}', 413),
    ):
        got, said = await bare(rest, "/api/v1/visits", "POST", data=data, headers={**token, "Content-Type": "application/json"})
        assert got == status, data[:10]
        assert said["message"]
    got, said = await bare(rest, "/api/v1/visits", "POST", data=b"a=1", headers={**token, "Content-Type": "text/plain"})
    assert (got, said["error"]) == (415, "not_json")


async def test_other_paths_and_methods(rest: Rest) -> None:
    assert (await bare(rest, "/api/v1/nothing"))[0] == 404
    assert (await bare(rest, "/api/v2/visits"))[1]["error"] == "not_found"
    async with rest.http.request("PUT", "/api/v1/visits") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert (await rest("hanmei", "GET", "/visits/none"))[0] == 404


async def test_the_bucket() -> None:
    time = 0.0
    limits = Limits(lambda: time, per_second=2, burst=3)
    assert [limits.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limits.wait("b") == 0
    time = 0.5
    assert limits.wait("a") == 0
    assert limits.wait("a") > 0


async def test_too_many(rest: Rest) -> None:
    rest.web.api._limits = Limits(lambda: 0.0, 1, 2)
    answers = [await rest("hanmei", "GET", "/reminders") for _ in range(3)]
    assert [a[0] for a in answers] == [200, 200, 429]
    assert answers[2][1]["error"] == "too_many"


async def test_one_key_from_many_at_once(rest: Rest, at: Any) -> None:
    body = {"customer": "k1", "start": at("14:00")}
    await rest.token("hanmei")
    answers = await asyncio.gather(*(rest("hanmei", "POST", "/visits", body, Idempotency_Key="same") for _ in range(8)))
    assert {a[0] for a in answers} == {201}
    assert len({a[1]["id"] for a in answers}) == 1
    assert len(rest.chat.named("visit.booked")) == 1


async def test_events_by_right(rest: Rest, at: Any) -> None:
    await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00"), "purpose": "合同谈判"})
    await rest("fangyu", "POST", "/visits", {"customer": "k4", "start": at("16:00")})

    async def booked(who: str) -> list[str]:
        items = (await rest(who, "GET", "/events?limit=1000"))[1]["items"]
        return [e["data"]["visit"]["rep"] for e in items if e["name"] == "visit.booked"]

    assert await booked("hanmei") == ["hanmei"]
    assert await booked("qinlan") == ["hanmei"]
    assert await booked("lujia") == []
    assert await booked("songhe") == ["hanmei", "fangyu"]
    page = (await rest("lujia", "GET", "/events"))[1]
    assert page["items"] == []
    assert page["last"] == (await rest("songhe", "GET", "/events"))[1]["last"] > 0
    first = (await rest("songhe", "GET", "/events?limit=1"))[1]
    rest_of_it = (await rest("songhe", "GET", f"/events?after={first['next']}"))[1]
    assert first["items"][0]["id"] < rest_of_it["items"][0]["id"]


async def test_reminders(rest: Rest, at: Any) -> None:
    _, visit = await rest("hanmei", "POST", "/visits", {"customer": "k1", "start": at("14:00")})
    status, planned = await rest("hanmei", "GET", f"/reminders?visit={visit['id']}")
    assert (status, [(r["to"], r["at"], r["sent"]) for r in planned["items"]]) == (200, [("hanmei", at("13:00"), False)])
    assert (await rest("lujia", "GET", f"/reminders?visit={visit['id']}"))[1]["items"] == []


async def test_figures(rest: Rest) -> None:
    status, all_ = await rest("qinlan", "GET", "/kpi")
    assert status == 200
    assert {f["metric"] for f in all_["items"]} >= {"visits", "conflict_rate", "churn"}
    status, one = await rest(
        "hanmei", "GET", "/kpi?metric=visits&from=2026-06-01T00:00:00%2B08:00&to=2026-07-01T00:00:00%2B08:00"
    )
    assert (status, one["items"][0]["scope"]) == (200, "您")
    assert (await rest("hanmei", "GET", "/kpi?metric=visits&rep=fangyu"))[0] == 403
    assert (await rest("hanmei", "GET", "/kpi?metric=joy"))[1]["field"] == "metric"
    assert (await rest("hanmei", "GET", "/kpi?from=2026-06-01T00:00:00%2B08:00"))[1]["field"] == "to"


async def test_the_document_tells_every_operation(rest: Rest) -> None:
    status, told = await bare(rest, "/api/v1/openapi.json")
    assert status == 200
    assert {(path, method.upper()) for path, ops in told["paths"].items() for method in ops} == {
        (op.path, op.method) for op in OPERATIONS
    }
    names = set(told["components"]["schemas"])
    text = str(told)
    assert all(f"#/components/schemas/{schema}" in text for op in OPERATIONS for _, schema in op.answers.values())
    assert {schema for op in OPERATIONS for _, schema in op.answers.values()} <= names
