"""Several commands in one message."""

import re
from collections.abc import Callable
from itertools import pairwise

from nlp.grammar import CUSTOMER, PERSON, TIME
from nlp.marks import Mark
from nlp.scene import Scene

Judge = Callable[[str], tuple[str, float, Scene]]
"""What a clause read alone means: its intent, how surely, and its scene."""

_WHOLE = frozenset(
    [
        "visit.route",
        "report.file",
        "followup.add",
        "rule.set",
        "owner.dispute",
        "owner.handover",
        "dialog.correct",
        "field.add",
        "reminder.set",
        "smalltalk",
        "report.show",
        "customer.merge",
        "dialog.why",
        "visit.prepare",
        "unknown",
        "leave.cancel",
    ]
)
"""Commands whose sentences have several clauses of their own."""
_LOOSE = frozenset(
    [
        "dialog.confirm",
        "dialog.deny",
        "dialog.choose",
        "dialog.correct",
        "dialog.why",
        "smalltalk",
        "unknown",
        "help.show",
        "report.file",
        "followup.add",
        "task.done",
        "customer.due",
    ]
)
"""Readings a clause may have without being a command of its own."""
_CLAUSE = re.compile(
    r"[,，。;；\n!！]+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|(?:然后|另外|还有(?!几|多少|哪|什么|啥|谁|没|人|空|客户|待办|任务|报告|单|要)|顺便|同时|并且|接着|完了|之后再|再(?=查|看|提醒|帮|把|约|给|导|取消|改))"
)
_DEFINITION = re.compile(r"^(?:保存|新建|建立|建|存)(?:一个|个)?查询")
"""A saved query is one command, whatever its definition lists."""
_DENIAL = re.compile(r"^(?:先别|别|不要|不用|先不|不是|不必|暂时不)")
_LEADING_WORD = re.compile(r"^(?:然后|另外|还有|顺便|同时|并且|接着|再|也|把)+")
_SURE = 3.0


def parts(scene: Scene, judge: Judge, whole: str, rivals: int) -> list[str]:
    """The message cut into its commands (one when it holds one); what they share is repeated in each."""
    if _DEFINITION.match(scene.text):
        return [scene.text]
    found = _bookings(scene)
    if not found and whole not in _WHOLE and (rivals > 1 or len(scene.of(CUSTOMER, PERSON)) > 1):
        found = _clauses(scene, judge)
    return found or [scene.text]


def _clauses(scene: Scene, judge: Judge) -> list[str]:
    """Clauses that are commands with objects of their own; words that are none belong to the clause before."""
    breaks = [place for found in _CLAUSE.finditer(scene.text) for place in found.span()]
    if not breaks:
        return []
    cuts = [0, *sorted(set(breaks)), len(scene.text)]
    pieces = [scene.text[a:b] for a, b in pairwise(cuts)]
    found: list[tuple[str, str, frozenset[str]]] = []
    for piece in pieces:
        clause = piece.strip(" ，,。;；\n!！")
        if len(clause) < 3 or _CLAUSE.fullmatch(clause):
            continue
        intent, score, inner = judge(clause)
        objects = frozenset(m.text for m in inner.of(*((CUSTOMER,) if intent in _ONE_VISIT else (CUSTOMER, PERSON))))
        own = bool(inner.of(CUSTOMER, PERSON)) or bool(inner.times()) or intent in _ALONE
        own = own or (intent.startswith("approval.") and _OTHERS.search(clause) is not None)
        told = not found and intent in _TOLD and score >= _SURE and bool(inner.of(CUSTOMER))
        if not told and (intent in _LOOSE or score < _SURE or not own or _DENIAL.match(clause)):
            if not found:
                return []
            found[-1] = (f"{found[-1][0]}，{clause}", *found[-1][1:])
        elif found and not _separate(found[-1], (clause, intent, objects)):
            found[-1] = (f"{found[-1][0]}，{clause}", found[-1][1], found[-1][2] | objects)
        else:
            found.append((clause, intent, objects))
    if len(found) < 2 or (found[0][1] in _TOLD and not all(objects - found[0][2] for _, _, objects in found[1:])):
        return []
    return [text for text, _, _ in found]


