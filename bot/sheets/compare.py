"""What the rows of a customer table are like: asked of the engine beforehand, in processes of their own, batch by batch.

The engine sees the whole book and the whole file at once, so that a row need not wait until those before it are entered. Rows that
share a name, phone or e-mail to the letter with the book or an earlier row need no engine: those keys are asked again at their turn.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.matcher import record
from bot.names import GONE
from bot.sheets.offload import pool
from bot.sheets.rows import Row
from domain.matching import Index, Query, Record, Verdict
from storage.customers import key_of
from storage.tx import Tx

BATCH = 200
ALONE = 1000
"""Fewer rows are done before another process would have begun."""
_STAMP = "import"
_BLOCKS = (Verdict.DUPLICATE, Verdict.POSSIBLE)
_index: Index | None = None

Like = tuple[str, float, str, tuple[str, ...]]
"""A match: id (of a customer, or row:N), score, verdict, reasons."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of the file, by their places, and what each is like; a row that is not in `likes` is like nothing else."""

    places: tuple[int, ...]
    likes: Mapping[int, list[Like]]


def keys_of(data: Mapping[str, object]) -> list[Key]:
    """The exact keys of a row, as the store compares them."""
    said = [("name", str(data["name"]))]
    for kind, field in (("phone", "phones"), ("email", "emails")):
        found = data.get(field)
        said += [(kind, str(v)) for v in found] if isinstance(found, list) else []
    return [(kind, key) for kind, value in said if (key := key_of(kind, value))]


def record_of(row: Row, place: int) -> Record:
    """A row as the engine sees it, with an id that no customer has."""
    data = row.data
    phones, emails = tuple(data.get("phones", ())), tuple(data.get("emails", ()))
    return Record(
        f"row:{place}", data["name"], tuple(data.get("aliases", ())), phones, emails, data.get("uscc", ""), data.get("city", "")
    )


@asynccontextmanager
async def compared(
    app: App, rows: Sequence[Row], keys: Mapping[int, list[Key]], processes: int
) -> AsyncIterator[AsyncIterator[Batch]]:
    """Batches of the customer rows with these keys, in order; comparing runs ahead while one is being used."""
    fresh, places = await not_exact(app, keys), list(keys)
    records = {n: record_of(rows[n], n) for n in places if n in fresh}
    known = await app.store.read(_known) if records else []
    index = await asyncio.to_thread(Index, [*known, *records.values()])
    cut = [tuple(places[n : n + BATCH]) for n in range(0, len(places), BATCH)]
    async with AsyncExitStack() as stack:
        if len(records) < ALONE:
            waiting = [asyncio.ensure_future(asyncio.to_thread(_find, index, _of(records, batch))) for batch in cut]
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="visitbot-import-"))
            path = Path(folder) / "index"
            await asyncio.to_thread(index.save, path, _STAMP)
            workers = pool(processes)
            stack.callback(_end, workers)
            loop = asyncio.get_running_loop()
            waiting = [
                asyncio.ensure_future(loop.run_in_executor(workers, _in_worker, str(path), _of(records, batch))) for batch in cut
            ]
        stack.callback(lambda: [w.cancel() for w in waiting])
        yield _in_order(cut, waiting)


async def _in_order(
    cut: Sequence[tuple[int, ...]], waiting: Sequence["asyncio.Future[dict[str, list[Like]]]"]
) -> AsyncIterator[Batch]:
    for places, answer in zip(cut, waiting, strict=True):
        likes = await answer
        yield Batch(places, {int(id_.removeprefix("row:")): found for id_, found in likes.items()})


def _end(workers: ProcessPoolExecutor) -> None:
    workers.shutdown(wait=False, cancel_futures=True)


def _of(records: Mapping[int, Record], batch: Iterable[int]) -> list[Record]:
    return [records[n] for n in batch if n in records]


def _known(tx: Tx) -> list[Record]:
    """Every customer as the engine sees it."""
    return [record(c) for c in tx.customers.all() if c.status not in GONE]


async def not_exact(app: App, keys: Mapping[int, list[Key]]) -> set[int]:
    """The rows that share no exact key with the book or an earlier row."""
    wanted = [k for found in keys.values() for k in found]
    there = await app.store.read(lambda tx: tx.pages.having(wanted))
    fresh = set()
    for n, own in keys.items():
        if not there.intersection(own):
            fresh.add(n)
        there.update(own)
    return fresh


# ---------------------------------------------------------------------- the engine
def _in_worker(path: str, batch: Sequence[Record]) -> dict[str, list[Like]]:
    global _index
    if _index is None:
        _index = Index.load(Path(path), _STAMP)
    if _index is None:
        raise OSError("the index of the import can't be read")
    return _find(_index, batch)


def _find(index: Index, batch: Sequence[Record]) -> dict[str, list[Like]]:
    """What each row is like, as far as it would stop an entry."""
    out: dict[str, list[Like]] = {}
    for r in batch:
        found = index.find(Query(r.name, r.phones, r.emails, r.uscc, r.city, r.id))
        likes: list[Like] = [(m.id, m.score, m.verdict.value, m.why) for m in found if m.verdict in _BLOCKS]
        if likes:
            out[r.id] = likes
    return out
