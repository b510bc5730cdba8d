"""What a messenger's calendar, or its to-do list, must be able to do for us."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a calendar, or in a to-do list (`end` is when it is due, `done` = tick it off).

    `people` are the messenger's user ids: the first one it belongs to, the others take part. The bot reminds by itself.
    """

    key: str
    summary: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    description: str = ""
    place: str = ""
    done: bool = False

    @property
    def shows(self) -> str:
        """A fingerprint: two entries that look alike have the same."""
        parts = [self.summary, int(self.start.timestamp()), int(self.end.timestamp()), *self.people, self.description, self.place]
        return hashlib.sha256(json.dumps([*parts, self.done], ensure_ascii=False).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a calendar holds now; `answers` are accepted or declined by the messenger's user id."""

    start: datetime
    end: datetime
    gone: bool = False
    answers: Mapping[str, str] | None = None


class Book(Protocol):
    """A messenger's calendar or to-do list. Every method raises SendFailed; `unsure` when it may have been done."""

    async def add(self, key: str, entry: Entry, *, look_first: bool) -> str:
        """The handle of the new entry. `look_first`: an earlier try with this key may have made it already."""

    async def change(self, handle: str, entry: Entry) -> bool:
        """Make the entry look like this; False = it is gone."""

    async def remove(self, handle: str) -> None:
        """Take it out; one that is gone already is fine."""

    async def look(self, handle: str) -> Seen | None:
        """What is there now; None = nothing that can be looked at."""
