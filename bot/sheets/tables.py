"""What can be exported: tables that come page by page, as far as one reader may see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.command import Turn
from bot.sheets.write import Value

PAGE = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: empty = all. `people` are ids of owners or reps; times as ISO so that it can be kept."""

    people: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    grade: str = ""
    status: str = ""

    @property
    def since(self) -> datetime | None:
        return datetime.fromisoformat(self.start) if self.start else None

    @property
    def until(self) -> datetime | None:
        return datetime.fromisoformat(self.end) if self.end else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows; `next` is where to go on, "" at the end."""

    rows: list[Sequence[Value]]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """A table by name: its headers (some are made by the company itself) and its pages, for `turn.me`."""

    name: str
    headers: Callable[[Turn], list[str]]
    page: Callable[[Turn, Filter, str], Page]


Tables = Mapping[str, Exported]
