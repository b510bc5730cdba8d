"""The inbox (each message once) and the outbox (each letter once, in order, by whoever holds its lease)."""

import json
from collections.abc import Sequence
from datetime import datetime

from domain.desk import Letter
from domain.model import moment, stamp
from storage.db import Row, dumps, number, one_of, strings, when
from storage.part import Part

_COLUMNS = "key, dest, why, card, subject, replaces, platform, for_person, created, handle, tries, fence"
_SELECT = f"SELECT {_COLUMNS} FROM outbox o"
_FREE = (
    "o.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM outbox e "
    "WHERE e.dest = o.dest AND e.state = 'waiting' AND e.seq < o.seq AND e.due <= o.due)"
)
"""Unsent, and no letter to the same address stands before it; one put off beyond this one's time does not."""
_HELD = "WHERE key = ? AND fence = ? AND state = 'waiting'"


def _letter(row: Row) -> Letter:
    key, to, why, card, subject, replaces, platform, for_person, created, handle, tries, fence = row
    return Letter(
        key=str(key),
        to=str(to),
        why=str(why),
        card=str(card),
        subject=str(subject),
        replaces=str(replaces),
        platform=str(platform),
        for_person=str(for_person),
        created=when(created),
        handle=str(handle),
        tries=number(tries),
        fence=number(fence),
    )


def _has_buttons(card: str) -> bool:
    """The third part of a card's JSON is its buttons (bot/cards.py to_json)."""
    parts = json.loads(card)
    return isinstance(parts, list) and len(parts) > 2 and bool(parts[2])


