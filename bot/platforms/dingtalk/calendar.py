"""Visits in people's DingTalk calendars (R107, R164). dingtalk.md section 5.

Permissions Calendar.Event.Write, and Calendar.EventSchedule.Read for `busy`. The organiser is the rep whose visit it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.books import Seen
from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.contacts import Contacts
from bot.platforms.dingtalk.errors import Fault, Kind
from bot.platforms.dingtalk.frames import Event, text_of
from domain.model import OFFICE

ZONE = "Asia/Shanghai"
NEVER = datetime(1970, 1, 2, tzinfo=OFFICE)
EVENT_CHANGED = "calendar_event_change"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the calendar; `people` are further user ids. The bot reminds by itself, the calendar does not."""

    summary: str
    start: datetime
    end: datetime
    place: str = ""
    description: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody changed an entry in DingTalk: `kind` is DingTalk's changeType."""

    event: str
    unions: tuple[str, ...]
    kind: str


class Calendar:
    """Adds, changes, removes entries; every method raises ApiError, and each may be repeated after an unclear one."""

    def __init__(self, api: Api, contacts: Contacts) -> None:
        self._api, self._contacts = api, contacts

    async def add(self, user: str, key: str, entry: Entry) -> str:
        """The id of the new entry in `user`'s calendar; the same key within a day gives the same entry."""
        path = await self._path(user)
        answer = await self._api.call("POST", path, await self._body(entry), name="POST events", headers={"x-client-token": key})
        event = text_of(answer.get("id"))
        if not event:
            raise ApiError(Fault(Kind.UNCLEAR, "", "no event id in the answer"))
        return event

    async def change(self, user: str, event: str, entry: Entry) -> bool:
        """Make the entry look like this; False = it is gone."""
        body = {"id": event, **await self._body(entry)}
        return await self._on(user, event, "PUT", body, {})

    async def remove(self, user: str, event: str) -> bool:
        """Take the entry out for everybody, silently (the bot tells); False = it was gone already."""
        return await self._on(user, event, "DELETE", None, {"pushNotification": "false"})

    async def look(self, user: str, event: str) -> Seen:
        """What the entry looks like now, and what the invited said (permission Calendar.Event.Read)."""
        path = f"{await self._path(user)}/{event}"
        try:
            answer = await self._api.call("GET", path, name="GET events")
        except ApiError as e:
            if e.fault.code == "itemNotFound" or e.fault.text.startswith("HTTP 404"):
                return Seen(NEVER, NEVER, gone=True)
            raise
        start, end = _moment(answer.get("start")), _moment(answer.get("end"))
        gone = start is None or end is None or text_of(answer.get("status")).lower() in ("cancelled", "canceled")
        answers = {}
        for one in _dicts(answer.get("attendees")):
            if who := await self._contacts.by_union(text_of(one.get("id"))):
                answers[who.casefold()] = text_of(one.get("responseStatus"))
        return Seen(start or NEVER, end or NEVER, gone, answers)

    async def busy(self, user: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The stretches in which `user` is busy by his own calendar, in order."""
        union = await self._union(user)
        body = {"userIds": [union], "startTime": _iso(start), "endTime": _iso(end)}
        answer = await self._api.call("POST", f"/v1.0/calendar/users/{union}/querySchedule", body, name="POST querySchedule")
        out = []
        for info in _dicts(answer.get("scheduleInformation")):
            for item in _dicts(info.get("scheduleItems")):
                stretch = _moment(item.get("start")), _moment(item.get("end"))
                if item.get("status") in ("BUSY", "TENTATIVE") and stretch[0] and stretch[1]:
                    out.append((stretch[0], stretch[1]))
        return sorted(out)

    async def _on(self, user: str, event: str, method: str, body: object, query: Mapping[str, str]) -> bool:
        path = f"{await self._path(user)}/{event}"
        try:
            await self._api.call(method, path, body, name=f"{method} events", query=query)
        except ApiError as e:
            if e.fault.code == "itemNotFound" or e.fault.text.startswith("HTTP 404"):
                return False
            raise
        return True

    async def _path(self, user: str) -> str:
        return f"/v1.0/calendar/users/{await self._union(user)}/calendars/primary/events"

    async def _union(self, user: str) -> str:
        union = await self._contacts.union(user)
        if not union:
            raise ApiError(Fault(Kind.REFUSED, "33012", f"no such person: {user}"))
        return union

    async def _body(self, entry: Entry) -> dict[str, object]:
        unions = [union for user in entry.people if (union := await self._contacts.union(user))]
        return {
            "summary": entry.summary,
            "description": entry.description,
            "start": {"dateTime": _iso(entry.start), "timeZone": ZONE},
            "end": {"dateTime": _iso(entry.end), "timeZone": ZONE},
            "isAllDay": False,
            "location": {"displayName": entry.place},
            "attendees": [{"id": union, "isOptional": False} for union in unions],
            "reminders": [],
            "extra": {"noPushNotification": "true", "noChatNotification": "true"},
        }


def read_change(event: Event) -> Changed | None:
    """The calendar change an EVENT frame tells of, None = it tells of something else."""
    entry = text_of(event.data.get("calendarEventId"))
    if event.type != EVENT_CHANGED or not entry:
        return None
    unions = event.data.get("unionIdList")
    known = tuple(text_of(u) for u in unions) if isinstance(unions, list) else ()
    return Changed(entry, known, text_of(event.data.get("changeType")))


def _iso(moment: datetime) -> str:
    return moment.astimezone(OFFICE).isoformat(timespec="seconds")


def _moment(value: object) -> datetime | None:
    text = text_of(value.get("dateTime")) if isinstance(value, dict) else ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE)


def _dicts(value: object) -> Sequence[dict[str, object]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
