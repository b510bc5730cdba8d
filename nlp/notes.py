"""Fillers of what is written down after a visit, a call or a message."""

import re
from datetime import timedelta

from nlp import pick
from nlp.draft import Draft
from nlp.grammar import CUSTOMER
from nlp.report import budget, competitor, content, decision_maker, intent_level, masked_text, next_step, objection
from nlp.times import TimeSpan


def report(draft: Draft) -> None:
    """A visit report: everything that R84 and R86 ask for and the sentence says."""
    scene = draft.scene
    masked = masked_text(scene)
    pick.customer(draft, guess=not scene.of(CUSTOMER))
    decides = decision_maker(scene)
    if decides:
        draft.put("decision_maker", decides[0])
    pick.contacts(draft, but=[decides[0]] if decides else [])
    draft.put("intent_level", intent_level(scene.low))
    draft.put("budget", budget(scene))
    draft.put("objection", objection(masked, scene.text))
    draft.put("competitor", competitor(masked))
    step = next_step(draft)
    if step:
        draft.put("next_step", step)
    ahead = draft.hints.pop("next_span", (len(scene.low), 0))
    begin, end = ahead if isinstance(ahead, tuple) else (0, 0)
    visit = [
        m for m in scene.times()
        if m.time is not None and m.time.start is not None and m.time.start <= scene.now and _one_day(m.time) and not begin <= m.start < end
    ]  # fmt: skip
    if visit:
        pick.when(draft, visit[:1])
    draft.put("content", content(scene))


def _one_day(span: TimeSpan) -> bool:
    """年内 and 今年 are no time of a visit."""
    return span.start is None or span.end is None or span.end - span.start <= timedelta(days=1)


def followup(draft: Draft) -> None:
    """A call, message or mail noted: customer, contact, what was said, what comes next."""
    scene = draft.scene
    pick.customer(draft)
    pick.contacts(draft)
    draft.put("content", content(scene))
    draft.put("intent_level", intent_level(scene.low))
    draft.put("budget", budget(scene))
    draft.put("objection", objection(masked_text(scene), scene.text))
    step = next_step(draft)
    draft.hints.pop("next_span", None)
    if step:
        draft.put("next_step", step)
    for channel, pattern in _CHANNELS:
        if re.search(pattern, scene.low):
            draft.hints["channel"] = channel
            break
    if draft.hints.get("channel") == "phone":
        draft.put("mode", "phone")


_CHANNELS = (
    ("wechat", "微信|企微|朋友圈"),
    ("email", "邮件|邮箱|email"),
    ("phone", "电话|来电|去电|致电|电联|call|通话|短信"),
    ("online", "视频|线上|腾讯会议"),
)
