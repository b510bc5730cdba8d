"""Calendar and to-do list as the rest of the bot sees them: handles hold their owner, failures are SendFailed.

In saving mode (80 % of the month's calls used) nothing is written here: reminders and answers need the calls.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.books import Entry as Wanted
from bot.books import Seen
from bot.platform import SendFailed
from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.calendar import Calendar, Entry
from bot.platforms.dingtalk.client import failed, telling
from bot.platforms.dingtalk.errors import Kind
from bot.platforms.dingtalk.todo import Todo

SAVING_WAIT_S = 6 * 3600.0
T = TypeVar("T")


class _Book:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def _try(self, call: Callable[[], Awaitable[T]]) -> T:
        if self._api.quota.saving(self._api.now()):
            raise SendFailed("saving the month's calls", retry_s=SAVING_WAIT_S)
        return await telling(call())


class CalendarBook(_Book):
    """A Book: visits in the calendar of their rep, who is the organiser; the others are invited."""

    def __init__(self, api: Api, calendar: Calendar) -> None:
        super().__init__(api)
        self._calendar = calendar

    async def add(self, key: str, entry: Wanted, *, look_first: bool = False) -> str:
        """`user|event`. The key makes a repeat within a day harmless, so there is no need to look."""
        user = entry.people[0]
        return f"{user}|{await self._try(lambda: self._calendar.add(user, key, _drawn(entry)))}"

    async def change(self, handle: str, entry: Wanted) -> bool:
        """Only the organiser may change it: for another one it is taken out here and put in anew."""
        user, _, event = handle.partition("|")
        if user != entry.people[0]:
            await self.remove(handle)
            return False
        return await self._try(lambda: self._calendar.change(user, event, _drawn(entry)))

    async def remove(self, handle: str) -> None:
        user, _, event = handle.partition("|")
        await self._try(lambda: self._calendar.remove(user, event))

    async def look(self, handle: str) -> Seen | None:
        """What is there now; None as well when reading events is not granted."""
        user, _, event = handle.partition("|")
        try:
            return await self._calendar.look(user, event)
        except ApiError as e:
            if e.fault.kind in (Kind.SCOPE, Kind.REFUSED):
                return None
            raise failed(e.fault) from e


class TodoBook(_Book):
    """A Book: tasks as work to-dos that open `address` (a to-do without an address can't be opened, dingtalk.md 5)."""

    def __init__(self, api: Api, todo: Todo, address: str) -> None:
        super().__init__(api)
        self._todo, self._address = todo, address

    async def add(self, key: str, entry: Wanted, *, look_first: bool = False) -> str:
        """`user|task`. One that exists already with this key has an unknown id: it is left as it is."""
        user = entry.people[0]
        task = await self._try(lambda: self._todo.add(user, key, entry.summary, entry.end, self._address))
        return f"{user}|{task}"

    async def change(self, handle: str, entry: Wanted) -> bool:
        user, _, task = handle.partition("|")
        if user != entry.people[0]:
            await self.remove(handle)
            return False
        if not task:
            return True
        if entry.done:
            return await self._try(lambda: self._todo.done(user, task))
        return await self._try(lambda: self._todo.change(user, task, entry.summary, entry.end))

    async def remove(self, handle: str) -> None:
        user, _, task = handle.partition("|")
        if task:
            await self._try(lambda: self._todo.remove(user, task))

    async def look(self, handle: str) -> Seen | None:
        """People tick it off by the bot's card; nothing comes back."""
        return None


def _drawn(entry: Wanted) -> Entry:
    return Entry(entry.summary, entry.start, entry.end, entry.place, entry.description, entry.people[1:])