class Mail(Part):
    """Every answer to a message is a letter written in the same transaction as the change it tells of."""

    __slots__ = ()

    def first_time(self, platform: str, key: str, at: datetime, replies: Sequence[str] = ()) -> bool:
        """True for the first delivery of a message, False for later ones, also when both come at one moment.

        `replies`: the keys of the letters that will answer it, as `answered` notes them.
        """
        sql = "INSERT INTO inbox (platform, key, at, replies) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self.db.run(sql, platform, key, stamp(at), dumps(list(replies))) == 1

    def answered(self, platform: str, key: str, reply_keys: Sequence[str]) -> None:
        """Remember which letters answered a message, so that a repeated delivery can be answered the same."""
        sql = "UPDATE inbox SET replies = ? WHERE platform = ? AND key = ?"
        self.db.run(sql, dumps(list(reply_keys)), platform, key)

    def replies_of(self, platform: str, key: str) -> list[Letter]:
        """The letters that answered a message, in their order."""
        row = self.db.row("SELECT replies FROM inbox WHERE platform = ? AND key = ?", platform, key)
        keys = strings(row[0]) if row else ()
        marks, values = one_of(keys)
        rows = self.db.rows(f"{_SELECT} WHERE o.key IN {marks}", *values)
        found = {letter.key: letter for letter in map(_letter, rows)}
        return [found[k] for k in keys if k in found]

    def forget(self, before: datetime, limit: int = 1000) -> int:
        """Drop the memory of the oldest messages that came before a moment, `limit` at most; how many they were."""
        old = "SELECT platform, key FROM inbox WHERE at < ? ORDER BY at LIMIT ?"
        return self.db.run(f"DELETE FROM inbox WHERE (platform, key) IN ({old})", stamp(before), limit)

    def shred(self, before: datetime, limit: int = 1000) -> int:
        """Drop the oldest letters written before a moment that wait for nothing any more; `limit` are looked at."""
        oldest = "SELECT seq FROM outbox ORDER BY seq LIMIT ?"
        sql = f"DELETE FROM outbox WHERE seq IN ({oldest}) AND state <> 'waiting' AND created < ?"
        return self.db.run(sql, limit, stamp(before))

    def post(self, letter: Letter, at: datetime, not_before: datetime | None = None) -> bool:
        """Put a letter into the outbox, to leave at `not_before` the earliest; False when its key was there."""
        created = stamp(letter.created or at)
        n = self.db.run(
            f"INSERT INTO outbox ({_COLUMNS}, due, leased, owner, state, error, buttons) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, ?, 0, '', 'waiting', '', ?) ON CONFLICT DO NOTHING",
            *(letter.key, letter.to, letter.why, letter.card, letter.subject, letter.replaces, letter.platform),
            *(letter.for_person, created, max(stamp(not_before or at), created), int(_has_buttons(letter.card))),
        )
        self.touched.add("letters")
        return n == 1

    def take(self, now: datetime, limit: int, lease_s: int, owner: str, *, burst: int = 0) -> list[Letter]:
        """Claim letters that are due, the oldest of each address, for `lease_s` seconds; each has a new fencing number.

        A later letter to an address waits for the earlier one, unless that one was put off by `retry` or `not_before`; but
        up to `burst` pushes that follow a claimed push come along with it.
        """
        at = stamp(now)
        skip = " FOR UPDATE SKIP LOCKED" if self.db.dialect == "postgresql" else ""
        rows = self.db.rows(
            "UPDATE outbox SET fence = fence + 1, leased = ?, owner = ? WHERE seq IN (SELECT o.seq FROM outbox o "
            f"WHERE o.due <= ? AND o.leased <= ? AND {_FREE} ORDER BY o.seq LIMIT ?{skip}) RETURNING {_COLUMNS}, seq",
            *(at + lease_s, owner, at, at, limit),
        )
        pushed = [str(row[1]) for row in rows if row[2] == "push"] if burst else []
        if pushed:
            rows = [*rows, *self._following(pushed, at, lease_s, owner, burst, skip)]
        return [_letter(row[:-1]) for row in sorted(rows, key=lambda row: number(row[-1]))]

    def _following(self, addresses: list[str], at: int, lease_s: int, owner: str, limit: int, skip: str) -> list[Row]:
        """Pushes right behind claimed ones, up to the first letter of another kind."""
        marks, values = one_of(addresses)
        between = "e.dest = o.dest AND e.state = 'waiting' AND e.why <> 'push' AND e.seq < o.seq AND e.due <= o.due"
        return self.db.rows(
            "UPDATE outbox SET fence = fence + 1, leased = ?, owner = ? WHERE seq IN (SELECT o.seq FROM outbox o "
            f"WHERE o.dest IN {marks} AND o.why = 'push' AND o.state = 'waiting' AND o.due <= ? AND o.leased <= ? "
            f"AND NOT EXISTS (SELECT 1 FROM outbox e WHERE {between}) ORDER BY o.seq LIMIT ?{skip}) RETURNING {_COLUMNS}, seq",
            at + lease_s,
            owner,
            *values,
            at,
            at,
            limit,
        )

    def unlease(self) -> int:
        """Put back what a process that died was sending; only for a store that nobody else uses. How many there were."""
        return self.db.run("UPDATE outbox SET leased = 0 WHERE state = 'waiting' AND leased > 0")

    def sent(self, *letters: tuple[str, int, str]) -> None:
        """Delivered, each (key, fence, what the platform gave back); one that somebody else holds by now stays as it is."""
        sql = f"UPDATE outbox SET state = 'sent', handle = ?, leased = 0 {_HELD}"
        self.db.many(sql, [(handle, key, fence) for key, fence, handle in letters])

    def retry(self, key: str, fence: int, at: datetime, error: str) -> bool:
        """Not delivered: try again at a moment. False when somebody else holds the letter by now."""
        sql = "UPDATE outbox SET due = ?, tries = tries + 1, leased = 0, error = ?"
        self.touched.add("letters")
        return self.db.run(f"{sql} {_HELD}", stamp(at), error, key, fence) == 1

    def hand_back(self, key: str, fence: int, at: datetime) -> bool:
        """Not tried after all: another process is to send it. False when somebody else holds the letter by now."""
        self.touched.add("letters")
        return self.db.run(f"UPDATE outbox SET due = ?, leased = 0 {_HELD}", stamp(at), key, fence) == 1

    def dead(self, key: str, fence: int, error: str) -> bool:
        """Given up for good. False when somebody else holds the letter by now."""
        sql = "UPDATE outbox SET state = 'dead', tries = tries + 1, leased = 0, error = ?"
        self.touched.add("letters")
        return self.db.run(f"{sql} {_HELD}", error, key, fence) == 1

    def about(self, subject: str) -> list[Letter]:
        """The newest letter about something at each address, oldest first; what could not be delivered is left out."""
        rows = self.db.rows(f"{_SELECT} WHERE o.subject = ? AND o.state <> 'dead' ORDER BY o.seq", subject)
        newest: dict[str, Letter] = {}
        for letter in map(_letter, rows):
            newest.pop(letter.to, None)
            newest[letter.to] = letter
        return list(newest.values())

    def newest_card(self, to: str, person: str) -> Letter | None:
        """The newest letter with buttons at an address that is for this person or for everybody."""
        row = self.db.row(
            f"{_SELECT} WHERE o.dest = ? AND o.buttons = 1 AND o.state <> 'dead' AND o.for_person IN ('', ?) "
            "ORDER BY o.seq DESC LIMIT 1",
            *(to, person),
        )
        return _letter(row) if row else None

    def next_due(self) -> datetime | None:
        """When the next letter can be taken: it is due, no lease is on it, and no earlier one stands before it."""
        first = "SELECT MIN(CASE WHEN o.leased > o.due THEN o.leased ELSE o.due END) FROM outbox o"
        row = self.db.row(f"{first} WHERE {_FREE}")
        return moment(number(row[0])) if row and row[0] is not None else None

    def get(self, key: str) -> Letter | None:
        """The letter with this key, sent or not."""
        row = self.db.row(f"{_SELECT} WHERE o.key = ?", key)
        return _letter(row) if row else None

    def state_of(self, key: str) -> str:
        """waiting, sent, dead, or "" when there is no such letter."""
        row = self.db.row("SELECT state FROM outbox WHERE key = ?", key)
        return str(row[0]) if row else ""

    def pending_count(self) -> int:
        """How many letters are not sent yet."""
        row = self.db.row("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
        return number(row[0]) if row else 0
