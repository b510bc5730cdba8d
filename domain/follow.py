"""What happens around visits: follow-ups, tasks (promises among them), reports, check-ins, photos. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CHANNELS = ("phone", "wechat", "email", "visit", "online", "other")
CHANNEL_WORDS = {"phone": "电话", "wechat": "微信", "email": "邮件", "visit": "拜访", "online": "线上", "other": "其他"}
TASK_KINDS = {
    "todo": "待办",
    "report": "拜访纪要",
    "high_intent": "高意向跟进",
    "next_step": "下一步",
    "promise": "对客户的承诺",
    "question": "待答复问题",
    "monthly_visit": "月度拜访",
    "confirm": "拜访前确认",
    "prep": "拜访准备",
}
"""The kinds of task; `promise` is what was promised to a customer (R92), the others as in contract.md section 7b."""


@dataclass(frozen=True, slots=True)
class Followup:
    """One contact with a customer (R69, R70): when, by which channel, what was said, what came of it, what comes next.

    `valid` = it counts as a follow-up and resets the clocks (R71); `state` is standing, disputed (待裁定: on somebody
    else's customer) or void (refused by a verdict, or undone). `skip` is the reason for leaving the next step open.
    """

    id: str
    customer: str
    by: str
    at: datetime
    channel: str = "other"
    content: str = ""
    result: str = ""
    next: str = ""
    next_due: datetime | None = None
    valid: bool = True
    state: str = "standing"
    contact: str = ""
    visit: str = ""
    skip: str = ""
    source: str = "chat"

    @property
    def counts(self) -> bool:
        """True when it resets the customer's clocks: valid, and neither void nor still in dispute."""
        return self.valid and self.state == "standing"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done by somebody until a moment. `state` is open, done or cancelled; `touched` = worked on since."""

    id: str
    title: str
    assignee: str
    due: datetime | None = None
    customer: str = ""
    visit: str = ""
    kind: str = "todo"
    state: str = "open"
    created: datetime | None = None
    by: str = ""
    done: datetime | None = None
    touched: bool = False
    data: Mapping[str, object] = field(default_factory=dict)

    def in_time(self, now: datetime) -> bool:
        """Done by its due time, or not due yet; without a due time always."""
        return self.due is None or (self.done or now) <= self.due

    def overdue(self, now: datetime) -> bool:
        """Still open although its time has passed."""
        return self.state == "open" and self.due is not None and now > self.due


@dataclass(frozen=True, slots=True)
class Report:
    """What a visit brought. `fields` holds the capture groups by the slot names of contract.md section 5, and `extra` ones."""

    visit: str
    customer: str
    by: str
    at: datetime
    late: bool = False
    content: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    version: int = 1

    @property
    def outcome(self) -> str:
        """推进, 维持, 礼节 or "" (R91)."""
        return str(self.fields.get("outcome") or "")

    @property
    def effective(self) -> bool:
        """Counts for 有效拜访: outcome 推进 or 维持 (features.md section 0.4); not graded counts as 维持."""
        return self.outcome in ("", "推进", "维持")


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody said he was there: `verified` = inside the radius of the customer's coordinates (R174)."""

    visit: str
    by: str
    at: datetime
    verified: bool
    distance_m: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a visit with its 64-bit difference hash."""

    id: str
    visit: str
    by: str
    at: datetime
    hash: int
    path: str = ""


def report_due(end: datetime, hours: int) -> datetime:
    """The last moment at which a report is on time: end + `report_due_hours` (R87)."""
    return end + timedelta(hours=hours)


def is_late(filed: datetime, end: datetime, hours: int) -> bool:
    """Late by whole minutes: 24:00 h is on time, 24:01 h is late (R87)."""
    return filed - report_due(end, hours) >= timedelta(minutes=1)
