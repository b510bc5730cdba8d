"""The routes of /app: pages are questions (handlers/data_console.py), changes are the chat's own commands (bot/web/door.py)."""

import json
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.app import App
from bot.sheets.read import SheetError
from bot.web import api, visits
from bot.web.asked import Asked
from bot.web.console import html, pages, session
from bot.web.console.imports import MAX_BYTES, Imports
from bot.web.console.session import Session
from bot.web.door import Door
from bot.web.limits import Limits
from bot.web.look import Looks, look
from bot.web.schema import check
from domain.refusal import NotAllowed, NotFound, Refusal
from nlp.said import Said

STATIC = {"console.css": "text/css", "console.js": "text/javascript", "sw.js": "text/javascript"}
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex",
}  # fmt: skip
MAX_JSON = 8 * 1024
ASK = "请在和拜访助手的私聊里说「打开网页控制台」，用新链接进入。"
Page = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]


class Console:
    """Hangs under /app; `use` changes the app it works on (the playground makes a new one at every reset)."""

    def __init__(self, app: App, looks: Looks, door: Callable[[], Door], now: Callable[[], float], *, secure: bool) -> None:
        self.app, self._looks, self._door, self._secure = app, looks, door, secure
        self._imports = Imports()
        self._tries = Limits(now, 1.0, 20.0)

    def use(self, app: App) -> None:
        self.app, self._imports = app, Imports()

    def routes(self) -> list[web.RouteDef]:
        """Everything under /app."""
        return [
            *(web.get(f"/app/static/{name}", _static(name, kind)) for name, kind in STATIC.items() if name != "sw.js"),
            web.get("/app/sw.js", _static("sw.js", STATIC["sw.js"])),
            web.get("/app/login/{secret}", self.login),
            web.post("/app/login/{secret}", self.enter),
            web.get("/app", self._in(self.home)),
            web.get("/app/", self._in(self.home)),
            web.get("/app/week", self._in(self.week)),
            web.get("/app/stages", self._in(self.stages)),
            web.get("/app/kpi", self._in(self.kpi)),
            web.get("/app/conflicts", self._in(self.conflicts)),
            web.get("/app/customer/{id}", self._in(self.customer)),
            web.get("/app/rules", self._in(self.rules)),
            web.get("/app/import", self._in(self.import_form)),
            web.post("/app/import", self._in(self.import_read)),
            web.post("/app/import/{id}", self._in(self.import_start)),
            web.get("/app/import/{id}", self._in(self.import_page)),
            web.get("/app/import/{id}/state", self._in(self.import_state)),
            web.get("/app/import/{id}/result", self._in(self.import_result)),
            web.post("/app/move", self._in(self.move)),
            web.post("/app/settle", self._in(self.settle)),
            web.post("/app/logout", self._in(self.logout)),
        ]

    # ------------------------------------------------------------------ coming in
    async def login(self, request: web.Request) -> web.Response:
        """The link's page; the link is used up by its button, so that a messenger's preview does not use it."""
        if self._tries.wait(request.remote or "?") > 0:
            return _page("稍等", html.notice("试得太快了", "请过一分钟再打开。"), 429)
        secret = request.match_info["secret"]
        if not await session.valid(self.app, secret):
            await session.refused(self.app)
            return _gone()
        body = (
            "<section class=notice><h1>进入团队网页控制台</h1><p>链接只能用一次。</p>"
            f'<form method=post action="/app/login/{html.e(secret)}" data-go><button class=primary>进入</button></form></section>'
        )
        return _page("进入", body)

    async def enter(self, request: web.Request) -> web.Response:
        """Use the link up: a session, or a polite page and an audit row."""
        if self._tries.wait(request.remote or "?") > 0:
            return _page("稍等", html.notice("试得太快了", "请过一分钟再打开。"), 429)
        secret = await session.enter(self.app, request.match_info["secret"])
        if secret is None:
            return _gone()
        response = web.Response(status=303, headers={**SAFE, "Location": "/app/week"})
        age = int(session.LASTS.total_seconds())
        response.set_cookie(session.COOKIE, secret, path="/app", httponly=True, samesite="Lax", secure=self._secure, max_age=age)
        return response

    async def logout(self, request: web.Request, who: Session) -> web.StreamResponse:
        form = await request.post()
        if not session.ours(request, who, str(form.get("proof") or "")):
            return _foreign()
        await session.leave(self.app, request)
        response = _page("已退出", html.notice("已退出", ASK))
        response.del_cookie(session.COOKIE, path="/app")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def _in(self, run: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            who = await session.find(self.app, request)
            if who is None:
                return _page("请重新进入", html.notice("需要重新进入", ASK), 401)
            try:
                return await run(request, who)
            except NotAllowed as e:
                return self._frame("无权", html.notice(e.text, "需要的话请联系您的主管。"), who, status=403)
            except NotFound as e:
                return self._frame("没有找到", html.notice(e.text, "可能已经被改动，请返回再试。"), who, status=404)
            except Refusal as e:
                return self._frame("没有处理", html.notice(e.text, "；".join(e.hints)), who, status=422)
            except web.HTTPException:
                raise
            except Exception as e:  # whatever it is, the browser gets a page and the process lives on
                failed = json.loads(api.said(e).text or "{}")
                return self._frame("出错了", html.notice("没有处理成功", str(failed.get("message", ""))), who, status=500)

        return handle

    def _frame(
        self, title: str, body: str, who: Session, active: str = "", *, wide: bool = False, status: int = 200
    ) -> web.Response:
        text = html.page(title, body, name=who.me.name, active=active, proof=who.proof, leads=who.me.role.leads, wide=wide)
        return _text(text, status)

    # ------------------------------------------------------------------ pages
    async def home(self, request: web.Request, who: Session) -> web.StreamResponse:
        raise web.HTTPSeeOther("/app/week")

    async def _look(self, who: Session, name: str, **slots: object) -> dict[str, Any]:
        given = {k: v for k, v in slots.items() if v not in (None, "")}
        return await look(self.app, who.me, self._looks[name], "web", given)

    async def week(self, request: web.Request, who: Session) -> web.StreamResponse:
        at = request.query.get("at", "")
        day = f"{at}T12:00:00+08:00" if len(at) == 10 and at.replace("-", "").isdigit() else None
        try:
            found = await self._look(who, "console.week", at=day, team=request.query.get("team", ""))
        except ValueError:
            found = await self._look(who, "console.week")
        return self._frame("团队日程", pages.week(found), who, "week", wide=True)

    async def stages(self, request: web.Request, who: Session) -> web.StreamResponse:
        return self._frame(
            "阶段看板", pages.stages(await self._look(who, "console.stages", **_asked(request))), who, "stages", wide=True
        )

    async def kpi(self, request: web.Request, who: Session) -> web.StreamResponse:
        return self._frame("指标", pages.kpi(await self._look(who, "console.kpi", **_asked(request))), who, "kpi")

    async def conflicts(self, request: web.Request, who: Session) -> web.StreamResponse:
        return self._frame(
            "冲突", pages.conflicts(await self._look(who, "console.conflicts", **_asked(request))), who, "conflicts"
        )

    async def customer(self, request: web.Request, who: Session) -> web.StreamResponse:
        found = await self._look(who, "console.customer", id=request.match_info["id"])
        return self._frame(str(found["short"]), pages.customer(found), who)

    async def rules(self, request: web.Request, who: Session) -> web.StreamResponse:
        """The chat's own answer to 有哪些规则."""
        reply, _ = await self.app.perform(who.me, Said("rule.list"), "web")
        body = f"<div class=bar><h1>{html.e(reply.card.title)}</h1></div><section class=panel>{html.card(reply.card)}</section>"
        return self._frame(
            "规则", body + "<p class=hint>改规则请在聊天里说一句话，例如：他人拜访提醒改成 10 天。</p>", who, "rules"
        )

    # ------------------------------------------------------------------ changes
    async def move(self, request: web.Request, who: Session) -> web.StreamResponse:
        """Drag or form: the same command, conflict check and answer as in the chat."""
        body = await _change(request, who)
        if isinstance(body, web.Response):
            return body
        id_ = str(body.pop("id", ""))
        return await self._do(who, visits.change, {"id": id_}, visits.CHANGE, body)

    async def settle(self, request: web.Request, who: Session) -> web.StreamResponse:
        """One of the ways out of a conflict."""
        body = await _change(request, who)
        return body if isinstance(body, web.Response) else await self._do(who, visits.book, {}, visits.BOOK, {"settle": body})

    async def _do(
        self,
        who: Session,
        run: Callable[[Asked], Awaitable[Any]],
        values: Mapping[str, Any],
        schema: Mapping[str, Any],
        body: object,
    ) -> web.Response:
        try:
            asked = Asked(self.app, self._door(), self._looks, who.me, "web", values, check(schema, body))
            answer = await run(asked)
        except Exception as e:  # told as JSON, as the API does
            return api.said(e)
        return web.json_response(dict(answer.body), status=answer.status)

    # ------------------------------------------------------------------ import
    async def import_form(self, request: web.Request, who: Session) -> web.StreamResponse:
        _leads(who)
        return self._frame("导入", pages.upload(who.proof), who, "import")

    async def import_read(self, request: web.Request, who: Session) -> web.StreamResponse:
        _leads(who)
        if (request.content_length or 0) > MAX_BYTES + 4096:
            return self._frame("导入", pages.upload(who.proof, "文件太大，最大 20 MB。"), who, "import", status=413)
        form = await request.post()
        if not session.ours(request, who, str(form.get("proof") or "")):
            return _foreign()
        sent = form.get("file")
        if not isinstance(sent, web.FileField):
            return self._frame("导入", pages.upload(who.proof, "请先选择文件。"), who, "import", status=422)
        try:
            run = await self._imports.read(self.app, who.me, sent.filename, sent.file.read())
        except SheetError as e:
            return self._frame("导入", pages.upload(who.proof, f"{e}。"), who, "import", status=422)
        body = pages.preview(run.id, run.name, run.prepared.summary(), run.expected, run.troubles, who.proof)
        return self._frame("导入预览", body, who, "import")

    async def import_start(self, request: web.Request, who: Session) -> web.StreamResponse:
        _leads(who)
        form = await request.post()
        if not session.ours(request, who, str(form.get("proof") or "")):
            return _foreign()
        run = self._imports.get(request.match_info["id"], who.me)
        if run is None:
            raise NotFound("这次上传已经过期，没有导入")
        self._imports.start(self.app, run)
        raise web.HTTPSeeOther(f"/app/import/{run.id}")

    async def import_page(self, request: web.Request, who: Session) -> web.StreamResponse:
        run = self._imports.get(request.match_info["id"], who.me)
        if run is None:
            raise NotFound("这次上传已经过期")
        return self._frame("导入", pages.progress(run.id, run.name, run.done, run.total, run.finished, run.failed), who, "import")

    async def import_state(self, request: web.Request, who: Session) -> web.StreamResponse:
        run = self._imports.get(request.match_info["id"], who.me)
        if run is None:
            return web.json_response({"over": True}, status=404)
        return web.json_response({"done": run.done, "total": run.total, "over": bool(run.finished or run.failed)})

    async def import_result(self, request: web.Request, who: Session) -> web.StreamResponse:
        run = self._imports.get(request.match_info["id"], who.me)
        if run is None or run.result is None or not run.result.exists():
            raise NotFound("结果文件已经清理")
        name = quote(run.result.name, safe="")
        return web.FileResponse(run.result, headers={**SAFE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


# ---------------------------------------------------------------------- small things
def _leads(who: Session) -> None:
    if not who.me.role.leads:
        raise NotAllowed("无权：导入由主管、总监或管理员操作", action="data.import", obj="")


def _asked(request: web.Request) -> dict[str, object]:
    back = request.query.get("back", "0")
    return {
        "unit": request.query.get("unit", "week"),
        "back": int(back) if back.isdecimal() and len(back) < 3 else 0,
        "team": request.query.get("team", ""),
    }


async def _change(request: web.Request, who: Session) -> dict[str, Any] | web.Response:
    """The JSON of a change that comes from our own page."""
    if not session.ours(request, who, request.headers.get("X-Proof", "")):
        return web.json_response({"error": "foreign", "message": "页面已经过期，请刷新后再试"}, status=403)
    raw = await request.content.read(MAX_JSON + 1)
    try:
        body = json.loads(raw) if len(raw) <= MAX_JSON else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return web.json_response({"error": "invalid", "message": "请求不完整，没有改动"}, status=422)
    return body


def _static(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    body = files("bot.web.console").joinpath("static", name).read_bytes()

    async def serve(_: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    return serve


def _text(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=SAFE)


def _page(title: str, body: str, status: int = 200) -> web.Response:
    return _text(html.page(title, body), status)


def _gone() -> web.Response:
    return _page("链接失效", html.notice("这个链接已经用过、过期或不完整", ASK), 410)


def _foreign() -> web.Response:
    return _page("请刷新", html.notice("页面已经过期", "请返回刷新后再试，没有任何改动。"), 403)
