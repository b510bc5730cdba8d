"""Names that are something else as well: a time (九点半, 三月三, 周一) or an order (提醒我); which of both a sentence means."""

import re

from nlp.marks import Mark

_GOING = re.compile(r"(?:去|到|见|拜访|走访|回访|约|找|跟|和|给|把|客户|叫|上门|的|取消|改约)(?:一下|了|趟|一趟)?$")
_SAID_OF_A_CUSTOMER = re.compile(
    r"升|降为|改名|的(?:资料|电话|等级|级别|阶段|联系|地址|报告|纪要|负责人)|谁|归|到哪|录过|签到|打卡|那边|这家|这个客户|公司|在跟|没人跟|"
    r"转给|交给|放回|退回|我来|我跟|我要|(?:聊|谈|拜访|见)完"
)
_WITH_A_COLLEAGUE = re.compile(
    r"(?:带上?|叫上?|喊上?|拉上?|加上|捎上|算上|和|跟|与|同|让|请|由|给|替|把|将|@|、|安排|通知|转|交给)\s*$"
)
_SAID_OF_A_COLLEAGUE = re.compile(
    r"(?:今|明|后|昨)天|的(?:行程|日程|安排|客户|报告|待办|申请)|有空|在哪|去哪|也?(?:一起|参加|来|去(?!\d)|负责|接手)|替|代|离职|请假|休假|欠|没交"
)
_CALENDAR_BEFORE = re.compile(r"(?:下下?|上上?|这个?|本|每|到|至)$")
_CALENDAR_AFTER = re.compile(r"\s?(?:[上下中]午|早|晚|凌晨|傍晚|\d|[一二两三四五六七八九十]{1,3}点|到|至|前|之前|起|同一)")
ORDERS = frozenset(["提醒我", "提醒", "预约", "取消", "确认", "撤销", "改期", "帮我", "安排", "签到"])
"""Names that are words of command."""


def is_customer(low: str, mark: Mark, follower: bool, clock_before: bool) -> bool:
    """True where a customer whose name is also a time is meant: after a verb of going, before its own contact, behind a clock."""
    if _GOING.search(low[: mark.start]) or follower:
        return True
    if clock_before and not _CALENDAR_AFTER.match(low, mark.end):
        return True
    return _SAID_OF_A_CUSTOMER.match(low, mark.end) is not None


def is_colleague(low: str, mark: Mark) -> bool:
    """True where a colleague called 周一 or 黎明 is meant, not the day."""
    if _CALENDAR_BEFORE.search(low[: mark.start]) or _CALENDAR_AFTER.match(low, mark.end):
        return False
    return bool(_WITH_A_COLLEAGUE.search(low[: mark.start]) or _SAID_OF_A_COLLEAGUE.match(low, mark.end))


def is_order(low: str, mark: Mark) -> bool:
    """True where the words of a customer's name open the sentence as an order (提醒我明天…)."""
    opens = not low[: mark.start].strip() or low[mark.start - 1] in ",，。 "
    return mark.text in ORDERS and opens and low[mark.end : mark.end + 1] not in tuple("的那这,，")
