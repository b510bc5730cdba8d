"""Patterns that are compiled when they are first needed, so that importing the grammar stays cheap."""

from __future__ import annotations

import re
from collections.abc import Callable


class Pattern:
    """A regular expression matched at a position; after the first match the call goes straight to the compiled one."""

    __slots__ = ("match", "source")

    match: Callable[[str, int], re.Match[str] | None]

    def __init__(self, source: str) -> None:
        self.source = source
        self.match = self._first

    def _first(self, text: str, at: int) -> re.Match[str] | None:
        self.match = re.compile(self.source).match
        return self.match(text, at)
