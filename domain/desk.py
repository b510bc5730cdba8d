"""The bot's own paperwork: drafts, letters, jobs, deeds, conflicts, approvals. Frozen values; ids are text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.model import Slot


@dataclass(frozen=True, slots=True)
class Draft:
    """An ask that is not carried out yet: a slot is missing, or a choice is open.

    `chat` is str(Address); `question` names what is asked (time, customer, people, settle, confirm, …) or is "" when nothing is
    asked any more but its buttons still work. `ask` is {"intent", "slots", "hints"} of the command it will become;
    `data` belongs to the handler that opened it. The newest draft with a question of (person, chat) is the open one.
    """

    id: str
    person: str
    chat: str
    intent: str
    question: str
    ask: Mapping[str, object]
    data: Mapping[str, object] = field(default_factory=dict)
    created: datetime | None = None
    expires: datetime | None = None
    state: str = "open"
    """open, done or dropped."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be sent. `key` makes it once-only and stays in [0-9A-Za-z_@-] (WeCom's task_id alphabet, ≤ 128 bytes).

    `why` is reply, push or update; `subject` names what it is about (visit:ID, conflict:ID, draft:ID) so that it can be changed
    later; `replaces` is the key of an earlier letter that this one changes; `card` is bot/cards.py's JSON;
    `for_person` is the member a group letter answers ("" = everybody); `handle` is what the platform gave back.
    """

    key: str
    to: str
    why: str
    card: str
    subject: str = ""
    replaces: str = ""
    platform: str = ""
    for_person: str = ""
    created: datetime | None = None
    handle: str = ""
    tries: int = 0
    fence: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at a moment: kind (visit_reminder, visit_end, …) about a subject (visit:ID); once per key."""

    key: str
    kind: str
    subject: str
    due: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person did that may be undone: `name` is the event (visit.booked …), `data` what undoing needs."""

    id: str
    person: str
    chat: str
    name: str
    at: datetime
    data: Mapping[str, object]
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch in which a person can't be booked: a visit (as rep or participant) or a leave."""

    person: str
    slot: Slot
    visit: str = ""
    leave: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """A conflict found at entry (R28): kept for ever, also when the visit goes."""

    id: str
    kinds: tuple[str, ...]
    hard: bool
    rep: str
    customer: str
    at: datetime
    draft: Mapping[str, object]
    others: tuple[Mapping[str, object], ...]
    by: str = ""
    visit: str = ""
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A request that waits for somebody's word; `approvers` may each decide it, `subject` says about what."""

    id: str
    kind: str
    by: str
    approvers: tuple[str, ...]
    subject: Mapping[str, object]
    status: str = "pending"
    """pending, approved, rejected or withdrawn."""
    at: datetime | None = None
    expires: datetime | None = None
    decided_by: str = ""
    decided: datetime | None = None
    reason: str = ""
