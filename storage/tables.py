"""The schema as SQLModel tables, for reading (web, API, reports) and for Alembic.

Columns are INTEGER, BIGINT, DOUBLE and TEXT only: flags are 0 or 1, times unix seconds, lists and objects JSON in TEXT.
What the database guards beside it (the overlap of visits) stands in the migration, because SQLModel has no word for it.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Double, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

METADATA = SQLModel.metadata
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _serial() -> Any:
    return Field(sa_type=_BIG, primary_key=True, default=None)  # type: ignore[call-overload]


def _big(**more: Any) -> Any:
    return Field(sa_type=_BIG, **more)


def _small(**more: Any) -> Any:
    return Field(sa_type=Integer, **more)


def _real(**more: Any) -> Any:
    return Field(sa_type=Double, **more)


def _text(**more: Any) -> Any:
    return Field(sa_type=Text, **more)


def _where(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class MemberRow(SQLModel, table=True):
    """Somebody who works here, or did."""

    __tablename__ = "members"
    __table_args__ = (
        Index("members_id", "id", unique=True),
        Index("members_team", "team"),
        Index("members_manager", "manager"),
    )

    no: int | None = _serial()
    id: str = _text()
    name: str = _text()
    role: str = _text()
    team: str = _text()
    department: str = _text()
    manager: str | None = _text(nullable=True, default=None)
    aliases: str = _text()
    line: str = _text()
    wecom: str = _text()
    dingtalk: str = _text()
    active: int = _small()


class IdentityRow(SQLModel, table=True):
    """A messenger account of a member; the uid is casefolded."""

    __tablename__ = "identities"
    __table_args__ = (Index("identities_member", "member_no"),)

    platform: str = _text(primary_key=True)
    uid: str = _text(primary_key=True)
    member_no: int = _big(foreign_key="members.no")


class MemberNameRow(SQLModel, table=True):
    """A full name or alias of a member."""

    __tablename__ = "member_names"
    __table_args__ = (Index("member_names_member", "member_no"),)

    name: str = _text(primary_key=True)
    member_no: int = _big(primary_key=True, foreign_key="members.no")


class GroupRow(SQLModel, table=True):
    """A group chat."""

    __tablename__ = "chat_groups"
    __table_args__ = (Index("chat_groups_id", "id", unique=True),)

    no: int | None = _serial()
    id: str = _text()
    name: str = _text()
    team: str = _text()


class GroupMemberRow(SQLModel, table=True):
    """Who is in a group, in the order given."""

    __tablename__ = "group_members"
    __table_args__ = (Index("group_members_member", "member"),)

    group_id: str = _text(primary_key=True)
    member: str = _text(primary_key=True)
    place: int = _small()


class GroupChatRow(SQLModel, table=True):
    """A messenger's chat id of a group."""

    __tablename__ = "group_chats"
    __table_args__ = (Index("group_chats_group", "group_id"),)

    platform: str = _text(primary_key=True)
    chat: str = _text(primary_key=True)
    group_id: str = _text()


class CustomerRow(SQLModel, table=True):
    """A customer; lists and objects are JSON."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("customers_id", "id", unique=True),
        Index("customers_code", "code", unique=True),
        Index("customers_owner", "owner"),
        Index("customers_status", "status"),
        Index("customers_rev", "rev"),
    )

    no: int | None = _serial()
    id: str = _text()
    code: str = _text()
    name: str = _text()
    aliases: str = _text()
    city: str = _text()
    grade: str = _text()
    owner: str | None = _text(nullable=True, default=None)
    co_owners: str = _text()
    stage: str = _text()
    status: str = _text()
    locked: int = _small()
    phones: str = _text()
    emails: str = _text()
    uscc: str = _text()
    created: int | None = _big(nullable=True, default=None)
    last_followup: int | None = _big(nullable=True, default=None)
    protected_until: str | None = _text(nullable=True, default=None)
    contacts: str = _text()
    lat: float | None = _real(nullable=True, default=None)
    lng: float | None = _real(nullable=True, default=None)
    address: str = _text()
    extra: str = _text()
    version: int = _small()
    rev: int = _big()


class CustomerOwnerRow(SQLModel, table=True):
    """A co-owner of a customer."""

    __tablename__ = "customer_owners"
    __table_args__ = (Index("customer_owners_member", "member"),)

    customer_no: int = _big(primary_key=True, foreign_key="customers.no")
    member: str = _text(primary_key=True)


class CustomerKeyRow(SQLModel, table=True):
    """A normalised phone, email or uscc of a customer."""

    __tablename__ = "customer_keys"
    __table_args__ = (Index("customer_keys_customer", "customer_no"),)

    kind: str = _text(primary_key=True)
    value: str = _text(primary_key=True)
    customer_no: int = _big(primary_key=True, foreign_key="customers.no")


class VisitRow(SQLModel, table=True):
    """A visit as it is now; `participants` is JSON. Times are unix seconds, a visit lasts 24 hours at most."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("visits_id", "id", unique=True),
        Index("visits_customer", "customer_no", "starts", "ends"),
        Index("visits_starts", "starts"),
        _where("visits_series", "series", where="series <> ''"),
        CheckConstraint("ends > starts AND ends - starts <= 86400", name="visits_length"),
    )

    no: int | None = _serial()
    id: str = _text()
    customer_no: int = _big(foreign_key="customers.no")
    rep_no: int = _big(foreign_key="members.no")
    starts: int = _big()
    ends: int = _big()
    participants: str = _text()
    mode: str = _text()
    purpose: str = _text()
    contact: str = _text()
    location: str = _text()
    status: str = _text()
    version: int = _small()
    line: str = _text()
    agenda: str = _text()
    source: str = _text()
    series: str = _text()
    overlap_ok: int = _small()
    shared_ok: int = _small()
    checked_in: int | None = _big(nullable=True, default=None)
    created: int = _big()
    created_by: str = _text()


