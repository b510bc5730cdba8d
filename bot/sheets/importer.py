"""Entering a file's rows in small transactions, so that the bot goes on answering; the result file beside it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.sheets.compare import Key, Like, compared, keys_of, not_exact
from bot.sheets.headers import KIND_WORDS, LABELS
from bot.sheets.read import Cells
from bot.sheets.rows import ORDER, Prepared, Result
from bot.sheets.write import Value, write
from domain.model import Member, Role
from nlp.said import Said
from storage.errands import Errand

SYSTEM = Member("system", "系统", Role.ADMIN)
CHUNK = 40
"""Rows of one transaction: some 30 ms, after which whoever waits has his turn."""
STATES = {"ok": "新增", "duplicate": "重复", "error": "错误"}
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Totals:
    """新增 n，重复 n，错误 n."""

    ok: int
    duplicate: int
    error: int

    def __str__(self) -> str:
        return f"新增 {self.ok}，重复 {self.duplicate}，错误 {self.error}"


def totals(results: Collection[Result]) -> Totals:
    count = Counter(r.state for r in results)
    return Totals(count["ok"], count["duplicate"], count["error"])


class Importer:
    """Enters one file as one member; `results` has an entry for each row."""

    def __init__(
        self,
        app: App,
        member: Member,
        prepared: Prepared,
        *,
        chunk: int = 0,
        processes: int = 1,
        errand: Errand | None = None,
    ) -> None:
        self.app, self.member, self.prepared = app, member, prepared
        self.results = [Result("error", row.error) for row in prepared.rows]
        self._chunk, self._processes, self._errand = chunk or CHUNK, processes, errand
        self._through: set[int] = set()
        self._entered: dict[int, str] = {}
        self._expected: int | None = None
        self._keys: dict[int, list[Key]] = {}

    async def run(self, tell: Tell = lambda _: None) -> list[Result]:
        """People, then customers, then visits; other messages are answered between the transactions."""
        if self._errand is not None:
            await self._go_on(self._errand)
        rows, through = self.prepared.rows, self._through
        good = {k: [n for n, r in enumerate(rows) if r.kind == k and not r.error and n not in through] for k in ORDER}
        tell(len(self.prepared.rows) - sum(map(len, good.values())))
        for n in range(0, len(good["members"]), self._chunk):
            tell(await self._enter(good["members"][n : n + self._chunk], {}))
        await self._again()
        if good["customers"]:
            self._expected = await self.app.store.read(lambda tx: tx.customers.count())
            self._keys = {n: keys_of(self.prepared.rows[n].data) for n in good["customers"]}
            async with compared(self.app, self.prepared.rows, self._keys, self._processes) as batches:
                async for batch in batches:
                    for n in range(0, len(batch.places), self._chunk):
                        tell(await self._enter(batch.places[n : n + self._chunk], batch.likes))
        await self._learn()
        for n in range(0, len(good["visits"]), self._chunk):
            tell(await self._enter(good["visits"][n : n + self._chunk], {}))
        await self._learn()
        return self.results

    async def _go_on(self, errand: Errand) -> None:
        """What an earlier process entered of this errand stays entered, and is told as what it was."""
        for part in await self.app.store.read(lambda tx: tx.errands.kept(errand.id)):
            assert isinstance(part, list)
            place, state, reason, id_ = part
            self.results[place] = Result(state, reason, id_)
            self._through.add(place)
            if state == "ok" and self.prepared.rows[place].kind == "customers":
                self._entered[place] = id_

    async def _enter(self, places: Sequence[int], likes: Mapping[int, list[Like]]) -> int:
        """One transaction; a result for each of these rows."""
        rows, out = self.prepared.rows, list[Result]()
        alone = not await self._others_wrote()
        asked = []
        for n in places:
            known = [like for like in likes.get(n, ()) if self._stands(like[0], n)]
            asked.append(
                {
                    "kind": rows[n].kind,
                    "data": rows[n].data,
                    "place": n,
                    "likes": known if alone else None,
                    "keys": self._keys.get(n, ()),
                }
            )
        slots: dict[str, object] = {"rows": asked, "out": out, "entered": self._entered}
        if self._errand is not None:
            slots["errand"] = self._errand
        await self.app.perform(self.member, Said("data.rows", slots), "import")
        for n, result in zip(places, out, strict=True):
            self.results[n] = result
            if result.state == "ok" and rows[n].kind == "customers":
                self._entered[n] = result.id
        return len(places)

    def _stands(self, id_: str, place: int) -> bool:
        """A known customer, or a row before this one: what comes later is compared with this one at its own turn."""
        return not id_.startswith("row:") or int(id_.removeprefix("row:")) < place

    async def _others_wrote(self) -> bool:
        """Somebody entered a customer since the comparison: from now on the engine is asked anew for every row."""
        if self._expected is None:
            return False
        if self._expected + len(self._entered) == await self.app.store.read(lambda tx: tx.customers.count()):
            return False
        await self._learn()
        return True

    async def _learn(self) -> None:
        if self.app.names is not None:
            await self.app.names.refresh(everything=True)

    async def _again(self) -> None:
        """Members whose manager stands further down are entered once he is there."""
        while True:
            waiting = [
                n
                for n, row in enumerate(self.prepared.rows)
                if row.kind == "members" and self.results[n].reason.startswith("上级「")
            ]
            before = [self.results[n] for n in waiting]
            if waiting:
                await self._enter(waiting, {})
            if before == [self.results[n] for n in waiting]:
                return


async def guess(app: App, member: Member, prepared: Prepared, processes: int = 1, tell: Tell = lambda _: None) -> list[Result]:
    """What entering would come to for each row, as far as it can be told without doing it (`--dry-run`, preview)."""
    rows = prepared.rows
    results = [Result("error", r.error) if r.error else Result("ok") for r in rows]
    keys = {n: keys_of(r.data) for n, r in enumerate(rows) if r.kind == "customers" and not r.error}
    if keys:
        fresh = await not_exact(app, keys)
        for n in set(keys) - fresh:
            results[n] = Result("duplicate", "名称、电话或邮箱和已有客户（或前面的行）相同")
        async with compared(app, rows, keys, processes) as batches:
            async for batch in batches:
                for n, found in batch.likes.items():
                    like = next((x for x in found if not x[0].startswith("row:") or int(x[0][4:]) < n), None)
                    if like is not None and not (rows[n].data.get("apart") and like[2] != "duplicate"):
                        results[n] = Result("duplicate", "疑似重复：" + "、".join(like[3]))
                tell(len(batch.places))
    await app.perform(member, Said("data.foresee", {"rows": rows, "out": results}), "import")
    return results


# ---------------------------------------------------------------------- the result file
def result_name(source: str) -> str:
    """客户.xlsx → 客户.导入结果.xlsx."""
    stem, dot, ending = source.rpartition(".")
    kept = ending.lower() if ending.lower() in ("xlsx", "csv") else "xlsx"
    return f"{stem if dot else source}.导入结果.{kept}"


def write_results(path: Path, prepared: Prepared, results: Sequence[Result]) -> None:
    """Every row as it was in the file, with 结果 and 原因 in front."""
    sheets = []
    for table in prepared.tables:
        mine = [
            (row, result)
            for row, result in zip(prepared.rows, results, strict=True)
            if row.sheet == table.sheet and row.kind == table.kind
        ]
        headers = ["结果", "原因", "行号", *(str(h or "") for h in table.headers)]
        body = {table.first + n: cells for n, cells in enumerate(table.body)}
        rows = [[STATES[r.state], r.reason, row.number, *_values(body.get(row.number, []))] for row, r in mine]
        sheets.append((f"{KIND_WORDS[table.kind]}-{table.sheet}"[:31], headers, rows))
    write(path, sheets)


def _values(cells: Cells) -> list[Value]:
    return [c if isinstance(c, str | int | float | bool) or c is None else str(c) for c in cells]


def template() -> list[tuple[str, list[str], list[list[Value]]]]:
    """An empty table of each kind, for people who begin."""
    return [
        (KIND_WORDS[k], list(dict.fromkeys(v for f, v in LABELS[k].items() if f != "apart")), [])
        for k in ("customers", "visits", "members")
    ]
