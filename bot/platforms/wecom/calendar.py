"""Visits in the members' WeCom calendar (W93648): created, moved, cancelled by the app, read back after a change.

The API has no key of its own against repeats: after an unclear add, look before adding again. Every schedule carries
its visit's id in the description for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.platform import SendFailed
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.draw import Json, shorten
from bot.platforms.wecom.errors import ApiFailed

SUMMARY_CHARS = 128
DESCRIPTION_CHARS = 1000
LOCATION_CHARS = 128
MAX_ATTENDEES = 1000
PAGE = 1000
REMIND_BEFORE_S = (0, 300, 900, 3600, 86_400)
"""The only leads the calendar knows."""
DELETED = 90460
_RESPONSES = {0: "", 1: "tentative", 2: "accepted", 3: "accepted", 4: "declined"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit as a calendar shows it; `people` are WeCom userids, the first one may edit it; times are aware."""

    visit: str
    summary: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    description: str = ""
    location: str = ""
    remind_min: int = 60


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the calendar holds now: unix seconds; `responses` are accepted, tentative, declined or "" by userid."""

    schedule: str
    visit: str
    start: int
    end: int
    cancelled: bool
    responses: tuple[tuple[str, str], ...]


class Calendar:
    """The app's calendar. `cal_id` is the app's own calendar (see `create`); SendFailed as for letters."""

    def __init__(self, api: Api, cal_id: str) -> None:
        self._api = api
        self._cal_id = cal_id

    @staticmethod
    async def create(api: Api, name: str = "客户拜访") -> str:
        """A new calendar of the app; keep the id it returns."""
        calendar: Json = {"summary": shorten(name, SUMMARY_CHARS), "color": "#0F7EFF", "description": "拜访助手"}
        return _text(await api.post("oa/calendar/add", {"calendar": calendar}), "cal_id")

    async def add(self, entry: Entry, *, look_first: bool = False) -> str:
        """Puts a visit in; returns the schedule id. `look_first` after an earlier try whose fate is unclear."""
        if look_first and (known := await self.find(entry.visit)):
            return known
        schedule = {**_schedule(entry), "cal_id": self._cal_id}
        return _text(await self._api.post("oa/schedule/add", {"schedule": schedule}), "schedule_id")

    async def move(self, schedule: str, entry: Entry) -> bool:
        """Overwrites the schedule with the visit as it is now; False when a person has deleted it."""
        body = {"skip_attendees": 0, "op_mode": 0, "schedule": {**_schedule(entry), "schedule_id": schedule}}
        return await self._unless_deleted("oa/schedule/update", body)

    async def cancel(self, schedule: str) -> bool:
        """Takes it out; False when it was out already."""
        return await self._unless_deleted("oa/schedule/del", {"schedule_id": schedule})

    async def read(self, schedules: Sequence[str]) -> list[Scheduled]:
        """What became of these (at most 1,000): after modify, delete and respond events. Unknown ones are left out."""
        if not schedules:
            return []
        answer = await self._api.post("oa/schedule/get", {"schedule_id_list": list(schedules)[:PAGE]})
        return [_scheduled(item) for item in _list(answer)]

    async def find(self, visit: str) -> str:
        """The live schedule of a visit, "" without one."""
        offset = 0
        while True:
            body: Json = {"cal_id": self._cal_id, "offset": offset, "limit": PAGE}
            found = [_scheduled(item) for item in _list(await self._api.post("oa/schedule/get_by_calendar", body))]
            for item in found:
                if item.visit == visit and not item.cancelled:
                    return item.schedule
            if len(found) < PAGE:
                return ""
            offset += PAGE

    async def _unless_deleted(self, path: str, body: Json) -> bool:
        try:
            await self._api.post(path, body)
        except ApiFailed as failed:
            if failed.code != DELETED:
                raise
            return False
        return True


def differs(entry: Entry, now: Scheduled) -> bool:
    """Somebody moved it in the calendar: ask before overwriting (the last writer wins there)."""
    return (int(entry.start.timestamp()), int(entry.end.timestamp())) != (now.start, now.end)


def lead_s(minutes: int) -> int:
    """The calendar's latest reminder that is not later than the wanted one; its earliest for longer leads."""
    wanted = minutes * 60
    return next((s for s in REMIND_BEFORE_S if s >= wanted), REMIND_BEFORE_S[-1])


def _schedule(entry: Entry) -> Json:
    mark = f"\n拜访编号：{entry.visit}"
    people = list(dict.fromkeys(entry.people))[:MAX_ATTENDEES]
    return {
        "admins": people[:1],
        "start_time": int(entry.start.timestamp()),
        "end_time": int(entry.end.timestamp()),
        "is_whole_day": 0,
        "attendees": [{"userid": user} for user in people],
        "summary": shorten(entry.summary, SUMMARY_CHARS),
        "description": shorten(entry.description, DESCRIPTION_CHARS - len(mark)) + mark,
        "location": shorten(entry.location, LOCATION_CHARS),
        "reminders": {"is_remind": 1, "remind_time_diffs": [-lead_s(entry.remind_min)], "is_repeat": 0, "timezone": 8},
    }


def _scheduled(item: Json) -> Scheduled:
    description = str(item.get("description") or "")
    visit = description.rpartition("拜访编号：")[2].strip() if "拜访编号：" in description else ""
    attendees = item.get("attendees")
    responses = tuple(
        (str(a.get("userid", "")), _RESPONSES.get(_number(a.get("response_status")), ""))
        for a in (attendees if isinstance(attendees, list) else [])
        if isinstance(a, dict)
    )
    start, end = _number(item.get("start_time")), _number(item.get("end_time"))
    return Scheduled(str(item.get("schedule_id", "")), visit, start, end, _number(item.get("status")) == 1, responses)


def _list(answer: Json) -> list[Json]:
    found = answer.get("schedule_list")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise SendFailed(f"WeCom gave no {name}", retry_s=60.0, unsure=True)
    return value
