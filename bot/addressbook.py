"""The messengers' address books → members: at the first start, when a book says that it changed, and by `office people`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.app import App
from bot.platform import SendFailed
from domain.addressbook import Changes, Listed, plan
from domain.model import Role
from storage.store import StoreError
from storage.tx import Tx

log = logging.getLogger(__name__)
WAIT_S = 30.0
"""Changes come in bunches; so long the others are waited for."""
Source = Callable[[], Awaitable[list[Listed]]]


class AddressBook:
    """`sources` by platform; `run` beside the service."""

    def __init__(self, app: App, sources: Mapping[str, Source], wait_s: float = WAIT_S) -> None:
        self._app, self._sources, self._wait_s = app, dict(sources), wait_s
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    async def changed(self, platform: str) -> None:
        """That book changed; it is read a little later, if members ever came from it."""
        if await self._app.store.read(lambda tx: tx.wires.noted(f"people:{platform}")):
            self._changed.add(platform)
            self._wake.set()

    async def run(self) -> None:
        """At the first start of an office without people read the books; later whatever changed. For ever."""
        if await self._app.store.read(lambda tx: all(m.role is Role.ADMIN for m in tx.people.all())):
            self._changed |= set(self._sources)
            self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            for platform in sorted(changed):
                try:
                    await self.sync(platform)
                except (SendFailed, StoreError) as e:
                    log.warning("address book of %s not read: %s", platform, e)
            await asyncio.sleep(self._wait_s)

    async def sync(self, platform: str) -> Changes:
        """Read one book now and enter what is new. SendFailed when it can't be read."""
        listed = await self._sources[platform]()
        now = self._app.clock.now()

        def work(tx: Tx) -> Changes:
            changes = plan(tx.people.all(inactive=True), listed, platform)
            for member in changes.members:
                tx.people.put(member)
            tx.wires.note(f"people:{platform}", len(listed), now)
            return changes

        changes = await self._app.store.run(work)
        log.warning("address book of %s: %s", platform, words(changes))
        return changes


def words(changes: Changes) -> str:
    """What was done, in one line."""
    parts = [f"新增 {len(changes.added)}", f"按姓名对应 {len(changes.linked)}", f"离职 {len(changes.left)}"]
    if changes.unclear:
        parts.append("同名待核对：" + "、".join(changes.unclear))
    return "，".join(parts)
