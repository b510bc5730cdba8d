"""Tables of the office: people, groups, customers, visits, leaves."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from storage.columns import big, partial, real, serial, small, words


class MemberRow(SQLModel, table=True):
    """Somebody who works here, or did."""

    __tablename__ = "members"
    __table_args__ = (
        Index("members_id", "id", unique=True),
        Index("members_team", "team"),
        Index("members_manager", "manager"),
    )

    no: int | None = serial()
    id: str = words()
    name: str = words()
    role: str = words()
    team: str = words()
    department: str = words()
    manager: str | None = words(nullable=True, default=None)
    aliases: str = words()
    line: str = words()
    wecom: str = words()
    dingtalk: str = words()
    active: int = small()


class IdentityRow(SQLModel, table=True):
    """A messenger account of a member; the uid is casefolded."""

    __tablename__ = "identities"
    __table_args__ = (Index("identities_member", "member_no"),)

    platform: str = words(primary_key=True)
    uid: str = words(primary_key=True)
    member_no: int = big(foreign_key="members.no")


class MemberNameRow(SQLModel, table=True):
    """A full name or alias of a member."""

    __tablename__ = "member_names"
    __table_args__ = (Index("member_names_member", "member_no"),)

    name: str = words(primary_key=True)
    member_no: int = big(primary_key=True, foreign_key="members.no")


class GroupRow(SQLModel, table=True):
    """A group chat."""

    __tablename__ = "chat_groups"
    __table_args__ = (Index("chat_groups_id", "id", unique=True),)

    no: int | None = serial()
    id: str = words()
    name: str = words()
    team: str = words()


class GroupMemberRow(SQLModel, table=True):
    """Who is in a group, in the order given."""

    __tablename__ = "group_members"
    __table_args__ = (Index("group_members_member", "member"),)

    group_id: str = words(primary_key=True)
    member: str = words(primary_key=True)
    place: int = small()


class GroupChatRow(SQLModel, table=True):
    """A messenger's chat id of a group."""

    __tablename__ = "group_chats"
    __table_args__ = (Index("group_chats_group", "group_id"),)

    platform: str = words(primary_key=True)
    chat: str = words(primary_key=True)
    group_id: str = words()


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

    no: int | None = serial()
    id: str = words()
    code: str = words()
    name: str = words()
    aliases: str = words()
    city: str = words()
    grade: str = words()
    owner: str | None = words(nullable=True, default=None)
    co_owners: str = words()
    stage: str = words()
    status: str = words()
    locked: int = small()
    phones: str = words()
    emails: str = words()
    uscc: str = words()
    created: int | None = big(nullable=True, default=None)
    last_followup: int | None = big(nullable=True, default=None)
    protected_until: str | None = words(nullable=True, default=None)
    contacts: str = words()
    lat: float | None = real(nullable=True, default=None)
    lng: float | None = real(nullable=True, default=None)
    address: str = words()
    extra: str = words()
    version: int = small()
    rev: int = big()


class CustomerOwnerRow(SQLModel, table=True):
    """A co-owner of a customer."""

    __tablename__ = "customer_owners"
    __table_args__ = (Index("customer_owners_member", "member"),)

    customer_no: int = big(primary_key=True, foreign_key="customers.no")
    member: str = words(primary_key=True)


class CustomerKeyRow(SQLModel, table=True):
    """A normalised name, phone, email or uscc of a customer."""

    __tablename__ = "customer_keys"
    __table_args__ = (Index("customer_keys_customer", "customer_no"),)

    kind: str = words(primary_key=True)
    value: str = words(primary_key=True)
    customer_no: int = big(primary_key=True, foreign_key="customers.no")


class VisitRow(SQLModel, table=True):
    """A visit as it is now; `participants` is JSON. Times are unix seconds, a visit lasts 24 hours at most."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("visits_id", "id", unique=True),
        Index("visits_customer", "customer_no", "starts", "ends"),
        Index("visits_starts", "starts"),
        partial("visits_series", "series", where="series <> ''"),
        CheckConstraint("ends > starts AND ends - starts <= 86400", name="visits_length"),
    )

    no: int | None = serial()
    id: str = words()
    customer_no: int = big(foreign_key="customers.no")
    rep_no: int = big(foreign_key="members.no")
    starts: int = big()
    ends: int = big()
    participants: str = words()
    mode: str = words()
    purpose: str = words()
    contact: str = words()
    location: str = words()
    status: str = words()
    version: int = small()
    line: str = words()
    agenda: str = words()
    source: str = words()
    series: str = words()
    overlap_ok: int = small()
    shared_ok: int = small()
    checked_in: int | None = big(nullable=True, default=None)
    created: int = big()
    created_by: str = words()


class VisitPersonRow(SQLModel, table=True):
    """Whose time a visit fills: `part` is rep or with, `busy` is 0 when cancelled or declined."""

    __tablename__ = "visit_people"
    __table_args__ = (Index("visit_people_time", "person_no", "starts", "ends", "busy", "visit_no"),)

    visit_no: int = big(primary_key=True, foreign_key="visits.no")
    person_no: int = big(primary_key=True, foreign_key="members.no")
    part: str = words()
    answer: str = words()
    starts: int = big()
    ends: int = big()
    busy: int = small()


class VisitVersionRow(SQLModel, table=True):
    """A state a visit has or had, with who, when and why."""

    __tablename__ = "visit_versions"
    __table_args__ = (partial("visit_versions_customer", "customer_no", "at", where="by_customer = 1"),)

    visit_no: int = big(primary_key=True, foreign_key="visits.no")
    version: int = small(primary_key=True)
    data: str = words()
    at: int = big()
    who: str = words()
    why: str = words()
    by_customer: int = small()
    customer_no: int = big()


class LeaveRow(SQLModel, table=True):
    """A time in which a member is away."""

    __tablename__ = "leaves"
    __table_args__ = (
        Index("leaves_id", "id", unique=True),
        Index("leaves_time", "member_no", "ends", "starts"),
        CheckConstraint("ends > starts", name="leaves_length"),
    )

    no: int | None = serial()
    id: str = words()
    member_no: int = big(foreign_key="members.no")
    starts: int = big()
    ends: int = big()
    kind: str = words()
    cancelled: int = small()
