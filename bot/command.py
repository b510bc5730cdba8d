"""What a command is, and the one moment (`Turn`) in which it is carried out."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from bot.cards import Card
from bot.matcher import Matcher
from bot.message import Address, Message
from domain.desk import Deed, Draft
from domain.matching import Match
from domain.model import Customer, Group, Member, Role, When
from domain.refusal import Stale
from domain.rules import Rules
from domain.workdays import Calendar
from nlp.said import Said
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: `card` where the question was asked, `private` (if any) to the asker alone.

    `subject` names what it is about so that it can be changed later; `then` is carried out next, in the same transaction, and
    its answer is joined to this one (claim, then book).
    """

    card: Card
    private: Card | None = None
    subject: str = ""
    then: Said | None = None
    refused: bool = False
    """Nothing was done: the pressed card stays as it is."""


@dataclass(frozen=True, slots=True)
class Note:
    """A letter to somebody else, or the change of an earlier card."""

    to: Address
    card: Card
    why: str = "push"
    subject: str = ""
    key: str = ""
    replaces: str = ""
    platform: str = ""


Run = Callable[[Any, "Turn"], Reply]
Work = Callable[["Turn", Any], None]


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is what the parser or a button says; `intent` is the name of contract.md section 5 that people see."""

    name: str
    intent: str
    ask: type
    run: Run
    group: str = ""
    example: str = ""
    role: Role = Role.REP

    def may(self, who: Member) -> bool:
        """The role a command is for, or a higher one."""
        order = list(Role)
        return order.index(who.role) >= order.index(self.role)


def command(
    name: str, ask: type, *, intent: str = "", group: str = "", example: str = "", role: Role = Role.REP
) -> Callable[[Run], Command]:
    """Turn a function `(ask, turn) -> Reply` into a Command; `example` is shown in help and must parse to `name`."""

    def make(run: Run) -> Command:
        return Command(name, intent or name, ask, run, group, example, role)

    return make


@dataclass(frozen=True, slots=True)
class JobKind:
    """What to do when a job of this kind falls due: `run(turn, job)` inside one transaction."""

    kind: str
    run: Work


def job(kind: str) -> Callable[[Work], JobKind]:
    """Turn a function `(turn, job) -> None` into a JobKind."""
    return lambda run: JobKind(kind, run)


@dataclass(slots=True)
class Turn:
    """One message being answered, or one job being done: who, where, when, and what has come of it so far."""

    tx: Tx
    me: Member
    chat: Address
    now: datetime
    said: Said
    rules: Rules
    calendar: Calendar
    group: Group | None = None
    readers: Sequence[Member] = ()
    """Everybody who will read the reply: the asker, or the group's members."""
    source: str = "chat"
    message: Message | None = None
    named: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    """The ids of the customers that a bare name means: exactly, or in its nearest spelling."""
    matcher: Matcher | None = None
    """The duplicate check over all customers (R31); asked through `match`."""
    examples: Sequence[tuple[str, str, Role]] = ()
    """(group, example, role) of every command, for help."""
    events: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    mail: str = ""
    """The address that e-mail to customers comes from; "" = no mail server is configured."""
    trace: list[str] = field(default_factory=list)
    """The rule and the facts behind the answer, for 为什么 (M13)."""

    @property
    def here(self) -> str:
        """The chat as the store writes it."""
        return str(self.chat)

    def match(self, customer: Customer) -> list[Match]:
        """Known customers that may be the same, best first."""
        return self.matcher.find(customer) if self.matcher else []

    def event(self, name: str, **data: object) -> None:
        """Something happened: goes to the audit log, scripts, webhooks (contract.md section 7)."""
        self.events.append((name, data))

    def tell(self, member: str, card: Card, *, subject: str = "", key: str = "") -> None:
        """A push to somebody's private chat; with `key` at most once for ever."""
        self.notes.append(Note(Address(user=member), card, "push", subject, key))

    def change_cards(self, subject: str, card: Card, *, but: Address | None = None) -> None:
        """Change every earlier card about `subject` (R16: both sides see 已解决), except in the chat that gets the reply."""
        for letter in self.tx.mail.about(subject):
            if but is None or letter.to != str(but):
                self.notes.append(Note(Address.read(letter.to), card, "update", subject, "", letter.key, letter.platform))

    def ask(self, said: Said, question: str, minutes: int = 24 * 60, **data: object) -> Draft:
        """Keep a command that is not carried out yet, with the question that stands between."""
        ask = {"intent": said.intent, "slots": dict(said.slots), "hints": dict(said.hints)}
        expires = self.now + timedelta(minutes=minutes)
        after = self.last_deed()
        draft = Draft("", self.me.id, self.here, said.intent, question, ask, {**data, "after": after}, self.now, expires)
        return self.tx.talk.save(draft)

    def take_draft(self, draft_id: str) -> Draft:
        """This person's open question, closed by the answer that is being carried out. Raises Stale."""
        draft = self.tx.talk.get(draft_id)
        if draft is None or draft.person != self.me.id or not self.tx.talk.close(draft_id, "done"):
            raise Stale("这张卡片已经处理过了，没有重复操作")
        return draft

    def last_deed(self) -> str:
        """The id of the newest thing this person did, "" when there is none: tells whether something came in between."""
        deeds = self.tx.talk.recent(self.me.id, self.now - timedelta(days=1))
        return deeds[0].id if deeds else ""

    def did(self, name: str, **data: object) -> Deed:
        """Remember something the person did so that it can be undone within `undo_min`."""
        return self.tx.talk.did(Deed("", self.me.id, self.here, name, self.now, data))

    def because(self, *facts: str) -> None:
        """Add to the reasons that 为什么 tells."""
        self.trace.extend(facts)


