"""The page and its JSON. For loopback, without sign-in: strangers' pages are kept out by Origin and Host, not by a password."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from aiohttp import WSMsgType, web

from bot.platforms.webchat.ask import BadAsk, read_clock, read_say
from bot.platforms.webchat.playground import Playground
from bot.platforms.webchat.uploads import MAX_BYTES, TooBig
from bot.platforms.webchat.wire import Listener

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
MAX_PAGES = 64
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STATIC = {
    "/": ("index.html", "text/html"),
    "/playground/playground.css": ("playground.css", "text/css"),
    "/playground/playground.js": ("playground.js", "text/javascript"),
    "/playground/story.js": ("story.js", "text/javascript"),
    "/playground/icon.svg": ("icon.svg", "image/svg+xml"),
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def attach(app: web.Application, playground: Playground, public_url: str = "") -> None:
    """Serve an open playground at / of an aiohttp application; open pages are hung up when it shuts down."""

    async def hang_up(_: web.Application) -> None:
        playground.wire.hang_up()

    app.add_routes(routes(playground, public_url))
    app.on_shutdown.append(hang_up)


def routes(playground: Playground, public_url: str = "") -> list[web.RouteDef]:
    """GET / and everything under /playground/. `public_url` names the host it may be reached by besides this machine's."""
    ours = urlsplit(public_url).hostname or ""
    page = Page(playground)

    def guarded(handler: Handler) -> Handler:
        async def guard(request: web.Request) -> web.StreamResponse:
            if not host_is_ours(request.host, ours) or not same_origin(request):
                return answer({"error": "这个地址只能从本机的演示页面访问"}, 403)
            try:
                return await handler(request)
            except BadAsk as e:
                return answer({"error": str(e)}, 400)
            except web.HTTPRequestEntityTooLarge:
                return answer({"error": f"内容太大，最多 {MAX_BODY // 1024} KB"}, 413)

        return guard

    return [
        *(web.get(path, guarded(static(name, kind))) for path, (name, kind) in STATIC.items()),
        web.get("/playground/state", guarded(page.state)),
        web.get("/playground/live", guarded(page.live)),
        web.post("/playground/say", guarded(page.say)),
        web.post("/playground/clock", guarded(page.clock)),
        web.post("/playground/reset", guarded(page.reset)),
        web.post("/playground/upload", guarded(page.upload)),
        web.get("/playground/upload/{token}", guarded(page.picture)),
        web.get("/playground/file/{key}/{number:\\d{1,3}}", guarded(page.file)),
    ]


def static(name: str, kind: str) -> Handler:
    """A handler for one of our own files."""
    body = files("bot.platforms.webchat").joinpath("static", name).read_bytes()

    async def serve(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=HEADERS)

    return serve


def answer(data: object, status: int = 200) -> web.Response:
    """JSON with the page's headers."""
    return web.json_response(data, status=status, headers=HEADERS, dumps=dumps)


def dumps(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def same_origin(request: web.Request) -> bool:
    """Whether the request comes from our own page, or from a program that is no browser (it sends no Origin)."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


def host_is_ours(host: str, ours: str) -> bool:
    """Only numbers, dotless names and our own public host: a name that a stranger can point at us (DNS rebinding) is refused."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == ours or "." not in name.rstrip(".") or name.endswith(".localhost"):
        return bool(name)
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def body(request: web.Request) -> object:
    """A JSON body of at most MAX_BODY. Raises BadAsk."""
    if request.content_type != "application/json":
        raise BadAsk("请求要是 application/json")
    raw = await request.content.read(MAX_BODY + 1)
    while len(raw) <= MAX_BODY and (more := await request.content.read(MAX_BODY + 1)):
        raw += more
    if len(raw) > MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=len(raw))
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise BadAsk("请求不是 JSON") from None


class Page:
    """The handlers of the page's JSON."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._open = 0

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Everything the page shows."""
        return answer(await self._playground.state())

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Somebody says, presses or sends something."""
        return answer({"ok": True, **await self._playground.say(read_say(await body(request)))})

    async def clock(self, request: web.Request) -> web.StreamResponse:
        """Time goes on."""
        await self._playground.move(read_clock(await body(request), self._playground.clock.now()))
        return answer({"ok": True, "now": self._playground.now})

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """A fresh office."""
        await body(request)
        await self._playground.reset()
        return answer({"ok": True, "now": self._playground.now})

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """A picture or file, raw; `?name=` is its name. Its token goes into /playground/say."""
        if request.content_type != "application/octet-stream":
            raise BadAsk("上传要是 application/octet-stream")
        try:
            kept = await self._playground.uploads.keep(request.query.get("name", ""), chunks(request))
        except TooBig:
            return answer({"error": f"文件太大，最多 {MAX_BYTES // 1024 // 1024} MB"}, 413)
        return answer({"ok": True, "token": kept.token, "name": kept.name, "picture": bool(kept.picture)})

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A picture that was uploaded; nothing that is no picture is ever shown back."""
        kept = self._playground.uploads.get(request.match_info["token"])
        if kept is None or not kept.picture:
            return answer({"error": "没有这张图片"}, 404)
        data = await asyncio.to_thread(kept.path.read_bytes)
        return web.Response(body=data, content_type=kept.picture, headers=HEADERS)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file that a card on the page offers, as a download."""
        found = self._playground.wire.file(request.match_info["key"], int(request.match_info["number"]))
        if found is None or not await asyncio.to_thread(found[1].is_file):
            return answer({"error": "这个文件已经不在了"}, 404)
        name, path = found
        as_file = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.FileResponse(path, headers={**HEADERS, "Content-Disposition": as_file})

    # ------------------------------------------------------------------ pushes
    async def live(self, request: web.Request) -> web.StreamResponse:
        """A websocket: the whole state first, then every change; what the page sends is not read."""
        if self._open >= MAX_PAGES:
            return answer({"error": "打开的页面太多了"}, 503)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024)
        await socket.prepare(request)
        self._open += 1
        listener = await self._playground.join()
        writing = asyncio.create_task(write(socket, listener))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._open -= 1
            self._playground.wire.leave(listener)
            writing.cancel()
        return socket


async def write(socket: web.WebSocketResponse, listener: Listener) -> None:
    """Tell the page what it has to be told until it is hung up."""
    try:
        while (item := await listener.queue.get()) is not None:
            await socket.send_str(dumps(item))
        await socket.close()
    except ConnectionError:
        log.debug("a page was closed while being written to")


async def chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body piece by piece."""
    async for piece in request.content.iter_chunked(64 * 1024):
        yield piece
