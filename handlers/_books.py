"""The rows of a period that figures are made of, each kind loaded once however many people are looked at."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar

from bot.command import Turn
from domain import kpi
from domain.desk import Clash
from domain.follow import Followup, Report, Task
from domain.model import LIVE, OFFICE, Customer, Member, Slot, Visit
from storage.log import Event

T = TypeVar("T")
LONG = timedelta(days=200)
"""How far back a cadence's start may lie: longer than the longest cadence."""
SETTLED_WITHIN = timedelta(days=30)
"""A conflict is settled within so many days, or its booking is a new attempt."""
_CHUNK = 4000


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: the people, and how they are called."""

    people: tuple[Member, ...]
    name: str
    everybody: bool = False

    @property
    def ids(self) -> list[str]:
        return [m.id for m in self.people]

    def has(self, member: str | None) -> bool:
        """Whether this person's rows count."""
        return self.everybody or any(m.id == member for m in self.people)


def chunked(ids: Iterable[str], find: Callable[[Sequence[str]], dict[str, T]]) -> dict[str, T]:
    """A look-up by ids in pieces a database takes."""
    wanted, out = list(dict.fromkeys(ids)), dict[str, T]()
    for n in range(0, len(wanted), _CHUNK):
        out |= find(wanted[n : n + _CHUNK])
    return out


