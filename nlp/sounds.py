"""How Chinese names sound: enough pinyin to find a name that speech or a pinyin keyboard spelt wrongly."""

from functools import cache
from pathlib import Path

_MERGE = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def _table() -> dict[str, str]:
    """Character → toneless syllable, for the 6,740 characters of GB 2312."""
    table: dict[str, str] = {}
    for line in (Path(__file__).parent / "syllables.txt").read_text(encoding="utf-8").splitlines():
        syllable, _, characters = line.partition(" ")
        for character in characters:
            table[character] = syllable
    return table


def sound(text: str) -> str:
    """Toneless pinyin run together; characters that have none stand for themselves."""
    table = _table()
    return "".join([table.get(character, character) for character in text]).replace(" ", "")


@cache
def _loose(syllable: str) -> str:
    for long, short in _MERGE:
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if (syllable.endswith("ng") and len(syllable) > 3) or syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    return "l" + syllable[1:] if syllable.startswith("n") and len(syllable) > 1 else syllable


def syllables(text: str) -> list[str]:
    """The loose sound of each character (see `loose`)."""
    table = _table()
    return [_loose(table[character]) if character in table else character for character in text]


def loose(text: str) -> str:
    """Like `sound`, with the pairs merged that many speakers do not tell apart (zh/z, n/l, in/ing …)."""
    return "".join(syllables(text)).replace(" ", "")


def near(one: str, other: str) -> bool:
    """Two single characters with the same loose sound."""
    return loose(one) == loose(other)
