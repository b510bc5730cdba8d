"""The values of the office: people, customers, visits. Frozen; times are aware datetimes, slots half-open."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

OFFICE = ZoneInfo("Asia/Shanghai")
Mode = Literal["onsite", "online", "phone"]
STAGES = ("线索", "初步接触", "深度沟通", "报价", "合同谈判", "成交")
GRADES = ("A", "B", "C", "D")
LIVE = ("planned", "pending", "done", "missed", "empty")
"""Visit statuses that occupy their slot: everything but `cancelled` (contract.md section 8, promise 3)."""


class Role(StrEnum):
    """What a member may do by default; later ones include the rights of earlier ones except where a rule says so."""

    REP = "rep"
    MANAGER = "manager"
    DIRECTOR = "director"
    ADMIN = "admin"

    @property
    def leads(self) -> bool:
        """True for everyone who answers for others."""
        return self is not Role.REP


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    name: str
    role: Role = Role.REP
    team: str = ""
    department: str = ""
    manager: str | None = None
    aliases: tuple[str, ...] = ()
    line: str = ""
    wecom: str = ""
    dingtalk: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    members: tuple[str, ...] = ()
    team: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    title: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()
    city: str = ""
    grade: str = ""
    owner: str | None = None
    co_owners: tuple[str, ...] = ()
    stage: str = ""
    status: str = "active"
    locked: bool = False
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    uscc: str = ""
    created: datetime | None = None
    last_followup: datetime | None = None
    protected_until: date | None = None
    contacts: tuple[Contact, ...] = ()
    lat: float | None = None
    lng: float | None = None
    address: str = ""
    version: int = 1
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """The name people say: the first alias, else the full name."""
        return self.aliases[0] if self.aliases else self.name

    @property
    def awaiting(self) -> str:
        """Who entered a customer whose ownership a manager has yet to grant (R50), "" for any other."""
        audit = self.extra.get("audit")
        return str(audit["by"]) if isinstance(audit, dict) and self.owner is None else ""

    def protected(self, on: date) -> bool:
        """Inside the protection period on that day (R54: until and including `protected_until`)."""
        return self.owner is not None and self.protected_until is not None and on <= self.protected_until


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of time, start included, end excluded."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a slot must end after it starts: {self.start} .. {self.end}")

    def overlaps(self, other: "Slot") -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def minutes(self) -> int:
        return int((self.end - self.start) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Visit:
    id: str
    customer: str
    customer_name: str
    rep: str
    start: datetime
    end: datetime
    participants: tuple[str, ...] = ()
    mode: str = "onsite"
    purpose: str = ""
    contact: str = ""
    location: str = ""
    status: str = "planned"
    version: int = 1
    line: str = ""
    agenda: str = ""
    source: str = ""
    series: str = ""
    overlap_ok: bool = False
    checked_in: datetime | None = None

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose calendar it fills."""
        return (self.rep, *self.participants)

    @property
    def live(self) -> bool:
        return self.status != "cancelled"


@dataclass(frozen=True, slots=True)
class Leave:
    id: str
    member: str
    start: datetime
    end: datetime
    kind: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A time slot of contract.md section 5: instant (start), date, range (either end may be open) or recurrence."""

    kind: Literal["instant", "date", "range", "recurrence"]
    start: datetime | None
    end: datetime | None = None
    recur: dict[str, object] | None = None
    same_clock: bool = False


def stamp(moment: datetime) -> int:
    """Aware datetime → whole unix seconds, the form in which the store keeps it."""
    return int(moment.timestamp())


def moment(seconds: float) -> datetime:
    """Unix seconds → aware datetime in the office's zone."""
    return datetime.fromtimestamp(seconds, OFFICE)
