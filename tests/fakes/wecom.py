"""qyapi as wecom.md describes it: strict about its limits, on a real local port, recording all, failing on demand."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.fakes import wecom_cards
from tests.fakes.wecom_office import Office

Json = dict[str, Any]
CORP, SECRET, AGENT = "ww0123456789abcdef", "app-secret", 1000002
DAY = 86_400


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of `path`."""

    path: str
    errcode: int = 0
    errmsg: str = "fault"
    http: int = 0
    hang_s: float = 0.0
    drop: bool = False
    after: bool = False
    """The deed is done before it goes wrong."""
    body: bytes | None = None
    times: int = 1


@dataclass
class Code:
    """A response code: good once, for 72 hours."""

    made: float
    user: str
    used: bool = False


@dataclass
class FakeWeCom:
    """The server's state. `now` gives unix seconds; `visible` are the members who can be reached."""

    now: Callable[[], float] = time.time
    visible: set[str] = field(default_factory=lambda: {"wanglei", "lina", "chenjing"})
    callback_url: bool = True
    webhook_keys: set[str] = field(default_factory=lambda: {"key-east"})
    url: str = ""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    delivered: list[Json] = field(default_factory=list)
    dropped: list[Json] = field(default_factory=list)
    updates: list[Json] = field(default_factory=list)
    webhook_sent: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes, float]] = field(default_factory=dict)
    menu: Json | None = None
    last_token: str = ""
    token_life: int = 7200
    _tokens: dict[str, float] = field(default_factory=dict)
    _tasks: set[str] = field(default_factory=set)
    _seen: dict[str, tuple[float, Json]] = field(default_factory=dict)
    _times: dict[str, list[float]] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self.office = Office(self)

    def break_(self, path: str, **how: Any) -> None:
        """The next call(s) of that path go wrong."""
        self.faults.append(Fault(path, **how))

    def expire_tokens(self) -> None:
        """Every token given so far answers 42001 from now on."""
        self._tokens = dict.fromkeys(self._tokens, 0.0)

    def count(self, path: str) -> int:
        """How often that path was called."""
        return sum(1 for called, _ in self.calls if called == path)

    def serial(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:06d}"

    def click(self, user: str) -> str:
        """A member presses a button: the response code of that click."""
        code = self.serial("click-code-")
        self.codes[code] = Code(self.now(), user)
        return code

    # -- transport ------------------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/cgi-bin/")
        body = await self._body(request)
        self.calls.append((path, body))
        fault = next((f for f in self.faults if f.path == path and f.times > 0), None)
        if fault is None:
            return self._response(await self._do(path, request, body))
        fault.times -= 1
        if fault.after:
            await self._do(path, request, body)
        if fault.hang_s:
            await asyncio.sleep(fault.hang_s)
        if fault.drop:
            assert request.transport is not None
            request.transport.abort()
        if fault.http or fault.body is not None:
            return web.Response(status=fault.http or 200, body=fault.body or b"<html>busy</html>")
        return self._response({"errcode": fault.errcode, "errmsg": fault.errmsg})

    async def _body(self, request: web.Request) -> Json:
        if request.content_type == "multipart/form-data":
            part = await (await request.multipart()).next()
            assert part is not None
            return {"field": getattr(part, "name", ""), "filename": part.filename, "data": bytes(await part.read())}  # type: ignore[union-attr]
        raw = await request.read()
        if not raw:
            return {}
        try:
            body = json.loads(raw)
        except ValueError:
            return {"_bad": True}
        return body if isinstance(body, dict) else {"_bad": True}

    @staticmethod
    def _response(answer: Json | web.StreamResponse) -> web.StreamResponse:
        # The real one answers text/plain-ish JSON for some paths; clients must not rely on the type.
        return answer if isinstance(answer, web.StreamResponse) else web.json_response(answer)

    async def _do(self, path: str, request: web.Request, body: Json) -> Json | web.StreamResponse:
        query = {k: v[0] for k, v in parse_qs(request.query_string, keep_blank_values=True).items()}
        if body.get("_bad"):
            return error(40035, "Warning: wrong json format.")
        if path == "gettoken":
            return self._gettoken(query)
        if path.startswith("webhook/"):
            return self._webhook(path, query, body)
        if code := self._token_fault(query.get("access_token", "")):
            return error(code, "token")
        doing: dict[str, Callable[[Json, Json], Json | web.StreamResponse]] = {
            "message/send": self._send,
            "message/update_template_card": self._update,
            "media/upload": self._upload,
            "media/get": self._media,
            "menu/create": self._menu,
            **self.office.paths(),
        }
        if path not in doing:
            return error(40058, f"no such path: {path}")
        return doing[path](query, body)

    # -- tokens ---------------------------------------------------------------------------------------------------

    def _gettoken(self, query: Json) -> Json:
        if query.get("corpid") != CORP:
            return error(40013, "invalid corpid")
        if query.get("corpsecret") != SECRET:
            return error(40001, "invalid credential, hint: [1], from ip: 10.0.0.9")
        self.last_token = self.serial("token-")
        self._tokens[self.last_token] = self.now() + self.token_life
        return {"errcode": 0, "errmsg": "ok", "access_token": self.last_token, "expires_in": self.token_life}

    def _token_fault(self, token: str) -> int:
        if token not in self._tokens:
            return 40014
        return 0 if self.now() < self._tokens[token] else 42001

    # -- messages -------------------------------------------------------------------------------------------------

    def _send(self, _query: Json, body: Json) -> Json:
        if body.get("agentid") != AGENT:
            return error(301002, "not allow operate another agent")
        users = [u for u in str(body.get("touser") or "").split("|") if u]
        if not users or len(users) > 1000:
            return error(40031, "touser")
        if code := self._content_fault(body):
            return error(code, "content")
        if body.get("enable_duplicate_check"):
            interval = body.get("duplicate_check_interval", 1800)
            if not 0 < interval <= 4 * 3600:
                return error(40058, "interval")
            text = json.dumps(body, sort_keys=True)
            known = self._seen.get(text)
            if known and self.now() - known[0] < interval:
                return known[1]
        card = body.get("template_card", {})
        if task := card.get("task_id"):
            if task in self._tasks:
                return error(42014, "duplicate task_id")
            self._tasks.add(task)
        answer = self._deliver(body, users)
        if body.get("enable_duplicate_check") and answer["errcode"] == 0:
            self._seen[text] = (self.now(), answer)
        return answer

    def _content_fault(self, body: Json) -> int:
        kind = body.get("msgtype")
        content = body.get(str(kind))
        if not isinstance(content, dict):
            return 40035
        if kind == "template_card":
            if content.get("card_type") in wecom_cards.CALLING_BACK and not self.callback_url:
                return 43012
            return wecom_cards.fault(content)
        if kind in ("image", "file", "voice"):
            known = self.media.get(str(content.get("media_id")))
            return 0 if known and known[0] == kind and self.now() - known[2] < 3 * DAY else 40007
        text = content.get("content")
        # The real one cuts silently; here it is an error, so that a test sees it.
        return 0 if kind in ("text", "markdown") and isinstance(text, str) and 0 < len(text.encode()) <= 2048 else 45002

    def _deliver(self, body: Json, users: list[str]) -> Json:
        visible = {u.casefold() for u in self.visible}
        bad = [u for u in users if u.casefold() not in visible]
        if len(bad) == len(users):
            return error(81013, "user & party & tag all invalid")
        self.sent.append(body)
        for user in (u for u in users if u not in bad):
            over = self._over(f"member {user}", 30, 60.0) or self._over(f"hour {user}", 1000, 3600.0)
            (self.dropped if over else self.delivered).append(body)
        answer: Json = {"errcode": 0, "errmsg": "ok", "invaliduser": "|".join(bad).lower(), "msgid": self.serial("m")}
        if body.get("template_card", {}).get("card_type") in wecom_cards.CALLING_BACK:
            answer["response_code"] = self.serial("code-")
            self.codes[answer["response_code"]] = Code(self.now(), users[0])
        return answer

    def _over(self, who: str, count: int, seconds: float) -> bool:
        now = self.now()
        times = [t for t in self._times.get(who, []) if t > now - seconds]
        over = len(times) >= count
        self._times[who] = times if over else [*times, now]
        return over

    def _update(self, _query: Json, body: Json) -> Json:
        if body.get("agentid") != AGENT:
            return error(42015, "agentid")
        code = self.codes.get(str(body.get("response_code")))
        if code is None or code.used or self.now() - code.made > 72 * 3600:
            return error(60140, "invalid response_code")
        card, button = body.get("template_card"), body.get("button")
        if button is None:
            if not isinstance(card, dict) or "task_id" in card:
                return error(40058, "template_card")
            if fault := wecom_cards.fault(card, update=True):
                return error(fault, "card")
        code.used = True
        self.updates.append(body)
        visible = {u.casefold() for u in self.visible}
        missed = [u for u in body["userids"] if u.casefold() not in visible]
        return {"errcode": 0, "errmsg": "ok", "invaliduser": missed}

    # -- files, menu, webhook -------------------------------------------------------------------------------------

    def _upload(self, query: Json, body: Json) -> Json:
        kind, data = query.get("type"), body.get("data", b"")
        if body.get("field") != "media" or not body.get("filename"):
            return error(40058, "media")
        limit = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}.get(str(kind), 0)
        if not 5 < len(data) <= limit:
            return error(45001, "size")
        media_id = self.serial("media-")
        self.media[media_id] = (str(kind), data, self.now())
        return {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": str(int(self.now()))}

    def _media(self, query: Json, _body: Json) -> Json | web.StreamResponse:
        known = self.media.get(str(query.get("media_id")))
        if known is None or self.now() - known[2] > 3 * DAY:
            return error(40007, "invalid media_id")
        name = {"image": "photo.jpg", "voice": "voice.amr"}.get(known[0], "file.bin")
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=known[1], content_type="application/octet-stream", headers=headers)

    def _menu(self, query: Json, body: Json) -> Json:
        top = body.get("button")
        if query.get("agentid") != str(AGENT) or not isinstance(top, list) or not 1 <= len(top) <= 3:
            return error(40058, "button")
        for button in top:
            below = button.get("sub_button", [])
            if len(button["name"].encode()) > 16 or len(below) > 5 or (not below and "key" not in button):
                return error(40058, "name")
            if any(len(b["name"].encode()) > 40 or len(b["key"].encode()) > 128 for b in below):
                return error(40058, "sub_button")
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}

    def _webhook(self, path: str, query: Json, body: Json) -> Json:
        key = str(query.get("key"))
        if key not in self.webhook_keys:
            return error(93000, "invalid webhook url")
        if path == "webhook/upload_media":
            return self._upload(query, body)
        if path != "webhook/send":
            return error(40058, path)
        kind = body.get("msgtype")
        content = body.get(str(kind), {})
        limit = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}.get(str(kind))
        if limit is not None:
            if not 0 < len(str(content.get("content") or "").encode()) <= limit:
                return error(45002, "content")
        elif kind == "template_card":
            if code := wecom_cards.fault(content, webhook=True):
                return error(code, "card")
        elif kind == "file":
            if content.get("media_id") not in self.media:
                return error(40007, "media_id")
        elif kind != "image":
            return error(40008, "msgtype")
        if self._over(f"webhook {key}", 20, 60.0):
            return error(45009, "api freq out of limit")
        self.webhook_sent.append({"key": key, **body})
        return {"errcode": 0, "errmsg": "ok"}


def error(code: int, text: str) -> Json:
    return {"errcode": code, "errmsg": f"{text}, hint: [1234567890], more info at the error page"}


@asynccontextmanager
async def running(fake: FakeWeCom | None = None) -> AsyncIterator[FakeWeCom]:
    """The fake on a free local port; `url` is its api_base."""
    fake = fake or FakeWeCom()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/cgi-bin/{path:.*}", fake.handle)
    async with serving(app) as url:
        fake.url = url
        yield fake


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Any application on a free local port; gives its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
