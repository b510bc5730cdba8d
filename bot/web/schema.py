"""The shapes of requests, as JSON Schema: one description for checking and for the OpenAPI document."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

Schema = Mapping[str, Any]
LONGEST = 2000
"""Characters of any text value; nobody's name or purpose is longer."""


class Invalid(Exception):
    """A value that does not fit: `field` names it (`start`, `settle.how`), `text` says in Chinese what is allowed."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field, self.text = field, text


def text(description: str = "", **more: Any) -> dict[str, Any]:
    """A text value."""
    return {"type": "string", "maxLength": LONGEST, **({"description": description} if description else {}), **more}


def choice(values: tuple[str, ...], description: str = "") -> dict[str, Any]:
    """One of some words."""
    return {"type": "string", "enum": list(values), **({"description": description} if description else {})}


def moment(description: str = "") -> dict[str, Any]:
    """An ISO 8601 time with offset."""
    return {"type": "string", "format": "date-time", **({"description": description} if description else {})}


def texts(description: str = "", most: int = 20) -> dict[str, Any]:
    """A list of ids."""
    return {"type": "array", "items": text(), "maxItems": most, **({"description": description} if description else {})}


VERSION: Mapping[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "maximum": 2**31,
    "description": "the version seen; 409 stale when it is another",
}
"""Of a visit or customer that is to be changed."""


def record(properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An object; unknown keys are ignored (contract.md)."""
    need = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), **need, **more}


def check(schema: Schema, value: object, field: str = "") -> Any:
    """The value as the operation works on it: times as aware datetimes, unknown keys left out. Raises Invalid."""
    kinds = schema.get("type", "string")
    allowed = kinds if isinstance(kinds, list) else [kinds]
    if value is None:
        if "null" in allowed:
            return None
        raise Invalid(field, "不能是 null")
    return _CHECKS[next(k for k in allowed if k != "null")](schema, value, field)


def _object(schema: Schema, value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(field, "要是一个 JSON 对象")
    at = f"{field}." if field else ""
    for name in schema.get("required", ()):
        if name not in value:
            raise Invalid(f"{at}{name}", "缺少这一项")
    known = schema["properties"]
    if not value.keys() & known.keys() and schema.get("minProperties"):
        raise Invalid(field, f"至少给一项：{'、'.join(known)}")
    return {k: check(known[k], v, f"{at}{k}") for k, v in value.items() if k in known}


def _array(schema: Schema, value: object, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid(field, "要是一个列表")
    if len(value) > schema.get("maxItems", 1000):
        raise Invalid(field, f"最多 {schema['maxItems']} 项")
    return [check(schema["items"], v, f"{field}[{n}]") for n, v in enumerate(value)]


def _string(schema: Schema, value: object, field: str) -> Any:
    if not isinstance(value, str):
        raise Invalid(field, "要是文字")
    if any(0xD800 <= ord(c) < 0xE000 or (ord(c) < 32 and c not in "\t\r\n") for c in value):
        raise Invalid(field, "含有不能保存的字符")
    if "enum" in schema and value not in schema["enum"]:
        raise Invalid(field, f"只能是：{'、'.join(schema['enum'])}")
    if len(value) > schema.get("maxLength", LONGEST):
        raise Invalid(field, f"最多 {schema.get('maxLength', LONGEST)} 个字")
    if len(value.strip()) < schema.get("minLength", 0):
        raise Invalid(field, "不能为空")
    if schema.get("format") == "date-time":
        return _moment(value, field)
    return value


def _moment(value: str, field: str) -> datetime:
    example = "要是带时区的 ISO 8601 时间，例如 2026-03-12T14:00:00+08:00"
    try:
        # a + that was not percent-encoded in a query arrives as a space
        found = datetime.fromisoformat(value.strip().replace(" 0", "+0") if "T" in value else value)
    except ValueError:
        raise Invalid(field, example) from None
    if found.tzinfo is None:
        raise Invalid(field, example)
    if not date(2000, 1, 1) <= found.date() <= date(2100, 1, 1):
        raise Invalid(field, "只接受 2000 年到 2100 年之间的时间")
    return found


def _whole(schema: Schema, value: object, field: str) -> int:
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdecimal() and len(value) < 19:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(field, "要是整数")
    low, high = schema.get("minimum", -(2**62)), schema.get("maximum", 2**62)
    if not low <= value <= high:
        raise Invalid(field, f"只接受 {low} 到 {high}")
    return value


def _flag(schema: Schema, value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(field, "要是 true 或 false")
    return value


_CHECKS = {"object": _object, "array": _array, "string": _string, "integer": _whole, "boolean": _flag}
