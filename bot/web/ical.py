"""GET /ical/{token}.ics: a person's own visits for any calendar program (R171)."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import web
from icalendar import Calendar, Event, vCalAddress, vText

from bot.app import App
from domain.model import OFFICE, Visit
from storage.tx import Tx

PAST, AHEAD = timedelta(days=60), timedelta(days=400)
MODES = {"onsite": "上门", "online": "线上", "phone": "电话"}
STATUSES = {"pending": "TENTATIVE", "cancelled": "CANCELLED"}
FRESH_MIN = 15
"""How often a calendar program is asked to look again."""


def routes(current: Callable[[], App]) -> list[web.RouteDef]:
    """The calendar; a wrong token gets the same 404 as a wrong path."""

    async def calendar(request: web.Request) -> web.Response:
        app = current()
        found = await app.store.read(lambda tx: _read(app, tx, request.match_info["token"]))
        if found is None:
            raise web.HTTPNotFound(text="not found")
        body = write(*found)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)

    return [web.get("/ical/{token:[A-Za-z0-9_-]{20,80}}.ics", calendar)]


Row = tuple[Visit, str, str, datetime]
"""A visit, the customer's short name, where it is, when it was changed last."""


def _read(app: App, tx: Tx, secret: str) -> tuple[str, list[Row], dict[str, str]] | None:
    now = app.clock.now()
    id_ = tx.doors.token(secret, "ical", now)
    member = tx.people.get(id_) if id_ else None
    if member is None or not member.active:
        return None
    visits = tx.visits.of_person(
        member.id, now - PAST, now + AHEAD, statuses=("planned", "pending", "done", "missed", "empty", "cancelled")
    )
    known = tx.customers.many(list({v.customer for v in visits}))
    people = tx.people.many([p for v in visits for p in v.people])
    changed = tx.pages.changed([v.id for v in visits])
    rows: list[Row] = []
    for v in visits:
        c = known.get(v.customer)
        place = v.location or (c.address if c and v.mode == "onsite" else "")
        rows.append((v, c.short if c else v.customer_name, place, changed.get(v.id, now)))
    return member.name, rows, {i: m.name for i, m in people.items()}


def write(name: str, rows: list[Row], people: dict[str, str]) -> bytes:
    """An RFC 5545 calendar; a visit keeps its UID for ever and carries its version as SEQUENCE."""
    calendar = Calendar()
    calendar.add("prodid", "-//visitbot//visits//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{name}的拜访")
    calendar.add("x-wr-timezone", OFFICE.key)
    calendar.add("refresh-interval", timedelta(minutes=FRESH_MIN), {"VALUE": "DURATION"})
    for visit, customer, place, changed in rows:
        calendar.add_component(_event(visit, customer, place, changed, people))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(v: Visit, customer: str, place: str, changed: datetime, people: dict[str, str]) -> Event:
    event = Event()
    event.add("uid", f"{v.id}@visitbot")
    event.add("sequence", v.version - 1)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", v.start.astimezone(OFFICE))
    event.add("dtend", v.end.astimezone(OFFICE))
    event.add("summary", f"拜访{customer}" + (f"：{v.purpose}" if v.purpose else ""))
    event.add("status", STATUSES.get(v.status, "CONFIRMED"))
    if place:
        event.add("location", place)
    lines = [
        ("方式", MODES.get(v.mode, "")),
        ("联系人", v.contact),
        ("议程", v.agenda),
        ("同行", "、".join(people.get(p, "") for p in v.participants)),
    ]
    if text := "\n".join(f"{n}：{value}" for n, value in lines if value):
        event.add("description", text)
    organizer = vCalAddress(f"urn:visitbot:{v.rep}")
    organizer.params["cn"] = vText(people.get(v.rep, ""))
    event.add("organizer", organizer)
    return event
