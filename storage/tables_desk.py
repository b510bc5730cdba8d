"""Tables of the paperwork: mail, jobs, talk, log, conflicts, approvals, settings."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.columns import big, partial, serial, small, words


class InboxRow(SQLModel, table=True):
    """A message that was handled, and the keys of the letters that answered it."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_at", "at"),)

    platform: str = words(primary_key=True)
    key: str = words(primary_key=True)
    at: int = big()
    replies: str = words()


class OutboxRow(SQLModel, table=True):
    """A letter: waiting, sent or dead; `due` and `leased` are unix seconds, `fence` counts the claims."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_key", "key", unique=True),
        partial("outbox_due", "due", where="state = 'waiting'"),
        partial("outbox_waiting", "dest", "seq", "due", where="state = 'waiting'"),
        partial("outbox_cards", "dest", "seq", where="buttons = 1"),
        partial("outbox_subject", "subject", where="subject <> ''"),
    )

    seq: int | None = serial()
    key: str = words()
    dest: str = words()
    why: str = words()
    card: str = words()
    subject: str = words()
    replaces: str = words()
    platform: str = words()
    for_person: str = words()
    created: int = big()
    handle: str = words()
    tries: int = small()
    fence: int = big()
    due: int = big()
    leased: int = big()
    owner: str = words()
    state: str = words()
    error: str = words()
    buttons: int = small()


class JobRow(SQLModel, table=True):
    """Something to be done at `due`, once."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_key", "key", unique=True),
        partial("jobs_due", "due", "no", where="done = 0"),
        Index("jobs_subject", "subject"),
    )

    no: int | None = serial()
    key: str = words()
    kind: str = words()
    subject: str = words()
    due: int = big()
    data: str = words()
    done: int = small()


class MarkRow(SQLModel, table=True):
    """Periodic work that was done."""

    __tablename__ = "marks"

    key: str = words(primary_key=True)


class DraftRow(SQLModel, table=True):
    """An ask that is not carried out yet."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index("drafts_id", "id", unique=True),
        partial("drafts_open", "person", "chat", "saved", where="state = 'open'"),
    )

    no: int | None = serial()
    id: str = words()
    person: str = words()
    chat: str = words()
    intent: str = words()
    question: str = words()
    ask: str = words()
    data: str = words()
    created: int | None = big(nullable=True, default=None)
    expires: int | None = big(nullable=True, default=None)
    state: str = words()
    saved: int = big()


class DeedRow(SQLModel, table=True):
    """Something done that may be undone."""

    __tablename__ = "deeds"
    __table_args__ = (
        Index("deeds_id", "id", unique=True),
        Index("deeds_person", "person", "no"),
    )

    no: int | None = serial()
    id: str = words()
    person: str = words()
    chat: str = words()
    name: str = words()
    at: int = big()
    data: str = words()
    undone: int = small()


class NoteRow(SQLModel, table=True):
    """A small memory per person."""

    __tablename__ = "notes"

    person: str = words(primary_key=True)
    key: str = words(primary_key=True)
    value: str = words()


class EventRow(SQLModel, table=True):
    """The log of contract.md section 7."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_name", "name", "at"),
        partial("events_message", "message", where="message <> ''"),
    )

    id: int | None = serial()
    at: int = big()
    name: str = words()
    data: str = words()
    who: str = words()
    chat: str = words()
    platform: str = words()
    message: str = words()
    source: str = words()


class ConflictRow(SQLModel, table=True):
    """A conflict found at entry, kept for ever."""

    __tablename__ = "conflicts"
    __table_args__ = (
        Index("conflicts_id", "id", unique=True),
        Index("conflicts_at", "at"),
    )

    no: int | None = serial()
    id: str = words()
    kinds: str = words()
    hard: int = small()
    rep: str = words()
    customer: str = words()
    at: int = big()
    draft: str = words()
    others: str = words()
    resolution: str = words()
    visit: str = words()
    resolved: int | None = big(nullable=True, default=None)


class ConflictSideRow(SQLModel, table=True):
    """A visit or person that takes part in a conflict."""

    __tablename__ = "conflict_sides"
    __table_args__ = (Index("conflict_sides_value", "kind", "value"),)

    conflict: str = words(primary_key=True)
    kind: str = words(primary_key=True)
    value: str = words(primary_key=True)


class ApprovalRow(SQLModel, table=True):
    """A request that waits for somebody's word."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index("approvals_id", "id", unique=True),
        Index("approvals_at", "at"),
        partial("approvals_pending", "asker", where="status = 'pending'"),
        partial("approvals_visit", "visit", where="visit <> ''"),
    )

    no: int | None = serial()
    id: str = words()
    kind: str = words()
    asker: str = words()
    approvers: str = words()
    subject: str = words()
    status: str = words()
    at: int | None = big(nullable=True, default=None)
    expires: int | None = big(nullable=True, default=None)
    decided_by: str = words()
    decided: int | None = big(nullable=True, default=None)
    reason: str = words()
    visit: str = words()


class ApproverRow(SQLModel, table=True):
    """Who may decide a request."""

    __tablename__ = "approvers"
    __table_args__ = (Index("approvers_member", "member"),)

    approval: str = words(primary_key=True)
    member: str = words(primary_key=True)


class CompanySettingRow(SQLModel, table=True):
    """A rule as the company has set it."""

    __tablename__ = "company_settings"

    key: str = words(primary_key=True)
    value: str = words()
    at: int = big()
    who: str = words()


class PersonalSettingRow(SQLModel, table=True):
    """A setting of one member."""

    __tablename__ = "personal_settings"

    member: str = words(primary_key=True)
    key: str = words(primary_key=True)
    value: str = words()


class AlarmRow(SQLModel, table=True):
    """An incident whose alarm was raised."""

    __tablename__ = "alarms"

    key: str = words(primary_key=True)
    at: int = big()


class SerialRow(SQLModel, table=True):
    """The last number of a series (SQLite; PostgreSQL has sequences)."""

    __tablename__ = "serials"

    name: str = words(primary_key=True)
    value: int = big()
