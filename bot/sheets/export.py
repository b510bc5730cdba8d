"""Writing a table to a file beside the bot's work: read in pages, written in a process of its own when it is long."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.sheets.importer import SYSTEM
from bot.sheets.offload import in_process
from bot.sheets.read import SheetError
from bot.sheets.tables import Exported, Filter, Tables
from bot.sheets.write import Value, write
from bot.web.look import note_reads, reading_turn
from domain.model import Member

XLSX_ROWS = 1_048_575
"""A sheet holds so many rows beneath its headers (Excel's limit)."""
INLINE_ROWS = 1500


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
        if not page.next:
            read: dict[str, object] = {"action": "data.export", "object": table.name, "fields": headers, "rows": len(rows)}
            await note_reads(app, member, source, [("audit.read", read)])
            return headers, rows
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
        raise SheetError("文件名要以 .xlsx 或 .csv 结尾")
    headers, rows = await gather(app, tables[what], SYSTEM, Filter(), "cli")
    if path.suffix.lower() == ".xlsx" and len(rows) > XLSX_ROWS:
        raise SheetError(f"{len(rows)} 行超过 Excel 一张表的 {XLSX_ROWS} 行，请导出为 .csv")
    try:
        await save(path, tables[what].name, headers, rows)
    except OSError as e:
        raise SheetError(str(e.strerror)) from None
    return len(rows)
