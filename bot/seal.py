"""Seals follow right behind the writers where the store does not seal as it writes (PostgreSQL)."""

from storage.store import Store
from storage.tx import Tx


class Sealer:
    """Knows from the commits of this process when there is something to seal; others' leftovers come along."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = True
        self._needed = True
        store.on_commit.append(self._touched)

    def _touched(self, kinds: frozenset[str]) -> None:
        self._waiting = self._waiting or "events" in kinds

    async def run(self) -> int:
        """Seal what waits, in transactions of their own; how many events."""
        if not (self._waiting and self._needed):
            return 0
        self._waiting = False
        sealed = await self._store.run(_seal)
        self._needed = sealed is not None
        return sealed or 0


def _seal(tx: Tx) -> int | None:
    """None where the store seals as it writes."""
    return None if tx.db.dialect == "sqlite" else tx.log.seal()
