"""/api/v1/visits: book, move, change, cancel, settle. Every one is the chat's own command."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.cards import plain
from bot.command import Reply, Turn
from bot.web.asked import Asked, Operation, Param
from bot.web.door import Answer, events, open_question, ways
from bot.web.schema import VERSION, Invalid, Schema, choice, moment, record, text, texts
from domain.model import Visit
from domain.permissions import may_change_visit
from domain.refusal import NotFound, Stale
from nlp.said import Said

MODES = ("onsite", "online", "phone")
STATUSES = ("planned", "pending", "done", "cancelled", "missed", "empty")
HOWS = ("anyway", "alternative", "approval", "joined", "asked", "moved", "shift", "special", "override", "claim", "dropped")
SETTLE = record(
    {
        "draft": text("the `draft` of the 409 answer"),
        "how": choice(HOWS, "one of the `how` of its `ways`"),
        "start": moment("for alternative: the start of the free time chosen"),
        "visit": text("for joined, moved, shift: the visit that its way names"),
        "reason": text("for override: why"),
    },
    ("draft", "how"),
)
DETAILS = ("mode", "purpose", "contact", "location")
_DETAILS: Mapping[str, Schema] = {
    "mode": choice(MODES), "purpose": text(), "contact": text("the customer's person, as in 王总"), "location": text(),
}  # fmt: skip
BOOK = record(
    {
        "customer": text("id of the customer", minLength=1),
        "start": moment("begin"),
        "end": moment("end; without it the default length of a visit"),
        "rep": text("only the token's own member"),
        "participants": texts("ids of colleagues who come along"),
        "second": {"type": "boolean", "description": "a second visit although this very one stands already"},
        **_DETAILS,
        "settle": SETTLE,
    },
    description="either customer and start, or settle",
)
CHANGE = record(
    {
        "start": moment(),
        "end": moment(),
        "participants": texts("all of them, in place of those before"),
        **_DETAILS,
        "status": choice(("planned",), "brings a cancelled visit back"),
        "version": VERSION,
    },
    minProperties=1,
)


def length_min(start: datetime, end: datetime, field: str = "end") -> int:
    """The length in whole minutes, up to 24 hours. Raises Invalid."""
    length = end - start
    if not timedelta(minutes=1) <= length <= timedelta(days=1) or length % timedelta(minutes=1):
        raise Invalid(field, "要晚于 start，整分钟，最长 24 小时")
    return int(length / timedelta(minutes=1))


# ---------------------------------------------------------------------- reading
async def listing(asked: Asked) -> Answer:
    v = asked.values
    return await asked.look(
        "visits", start=v.get("from"), end=v.get("to"), rep=v.get("rep"), customer=v.get("customer"), status=v.get("status"),
        limit=v.get("limit"), cursor=v.get("cursor"),
    )  # fmt: skip


async def one(asked: Asked) -> Answer:
    return await asked.look("visit", id=asked.values["id"])


# ---------------------------------------------------------------------- writing
async def book(asked: Asked) -> Answer:
    """Book, or settle the conflict of an earlier try."""
    body = asked.body
    if "settle" in body:
        return await asked.do(
            lambda turn: [_settle(turn, body["settle"])], lambda turn, replies: _answer(asked, turn, replies, 201)
        )
    for name in ("customer", "start"):
        if name not in body:
            raise Invalid(name, "缺少这一项")
    if body.get("rep") not in (None, "", asked.me.id):
        raise Invalid("rep", "只能给自己预约；替同事预约请让本人操作")

    def plan(turn: Turn) -> list[Said]:
        if turn.tx.customers.get(body["customer"]) is None:
            raise NotFound("没有这家客户，没有保存")
        slots: dict[str, object] = {
            "customer_id": body["customer"], "time": _instant(body["start"]), "second": body.get("second", False),
            **{k: body[k] for k in DETAILS if body.get(k)},
        }  # fmt: skip
        if end := body.get("end"):
            slots["duration_min"] = length_min(body["start"], end)
        hints = _people(turn, body.get("participants") or [], slots)
        return [Said("visit.book", slots, hints=hints)]

    return await asked.do(plan, lambda turn, replies: _answer(asked, turn, replies, 201))


def _instant(start: datetime) -> dict[str, object]:
    return {"kind": "instant", "start": start.isoformat(), "end": None}


def _people(turn: Turn, ids: Sequence[str], slots: dict[str, object]) -> dict[str, object]:
    """Colleagues by id, as the parser would have found them."""
    names = []
    for id_ in ids:
        member = turn.tx.people.get(id_)
        if member is None or not member.active:
            raise Invalid("participants", f"没有这位同事：{id_}")
        names.append(member.name)
    if names:
        slots["people"] = names
    return {"people_ids": [[i] for i in ids]} if names else {}


def _settle(turn: Turn, settle: Mapping[str, Any]) -> Said:
    how = settle["how"]
    if how == "alternative" and "start" not in settle:
        raise Invalid("settle.start", "选备选时间时要给出 start")
    if how == "override" and not settle.get("reason"):
        raise Invalid("settle.reason", "特批要写原因")
    slots = {k: v for k, v in settle.items() if k != "start"}
    if start := settle.get("start"):
        slots["start"] = start.isoformat()
    if how == "claim":
        draft = turn.tx.talk.get(settle["draft"])
        if draft is None or draft.person != turn.me.id or draft.state != "open" or "customer" not in draft.data:
            raise Stale("这个问题已经处理过了，没有任何改动")
        return Said("owner.claim", {"customer_id": draft.data["customer"], "after": draft.id})
    return Said("visit.settle", slots)


async def change(asked: Asked) -> Answer:
    """Move, change details, change who comes along, bring back; the time first, and nothing else when that meets a conflict."""
    return await asked.do(
        lambda turn: _changes(turn, asked.values["id"], asked.body), lambda turn, replies: _answer(asked, turn, replies, 200)
    )


def _changes(turn: Turn, id_: str, body: Mapping[str, Any]) -> list[Said]:
    visit = _standing(turn, id_, body.get("version"))
    steps: list[Said] = []
    if body.get("status") == "planned" and visit.status == "cancelled":
        steps.append(Said("visit.restore", {"visit_id": id_}))
    start, end = body.get("start", visit.start), body.get("end")
    if end is None:
        end = start + (visit.end - visit.start)
    minutes = length_min(start, end)
    above = frozenset(m.id for m in turn.tx.people.managers_above(visit.rep))
    may = may_change_visit(turn.me, visit, above)
    if ("start" in body or "end" in body) and not (may and (start, end) == (visit.start, visit.end)):
        steps.append(Said("visit.reschedule", {"visit_id": id_, "new_time": _instant(start), "duration_min": minutes}))
    details = {k: body[k] for k in DETAILS if k in body and not (may and body[k] == getattr(visit, k))}
    if empty := [k for k, v in details.items() if not v]:
        raise Invalid(empty[0], "不能改成空的")
    if details:
        steps.append(Said("visit.update", {"visit_id": id_, **details}))
    if "participants" in body:
        steps += _company(turn, visit, body["participants"])
    return steps


def _company(turn: Turn, visit: Visit, wanted: Sequence[str]) -> list[Said]:
    out = []
    for intent, ids in (
        ("visit.uninvite", [p for p in visit.participants if p not in wanted]),
        ("visit.invite", [p for p in wanted if p not in visit.people]),
    ):
        slots: dict[str, object] = {"visit_id": visit.id}
        if ids:
            out.append(Said(intent, slots, hints=_people(turn, ids, slots)))
    return out


def _standing(turn: Turn, id_: str, version: int | None) -> Visit:
    visit = turn.tx.visits.get(id_)
    if visit is None:
        raise NotFound("没有这次拜访，没有任何改动")
    if version is not None and version != visit.version:
        raise Stale(f"这次拜访已有变动（现在是第 {visit.version} 版），没有改动")
    return visit


async def cancel(asked: Asked) -> Answer:
    """Cancel; a visit that is cancelled already stays so."""

    def plan(turn: Turn) -> list[Said]:
        _standing(turn, asked.values["id"], asked.values.get("version"))
        return [Said("visit.cancel", {"visit_id": asked.values["id"]})]

    return await asked.do(plan, lambda turn, replies: _answer(asked, turn, replies, 200))


def _answer(asked: Asked, turn: Turn, replies: Sequence[Reply], made: int) -> Answer:
    """The visit as it stands now, the conflict with its ways out, or what is waited for."""
    if found := events(turn, "conflict.found"):
        return _conflict(found[-1], replies[-1])
    last = replies[-1] if replies else None
    id_ = _visit_id(asked, turn, last)
    shown = asked.looks["visit"].at(turn, id=id_) if id_ else None
    if waiting := events(turn, "approval.requested"):
        return Answer(202, {"message": _words(last), "approval": waiting[-1].get("approval"), "visit": shown})
    if shown is not None:
        return Answer(made if events(turn, "visit.booked") else 200, shown)
    assert last is not None
    if last.card.buttons:
        return open_question(last)
    return Answer(202 if last.card.title.startswith("已") else 200, {"message": _words(last)})


def _words(reply: Reply | None) -> str:
    """The card without its numbered buttons."""
    return plain(reply.card).split("\n回复 ")[0] if reply else ""


def _visit_id(asked: Asked, turn: Turn, last: Reply | None) -> str | None:
    for data in reversed(events(turn, "visit.booked", "visit.rescheduled", "visit.updated", "visit.cancelled", "visit.restored")):
        visit = data.get("visit")
        if isinstance(visit, Mapping):
            return str(visit["id"])
    kind, _, id_ = (last.subject if last else f"visit:{asked.values.get('id', '')}").partition(":")
    if kind == "visit" and id_:
        return id_
    return str(asked.values["id"]) if asked.values.get("id") else None


def _conflict(data: Mapping[str, object], reply: Reply) -> Answer:
    found = ways(reply)
    return Answer(
        409,
        {
            "error": "conflict", "message": _words(reply), "conflict": dict(data),
            "draft": found[0]["draft"] if found else None, "ways": found,
        },
    )  # fmt: skip


_ID = Param("id", text(), "path", True)
_LIMIT = Param("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
_CURSOR = Param("cursor", text("the `next` of the page before", maxLength=60))
_VERSION = Param("version", {"type": "integer", "minimum": 1, "maximum": 2**31, "description": "the version seen"})
_SAVED = {
    202: ("waits for somebody's word (pending), or was passed on", "Outcome"),
    409: ("nothing was saved: conflict with its ways out, a question, or another version", "Conflict"),
}
OPERATIONS = (
    Operation(
        "GET", "/visits", "listVisits", "Visits by start; what the asker may not see of one is null", listing, {200: ("a page", "Visits")},
        (
            Param("from", moment("visits that end after this")), Param("to", moment("visits that begin before this")), Param("rep", text()),
            Param("customer", text()), Param("status", choice(("all", *STATUSES))), _LIMIT, _CURSOR,
        ),
    ),
    Operation("GET", "/visits/{id}", "getVisit", "One visit", one, {200: ("the visit", "Visit")}, (_ID,)),
    Operation(
        "POST", "/visits", "bookVisit", "Book a visit of the token's member, or settle the conflict of an earlier try", book,
        {201: ("booked", "Visit"), 200: ("that very visit stands already, or the try was given up", "VisitOrOutcome"), **_SAVED}, (), BOOK,
    ),
    Operation(
        "PATCH", "/visits/{id}", "changeVisit", "Move or change a visit; conflicts are settled by POST /visits with settle", change,
        {200: ("the visit as it stands now", "Visit"), **_SAVED}, (_ID,), CHANGE,
    ),
    Operation(
        "DELETE", "/visits/{id}", "cancelVisit", "Cancel a visit", cancel, {200: ("the cancelled visit", "Visit"), **_SAVED}, (_ID, _VERSION),
    ),
)  # fmt: skip
