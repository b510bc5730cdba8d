"""Tables of what happens around visits: follow-ups, tasks, reports, check-ins, photos, rules and fields made in the chat."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.columns import big, partial, serial, small, words


class FollowupRow(SQLModel, table=True):
    """A contact with a customer; never deleted, `state` void takes it out of every count."""

    __tablename__ = "followups"
    __table_args__ = (
        Index("followups_id", "id", unique=True),
        Index("followups_customer", "customer", "at"),
        Index("followups_who", "who", "at"),
        Index("followups_at", "at"),
    )

    no: int | None = serial()
    id: str = words()
    customer: str = words()
    who: str = words()
    at: int = big()
    channel: str = words()
    content: str = words()
    result: str = words()
    next: str = words()
    next_due: int | None = big(nullable=True, default=None)
    valid: int = small()
    state: str = words()
    contact: str = words()
    visit: str = words()
    skip: str = words()
    source: str = words()


class TaskRow(SQLModel, table=True):
    """Something to be done; `data` is JSON."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_id", "id", unique=True),
        Index("tasks_customer", "customer"),
        Index("tasks_due", "due"),
        partial("tasks_open", "assignee", "due", where="state = 'open'"),
        partial("tasks_visit", "visit", where="visit <> ''"),
    )

    no: int | None = serial()
    id: str = words()
    title: str = words()
    assignee: str = words()
    due: int | None = big(nullable=True, default=None)
    customer: str = words()
    visit: str = words()
    kind: str = words()
    state: str = words()
    created: int = big()
    who: str = words()
    done: int | None = big(nullable=True, default=None)
    touched: int = small()
    data: str = words()


class ReportRow(SQLModel, table=True):
    """The report of a visit as it is now; `fields` is JSON."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_customer", "customer", "at"), Index("reports_at", "at"))

    visit: str = words(primary_key=True)
    customer: str = words()
    who: str = words()
    at: int = big()
    late: int = small()
    content: str = words()
    fields: str = words()
    version: int = small()


class ReportVersionRow(SQLModel, table=True):
    """A state a report has or had: corrections only with an audit row (R72)."""

    __tablename__ = "report_versions"

    visit: str = words(primary_key=True)
    version: int = small(primary_key=True)
    who: str = words()
    at: int = big()
    content: str = words()
    fields: str = words()


class CheckInRow(SQLModel, table=True):
    """The check-in of a visit; the distance, not the place, is kept."""

    __tablename__ = "check_ins"

    visit: str = words(primary_key=True)
    who: str = words()
    at: int = big()
    verified: int = small()
    distance_m: int | None = small(nullable=True, default=None)
    label: str = words()


class PhotoRow(SQLModel, table=True):
    """A photo; its hash is kept as 16 hex digits and as four bands, so that near ones share one band."""

    __tablename__ = "photos"
    __table_args__ = (
        Index("photos_id", "id", unique=True),
        Index("photos_visit", "visit"),
        Index("photos_b0", "b0"),
        Index("photos_b1", "b1"),
        Index("photos_b2", "b2"),
        Index("photos_b3", "b3"),
    )

    no: int | None = serial()
    id: str = words()
    visit: str = words()
    who: str = words()
    at: int = big()
    hash: str = words()
    b0: int = small()
    b1: int = small()
    b2: int = small()
    b3: int = small()
    path: str = words()


class AlertRuleRow(SQLModel, table=True):
    """A rule of the rule engine in its newest version; `spec` is JSON."""

    __tablename__ = "alert_rules"

    id: str = words(primary_key=True)
    spec: str = words()
    version: int = small()
    active: int = small()
    who: str = words()
    at: int = big()


class AlertRuleVersionRow(SQLModel, table=True):
    """A state a rule has or had."""

    __tablename__ = "alert_rule_versions"

    id: str = words(primary_key=True)
    version: int = small(primary_key=True)
    spec: str = words()
    active: int = small()
    who: str = words()
    at: int = big()


class CustomFieldRow(SQLModel, table=True):
    """A field made in the chat for customer, visit or report; `spec` is JSON."""

    __tablename__ = "custom_fields"

    object: str = words(primary_key=True)
    name: str = words(primary_key=True)
    spec: str = words()
    place: int = small()
    who: str = words()
    at: int = big()


class FieldValueRow(SQLModel, table=True):
    """The value of a custom field of a visit (a customer keeps its own in `extra`, a report in `fields`)."""

    __tablename__ = "field_values"

    object: str = words(primary_key=True)
    id: str = words(primary_key=True)
    name: str = words(primary_key=True)
    value: str = words()
