"""How Chinese characters sound: every reading, without tones, and one stand-in character per loose syllable."""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_MERGE = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_USUAL = (
    "厦xia 长chang 重zhong 行hang 乐le 朝chao 都du 单dan 石shi 会hui 佛fo 莞guan 台tai 沈shen 车che 奇qi 调tiao 传chuan 得de 地di 大da 藏zang 发fa 干gan "
    "合he 和he 华hua 六liu 蚌beng 亳bo 济ji 番pan 荥xing 涡guo 任ren 盛sheng 数shu 曲qu 量liang 缝feng 角jiao 降jiang 校xiao 贾jia 查cha 曾zeng 翟zhai"
)
_FIRST = {entry[0]: entry[1:] for entry in _USUAL.split()}
"""Characters of several readings, and the one that company names mostly mean."""
_SOUND = re.compile(r"[bpmfdtnlgkhjqxrzcsyw]?h?[aeiouv]+(?:ng|n|r)?")
_STAND_IN = 0xE000


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Character → its toneless syllables, the one usual in company names first (ü is written v)."""
    spec = importlib.util.find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package pypinyin is missing")
    path = Path(spec.submodule_search_locations[0]) / "pinyin_dict.json"
    table: dict[str, tuple[str, ...]] = {}
    plain: dict[str, str] = {}
    for code, said in json.loads(path.read_text("utf-8")).items():
        if not 0x4E00 <= int(code) <= 0x9FFF:
            continue
        sounds = []
        for toned in said.split(","):
            if toned not in plain:
                plain[toned] = _toneless(toned)
            sounds.append(plain[toned])
        char = chr(int(code))
        if char in _FIRST:
            sounds.insert(0, _FIRST[char])
        table[char] = tuple(dict.fromkeys(s for s in sounds if _SOUND.fullmatch(s)))
    return {char: sounds for char, sounds in table.items() if sounds}


def _toneless(toned: str) -> str:
    split = unicodedata.normalize("NFD", toned.replace("ü", "v"))
    return "".join(c for c in split.replace("u\u0308", "v") if not unicodedata.combining(c))


@cache
def loose(syllable: str) -> str:
    """The syllable with the pairs merged that many speakers do not tell apart (zh/z, n/l, in/ing, lü/lu)."""
    for long, short in _MERGE:
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    if syllable[:1] == "n" and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return syllable.replace("v", "u")


@cache
def _stand_ins() -> dict[str, str]:
    """Loose syllable → the private-use character that stands for it."""
    every = sorted({loose(s) for sounds in readings().values() for s in sounds})
    return {syllable: chr(_STAND_IN + number) for number, syllable in enumerate(every)}


@cache
def _table() -> dict[int, str]:
    stand = _stand_ins()
    return {ord(char): stand[loose(sounds[0])] for char, sounds in readings().items()}


def sounding(text: str) -> str:
    """The text with every Chinese character replaced by the stand-in of its sound; same length."""
    return text.translate(_table())


def stand_in(syllable: str) -> str:
    """The stand-in character of a syllable; "" for what is none."""
    return _stand_ins().get(loose(syllable), "")


@lru_cache(maxsize=1 << 14)
def alike(one: str, other: str) -> int:
    """How two characters sound: 2 the same syllable in a usual reading, 1 the same loose syllable, 0 different."""
    table = readings()
    a, b = table.get(one, ())[:2], table.get(other, ())[:2]
    if not a or not b:
        return 0
    if a[0] in b or b[0] in a:
        return 2
    return 1 if loose(a[0]) == loose(b[0]) else 0


@cache
def syllables() -> frozenset[str]:
    """Every syllable of Mandarin."""
    return frozenset(s for sounds in readings().values() for s in sounds)


@lru_cache(maxsize=1 << 12)
def spell(word: str) -> tuple[str, ...]:
    """A Latin word read as pinyin, in as few syllables as possible; () when it is none."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    known = syllables()
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and word[start:end] in known:
                now = (*before, word[start:end])
                held = best[end]
                if held is None or len(now) < len(held):
                    best[end] = now
    return best[-1] or ()
