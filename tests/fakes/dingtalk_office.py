"""The office half of the fake DingTalk: contacts, calendar and todo, and the error answer of the new API."""

import itertools
import json
import re
from datetime import datetime
from typing import Any

from aiohttp import web


class Refuse(Exception):
    """An error answer of the new API."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": code, "requestid": "REQ-1", **more}


class Office:
    """Mixed into FakeDingTalk."""

    users: dict[str, str]
    token: str

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.mobiles: dict[str, str] = {}
        self.departments: dict[int, tuple[str, int]] = {}
        """id → name, parent (1 = the root)."""
        self.people: list[dict[str, Any]] = []
        self.page = 2
        self._once: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def _allowed(self, request: web.Request) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ contacts
    def _oapi(self, request: web.Request) -> web.Response | None:
        if request.query.get("access_token") == self.token and self.token:
            return None
        return web.json_response({"errcode": 40014, "errmsg": "不合法的access_token"})

    async def _user(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (bad := self._oapi(request)) is not None:
            return bad
        user = body["userid"]
        if user not in self.users:
            return web.json_response({"errcode": 33012, "errmsg": "无效的USERID", "request_id": "R9"})
        result = {
            "userid": user,
            "unionid": self.users[user],
            "name": f"名{user}",
            "title": "销售",
            "dept_id_list": [1, 7],
            "manager_userid": "u2",
        }
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": result})

    async def _departments(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (bad := self._oapi(request)) is not None:
            return bad
        found = [{"dept_id": d, "name": n, "parent_id": p} for d, (n, p) in self.departments.items() if p == body["dept_id"]]
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": found})

    async def _user_list(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (bad := self._oapi(request)) is not None:
            return bad
        assert 1 <= body["size"] <= 100
        there = [p for p in self.people if body["dept_id"] in p["dept_id_list"]]
        first, last = body["cursor"], body["cursor"] + self.page
        page = {"has_more": last < len(there), "next_cursor": last, "list": there[first:last]}
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": page})

    async def _by_union(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (bad := self._oapi(request)) is not None:
            return bad
        found = next((u for u, union in self.users.items() if union == body["unionid"]), None)
        if found is None:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        return web.json_response({"errcode": 0, "result": {"userid": found, "contact_type": 0}})

    async def _by_mobile(self, request: web.Request, body: Any) -> web.StreamResponse:
        if (bad := self._oapi(request)) is not None:
            return bad
        if body["mobile"] not in self.mobiles:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        return web.json_response({"errcode": 0, "result": {"userid": self.mobiles[body["mobile"]]}})

    # ------------------------------------------------------------------ calendar
    async def _calendar(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        found = re.fullmatch(r"/v1\.0/calendar/users/([^/]+)/(.*)", request.path)
        assert found
        union, rest = found.groups()
        if union not in self.users.values():
            raise Refuse(403, "permissionDeny")
        if rest == "querySchedule":
            return self._schedule(body)
        event_id = rest.removeprefix("calendars/primary/events").lstrip("/")
        if request.method == "POST" and not event_id:
            return self._new_event(request, union, body)
        event = self.events.get(event_id)
        if event is None or event["organizer"] != union:
            raise Refuse(404, "itemNotFound")
        if request.method == "GET":
            guests = [{"responseStatus": "needsAction", **a} for a in event.get("attendees", [])]
            return web.json_response({**event, "id": event_id, "status": "confirmed", "attendees": guests})
        if request.method == "DELETE":
            assert request.query["pushNotification"] in ("true", "false")
            del self.events[event_id]
            return web.Response()
        assert request.method == "PUT"
        assert body.pop("id") == event_id
        said = {a["id"]: a["responseStatus"] for a in event.get("attendees", []) if "responseStatus" in a}
        event.update(body)
        for guest in event.get("attendees", []):
            if guest["id"] in said:
                guest["responseStatus"] = said[guest["id"]]
        return web.json_response({"id": event_id})

    def _new_event(self, request: web.Request, union: str, body: Any) -> web.StreamResponse:
        for end in ("start", "end"):
            assert datetime.fromisoformat(body[end]["dateTime"]).tzinfo is not None
            assert body[end]["timeZone"] == "Asia/Shanghai"
        if any(a["id"] not in self.users.values() for a in body.get("attendees", [])):
            raise Refuse(400, "invalidAttendee")
        key = request.headers.get("x-client-token", "")
        if key not in self._once:
            self._once[key] = f"event{next(self._numbers)}"
            self.events[self._once[key]] = {"organizer": union, **body}
        return web.json_response({"id": self._once[key], "summary": body["summary"]})

    def _schedule(self, body: Any) -> web.StreamResponse:
        info = []
        for union in body["userIds"]:
            items = [
                {"status": "BUSY", "start": e["start"], "end": e["end"]} for e in self.events.values() if e["organizer"] == union
            ]
            info.append({"userId": union, "scheduleItems": items})
        return web.json_response({"scheduleInformation": info})

    def answer_event(self, event_id: str, union: str, response: str) -> None:
        """Somebody invited presses 接受 or 拒绝 in his calendar."""
        for guest in self.events[event_id]["attendees"]:
            if guest["id"] == union:
                guest["responseStatus"] = response

    # ------------------------------------------------------------------ todo
    async def _todo(self, request: web.Request, body: Any) -> web.StreamResponse:
        self._allowed(request)
        found = re.fullmatch(r"/v1\.0/todo/users/([^/]+)/tasks(?:/([^/]+))?", request.path)
        assert found
        assert request.query["operatorId"] == found.group(1)
        if request.method == "POST":
            if any(t["sourceId"] == body["sourceId"] for t in self.tasks.values()):
                raise Refuse(400, "task exist")
            assert body["detailUrl"]["appUrl"], "detailUrl is required in fact"
            assert isinstance(body["dueTime"], int)
            task_id = f"task{next(self._numbers)}"
            self.tasks[task_id] = json.loads(json.dumps(body))
            return web.json_response({"id": task_id})
        task_id = found.group(2)
        if task_id not in self.tasks:
            raise Refuse(404, "itemNotFound")
        if request.method == "DELETE":
            del self.tasks[task_id]
        else:
            self.tasks[task_id].update(body)
        return web.json_response({"result": True})
