"""A strict fake of DingTalk for one tenant: stream gateway and OpenAPI on 127.0.0.1, limits kept, faults on demand.

What it checks and how it refuses is dingtalk.md sections 1–6; whatever it was told is in `calls`, `cards` and `chats`.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.platforms.dingtalk.config import PUBLIC_TEMPLATE, DingTalkConfig
from tests.fakes.dingtalk_gateway import TOPIC_BOT, TOPIC_CARD, Ack, Conn, Gateway
from tests.fakes.dingtalk_office import Office, Refuse

__all__ = ["TOPIC_BOT", "TOPIC_CARD", "Ack", "Conn", "FakeDingTalk", "Shown"]

MSG_KEYS = {
    "sampleText": {"content"},
    "sampleMarkdown": {"title", "text"},
    "sampleImageMsg": {"photoURL"},
    "sampleFile": {"mediaId", "fileName", "fileType"},
}
CLICK_LIMIT_S = 2.0
FAULT = web.RequestKey("fault", str)
NO_SCOPE = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
TOO_FAST = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
USED_UP = "Forbidden.AccessDenied.ApiCountLimitForOrg"


@dataclass
class Shown:
    """A delivered card: what everybody sees, and what single people see instead."""

    space: str
    values: dict[str, str]
    stream: bool
    mine: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.values["sys_full_json_obj"])["msgButtons"]
        return found


@dataclass
class Call:
    api: str
    body: Any
    status: int
    at: float


class FakeDingTalk(Office):
    """`fail(api, fault, …)` makes the next calls of an API go wrong, one fault each."""

    def __init__(self, secret: str = "secret", now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.now = now
        self.gateway = Gateway("dingapp", "secret")
        self.secret = secret
        self.users = {"u1": "union1", "u2": "union2", "0147": "union0147"}
        self.groups = {"cidEast=="}
        self.templates = {PUBLIC_TEMPLATE}
        self.token, self.tokens_given = "", 0
        self.calls: list[Call] = []
        self.cards: dict[str, Shown] = {}
        self.chats: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        """Messages by user or group id: (msgKey or webhook msgtype, decoded body)."""
        self.uploads: dict[str, bytes] = {}
        self.downloads: dict[str, bytes] = {}
        self.sessions: dict[str, tuple[str, float]] = {}
        self.session_life_s = 5400.0
        self.wrongs: list[str] = []
        """Things a well-behaved client does not do; empty at the end of a good test."""
        self.clicking: set[str] = set()
        self._faults: dict[str, deque[str]] = defaultdict(deque)
        self._recent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=20))
        self._runner: web.AppRunner | None = None
        self.base = ""

    # ------------------------------------------------------------------ life
    async def start(self) -> "FakeDingTalk":
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.add_routes(self.gateway.routes())
        app.router.add_route("*", "/{path:.*}", self._any)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        assert self._runner
        for conn in self.gateway.conns:
            self.gateway.abort(conn)
        await self._runner.cleanup()

    def config(self, **more: Any) -> DingTalkConfig:
        settings: dict[str, Any] = {
            "client_id": "dingapp",
            "client_secret": "secret",
            "api_base": self.base,
            "oapi_base": self.base,
            **more,
        }
        return DingTalkConfig(**settings)

    # ------------------------------------------------------------------ what a test does
    def fail(self, api: str, *faults: str) -> None:
        """Faults of the next calls: qps, token, scope, quota, 500, 504, busy, slow, html, banned, abort,
        answer lost, undelivered, flow, errcode:N, code:X (dingtalk.md 4)."""
        self._faults[api].extend(faults)

    def forget_faults(self) -> None:
        """Everything works again."""
        self._faults.clear()

    def called(self, api: str) -> list[Call]:
        return [c for c in self.calls if c.api == api]

    def session(self, chat: str, life_s: float = 5400.0) -> tuple[str, int]:
        """A sessionWebhook of a chat and its end in milliseconds."""
        name = f"s{len(self.sessions) + 1}"
        self.sessions[name] = (chat, self.now() + life_s)
        return f"{self.base}/robot/sendBySession?session={name}", int((self.now() + life_s) * 1000)

    def message(self, user: str, text: str, group: str = "", **more: Any) -> dict[str, Any]:
        """A bot message's data as the gateway pushes it."""
        url, until = self.session(group or user, self.session_life_s)
        number = len(self.sessions)
        return {
            "senderPlatform": "Mac",
            "conversationId": group or f"cid1on1{user}",
            "chatbotCorpId": "dingcorp",
            "conversationType": "2" if group else "1",
            "robotCode": "dingapp",
            "msgId": f"msg{number}==",
            "msgtype": "text",
            "text": {"content": f" {text}" if group else text},
            "senderNick": f"昵称{user}",
            "senderStaffId": user,
            "senderId": f"$:LWCP_v1:${user}",
            "sessionWebhook": url,
            "sessionWebhookExpiredTime": until,
            "createAt": int(self.now() * 1000),
            **more,
        }

    async def click(self, track: str, user: str, number: int, shape: str = "content", message_id: str = "") -> Ack:
        """Press a card's button; the answer changes the card for the presser. Fails when it takes longer than 2 s."""
        card = self.cards[track]
        assert card.stream, "callbackType was not STREAM: this click goes nowhere"
        pressed = next(b for b in card.buttons if b["id"] == str(number))
        assert pressed["request"] is True
        private = {"actionIds": [pressed["id"]], "params": pressed["params"]}
        inner = (
            {"cardPrivateData": private}
            if shape == "content"
            else {"cardPrivateData": {"actionIds": [pressed["id"]]}, "params": pressed["params"]}
        )
        data = {
            "type": "actionCallback",
            "outTrackId": track,
            "corpId": "dingcorp",
            "userId": user,
            "userIdType": 1,
            "spaceType": "IM",
            "spaceId": "cid",
            "extension": "{}",
            shape: json.dumps(inner, ensure_ascii=False),
        }
        self.clicking.add(track)
        try:
            ack = await asyncio.wait_for(self.gateway.push(data, TOPIC_CARD, message_id=message_id), CLICK_LIMIT_S)
        finally:
            self.clicking.discard(track)
        update = ack.data["response"]
        if update:
            self._check_values(update["cardData"]["cardParamMap"])
            new = {**card.values, **update["cardData"]["cardParamMap"]}
            if card.space.startswith("IM_ROBOT."):
                card.values = new
            else:
                card.mine[user] = new
        return ack

    # ------------------------------------------------------------------ HTTP
    async def _any(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        api, handle = self._route(request.method, path)
        is_json = "json" in request.headers.get("Content-Type", "")
        body: Any = json.loads(await request.read() or "null") if is_json else None
        try:
            fault = self._faults[api].popleft() if self._faults[api] else ""
            answer = await self._faulty(fault, request) or await handle(request, body)
        except Refuse as e:
            answer = web.json_response(e.body, status=e.status)
        except Exception as e:
            self.wrongs.append(f"{request.method} {path}: {e!r}")
            raise
        self.calls.append(Call(api, body, answer.status, time.monotonic()))
        if fault == "answer lost" and request.transport:
            request.transport.abort()
        return answer

    def _route(self, method: str, path: str) -> tuple[str, Any]:
        exact = {
            "/v1.0/oauth2/accessToken": ("token", self._token),
            "/v1.0/card/instances/createAndDeliver": ("createAndDeliver", self._create),
            "/v1.0/card/instances": ("update", self._update),
            "/v1.0/robot/oToMessages/batchSend": ("batchSend", self._batch),
            "/v1.0/robot/groupMessages/send": ("groupSend", self._group),
            "/v1.0/robot/messageFiles/download": ("download", self._download),
            "/robot/sendBySession": ("webhook", self._webhook),
            "/media/upload": ("upload", self._upload),
            "/topapi/v2/user/get": ("user", self._user),
            "/topapi/v2/user/list": ("users", self._user_list),
            "/topapi/v2/department/listsub": ("departments", self._departments),
            "/topapi/user/getbyunionid": ("byunion", self._by_union),
            "/topapi/v2/user/getbymobile": ("bymobile", self._by_mobile),
        }
        if path in exact:
            return exact[path]
        if path.startswith("/files/"):
            return "file", self._file
        if path.startswith("/v1.0/calendar/users/"):
            return f"calendar {method}", self._calendar
        if path.startswith("/v1.0/todo/users/"):
            return f"todo {method}", self._todo
        return "unknown", self._unknown

    async def _faulty(self, fault: str, request: web.Request) -> web.StreamResponse | None:
        if fault in ("", "undelivered", "invalid", "flow", "answer lost"):
            request[FAULT] = fault
            return None
        if fault == "slow":
            await asyncio.sleep(30)
        if fault == "abort" and request.transport:
            request.transport.abort()
            return web.Response(status=500)
        if fault == "html":
            return web.Response(status=403, text="<html>denied</html>", content_type="text/html")
        if fault == "banned":
            return web.json_response({"status": 1111, "wait": 5, "punish": "deny"})
        if fault.startswith("errcode:"):
            return web.json_response({"errcode": int(fault[8:]), "errmsg": "session 不存在"})
        codes = {
            "qps": (403, TOO_FAST),
            "quota": (403, USED_UP),
            "token": (400, "InvalidAuthentication"),
            "500": (500, "unknownError"),
            "busy": (500, "system.busy"),
        }
        if fault == "504":
            return web.Response(status=504, text="gateway timeout")
        if fault == "scope":
            raise Refuse(403, NO_SCOPE, accessdenieddetail={"requiredScopes": ["Card.Instance.Write"]})
        raise Refuse(*(codes[fault] if fault in codes else (400, fault.removeprefix("code:"))))

    def _allowed(self, request: web.Request) -> None:
        api = self._route(request.method, request.path)[0]
        if request.headers.get("x-acs-dingtalk-access-token") != self.token or not self.token:
            raise Refuse(400, "InvalidAuthentication")
        recent, now = self._recent[api], time.monotonic()
        if len(recent) == 20 and now - recent[0] < 0.98:  # a little grace for the way here
            raise Refuse(403, TOO_FAST)
        recent.append(now)

    async def _token(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (body.get("appKey"), body.get("appSecret")) != ("dingapp", self.secret):
            raise Refuse(400, "invalidClientIdOrSecret")
        self.tokens_given += 1
        self.token = self.token or f"token{self.tokens_given}"
        return web.json_response({"accessToken": self.token, "expireIn": 7200})

    # ------------------------------------------------------------------ cards
    def _check_values(self, values: dict[str, Any]) -> None:
        for key, value in values.items():
            if not isinstance(value, str):
                raise Refuse(400, "MissingStringValue")
            if len(key.encode()) > 100 or len(value.encode()) > 1024:
                raise Refuse(400, "param.cardDataTooLong")

    async def _create(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        self._check_values(body["cardData"]["cardParamMap"])
        if body["cardTemplateId"] not in self.templates:
            raise Refuse(400, "param.templateNotExist")
        track = body["outTrackId"]
        if track in self.cards:
            raise Refuse(400, "param.cardAlreadyExist")
        space = body["openSpaceId"].removeprefix("dtv1.card//")
        kind, _, who = space.partition(".")
        model = {"IM_ROBOT": "imRobotOpenDeliverModel", "IM_GROUP": "imGroupOpenDeliverModel"}[kind]
        known = who in (self.users if kind == "IM_ROBOT" else self.groups)
        good = known and body[model]["robotCode"] == "dingapp" and request[FAULT] != "undelivered"
        stream = body["callbackType"] == "STREAM"
        self.cards[track] = Shown(space if good else "", body["cardData"]["cardParamMap"], stream)
        result = {"spaceType": kind, "spaceId": who, "success": good, "errorMsg": "" if good else "deliver failed"}
        return web.json_response({"success": True, "result": {"outTrackId": track, "deliverResults": [result]}})

    async def _update(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        if request.method != "PUT":
            raise Refuse(405, "MethodNotAllowed")
        track = body["outTrackId"]
        if track not in self.cards:
            raise Refuse(400, "param.cardNotExist")
        if track in self.clicking:
            self.wrongs.append(f"update of {track} during its callback")
        values = body["cardData"]["cardParamMap"]
        self._check_values(values)
        card = self.cards[track]
        by_key = body.get("cardUpdateOptions", {}).get("updateCardDataByKey")
        card.values = {**card.values, **values} if by_key else values
        card.mine.clear()
        return web.json_response({"success": True, "result": True})

    # ------------------------------------------------------------------ messages
    def _message(self, body: Any) -> tuple[str, Any]:
        if body["robotCode"] != "dingapp":
            raise Refuse(400, "robot.notExist")
        if not isinstance(body["msgParam"], str) or len(body["msgParam"].encode()) > 15000:
            raise Refuse(400, "param.msgParamInvalid")
        param = json.loads(body["msgParam"])
        if set(param) != MSG_KEYS[body["msgKey"]]:
            raise Refuse(400, "param.msgParamInvalid")
        return body["msgKey"], param

    async def _batch(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        message, users = self._message(body), body["userIds"]
        if not 1 <= len(users) <= 20:
            raise Refuse(400, "staffId.tooMany")
        flow = users if request[FAULT] == "flow" else []
        bad = [u for u in users if u not in self.users]
        for user in set(users) - set(bad) - set(flow):
            self.chats[user].append(message)
        answer = {"processQueryKey": "pq", "invalidStaffIdList": bad, "flowControlledStaffIdList": flow}
        return web.json_response(answer)

    async def _group(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        if body["openConversationId"] not in self.groups:
            raise Refuse(400, "miss.param.openConversationId")
        self.chats[body["openConversationId"]].append(self._message(body))
        return web.json_response({"processQueryKey": "pq"})

    async def _webhook(self, request: web.Request, body: Any) -> web.StreamResponse:
        chat, until = self.sessions.get(request.query.get("session", ""), ("", 0.0))
        if self.now() > until:
            return web.json_response({"errcode": 300001, "errmsg": "session 不存在"})
        kind = body["msgtype"]
        text = body[kind]["text" if kind == "markdown" else "content"]
        if any(f"@{u}" not in text for u in body.get("at", {}).get("atUserIds", [])):
            self.wrongs.append("somebody in `at` is not in the text")
        self.chats[chat].append((kind, body[kind]))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request, body: Any) -> web.StreamResponse:
        if request.query.get("access_token") != self.token:
            return web.json_response({"errcode": 40014, "errmsg": "不合法的access_token"})
        form = await request.post()
        media = form["media"]
        assert isinstance(media, web.FileField)
        media_id = f"@m{len(self.uploads) + 1}"
        self.uploads[media_id] = media.file.read()
        return web.json_response({"errcode": 0, "media_id": media_id, "type": form["type"]})

    async def _download(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        if body["robotCode"] != "dingapp" or body["downloadCode"] not in self.downloads:
            raise Refuse(400, "downloadCode.invalid")
        return web.json_response({"downloadUrl": f"{self.base}/files/{body['downloadCode']}"})

    async def _file(self, request: web.Request, body: Any) -> web.StreamResponse:
        return web.Response(body=self.downloads[urlsplit(str(request.url)).path.removeprefix("/files/")])

    async def _unknown(self, request: web.Request, body: Any) -> web.StreamResponse:
        self.wrongs.append(f"unknown API {request.method} {request.path}")
        raise Refuse(404, "InvalidAction.NotFound")
