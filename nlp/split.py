"""Several commands in one message."""

import re

from nlp.grammar import CUSTOMER, TIME
from nlp.scene import Mark, Scene


def parts(scene: Scene) -> list[str]:
    """The message cut into its commands (one when it holds one); what they share is repeated in each."""
    return _bookings(scene) or [scene.text]


def _bookings(scene: Scene) -> list[str]:
    """周三下午两点联泰 四点顺达物流: a clock and a customer, again and again."""
    marks = [m for m in scene.marks if m.kind in (TIME, CUSTOMER)]
    groups: list[list[Mark]] = []
    for mark in marks:
        if mark.kind == TIME:
            if mark.time is None or not (mark.time.has_clock or mark.time.has_date):
                return []
            if groups and not any(m.kind == CUSTOMER for m in groups[-1]):
                groups[-1].append(mark)
            else:
                groups.append([mark])
        elif groups:
            groups[-1].append(mark)
        else:
            return []
    whole = [g for g in groups if any(m.kind == CUSTOMER for m in g) and any(m.time is not None and m.time.has_clock for m in g)]
    if len(whole) < 2 or len(whole) != len(groups) or re.search(r"改到|改成|挪|取消|不是|推迟|提前|之后|报告|纪要|聊完|意向", scene.low):
        return []
    pieces, day = [], ""
    for number, group in enumerate(groups):
        end = groups[number + 1][0].start if number + 1 < len(groups) else len(scene.text)
        piece = scene.text[group[0].start : end].strip(" ，,、;；。然后再")
        first = group[0].time
        if first is not None and first.has_date:
            day = _date_part(scene, group[0])
            pieces.append(piece)
        else:
            pieces.append(day + piece)
    tail = re.search(r"[，,、]?\s*((?:都是|全是|都|各|每家|均为?)[^，,。]{2,12})$", scene.text)
    if tail:
        pieces = [p if p.endswith(tail[1]) else f"{p}，{tail[1]}" for p in pieces]
    return pieces


def _date_part(scene: Scene, mark: Mark) -> str:
    """The words of the date in an expression like 周三下午两点."""
    found = re.match(r"(.*?(?:[天日号周期拜][一二三四五六日天末]?|\d{1,2}[./-]\d{1,2}|今|明|后)(?:儿)?)(?=凌晨|早|上午|中午|下午|傍晚|晚|\d|[一二两三四五六七八九十]|$|\s)", scene.text[mark.start : mark.end])
    return found[1] if found else ""
