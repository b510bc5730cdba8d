"""The last line: whoever forgets a check in a handler, the store refuses a rep's change of somebody else's customer (R160)."""

from dataclasses import replace

import pytest

from domain.model import Customer
from domain.refusal import NotAllowed
from storage.seed import seed_store
from storage.store import Store
from storage.tx import Tx
from tests.talking import NOW, office


def change(tx: Tx, who: str, id_: str, granted: bool = False, **new: object) -> Customer:
    tx.customers.actor = tx.people.get(who)
    tx.customers.granted = {id_} if granted else set()
    c = tx.customers.get(id_)
    assert c
    return tx.customers.put(replace(c, **new))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "new",
    [{"owner": "duwei"}, {"stage": "成交"}, {"phones": ("1",)}, {"co_owners": ("duwei",)}, {"locked": True}, {"status": "lost"}],
)
async def test_a_stranger_changes_nothing(store: Store, new: dict[str, object]) -> None:
    await seed_store(store, office(), NOW)
    with pytest.raises(NotAllowed):
        await store.run(lambda tx: change(tx, "duwei", "k1", **new))
    assert await store.run(lambda tx: change(tx, "hanmei", "k1", **new))
    c = await store.read(lambda tx: tx.customers.get("k2"))
    assert c
    assert (c.owner, c.stage) == ("hanmei", "报价")


async def test_contact_claims_and_granted_changes_pass(store: Store) -> None:
    await seed_store(store, office(), NOW)
    assert await store.run(lambda tx: change(tx, "duwei", "k1", last_followup=NOW))
    assert await store.run(lambda tx: change(tx, "duwei", "k6", owner="duwei", status="active"))
    assert await store.run(lambda tx: change(tx, "duwei", "k1", granted=True, owner="duwei"))
