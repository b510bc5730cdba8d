"""Visits: the calendar, and the only door through which it changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.model import LIVE, Visit, moment, stamp
from domain.refusal import Refusal, Stale
from storage.busy import DAY, BusyPart
from storage.db import Overlap, Value, dumps, mapping, number, one_of, seconds
from storage.visit_rows import JOINED, VISIT, visit, visit_from_json, visit_to_json, visits

_COLUMNS_SQL = (
    "customer_no, rep_no, starts, ends, participants, mode, purpose, contact, location, status, line, "
    "agenda, source, series, overlap_ok, shared_ok, checked_in"
)
_COLUMNS = _COLUMNS_SQL.split(", ")
_INSERT = (
    f"INSERT INTO visits (id, {', '.join(_COLUMNS)}, version, created, created_by) "
    f"VALUES (?, {','.join('?' * len(_COLUMNS))}, 1, ?, ?) ON CONFLICT DO NOTHING RETURNING no"
)
_KEEP_SHARED = (
    "CASE WHEN shared_ok = 1 AND customer_no = ? AND starts = ? AND ends = ? AND status <> 'cancelled' THEN 1 ELSE 0 END"
)
_UPDATE = (
    "UPDATE visits SET "
    + ", ".join(f"{c} = {_KEEP_SHARED if c == 'shared_ok' else '?'}" for c in _COLUMNS)
    + ", version = version + 1 WHERE id = ? AND version = ? RETURNING no"
)
_BY_TIME = "v.starts < ? AND v.starts > ? AND v.ends > ?"

Version = tuple[int, Visit, datetime, str, str]
"""(version, the visit as it then was, when it became so, by whom, why)."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A visit fit to be stored, and the row numbers of its customer and members."""

    visit: Visit
    customer: int
    members: dict[str, int]

    def values(self) -> list[Value]:
        """The columns of _COLUMNS up to overlap_ok."""
        v = self.visit
        return [
            *(self.customer, self.members[v.rep], stamp(v.start), stamp(v.end), dumps(v.participants), v.mode),
            *(v.purpose, v.contact, v.location, v.status, v.line, v.agenda, v.source, v.series, int(v.overlap_ok)),
        ]


