"""Values of fields made in the chat, wherever they are kept; formulas are worked out when shown."""

import re
from collections.abc import Mapping

from bot.command import Turn
from domain.custom_fields import Field, compute, value_of
from domain.refusal import Refusal
from nlp.times import find


def rows(turn: Turn, object_: str, values: Mapping[str, object]) -> list[tuple[str, str]]:
    """(name, value) of every field that has one, in their order."""
    out = []
    for field in turn.tx.fields.of(object_):
        value = compute(field.formula, values) if field.kind == "formula" else values.get(field.name)
        if value not in (None, "", []):
            out.append((field.name, words(value)))
    return out


def rows_of_visit(turn: Turn, visit: str) -> list[tuple[str, str]]:
    """The same of a visit, whose values are kept apart."""
    return rows(turn, "visit", turn.tx.fields.values("visit", visit)) if turn.tx.fields.of("visit") else []


def words(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def computed(turn: Turn, object_: str, values: Mapping[str, object]) -> dict[str, object]:
    """The values with those of the formulas, for comparing."""
    out = dict(values)
    for field in turn.tx.fields.of(object_):
        if field.kind == "formula" and (value := compute(field.formula, values)) is not None:
            out[field.name] = value
    return out


def checked(turn: Turn, field: Field, text: str) -> object:
    """The typed value, or the refusal in words."""
    if field.kind == "date" and (spans := [s for s in find(text, turn.now) if s.kind == "date" and s.start is not None]):
        text = spans[0].start.date().isoformat() if spans[0].start else text
    try:
        return value_of(field, text)
    except ValueError as e:
        raise Refusal(f"{e}，没有保存") from None


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
            out[field.name] = checked(turn, field, m[1])
        except Refusal:
            continue
    return out


def missing(turn: Turn, object_: str, values: Mapping[str, object]) -> list[str]:
    """The required fields without a value."""
    return [f.name for f in turn.tx.fields.of(object_) if f.required and values.get(f.name) in (None, "", [])]
