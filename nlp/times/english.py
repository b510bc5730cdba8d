"""The English words that offices mix in: next Tuesday, tomorrow, tonight, pm 3点."""

from __future__ import annotations

from nlp.times.lazy import Pattern
from nlp.times.values import Token

_DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_WORD = Pattern(
    r"(?:(?P<rel>next|this|last)\s+)?(?P<wday>mon|tues?|wednes|thurs?|fri|satur|sun)day(?![a-z])"
    r"|(?P<abbr>mon|tue|wed|thu|fri|sat|sun)\.?\s+(?=\d{1,2}(?:[:点]|\s?[ap]m))"
    r"|(?P<to>next|this|last)\s+(?P<unit>week|month)(?![a-z])"
    r"|(?P<day>the day after tomorrow|day after tomorrow|today|tonight|tomorrow|tmr|tmrw|yesterday)(?![a-z])"
    r"|(?:(?:in the|this)\s+)?(?P<part>morning|afternoon|evening|noon)(?![a-z])"
    r"|(?P<half>[ap])\.?m\.?\s?(?=\d{1,2}(?:[点时:]|\s|$)|[一二两三四五六七八九十]{1,2}点)"
)
_OFFSET = {"last": -1, "this": 0, "next": 1, "today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "tmr": 1, "tmrw": 1}
_PARTS = {"morning": "上午", "afternoon": "下午", "evening": "晚上", "noon": "中午", "a": "上午", "p": "下午"}


def english(s: str, at: int, out: list[Token]) -> int:
    """Read an English word for a day, a week, a month or a part of day; `at` when there is none."""
    if at and s[at - 1].isascii() and s[at - 1].isalnum():
        return at
    m = _WORD.match(s, at)
    if m is None:
        return at
    end = m.end()
    if m["wday"]:
        rel = m["rel"]
        out.append(Token("wday", at, end, _DAYS[m["wday"][:3]], _OFFSET[rel] if rel else 0, 1 if rel else 0))
    elif m["abbr"]:
        out.append(Token("wday", at, end, _DAYS[m["abbr"]], 0, 0))
    elif m["unit"] == "week":
        out.append(Token("wday", at, end, 0, _OFFSET[m["to"]], 1))
    elif m["unit"]:
        out.append(Token("rmonth", at, end, _OFFSET[m["to"]]))
    elif m["day"]:
        out.append(Token("rday", at, end, _OFFSET.get(m["day"], 2)))
        if m["day"] == "tonight":
            out.append(Token("part", at, end, name="晚上"))
    else:
        out.append(Token("part", at, end, name=_PARTS[m["part"] or m["half"]]))
    return end


LETTERS = "aidefhlmnpstwy"
"""The first letters of these words."""
