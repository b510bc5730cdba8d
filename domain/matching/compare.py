"""Two names beside each other: the same in another spelling, likely the same, of one group, or different (R33, D18)."""

from __future__ import annotations

from dataclasses import replace
from math import exp

from domain.matching import places
from domain.matching.latin import reads_as, same_words, telling
from domain.matching.parts import Parts, Token
from domain.matching.shapes import brand_chars
from domain.matching.short import shortened
from domain.matching.typos import GAP, NEAR, OTHER, SHAPE, SOUND, SWAP, Edit, edits, price
from domain.matching.values import Likeness

NOTHING = Likeness(0.0, ())
_SOFT_FORMS = ("股份", "集团", "控股")
_WORDS = {SOUND: "同音字", NEAR: "近音字", SHAPE: "形近字", SWAP: "字序颠倒", GAP: "多字或少字", OTHER: "一字之差"}


def compare(one: Parts, other: Parts) -> Likeness:
    """How alike two names are; the same whichever comes first."""
    if not one.text or not other.text:
        return NOTHING
    if one.branch or other.branch:
        return _branches(one, other)
    if one.text == other.text and (not one.words or one.words == other.words):
        return Likeness(1.0, ("名称相同",), same=True)
    if one.words or other.words:
        return _latin(one, other)
    return max(
        _cores(one, other),
        _garbled(one, other),
        _shorts(one, other),
        _kin(one, other),
        key=lambda found: (found.same, found.score),
    )


def _branches(one: Parts, other: Parts) -> Likeness:
    if one.branch == other.branch and one.text == other.text:
        return Likeness(1.0, ("名称相同",), same=True)
    mains = compare(replace(one, branch=""), replace(other, branch=""))
    if one.branch == other.branch:
        return mains
    if not (mains.same or mains.score >= 0.8) or mains.kin:
        return NOTHING
    return Likeness(
        round(0.5 * mains.score, 4), ("分公司或门店",) if not (one.branch and other.branch) else ("同一公司的分支机构",), kin=True
    )


def _place(one: Parts, other: Parts) -> tuple[float, str] | None:
    """What the places say: a factor and a reason; None when they rule the match out."""
    if one.place == other.place:
        return 1.0, ""
    if not one.place or not other.place:
        only = one.place or other.place
        return (0.86 if only[0] == "中国" else 0.92), "一方没有地区"
    if places.agree(one.place, other.place):
        return 0.9, "地区相容"
    return None


def _cores(one: Parts, other: Parts) -> Likeness:
    """Brand and trade as a whole: equal, or equal but for a slip."""
    where = _place(one, other)
    if where is None or len(one.core) < 2 or len(other.core) < 2:
        return NOTHING
    factor, reason = where
    if factor < 1 and not (one.brand and other.brand) and min(len(one.core), len(other.core)) < 6:
        return NOTHING
    if one.core == other.core:
        return _same_core(one, other, factor, reason)
    found = edits(one.core, other.core)
    if found is None or not _slips(one, other, found, factor):
        return NOTHING
    score = 0.93 * factor * exp(-0.16 * price(found)) + _endings(one, other)
    return Likeness(round(score, 4), tuple(dict.fromkeys([*(_WORDS[e.kind] for e in found), *([reason] if reason else [])])))


def _same_core(one: Parts, other: Parts, factor: float, reason: str) -> Likeness:
    said = ("字号相同", "行业相同") if one.brand and one.trades else ("字号相同",)
    if factor < 1:
        return Likeness(round(0.98 * factor + _endings(one, other), 4), (*said, reason))
    if _partners(one) != _partners(other) and one.form and other.form:
        return Likeness(0.8, (*said, "企业类型不同"))
    reasons = list(said)
    if one.group != other.group:
        reasons.append("仅差“集团”")
    elif one.form != other.form:
        reasons.append("仅公司形式写法不同")
    else:
        reasons.append("写法不同")
    score = 0.99 - 0.02 * (one.group != other.group) - 0.01 * (one.form != other.form)
    return Likeness(round(score, 4), tuple(reasons), same=True)


def _endings(one: Parts, other: Parts) -> float:
    """A little for each ending that is equal, to part names that are otherwise equally near."""
    return 0.005 * (one.form == other.form) + 0.005 * (one.group == other.group)


def _partners(name: Parts) -> bool:
    return "合伙" in name.form


def _slips(one: Parts, other: Parts, found: tuple[Edit, ...], factor: float) -> bool:
    """Whether the edits are slips, and not the difference between two companies."""
    if one.brand == other.brand:
        return False
    size = min(len(one.core), len(other.core))
    if price(found) > (1.6 if size >= 5 else 1.5 if len(found) == 1 else 1.0):
        return False
    registered = one.form == other.form != "" and one.group == other.group
    placed = factor == 1
    least = 1 if registered and placed else 2 if placed and (one.place or one.form == other.form != "") else 3
    if size - len(found) < least:
        return False
    brand = min(len(one.brand), len(other.brand))
    if len(found) > 1 and brand <= 2 and all(edit.left < brand and edit.right < brand for edit in found):
        return False
    return all(_slip(one, other, edit, placed, registered) for edit in found)


