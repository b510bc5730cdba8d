"""The one path of a message: lane, one transaction (retry key, understanding, handler, letters, audit), then "received"."""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import says
from bot.cards import Card, Text, to_json
from bot.clock import Beside, Clock
from bot.command import Command, JobKind, Note, Reply, Turn, build
from bot.dialogue import fill, remember, understand
from bot.fit import fit
from bot.message import Address, Message, without_mention
from bot.names import Names
from bot.numbers import for_person, with_days
from bot.outbox import Outbox, sorry
from bot.platform import HANDLE, Handled, Platform
from bot.replies import combine, followed_by, refused
from bot.seal import Sealer
from domain.desk import Letter
from domain.model import Group, Member, Role
from domain.refusal import NotAllowed, Refusal
from domain.rules import Rules
from domain.workdays import Calendar
from nlp.parser import Parser
from nlp.said import Said
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
MAX_TEXT = 5000
"""Longer messages are cut: nobody books with more, and every pattern stays cheap."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log, after its commit."""

    at: datetime
    name: str
    data: Mapping[str, object]


@dataclass(slots=True)
class Outcome:
    """What one message came to."""

    said: Said
    intent: str
    events: list[Event] = field(default_factory=list)
    replies: list[Letter] = field(default_factory=list)
    duplicate: bool = False
    seconds: float = 0.0


