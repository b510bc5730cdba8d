"""What a message means: the one value that the parser gives and the dialogue and handlers work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Said:
    """One command as understood.

    `slots` holds JSON values exactly as contract.md section 5 prints them (times as ISO strings), so that a draft can be
    stored and a button can carry them. `hints` is for the bot only: `customer_ids` (candidates of `customer`, best first),
    `customers_ids` (the same per name of `customers`), `people_ids` (one list of candidates per name of `people`),
    `read_as` ((said, read) pairs of corrected spellings), `rolled` (a time moved on because it had passed),
    `past` (the message speaks of the past), `quote` (the forwarded text), `time_flags` (subset of has_date, has_clock,
    bare_clock, bare_weekday, part_of_day), `new_time_flags` likewise.
    """

    intent: str
    slots: Mapping[str, object] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    confidence: float = 1.0
    why: tuple[str, ...] = ()
    hints: Mapping[str, object] = field(default_factory=dict)
    text: str = ""

    def with_slots(self, **changes: object) -> "Said":
        """The same command with some slots set (a value of None removes the slot)."""
        slots = {k: v for k, v in {**self.slots, **changes}.items() if v is not None}
        return replace(self, slots=slots)
