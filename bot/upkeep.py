"""`db backup` and `db verify`."""

import asyncio
from pathlib import Path

from storage.ledger import drift
from storage.store import StoreError, open_store
from storage.tx import Tx


async def backup(url: str, path: Path) -> None:
    """A consistent copy of a running bot's database; raises StoreError."""
    if await asyncio.to_thread(path.exists):
        raise StoreError(f"{path} exists; choose a new file")
    store = await open_store(url, create=False)
    try:
        await store.backup(path)
    finally:
        await store.close()


async def verify(url: str) -> list[str]:
    """What is wrong with the data, one sentence each; [] when all promises hold."""
    store = await open_store(url, create=False)
    try:
        return await store.read(findings)
    finally:
        await store.close()


def findings(tx: Tx) -> list[str]:
    """Overlapping visits of one customer, or of one rep without an override (contract.md section 8, promise 3); owners that
    can't be; events that are not what was written (R158)."""
    out = []
    pair = (
        "SELECT a.id, b.id FROM visits a JOIN visits b ON a.{key} = b.{key} AND a.no < b.no AND a.starts < b.ends AND b.starts < a.ends "
        "WHERE a.status <> 'cancelled' AND b.status <> 'cancelled'{more} LIMIT 20"
    )
    ok = " AND a.overlap_ok = 0 AND b.overlap_ok = 0"
    shared = " AND a.shared_ok = 0 AND b.shared_ok = 0"
    for first, second in tx.db.rows(pair.format(key="rep_no", more=ok)):
        out.append(f"visits {first} and {second} of one rep overlap")
    for first, second in tx.db.rows(pair.format(key="customer_no", more=shared)):
        out.append(f"visits {first} and {second} of one customer overlap")
    return out + owners(tx) + tx.log.broken() + drift(tx)


def owners(tx: Tx) -> list[str]:
    """Customers whose owner is nobody, or who are in the pool and owned at once; merges that point nowhere."""
    unknown = "SELECT c.id, c.owner FROM customers c LEFT JOIN members m ON m.id = c.owner WHERE c.owner IS NOT NULL AND m.id IS NULL LIMIT 20"
    both = "SELECT c.id, c.owner FROM customers c WHERE c.status = 'pool' AND c.owner IS NOT NULL LIMIT 20"
    lost = "SELECT x.id, x.kept FROM merges x LEFT JOIN customers c ON c.id = x.kept WHERE x.undone IS NULL AND c.id IS NULL LIMIT 20"
    out = [f"customer {id_} belongs to {who}, who is no member" for id_, who in tx.db.rows(unknown)]
    out += [f"customer {id_} is in the pool and belongs to {who}" for id_, who in tx.db.rows(both)]
    return out + [f"merge {id_} points to customer {kept}, which is gone" for id_, kept in tx.db.rows(lost)]


def let_go(tx: Tx) -> None:
    """Put back what a process that died was doing; only for a store that nobody else uses."""
    tx.mail.unlease()
    tx.doors.free()
    tx.wires.unlease()
    tx.errands.free()
