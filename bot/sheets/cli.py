"""`main.py import FILE`: read, compare, enter, with a bar; the result file beside the input."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from bot.app import App
from bot.sheets import importer
from bot.sheets.rows import Prepared, prepare

CHUNK = 200
"""The bot runs elsewhere: bigger transactions than inside it."""


@contextmanager
def bar(console: Console) -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """`begin(what, how many)` gives a function that moves the bar on; nothing is drawn where nobody looks."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:

        def begin(what: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(what, total=total)
            return lambda n: progress.update(task, advance=n)

        yield begin


async def run(app: App, path: Path, now: datetime, *, dry_run: bool, say: Callable[[str], None]) -> importer.Totals:
    """Import a file as the system itself. Raises SheetError when the file can't be used; bad rows stand in the result file."""
    with bar(Console(file=sys.stderr)) as begin:
        prepared = await asyncio.to_thread(prepare, path, now)
        for line in prepared.summary():
            say(line)
        cores = os.cpu_count() or 1
        if dry_run:
            _tell_errors(prepared, say)
            customers = sum(1 for r in prepared.rows if r.kind == "customers" and not r.error)
            guessed = await importer.guess(app, importer.SYSTEM, prepared, cores, begin("查重", customers))
            found = importer.totals(guessed)
            say(f"试运行，没有写入：预计{found}（疑似也算重复）")
            return found
        work = importer.Importer(app, importer.SYSTEM, prepared, chunk=CHUNK, processes=cores)
        results = await work.run(begin("导入", len(prepared.rows)))
    out = path.with_name(importer.result_name(path.name))
    await asyncio.to_thread(importer.write_results, out, prepared, results)
    found = importer.totals(results)
    say(str(found))
    say(f"结果文件：{out}")
    return found


def _tell_errors(prepared: Prepared, say: Callable[[str], None]) -> None:
    bad = [r for r in prepared.rows if r.error]
    for row in bad[:20]:
        say(f"「{row.sheet}」第 {row.number} 行：{row.error}")
    if len(bad) > 20:
        say(f"……共 {len(bad)} 行有错误")
