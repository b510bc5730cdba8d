"""What comes from outside, made fit to be kept: no bytes a database or an output line can't hold, no endless ids."""

import hashlib
import re
from dataclasses import replace
from typing import Any

from bot.message import Message

MAX_ID = 128
"""Longer ids of a platform are kept as their hash."""
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What a database column or an output line cannot hold; no messenger shows it either."""
_TEXTS = ("text", "voice", "click", "image", "file", "quoted")
_IDS = ("sender", "key", "group")


def fit(message: Message) -> Message:
    """The message without characters that can't be stored, and with ids of a length that can (contract.md, promise 6)."""
    texts: dict[str, Any] = {
        name: _UNFIT.sub("", value) for name in _TEXTS if (value := getattr(message, name)) and _UNFIT.search(value)
    }
    ids: dict[str, Any] = {name: short for name in _IDS if (short := _id(value := getattr(message, name))) != value}
    if not (texts or ids or message.values):
        return message
    values = {k: _UNFIT.sub("", v) if isinstance(v, str) else v for k, v in message.values.items() if k.isidentifier()}
    return replace(message, **texts, **ids, values=values)


def _id(value: str) -> str:
    if len(value) <= MAX_ID and not _UNFIT.search(value):
        return value
    return "x" + hashlib.sha1(value.encode("utf-8", "replace")).hexdigest()
