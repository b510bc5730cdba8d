"""The errands of tables: reading a file that somebody sent, entering it once it is confirmed, writing one that was asked for."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot import says
from bot.app import App
from bot.cards import Block, Button, Card, Items, Text, Tone
from bot.errands import Do, change, tell
from bot.sheets import export, importer
from bot.sheets.handout import handout
from bot.sheets.offload import in_process
from bot.sheets.read import SheetError
from bot.sheets.rows import Prepared, Result, prepare
from bot.sheets.tables import Filter, Tables
from bot.sheets.write import write
from domain.model import Member
from nlp.said import Said
from storage.errands import Errand

BIG = 200_000
"""Bytes: smaller files are read faster than a process begins."""
BAR_FROM = 2000
STEPS = 4
"""A card that shows how far it is changes so often at most: messengers count."""
SHOWN = 5


def doers(tables: Tables) -> dict[str, Do]:
    """What to do for each kind of errand."""

    async def hand_out(app: App, errand: Errand) -> None:
        await _hand_out(app, errand, tables)

    return {"import.read": _read, "import.enter": _enter, "import.template": _template, "export": hand_out}


async def _member(app: App, id_: str) -> Member:
    found = await app.store.read(lambda tx: tx.people.get(id_))
    if found is None:
        raise LookupError(f"no member {id_}")
    return found


async def _prepared(path: Path, now: datetime) -> Prepared:
    big = await asyncio.to_thread(lambda: path.is_file() and path.stat().st_size > BIG)
    return await (in_process(prepare, path, now) if big else asyncio.to_thread(prepare, path, now))


def _processes() -> int:
    return max(1, (os.cpu_count() or 1) - 1)


# ---------------------------------------------------------------------- in
async def _read(app: App, errand: Errand) -> None:
    """What is in the file and what entering it would come to: shown, and asked about once."""
    path, member = Path(str(errand.data["path"])), await _member(app, errand.who)
    try:
        prepared = await _prepared(path, app.clock.now())
    except SheetError as e:
        await tell(app, errand.who, Card(f"没有导入：{errand.data['name']}", (Text(f"{e}。"),), (), Tone.WARN))
        return
    guessed = await importer.guess(app, member, prepared, _processes())
    slots = {"prepared": prepared, "results": guessed, "path": str(path), "name": errand.data["name"]}
    await app.perform(member, Said("data.preview", slots), "import")


async def _enter(app: App, errand: Errand) -> None:
    """Enter the rows; the asker sees how far it is, and gets every row back with what became of it."""
    path, name, member = Path(str(errand.data["path"])), str(errand.data["name"]), await _member(app, errand.who)
    try:
        prepared = await _prepared(path, app.clock.now())
    except SheetError as e:
        await tell(app, errand.who, Card(f"没有导入：{name}", (Text(f"{e}。"),), (), Tone.WARN))
        return
    bar = _Bar(app, f"errand:{errand.id}", name, len(prepared.rows))
    work = importer.Importer(app, member, prepared, processes=_processes(), errand=errand)
    results = await work.run(bar.on)
    await bar.last
    found = importer.totals(results)
    out = await asyncio.to_thread(handout, importer.result_name(name))
    await _off(len(results), importer.write_results, out, prepared, results)
    await change(app, f"errand:{errand.id}", Card(f"导入完成：{name}", (Text(f"{found}。"),), (), Tone.DONE))
    blocks: tuple[Block, ...] = (
        *_bad(prepared, results),
        Text("结果文件里每一行都有结果和原因；同一个文件再导一次不会重复新增。"),
    )
    await tell(app, errand.who, Card(f"导入完成：{found}", blocks, (), Tone.DONE, files=((out.name, str(out)),)))


async def _off(rows: int, fn: "object", *args: object) -> None:
    """A function of many rows in a process of its own, of few in a thread."""
    assert callable(fn)
    await (in_process(fn, *args) if rows > export.INLINE_ROWS else asyncio.to_thread(fn, *args))


def _bad(prepared: Prepared, results: Sequence[Result]) -> list[Block]:
    """The first rows that were not entered, and conflicts of visits that were."""
    told = [
        f"第 {row.number} 行 {importer.STATES[r.state] if r.state != 'ok' else '有冲突'}：{r.reason}"[:120]
        for row, r in zip(prepared.rows, results, strict=True)
        if r.state == "error" or r.reason.startswith("冲突")
    ]
    more = [Text(f"……共 {len(told)} 行，详见结果文件。")] if len(told) > SHOWN else []
    return [Items(tuple(told[:SHOWN])), *more] if told else []


class _Bar:
    """The card that was answered to 确认, changed a few times on the way of a long import."""

    def __init__(self, app: App, subject: str, name: str, total: int) -> None:
        self._app, self._subject, self._name, self._total = app, subject, name, total
        self._done = 0
        self.last: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last.set_result(None)

    def on(self, n: int) -> None:
        """`n` more rows are through."""
        before, self._done = self._done, self._done + n
        step = self._total // STEPS
        if self._total < BAR_FROM or before // step == self._done // step or self._done >= self._total:
            return
        text = Text(f"已处理 {self._done} / {self._total} 行（{self._done * 100 // self._total}%）。")
        card = Card(f"正在导入：{self._name}", (text,))
        self.last = asyncio.ensure_future(change(self._app, self._subject, card))


async def _template(app: App, errand: Errand) -> None:
    """An empty table of each kind."""
    out = await asyncio.to_thread(handout, "导入模板.xlsx")
    await asyncio.to_thread(write, out, importer.template())
    text = Text("填好后直接发给我，先看预览再确认。列的顺序随意，也可以直接发您现有的表。")
    await tell(app, errand.who, Card("导入模板：客户、拜访、成员各一张表", (text,), files=((out.name, str(out)),)))


# ---------------------------------------------------------------------- out
async def _hand_out(app: App, errand: Errand, tables: Tables) -> None:
    """The tables asked for, as far as the asker may see, as a file in his private chat."""
    data, member = errand.data, await _member(app, errand.who)
    wanted = Filter(
        tuple(map(str, _list(data.get("people")))), *(str(data.get(k) or "") for k in ("start", "end", "grade", "status"))
    )
    sheets = []
    for name in map(str, _list(data["tables"])):
        headers, rows = await export.gather(app, tables[name], member, wanted, "chat")
        sheets.append((tables[name].name, headers, rows))
    longest = max(len(rows) for _, _, rows in sheets)
    ending = "csv" if data.get("csv") or longest > export.XLSX_ROWS else "xlsx"
    out = await asyncio.to_thread(handout, f"{data['name']}.{ending}")
    await _off(longest, write, out, sheets if ending == "xlsx" else sheets[:1])
    count = "，".join(f"{name} {len(rows)} 行" for name, _, rows in sheets)
    button = (Button("换成 CSV", says.write("data.export", again=errand.id)),) if ending == "xlsx" else ()
    text = Text("您无权看到的内容是空的；打开文件不会执行任何公式。")
    await tell(app, errand.who, Card(f"已导出：{count}", (text,), button, Tone.DONE, files=((out.name, str(out)),)))


def _list(value: object) -> list[str]:
    return [str(x) for x in value] if isinstance(value, list | tuple) else []
