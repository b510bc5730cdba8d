"""Contacts cut out of a sentence: 王总, 欧阳经理, 采购小李, 联系人李建国, Linda."""

import re
from collections.abc import Iterator
from functools import cache

from nlp.words import alternation, words

_NO_SMALL = frozenset("时师板实结组说样段学区店票型吃伙孩米费看心气包车人户总家事白单满")
"""Characters after 小/老 that make another word (小时, 老师, 老板)."""
_BOUNDARY = frozenset(" ，,。、:：;；!?\n\t(（【[约见找和跟与给叫人是对请问访到让经由及或的去了过、/-—_|·看")


@cache
def _titles() -> re.Pattern[str]:
    return re.compile(alternation(words().titles) + "(?![监裁经工](?:程)?)")


@cache
def _departments() -> re.Pattern[str]:
    return re.compile(alternation(words().departments) + "$")


@cache
def _called() -> re.Pattern[str]:
    return re.compile(
        r"(?:联系人|对接人|接待人|联络人|决策人|拍板人)(?:名字|姓名)?(?:是|叫|为|换成|改成|改为|换为|:|：|，|,|\s)*([\u4e00-\u9fff]{2,4}|[a-z]{2,12})"
    )


_LATIN = re.compile(r"(?<![a-z@.])[a-z]{3,10}(?![a-z@.])")
_SMALL = re.compile(r"[小老阿]([\u4e00-\u9fff])(?![\u4e00-\u9fff]?[姐妹])")
_NOT_TITLED = {
    "工": "作程商会业厂单资艺具地行人序期",
    "总": "结部共体监经裁计数额金量",
    "处": "理于在罚长",
    "科": "技学研目长",
    "助": "理手力",
    "董": "事秘",
    "局": "面部长限",
    "姐": "妹夫",
    "哥": "们",
    "老师": "傅",
    "师傅": "",
    "叔": "叔",
    "主任": "务",
    "经理": "",
    "阿姨": "",
}


def contact_hits(low: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Spans of people named by surname and title, nickname or first name, with the title or department they came with.

    `taken` spans are left alone; a person may follow directly behind one (蓝海王总).
    """
    covered = bytearray(len(low))
    for start, end in taken:
        covered[start:end] = b"\1" * (end - start)
    for start, end, title in (*_named(low), *_titled(low, covered), *_small(low), *_latin(low)):
        if not any(covered[start:end]):
            covered[start:end] = b"\1" * (end - start)
            yield start, end, title


def _named(low: str) -> Iterator[tuple[int, int, str]]:
    if "人" not in low:
        return
    for found in _called().finditer(low):
        name, start = found[1], found.start(1)
        titled = next(_titled(low[start : start + 7], bytearray(7)), None)
        if titled is not None and titled[0] == 0:
            yield start, start + titled[1], titled[2]
        elif name[0].isascii():
            yield start, found.end(1), ""
        elif name[:2] in words().compound_surnames or name[0] in words().surnames:
            size = min(len(name), 4 if name[:2] in words().compound_surnames else 3)
            name = re.split("(?:电话|手机|邮箱|的|来|在|，)", name[:size])[0]
            if len(name) > 1:
                yield start, start + len(name), ""


def _titled(low: str, covered: bytearray) -> Iterator[tuple[int, int, str]]:
    for found in _titles().finditer(low):
        at, title = found.start(), found[0]
        if low[found.end() : found.end() + 1] in _NOT_TITLED.get(title, "") and low[found.end() : found.end() + 1]:
            continue
        start = _surname_start(low, at, covered)
        if start is not None:
            yield start, found.end(), title


def _surname_start(low: str, at: int, covered: bytearray) -> int | None:
    """Where the name in front of a title begins: the surname alone, a double surname, or surname and given name."""
    vocabulary = words()
    floor = at
    while floor > 0 and at - floor < 4 and not covered[floor - 1]:
        floor -= 1
    edge = floor if floor == 0 or covered[floor - 1] else -1
    if at - 2 >= floor and low[at - 2 : at] in vocabulary.compound_surnames:
        return at - 2
    one = at - 1 >= floor and low[at - 1] in vocabulary.surnames
    if one and (at - 1 == edge or low[at - 1] in vocabulary.top_surnames or low[at - 2 : at - 1] in _BOUNDARY):
        return at - 1
    for size in (3, 2):
        start = at - size
        led = start >= floor and (start == edge or low[start - 1] in _BOUNDARY)
        if led and low[start] in vocabulary.top_surnames and all("\u4e00" <= char <= "\u9fff" for char in low[start:at]):
            return start
    return None


def _small(low: str) -> Iterator[tuple[int, int, str]]:
    for found in _SMALL.finditer(low):
        char = found[1]
        if char in _NO_SMALL or char not in words().surnames:
            continue
        department = _departments().search(low[: found.start()])
        yield found.start(), found.end(), department[0] if department else ""


def _latin(low: str) -> Iterator[tuple[int, int, str]]:
    given = words().latin_given
    for found in _LATIN.finditer(low):
        if found[0] in given:
            yield found.start(), found.end(), ""
