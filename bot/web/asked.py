"""What an operation gets, what it is, and the ways an object comes back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.app import App
from bot.web.door import Answer, Close, Door, Plan
from bot.web.look import Looks, look
from bot.web.schema import Schema
from domain.model import Member


@dataclass(frozen=True, slots=True)
class Asked:
    """One checked request of a member; `key` and `print_` make a write happen once."""

    app: App
    door: Door
    looks: Looks
    me: Member
    source: str
    values: Mapping[str, Any]
    """Path and query values."""
    body: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    print_: str = ""

    async def look(self, name: str, /, **slots: object) -> Answer:
        """A question's answer as 200."""
        given = {k: v for k, v in slots.items() if v is not None}
        return Answer(200, await look(self.app, self.me, self.looks[name], self.source, given))

    async def do(self, plan: Plan, close: Close) -> Answer:
        """Carry out commands, once."""
        return await self.door.go(self.me, self.source, plan, close, self.key, self.print_)


Run = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Param:
    """A value in the path or the query."""

    name: str
    schema: Schema
    where: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the API: route, check, document and work come from the same place."""

    method: str
    path: str
    id: str
    summary: str
    run: Run
    answers: Mapping[int, tuple[str, str]]
    """Status → (what it means, name of the schema of its body)."""
    params: tuple[Param, ...] = ()
    body: Schema | None = None

    @property
    def writes(self) -> bool:
        """Changes something: takes an Idempotency-Key, and may meet refusals."""
        return self.method != "GET" and not self.path.endswith("/match")
