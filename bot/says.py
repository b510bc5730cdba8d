"""Canonical sentences: what a button says, readable, short, and understood without guessing.

`/visit.settle draft=d17 how=anyway` — a command's name and its slots. Spaces, % and = inside a value are percent-encoded, so
`read(write(…))` gives the same command back (house rule 7). Typed by hand it means the same and is checked the same.
"""

import re
from urllib.parse import unquote

from nlp.said import Said

_UNSAFE = re.compile(r"[\s%=]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What a database can't hold; percent-encoded by hand it would get past bot/fit.py."""
_FORM = re.compile(r"/[a-z_]+(?:\.[a-z_]+)*(?: [a-z_]+=\S*)*\Z")


def write(command: str, **slots: object) -> str:
    """The canonical sentence of a command; None and "" are left out, True is 1."""
    parts = ["/" + command]
    for name, value in slots.items():
        if value is None or value == "" or value is False:
            continue
        text = "1" if value is True else str(value)
        parts.append(f"{name}={_UNSAFE.sub(lambda m: f'%{ord(m[0]):02X}', text)}")
    return " ".join(parts)


def read(text: str) -> Said | None:
    """The command a canonical sentence says (all slots as text), or None when it is no canonical sentence."""
    if not text.startswith("/") or not _FORM.match(text):
        return None
    name, *pairs = text[1:].split(" ")
    slots = {k: _CONTROL.sub("", unquote(v)) for k, _, v in (p.partition("=") for p in pairs)}
    return Said(name, slots, text=text, why=("按下了按钮",))
