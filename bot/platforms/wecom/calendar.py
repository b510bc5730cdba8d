"""Visits in the members' WeCom calendar (W93648): created, moved, cancelled by the app, read back after a change.

The API has no key of its own against repeats: after an unclear add, look before adding again. Every schedule carries
its visit's key in the description for that. It belongs to the app; its first member may edit it in the client.
"""

from datetime import datetime
from typing import Protocol

from bot.books import Entry, Seen
from bot.platform import SendFailed
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.draw import Json, shorten
from bot.platforms.wecom.errors import ApiFailed, Kind
from domain.model import OFFICE

SUMMARY_CHARS = 128
DESCRIPTION_CHARS = 1000
LOCATION_CHARS = 128
MAX_ATTENDEES = 1000
PAGE = 1000
DELETED = 90460
MARK = "拜访编号："
_ANSWERS = {2: "accepted", 3: "accepted", 4: "declined"}


class Notes(Protocol):
    """Where the id of the app's calendar is kept for all processes."""

    async def noted(self, name: str) -> object | None: ...

    async def note(self, name: str, value: object) -> None: ...


class Calendar:
    """The app's own calendar, made at the first visit. A Book; SendFailed as for letters."""

    def __init__(self, api: Api, notes: Notes) -> None:
        self._api, self._notes = api, notes
        self._note = f"calendar:{api.config.corp_id}:{api.config.agent_id}"

    async def add(self, key: str, entry: Entry, *, look_first: bool = False) -> str:
        """Puts a visit in; returns the schedule id. `look_first` after an earlier try whose fate is unclear."""
        if look_first and (known := await self.find(entry.key)):
            return known
        schedule = {**_schedule(entry), "cal_id": await self._calendar()}
        try:
            answer = await self._api.post("oa/schedule/add", {"schedule": schedule})
        except ApiFailed as failed:
            if failed.kind is not Kind.UNREACHABLE or len(entry.people) < 2:
                raise
            # Somebody taken along is out of the app's sight: the visit still belongs into its owner's calendar.
            schedule["attendees"] = [{"userid": entry.people[0]}]
            answer = await self._api.post("oa/schedule/add", {"schedule": schedule})
        return _text(answer, "schedule_id")

    async def change(self, handle: str, entry: Entry) -> bool:
        """Overwrites the schedule with the visit as it is now; False when a person has deleted it."""
        body = {"skip_attendees": 0, "op_mode": 0, "schedule": {**_schedule(entry), "schedule_id": handle}}
        return await self._unless_deleted("oa/schedule/update", body)

    async def remove(self, handle: str) -> None:
        """Takes it out; WeCom tells the members."""
        await self._unless_deleted("oa/schedule/del", {"schedule_id": handle})

    async def look(self, handle: str) -> Seen | None:
        """What became of it: after modify, delete and respond events."""
        found = _list(await self._api.post("oa/schedule/get", {"schedule_id_list": [handle]}))
        return _seen(found[0]) if found else None

    async def find(self, key: str) -> str:
        """The live schedule with that key, "" without one."""
        cal_id, offset = await self._calendar(), 0
        while True:
            body: Json = {"cal_id": cal_id, "offset": offset, "limit": PAGE}
            found = _list(await self._api.post("oa/schedule/get_by_calendar", body))
            for item in found:
                marked = str(item.get("description") or "").rpartition(MARK)[2].strip()
                if marked == key and not _seen(item).gone:
                    return str(item.get("schedule_id", ""))
            if len(found) < PAGE:
                return ""
            offset += PAGE

    async def _calendar(self) -> str:
        """The app's calendar; only schedules of a calendar with an id can be listed (W97724)."""
        kept = await self._notes.noted(self._note)
        if isinstance(kept, str) and kept:
            return kept
        calendar: Json = {"summary": "客户拜访", "color": "#0F7EFF", "description": "拜访助手"}
        made = _text(await self._api.post("oa/calendar/add", {"calendar": calendar}), "cal_id")
        await self._notes.note(self._note, made)
        return made

    async def _unless_deleted(self, path: str, body: Json) -> bool:
        try:
            await self._api.post(path, body)
        except ApiFailed as failed:
            if failed.code != DELETED:
                raise
            return False
        return True


def _schedule(entry: Entry) -> dict[str, object]:
    mark = f"\n{MARK}{entry.key}"
    people = list(dict.fromkeys(entry.people))[:MAX_ATTENDEES]
    return {
        "admins": people[:1],
        "start_time": int(entry.start.timestamp()),
        "end_time": int(entry.end.timestamp()),
        "is_whole_day": 0,
        "attendees": [{"userid": user} for user in people],
        "summary": shorten(entry.summary, SUMMARY_CHARS),
        "description": shorten(entry.description, DESCRIPTION_CHARS - len(mark)) + mark,
        "location": shorten(entry.place, LOCATION_CHARS),
        # The bot reminds; a second reminder of the calendar's own would only be noise.
        "reminders": {"is_remind": 0, "is_repeat": 0, "timezone": 8},
    }


def _seen(item: Json) -> Seen:
    attendees = item.get("attendees")
    answers = {
        str(a.get("userid", "")).casefold(): _ANSWERS.get(_number(a.get("response_status")), "")
        for a in (attendees if isinstance(attendees, list) else [])
        if isinstance(a, dict)
    }
    start, end = (datetime.fromtimestamp(_number(item.get(name)), OFFICE) for name in ("start_time", "end_time"))
    return Seen(start, end, _number(item.get("status")) == 1, answers)


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
