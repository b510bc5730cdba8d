"""Text as people type it, brought to one form: width, script, case, and Chinese numerals."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HAN_DIGITS = "零〇一二两三四五六七八九十百千廿卅"
NUMBER = rf"(?:\d+(?:[.,]\d+)*|[{HAN_DIGITS}俩仨半])[\d.{HAN_DIGITS}个万亿wk半]*"
"""Regex fragment: a run that `number` may be asked about (Arabic, Chinese or mixed, after `fold`)."""

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3, "幺": 1}
_UNIT = {"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_TENS = {"廿": 20, "卅": 30}
_PIECE = re.compile(r"\d+(?:\.\d+)?|.")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, when its length changed, the original index of each of its characters."""

    text: str
    offsets: tuple[int, ...] | None
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a span of the folded text into one of the original text."""
        if self.offsets is None:
            return start, end
        if start >= end:
            at = self.offsets[start] if start < len(self.offsets) else self.length
            return at, at
        last = self.offsets[end - 1]
        after = next((o for o in self.offsets[end:] if o > last), self.length)
        return self.offsets[start], after


@lru_cache(maxsize=1)
def _table() -> dict[int, int | None]:
    """Traditional to simplified (OpenCC's character table), full width to ASCII, upper to lower case."""
    table: dict[int, int | None] = dict.fromkeys(map(ord, _INVISIBLE))
    spec = importlib.util.find_spec("opencc")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package opencc-python-reimplemented is missing")
    with open(f"{spec.submodule_search_locations[0]}/dictionary/TSCharacters.txt", encoding="utf-8") as lines:
        for line in lines:
            old, _, new = line.partition("\t")
            if old != new[:1]:
                table[ord(old)] = ord(new[0])
    table.update({code + 0xFEE0: code for code in range(0x21, 0x7F)})
    table.update({ord(c) + shift: ord(c.lower()) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for shift in (0, 0xFEE0)})
    table[0x3000] = table[0xA0] = 0x20
    return table


def fold(text: str) -> Folded:
    """Bring a text to NFKC, simplified characters and lower case; spans can be mapped back to the original."""
    if text.isascii():
        return Folded(text.lower(), None, len(text))
    table = _table()
    plain = text.translate(table)
    if len(plain) == len(text) and unicodedata.is_normalized("NFKC", plain):
        return Folded(plain, None, len(text))
    pieces: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(text):
        piece = unicodedata.normalize("NFKC", char).translate(table)
        pieces.append(piece)
        offsets.extend([index] * len(piece))
    return Folded("".join(pieces), tuple(offsets), len(text))


def _write_small(value: int) -> str:
    tens, ones = divmod(value, 10)
    if not tens:
        return "零一二三四五六七八九"[ones]
    return ("" if tens == 1 else "零一二三四五六七八九"[tens]) + "十" + ("零一二三四五六七八九"[ones] if ones else "")


def _small_numbers() -> dict[str, int]:
    table = {_write_small(n): n for n in range(100)}
    table |= {str(n): n for n in range(100)} | {f"0{n}": n for n in range(10)}
    for n in range(10):
        table[f"零{_write_small(n)}"] = table[f"〇{_write_small(n)}"] = n
        table["一" + _write_small(10 + n)] = 10 + n
    for sign, base in _TENS.items():
        table |= {sign + (_write_small(n) if n else ""): base + n for n in range(10)}
    return table | {"〇": 0, "两": 2}


SMALL: dict[str, int] = _small_numbers()
"""Every usual way to write 0 to 99, for callers that cannot afford a parse."""


def integer(text: str) -> int | None:
    """Read a folded whole number, Arabic or Chinese; None when it is not one."""
    value = SMALL.get(text)
    if value is not None:
        return value
    exact = number(text)
    return int(exact) if exact is not None and exact == int(exact) else None


def number(text: str) -> float | None:
    """Read a folded number such as 15, 十五, 二零二六, 1.5, 3万5, 20w, 五十万, 1.5个亿, 两千三, 半; None when it is not one."""
    text = text.strip().replace(",", "")
    small = SMALL.get(text)
    if small is not None:
        return float(small)
    if not text or len(text) > 24:
        return None
    whole, point, tail = text.partition("点")
    if point:
        left, right = number(whole), _sequence(tail)
        return None if left is None or right is None else left + float(f"0.{right}")
    if text == "半":
        return 0.5
    if text.endswith("个半"):
        left = number(text[:-2]) if len(text) > 2 else 1.0
        return None if left is None else left + 0.5
    digits = _sequence(text) if len(text) > 1 else None
    return float(digits) if digits is not None else _compose(text)


def _sequence(text: str) -> str | None:
    """Digits said one by one, as in a year or after a decimal point."""
    read = [_DIGIT.get(c, -1) if not c.isascii() else int(c) if c.isdigit() else -1 for c in text]
    return "".join(map(str, read)) if read and -1 not in read else None


def _compose(text: str) -> float | None:
    """Digits with 十 百 千 万 亿; a last digit right after a unit counts tenths of it (3万5, 两千三)."""
    total = section = 0.0
    held: float | None = None
    unit = 1
    for piece in _PIECE.findall(text):
        if piece[0].isascii() and piece[0].isdigit():
            value: float | None = float(piece)
        else:
            value = _DIGIT.get(piece)
        if value is not None:
            if held is not None and held != 0:
                return None
            held = value
            unit = 1 if piece in "零〇" else unit
        elif piece in _TENS:
            section, unit = section + _TENS[piece], 1
        elif piece in _UNIT:
            unit = _UNIT[piece]
            if unit >= 10_000:
                whole = section + (held or 0)
                if not whole and not total:
                    return None
                total = (total + whole) * unit if unit > 10_000 else total + whole * unit
                section, held = 0.0, None
            else:
                section, held = section + (1 if held is None else held) * unit, None
        elif piece != "个":
            return None
    if held is not None and unit > 10 and held < 10 and held == int(held):
        held *= unit / 10
    return total + section + (held or 0)
