"""What a start does: where the clock runs everything ahead is planned, an errand on the command line plans nothing."""

from datetime import timedelta

import pytest

import main
from bot.clock import VirtualClock
from bot.config import Config
from domain.desk import Job
from storage.seed import seed_store
from storage.store import open_store
from storage.tx import Tx
from tests.commands.kit import office
from tests.dbs import db_url
from tests.talking import NOW

__all__ = ["db_url"]


@pytest.mark.asyncio
async def test_visits_that_came_without_a_seed_are_planned_once(db_url: str) -> None:
    store = await open_store(db_url)
    await seed_store(store, office(), NOW, 30)
    ids = {v.id for v in await store.read(lambda tx: tx.visits.between(NOW, NOW + timedelta(days=30), ("planned",)))}
    await store.close()
    assert ids

    def of_visits(tx: Tx) -> list[Job]:
        return [job for id_ in sorted(ids) for job in tx.jobs.of(f"visit:{id_}")]

    async with main.open_app(Config(), db_url, VirtualClock(NOW), None) as app:
        assert await app.store.read(of_visits) == []
    async with main.open_running(Config(), db_url, VirtualClock(NOW), None) as app:
        first = await app.store.read(of_visits)
        assert {job.subject for job in first} == {f"visit:{id_}" for id_ in ids}
        assert await app.store.read(lambda tx: tx.jobs.subjects("visit")) == {job.subject for job in first}
    async with main.open_running(Config(), db_url, VirtualClock(NOW), None) as app:
        assert await app.store.read(of_visits) == first
