"""/app over HTTP: the one-time link, the session, rights, changes through the chat's own commands, imports."""

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from bot.config import Config
from bot.web.build import Web
from handlers.data_api import LOOKS
from tests.talking import Chat

Browser = TestClient[web.Request, web.Application]


class Visitor:
    """A browser with its own cookies; `proof` is what its pages carry."""

    def __init__(self, http: Browser, chat: Chat) -> None:
        self.http, self.chat, self.proof = http, chat, ""

    async def link(self, who: str) -> str:
        """Ask for a link in the private chat; its path."""
        text = await self.chat.reply(who, "打开网页控制台")
        found = re.search(r"/app/login/\S+", text)
        assert found, text
        return found[0]

    async def enter(self, who: str) -> str:
        """Come in with a fresh link; the first page."""
        self.http.session.cookie_jar.clear()
        async with self.http.post(await self.link(who)) as answer:
            page = await answer.text()
            assert answer.status == 200
        self.proof = re.search(r'name=proof content="(\w+)"', page)[1]  # type: ignore[index]
        return page

    async def page(self, path: str) -> tuple[int, str]:
        async with self.http.get(path) as answer:
            return answer.status, await answer.text()

    async def send(self, path: str, body: object, proof: str | None = None) -> tuple[int, dict[str, object]]:
        async with self.http.post(path, json=body, headers={"X-Proof": self.proof if proof is None else proof}) as answer:
            return answer.status, await answer.json()


@pytest_asyncio.fixture
async def visitor(chat: Chat) -> AsyncIterator[Visitor]:
    made = Web(chat.app, Config(), LOOKS)
    await made.tell()
    app = web.Application()
    app.add_routes(made.routes)
    async with TestClient(TestServer(app)) as http:
        yield Visitor(http, chat)


async def denied(chat: Chat) -> int:
    """Rows of refused links in the audit log."""
    rows = await chat.app.store.read(
        lambda tx: tx.log.named(["access.denied"], chat.clock.now() - timedelta(days=1), chat.clock.now() + timedelta(days=1))
    )
    return sum(1 for e in rows if e.data.get("action") == "console.enter")


async def test_a_link_lets_one_browser_in_once(visitor: Visitor, chat: Chat) -> None:
    assert (await visitor.page("/app/week"))[0] == 401
    path = await visitor.link("qinlan")
    assert (await visitor.page(path))[0] == 200, "looking (a messenger's preview) does not use it up"
    async with visitor.http.post(path) as answer:
        assert "团队日程" in await answer.text()
    cookie = answer.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    visitor.http.session.cookie_jar.clear()
    for bad in (path, path[:-1] + ("A" if path[-1] != "A" else "B"), await visitor.link("qinlan")):
        if bad not in (path, path[:-1] + "A", path[:-1] + "B"):
            chat.clock.move(chat.clock.now() + timedelta(minutes=10))  # login_ttl_min
        before = await denied(chat)
        async with visitor.http.post(bad) as answer:
            assert answer.status == 410
            assert "已经用过、过期或不完整" in await answer.text()
        assert await denied(chat) == before + 1


async def test_a_group_never_reads_the_link(visitor: Visitor, chat: Chat) -> None:
    got = await chat.says("qinlan", "@拜访助手 打开网页控制台", group="east")
    assert "/app/login/" not in next(g.text for g in got if g.to == "g:east")
    assert "/app/login/" in next(g.text for g in got if g.to == "qinlan")


