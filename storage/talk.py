"""What is being talked about: open drafts, deeds that can be undone, and a small memory per person."""

from dataclasses import replace
from datetime import datetime

from domain.desk import Deed, Draft
from domain.model import moment, stamp
from storage.db import Db, Row, dumps, loads, mapping, number, seconds, when
from storage.part import Part

_DRAFT = "id, person, chat, intent, question, ask, data, created, expires, state"
_DEED = "id, person, chat, name, at, data, undone"


def _draft(row: Row) -> Draft:
    id_, person, chat, intent, question, ask, data, created, expires, state = row
    return Draft(
        id=str(id_),
        person=str(person),
        chat=str(chat),
        intent=str(intent),
        question=str(question),
        ask=mapping(ask),
        data=mapping(data),
        created=when(created),
        expires=when(expires),
        state=str(state),
    )


def _deed(row: Row) -> Deed:
    id_, person, chat, name, at, data, undone = row
    return Deed(str(id_), str(person), str(chat), str(name), moment(number(at)), mapping(data), bool(undone))


class Talk(Part):
    """The dialogue's memory; it survives a restart."""

    __slots__ = ("kept",)

    def __init__(self, db: Db) -> None:
        super().__init__(db, set())
        self.kept: dict[tuple[str, str], str] = {}
        """Notes of this transaction; `Tx.finish` puts them down together, a savepoint that is undone drops its own."""

    def save(self, draft: Draft) -> Draft:
        """Keep a draft, new or changed (id given when empty); the one saved last is the newest."""
        new = replace(draft, id=draft.id or f"d{self.db.serial('draft')}")
        self.db.run(
            f"INSERT INTO drafts ({_DRAFT}, saved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET intent = excluded.intent, question = excluded.question, "
            "ask = excluded.ask, data = excluded.data, "
            "expires = excluded.expires, state = excluded.state, saved = excluded.saved",
            *(new.id, new.person, new.chat, new.intent, new.question, dumps(dict(new.ask)), dumps(dict(new.data))),
            *(seconds(new.created), seconds(new.expires), new.state, self.db.serial("saved")),
        )
        return new

    def get(self, id: str) -> Draft | None:
        """The draft with this id, open or not."""
        row = self.db.row(f"SELECT {_DRAFT} FROM drafts WHERE id = ?", id)
        return _draft(row) if row else None

    def open(self, person: str, chat: str, now: datetime) -> Draft | None:
        """The newest draft with an open question to this person in this chat that has not expired."""
        row = self.db.row(
            f"SELECT {_DRAFT} FROM drafts WHERE person = ? AND chat = ? AND state = 'open' AND question <> '' "
            "AND (expires IS NULL OR expires > ?) ORDER BY saved DESC LIMIT 1",
            *(person, chat, stamp(now)),
        )
        return _draft(row) if row else None

    def close(self, id: str, state: str) -> bool:
        """Carry an open draft over to done or dropped; False when it is not open any more."""
        return self.db.run("UPDATE drafts SET state = ? WHERE id = ? AND state = 'open'", state, id) == 1

    def did(self, deed: Deed) -> Deed:
        """Note something done that may be undone (id given when empty)."""
        new = replace(deed, id=deed.id or f"u{self.db.serial('deed')}")
        self.db.run(
            f"INSERT INTO deeds ({_DEED}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(new.id, new.person, new.chat, new.name, stamp(new.at), dumps(dict(new.data)), int(new.undone)),
        )
        return new

    def last(self, person: str, since: datetime, name: str | None = None) -> Deed | None:
        """The newest deed of a person at or after a moment that is not undone; of one name when given."""
        sql = f"SELECT {_DEED} FROM deeds WHERE person = ? AND at >= ? AND undone = 0"
        params: list[str | int] = [person, stamp(since)]
        if name is not None:
            sql += " AND name = ?"
            params.append(name)
        row = self.db.row(f"{sql} ORDER BY no DESC LIMIT 1", *params)
        return _deed(row) if row else None

    def recent(self, person: str, since: datetime) -> list[Deed]:
        """A person's deeds at or after a moment that are not undone, newest first."""
        sql = f"SELECT {_DEED} FROM deeds WHERE person = ? AND at >= ? AND undone = 0 ORDER BY no DESC"
        return [_deed(row) for row in self.db.rows(sql, person, stamp(since))]

    def deed(self, id: str) -> Deed | None:
        """The deed with this id, undone or not."""
        row = self.db.row(f"SELECT {_DEED} FROM deeds WHERE id = ?", id)
        return _deed(row) if row else None

    def undo(self, id: str) -> bool:
        """Mark a deed undone; True only the first time."""
        return self.db.run("UPDATE deeds SET undone = 1 WHERE id = ? AND undone = 0", id) == 1

    def note(self, person: str, key: str, value: object) -> None:
        """Remember a JSON value for a person (the customer last talked about, …) in place of the one before."""
        self.kept[person, key] = dumps(value)

    def write(self) -> None:
        """Put down what was noted, in one statement."""
        if self.kept:
            values = ", ".join(["(?, ?, ?)"] * len(self.kept))
            self.db.run(
                f"INSERT INTO notes (person, key, value) VALUES {values} "
                "ON CONFLICT (person, key) DO UPDATE SET value = excluded.value",
                *(part for (person, key), value in self.kept.items() for part in (person, key, value)),
            )
            self.kept.clear()

    def noted(self, person: str, key: str) -> object | None:
        """What `note` remembered, or None."""
        if (kept := self.kept.get((person, key))) is not None:
            return loads(kept)
        row = self.db.row("SELECT value FROM notes WHERE person = ? AND key = ?", person, key)
        return loads(row[0]) if row else None
