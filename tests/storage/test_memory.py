"""What the writer keeps between transactions: rows it has read, numbers it has taken ahead."""

import asyncio
from pathlib import Path

import pytest

from domain.model import Member
from storage.store import open_store
from storage.tx import Tx
from tests.storage.office import NOW

pytestmark = pytest.mark.asyncio


class Undone(Exception):
    """The work fails."""


async def test_what_the_writer_remembers_is_never_older_than_the_database(tmp_path: Path) -> None:
    """A row changed by another process, or by work that was undone, is read afresh."""
    url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
    mine, other = await open_store(url), await open_store(url)

    def named(tx: Tx) -> str:
        found, by_uid = tx.people.get("ann"), tx.people.by_platform("wecom", "ann-w")
        assert found
        assert found == by_uid
        return found.name

    await mine.run(lambda tx: tx.people.put(Member("ann", "安", wecom="ann-w")))
    assert await mine.run(named) == "安"
    await other.run(lambda tx: tx.people.put(Member("ann", "安娜", wecom="ann-w")))
    assert await mine.run(named) == "安娜"

    def fails(tx: Tx) -> None:
        tx.people.put(Member("ann", "never", wecom="ann-w"))
        assert named(tx) == "never"
        tx.settings.set_company("buffer_min", 1, NOW, "ann")
        assert tx.settings.all_company() == {"buffer_min": 1}
        raise Undone

    with pytest.raises(Undone):
        await mine.run(fails)
    assert await mine.run(named) == "安娜"
    assert await mine.run(lambda tx: tx.settings.all_company()) == {}
    await mine.close()
    await other.close()


async def test_numbers_taken_ahead_are_given_once_and_in_order(tmp_path: Path) -> None:
    """In a batch several are taken at a time; work that is undone and another process cost some, and double none."""
    url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
    mine, other = await open_store(url), await open_store(url)
    given: list[int] = []

    def take(tx: Tx, n: int) -> None:
        given.append(tx.db.serial("visit"))
        if n % 4 == 3:
            given.pop()
            raise Undone

    for _ in range(3):
        await asyncio.gather(*(mine.run(lambda tx, n=n: take(tx, n)) for n in range(40)), return_exceptions=True)  # type: ignore[misc]
        await other.run(lambda tx: take(tx, 0))
    assert len(given) == 3 * 31
    assert given == sorted(set(given))
    await mine.close()
    await other.close()
