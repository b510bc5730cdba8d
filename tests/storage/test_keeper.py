"""Old paperwork goes, a piece at a time; what still waits and what is young stays."""

from datetime import timedelta

import pytest

from bot import keeper
from bot.clock import VirtualClock
from bot.config import Keep
from domain.desk import Job, Letter
from storage.store import Store
from storage.tx import Tx
from tests.storage.office import NOW


async def test_only_what_is_old_and_done_is_dropped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PIECE", 2)
    old, young = NOW - timedelta(days=40), NOW - timedelta(days=20)

    def write(tx: Tx) -> None:
        for n in range(5):
            tx.mail.first_time("wecom", f"old{n}", old)
            tx.mail.post(Letter(f"old{n}", "u:a", "push", '["t",[],[],"info",[]]'), old)
            tx.jobs.plan(Job(f"old{n}", "x", "s", old))
        tx.mail.first_time("wecom", "young", young)
        tx.jobs.take_due(old, 4)
        for n in range(4):
            tx.mail.dead(f"old{n}", 0, "gone")
        tx.mail.post(Letter("young", "u:b", "push", '["t",[],[],"info",[]]'), young)
        tx.mail.dead("young", 0, "gone")

    await store.run(write)
    dropped = await keeper.Keeper(store, VirtualClock(NOW), Keep(30, 30, 30)).tidy()
    assert dropped == 5 + 4 + 4

    def left(tx: Tx) -> tuple[list[str], list[str], list[str]]:
        return (
            [str(r[0]) for r in tx.db.rows("SELECT key FROM inbox")],
            sorted(str(r[0]) for r in tx.db.rows("SELECT key FROM outbox")),
            [str(r[0]) for r in tx.db.rows("SELECT key FROM jobs")],
        )

    assert await store.read(left) == (["young"], ["old4", "young"], ["old4"])