def build(cls: type, slots: Mapping[str, object]) -> Any:
    """The ask of a command from slots: fields by name, values by annotation; unknown slots are ignored.

    Raises ValueError when a value can't be what its field is (a button typed by hand).
    """
    values = {}
    for name, kind in _fields(cls):
        if (value := slots.get(name)) is not None:
            values[name] = _convert(kind, value)
    return cls(**values)


@lru_cache(maxsize=256)
def _fields(cls: type) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(cls)
    out = []
    for f in dataclasses.fields(cls):
        kind = hints[f.name]
        if typing.get_origin(kind) in (typing.Union, types.UnionType):
            kind = next(a for a in typing.get_args(kind) if a is not type(None))
        out.append((f.name, kind))
    return tuple(out)


def _convert(kind: Any, value: object) -> object:
    if kind is When:
        return value if isinstance(value, When) else read_when(value)
    if kind is datetime:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if kind is bool:
        return value in (True, 1, "1", "true")
    if kind in (int, float, str):
        return kind(value)
    if typing.get_origin(kind) is tuple:
        return tuple(value) if isinstance(value, list | tuple) else tuple(str(value).split(","))
    return value


def read_when(value: object) -> When:
    """A `time` slot (contract.md section 5), or a bare ISO moment, as a value. Raises ValueError."""
    if isinstance(value, str):
        return When("instant", datetime.fromisoformat(value))
    if not isinstance(value, Mapping):
        raise ValueError(f"no time: {value!r}")
    start, end = value.get("start"), value.get("end")
    return When(
        value.get("kind", "instant"),
        datetime.fromisoformat(str(start)) if start else None,
        datetime.fromisoformat(str(end)) if end else None,
        value.get("recur"),
        bool(value.get("same_clock")),
    )


def write_when(when: When) -> dict[str, object]:
    """The slot form of a time; `read_when` is its inverse."""
    out: dict[str, object] = {
        "kind": when.kind,
        "start": when.start.isoformat() if when.start else None,
        "end": when.end.isoformat() if when.end else None,
    }
    if when.recur:
        out["recur"] = when.recur
    if when.same_clock:
        out["same_clock"] = True
    return out
