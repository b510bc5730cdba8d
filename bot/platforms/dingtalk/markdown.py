"""Chat text for DingTalk's two markdown dialects. Pure; dingtalk.md 3.2 (cards), 4 (messages), trap 11.

Marks are replaced by their full-width twins instead of backslashes: which clients honour a backslash is not documented,
and HTML in a text can blank the whole message on a phone.
"""

import re

CARD_BREAK = "<br>"
"""In a card's markdown a single newline does not break."""
MESSAGE_BREAK = "  \n  "
"""In a message's markdown a newline needs two blanks before and after."""

_LINK = re.compile(r"https?://[!-;=?-~]+")
"""Addresses stay as they are (an underscore replaced would break them); they can't hold < or >."""
_MARKS = str.maketrans("*_[]<>`|\\", "＊＿［］＜＞｀｜＼")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_STRIKE = re.compile(r"~(?=~)|(?<=~)~")
_LEAD = re.compile(r"^(?:([#＃]+)|([-+])(?= |$))")
_RULE = re.compile(r"^(?:-{2,}|=+)$")
_WIDE = {"#": "＃", "-": "－", "+": "＋", "=": "＝"}


def escape(line: str) -> str:
    """One line in which nothing is markdown or HTML any more; people read the same words."""
    line = " ".join(line.split())
    out, at = [], 0
    for link in _LINK.finditer(line):
        out += [_plain(line[at : link.start()]), link.group()]
        at = link.end()
    text = "".join(out) + _plain(line[at:])
    if _RULE.match(text):
        return "".join(_WIDE[c] for c in text)
    return _LEAD.sub(lambda m: "".join(_WIDE.get(c, c) for c in m.group()), text)


def _plain(text: str) -> str:
    return _STRIKE.sub("～", _ENTITY.sub("＆", text.translate(_MARKS)))


def cut(text: str, limit: int) -> str:
    """At most `limit` UTF-8 bytes, whole characters, … when something went."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    return raw[: max(limit - 3, 0)].decode("utf-8", "ignore") + "…"


def size(text: str) -> int:
    """UTF-8 bytes."""
    return len(text.encode())
