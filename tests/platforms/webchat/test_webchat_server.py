"""The page's JSON over real HTTP, with a scripted bot behind it."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.app import App
from bot.cards import Card
from bot.message import Place
from bot.platforms.webchat import server, uploads
from bot.platforms.webchat.playground import Playground
from bot.sample import START
from tests.platforms.webchat.kit import Client, Offices, Scripted

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
RAW = {"Content-Type": "application/octet-stream"}


async def say(client: Client, status: int = 200, **body: Any) -> Any:
    async with client.post("/playground/say", json=body) as response:
        data = await response.json()
        assert response.status == status, data
        return data


async def state(client: Client) -> Any:
    async with client.get("/playground/state") as response:
        return await response.json()


async def heard(socket: ClientWebSocketResponse, kind: str) -> Any:
    """The next push of a kind."""
    while True:
        message = await asyncio.wait_for(socket.receive(), 5)
        assert message.type is WSMsgType.TEXT, message
        if (data := json.loads(message.data))["type"] == kind:
            return data


# ---------------------------------------------------------------------- the page
async def test_the_page_needs_nothing_from_elsewhere_and_runs_no_inline_code(client: Client) -> None:
    async with client.get("/") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    links = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert {link.split("/")[0] for link in links} == {"playground"}
    for link in links:
        async with client.get("/" + link) as response:
            assert response.status == 200
            code = await response.text()
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "innerHTML" not in code
        assert "http" not in code.replace("http://www.w3.org/2000/svg", "").replace("https:", "")
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src)", page)
    assert 'lang="zh-CN"' in page


async def test_strangers_pages_are_kept_out(client: Client) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "rebound.example.com"},
        {"Host": ""},
    ):
        async with client.get("/playground/state", headers=headers) as response:
            assert response.status in (400, 403), headers
    async with client.get("/playground/live", headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403
    simple = {"Content-Type": "text/plain"}  # what a foreign form could send without asking first
    async with client.post("/playground/say", data='{"from":"lina","text":"x"}', headers=simple) as response:
        assert response.status == 400
    assert (await state(client))["items"] == []


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("127.0.0.1:8080", True), ("[::1]:8080", True), ("localhost", True), ("visitbot:80", True), ("demo.localhost", True),
        ("bot.example.com", True), ("192.168.1.5", True), ("evil.example.com", False),
        ("", False), ("[", False), ("1.2.3.4.evil.io", False),
    ],
)  # fmt: skip
def test_whose_host_it_is(host: str, good: bool) -> None:
    assert server.host_is_ours(host, "bot.example.com") is good


@pytest.mark.parametrize("body", ["", "{", "[" * 30000, '"x"', "1e999", "null", '{"from":"nobody","text":"x"}'])
async def test_nonsense_gets_a_sentence(client: Client, body: str) -> None:
    for path in ("say", "clock"):
        async with client.post(f"/playground/{path}", data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status == 400
            assert (await response.json())["error"]


async def test_a_body_that_is_too_big_is_cut_off(client: Client) -> None:
    async with client.post("/playground/say", json={"from": "lina", "text": "x" * (server.MAX_BODY + 1)}) as response:
        assert response.status == 413


# ---------------------------------------------------------------------- talking
async def test_a_sentence_reaches_the_bot_and_its_card_the_page(client: Client, offices: Offices) -> None:
    answer = await say(client, **{"from": "lina", "text": "<img src=x onerror=alert(1)>"})
    assert answer == {"ok": True, "duplicate": False, "replies": ["r1"]}
    message = offices.app.got[0]
    assert (message.platform, message.sender, message.group, message.at) == ("wecom", "lina", "", START)
    said, card = (await state(client))["items"]
    assert (said["kind"], said["from"], said["text"]) == ("said", "lina", "<img src=x onerror=alert(1)>")
    assert (card["key"], card["chat"], card["why"]) == ("r1", "u:lina", "reply")
    assert card["card"]["buttons"][0] == {"text": "同意", "action": "/yes id=1", "style": "primary"}


async def test_in_a_group_it_is_said_to_the_bot(client: Client, offices: Offices) -> None:
    await say(client, **{"from": "lina", "group": "east", "platform": "dingtalk", "text": "今天谁在外面"})
    await say(client, **{"from": "lina", "group": "east", "text": "@拜访助手 今天谁在外面"})
    assert [m.text for m in offices.app.got] == ["@拜访助手 今天谁在外面"] * 2
    assert {(m.group, m.sender) for m in offices.app.got} == {("east", "lina")}
    assert {item["chat"] for item in (await state(client))["items"]} == {"g:east"}
    assert offices.app.got[0].platform == "dingtalk"
    assert "不在这个群" in (await say(client, 400, **{"from": "sunyue", "group": "east", "text": "好"}))["error"]
    assert (await say(client, 400, **{"from": "lina", "group": "nowhere", "text": "好"}))["error"]


async def test_a_pressed_button_is_shown_by_its_words(client: Client, offices: Offices) -> None:
    await say(client, **{"from": "lina", "text": "好"})
    await say(client, **{"from": "lina", "click": "/yes id=1", "values": {"a": "b"}})
    assert (offices.app.got[1].click, dict(offices.app.got[1].values)) == ("/yes id=1", {"a": "b"})
    pressed = (await state(client))["items"][2]
    assert (pressed["how"], pressed["text"], pressed["action"]) == ("click", "同意", "/yes id=1")


async def test_voice_and_places(client: Client, offices: Offices) -> None:
    await say(client, **{"from": "lina", "voice": "明天下午三点"})
    await say(client, **{"from": "lina", "location": {"lat": 31.38, "lng": 120.98, "label": "昆山"}})
    assert offices.app.got[0].voice == "明天下午三点"
    assert offices.app.got[1].place == Place(31.38, 120.98, "昆山")
    assert [i["how"] for i in (await state(client))["items"] if i["kind"] == "said"] == ["voice", "location"]


async def test_a_repeated_delivery_is_answered_once(client: Client, offices: Offices) -> None:
    await say(client, **{"from": "lina", "text": "好", "msgid": "m1"})
    assert (await say(client, **{"from": "lina", "text": "好", "msgid": "m1"}))["duplicate"] is True
    assert [m.key for m in offices.app.got] == ["m1", "m1"]


async def test_a_bot_with_other_user_ids_is_called_by_them(client: Client, offices: Offices) -> None:
    store = offices.app.store
    member = await store.read(lambda tx: tx.people.get("lina"))
    assert member is not None
    await store.run(lambda tx: tx.people.put(replace(member, wecom="LiNa01", dingtalk="")))
    await say(client, **{"from": "lina", "text": "好"})
    await say(client, **{"from": "lina", "text": "好", "platform": "dingtalk"})
    assert [m.sender for m in offices.app.got] == ["LiNa01", "lina"]


# ---------------------------------------------------------------------- pictures and files
async def test_a_picture_is_kept_and_shown(client: Client, offices: Offices) -> None:
    async with client.post("/playground/upload?name=../../../etc/现场.png", data=PNG, headers=RAW) as response:
        kept = await response.json()
    assert kept["picture"] is True
    await say(client, **{"from": "lina", "image": kept["token"]})
    path = Path(offices.app.got[0].image)
    assert await asyncio.to_thread(path.read_bytes) == PNG
    assert "uploads" in path.parts
    assert path.name.endswith("现场.png")
    said = (await state(client))["items"][0]
    async with client.get("/" + said["media"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)


async def test_a_page_in_disguise_is_never_shown(client: Client, offices: Offices) -> None:
    async with client.post("/playground/upload?name=x.png", data=b"<script>alert(1)</script>", headers=RAW) as response:
        kept = await response.json()
    assert kept["picture"] is False
    async with client.get(f"/playground/upload/{kept['token']}") as response:
        assert response.status == 404
    await say(client, **{"from": "lina", "file": kept["token"]})
    assert offices.app.got[0].file.endswith("x.png")
    assert (await say(client, 400, **{"from": "lina", "file": "/etc/passwd"}))["error"]


async def test_uploads_are_small_and_few(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    monkeypatch.setattr(uploads, "MAX_KEPT", 3)
    async with client.post("/playground/upload?name=big", data=bytes(1001), headers=RAW) as response:
        assert response.status == 413
    async with client.post("/playground/upload?name=form", data={"file": "x"}) as response:
        assert response.status == 400
    tokens = []
    for n in range(5):
        async with client.post(f"/playground/upload?name=f{n}", data=bytes(1000), headers=RAW) as response:
            tokens.append((await response.json())["token"])
    assert len([p for p in (tmp_path / "uploads").rglob("*") if p.is_file()]) == 3
    assert (await say(client, 400, **{"from": "lina", "file": tokens[0]}))["error"]
    await say(client, **{"from": "lina", "file": tokens[4]})


async def test_a_file_on_a_card_is_a_download_and_nothing_else_is(client: Client, offices: Offices, tmp_path: Path) -> None:
    path = tmp_path / "报表.xlsx"
    path.write_bytes(b"PK..")
    offices.app.reply = lambda m: Card("报表好了", files=(("报表.xlsx", str(path)), ("gone.xlsx", str(tmp_path / "gone"))))
    await say(client, **{"from": "lina", "text": "导出"})
    async with client.get("/playground/file/r1/0") as response:
        assert await response.read() == b"PK.."
        assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%8A%A5")
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    for wrong in ("/playground/file/r1/1", "/playground/file/r1/2", "/playground/file/other/0", "/playground/file/r1/-1"):
        async with client.get(wrong) as response:
            assert response.status == 404


# ---------------------------------------------------------------------- time, pushes, reset
async def test_what_falls_due_comes_in_order_when_the_clock_moves(client: Client, offices: Offices) -> None:
    app = offices.app
    for hours in (3, 1, 2):
        app.planned.append((START + timedelta(hours=hours), Scripted.letter(f"p{hours}", "u:lina", Card(f"提醒 {hours}"))))
    async with client.post("/playground/clock", json={"to": (START + timedelta(hours=2)).isoformat()}) as response:
        assert (await response.json())["now"] == (START + timedelta(hours=2)).isoformat()
    got = [(i["at"][11:16], i["card"]["title"], i["why"]) for i in (await state(client))["items"]]
    assert got == [("11:00", "提醒 1", "push"), ("12:00", "提醒 2", "push")]
    async with client.post("/playground/clock", json={"minutes": -5}) as response:
        assert "只能往前走" in (await response.json())["error"]


async def test_an_open_page_hears_everything(client: Client, offices: Offices) -> None:
    async with client.ws_connect("/playground/live") as socket:
        first = await heard(socket, "state")
        assert [m["name"] for m in first["members"]][:2] == ["王磊", "李娜"]
        assert first["stories"][0]["steps"]
        assert {"label": "宏远", "lat": 31.38, "lng": 120.98} in first["places"]
        await say(client, **{"from": "lina", "text": "好"})
        assert (await heard(socket, "item"))["item"]["text"] == "好"
        assert (await heard(socket, "event"))["event"]["name"] == "visit.booked"
        assert (await heard(socket, "item"))["item"]["key"] == "r1"
        await offices.app.send(Scripted.letter("r2", "u:lina", Card("已解决"), "update", "r1"))
        offices.app.wake.set()  # as another door does after its commit
        changed = (await heard(socket, "update"))["item"]
        assert (changed["key"], changed["card"]["title"]) == ("r1", "已解决")
        assert changed["updated"]
        async with client.post("/playground/clock", json={"minutes": 10}):
            pass
        assert (await heard(socket, "clock"))["now"] == (START + timedelta(minutes=10)).isoformat()


async def test_a_reset_starts_afresh_and_open_pages_go_on(client: Client, playground: Playground, offices: Offices) -> None:
    opened: list[App] = []
    playground.on_open.append(opened.append)
    await say(client, **{"from": "lina", "text": "好"})
    async with client.ws_connect("/playground/live") as socket:
        assert len((await heard(socket, "state"))["items"]) == 2
        async with client.post("/playground/clock", json={"minutes": 60}):
            pass
        async with client.post("/playground/reset", json={}) as response:
            assert response.status == 200
        again = await heard(socket, "state")
        assert (again["items"], again["events"], again["now"]) == ([], [], START.isoformat())
        assert len(offices.made) == 2
        assert opened == [playground.app]
        await say(client, **{"from": "lina", "text": "又来"})
        assert (await heard(socket, "item"))["item"]["text"] == "又来"
    assert [m.text for m in offices.app.got] == ["又来"]


async def test_pages_are_hung_up_when_the_server_ends(client: Client, playground: Playground) -> None:
    socket = await client.ws_connect("/playground/live")
    await heard(socket, "state")
    playground.wire.hang_up()
    assert (await asyncio.wait_for(socket.receive(), 5)).type is WSMsgType.CLOSE


async def test_too_many_pages_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_PAGES", 1)
    async with client.ws_connect("/playground/live") as socket:
        await heard(socket, "state")
        async with client.get("/playground/live") as response:
            assert response.status == 503
    await asyncio.sleep(0.05)
    async with client.ws_connect("/playground/live") as socket:
        await heard(socket, "state")
