"""Values of fields made in the chat, wherever they are kept; formulas are worked out when shown."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.command import Turn
from domain.custom_fields import Field, compute, value_of
from domain.model import Customer
from domain.refusal import Refusal


def rows(turn: Turn, object_: str, values: Mapping[str, object]) -> list[tuple[str, str]]:
    """(name, value) of every field that has one, in their order."""
    out = []
    for field in turn.tx.fields.of(object_):
        value = compute(field.formula, values) if field.kind == "formula" else values.get(field.name)
        if value not in (None, "", []):
            out.append((field.name, "、".join(map(str, value)) if isinstance(value, list) else _plain(value)))
    return out


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def checked(turn: Turn, field: Field, text: str) -> object:
    """The typed value, or the refusal in words."""
    try:
        return value_of(field, text)
    except ValueError as e:
        raise Refusal(f"{e}，没有保存") from None


def set_customer(turn: Turn, customer: Customer, field: Field, text: str) -> Customer:
    """Set a field of a customer; the caller has checked the right and writes the event."""
    extra = {**customer.extra, field.name: checked(turn, field, text)}
    return turn.tx.customers.put(replace(customer, extra=extra), customer.version)


def heard(turn: Turn, object_: str, text: str) -> dict[str, object]:
    """The values a text names (随访人数3人, 采购周期：季度); what does not fit is left out."""
    out: dict[str, object] = {}
    for field in turn.tx.fields.of(object_):
        options = "|".join(map(re.escape, field.options))
        value = f"(?:{options})" if options else r"[^，,。；;\s]{1,40}"
        m = re.search(rf"{re.escape(field.name)}(?:是|为|：|:|=|改成|改为)?\s*({value})", text)
        if m is None or field.kind == "formula":
            continue
        try:
            out[field.name] = value_of(field, m[1])
        except ValueError:
            continue
    return out


def missing(turn: Turn, object_: str, values: Mapping[str, object]) -> list[str]:
    """The required fields without a value."""
    return [f.name for f in turn.tx.fields.of(object_) if f.required and values.get(f.name) in (None, "", [])]
