"""Sentences about fields made in the chat (R187): a value given to one, and customers chosen by one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.custom_fields import Field

_SET = r"\s*(?:的值|这一?[项栏])?\s*(?:就|应该)?(?:改成|改为|改到|更新为|更新成|设为|设成|填成|填上|填|写成|写|登记为|记为|变成|换成|是|为|：|:|=|＝)?\s*"
_ASKS = re.compile(r"多少|什么|[几哪谁吗呢么?？]|怎样|怎么|没有?填|的客户|没有?写")
_OPS = {
    ">=": r"(?:大于等于|不少于|不低于|至少|>=|≥)",
    "<=": r"(?:小于等于|不超过|不高于|至多|最多|<=|≤)",
    ">": r"(?:大于|超过|高于|多于|>|＞)",
    "<": r"(?:小于|低于|不到|少于|不足|<|＜)",
    "!=": r"(?:不是|不等于|不为|!=|≠)",
    "=": r"(?:等于|就是|是|为|＝|=|：|:)?",
}
_OP_WORDS = {">=": "不少于", "<=": "不超过", ">": "大于", "<": "小于", "!=": "不是", "=": "是"}
_NUMBER = r"-?\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with a value: 采购周期 = 季度, 年产值 >= 1000."""

    name: str
    op: str
    value: str

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether an object with these values fits; one without the field never does."""
        known = values.get(self.name)
        if known in (None, "", []):
            return False
        if isinstance(known, list | tuple):
            inside = self.value in map(str, known)
            return inside != (self.op == "!=")
        if isinstance(known, int | float) and re.fullmatch(_NUMBER, self.value):
            wanted = float(self.value)
            return {">=": known >= wanted, "<=": known <= wanted, ">": known > wanted, "<": known < wanted,
                    "!=": known != wanted, "=": known == wanted}[self.op]  # fmt: skip
        same = str(known) == self.value
        return same != (self.op == "!=")

    def words(self) -> str:
        """采购周期是季度."""
        return f"{self.name}{_OP_WORDS[self.op]}{self.value}"


def named(text: str, fields: Iterable[Field]) -> list[Field]:
    """The fields a text names, in the order of the text; of names inside one another the longest."""
    found: list[tuple[int, Field]] = []
    for field in sorted(fields, key=lambda f: -len(f.name)):
        at = text.find(field.name)
        if at >= 0 and not any(p <= at < p + len(f.name) for p, f in found):
            found.append((at, field))
    return [f for _, f in sorted(found, key=lambda x: x[0])]


def given(text: str, fields: Iterable[Field]) -> list[tuple[Field, str]]:
    """Each field a text gives a value to, with the value as said: 采购周期改成季度，员工数60. Empty for a question."""
    known = named(text, fields)
    if not known or _ASKS.search(text[text.find(known[0].name) :]):
        return []
    out = []
    for i, field in enumerate(known):
        begin = text.find(field.name) + len(field.name)
        end = text.find(known[i + 1].name) if i + 1 < len(known) else len(text)
        listed = field.kind == "multiple"
        stop = re.search(r"[，,；;。\n]" if not listed else r"[；;。\n]", text[begin:end].rstrip("，,；;。 、"))
        part = text[begin:end][: stop.start()] if stop else text[begin:end]
        value = re.sub(rf"^{_SET}", "", part).strip(" ，,。；;、的吧了")
        if not value:
            return []
        out.append((field, value))
    return out


def lead(text: str, fields: Iterable[Field]) -> str:
    """What stands before the first field that is named."""
    known = named(text, fields)
    return text[: text.find(known[0].name)] if known else text


def condition(text: str, fields: Iterable[Field]) -> Condition | None:
    """The field by which a text chooses: 采购周期是季度的客户, 年产值大于1000的客户; None when it names none."""
    for field in named(text, fields):
        rest = text[text.find(field.name) + len(field.name) :]
        value = "|".join(map(re.escape, field.options)) or (
            _NUMBER if field.kind in ("number", "formula") else r"[^，,。；;的\s]{1,30}"
        )
        for op, words in _OPS.items():
            m = re.match(rf"\s*(?:包含|含|有)?{words}\s*({value})\s*(?:个|人|元|万|台|家|%)?(?:及以上|(以上|以下))?", rest)
            if m is not None:
                chosen = {"以上": ">=", "以下": "<="}.get(m[2] or "", op)
                return Condition(field.name, ">=" if "及以上" in m[0] else chosen, m[1])
    return None