async def test_pages_keep_the_rights_of_the_chat(visitor: Visitor, chat: Chat) -> None:
    await chat.says("fangyu", "/followup.add customer_id=k4 content=底价九折绝密 result=有意向 next=发合同")
    page = await visitor.enter("hanmei")
    assert "金桥" in page
    assert "星海" not in (await visitor.page("/app/week?team=*"))[1], "a locked customer of others is 客户"
    status, page = await visitor.page("/app/customer/k4")
    assert status == 200
    assert "底价九折绝密" not in page
    assert (await visitor.page("/app/import"))[0] == 403
    assert (await visitor.page("/app/customer/nobody"))[0] == 404
    for path in ("/app/stages", "/app/kpi", "/app/conflicts", "/app/rules", "/app/kpi?unit=x&back=999"):
        assert (await visitor.page(path))[0] == 200
    assert (await visitor.page("/app/kpi?team=东区二组"))[0] == 403
    await visitor.enter("shenbo")
    assert "底价九折绝密" in (await visitor.page("/app/customer/k4"))[1]


async def test_a_move_is_the_chats_own(visitor: Visitor, chat: Chat) -> None:
    await visitor.enter("hanmei")
    wish = {"id": "w1", "start": "2026-06-12T10:00:00+08:00", "version": 1}
    assert (await visitor.send("/app/move", wish, proof="x"))[0] == 403
    assert (await visitor.send("/app/move", {**wish, "id": "w2"}))[0] == 403
    assert chat.named("access.denied")
    status, body = await visitor.send("/app/move", wish)
    assert (status, body["start"]) == (200, "2026-06-12T10:00:00+08:00")
    assert chat.named("visit.rescheduled")
    assert (await visitor.send("/app/move", wish))[0] == 409, "the page is older than the visit"


async def test_a_conflict_is_asked_with_its_ways_out(visitor: Visitor, chat: Chat) -> None:
    await chat.says("hanmei", "/visit.book customer_id=k2 time=2026-06-12T10:00:00+08:00")
    await visitor.enter("hanmei")
    status, body = await visitor.send("/app/move", {"id": "w1", "start": "2026-06-12T10:30:00+08:00"})
    assert status == 409
    ways = [w for w in body["ways"] if w["how"] == "alternative"]  # type: ignore[attr-defined]
    assert len(ways) >= 3
    status, body = await visitor.send("/app/settle", {k: v for k, v in ways[0].items() if k != "text"})
    assert status == 200
    assert body["start"] == ways[0]["start"]


async def test_an_import_from_the_browser(visitor: Visitor, chat: Chat) -> None:
    await visitor.enter("qinlan")
    sheet = "客户名称,电话,城市\n晨光电子有限公司,0512-61112222,苏州\n金桥电气设备有限公司,,\n,0512-1,\n"
    form = FormData({"proof": visitor.proof})
    form.add_field("file", io.BytesIO(sheet.encode("utf-8-sig")), filename="客户.csv", content_type="text/csv")
    async with visitor.http.post("/app/import", data=form) as answer:
        page = await answer.text()
    assert "新增 1，重复 1，错误 1" in page
    assert chat.named("customer.created") == []
    id_ = re.search(r'action="/app/import/([\w-]+)"', page)[1]  # type: ignore[index]
    async with visitor.http.post(f"/app/import/{id_}", data={"proof": visitor.proof}) as answer:
        assert answer.status == 200
    while not (await (await visitor.http.get(f"/app/import/{id_}/state")).json())["over"]:
        pass
    page = (await visitor.page(f"/app/import/{id_}"))[1]
    assert "导入完成：新增 1，重复 1，错误 1" in page
    async with visitor.http.get(f"/app/import/{id_}/result") as answer:
        assert "重复" in (await answer.read()).decode("utf-8-sig")
    await visitor.enter("shenbo")
    assert (await visitor.page(f"/app/import/{id_}"))[0] == 404, "somebody else's upload"


async def test_leaving_ends_the_session(visitor: Visitor) -> None:
    await visitor.enter("qinlan")
    async with visitor.http.post("/app/logout", data={"proof": "wrong"}) as answer:
        assert answer.status == 403
    async with visitor.http.post("/app/logout", data={"proof": visitor.proof}) as answer:
        assert answer.status == 200
    assert (await visitor.page("/app/week"))[0] == 401
