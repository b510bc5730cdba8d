"""Visits in people's own calendars, to-dos in their lists (R107, R164): kept in step in the background, never in the way.

A change marks its visit in the same transaction; what is marked is compared with what the messenger holds and put right,
with back-off for as long as the messenger is away. A visit is on the calendar of the messenger each of its people uses.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.books import Book, Entry, Seen
from bot.clock import Clock
from bot.home import home, uid
from bot.platform import SendFailed
from domain.desk import Job
from domain.follow import Task
from domain.model import OFFICE, Member, Visit
from storage.store import Store, StoreError
from storage.tx import Tx
from storage.wires import Mirrored

log = logging.getLogger(__name__)
LEASE_S = 120
AT_ONCE = 32
LOOK_EVERY_S = 20.0
BACK_OFF_S = (5, 30, 120, 300, 600)
TODO = "-todo"
"""The to-do list of a messenger is a book of its own: `dingtalk-todo`."""
_ANSWERS = {"accepted": "yes", "declined": "no"}


class Mirror:
    """Keeps the books. Hang `want` into App.inside and `wake` into App.on_event; then `run`, or call `deliver`."""

    def __init__(self, store: Store, clock: Clock, books: Mapping[str, Book], wires: Sequence[str]) -> None:
        self._store, self._clock, self._books, self._wires = store, clock, dict(books), tuple(wires)
        self._wake = asyncio.Event()

    # ------------------------------------------------------------------ marking
    def want(self, tx: Tx, name: str, data: Mapping[str, object], now: datetime) -> None:
        """Part of every transaction: an event about a visit or a to-do marks it."""
        area, _, what = name.partition(".")
        thing = data.get(area) if area in ("visit", "task") else None
        if not isinstance(thing, Mapping) or what in ("checked_in", "completed", "missed", "empty_run"):
            return
        for wire in self._books:
            if wire.endswith(TODO) == (area == "task"):
                tx.wires.want(f"{area}:{thing.get('id')}", wire, now)

    def wake(self, name: str) -> None:
        """After a commit: look at once."""
        if name.startswith(("visit.", "task.")):
            self._wake.set()

    async def catch_up(self) -> int:
        """Mark what was booked before there was a calendar; how many visits."""
        wires = [w for w in self._books if not w.endswith(TODO)]
        now = self._clock.now()

        def work(tx: Tx) -> int:
            new = tx.wires.unmirrored(now)
            for visit in new:
                for wire in wires:
                    tx.wires.want(f"visit:{visit}", wire, now)
            return len(new)

        return await self._store.run(work)

    # ------------------------------------------------------------------ keeping in step
    async def run(self) -> None:
        """For ever."""
        await self._quietly(self.catch_up())
        while True:
            if await self._quietly(self.deliver()):
                continue
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)
            except TimeoutError:
                continue
            self._wake.clear()

    async def _quietly(self, work: Awaitable[int]) -> int:
        try:
            return await work
        except StoreError as e:
            log.warning("calendars: %s", e)
        return 0

    async def deliver(self) -> int:
        """Put right what is marked and due; how many entries were looked at."""
        now = self._clock.now()
        taken = await self._store.run(lambda tx: [(it, *self._wish(tx, it)) for it in tx.wires.take(now, AT_ONCE, LEASE_S)])
        await asyncio.gather(*(self._one(it, entry, wanted) for it, entry, wanted in taken))
        return len(taken)

    async def _one(self, it: Mirrored, entry: Entry | None, wanted: bool) -> None:
        adding = False
        try:
            handle, round_ = it.handle, it.round
            if entry is not None and wanted and handle and entry.shows != it.shows and not await self._change(it, entry):
                handle = ""  # gone, or it belongs to somebody else now
            if entry is not None and not handle and (wanted or it.unsure):
                adding = True
                round_ = it.round + 1  # the same again after an unclear try: only then its repeat is recognised
                await self._store.run(lambda tx: tx.wires.trying(it))
                handle = await self._books[it.wire].add(f"{entry.key}-{round_}", entry, look_first=it.unsure)
            if not wanted and handle:
                await self._books[it.wire].remove(handle)
                handle = ""
        except SendFailed as e:
            await self._put_off(it, e, unsure=e.unsure if adding else it.unsure)
        except Exception:  # one entry that can't be kept must not stop the others
            log.exception("%s of %s can't be kept", it.wire, it.subject)
            await self._store.run(lambda tx: tx.wires.put_off(it, None, it.unsure, "bug"))
        else:
            shows = entry.shows if entry is not None and wanted else ""
            await self._store.run(lambda tx: tx.wires.mirrored(it, handle, shows, round_))

    async def _change(self, it: Mirrored, entry: Entry) -> bool:
        return await self._books[it.wire].change(it.handle, entry)

    async def _put_off(self, it: Mirrored, e: SendFailed, *, unsure: bool) -> None:
        log.warning("%s of %s: %s", it.wire, it.subject, e.text)
        wait = BACK_OFF_S[min(it.tries, len(BACK_OFF_S) - 1)]
        due = None if e.retry_s is None else self._clock.now() + timedelta(seconds=max(e.retry_s, wait))
        await self._store.run(lambda tx: tx.wires.put_off(it, due, unsure, e.text))

    def _wish(self, tx: Tx, it: Mirrored) -> tuple[Entry | None, bool]:
        """(how the entry looks, whether it should be there); no entry at all = nothing is known of the subject any more."""
        kind, _, id_ = it.subject.partition(":")
        if kind == "task":
            task = tx.tasks.get(id_)
            return (None, False) if task is None else self._todo(tx, it, task)
        visit = tx.visits.get(id_)
        if visit is None:
            return None, False
        people = [m for p in visit.people if (m := tx.people.get(p))]
        here = self._here(tx, it, people)
        new = not (it.handle or it.unsure)
        wanted = (
            bool(here) and visit.status in ("planned", "done", "missed", "empty") and not (new and visit.end <= self._clock.now())
        )
        # where nobody uses this messenger (any more), whoever could is enough to find it and take it out
        drawn = here or tuple(u for m in people if (u := uid(m, it.wire)))[:1]
        return (self._drawn(tx, visit, drawn) if drawn else None), wanted

    def _here(self, tx: Tx, it: Mirrored, people: Sequence[Member]) -> tuple[str, ...]:
        return tuple(uid(m, it.wire) for m in people if m.active and home(tx, m, self._wires) == it.wire)

    def _drawn(self, tx: Tx, visit: Visit, people: tuple[str, ...]) -> Entry:
        customer = tx.customers.get(visit.customer)
        rep = tx.people.get(visit.rep)
        rows = [
            ("目的", visit.purpose),
            ("联系人", visit.contact),
            ("负责人", rep.name if rep and visit.participants else ""),
            ("地点", visit.location or (customer.address if customer and visit.mode == "onsite" else "")),
        ]
        name = customer.short if customer else visit.customer_name
        text = "\n".join(f"{n}：{v}" for n, v in rows if v)
        return Entry(f"visit-{visit.id}", f"拜访 {name}", visit.start, visit.end, people, text, rows[-1][1])

    def _todo(self, tx: Tx, it: Mirrored, task: Task) -> tuple[Entry | None, bool]:
        member = tx.people.get(task.assignee)
        wire = it.wire.removesuffix(TODO)
        if member is None or task.due is None or not uid(member, wire):
            return None, False
        entry = Entry(f"task-{task.id}", task.title, task.due, task.due, (uid(member, wire),), done=task.state == "done")
        here = member.active and home(tx, member, self._wires) == wire
        if not (it.handle or it.unsure):
            return entry, here and task.state == "open"
        return entry, here and task.state != "cancelled"

    # ------------------------------------------------------------------ what people do over there
    async def heard(self, wire: str, handle: str) -> list[tuple[str, str, str]]:
        """Somebody moved, removed or answered an entry: what is different is told to its rep, who decides (last writer
        would win otherwise). Returns answers of participants: (user id, visit, yes or no). SendFailed when it can't be read."""
        it = await self._store.read(lambda tx: tx.wires.mirror_of(wire, handle))
        if it is None or wire not in self._books:
            return []
        seen = await self._books[wire].look(it.handle)
        return [] if seen is None else await self._store.run(partial(self._compare, it=it, seen=seen))

    def _compare(self, tx: Tx, it: Mirrored, seen: Seen) -> list[tuple[str, str, str]]:
        visit = tx.visits.get(it.subject.partition(":")[2])
        if visit is None or visit.status != "planned" or visit.end <= self._clock.now():
            return []
        entry, wanted = self._wish(tx, it)
        if entry is None or not wanted or entry.shows != it.shows:
            return []  # our own change is still on its way there
        if seen.gone or (seen.start, seen.end) != (visit.start, visit.end):
            self._tell(tx, it, visit, seen)
        said = tx.visits.answers(visit.id)
        out = []
        for person in visit.people:
            member = tx.people.get(person)
            there = (seen.answers or {}).get(uid(member, it.wire).casefold(), "") if member else ""
            if there not in _ANSWERS:
                continue
            if person == visit.rep:
                if there == "declined":
                    self._tell(tx, it, visit, seen, declined=True)
            elif member and said.get(person, "") != there:
                out.append((uid(member, it.wire), visit.id, _ANSWERS[there]))
        return out

    def _tell(self, tx: Tx, it: Mirrored, visit: Visit, seen: Seen, *, declined: bool = False) -> None:
        now = self._clock.now()
        start, end = seen.start.astimezone(OFFICE).isoformat(), seen.end.astimezone(OFFICE).isoformat()
        data: dict[str, object] = {"wire": it.wire, "start": start, "end": end, "gone": seen.gone or declined}
        mark = hashlib.sha256(f"{it.wire}{it.handle}{it.shows}{start}{end}{seen.gone}{declined}".encode()).hexdigest()[:16]
        tx.jobs.plan(Job(f"calendar-{visit.id}-{mark}", "calendar_changed", f"visit:{visit.id}", now, data))