class Visits(BusyPart):
    """Every change writes the people's calendars and keeps the new state on record, with who, when and why."""

    __slots__ = ()

    def add(self, value: Visit, *, at: datetime, by: str = "", why: str = "", standing: bool = False) -> Visit | None:
        """Enter a visit (id given when empty, version 1); None when the database refuses it for overlap.

        With `standing` (a seed, an import of what exists) an overlap is stored as it stands. Raises Refusal for a visit
        longer than 24 hours, ValueError for a taken id or an unknown member or customer.
        """
        ready = self._checked(replace(value, id=value.id or self.new_id("visit", "visits", "v"), version=1))
        made = self._insert(ready, at, by, shared_ok=0)
        new = ready.visit
        if made is None and self.db.row("SELECT 1 FROM visits WHERE id = ?", new.id):
            raise ValueError(f"visit {new.id} exists")
        if made is None and standing:
            ready = replace(ready, visit=replace(new, overlap_ok=True))
            made = self._insert(ready, at, by, shared_ok=1)
        if made is None:
            return None
        self._calendar(made, ready, {})
        self._record(made, ready, at, by, why, by_customer=False)
        return ready.visit

    def save(
        self,
        value: Visit,
        expected_version: int,
        *,
        at: datetime,
        by: str = "",
        why: str = "",
        by_customer: bool = False,
    ) -> Visit | None:
        """Replace a visit that still has the expected version; None when the database refuses it for overlap.

        The result has the next version; `by_customer` marks a change the customer asked for (R20). Raises Stale when a
        visit has another version by now, Refusal when it is longer than 24 hours.
        """
        ready = self._checked(replace(value, version=expected_version + 1))
        new = ready.visit
        keep_shared = (ready.customer, stamp(new.start), stamp(new.end))
        rest = (seconds(new.checked_in), new.id, expected_version)
        try:
            with self.db.savepoint():
                row = self.db.row(_UPDATE, *ready.values(), *keep_shared, *rest)
        except Overlap:
            return None
        if row is None:
            raise Stale("这次拜访刚刚有变动，请看最新的安排后再操作。")
        no = number(row[0])
        self._calendar(no, ready, self._answers(no))
        self._record(no, ready, at, by, why, by_customer=by_customer)
        return new

    def answer(self, id: str, person: str, answer: str, *, at: datetime) -> Visit | None:
        """A participant's word (accepted or declined) on a visit; None when he is not invited.

        Declining takes him off the participants (a new version) and frees his time; the word itself is kept.
        """
        row = self.db.row(
            "UPDATE visit_people SET answer = ?, busy = CASE WHEN ? = 'declined' THEN 0 ELSE busy END "
            "WHERE part = 'with' AND visit_no = (SELECT no FROM visits WHERE id = ?) "
            "AND person_no = (SELECT no FROM members WHERE id = ?) RETURNING visit_no",
            *(answer, answer, id, person),
        )
        found = self.get(id) if row else None
        if found is None or answer != "declined" or person not in found.participants:
            return found
        fewer = replace(found, participants=tuple(p for p in found.participants if p != person))
        return self.save(fewer, found.version, at=at, by=person, why="declined")

    def answers(self, id: str) -> dict[str, str]:
        """What the participants have said so far: member id → accepted, declined or "" (no word yet)."""
        row = self.db.row("SELECT no FROM visits WHERE id = ?", id)
        return self._answers(number(row[0])) if row else {}

    def get(self, id: str) -> Visit | None:
        """The visit with this id, whatever its status."""
        row = self.db.row(f"SELECT {VISIT} FROM {JOINED} AND v.id = ?", id)
        return visit(row) if row else None

    def many(self, ids: Sequence[str]) -> dict[str, Visit]:
        """The visits with these ids, by id; unknown ones are left out."""
        marks, values = one_of(ids)
        return {v.id: v for v in visits(self.db.rows(f"SELECT {VISIT} FROM {JOINED} AND v.id IN {marks}", *values))}

    def of_person(
        self,
        person: str,
        start: datetime,
        end: datetime,
        *,
        statuses: Sequence[str] = LIVE,
        as_participant: bool = True,
    ) -> list[Visit]:
        """A person's visits that overlap [start, end), by time; as rep and (unless declined) as participant."""
        return self.of_people((person,), start, end, statuses=statuses, as_participant=as_participant)

    def of_people(
        self,
        people: Sequence[str],
        start: datetime,
        end: datetime,
        *,
        statuses: Sequence[str] = LIVE,
        as_participant: bool = True,
    ) -> list[Visit]:
        """The visits of several people that overlap [start, end), each once, by time."""
        marks, ids = one_of(people)
        wanted, names = one_of(statuses)
        part = "p.answer <> 'declined'" if as_participant else "p.part = 'rep'"
        sql = (
            f"SELECT DISTINCT {VISIT}, v.no FROM members m CROSS JOIN visit_people p CROSS JOIN {JOINED} "
            f"AND m.id IN {marks} AND p.person_no = m.no AND p.starts < ? AND p.starts > ? AND p.ends > ? AND {part} "
            f"AND v.no = p.visit_no AND v.status IN {wanted} ORDER BY v.starts, v.no"
        )
        rows = self.db.rows(sql, *ids, stamp(end), stamp(start) - DAY, stamp(start), *names)
        return visits([row[:-1] for row in rows])

    def at_customer_between(self, customer: str, start: datetime, end: datetime, statuses: Sequence[str] = LIVE) -> list[Visit]:
        """The visits at a customer that overlap [start, end), by time."""
        wanted, names = one_of(statuses)
        sql = (
            f"SELECT {VISIT} FROM {JOINED} AND v.customer_no = (SELECT no FROM customers WHERE id = ?) "
            f"AND {_BY_TIME} AND v.status IN {wanted} ORDER BY v.starts, v.no"
        )
        return visits(self.db.rows(sql, customer, stamp(end), stamp(start) - DAY, stamp(start), *names))

    def starting(self, customer: str, start: datetime) -> list[Visit]:
        """The visits at a customer that are to begin at this very moment."""
        sql = (
            f"SELECT {VISIT} FROM {JOINED} AND v.customer_no = (SELECT no FROM customers WHERE id = ?) "
            "AND v.starts = ? AND v.status IN ('planned', 'pending') ORDER BY v.no"
        )
        return visits(self.db.rows(sql, customer, stamp(start)))

    def between(self, start: datetime, end: datetime, statuses: Sequence[str] = LIVE) -> list[Visit]:
        """Everybody's visits that overlap [start, end), by time."""
        wanted, names = one_of(statuses)
        sql = f"SELECT {VISIT} FROM {JOINED} AND {_BY_TIME} AND v.status IN {wanted} ORDER BY v.starts, v.no"
        return visits(self.db.rows(sql, stamp(end), stamp(start) - DAY, stamp(start), *names))

    def ended_between(self, since: datetime, until: datetime, statuses: Sequence[str] = LIVE) -> list[Visit]:
        """The visits that ended after `since`, at `until` the latest, in the order of their ends."""
        wanted, names = one_of(statuses)
        sql = (
            f"SELECT {VISIT} FROM {JOINED} AND v.starts >= ? AND v.starts < ? AND v.ends > ? AND v.ends <= ? "
            f"AND v.status IN {wanted} ORDER BY v.ends, v.no"
        )
        low, high = stamp(since), stamp(until)
        return visits(self.db.rows(sql, low - DAY, high, low, high, *names))

    def in_series(self, series: str) -> list[Visit]:
        """The visits of a recurring booking, cancelled ones included, by time."""
        sql = f"SELECT {VISIT} FROM {JOINED} AND v.series = ? AND v.series <> '' ORDER BY v.starts, v.no"
        return visits(self.db.rows(sql, series))

    def count_on_day(self, person: str, day_start: datetime, day_end: datetime, but: str = "") -> int:
        """How many live visits of a person, as rep or participant, begin in [day_start, day_end), without `but`."""
        row = self.db.row(
            "SELECT COUNT(*) FROM members m CROSS JOIN visit_people p CROSS JOIN visits v "
            "WHERE m.id = ? AND p.person_no = m.no AND p.busy = 1 AND p.starts >= ? AND p.starts < ? "
            "AND v.no = p.visit_no AND v.id <> ?",
            *(person, stamp(day_start), stamp(day_end), but),
        )
        return number(row[0]) if row else 0

    def last_at(self, customer: str, before: datetime, statuses: Sequence[str] = ("done",)) -> Visit | None:
        """The newest visit at a customer that began before a moment."""
        wanted, names = one_of(statuses)
        sql = (
            f"SELECT {VISIT} FROM {JOINED} AND v.customer_no = (SELECT no FROM customers WHERE id = ?) "
            f"AND v.starts < ? AND v.status IN {wanted} ORDER BY v.starts DESC LIMIT 1"
        )
        row = self.db.row(sql, customer, stamp(before), *names)
        return visit(row) if row else None

    def next_of(self, person: str, after: datetime, statuses: Sequence[str] = LIVE) -> Visit | None:
        """The first visit of a person (as rep or participant) that begins at or after a moment."""
        wanted, names = one_of(statuses)
        sql = (
            f"SELECT {VISIT} FROM members m CROSS JOIN visit_people p CROSS JOIN {JOINED} AND m.id = ? "
            f"AND p.person_no = m.no AND p.busy = 1 AND p.starts >= ? AND v.no = p.visit_no "
            f"AND v.status IN {wanted} ORDER BY p.starts LIMIT 1"
        )
        row = self.db.row(sql, person, stamp(after), *names)
        return visit(row) if row else None

    def versions(self, id: str) -> list[Version]:
        """Every state a visit has had, oldest first; the last one is the present."""
        sql = (
            "SELECT x.version, x.data, x.at, x.who, x.why FROM visit_versions x "
            "WHERE x.visit_no = (SELECT no FROM visits WHERE id = ?) ORDER BY x.version"
        )
        return [
            (number(version), visit_from_json(mapping(data)), moment(number(at)), str(who), str(why))
            for version, data, at, who, why in self.db.rows(sql, id)
        ]

    def histories(self, ids: Sequence[str]) -> dict[str, list[Version]]:
        """The states of several visits, as `versions` gives those of one."""
        marks, values = one_of(ids)
        sql = (
            "SELECT v.id, x.version, x.data, x.at, x.who, x.why FROM visits v CROSS JOIN visit_versions x "
            f"WHERE v.id IN {marks} AND x.visit_no = v.no ORDER BY x.visit_no, x.version"
        )
        out: dict[str, list[Version]] = {}
        for id_, version, data, at, who, why in self.db.rows(sql, *values):
            state = (number(version), visit_from_json(mapping(data)), moment(number(at)), str(who), str(why))
            out.setdefault(str(id_), []).append(state)
        return out

    def recent_changes(self, customer: str, since: datetime) -> list[tuple[str, datetime, str]]:
        """The changes a customer asked for at or after a moment (R20), oldest first: (visit, at, why)."""
        sql = (
            "SELECT v.id, x.at, x.why FROM visit_versions x JOIN visits v ON v.no = x.visit_no WHERE x.by_customer = 1 "
            "AND x.customer_no = (SELECT no FROM customers WHERE id = ?) AND x.at >= ? "
            "ORDER BY x.at, x.visit_no, x.version"
        )
        return [(str(id_), moment(number(at)), str(why)) for id_, at, why in self.db.rows(sql, customer, stamp(since))]

    def _checked(self, value: Visit) -> _Ready:
        """The visit with clean participants and the customer's present name, and the row numbers behind its ids."""
        if stamp(value.slot.end) - stamp(value.start) > DAY:
            raise Refusal("一次拜访最长 24 小时，请把时间缩短一些。")
        others = tuple(p for p in dict.fromkeys(value.participants) if p != value.rep)
        rows, who = self.db.memory.rows, (value.rep, *others)
        if ("customer", value.customer) not in rows or any(("member", p) not in rows for p in who):
            marks, people = one_of(who)
            found = self.db.rows(
                f"SELECT 'member', id, no, '' FROM members WHERE id IN {marks} "
                "UNION ALL SELECT 'customer', id, no, name FROM customers WHERE id = ?",
                *people,
                value.customer,
            )
            rows.update({(str(kind), str(id_)): (number(no), str(name)) for kind, id_, no, name in found})
        missing = [p for p in who if ("member", p) not in rows]
        customer = rows.get(("customer", value.customer))
        if missing or customer is None:
            raise ValueError(f"a visit needs known people and a known customer: {missing or value.customer}")
        clean = replace(value, participants=others, customer_name=customer[1])
        return _Ready(clean, customer[0], {p: rows["member", p][0] for p in who})

    def _insert(self, ready: _Ready, at: datetime, by: str, *, shared_ok: int) -> int | None:
        new = ready.visit
        try:
            row = self.db.row(_INSERT, new.id, *ready.values(), shared_ok, seconds(new.checked_in), stamp(at), by)
        except Overlap:
            return None
        return number(row[0]) if row else None

    def _answers(self, no: int) -> dict[str, str]:
        sql = (
            "SELECT m.id, p.answer FROM visit_people p JOIN members m ON m.no = p.person_no "
            "WHERE p.visit_no = ? AND p.part = 'with'"
        )
        return {str(who): str(said) for who, said in self.db.rows(sql, no)}

    def _calendar(self, no: int, ready: _Ready, answers: dict[str, str]) -> None:
        """Write whose time the visit fills. Words given stay; who is invited again after declining is asked anew."""
        v, people = ready.visit, [ready.members[p] for p in ready.visit.people]
        if v.version > 1:
            marks = ",".join("?" * len(people))
            sql = f"DELETE FROM visit_people WHERE visit_no = ? AND (answer <> 'declined' OR person_no IN ({marks}))"
            self.db.run(sql, no, *people)
        said = [answers.get(p, "") for p in v.participants]
        words = ["", *("" if word == "declined" else word for word in said)]
        parts = ["rep", *("with" for _ in v.participants)]
        slot = (stamp(v.start), stamp(v.end), int(v.live))
        self.db.many(
            "INSERT INTO visit_people (visit_no, person_no, part, answer, starts, ends, busy) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(no, person, part, word, *slot) for person, part, word in zip(people, parts, words, strict=True)],
        )

    def _record(self, no: int, ready: _Ready, at: datetime, by: str, why: str, *, by_customer: bool) -> None:
        v = ready.visit
        self.db.run(
            "INSERT INTO visit_versions (visit_no, version, data, at, who, why, by_customer, customer_no) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(no, v.version, dumps(visit_to_json(v)), stamp(at), by, why, int(by_customer), ready.customer),
        )
        self.touched.add("visits")
