"""A wished visit, what the book holds around it, and the verdict: the values of domain/conflicts.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.desk import Busy
from domain.model import Customer, Member, Slot, Visit
from domain.workdays import Calendar

HARD = ("rep_overlap", "participant_overlap", "customer_overlap")
APPROVAL = ("third_team", "owned_by_other")
SOFT = ("customer_window", "duplicate_visit", "buffer", "overload", "off_hours", "holiday", "owner_notice")
KINDS = HARD + APPROVAL + SOFT
"""Strictest first; the order in which kinds are listed and printed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit somebody wants; `visit` is the id of the one being moved or changed, "" for a new one."""

    customer: Customer
    rep: Member
    slot: Slot
    mode: str = "onsite"
    participants: tuple[Member, ...] = ()
    visit: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the book holds around a wish: for `conflicts.reach(…)`, so that it covers every alternative too, or only for
    `conflicts.near(…)` (and the customer's window) to decide the wish itself."""

    busy: tuple[Busy, ...] = ()
    """Of the rep and the participants: visits and leaves."""
    own: tuple[Visit, ...] = ()
    """The rep's live visits, as rep or participant."""
    at_customer: tuple[Visit, ...] = ()
    """Anybody's live visits at this customer."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Member id → team."""
    lines: Mapping[str, str] = field(default_factory=dict)
    """Member id → product line."""
    elastic: bool = False
    """The customer is 易变动 (R20)."""
    calendar: Calendar = field(default_factory=Calendar)


@dataclass(frozen=True, slots=True)
class With:
    """Who is in the way: `rep` is the person whose calendar it is, `visit` is None for a leave."""

    kind: str
    rep: str
    start: datetime
    end: datetime
    visit: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every kind a wish raises, strictest first, and the facts behind it."""

    kinds: tuple[str, ...]
    with_: tuple[With, ...]
    gap_min: int | None
    """Minutes to the neighbour visit that is too near, None without `buffer`."""
    need_min: int | None
    """Minutes that would have been enough."""
    day_count: int
    """Which number the visit would be on the rep's day, 1 = the only one."""
    teams: tuple[str, ...]
    """Teams at this customer inside the window, in the order of their visits, the wish's own last."""

    @property
    def hard(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.kinds if kind in HARD)

    @property
    def approval(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.kinds if kind in APPROVAL)

    @property
    def soft(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.kinds if kind in SOFT)

    @property
    def level(self) -> Literal["none", "soft", "approval", "hard"]:
        """The strictest kind decides (contract.md section 7)."""
        if self.hard:
            return "hard"
        return "approval" if self.approval else "soft" if self.kinds else "none"

    @property
    def clear(self) -> bool:
        return not self.kinds

    @property
    def overridable(self) -> bool:
        """Only the rep's own calendar is in the way, and not by a visit to this customer (D27, contract section 7)."""
        here = {clash.visit for clash in self.with_ if clash.kind == "duplicate_visit"}
        return self.hard == ("rep_overlap",) and not any(
            clash.kind == "rep_overlap" and clash.visit in here for clash in self.with_
        )
