"""English and pinyin names beside Chinese ones: Ningbo BaoSi Energy Equipment Co., Ltd. is 宁波鲍斯能源装备股份有限公司."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from domain.matching.parts import Parts, Token
from domain.matching.sounds import loose, readings, spell

_DATA = Path(__file__).parent / "data"
_NEVER = 99.0
_PLACE = {"hongkong": "香港", "hk": "香港", "macau": "澳门", "macao": "澳门", "tibet": "西藏", "shaanxi": "陕西", "innermongolia": "内蒙古", "xizang": "西藏",
          "hohhot": "呼和浩特", "urumqi": "乌鲁木齐", "harbin": "哈尔滨", "lhasa": "拉萨", "amoy": "厦门", "canton": "广州", "peking": "北京", "tsingtao": "青岛"}  # fmt: skip


@cache
def english() -> dict[str, tuple[str, ...]]:
    """English word → what stands for it in Chinese names; () for a word that tells nothing."""
    table: dict[str, tuple[str, ...]] = {}
    for line in (_DATA / "english.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            word, _, meant = line.partition("=")
            table[word] = tuple(w for w in meant.split() if w != "*")
    for word, name in _PLACE.items():
        table[word] = (name,)
    return table


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those that tell nothing (Co., Ltd., of …)."""
    table = english()
    return tuple(w for w in words if table.get(w, ("",)) != ())


def same_words(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How far two Latin names are the same words: 1 for all, 0 for different ones."""
    a, b = telling(one), telling(other)
    if not a or not b:
        return 0.0
    if "".join(a) == "".join(b):
        return 1.0
    short, long = sorted((a, b), key=len)
    if long[: len(short)] == short and len("".join(short)) > 3:
        return 0.8
    common = len(set(a) & set(b))
    return common / max(len(set(a)), len(set(b))) if a[0] == b[0] else 0.0


@lru_cache(maxsize=1 << 13)
def reads_as(words: tuple[str, ...], name: Parts) -> float:
    """What it costs to read Latin words as a Chinese name (0 = every word is the sound or the sense of what stands there)."""
    tokens = [token for token in name.tokens if token.kind in "PBTG"]
    orders = [tokens]
    if tokens and tokens[0].kind != "P" and any(token.kind == "P" for token in tokens):
        orders += [
            sorted(tokens, key=lambda token: token.kind != "P"),
            sorted(tokens, key=lambda token: "BP".find(token.kind) % 3),
        ]
    return min(_read(words, order, bool(name.brand)) for order in orders)


def _read(words: tuple[str, ...], tokens: list[Token], branded: bool) -> float:
    text = "".join(token.text for token in tokens)
    price = _prices(tokens, branded)
    costs: dict[int, float] = {0: 0.0}
    words = telling(words)
    for word in words:
        after: dict[int, float] = {}
        for at, cost in costs.items():
            _offer(after, at, cost + _left_out(word))
            skipped = cost
            for start in range(at, len(text)):
                for end, extra in _fits(word, text, start):
                    _offer(after, end, skipped + extra)
                skipped += price[start]
                if skipped > 2.5:
                    break
        costs = {at: cost for at, cost in after.items() if cost <= 2.5}
    return min((cost + sum(price[at:]) for at, cost in costs.items()), default=_NEVER)


def _offer(table: dict[int, float], at: int, cost: float) -> None:
    if cost < table.get(at, _NEVER):
        table[at] = cost


def _prices(tokens: list[Token], branded: bool) -> list[float]:
    """What it costs to leave a character of the name unsaid."""
    per: list[float] = []
    for token in tokens:
        if token.kind == "P":
            per += [0.12 / len(token.text)] * len(token.text)
        elif token.kind == "B":
            per += [0.9] * len(token.text)
        elif token.kind == "T":
            per += [(0.25 if branded else 0.6) / len(token.text)] * len(token.text)
        elif token.kind == "G":
            per += [0.0] * len(token.text)
    return per


def _left_out(word: str) -> float:
    """What it costs that a word stands for nothing in the name."""
    meant = english().get(word)
    if meant is None:
        return 1.5
    return 0.05 if set(meant) & {"集团", "控股"} else 0.3


def _fits(word: str, text: str, start: int) -> list[tuple[int, float]]:
    """Where in the text the word may end when it begins at `start`, and what that costs."""
    found = [(start + len(meant), 0.0) for meant in english().get(word, ()) if text.startswith(meant, start)]
    found += _spelt(word, text, start)
    return found


def _spelt(word: str, text: str, start: int) -> list[tuple[int, float]]:
    """The word as the sound of the characters from `start` on."""
    table = readings()
    states = {0: 0.0}
    for at in range(start, min(len(text), start + 9)):
        after: dict[int, float] = {}
        char = text[at]
        for done, cost in states.items():
            for said in table.get(char, (char,)):
                for form, extra in _forms(said):
                    if word.startswith(form, done):
                        _offer(after, done + len(form), cost + extra)
        if len(word) in after:
            return [(at + 1, after[len(word)])]
        if not after:
            break
        states = after
    return []


@cache
def _forms(said: str) -> tuple[tuple[str, float], ...]:
    """How a syllable is written: as it is, with u or yu for ü, and as ears take it."""
    forms = {said: 0.0}
    if "v" in said:
        for form in (said.replace("v", "u"), said.replace("v", "yu"), said.replace("v", "ue") if said.endswith("ve") else said):
            forms.setdefault(form, 0.0)
    forms.setdefault(loose(said), 0.25)
    return tuple(forms.items())


@lru_cache(maxsize=1 << 12)
def spoken(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What a Latin name may sound like, for finding it: runs of syllables and of the Chinese words that translate it."""
    runs: list[tuple[str, ...]] = []
    current: list[str] = []
    for word in telling(words):
        meant = english().get(word, ())
        if meant:
            runs.append(tuple(current))
            current = []
            runs += [tuple(readings().get(char, (char,))[0] for char in sense) for sense in meant]
            if not spell(word):
                continue
        current += spell(word)
    runs.append(tuple(current))
    return tuple(run for run in runs if len(run) > 1)