class App:
    """Built once in main; everything it needs is handed in."""

    def __init__(
        self,
        store: Store,
        parser: Parser,
        rules: Rules,
        commands: Sequence[Command],
        jobs: Sequence[JobKind],
        clock: Clock,
        calendar: Calendar | None = None,
        *,
        names: Names | None = None,
        bot_names: tuple[str, ...] = ("拜访助手",),
    ) -> None:
        self.store, self.parser, self.rules, self.clock = store, parser, rules, clock
        self.calendar = calendar or Calendar()
        self.commands = {c.name: c for c in commands}
        self.jobs = {j.kind: j for j in jobs}
        if len(self.commands) != len(commands):
            raise ValueError("two commands of one name")
        self.examples = tuple((c.group, c.example, c.role) for c in commands if c.example)
        self.names, self.bot_names = names, bot_names
        self.outbox: Outbox | None = None
        self.post: dict[str, Platform] = {}
        """The wire for e-mail to customers, when `[smtp]` is set."""
        self.mail = ""
        """The address such mail comes from; "" = none is sent."""
        self.spread: Callable[[str, datetime], datetime] | None = None  # when a job's letters may leave
        self.errands: Beside | None = None
        self.sealer = Sealer(store)
        self.wake = asyncio.Event()
        self.on_event: list[Callable[[Event], None]] = []
        self.inside: list[Callable[[Tx, str, Mapping[str, object], datetime], None]] = []  # hears events in their transaction
        self.on_done: list[Callable[[Message, Outcome], None]] = []
        self._lanes: dict[str, tuple[asyncio.Lock, int]] = {}

    # ------------------------------------------------------------------ in
    async def handle(self, message: Message) -> Handled:
        """Carry out a message; returns after the commit. A bug becomes an apology with an id, never an exception."""
        began = time.perf_counter()
        message = fit(message)
        if message.group and message.text:
            message = replace(message, text=without_mention(message.text, self.bot_names))
        if self.names is not None and self.names.stale:
            await self.names.refresh()
        async with self._lane(message.conversation):
            try:
                parsed = self._parse(message)
                outcome = await self.store.run(lambda tx: self._turn(tx, message, parsed))
            except Exception:  # the one catch-all of the path: whatever fails here changed nothing
                key = letter_base(message)
                log.exception("message %s failed", key)
                outcome = await self.store.run(lambda tx: self._apologise(tx, message, key))
        outcome.seconds = time.perf_counter() - began
        self._publish(outcome.events)
        for done in self.on_done:
            done(message, outcome)
        self.wake.set()
        return Handled(tuple(outcome.replies), outcome.duplicate)

    @asynccontextmanager
    async def _lane(self, conversation: str):  # type: ignore[no-untyped-def]
        """One message of a conversation at a time; the lane goes when nobody waits in it."""
        lock, waiting = self._lanes.get(conversation) or (asyncio.Lock(), 0)
        self._lanes[conversation] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._lanes[conversation]
            if waiting == 1:
                del self._lanes[conversation]
            else:
                self._lanes[conversation] = (lock, waiting - 1)

    def _parse(self, message: Message) -> list[Said]:
        if message.click:
            return []
        words = message.words[:MAX_TEXT]
        return self.parser.parse(words, message.at, user=message.sender, group=message.group) if words.strip() else []

    # ------------------------------------------------------------------ the transaction
    def _turn(self, tx: Tx, message: Message, parsed: list[Said]) -> Outcome:
        base = letter_base(message)
        if not tx.mail.first_time(message.platform, message.key, message.at, [base]):
            return Outcome(Said("smalltalk"), "smalltalk", [], tx.mail.replies_of(message.platform, message.key), True)
        me = tx.people.by_platform(message.platform, message.sender)
        group = self._group(tx, message) if message.group else None
        if me is None or not me.active:
            return self._stranger(tx, message, base)
        chat = Address(group=group.id) if group else Address(user=me.id)
        tx.talk.note(me.id, "platform", message.platform)
        turn = self._new_turn(tx, me, chat, message.at, group, message)
        commands, reply = self._understand(turn, message, parsed)
        replies = [reply] if reply else [self._carry_out_all(turn, said) for said in commands]
        said = commands[0] if commands else Said("unknown", text=message.words)
        known = self.commands.get(said.intent)
        outcome = Outcome(said, known.intent if known else "unknown")
        self._write(turn, outcome, combine(replies), base)
        if len(outcome.replies) > 1:
            tx.mail.answered(message.platform, message.key, [x.key for x in outcome.replies])
        return outcome

    def _group(self, tx: Tx, message: Message) -> Group:
        """The group of a chat; one never seen before is noted, its members unknown."""
        found = tx.people.group_by_chat(message.platform, message.group) or tx.people.group(message.group)
        if found is None:
            found = Group("g" + hashlib.sha1(f"{message.platform}|{message.group}".encode()).hexdigest()[:10], "群聊")
            tx.people.put_group(found)
            tx.people.link_chat(found.id, message.platform, message.group)
        return found

    def _new_turn(self, tx: Tx, me: Member, chat: Address, now: datetime, group: Group | None, message: Message | None) -> Turn:
        company = tx.settings.all_company()
        rules, calendar = for_person(tx, self.rules, company, me), with_days(self.calendar, company)
        readers: Sequence[Member] = [me]
        if group:
            # a group whose members are unknown may hold anybody: its answers suit every member
            readers = [m for i in group.members if (m := tx.people.get(i))] or tx.people.all()
        turn = Turn(tx, me, chat, now, Said(""), rules, calendar, group, readers, message=message, examples=self.examples)
        turn.mail, tx.customers.actor = self.mail, me
        if self.names is not None:
            turn.matcher, turn.named = self.names.matcher, self.names.meant
        return turn

    def _understand(self, turn: Turn, message: Message, parsed: list[Said]) -> tuple[list[Said], Reply | None]:
        if message.click:
            said = says.read(message.click)
            if said is None or said.intent not in self.commands:
                return [], Reply(Card("这个按钮已经失效，没有任何改动", (Text("请直接用一句话告诉我要做什么。"),)))
            form = {k: v for k, v in message.values.items() if v is not None}
            return [fill(turn, replace(said, slots={**said.slots, **form}))], None
        if message.place or message.image or message.file:
            kind = "place" if message.place else "image" if message.image else "file"
            return [Said(f"got.{kind}", text=message.words)], None
        commands = understand(turn, message, parsed, frozenset(self.commands))
        if len(commands) > 1 and all(c.intent == "visit.book" for c in commands):
            many = Said("visit.book_many", hints={"items": commands}, text=message.words)
            return [many], None
        return commands, None

    def _carry_out_all(self, turn: Turn, said: Said) -> Reply:
        """A command and what it leads to."""
        reply = self._carry_out(turn, said)
        for _ in range(2):
            if (then := reply.then) is None:
                break
            reply = followed_by(reply, self._carry_out(turn, then))
        return reply

    def _carry_out(self, turn: Turn, said: Said) -> Reply:
        command = self.commands.get(said.intent) or self.commands["unknown"]
        turn.said = said
        before = len(turn.events), len(turn.notes)
        try:
            if not command.may(turn.me):
                raise NotAllowed("无权：这项操作需要主管权限", action=command.intent, obj="")
            ask = build(command.ask, said.slots)
            with turn.tx.savepoint():
                reply = command.run(ask, turn)
            remember(turn, said)
            return reply
        except NotAllowed as e:
            del turn.events[before[0] :], turn.notes[before[1] :]
            turn.event("access.denied", action=e.action or command.intent, object=e.obj)
            return refused(e, private=bool(turn.group))
        except Refusal as e:
            del turn.events[before[0] :], turn.notes[before[1] :]
            return refused(e)
        except (ValueError, TypeError) as e:
            del turn.events[before[0] :], turn.notes[before[1] :]
            if not said.text.startswith("/"):
                raise
            log.info("a canonical sentence that can't be read: %s", type(e).__name__)
            return Reply(Card("这条指令不完整，没有任何改动", (Text("请直接用一句话告诉我要做什么。"),)))

    # ------------------------------------------------------------------ what is written
    def _write(self, turn: Turn, outcome: Outcome, reply: Reply, base: str) -> None:
        platform = turn.message.platform if turn.message else ""
        pressed = turn.message.card_handle if turn.message else ""
        replaces = f"{HANDLE}{pressed}" if pressed and not reply.refused else ""
        letters = [Letter(base, turn.here, "reply", to_json(reply.card), reply.subject, replaces, platform, turn.me.id)]
        if reply.private and turn.group:
            to = str(Address(user=turn.me.id))
            letters.append(Letter(f"{base}-p", to, "reply", to_json(reply.private), reply.subject, "", platform))
        outcome.replies = letters
        self._post(turn, [*letters, *note_letters(turn.notes, base)])
        outcome.events = self._log(turn, base)
        if turn.trace or turn.events:
            turn.tx.talk.note(turn.me.id, f"why:{turn.here}", "\n".join(turn.trace))

    def _post(self, turn: Turn, letters: Sequence[Letter]) -> None:
        for letter in letters:
            later = self.spread(letter.to, turn.now) if self.spread and turn.source == "job" else None
            turn.tx.mail.post(letter, turn.now, later)

    def _log(self, turn: Turn, base: str) -> list[Event]:
        out = []
        for name, data in turn.events:
            turn.tx.log.event(name, data, turn.now, who=turn.me.id, chat=turn.here, message=base, source=turn.source)
            for hear in self.inside:
                hear(turn.tx, name, data, turn.now)
            out.append(Event(turn.now, name, data))
        return out

    def _stranger(self, tx: Tx, message: Message, base: str) -> Outcome:
        """An unknown sender learns that he is not a member, nothing else (contract.md section 7b)."""
        card = Card("您还不是拜访助手的成员", (Text("请联系贵公司的管理员开通。"),))
        letter = Letter(base, str(Address(user=message.sender)), "reply", to_json(card), "", "", message.platform)
        tx.mail.post(letter, message.at)
        data: dict[str, object] = {"action": "message", "object": "bot"}
        tx.log.event("access.denied", data, message.at, who="", chat="", message=base, source="chat")
        return Outcome(Said("unknown"), "unknown", [Event(message.at, "access.denied", data)], [letter])

    def _apologise(self, tx: Tx, message: Message, key: str) -> Outcome:
        to = Address(user=message.sender)
        letter = Letter(key, str(to), "reply", to_json(sorry(key)), "", "", message.platform)
        tx.mail.first_time(message.platform, message.key, message.at, [key])
        tx.mail.post(letter, message.at)
        return Outcome(Said("unknown", text=message.words), "unknown", [], [letter])

    def _publish(self, events: Sequence[Event]) -> None:
        for event in events:
            for listen in self.on_event:
                listen(event)

    # ------------------------------------------------------------------ other doors
    async def perform(self, member: Member, said: Said, source: str) -> tuple[Reply, list[Event]]:
        """The same command through the API or the web console: same rules, same rights; the reply is returned, not sent.

        Raises Refusal; nothing is changed then (an access.denied event is kept all the same).
        """
        now = self.clock.now()

        def work(tx: Tx) -> tuple[Reply, list[Event], Refusal | None]:
            turn = self._new_turn(tx, member, Address(user=member.id), now, None, None)
            turn.source, turn.said = source, said
            command = self.commands[said.intent]
            base = f"{source}-{secrets.token_hex(8)}"
            try:
                if not command.may(member):
                    raise NotAllowed("无权：这项操作需要主管权限", action=command.intent)
                with tx.savepoint():
                    reply = command.run(build(command.ask, said.slots), turn)
            except Refusal as e:
                turn.events.clear()
                turn.notes.clear()
                if isinstance(e, NotAllowed):
                    turn.event("access.denied", action=e.action or command.intent, object=e.obj)
                return refused(e), self._log(turn, base), e
            self._post(turn, note_letters(turn.notes, base))
            return reply, self._log(turn, base), None

        reply, events, error = await self.store.run(work)
        self._publish(events)
        self.wake.set()
        if error:
            raise error
        return reply, events

    # ------------------------------------------------------------------ what falls due
    async def plan_seeded(self) -> None:
        """Plan the jobs of seeded visits still ahead; what was due before now is history and is not sent (contract 7b)."""
        kind = self.jobs["seeded"]
        now = self.clock.now()

        def work(tx: Tx) -> None:
            system = Member("system", "系统", Role.ADMIN)
            turn = self._new_turn(tx, system, Address(user="system"), now, None, None)
            kind.run(turn, None)

        await self.store.run(work)

    async def next_due(self) -> datetime | None:
        """The next moment at which a job or a parked letter wants attention."""
        return await self.store.read(lambda tx: min(filter(None, (tx.jobs.next_due(), tx.mail.next_due())), default=None))

    async def do_due(self) -> int:
        """Do the jobs that are due, then send what waits; the number of things done."""
        events, n = await self.store.run(self._jobs)
        self._publish(events)
        sent = await self.outbox.deliver() if self.outbox else 0
        await self.sealer.run()
        return n + sent + (await self.errands.run() if self.errands and self.errands.inline else 0)

    def _jobs(self, tx: Tx) -> tuple[list[Event], int]:
        now = self.clock.now()
        events: list[Event] = []
        jobs = tx.jobs.take_due(now, 50)
        for job in jobs:
            kind = self.jobs.get(job.kind)
            if kind is None:
                log.error("job %s: unknown kind %s", job.key, job.kind)
                continue
            me = Member("system", "系统", Role.ADMIN)
            turn = self._new_turn(tx, me, Address(user="system"), now, None, None)
            turn.source = "job"
            try:
                with tx.savepoint():
                    kind.run(turn, job)
            except Exception:  # one job's bug must not hold up the others; it is gone, with a trace
                log.exception("job %s failed", job.key)
                continue
            base = "j" + hashlib.sha1(job.key.encode()).hexdigest()[:20]
            self._post(turn, note_letters(turn.notes, base))
            events += self._log(turn, base)
        return events, len(jobs)


def letter_base(message: Message) -> str:
    """The key of a message's reply: the same for a repeated delivery."""
    return "m" + hashlib.sha1(f"{message.platform}|{message.key}".encode()).hexdigest()[:20]


def note_letters(notes: Sequence[Note], base: str) -> list[Letter]:
    """Pushes and card changes as letters; a note's own key makes it once-only for ever."""
    return [
        Letter(n.key or f"{base}-{i}", str(n.to), n.why, to_json(n.card), n.subject, n.replaces, n.platform)
        for i, n in enumerate(notes, 1)
    ]
