"""The frame of one command while its slots are being filled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nlp.book import Book
from nlp.scene import Reader, Scene
from nlp.times import TimeSpan


@dataclass(frozen=True, slots=True)
class Office:
    """What the fillers know besides the sentence."""

    book: Book
    reader: Reader
    purposes: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """One command: its scene, and the slots, doubts and hints found so far.

    `ahead` is the scene with its times read forwards, whatever the command: next steps lie in the future.
    """

    intent: str
    scene: Scene
    office: Office
    ahead: Scene
    user: str = ""
    slots: dict[str, object] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    hints: dict[str, object] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)

    def put(self, slot: str, value: object) -> None:
        """Set a slot unless the value is empty."""
        if value not in (None, "", [], ()):
            self.slots[slot] = value

    def doubt(self, slot: str) -> None:
        """Note that a slot has several readings."""
        if slot not in self.ambiguous:
            self.ambiguous.append(slot)

    def lack(self, slot: str) -> None:
        """Note that a slot has to be asked for."""
        if slot not in self.missing:
            self.missing.append(slot)


Filler = Callable[[Draft], None]


def iso(at: datetime | None) -> str | None:
    """A moment as contract.md writes it."""
    return None if at is None else at.isoformat()


def time_value(span: TimeSpan) -> dict[str, object]:
    """A time as a slot value (contract.md section 5)."""
    end = span.end
    if span.kind == "date" and end is None and span.start is not None:
        end = span.start + timedelta(days=1)
    value: dict[str, object] = {"kind": span.kind, "start": iso(span.start), "end": iso(end)}
    if span.recur is not None:
        value["recur"] = {"byday": [], "bymonthday": [], "time": None} | span.recur
    return value


def flags(span: TimeSpan) -> list[str]:
    """What was said of a time, for the dialogue: which of date and clock a correction replaces."""
    said = {
        "has_date": span.has_date,
        "has_clock": span.has_clock,
        "bare_clock": span.bare_clock,
        "bare_weekday": span.bare_weekday,
        "part_of_day": span.part_of_day is not None,
    }
    return [name for name, true in said.items() if true]
