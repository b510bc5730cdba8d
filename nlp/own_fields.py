"""Sentences about fields that the company made itself: the grammar can't know their names, the book does."""

import re

from domain import field_words
from domain.custom_fields import Field
from nlp.draft import time_value
from nlp.grammar import CUSTOMER, PERSON, TIME
from nlp.marks import Mark
from nlp.said import Said
from nlp.scene import Scene
from nlp.words import alternation

_VISIT = alternation(["那个拜访", "这个拜访", "那次拜访", "这次拜访", "的拜访", "拜访", "那场", "这场", "那次", "这次"])
_SMALL = re.compile(rf"(?:把|将|请|帮我|麻烦|给|客户|公司|这家|那家|它|的|[，,\s]|{_VISIT})+")
_ASKED = re.compile(r"(?:是|有|为)?(?:多少|什么|几|哪个|哪种)[^，,。]{0,4}[?？]?$")
_LIST = re.compile(r"客户|公司|哪些|哪几家|有谁|名单|列表|列一下|看看|查一?下?|筛选|找")


def read(scene: Scene, made: tuple[Field, ...]) -> Said | None:
    """A value given to a field of one customer or visit, or a list of customers by a field; None for everything else."""
    known = field_words.named(scene.text, made)
    if not known:
        return None
    if (chosen := _listed(scene, made)) is not None:
        return chosen
    if (asked := _asked(scene, known)) is not None:
        return asked
    pairs = field_words.given(scene.text, [f for f in known if f.of != "report"])
    if not pairs:
        return None
    begin = scene.text.find(pairs[0][0].name)
    marks = [m for m in scene.marks if m.start < begin]
    rest = scene.text[:begin]
    for mark in reversed(marks):
        rest = rest[: mark.start] + rest[min(mark.end, begin) :]
    if _SMALL.sub("", rest):
        return None  # 刚跟宏远聊完，样品数量3个: a story, no correction
    return _given(scene, marks, pairs)


def _asked(scene: Scene, known: list[Field]) -> Said | None:
    """宏远的采购周期是多少: the customer's card has it."""
    names = scene.of(CUSTOMER)
    if known[0].of != "customer" or len(names) != 1 or not _ASKED.search(scene.text):
        return None
    slots = {"customer": names[0].text, "field": known[0].name}
    return Said("customer.show", slots, confidence=0.95, hints={"customer_ids": list(names[0].ids)}, text=scene.raw)


def _given(scene: Scene, marks: list[Mark], pairs: list[tuple[Field, str]]) -> Said:
    of = pairs[0][0].of
    said: dict[str, object] = {"field": pairs[0][0].name, "value": pairs[0][1]}
    hints: dict[str, object] = {"own_fields": [[f.name, value] for f, value in pairs if f.of == of]}
    customer = next((m for m in marks if m.kind == CUSTOMER), None)
    if customer is not None:
        said["customer"], hints["customer_ids"] = customer.text, list(customer.ids)
    time = next((m for m in marks if m.kind == TIME and m.time is not None), None)
    if time is not None and time.time is not None and of == "visit":
        said["time"] = time_value(time.time)
    why = (f"“{pairs[0][0].name}”是自定义字段",)
    return Said(f"{of}.update", said, confidence=0.95, why=why, hints=hints, text=scene.raw)


def _listed(scene: Scene, made: tuple[Field, ...]) -> Said | None:
    """哪些客户采购周期是季度, 年产值大于1000的客户."""
    fields = [f for f in made if f.of == "customer"]
    chosen = field_words.condition(scene.text, fields)
    if chosen is None or not _LIST.search(scene.text.replace(chosen.name, "")) or scene.of(CUSTOMER):
        return None
    if not re.search(r"客户|公司|家", scene.text.replace(chosen.name, "")):
        return None
    if re.search(r"提醒|通知|超过\d+天", scene.text):
        return None  # a rule with a condition
    slots: dict[str, object] = {"field": chosen.name, "value": chosen.value}
    hints: dict[str, object] = {"own_filter": [chosen.name, chosen.op, chosen.value]}
    people = [m for m in scene.of(PERSON) if m.ids]
    if people:
        slots["people"], hints["people_ids"] = [m.text for m in people], [list(m.ids) for m in people]
    if found := re.search(r"([ABCDabcd])\s*[类级]", scene.text):
        slots["grade"] = found[1].upper()
    return Said("customer.list", slots, confidence=0.95, why=(f"“{chosen.name}”是自定义字段",), hints=hints, text=scene.raw)