class VisitPersonRow(SQLModel, table=True):
    """Whose time a visit fills: `part` is rep or with, `busy` is 0 when cancelled or declined."""

    __tablename__ = "visit_people"
    __table_args__ = (Index("visit_people_time", "person_no", "starts", "ends", "busy", "visit_no"),)

    visit_no: int = _big(primary_key=True, foreign_key="visits.no")
    person_no: int = _big(primary_key=True, foreign_key="members.no")
    part: str = _text()
    answer: str = _text()
    starts: int = _big()
    ends: int = _big()
    busy: int = _small()


class VisitVersionRow(SQLModel, table=True):
    """A state a visit has or had, with who, when and why."""

    __tablename__ = "visit_versions"
    __table_args__ = (_where("visit_versions_customer", "customer_no", "at", where="by_customer = 1"),)

    visit_no: int = _big(primary_key=True, foreign_key="visits.no")
    version: int = _small(primary_key=True)
    data: str = _text()
    at: int = _big()
    who: str = _text()
    why: str = _text()
    by_customer: int = _small()
    customer_no: int = _big()


class LeaveRow(SQLModel, table=True):
    """A time in which a member is away."""

    __tablename__ = "leaves"
    __table_args__ = (
        Index("leaves_id", "id", unique=True),
        Index("leaves_time", "member_no", "ends", "starts"),
        CheckConstraint("ends > starts", name="leaves_length"),
    )

    no: int | None = _serial()
    id: str = _text()
    member_no: int = _big(foreign_key="members.no")
    starts: int = _big()
    ends: int = _big()
    kind: str = _text()
    cancelled: int = _small()


class InboxRow(SQLModel, table=True):
    """A message that was handled, and the keys of the letters that answered it."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_at", "at"),)

    platform: str = _text(primary_key=True)
    key: str = _text(primary_key=True)
    at: int = _big()
    replies: str = _text()


class OutboxRow(SQLModel, table=True):
    """A letter: waiting, sent or dead; `due` and `leased` are unix seconds, `fence` counts the claims."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_key", "key", unique=True),
        _where("outbox_due", "due", where="state = 'waiting'"),
        _where("outbox_waiting", "dest", "seq", "due", where="state = 'waiting'"),
        _where("outbox_cards", "dest", "seq", where="buttons = 1"),
        _where("outbox_subject", "subject", where="subject <> ''"),
    )

    seq: int | None = _serial()
    key: str = _text()
    dest: str = _text()
    why: str = _text()
    card: str = _text()
    subject: str = _text()
    replaces: str = _text()
    platform: str = _text()
    for_person: str = _text()
    created: int = _big()
    handle: str = _text()
    tries: int = _small()
    fence: int = _big()
    due: int = _big()
    leased: int = _big()
    owner: str = _text()
    state: str = _text()
    error: str = _text()
    buttons: int = _small()