_TOLD = frozenset(["report.file", "followup.add"])
"""What was done there, then a command about somebody else: 今天和A聊了报价，明天下午三点去B."""
_OTHERS = re.compile(r"其他|其余|剩下|另外|第[一二三四五六七八九十\d]|那个|那条|别的")
_ALONE = frozenset(
    [
        "summary.show",
        "visit.list",
        "task.list",
        "approval.list",
        "pool.list",
        "ranking.show",
        "report.pending",
        "customer.due",
        "data.export",
        "conflict.list",
        "visit.route",
        "rule.list",
    ]
)


def _separate(one: tuple[str, str, frozenset[str]], other: tuple[str, str, frozenset[str]]) -> bool:
    """Two clauses are two commands when they do different things, or the same thing to different objects."""
    if {one[1], other[1]} == {"leave.add", "visit.substitute"} and "假" not in one[0] + other[0]:
        return False  # 周三我出差，A让郑凯顶一下: the absence is the reason
    if one[1] == other[1]:
        return bool(one[2] and other[2] and not one[2] & other[2])
    if {one[1], other[1]} <= _ONE_VISIT and {one[1], other[1]} != {"visit.cancel", "visit.book"}:
        return bool(one[2] and other[2] and not one[2] & other[2])
    return True


_ONE_VISIT = frozenset(
    ["visit.book", "visit.reschedule", "visit.update", "visit.invite", "visit.uninvite", "visit.cancel", "visit.substitute"]
)
"""Clauses of these kinds about one visit are one command: 约A周五三点，叫上张伟."""


def _bookings(scene: Scene) -> list[str]:
    """周三下午两点联泰 四点顺达物流: a clock and a customer, again and again."""
    marks = [m for m in scene.marks if m.kind in (TIME, CUSTOMER)]
    groups: list[list[Mark]] = []
    for mark in marks:
        if mark.kind == TIME:
            if mark.time is None or not (mark.time.has_clock or mark.time.has_date or mark.time.part_of_day):
                return []
            if groups and not any(m.kind == CUSTOMER for m in groups[-1]):
                groups[-1].append(mark)
            else:
                groups.append([mark])
        elif groups:
            groups[-1].append(mark)
        else:
            return []
    whole = [
        g
        for g in groups
        if any(m.kind == CUSTOMER for m in g) and any(m.time is not None and (m.time.has_clock or m.time.part_of_day) for m in g)
    ]
    if (
        len(whole) < 2
        or len(whole) != len(groups)
        or re.search(
            r"改到|改成|挪|取消|对调|互换|调换|换一下|不是|推迟|提前|之后|报告|纪要|聊完|意向|去了|见了|谈了|聊了|之间|以后都|吗",
            scene.low,
        )
    ):
        return []
    pieces, day = [], ""
    for number, group in enumerate(groups):
        end = groups[number + 1][0].start if number + 1 < len(groups) else len(scene.text)
        piece = scene.text[group[0].start : end].strip(" ，,、;；。")
        first = group[0].time
        second = group[1].time if len(group) > 1 else None
        if _WEEK.fullmatch(group[0].text) and second is not None:
            day = group[0].text
            piece = scene.text[group[1].start : end].strip(" ，,、;；。")
            pieces.append(day + piece)
        elif _WEEK.fullmatch(day) and re.match("周|星期|礼拜", piece):
            pieces.append(day + piece)
        elif first is not None and first.has_date:
            day = _date_part(scene, group[0])
            pieces.append(piece)
        else:
            pieces.append(day + piece)
    tail = re.search(r"[，,、]?\s*((?:都是|全是|都|各|每家|均为?)[^，,。]{2,12})$", scene.text)
    if tail:
        pieces = [p if p.endswith(tail[1]) else f"{p}，{tail[1]}" for p in pieces]
    return pieces


_WEEK = re.compile(r"(?:下|下下|本|这|这个|下个)(?:周|星期|礼拜)")


def _date_part(scene: Scene, mark: Mark) -> str:
    """The words of the date in an expression like 周三下午两点."""
    found = re.match(
        r"(.*?(?:[天日号周期拜][一二三四五六日天末]?|\d{1,2}[./-]\d{1,2}|今|明|后)(?:儿)?)(?=凌晨|早|上午|中午|下午|傍晚|晚|\d|[一二两三四五六七八九十]|$|\s)",
        scene.text[mark.start : mark.end],
    )
    return found[1] if found else ""
