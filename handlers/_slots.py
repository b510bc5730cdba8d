"""The slot a booking asks for: shared by one booking and several in one message."""

from dataclasses import dataclass
from datetime import time as Clock
from datetime import timedelta
from typing import Protocol

from bot.command import Turn
from domain import free
from domain.model import OFFICE, Member, Slot, When
from domain.refusal import Refusal
from handlers import _views

LONGEST_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """The slots of a booking without what only a question adds."""

    customer: str | None = None
    time: When | None = None
    duration_min: int | None = None
    people: tuple[str, ...] = ()
    purpose: str = ""
    mode: str = ""
    contact: str = ""
    location: str = ""


class Wished(Protocol):
    """Anything that says when and how long."""

    @property
    def time(self) -> When | None: ...
    @property
    def duration_min(self) -> int | None: ...


def slot_of(turn: Turn, ask: "Wished") -> Slot | None:
    """The slot wished for, or None when there is no clock time yet. Raises Refusal for the past and for over-long visits."""
    when = ask.time
    if when is None or when.start is None or when.kind not in ("instant", "range"):
        return None
    if when.kind == "range" and (when.end is None or not _is_clock_range(turn, when)):
        return None
    minutes = ask.duration_min or turn.rules.default_visit_min
    end = when.end if when.kind == "range" and when.end else when.start + timedelta(minutes=minutes)
    if when.start < turn.now:
        raise Refusal(f"{_views.moment(when.start)} 已经过去了，没有保存", "请告诉我新的时间，例如：明天下午3点。")
    if end - when.start > timedelta(minutes=LONGEST_MIN):
        raise Refusal("一次拜访最长 24 小时，没有保存", "请分成几次预约，或用「请假/出差」登记整段外出。")
    return Slot(when.start, end)


def free_stretches(turn: Turn, who: Member, window: Slot, *, gap: bool = True) -> list[Slot]:
    """A person's free stretches inside working hours; one's own leave the gap that a visit there would have to keep (23, 28)."""
    pad = timedelta(minutes=max(turn.rules.buffer_min, turn.rules.travel_min))
    busy = turn.tx.visits.busy([who.id], Slot(window.start - pad, window.end + pad))
    return free.free(busy, window, turn.rules, turn.calendar, buffer=gap and who.id == turn.me.id)


def part_of_day(turn: Turn) -> tuple[Clock, Clock] | None:
    """下周…下午: the part of day that holds for every day of a longer stretch."""
    text = f"{turn.said.hints.get('part') or ''}{turn.said.text}"
    return (Clock(12), Clock(18)) if "下午" in text else (Clock(8), Clock(12)) if "上午" in text else None


def _is_clock_range(turn: Turn, when: When) -> bool:
    """Two clock times (三点到五点), not a part of a day or a stretch of days, which is not enough for a booking."""
    flags = turn.said.hints.get("time_flags") or ()
    if "part_of_day" in flags and "has_clock" not in flags:  # type: ignore[operator]
        return False
    if "has_clock" in flags:  # type: ignore[operator]
        return True
    start, end = when.start, when.end
    if start is None or end is None or end - start > timedelta(hours=12):
        return False
    parts = {(8, 12), (12, 18), (6, 9), (11, 13), (17, 19), (18, 0), (0, 6)}
    local = start.astimezone(OFFICE), end.astimezone(OFFICE)
    return (local[0].hour, local[1].hour) not in parts or any(t.minute for t in local)
