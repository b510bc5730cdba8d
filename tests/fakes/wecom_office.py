"""The fake's calendar and address book (wecom.md 4.1, 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.wecom import FakeWeCom

Json = dict[str, Any]
REMIND = {0, -300, -900, -3600, -86400}


class Office:
    """Schedules, calendars, departments, members."""

    def __init__(self, fake: FakeWeCom) -> None:
        self._fake = fake
        self.calendars: dict[str, Json] = {}
        self.schedules: dict[str, Json] = {}
        self.departments: dict[int, Json] = {1: {"id": 1, "parentid": 0, "name": "总部"}}
        self.members: dict[str, Json] = {}

    def paths(self) -> dict[str, Callable[[Json, Json], Any]]:
        """Which call does what."""
        return {
            "oa/calendar/add": self._calendar,
            "oa/schedule/add": self._add,
            "oa/schedule/update": self._update,
            "oa/schedule/get": self._get,
            "oa/schedule/get_by_calendar": self._by_calendar,
            "oa/schedule/del": self._delete,
            "department/simplelist": self._departments,
            "department/get": self._department,
            "user/simplelist": self._people,
            "user/get": self._person,
        }

    def _calendar(self, _query: Json, body: Json) -> Json:
        calendar = body.get("calendar", {})
        if not 1 <= len(calendar.get("summary", "")) <= 128:
            return _error(90463)
        cal_id = self._fake.serial("wc")
        self.calendars[cal_id] = calendar
        return {"errcode": 0, "errmsg": "ok", "cal_id": cal_id}

    def _fault(self, schedule: Json) -> int:
        people = [a["userid"].casefold() for a in schedule.get("attendees", [])]
        if not people:
            return 90713
        if any(a.casefold() not in people for a in schedule.get("admins", [])):
            return 90715
        if not schedule.get("start_time") or schedule.get("end_time", 0) <= schedule["start_time"]:
            return 40058
        if len(schedule.get("summary", "")) > 128 or len(schedule.get("description", "")) > 1000:
            return 40058
        if len(schedule.get("location", "")) > 128 or len(schedule.get("admins", [])) > 3:
            return 40058
        if not set(schedule.get("reminders", {}).get("remind_time_diffs", [])) <= REMIND:
            return 40058
        known = {u.casefold() for u in self._fake.visible}
        return 60111 if any(p not in known for p in people) else 0

    def _add(self, _query: Json, body: Json) -> Json:
        schedule = body.get("schedule", {})
        if code := self._fault(schedule):
            return _error(code)
        if schedule.get("cal_id") and schedule["cal_id"] not in self.calendars:
            return _error(90466)
        schedule_id = self._fake.serial("s")
        self.schedules[schedule_id] = {**schedule, "schedule_id": schedule_id, "status": 0}
        return {"errcode": 0, "errmsg": "ok", "schedule_id": schedule_id}

    def _update(self, _query: Json, body: Json) -> Json:
        schedule = body.get("schedule", {})
        old = self.schedules.get(schedule.get("schedule_id", ""))
        if old is None or old["status"]:
            return _error(90460)
        if code := self._fault(schedule):
            return _error(code)
        # An update overwrites: what is left out is cleared; only the calendar and what people answered stay.
        said = {a["userid"].casefold(): a["response_status"] for a in old["attendees"] if "response_status" in a}
        for guest in schedule["attendees"]:
            if guest["userid"].casefold() in said:
                guest["response_status"] = said[guest["userid"].casefold()]
        self.schedules[old["schedule_id"]] = {**schedule, "cal_id": old.get("cal_id", ""), "status": 0}
        return {"errcode": 0, "errmsg": "ok"}

    def _get(self, _query: Json, body: Json) -> Json:
        ids = body.get("schedule_id_list", [])
        if not 1 <= len(ids) <= 1000:
            return _error(40058)
        return {"errcode": 0, "errmsg": "ok", "schedule_list": [self.schedules[i] for i in ids if i in self.schedules]}

    def _by_calendar(self, _query: Json, body: Json) -> Json:
        if body.get("cal_id") not in self.calendars:
            return _error(90466)
        offset, limit = body.get("offset", 0), body.get("limit", 500)
        if not 0 < limit <= 1000:
            return _error(40058)
        found = [s for s in self.schedules.values() if s.get("cal_id") == body["cal_id"]]
        return {"errcode": 0, "errmsg": "ok", "schedule_list": found[offset : offset + limit]}

    def _delete(self, _query: Json, body: Json) -> Json:
        schedule = self.schedules.get(body.get("schedule_id", ""))
        if schedule is None or schedule["status"]:
            return _error(90460)
        schedule["status"] = 1
        return {"errcode": 0, "errmsg": "ok"}

    def answer(self, schedule_id: str, user: str, status: int) -> None:
        """A member answers in the calendar: 2 accepted, 4 declined."""
        for guest in self.schedules[schedule_id]["attendees"]:
            if guest["userid"].casefold() == user.casefold():
                guest["response_status"] = status

    def _departments(self, query: Json, _body: Json) -> Json:
        found = [{k: d[k] for k in ("id", "parentid")} | {"order": 1} for d in self.departments.values()]
        return {"errcode": 0, "errmsg": "ok", "department_id": found}

    def _department(self, query: Json, _body: Json) -> Json:
        found = self.departments.get(int(query.get("id", 0)))
        return {"errcode": 0, "errmsg": "ok", "department": found} if found else _error(60003)

    def _people(self, query: Json, _body: Json) -> Json:
        wanted = int(query.get("department_id", 0))
        found = [
            {"userid": u, "name": m["name"], "department": m["department"]}
            for u, m in self.members.items()
            if wanted in m["department"]
        ]
        return {"errcode": 0, "errmsg": "ok", "userlist": found}

    def _person(self, query: Json, _body: Json) -> Json:
        wanted = str(query.get("userid", "")).casefold()
        found = next((m for u, m in self.members.items() if u.casefold() == wanted), None)
        return {"errcode": 0, "errmsg": "ok", **found} if found else _error(60111)


def _error(code: int) -> Json:
    return {"errcode": code, "errmsg": "fault, hint: [1]"}