class JobRow(SQLModel, table=True):
    """Something to be done at `due`, once."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_key", "key", unique=True),
        _where("jobs_due", "due", "no", where="done = 0"),
        Index("jobs_subject", "subject"),
    )

    no: int | None = _serial()
    key: str = _text()
    kind: str = _text()
    subject: str = _text()
    due: int = _big()
    data: str = _text()
    done: int = _small()


class MarkRow(SQLModel, table=True):
    """Periodic work that was done."""

    __tablename__ = "marks"

    key: str = _text(primary_key=True)


class DraftRow(SQLModel, table=True):
    """An ask that is not carried out yet."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index("drafts_id", "id", unique=True),
        _where("drafts_open", "person", "chat", "saved", where="state = 'open'"),
    )

    no: int | None = _serial()
    id: str = _text()
    person: str = _text()
    chat: str = _text()
    intent: str = _text()
    question: str = _text()
    ask: str = _text()
    data: str = _text()
    created: int | None = _big(nullable=True, default=None)
    expires: int | None = _big(nullable=True, default=None)
    state: str = _text()
    saved: int = _big()


class DeedRow(SQLModel, table=True):
    """Something done that may be undone."""

    __tablename__ = "deeds"
    __table_args__ = (
        Index("deeds_id", "id", unique=True),
        Index("deeds_person", "person", "no"),
    )

    no: int | None = _serial()
    id: str = _text()
    person: str = _text()
    chat: str = _text()
    name: str = _text()
    at: int = _big()
    data: str = _text()
    undone: int = _small()


class NoteRow(SQLModel, table=True):
    """A small memory per person."""

    __tablename__ = "notes"

    person: str = _text(primary_key=True)
    key: str = _text(primary_key=True)
    value: str = _text()


class EventRow(SQLModel, table=True):
    """The log of contract.md section 7."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_name", "name", "at"),
        _where("events_message", "message", where="message <> ''"),
    )

    id: int | None = _serial()
    at: int = _big()
    name: str = _text()
    data: str = _text()
    who: str = _text()
    chat: str = _text()
    platform: str = _text()
    message: str = _text()
    source: str = _text()


class ConflictRow(SQLModel, table=True):
    """A conflict found at entry, kept for ever."""

    __tablename__ = "conflicts"
    __table_args__ = (
        Index("conflicts_id", "id", unique=True),
        Index("conflicts_at", "at"),
    )

    no: int | None = _serial()
    id: str = _text()
    kinds: str = _text()
    hard: int = _small()
    rep: str = _text()
    customer: str = _text()
    at: int = _big()
    draft: str = _text()
    others: str = _text()
    resolution: str = _text()
    visit: str = _text()
    resolved: int | None = _big(nullable=True, default=None)


class ConflictSideRow(SQLModel, table=True):
    """A visit or person that takes part in a conflict."""

    __tablename__ = "conflict_sides"
    __table_args__ = (Index("conflict_sides_value", "kind", "value"),)

    conflict: str = _text(primary_key=True)
    kind: str = _text(primary_key=True)
    value: str = _text(primary_key=True)


class ApprovalRow(SQLModel, table=True):
    """A request that waits for somebody's word."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index("approvals_id", "id", unique=True),
        Index("approvals_at", "at"),
        _where("approvals_pending", "asker", where="status = 'pending'"),
        _where("approvals_visit", "visit", where="visit <> ''"),
    )

    no: int | None = _serial()
    id: str = _text()
    kind: str = _text()
    asker: str = _text()
    approvers: str = _text()
    subject: str = _text()
    status: str = _text()
    at: int | None = _big(nullable=True, default=None)
    expires: int | None = _big(nullable=True, default=None)
    decided_by: str = _text()
    decided: int | None = _big(nullable=True, default=None)
    reason: str = _text()
    visit: str = _text()


class ApproverRow(SQLModel, table=True):
    """Who may decide a request."""

    __tablename__ = "approvers"
    __table_args__ = (Index("approvers_member", "member"),)

    approval: str = _text(primary_key=True)
    member: str = _text(primary_key=True)


class CompanySettingRow(SQLModel, table=True):
    """A rule as the company has set it."""

    __tablename__ = "company_settings"

    key: str = _text(primary_key=True)
    value: str = _text()
    at: int = _big()
    who: str = _text()


class PersonalSettingRow(SQLModel, table=True):
    """A setting of one member."""

    __tablename__ = "personal_settings"

    member: str = _text(primary_key=True)
    key: str = _text(primary_key=True)
    value: str = _text()


class AlarmRow(SQLModel, table=True):
    """An incident whose alarm was raised."""

    __tablename__ = "alarms"

    key: str = _text(primary_key=True)
    at: int = _big()


class SerialRow(SQLModel, table=True):
    """The last number of a series (SQLite; PostgreSQL has sequences)."""

    __tablename__ = "serials"

    name: str = _text(primary_key=True)
    value: int = _big()
