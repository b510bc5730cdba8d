"""Stream frames as values: text from the socket → Frame, and the answer to one. Pure; dingtalk.md section 1.

Not the SDK's types: they raise on a missing or odd field, and importing them costs 80 ms, 6 MB and a second HTTP and
websocket stack (ADR 0010).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

TOPIC_BOT = "/v1.0/im/bot/messages/get"
TOPIC_CARD = "/v1.0/card/instances/callback"

OK, UNKNOWN_TOPIC, FAILED = 200, 404, 500


@dataclass(frozen=True, slots=True)
class Frame:
    """`kind` is SYSTEM, EVENT or CALLBACK; `data` is still the JSON text the server sent; ids are "" when absent."""

    kind: str
    topic: str
    message_id: str
    data: str
    event_id: str = ""
    event_type: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What an EVENT frame reports; `data` is {} when it is no JSON object."""

    id: str
    type: str
    data: Mapping[str, object] = field(default_factory=dict)


def read_frame(text: str | bytes) -> Frame | None:
    """The frame in a websocket message, or None when it is none; never raises."""
    raw = read_object(text)
    headers = raw.get("headers")
    kind = raw.get("type")
    if not isinstance(headers, dict) or not isinstance(kind, str):
        return None
    data = raw.get("data", "")
    if not isinstance(data, str):
        data = json.dumps(data, ensure_ascii=False)
    return Frame(
        kind,
        text_of(headers.get("topic")),
        text_of(headers.get("messageId")),
        data,
        text_of(headers.get("eventId")),
        text_of(headers.get("eventType")),
    )


def read_event(frame: Frame) -> Event:
    """The event in an EVENT frame."""
    return Event(frame.event_id or frame.message_id, frame.event_type, read_object(frame.data))


def answer(frame: Frame, code: int, data: object) -> str:
    """The answer frame; `data` is what the topic wants ({"response": …}, {"status": …}, the echoed ping)."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    message = "OK" if code == OK else "unknown topic" if code == UNKNOWN_TOPIC else "failed"
    headers = {"messageId": frame.message_id, "contentType": "application/json"}
    return json.dumps({"code": code, "message": message, "headers": headers, "data": text}, ensure_ascii=False)


def read_object(text: object) -> dict[str, object]:
    """A JSON object from text (or one that is decoded already); {} for anything else, never raises."""
    if isinstance(text, dict):
        return text
    if not isinstance(text, str | bytes):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def text_of(value: object) -> str:
    """A field as text: numbers become their digits, anything else that is no text becomes ""."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
