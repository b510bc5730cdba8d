"""The keys that belong to one company: telephone numbers, e-mail, its own domain, its credit code (R31, D16)."""

from __future__ import annotations

import re

from domain.text import fold

_FREE = (
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com vip.126.com yeah.net 188.com sina.com sina.cn vip.sina.com sina.com.cn sohu.com "
    "vip.sohu.com tom.com 139.com 189.cn 21cn.com wo.cn 263.net aliyun.com alibaba.com.cn gmail.com googlemail.com outlook.com hotmail.com live.com live.cn "
    "msn.com msn.cn yahoo.com yahoo.com.cn yahoo.cn ymail.com icloud.com me.com mac.com aol.com proton.me protonmail.com mail.com gmx.com "
    "zoho.com yandex.com mail.ru dingtalk.com 2980.com chinaren.com eyou.com hainan.net"
)
FREE_MAIL = frozenset(_FREE.split())
"""Domains where anybody gets an address: they say nothing about a company."""

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_SET = frozenset(_USCC)
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_MISREAD = str.maketrans("OIZS", "0125")
_SPLIT = re.compile(r"[,;/、|\n\t]|(?:或|和|及)")
_DIGITS = re.compile(r"\+?\d(?:[\d\s\-—–().·*]*\d)?")
_EXTENSION = re.compile(r"(?:转|ext\.?|分机|x|#).*$")
_MAIL = re.compile(r"[a-z0-9._%+\-']+@(?:[a-z0-9\-]+\.)+[a-z]{2,}")
_AREA_THREE = ("10", "20", "21", "22", "23", "24", "25", "27", "28", "29")


def phones(text: str) -> tuple[str, ...]:
    """Every number in a text, as digits: a mobile as 11, a landline as 0 + area + number, without +86 and extension."""
    if len(text) == 11 and text.isascii() and text.isdigit() and text[0] == "1" and text[1] in "3456789":
        return (text,)
    found: list[str] = []
    for piece in _SPLIT.split(fold(text).text):
        for run in _DIGITS.findall(_EXTENSION.sub("", piece)):
            found += _numbers(run)
    return tuple(dict.fromkeys(found))


def _numbers(run: str) -> list[str]:
    digits = re.sub(r"\D", "", run)
    if len(digits) >= 22 and " " in run.strip():
        return [number for part in run.split() for number in _numbers(part)]
    number = _national(digits)
    return [number] if 7 <= len(number) <= 15 else []


def _national(digits: str) -> str:
    """Without the country code of China and a trunk zero before a mobile; with the zero before an area code."""
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits and len(rest) >= 9:
            digits = rest.removeprefix("0") if rest.startswith("01") and len(rest) == 12 else rest
            break
    if len(digits) == 12 and digits[0] == "0" and digits[1] == "1" and digits[2] in "3456789":
        return digits[1:]
    mobile = len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"
    if mobile or digits.startswith(("0", "400", "800")) or len(digits) < 9:
        return digits
    area = digits[:2] in _AREA_THREE and len(digits) == 10
    return "0" + digits if area or (digits[0] in "3456789" and len(digits) in (10, 11)) else digits


def emails(text: str) -> tuple[str, ...]:
    """Every address in a text, in lower case."""
    low = text.lower() if text.isascii() else fold(text).text
    if _MAIL.fullmatch(low):
        return (low,)
    return tuple(dict.fromkeys(_MAIL.findall(low.replace("mailto:", ""))))


def domain(email: str) -> str:
    """The company's domain of a normalised address; "" for a free mail service."""
    host = email.rpartition("@")[2]
    if host in FREE_MAIL or host.partition(".")[2] in FREE_MAIL:
        return ""
    return host


def uscc(text: str) -> str:
    """A 统一社会信用代码 (GB 32100-2015) as 18 capitals and digits; "" when the text is none.

    Letters the code never uses (O I Z S) are read as the digits they resemble when the check digit then fits.
    """
    code = text
    if len(code) != 18 or not set(code) <= _USCC_SET:
        code = re.sub(r"[^0-9A-Z]", "", fold(text).text.upper())
    if len(code) != 18:
        return ""
    mended = code.translate(_MISREAD)
    return mended if set(mended) <= _USCC_SET else ""


def uscc_valid(code: str) -> bool:
    """Whether the check digit of a normalised code fits."""
    if len(code) != 18 or not set(code) <= _USCC_SET:
        return False
    total = sum(_USCC.index(char) * weight for char, weight in zip(code, _WEIGHTS, strict=False))
    return _USCC.index(code[17]) == (31 - total % 31) % 31
