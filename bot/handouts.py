"""Files that a card brings along are made when it leaves, not when it is written: charts, off the loop.

A card names such a file by a recipe instead of a path (`recipe("chart", {...})`). The recipe holds all that is needed, so the
letter is small, survives a restart, and what is drawn is what was known when the card was written. A file that can't be made
is left out and the card says so; the text of a card alone is always enough (contract.md section 4).
"""

import hashlib
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.cards import Card, Text

log = logging.getLogger(__name__)
PREFIX = "make:"
KEPT_S = 7 * 24 * 3600
"""Made files stay a week: long enough for every retry, short enough not to pile up."""

Maker = Callable[[Mapping[str, object], Path], Awaitable[None]]
"""Writes what a recipe describes to a path."""


def recipe(kind: str, what: Mapping[str, object]) -> str:
    """The path of a file that is still to be made."""
    return PREFIX + json.dumps({"kind": kind, **what}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Handouts:
    """Makes the files of a card in a folder; the same recipe is made once, a retried letter finds it there."""

    def __init__(self, makers: Mapping[str, Maker], folder: Path | None = None) -> None:
        self._makers, self._kept = makers, folder

    @property
    def _folder(self) -> Path:
        """The folder given, or one of its own under the machine's temporary files, made when first needed."""
        if self._kept is None:
            self._kept = Path(tempfile.mkdtemp(prefix="visitbot-files-"))
        return self._kept

    async def ready(self, card: Card) -> Card:
        """The card with paths where it had recipes."""
        if not any(path.startswith(PREFIX) for _, path in card.files):
            return card
        files, lost = [], []
        for name, path in card.files:
            try:
                files.append((name, await self._made(name, path) if path.startswith(PREFIX) else path))
            except Exception:  # the text goes out all the same
                log.exception("file %s could not be made", name)
                lost.append(Text(f"文件“{name}”没有生成成功，文字内容完整，可以稍后再要一次。"))
        return replace(card, files=tuple(files), blocks=(*card.blocks, *lost))

    async def _made(self, name: str, path: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        own = self._folder / hashlib.sha256(path.encode()).hexdigest()[:24]
        out = own / Path(name.replace("/", "_")).name
        if not out.exists():
            own.mkdir(exist_ok=True)
            what = json.loads(path.removeprefix(PREFIX))
            await self._makers[str(what["kind"])](what, out)
        return str(out)

    def _tidy(self) -> None:
        before = time.time() - KEPT_S
        for own in self._folder.iterdir():
            if own.is_dir() and own.stat().st_mtime < before:
                for file in own.iterdir():
                    file.unlink(missing_ok=True)
                own.rmdir()


def makers() -> dict[str, Maker]:
    """What can be made, by kind; each imports what it needs when it is first asked for."""

    async def chart(what: Mapping[str, object], path: Path) -> None:
        from bot.charts import make

        await make(what, path)

    return {"chart": chart}