class Books:
    """What happened in `slot` to the people of `who`; figures of fewer people are cut out of it."""

    def __init__(self, turn: Turn, who: Scope, slot: Slot, grade: str = "") -> None:
        """With a grade, customers and what happened to them are those of this grade alone."""
        self.turn, self.who, self.slot, self.grade, self.tx = turn, who, slot, grade, turn.tx

    # ------------------------------------------------------------------ visits
    @cached_property
    def visits(self) -> list[Visit]:
        """Visits of these reps that begin in the period, cancelled ones too."""
        span, states = self.slot, (*LIVE, "cancelled")
        if self.who.everybody:
            found = self.tx.visits.between(span.start, span.end, states)
        else:
            found = self.tx.visits.of_people(self.who.ids, span.start, span.end, statuses=states, as_participant=False)
        return [v for v in found if self.who.has(v.rep) and span.start <= v.start < span.end]

    @cached_property
    def reports(self) -> dict[str, Report]:
        """The reports of the period's visits."""
        return chunked((v.id for v in self.visits if v.status == "done"), self.tx.reports.many)

    @cached_property
    def planned(self) -> list[Visit]:
        """The visits that stood in the plan when the period began, as they are now (features.md 0.4 plan completion)."""
        moved = self.events("visit.rescheduled", until=self.turn.now + timedelta(seconds=1))
        ids = [v.id for v in self.visits] + [str(v["id"]) for e in moved if isinstance(v := e.data.get("visit"), dict)]
        histories = chunked(ids, self.tx.visits.histories)
        out = []
        for states in histories.values():
            before = [v for _, v, at, *_ in states if at <= self.slot.start]
            seeded = states[0][4] in ("", "seed")
            then = before[-1] if before else states[0][1] if seeded else None
            if then and then.status != "cancelled" and self.who.has(then.rep) and self.slot.start <= then.start < self.slot.end:
                now = states[-1][1]
                out.append(now if now.start < self.slot.end else _put_off(now))
        return out

    def events(self, *names: str, until: datetime | None = None) -> list[Event]:
        """The period's events of these names."""
        return self.tx.log.named(names, self.slot.start, until or self.slot.end)

    # ------------------------------------------------------------------ conflicts
    @cached_property
    def met(self) -> list[Clash]:
        """Conflicts these people have a part in, on either side; those that came up while settling another left out."""
        found = self.tx.conflicts.list(self.slot.start, self.slot.end, None if self.who.everybody else self.who.ids)
        return [c for c in found if not c.draft.get("again")]

    @cached_property
    def clashes(self) -> list[Clash]:
        """Conflicts these people ran into themselves."""
        return [c for c in self.met if self.who.has(c.rep)]

    @cached_property
    def attempts(self) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Booking messages by rep: message → rep, and rep → message → hard conflict (contract 7b "Counting")."""
        settled = {c.visit for c in self.tx.conflicts.list(self.slot.start - SETTLED_WITHIN, self.slot.end) if c.visit}
        tried: dict[str, str] = {}
        for e in self.events("visit.booked"):
            visit = e.data.get("visit")
            if isinstance(visit, dict) and visit.get("id") not in settled:
                tried[e.message or f"visit:{visit.get('id')}"] = str(visit.get("rep"))
        hard: dict[str, dict[str, str]] = {}
        for e in self.events("conflict.found"):
            draft = e.data.get("draft")
            if not isinstance(draft, dict) or draft.get("id") or e.data.get("again"):
                continue  # a move is no booking, settling no second attempt
            rep = str(draft.get("rep"))
            tried[e.message] = rep
            if e.data.get("hard"):
                hard.setdefault(rep, {})[e.message] = str(e.data.get("conflict") or "")
        return tried, hard

    # ------------------------------------------------------------------ follow-ups
    @cached_property
    def followups(self) -> list[Followup]:
        """Valid follow-ups of the period and the six days before it, of everybody."""
        return [f for f in self._all_followups if f.customer in self.followed]

    @cached_property
    def _all_followups(self) -> list[Followup]:
        since = self.slot.start - timedelta(days=kpi.REPEAT_DAYS)
        return self.tx.followups.between(since, min(self.slot.end, self.turn.now + timedelta(seconds=1)), valid_only=True)

    @cached_property
    def followed(self) -> dict[str, Customer]:
        """The customers of these follow-ups."""
        found = chunked((f.customer for f in self._all_followups), self.tx.customers.many)
        return {i: c for i, c in found.items() if self.grade in ("", c.grade)}

    @cached_property
    def joint(self) -> frozenset[str]:
        """The follow-ups among them that came of a visit several people made together."""
        linked = chunked((f.visit for f in self.followups if f.visit), self.tx.visits.many)
        loose = [f for f in self.followups if not f.visit and f.channel in ("visit", "online")]
        by_day: dict[tuple[str, date], set[str]] = {}
        if loose:
            since = self.slot.start - timedelta(days=kpi.REPEAT_DAYS)
            for v in self.tx.visits.between(since, self.slot.end):
                if v.participants:
                    by_day.setdefault((v.customer, v.start.astimezone(OFFICE).date()), set()).update(v.people)
        out = {f.id for f in self.followups if f.visit in linked and linked[f.visit].participants}
        out |= {f.id for f in loose if f.by in by_day.get((f.customer, f.at.astimezone(OFFICE).date()), ())}
        return frozenset(out)

    def followups_of(self, who: Scope) -> list[Followup]:
        """Follow-ups on customers that these people followed in the period, whoever made them."""
        if who.everybody:
            return self.followups
        touched = {f.customer for f in self.followups if who.has(f.by) and f.at >= self.slot.start}
        return [f for f in self.followups if f.customer in touched]

    # ------------------------------------------------------------------ customers
    @cached_property
    def customers(self) -> list[Customer]:
        """Customers owned by these people; merged-away and void ones are no customers (R43)."""
        if self.who.everybody:
            found = list(self.tx.customers.all())
        else:
            found = [c for m in self.who.people for c in self.tx.customers.owned_by(m.id)]
        return [c for c in found if c.status not in ("merged", "void") and self.grade in ("", c.grade)]

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Customers whose status was another one when the period began, as their events since then tell."""
        out: dict[str, str] = {}
        until = self.turn.now + timedelta(seconds=1)
        for e in self.events("customer.claimed", "customer.released", "customer.updated", until=until):
            data = e.data.get("customer")
            if not isinstance(data, dict):
                continue
            was = {"customer.claimed": "pool", "customer.released": "active"}.get(e.name) or e.data.get("status_was")
            if was:
                out.setdefault(str(data.get("id")), str(was))
        return out

    @cached_property
    def contacts(self) -> dict[str, list[Followup]]:
        """The customers' valid follow-ups up to the period's end, for cadences."""
        out: dict[str, list[Followup]] = {}
        ids = [c.id for c in self.customers]
        until = min(self.slot.end, self.turn.now + timedelta(seconds=1))
        for n in range(0, len(ids), _CHUNK):
            for f in self.tx.followups.of_customers(ids[n : n + _CHUNK], self.slot.start - LONG, until):
                out.setdefault(f.customer, []).append(f)
        return out

    @cached_property
    def tasks(self) -> list[Task]:
        """Their tasks due in the period."""
        return self.tx.tasks.due_between(self.slot.start, self.slot.end, None if self.who.everybody else self.who.ids)

    @cached_property
    def moves(self) -> dict[str, list[kpi.Move]]:
        """Changes of stage by customer, since the period began."""
        out: dict[str, list[kpi.Move]] = {}
        for e in self.events("customer.updated", until=self.turn.now + timedelta(seconds=1)):
            data = e.data.get("customer")
            if isinstance(data, dict) and (was := e.data.get("stage_was")):
                out.setdefault(str(data["id"]), []).append((e.at, str(was), str(data.get("stage"))))
        return out


def _put_off(visit: Visit) -> Visit:
    """A visit moved out of the period was not done in it."""
    return replace(visit, status="cancelled")


def midnight(at: datetime) -> datetime:
    """The start of a moment's day in the office."""
    return datetime.combine(at.astimezone(OFFICE).date(), time(0), OFFICE)


def owned(who: Scope, customers: Sequence[Customer]) -> list[Customer]:
    """Those of the customers that these people own."""
    return list(customers) if who.everybody else [c for c in customers if who.has(c.owner)]
