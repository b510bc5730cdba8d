"""Files that a card brings along are made when it leaves, not when it is written: charts, off the loop.

A card names such a file by a recipe instead of a path (`recipe("chart", {...})`). The recipe holds all that is needed, so the
letter is small, survives a restart, and what is drawn is what was known when the card was written. A file that can't be made
is left out and the card says so; the text of a card alone is always enough (contract.md section 4).
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.cards import Card, Text
from bot.sheets.handout import handout

log = logging.getLogger(__name__)
PREFIX = "make:"
REMEMBERED = 200
"""Recipes whose file is known; the files themselves are cleared away by `handout`."""

Maker = Callable[[Mapping[str, object], Path], Awaitable[None]]
"""Writes what a recipe describes to a path."""


def recipe(kind: str, what: Mapping[str, object]) -> str:
    """The path of a file that is still to be made."""
    return PREFIX + json.dumps({"kind": kind, **what}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Handouts:
    """Makes the files of a card; the same recipe is made once, a retried letter finds it there."""

    def __init__(self, makers: Mapping[str, Maker]) -> None:
        self._makers = makers
        self._made: OrderedDict[str, str] = OrderedDict()

    async def ready(self, card: Card) -> Card:
        """The card with paths where it had recipes."""
        if not any(path.startswith(PREFIX) for _, path in card.files):
            return card
        files, lost = [], []
        for name, path in card.files:
            try:
                files.append((name, await self._make(name, path) if path.startswith(PREFIX) else path))
            except Exception:  # the text goes out all the same
                log.exception("file %s could not be made", name)
                lost.append(Text(f"文件“{name}”没有生成成功，文字内容完整，可以稍后再要一次。"))
        return replace(card, files=tuple(files), blocks=(*card.blocks, *lost))

    async def _make(self, name: str, path: str) -> str:
        """The path of the file a recipe describes; a letter that is tried again finds the one made before."""
        before = self._made.get(path)
        if before is not None and await asyncio.to_thread(Path(before).exists):
            return before
        out = await asyncio.to_thread(handout, name)
        what = json.loads(path.removeprefix(PREFIX))
        await self._makers[str(what["kind"])](what, out)
        self._made[path] = str(out)
        while len(self._made) > REMEMBERED:
            self._made.popitem(last=False)
        return str(out)


def makers() -> dict[str, Maker]:
    """What can be made, by kind; each imports what it needs when it is first asked for."""

    async def chart(what: Mapping[str, object], path: Path) -> None:
        from bot.charts import make

        await make(what, path)

    return {"chart": chart}
