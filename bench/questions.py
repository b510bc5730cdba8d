"""What people ask a duplicate check, made from the companies of a book, each with what would be right (contract.md section 6).

Labels: same (only the spelling differs: certain), likely (inferred), several (fits more than one), kin (a branch or a company of the
group: shown, never certain), none (another company, however close: nothing certain; anything shown is a nag).
"""

from __future__ import annotations

import importlib.util
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pypinyin import lazy_pinyin

from bench.companies import BRANDLY, FREE_HOSTS, TRADES, Company, check_digit, cities
from domain.matching import Query
from domain.matching.shapes import lookalike

_ENGLISH = {
    "科技": "Technology", "电子": "Electronics", "机械": "Machinery", "贸易": "Trading", "食品": "Food", "新材料": "New Materials", "医疗器械": "Medical Devices",
    "软件": "Software", "物流": "Logistics", "化工": "Chemical", "光电": "Optoelectronics", "新能源": "New Energy", "生物科技": "Biotechnology", "汽车零部件": "Auto Parts",
    "包装": "Packaging", "建材": "Building Materials", "家具": "Furniture", "纺织": "Textile", "投资": "Investment", "自动化": "Automation", "药业": "Pharmaceutical",
}  # fmt: skip
_TALK = (
    "明天下午三点拜访{}，聊报价", "后天上午十点去{}见王总", "帮我约一下{}周五下午", "{}最近跟进到哪一步了", "刚从{}出来，客户觉得价格偏高", "把下周二去{}的拜访改到三点", "取消今天{}的拜访",
    "查一下{}上次什么时候拜访的", "给{}打个电话问问合同", "跟{}的张经理约了周三视频", "下周一到{}做产品演示", "{}的联系人是谁", "记一下，{}预算五十万", "今天到{}回访", "明早9点半{}签合同",
)  # fmt: skip
_NO_COMPANY = (
    "帮我改到下周二", "明天下午三点开会", "我这周几个拜访", "再晚半小时", "今天谁在外面", "好的，就这样", "客户说价格太高了", "把周五的取消", "提醒我明天打电话", "本月排行榜",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is what was done to a name or key; `right` are the ids that may be the answer, empty for none."""

    kind: str
    label: str
    query: Query | str
    right: tuple[str, ...] = ()


@cache
def _traditional() -> dict[str, str]:
    spec = importlib.util.find_spec("opencc")
    assert spec
    assert spec.submodule_search_locations
    table: dict[str, str] = {}
    with open(f"{spec.submodule_search_locations[0]}/dictionary/STCharacters.txt", encoding="utf-8") as lines:
        for line in lines:
            plain, _, old = line.rstrip("\n").partition("\t")
            table[plain] = old.split(" ")[0]
    return table


@cache
def _sounds() -> dict[str, list[str]]:
    """Syllable → usual characters of that sound."""
    table: dict[str, list[str]] = defaultdict(list)
    for char in _usual():
        table[lazy_pinyin(char)[0]].append(char)
    return table


@cache
def _usual() -> tuple[str, ...]:
    """GB 2312's first plane: the 3,755 characters everybody can type."""
    return tuple(
        bytes((row, cell)).decode("gb2312")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
        if not (row == 0xD7 and cell > 0xF9)
    )


def _homophone(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice(_sounds().get(lazy_pinyin(text[at])[0], [text[at]])) + text[at + 1 :]


def _lookalike(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    near = [c for c in dice.sample(_usual(), 900) if c != text[at] and lookalike(c, text[at])]
    return text[:at] + (dice.choice(near) if near else text[at]) + text[at + 1 :]


def _slip(dice: random.Random, text: str) -> str:
    """One key too many, too few, wrong, or two in the wrong order."""
    at = dice.randrange(len(text))
    way = dice.randrange(4)
    if way == 0 and len(text) > 3:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at] + text[at:]
    if way == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + dice.choice(_usual()) + text[at + 1 :]


def _pinyin(c: Company) -> str:
    brand = "".join(lazy_pinyin(c.brand)).capitalize()
    place = "".join(lazy_pinyin(c.place.removesuffix("市"))).capitalize()
    trade = _ENGLISH.get(c.trade) or " ".join(
        "".join(lazy_pinyin(c.trade[i : i + 2])).capitalize() for i in range(0, len(c.trade), 2)
    )
    return f"{place} {brand} {trade} Co., Ltd.".strip()


def _swap_form(c: Company) -> str:
    return {"有限公司": "有限责任公司", "有限责任公司": "有限公司", "股份有限公司": "股份公司"}.get(c.form, c.form)


class Asker:
    """Questions about one book; what several companies would answer is labelled so."""

    def __init__(self, companies: Sequence[Company], seed: int = 11) -> None:
        self._dice = random.Random(seed)
        self._all = companies
        self._where = cities()
        self._by_brand: dict[str, list[Company]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        for c in companies:
            self._by_brand[c.brand].append(c)
            self._names[c.name].append(c.id)

    def questions(self, each: int) -> Iterator[Question]:
        """`each` questions of every kind."""
        for make in (*_NAMES, *_KEYS, *_SENTENCES):
            n = tries = 0
            while n < each and tries < 60 * each:
                tries += 1
                c = self._all[self._dice.randrange(len(self._all))]
                made = make(self, c) if c.form and not c.branch else None
                if made is not None:
                    n += 1
                    yield made

    # ------------------------------------------------------------------ what is right
    def _named(self, kind: str, label: str, said: str, c: Company, fits: Callable[[Company], bool]) -> Question | None:
        """A question whose answer is this company, or each of those of its brand that fit as well."""
        if not said or said == c.name:
            return None
        others = tuple(o.id for o in self._by_brand[c.brand] if o.id != c.id and not o.branch and fits(o))
        if len(others) > 4:
            return None
        return Question(kind, "several" if others else label, Query(name=said), (c.id, *others))

    def _bare(self, c: Company) -> Callable[[Company], bool]:
        """Companies that differ in nothing but legal form or place."""
        return lambda o: (
            o.trade == c.trade and (o.place.removesuffix("市") == c.place.removesuffix("市") or not c.place or not o.place)
        )

    def same(self, kind: str, said: str, c: Company) -> Question | None:
        return self._named(kind, "same", said, c, self._bare(c))

    def likely(self, kind: str, said: str, c: Company) -> Question | None:
        return self._named(kind, "likely", said, c, self._bare(c))

    def other(self, kind: str, made: Company) -> Question | None:
        """Another company: only when nothing of its own is in the book."""
        twins = [o for o in self._by_brand[made.brand] if o.trade == made.trade]
        if twins and kind not in ("none_place", "none_trade"):
            return None
        if any(o.place.removesuffix("市") in ("", made.place.removesuffix("市")) for o in twins):
            return None
        return Question(kind, "none", Query(name=made.name))


Make = Callable[[Asker, Company], Question | None]


def _short(a: Asker, c: Company) -> Question | None:
    said = c.brand + (c.trade[:2] if len(c.brand) < 3 else "")
    return a._named("short", "likely", said, c, lambda o: o.trade[:2] == c.trade[:2] or len(c.brand) > 2)


def _stem(a: Asker, c: Company) -> Question | None:
    return a._named("stem", "likely", c.brand, c, lambda _: True) if len(c.brand) > 2 else None


def _place_short(a: Asker, c: Company) -> Question | None:
    if not c.place:
        return None
    return a._named(
        "place_short",
        "likely",
        c.place.removesuffix("市") + c.brand,
        c,
        lambda o: not o.place or o.place.removesuffix("市") == c.place.removesuffix("市"),
    )


def _place_away(a: Asker, c: Company) -> Question | None:
    return a._named("place_dropped", "likely", replace(c, place="").name, c, lambda o: o.trade == c.trade) if c.place else None


def _place_added(a: Asker, c: Company) -> Question | None:
    if c.place:
        return None
    return a._named("place_added", "likely", a._dice.choice(a._where) + c.name, c, lambda o: o.trade == c.trade)


def _branch(a: Asker, c: Company) -> Question | None:
    made = Question("branch", "kin", Query(name=f"{c.name}{a._dice.choice(a._where)}分公司"), (c.id,))
    return made if len(a._by_brand[c.brand]) == 1 else None


def _group(a: Asker, c: Company) -> Question | None:
    new = a._dice.choice(TRADES)
    if "集团" not in c.form or len(a._by_brand[c.brand]) > 1 or new[:2] == c.trade[:2]:
        return None
    return Question(
        "subsidiary", "kin", Query(name=f"{c.place}{c.brand}{c.trade}{a._dice.choice(('', '集团'))}{new}有限公司"), (c.id,)
    )


def _typo(kind: str, slip: Callable[[random.Random, str], str], where: str) -> Make:
    def make(a: Asker, c: Company) -> Question | None:
        if len(c.brand) + len(c.trade) < 4:
            return None
        if where == "brand":
            new = replace(c, brand=slip(a._dice, c.brand))
        else:
            core = slip(a._dice, c.brand + c.trade)
            new = replace(c, brand=core, trade="")
        if new.name == c.name or any(o.trade == c.trade for o in a._by_brand.get(new.brand, ())):
            return None
        return a.likely(kind, new.name, c)

    return make


def _one_other(a: Asker, c: Company) -> Question | None:
    """A brand of another company: one character differs, and neither sounds nor looks alike."""
    at = a._dice.randrange(len(c.brand))
    new = a._dice.choice(BRANDLY)
    if len(c.brand) != 2 or lookalike(new, c.brand[at]) or lazy_pinyin(new) == lazy_pinyin(c.brand[at]):
        return None
    return a.other(
        "none_brand", replace(c, brand=c.brand[:at] + new + c.brand[at + 1 :], place=c.place if a._dice.random() < 0.5 else "")
    )


def _none_place(a: Asker, c: Company) -> Question | None:
    return a.other("none_place", replace(c, place=a._dice.choice(a._where), head=True)) if c.place else None


def _none_trade(a: Asker, c: Company) -> Question | None:
    new = a._dice.choice(TRADES)
    return a.other("none_trade", replace(c, trade=new)) if c.trade and new[:2] != c.trade[:2] else None


def _spaced(a: Asker, c: Company) -> str:
    at = a._dice.randrange(1, len(c.name))
    return c.name[:at] + a._dice.choice((" ", "\u3000", "·", "-")) + c.name[at:]


_NAMES: tuple[Make, ...] = (
    lambda a, c: a.same("traditional", "".join(_traditional().get(x, x) for x in c.name), c),
    lambda a, c: a.same("spaced", _spaced(a, c), c),
    lambda a, c: a.same("brackets", f"{c.brand}（{c.place}）{c.trade}{c.form}", c) if c.place and c.head else None,
    lambda a, c: a.same("suffix_dropped", c.name.removesuffix(c.form), c),
    lambda a, c: a.same("form_swapped", replace(c, form=_swap_form(c)).name, c),
    lambda a, c: a.same("city_suffix", replace(c, place=c.place.removesuffix("市") if c.place.endswith("市") else c.place + "市").name, c) if c.place and len(c.place) < 4 else None,
    _place_away, _place_added, _short, _stem, _place_short,
    _typo("homophone", _homophone, "brand"), _typo("lookalike", _lookalike, "brand"), _typo("slip", _slip, "core"),
    lambda a, c: a.likely("pinyin", _pinyin(c), c),
    _branch, _group, _one_other, _none_place, _none_trade,
)  # fmt: skip


def _digits(dice: random.Random, phone: str) -> str:
    """A number as people type it."""
    if phone[0] == "1":
        parts = (phone[:3], phone[3:7], phone[7:])
        return dice.choice((" ".join(parts), "-".join(parts), f"+86 {phone}", f"0086{phone}", f"86-{phone}", f"（{phone}）", f"手机：{phone}", f"0{phone}",
                            "".join(chr(ord(d) + 0xFEE0) for d in phone)))  # fmt: skip
    area, number = phone.split("-")
    return dice.choice(
        (
            f"({area}){number}",
            f"{area} {number[:4]} {number[4:]}",
            f"{area}{number}",
            f"+86-{area[1:]}-{number}",
            f"{area}-{number}转801",
            f"{area}－{number} ext. 12",
        )
    )


_KEYS: tuple[Make, ...] = (
    lambda a, c: Question("phone", "same", Query(phones=(_digits(a._dice, c.phone),)), (c.id,)) if c.phone else None,
    lambda a, c: Question("email", "same", Query(emails=(f" {c.email.upper()} ",)), (c.id,)) if c.email else None,
    lambda a, c: Question("uscc", "same", Query(uscc=f"{c.uscc[:6]} {c.uscc[6:].lower()}"), (c.id,)) if c.uscc else None,
    lambda a, c: Question("domain", "likely", Query(emails=(f"new.person@{c.email.split('@')[1]}",)), (c.id,)) if c.email and c.email.split("@")[1] not in FREE_HOSTS else None,
    lambda a, c: Question("none_free_mail", "none", Query(emails=(f"nobody.{c.id}@{a._dice.choice(FREE_HOSTS)}",))),
    lambda a, c: Question("none_phone", "none", Query(phones=(f"199{c.id[1:]}{a._dice.randrange(10)}",))),
    lambda a, c: Question("none_other_code", "none", Query(name=c.name, uscc=(b := "91330000" + c.id[1:].rjust(9, "M")) + check_digit(b))) if c.uscc and len(a._names[c.name]) == 1 and len(a._by_brand[c.brand]) == 1 else None,
)  # fmt: skip


def _sentence(kind: str, said: Callable[[Asker, Company], Question | None]) -> Make:
    def make(a: Asker, c: Company) -> Question | None:
        q = said(a, c)
        if q is None or not isinstance(q.query, Query):
            return None
        return Question(kind, q.label, a._dice.choice(_TALK).format(q.query.name), q.right)

    return make


def _full(a: Asker, c: Company) -> Question | None:
    same = a._names[c.name]
    return (
        Question("full", "same", Query(name=c.name), (c.id,))
        if len(same) == 1 and not [o for o in a._by_brand[c.brand] if o.id != c.id and o.trade == c.trade]
        else None
    )


_SENTENCES: tuple[Make, ...] = (
    _sentence("in_full", _full),
    _sentence("in_short", _short),
    _sentence("in_stem", _stem),
    _sentence("in_homophone", _typo("homophone", _homophone, "brand")),
    _sentence("in_none", _one_other),
    lambda a, c: Question("in_nobody", "none", a._dice.choice(_NO_COMPANY)),
)
