"""A company name taken apart: place, brand (字号), trade, group, legal form and branch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from domain.matching import places
from domain.text import fold

_DATA = Path(__file__).parent / "data"
_DROP = re.compile(r"[\x00-\x20\s\u3000·・•.,，、。;；:：!！?？\-_—–~'’‘\"“”`*#/\\|+&®™]+")
_BRACKET = str.maketrans("（【〔[{〈《「『）】〕]}〉》」』", "(((((((((" + ")))))))))"[:9])
_FORMS = ("股份有限责任公司", "股份有限公司", "有限责任公司", "有限公司", "股份公司", "责任公司", "总公司", "公司")
_FORM = re.compile(f"(?:{'|'.join(_FORMS)})$")
_BLOCKS = ((0, 0x250), (0x2000, 0x2100), (0x2E80, 0x3100), (0x3200, 0xA000), (0xF900, 0xFB00), (0xFE30, 0xFFF0))
_PARTNERS = re.compile(r"(?:\((?:有限|普通|特殊普通)合伙\)|(?:有限|普通)?合伙企业|合伙企业)")
_OLD = re.compile(r"\((?:原|曾用名|原名|旧称|又名|简称|别名)[:：]?([^()]+)\)")
_STATE = re.compile(r"\((?:已?注销|已?吊销|存续|在业|停用|作废|测试|重复|筹|有限公司|公司)\)")
_GROUP = re.compile(r"\((?:集团|企业集团)\)|企业集团|集团")
_BRANCH_WORDS = "分公司 分行 支行 分店 门店 旗舰店 专卖店 直营店 营业部 营业厅 办事处 代表处 联络处 分部 分院 分厂 分所 分校 事业部 项目部 销售处"
_BRANCHES = tuple(_BRANCH_WORDS.split())
_BRANCH = re.compile(rf"(?:第?[一二三四五六七八九十0-9]+)?(?:{'|'.join(_BRANCHES)})$")
_HEAD = re.compile(r"^(.*(?:公司|集团|银行|事务所|大学|医院|研究院))(.+)$")
_BRACKETS = re.compile(r"[()]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a name: P place, B brand, T trade, G group, F legal form."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A folded name taken apart.

    `core` is brand and trades as they stand, `text` everything but brackets, `tokens` the pieces in their order;
    `whole` means that the name carries its legal form, `branch` is the tail that makes it a branch.
    """

    text: str
    core: str
    brand: str
    trades: tuple[str, ...]
    place: tuple[str, ...]
    group: bool
    form: str
    branch: str
    tokens: tuple[Token, ...]
    words: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it has a legal form; 公司 alone is none, people say it of any company."""
        return len(self.form) > 2


@cache
def trades() -> frozenset[str]:
    """Every word that says what a company does."""
    lines = (_DATA / "trades.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _trade_sizes() -> tuple[int, ...]:
    return tuple(sorted({len(word) for word in trades()}, reverse=True))


@cache
def _tidying() -> dict[int, str]:
    """What `fold` and the dropping of marks do to every single character that they change."""
    table: dict[int, str] = {}
    for first, last in _BLOCKS:
        for code in range(first, last):
            char = chr(code)
            plain = _DROP.sub("", fold(char).text.translate(_BRACKET))
            if plain != char:
                table[code] = plain
    return table


def tidy(name: str) -> str:
    """A name folded (script, width, case) and without spaces and marks; brackets become ( and )."""
    return name.translate(_tidying())


def bare(text: str) -> str:
    """A tidied name without legal form, group word and brackets: what the index cuts into pairs."""
    name = text
    if "(" in text:
        text = _STATE.sub("", _OLD.sub("", text))
    if "合伙" in text:
        text = _PARTNERS.sub("", text)
    if text.endswith("公司"):
        for form in _FORMS:
            if text.endswith(form):
                text = text[: -len(form)]
                break
    if "集团" in text:
        text = _GROUP.sub("", text)
    if "(" in text or ")" in text:
        text = _BRACKETS.sub("", text)
    return text if len(text) >= 2 else _BRACKETS.sub("", name)


def old_names(tidied: str) -> tuple[str, ...]:
    """The names a company says it had, as in 甲公司(原乙公司)."""
    return tuple(_OLD.findall(tidied))


@lru_cache(maxsize=1 << 15)
def take_apart(name: str) -> Parts:
    """Take a name apart; any text gives a result, an empty one empty parts."""
    text = tidy(name)
    if "(" in text:
        text = _STATE.sub("", _OLD.sub("", text))
    words = latin_words(name) if text.isascii() else ()
    text, branch = _cut_branch(text)
    whole = _flat(text)
    form = next((form for form in _FORMS if text.endswith(form)), "") if text.endswith("公司") else ""
    if form and len(text) > len(form):
        text = text[: -len(form)]
    if "合伙" in text:
        partners = _PARTNERS.search(text)
        form = form or (partners.group() if partners else "")
        text = _PARTNERS.sub("", text)
    group = "集团" in text
    plain = _GROUP.sub("", text) if group else text
    if group and len(_flat(plain)) < 2:
        plain = text
    place, front, core, back = _cut_places(plain)
    brand, words_of_trade = _cut_trades(core)
    tokens = [Token(p, "P") for p in front]
    tokens += [Token(brand, "B")] if brand else []
    tokens += [Token(t, "T") for t in words_of_trade]
    tokens += [Token(p, "P") for p in back]
    tokens += [Token("集团", "G")] if group else []
    tokens += [Token(form, "F")] if form else []
    return Parts(whole, core, brand, words_of_trade, place, group, form, branch, tuple(tokens), words)


def _flat(text: str) -> str:
    return _BRACKETS.sub("", text) if "(" in text or ")" in text else text


def latin_words(name: str) -> tuple[str, ...]:
    """The words of a name in Latin letters, in lower case."""
    return tuple(re.findall(r"[a-z0-9]+", fold(name).text.replace("'", "")))


def _cut_branch(text: str) -> tuple[str, str]:
    """The company's own name, and what makes this one a branch of it."""
    found = _BRANCH.search(text) if text.endswith(_BRANCHES) else None
    if not found or found.start() < 2:
        return text, ""
    head = text[: found.start()]
    main = _HEAD.match(head)
    if main and len(main.group(1)) >= 4:
        return main.group(1), text[len(main.group(1)) :]
    if head.endswith(("公司", "集团", "银行")):
        return head, found.group()
    tail = places.at_end(head, small=True)
    if tail and len(head) - len(tail[0]) >= 2:
        return head[: -len(tail[0])], tail[0] + found.group()
    return head, found.group()