def _slip(one: Parts, other: Parts, edit: Edit, placed: bool, registered: bool) -> bool:
    """Whether one edit may be a slip, looking at the brand that it touches.

    A short brand differs from the next company's by one character too often: there only what sounds or looks alike
    is a slip, or what the rest of a full registered name vouches for.
    """
    trade = _common_trade(one, other)
    if not trade and (edit.left >= len(one.brand) or edit.right >= len(other.brand)):
        return True
    least = min(len(one.brand), len(other.brand), len(one.core) - len(trade), len(other.core) - len(trade))
    if edit.kind == SHAPE:
        return placed or least >= 3 or len(trade) >= 4
    if edit.kind == SOUND or (edit.kind == SWAP and "中国" not in (one.brand, other.brand)) or least >= 4:
        return True
    vouched = placed and len(trade) >= 2 and (registered or bool(one.place) or len(trade) > 2 < least)
    if edit.kind != OTHER:
        return vouched or (least >= 3 and placed)
    odd = (one.core[edit.left] in brand_chars()) != (other.core[edit.right] in brand_chars())
    if least >= 3:
        return vouched or len(trade) >= 4
    return vouched and registered and odd and (bool(one.place) or len(trade) >= 4)


def _common_trade(one: Parts, other: Parts) -> str:
    """The trade both names end with; "" when they have none, or different ones, or one of them is torn."""
    a, b = "".join(one.trades), "".join(other.trades)
    if a == b:
        return a
    if b and one.brand.endswith(b) and not a:
        return b
    return a if a and other.brand.endswith(a) and not b else ""


def _garbled(one: Parts, other: Parts) -> Likeness:
    """A slip in the place or at its border, which then is no place any more: 京北安恒, 浙到江健盛."""
    if bool(one.place) == bool(other.place):
        return NOTHING
    clean, torn = (one, other) if one.place else (other, one)
    front = clean.tokens[0]
    if front.kind != "P" or (len(clean.brand) < 2 and len(clean.core) < 4) or torn.core == clean.core:
        return NOTHING
    found = edits(front.text + clean.core, torn.core)
    if not found or len(found) != 1 or found[0].left > len(front.text):
        return NOTHING
    return Likeness(round(0.88 * exp(-0.16 * price(found)), 4), (_WORDS[found[0].kind],))


def _shorts(one: Parts, other: Parts) -> Likeness:
    """One name as the short form of the other."""
    short, full = sorted((one, other), key=lambda p: (p.whole, len(p.text), p.text))
    if short.whole or len(short.text) < 2 or len(short.text) > len(full.text):
        return NOTHING
    best = NOTHING
    for said, tokens, extra, reason in _spellings(short, full):
        cost = extra + shortened(said, tokens)
        score = round(0.9 * exp(-cost), 4)
        if score > best.score and score >= 0.3 and not _only_place(said, tokens):
            best = Likeness(score, ("简称", *([reason] if reason else [])))
    return best


def _only_place(said: str, tokens: tuple[Token, ...]) -> bool:
    """Whether the short form says no more than where the company is."""
    return shortened(said, tuple(token for token in tokens if token.kind == "P")) < 1.0


def _spellings(short: Parts, full: Parts) -> list[tuple[str, tuple[Token, ...], float, str]]:
    """The short form as said, without a tail that the full name lacks, and without a place that stands elsewhere or is missing."""
    said = [(short.text, full.tokens, 0.0, "")]
    if short.form:
        said.append((short.text.removesuffix(short.form), full.tokens, 0.02, ""))
    for tail in _SOFT_FORMS:
        if short.text.endswith(tail) and len(short.text) - len(tail) >= 2 and tail not in full.text:
            said.append((short.text[: -len(tail)], full.tokens, 0.15, ""))
    if short.place and short.brand and not full.place:
        said.append((short.core, full.tokens, 0.12, "一方没有地区"))
    elif short.place and short.brand and places.agree(short.place, full.place):
        said.append((short.core, tuple(token for token in full.tokens if token.kind != "P"), 0.04, ""))
    return said


def _kin(one: Parts, other: Parts) -> Likeness:
    """A company whose name goes on after the whole name of a group: likely one of its own."""
    small, large = sorted((one, other), key=lambda p: (len(p.core), p.text))
    if not (one.whole or other.whole) or _place(one, other) is None:
        return NOTHING
    holding = small.core.removesuffix("控股")
    parent = small.group or other.group or holding != small.core
    goes_on = (
        len(holding) >= 2
        and large.core.startswith(holding)
        and large.core != small.core
        and large.core[len(holding) :] not in _SOFT_FORMS
    )
    if not parent or not goes_on or not (small.brand or len(holding) >= 4):
        return NOTHING
    score = 0.45 + 0.04 * len(holding) / len(large.core)
    return Likeness(round(score, 4), ("字号相同", "可能是同一集团的公司"), kin=True)


def _latin(one: Parts, other: Parts) -> Likeness:
    """English or pinyin on one side or both."""
    if one.words and other.words:
        share = same_words(one.words, other.words)
        if share == 1.0:
            return Likeness(0.98, ("外文名称相同",), same=True)
        return Likeness(round(0.85 * share, 4), ("外文名称相近",)) if share >= 0.6 else NOTHING
    words, name = (one.words, other) if one.words else (other.words, one)
    if not telling(words):
        return NOTHING
    cost = reads_as(words, name)
    score = round(0.9 * exp(-0.9 * cost), 4)
    return Likeness(score, ("拼音或英文名对应",)) if score >= 0.3 else NOTHING
