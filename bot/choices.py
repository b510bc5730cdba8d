"""What a number or a button's words choose on a card (contract.md section 4: typing the number or the words does what the button
does)."""

import re
import unicodedata
from functools import lru_cache

from bot import says
from bot.cards import Card
from nlp.said import Said

_NUMBER = re.compile(
    r"(?:我?选|就|第|要|按|回复)*([0-9]{1,2}|[一二两三四五六七八九十])(?:个|号|项|条|种)?(?:吧|好了|呗|啊|了)?[。.!！]*\Z"
)
DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_FILLERS = (
    "那就",
    "那",
    "就",
    "请",
    "帮我",
    "我要",
    "我想",
    "我选",
    "选择",
    "选",
    "点击",
    "点",
    "按",
    "吧",
    "啊",
    "呢",
    "了",
    "呗",
    "好了",
    "一下",
)
_CONFIRM = ("确认", "仍然预约", "同意", "提交", "继续", "接受", "认领")
_DENY = frozenset({"算了", "不用了", "先不", "放弃", "婉拒", "不改", "都不是"})
"""Buttons that only say no. 取消这次 on a card is something to do: 算了 must never press it (D31)."""
_OF_IT = re.compile(r"(?:的|那个|那位|那家|这个|这位|这家|吧)+$")


_NO_LETTER = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """Letters and digits only, NFKC: what two spellings of a button have in common."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text).lower())


def number_in(text: str) -> int | None:
    """The number when the message is nothing but a choice (2, ２, 第二个, 就2吧)."""
    m = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if not m:
        return None
    return int(m[1]) if m[1].isdigit() else DIGITS[m[1]]


def pick(card: Card, text: str) -> Said | None:
    """The button that a number or its words name; a number beyond the buttons is a choice of nothing.

    Of the answers to a question a part that fits one of them alone is enough (售前 for 张伟（售前组）).
    """
    if not card.buttons:
        return None
    n = number_in(text)
    if n is not None:
        if 1 <= n <= len(card.buttons):
            return says.read(card.buttons[n - 1].says)
        return Said("dialog.choose", {"choice": n}, text=text)
    words = squeeze(text)
    if not words:
        return None
    if any(_stripped(squeeze(b.text)) in words for b in card.buttons):
        for form in dict.fromkeys((words, _stripped(words))):
            hits = [b for b in card.buttons if form in (name := squeeze(b.text), _stripped(name))]
            if len(hits) == 1:
                return says.read(hits[0].says)
    choices = [b for b in card.buttons if b.says.startswith("/draft.fill ")]
    core = _OF_IT.sub("", words)
    part = [b for b in choices if len(core) > 1 and core in squeeze(b.text)]
    return says.read(part[0].says) if len(part) == 1 and len(choices) > 1 else None


@lru_cache(maxsize=4096)
def _stripped(words: str) -> str:
    """Without the little words around: 那就同行吧 → 同行."""
    changed = True
    while changed:
        changed = False
        for filler in _FILLERS:
            if words.startswith(filler) and len(words) > len(filler):
                words, changed = words[len(filler) :], True
            if words.endswith(filler) and len(words) > len(filler):
                words, changed = words[: -len(filler)], True
    return words


def by_meaning(card: Card, said: Said) -> Said | None:
    """好的 presses the only confirming button, 算了 the only declining one; 撤销 an undo button."""
    stems = {"dialog.confirm": _CONFIRM, "approval.approve": ("同意",), "approval.reject": ("驳回",)}.get(said.intent, ())
    if said.slots or (not stems and said.intent != "dialog.deny"):
        return None
    hits = [b for b in card.buttons if (squeeze(b.text).startswith(stems) if stems else squeeze(b.text) in _DENY)]
    return says.read(hits[0].says) if len(hits) == 1 else None
