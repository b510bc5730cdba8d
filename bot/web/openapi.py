"""The OpenAPI document, made from the same operations as the routes."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.web.asked import Operation
from bot.web.visits import MODES, STATUSES

_T = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_AT = {"type": "string", "format": "date-time"}
_LIST = {"type": ["array", "null"], "items": {}}
_NEXT = {"type": ["string", "null"], "description": "cursor of the next page; null on the last one"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _page(of: str, **more: Any) -> dict[str, Any]:
    return _object(items={"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}, next=_NEXT, **more)


_VISIT = _object(
    id=_T, customer=_MAYBE, customer_name=_T, rep=_T, participants={"type": "array", "items": _T}, start=_AT, end=_AT,
    mode={"type": ["string", "null"], "enum": [*MODES, None]}, purpose=_MAYBE, contact=_MAYBE, location=_MAYBE,
    status={"type": "string", "enum": list(STATUSES)}, version={"type": "integer"},
)  # fmt: skip
_CUSTOMER = _object(
    id=_T, code=_T, name=_T, short=_T, owner=_MAYBE, grade=_MAYBE, stage=_MAYBE, status=_MAYBE, protected_until=_MAYBE,
    locked={"type": "boolean"}, version={"type": "integer"}, aliases=_LIST, city=_MAYBE, address=_MAYBE, uscc=_MAYBE, phones=_LIST,
    emails=_LIST, co_owners=_LIST, last_followup=_MAYBE, contacts=_LIST,
)  # fmt: skip
SCHEMAS: Mapping[str, Any] = {
    "Visit": _VISIT,
    "Visits": _page("Visit"),
    "Customer": _CUSTOMER,
    "Customers": _page("Customer"),
    "Matches": _object(
        matches={
            "type": "array",
            "items": _object(
                id=_T, score={"type": "number"}, verdict={"type": "string", "enum": ["duplicate", "possible", "related"]},
                why={"type": "array", "items": _T}, name=_T, owner=_MAYBE, stage=_MAYBE,
            ),
        }
    ),
    "Event": _object(id={"type": "integer"}, at=_AT, name=_T, by=_T, data={"type": "object"}),
    "Events": _page("Event", last={"type": "integer", "description": "where to go on later, also when no event was the asker's"}),
    "Reminder": _object(kind=_T, visit=_T, to=_T, at=_AT, sent={"type": "boolean"}),
    "Reminders": _page("Reminder"),
    "Figure": _object(
        metric=_T, name=_T, scope=_T, value={"type": ["number", "null"]}, part={"type": "integer"}, whole={"type": "integer"},
        shown=_T, alarm={"type": "boolean"}, definition=_T, rows={"type": "array", "items": _T}, **{"from": _AT, "to": _AT},
    ),
    "Figures": _page("Figure"),
    "Outcome": {
        "type": "object",
        "properties": {"message": _T, "approval": {"type": ["object", "null"]}, "visit": {"anyOf": [{"$ref": "#/components/schemas/Visit"}, {"type": "null"}]}},
        "required": ["message"],
    },
    "VisitOrOutcome": {"anyOf": [{"$ref": "#/components/schemas/Visit"}, {"$ref": "#/components/schemas/Outcome"}]},
    "Way": {"type": "object", "properties": {"text": _T, "how": _T, "draft": _T, "start": _AT, "visit": _T}, "required": ["text", "how"]},
    "Conflict": {
        "type": "object",
        "description": "Nothing was saved. Send one of `ways` back as settle. conflict, matches: as in the event of the same name.",
        "properties": {
            "error": {"type": "string", "enum": ["conflict", "duplicate", "undecided", "stale"]}, "message": _T, "conflict": {"type": "object"},
            "matches": {"type": "array", "items": {"type": "object"}}, "draft": _MAYBE,
            "ways": {"type": "array", "items": {"$ref": "#/components/schemas/Way"}},
        },
        "required": ["error", "message"],
    },
    "Error": {
        "type": "object",
        "properties": {"error": _T, "message": {"type": "string", "description": "a sentence in Chinese"}, "field": _T},
        "required": ["error", "message"],
    },
}  # fmt: skip
_ERRORS = {
    400: "invalid: the request can't be read", 401: "unauthorized: no good bearer token", 403: "not_allowed: the right is missing",
    404: "not_found", 413: "too_large", 415: "not_json", 422: "invalid (a value, with its field), or refused (a rule, in message)",
    429: "too_many: Retry-After says when to go on", 503: "unavailable: the database is down",
}  # fmt: skip
_KEY = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 100},
    "description": "The same key with the same request does nothing a second time and gets the first answer (Idempotent-Replay: true).",
}  # fmt: skip


def document(operations: Sequence[Operation], server: str) -> dict[str, Any]:
    """OpenAPI 3.1 of these operations."""
    paths: dict[str, dict[str, Any]] = {}
    for op in operations:
        paths.setdefault(op.path, {})[op.method.lower()] = _operation(op)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "拜访助手 REST API",
            "version": "1",
            "description": "Same rules and rights as in the chat, as the token's member.",
        },
        "servers": [{"url": f"{server}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": dict(SCHEMAS), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(op: Operation) -> dict[str, Any]:
    params: list[dict[str, Any]] = []
    for p in op.params:
        params.append({"name": p.name, "in": p.where, "required": p.required, "schema": dict(p.schema)})
    if op.writes:
        params.append(_KEY)
    answers = {str(status): _body(what, schema) for status, (what, schema) in sorted(op.answers.items())}
    for status, what in _ERRORS.items():
        if str(status) not in answers and (op.body is not None or status not in (413, 415)):
            answers[str(status)] = _body(what, "Error")
    out: dict[str, Any] = {"operationId": op.id, "summary": op.summary, "parameters": params, "responses": answers}
    if op.body is not None:
        out["requestBody"] = {"required": True, "content": {"application/json": {"schema": dict(op.body)}}}
    return out


def _body(what: str, schema: str) -> dict[str, Any]:
    return {"description": what, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
