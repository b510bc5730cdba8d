"""Company names taken apart: place, brand, trade and legal form."""

import re
from dataclasses import dataclass
from functools import cache

from domain.text import fold
from nlp.words import alternation, words

_NOT_A_BRAND = frozenset(
    [
        "中国",
        "中华",
        "中国人民",
        "第一",
        "第二",
        "第三",
        "人民",
        "国家",
        "国际",
        "全国",
        "明天",
        "今天",
        "昨天",
        "后天",
        "客户",
        "公司",
        "我们",
        "新",
        "大",
        "小",
        "上午",
        "下午",
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
        "技术",
        "市场",
        "拜访",
        "会议",
        "项目",
        "方案",
        "产品",
        "合同",
        "报价",
        "时间",
        "老板",
        "第一人民",
        "中心",
        "大众",
        "城市",
    ]
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A folded company name taken apart; `core` is brand and trade, `steps` the names between brand and core."""

    full: str
    bare: str
    core: str
    brand: str
    steps: tuple[str, ...]


@cache
def _legal() -> re.Pattern[str]:
    return re.compile(alternation(words().legal) + "$")


@cache
def _place() -> re.Pattern[str]:
    return re.compile(r"^(?:中国)?(?:" + alternation(words().places) + "(?:市|省|区|县|镇)?|[一-龥]{2,3}(?:市|省|县))")


@cache
def _trade_lengths() -> tuple[int, ...]:
    return tuple(sorted({len(word) for word in words().trades}, reverse=True))


_BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_LOOSE = re.compile(r"[\s·・.,，、\-_&'’\"()（）\[\]【】]+")


def squeeze(text: str) -> str:
    """A folded name without spaces, dots and brackets."""
    return _LOOSE.sub("", text)


def take_apart(name: str) -> Parts:
    """Full name, the name without its legal form, brand + trade, and the brand alone ("" when nothing is left)."""
    full = fold(name).text.strip()
    bare = squeeze(_BRACKETS.sub("", full)) or squeeze(full)
    for _ in range(2):
        cut = _legal().sub("", bare)
        if len(cut) < 2:
            break
        bare = cut
    core = _place().sub("", bare)
    if len(core) < 2:
        core = bare
    brand, trades = core, []
    trade_words = words().trades
    while len(brand) > 2:
        for size in _trade_lengths():
            if len(brand) - size >= 2 and brand[-size:] in trade_words:
                trades.append(brand[-size:])
                brand = brand[:-size]
                break
        else:
            break
    steps, name_so_far = [], brand
    for trade in reversed(trades[1:]):
        name_so_far += trade
        steps.append(name_so_far)
    if brand in _NOT_A_BRAND or brand in words().places or brand.isdigit():
        brand = ""
    return Parts(full, bare, core, brand, tuple(steps))
