"""Imports from the browser: upload, preview, confirm, progress, result file. The engine is the chat's own (bot/sheets)."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import App
from bot.sheets import importer
from bot.sheets.handout import handout
from bot.sheets.read import ENDINGS, SheetError
from bot.sheets.rows import Prepared, prepare
from domain.model import Member
from domain.refusal import Refusal

log = logging.getLogger(__name__)
MAX_BYTES = 20 * 2**20
KEPT = 40
"""Uploads remembered; the oldest goes first."""
SHOWN = 12


@dataclass
class Run:
    """One file of one member."""

    id: str
    member: Member
    name: str
    prepared: Prepared
    expected: str
    troubles: list[str]
    total: int
    done: int = 0
    started: bool = False
    finished: str = ""
    failed: str = ""
    result: Path | None = None
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)


class Imports:
    """The files that came in through this process."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def get(self, id_: str, member: Member) -> Run | None:
        """A run of this member's own."""
        run = self._runs.get(id_)
        return run if run and run.member.id == member.id else None

    async def read(self, app: App, member: Member, name: str, content: bytes) -> Run:
        """Read a file and say what entering it would come to. Raises SheetError for one that can't be used."""
        name = Path(name).name[:80] or "文件.xlsx"
        if Path(name).suffix.lower() not in ENDINGS:
            raise SheetError("只能导入 .xlsx 和 .csv 文件")
        path = await asyncio.to_thread(handout, name)
        await asyncio.to_thread(path.write_bytes, content)
        prepared = await asyncio.to_thread(prepare, path, app.clock.now())
        results = await importer.guess(app, member, prepared)
        order = sorted(zip(prepared.rows, results, strict=True), key=lambda p: p[1].state != "error")
        bad = [(row, r) for row, r in order if r.state != "ok"]
        troubles = [f"第 {row.number} 行 {importer.STATES[r.state]}：{r.reason}"[:140] for row, r in bad[:SHOWN]]
        if len(bad) > SHOWN:
            troubles.append(f"……共 {len(bad)} 行")
        run = Run(secrets.token_urlsafe(12), member, name, prepared, str(importer.totals(results)), troubles, len(prepared.rows))
        self._runs[run.id] = run
        while len(self._runs) > KEPT:
            self._runs.popitem(last=False)
        return run

    def start(self, app: App, run: Run) -> None:
        """Enter it, once, beside everything else."""
        if not run.started:
            run.started = True
            run.task = asyncio.create_task(self._enter(app, run))

    async def _enter(self, app: App, run: Run) -> None:
        def tell(n: int) -> None:
            run.done += n

        try:
            results = await importer.Importer(app, run.member, run.prepared).run(tell)
            out = await asyncio.to_thread(handout, importer.result_name(run.name))
            await asyncio.to_thread(importer.write_results, out, run.prepared, results)
            run.result, run.done, run.finished = out, run.total, str(importer.totals(results))
        except Refusal as e:
            run.failed = e.text
        except Exception:
            log.exception("import %s failed", run.id)
            run.failed = "导入中断了，已写入的行不会丢；请重新上传同一个文件，已有的行不会重复。"