def _cut_places(text: str) -> tuple[tuple[str, ...], list[str], str, list[str]]:
    """(path of the place, places in front, brand and trades, places behind)."""
    front: list[str] = []
    back: list[str] = []
    path: tuple[str, ...] = ()
    rest = ""
    for number, piece in enumerate(_BRACKETS.split(text) if "(" in text or ")" in text else (text,)):
        inside = places.place(piece) if number % 2 else ()
        if inside:
            path = path or inside
            back.append(piece)
        else:
            rest += piece
    outside: tuple[str, ...] = ()
    while len(front) < 3:
        found = places.at_start(rest, outside)
        if found is None or len(rest) - len(found[0]) < 2:
            break
        left = rest[len(found[0]) :]
        if not found[2] and not _cut_trades(left)[0]:
            break
        front.append(found[0])
        rest, outside = left, found[1]
    if outside and (not path or path[0] == outside[0]):
        path = outside
    if not path or path == ("中国",):
        tail = places.at_end(rest)
        if tail and len(rest) - len(tail[0]) >= 2 and not _is_trade_like(rest, tail[0]):
            rest, path = rest[: -len(tail[0])], tail[1]
            back.append(tail[0])
    return path, front, rest, back


def _is_trade_like(text: str, tail: str) -> bool:
    """Whether the place at the end is the end of a trade word."""
    return any(text[-size:] in trades() for size in _trade_sizes() if size > len(tail))


@lru_cache(maxsize=1 << 14)
def _cut_trades(core: str) -> tuple[str, tuple[str, ...]]:
    """Brand and trade words; the brand is empty when the name says nothing but the trade."""
    known, sizes = trades(), _trade_sizes()
    found: list[str] = []
    rest = core
    while rest:
        size = len(rest)
        for length in sizes:
            if (size - length >= 2 or size == length) and rest[-length:] in known:
                found.append(rest[-length:])
                rest = rest[:-length]
                break
        else:
            break
    found.reverse()
    return rest, tuple(found)
