"""/api/v1: who asks, what is asked, and how a refusal is said over HTTP."""

import hashlib
import json
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.app import App
from bot.web import customers, feeds, visits
from bot.web.asked import Asked, Operation
from bot.web.door import Door, KeyReused, Undone
from bot.web.limits import Limits
from bot.web.look import Looks
from bot.web.openapi import document
from bot.web.schema import Invalid, check
from domain.model import Member
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from storage.store import StoreDown
from storage.tx import Tx

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
MAX_WRONG = 20.0
"""Wrong tokens one address may try at once; then one a second."""
OPERATIONS: tuple[Operation, ...] = (*visits.OPERATIONS, *customers.OPERATIONS, *feeds.OPERATIONS)
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The routes of the API on an app. `looks` are the questions it may ask (handlers/data_api.py)."""

    def __init__(self, app: App, looks: Looks, public_url: str = "", now: Callable[[], float] = time.monotonic) -> None:
        self.looks = looks
        self.use(app)
        self._limits = Limits(now)
        self._wrong = Limits(now, 1.0, MAX_WRONG)
        self._public = public_url.rstrip("/")

    def use(self, app: App) -> None:
        """Work on this app from now on (the playground makes a new one at every reset)."""
        self.app, self.door = app, Door(app)

    def routes(self) -> list[web.RouteDef]:
        """GET openapi.json without a token, everything else with one; an unknown path under /api/ is told as JSON."""
        made = [
            web.route(op.method, f"/api/v1{op.path}", self._handler(op))
            for op in sorted(OPERATIONS, key=lambda op: "{" in op.path)
        ]
        return [web.get("/api/v1/openapi.json", self._document), *made, web.route("*", "/api/{rest:.*}", self._nothing)]

    async def _document(self, request: web.Request) -> web.Response:
        return web.json_response(document(OPERATIONS, self._public or f"{request.scheme}://{request.host}"))

    async def _nothing(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/api/v1")
        allowed = [op.method for op in OPERATIONS if re.fullmatch(re.sub(r"{\w+}", "[^/]+", op.path), path)]
        if allowed and request.method != "OPTIONS":
            return error(405, "method", "这个地址不支持这种请求", headers={"Allow": ", ".join(allowed)})
        return error(404, "not_found", "没有这个地址，见 /api/v1/openapi.json")

    def _handler(self, op: Operation) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await self._answer(op, request)
            except Exception as e:  # whatever it is, the caller gets JSON and the process lives on
                return said(e)

        return handle

    async def _answer(self, op: Operation, request: web.Request) -> web.Response:
        me = await self._member(request)
        if isinstance(me, web.Response):
            return me
        values = _values(op, request)
        body = check(op.body, await _json(request)) if op.body is not None else {}
        key, print_ = _key(op, request, me, values, body)
        answer = await op.run(Asked(self.app, self.door, self.looks, me, "api", values, body, key, print_))
        headers = {"Idempotent-Replay": "true"} if answer.repeated else {}
        return web.json_response(dict(answer.body), status=answer.status, headers=headers, dumps=_dumps)

    async def _member(self, request: web.Request) -> Member | web.Response:
        """The member behind the bearer token; else the refusal."""
        secret = _bearer(request)
        who = request.remote or "?"
        if secret is None:
            return error(401, "unauthorized", "需要 Authorization: Bearer 令牌", headers={"WWW-Authenticate": "Bearer"})
        name = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
        if (wait := self._limits.wait(name)) > 0:
            return error(429, "too_many", "请求太频繁，请稍后再试", headers={"Retry-After": str(math.ceil(wait))})
        now = self.app.clock.now()

        def find(tx: Tx) -> Member | None:
            member = tx.doors.token(secret, "api", now)
            return tx.people.get(member) if member else None

        me = await self.app.store.read(find)
        if me is not None and me.active:
            return me
        if self._wrong.wait(who) > 0:
            return error(429, "too_many", "错误的令牌太多，请稍后再试", headers={"Retry-After": "1"})
        return error(401, "unauthorized", "令牌无效或已失效", headers={"WWW-Authenticate": "Bearer"})


def _bearer(request: web.Request) -> str | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    return secret if kind.casefold() == "bearer" and 0 < len(secret) <= 200 and secret.isascii() else None


def _values(op: Operation, request: web.Request) -> dict[str, Any]:
    """Path and query values, checked; unknown ones are ignored."""
    out: dict[str, Any] = {}
    for p in op.params:
        raw = request.match_info.get(p.name) if p.where == "path" else request.query.get(p.name)
        if raw is None or (raw == "" and p.where == "query"):
            if p.required:
                raise Invalid(p.name, "缺少这一项")
            if "default" in p.schema:
                out[p.name] = p.schema["default"]
            continue
        out[p.name] = check(p.schema, raw, p.name)
    return out


async def _json(request: web.Request) -> object:
    """The body, at most MAX_BODY bytes of JSON."""
    if (request.content_length or 0) > MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY, request.content_length or 0)
    if request.content_type not in ("application/json", "application/octet-stream"):
        raise web.HTTPUnsupportedMediaType
    raw = bytearray()
    async for chunk in request.content.iter_chunked(MAX_BODY):
        raw += chunk
        if len(raw) > MAX_BODY:
            raise web.HTTPRequestEntityTooLarge(MAX_BODY, len(raw))
    try:
        return json.loads(bytes(raw).decode("utf-8"))
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None


def _key(op: Operation, request: web.Request, me: Member, values: object, body: object) -> tuple[str, str]:
    """The Idempotency-Key as the inbox keeps it, and the fingerprint of the request it belongs to; "" without one."""
    raw = request.headers.get("Idempotency-Key")
    if raw is None or not op.writes:
        return "", ""
    if not _KEY.fullmatch(raw):
        raise Invalid("Idempotency-Key", "要是 1 到 100 个不含空格的 ASCII 字符")
    asked = json.dumps([op.id, values, body], default=str, sort_keys=True)
    return f"{me.id}:{raw}", hashlib.sha256(asked.encode()).hexdigest()


# ---------------------------------------------------------------------- refusals
def error(status: int, code: str, message: str, *, headers: dict[str, str] | None = None, **more: object) -> web.Response:
    """{"error", "message"}: a word for programs, a Chinese sentence for people."""
    return web.json_response({"error": code, "message": message, **more}, status=status, headers=headers, dumps=_dumps)


_HTTP = {
    413: ("too_large", f"内容太大，最多 {MAX_BODY // 1024} KB"), 415: ("not_json", "请求体要是 application/json"),
    400: ("invalid", "请求体不是 UTF-8 的 JSON"),
}  # fmt: skip


def said(e: Exception) -> web.Response:
    """An exception as a response; a bug is logged under an id that the caller gets."""
    if isinstance(e, Invalid):
        return error(422, "invalid", f"{e.field}：{e.text}" if e.field else e.text, field=e.field)
    if isinstance(e, Refusal):
        status, code = next((s, c) for kind, s, c in _REFUSALS if isinstance(e, kind))
        return error(status, code, "\n".join((e.text, *e.hints)))
    if isinstance(e, web.HTTPException):
        return error(e.status, *_HTTP.get(e.status, ("invalid", e.reason)))
    if isinstance(e, StoreDown):
        return error(503, "unavailable", "数据库暂时不可用，请稍后再试", headers={"Retry-After": "2"})
    id_ = f"{time.time_ns():x}"
    log.error("api request %s failed", id_, exc_info=e)
    return error(500, "bug", f"没有处理成功，什么都没有改动；请把编号 {id_} 发给管理员", id=id_)


_REFUSALS: tuple[tuple[type[Refusal], int, str], ...] = (
    (NotFound, 404, "not_found"), (NotAllowed, 403, "not_allowed"), (Stale, 409, "stale"), (KeyReused, 422, "key_reused"),
    (Undone, 422, "undone"), (Refusal, 422, "refused"),
)  # fmt: skip


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
