"""Writing a table to a file beside the bot's work: read in pages, written in a process of its own when it is long."""

import asyncio
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.sheets.importer import SYSTEM
from bot.sheets.offload import in_process
from bot.sheets.read import SheetError
from bot.sheets.tables import Exported, Filter, Tables
from bot.sheets.write import Value, write
from bot.web.look import reading_turn
from domain.model import Member

MOST = 200_000
INLINE_ROWS = 1500
KEEP_S = 7 * 86_400
"""Files handed out are kept so long: a messenger may be down for a while."""


async def gather(
    app: App, table: Exported, member: Member, wanted: Filter, source: str
) -> tuple[list[str], list[Sequence[Value]]]:
    """The headers and all rows this member may see; other work has its turn after every page."""
    headers = await app.store.read(lambda tx: table.headers(reading_turn(app, tx, member, source)))
    rows: list[Sequence[Value]] = []
    place = ""
    while True:
        at = place
        page = await app.store.read(lambda tx: table.page(reading_turn(app, tx, member, source), wanted, at))  # noqa: B023 - awaited at once
        rows += page.rows
        if not page.next or len(rows) >= MOST:
            return headers, rows[:MOST]
        place = page.next


async def save(path: Path, name: str, headers: list[str], rows: list[Sequence[Value]]) -> None:
    """Write one table, off the loop."""
    sheets = [(name, headers, rows)]
    if len(rows) > INLINE_ROWS:
        await in_process(write, path, sheets)
    else:
        await asyncio.to_thread(write, path, sheets)


async def run(app: App, tables: Tables, what: str, path: Path) -> int:
    """`main.py export`: everything; how many rows. Raises SheetError for a file that can't be written."""
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise SheetError(f"{path.name}：文件名要以 .xlsx 或 .csv 结尾")
    headers, rows = await gather(app, tables[what], SYSTEM, Filter(), "cli")
    try:
        await save(path, tables[what].name, headers, rows)
    except OSError as e:
        raise SheetError(f"{path}: {e.strerror}") from None
    return len(rows)


# ---------------------------------------------------------------------- files for people
def handout(name: str) -> Path:
    """A path for a file that is handed out, in a folder nobody can guess; old ones are cleared away."""
    root = _root()
    _clear(root)
    folder = root / secrets.token_urlsafe(9)
    folder.mkdir(parents=True, mode=0o700)
    return folder / name


def _root() -> Path:
    """VISITBOT_FILES, else data/files beside the data folder, else the machine's temporary folder."""
    if given := os.environ.get("VISITBOT_FILES"):
        return Path(given)
    if Path("data").is_dir() and os.access("data", os.W_OK):
        return Path("data/files").absolute()
    return Path(tempfile.gettempdir()) / f"visitbot-files-{os.getuid()}"


def _clear(root: Path) -> None:
    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            if folder.stat().st_mtime < time.time() - KEEP_S:
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
