"""Forwarded customer messages: who sent it, and what was said (R30)."""

import re

from nlp import pick
from nlp.draft import Draft
from nlp.grammar import CONTACT, CUSTOMER

_MARKED = re.compile(
    r"^\s*(?:(?:转发?一?下?(?:自|给你|客户(?:消息|微信)?)?|fwd?|forward(?:ed)?)\s*[:：]|(?:转发|fwd?)\s)|^\s*[【\[「].{1,24}[】\]」]"
)
_SENT = re.compile(
    r"(?:那边|客户|对方|他|她|刚|刚刚|刚才|上午|下午|微信上?|邮件里?|[\ue001\ue003])(?:刚|刚刚|刚才)?(?:发来(?:的|消息|微信|信息|邮件)?|发消息(?:说|来)?|回(?:复|信|了)?(?:我)?(?:说|的|消息|如下)?|原话(?:是)?|来消息|来信(?:说)?|微信(?:说|里说|上说|回复)?|邮件说|说|回话|通知(?:我们)?|回我(?:了|说|的)?|给我发(?:的|消息)?|在微信(?:上|里)?说)(?:的|道|了)?\s*[:：,，“\"「]"
)
_SPEAKER = re.compile(r"^\s*(?:[\ue001\ue003\u4e00-\u9fff][\ue001\ue003\u4e00-\u9fff ]{0,13})[:：]\s*[“\"「]?(?=.{4,})")
_OURS = re.compile(
    r"贵司|贵公司|你们|您们?|你(?:过来|来|方便|下|明|周|看)|来(?:我们|我司|厂里|公司)|我们(?:工厂|公司|办公室|这边|厂)|欢迎|恭候"
)


_GIVEN = re.compile(
    r"^(?:客户|对方|[\ue001\ue003])+(?:那边|刚|刚刚|刚才|今天|昨天)*(?:发|转|给)(?:的|来的?|过来的?|我的?)(?:微信|消息|信息|邮件|短信)?"
)


def is_forwarded(scene_skeleton: str) -> bool:
    """True when the sentence is a customer's message passed on, not the rep's own words."""
    if _GIVEN.match(scene_skeleton):
        return True
    if _MARKED.search(scene_skeleton) or _SENT.search(scene_skeleton):
        return True
    return _SPEAKER.match(scene_skeleton) is not None and scene_skeleton.lstrip()[:1] in (CUSTOMER, CONTACT)


def forwarded(draft: Draft) -> None:
    """`source`, the quote, and the sender as customer or contact (【华艺-区总】…)."""
    scene = draft.scene
    if not is_forwarded(scene.skeleton):
        return
    draft.put("source", "forwarded")
    quote = re.split(r"[:：】\]」]", scene.text, maxsplit=2 if _MARKED.match(scene.skeleton) and "【" in scene.text else 1)[
        -1
    ].strip('“”"「」 ')
    draft.hints["quote"] = quote or scene.text
    if not scene.of(CUSTOMER):
        label = re.search(r"[【\[「]\s*([\u4e00-\u9fffA-Za-z0-9()（）]{2,20}?)\s*[-—_/|·\s]", scene.text)
        if label:
            pick.stranger(draft, label[1])


def speaks_to_us(low: str) -> bool:
    """The words of somebody outside to somebody of ours (贵司, 来我们工厂)."""
    return _OURS.search(low) is not None
