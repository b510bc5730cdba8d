"""Commands through the API: carried out once per Idempotency-Key, and answered with data instead of a card.

The door is one command, `api.do`, that carries out others inside the transaction of `App.perform`: the key goes into the inbox in the
same commit as what the request changed (contract.md section 8, promise 2), and a refusal undoes both.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot import says
from bot.app import App
from bot.cards import Card, plain
from bot.command import Command, Reply, Turn, build
from domain.model import Member, stamp
from domain.refusal import NotAllowed, Refusal
from nlp.said import Said

SOURCES = ("api", "web")
STOPS = frozenset({"conflict.found", "customer.duplicate_found"})
"""After these nothing further of the request is carried out."""


class Undone(Refusal):
    """The request is not complete enough to be carried out without asking; nothing was changed."""


class KeyReused(Refusal):
    """An Idempotency-Key that came before with another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: HTTP status and JSON; `repeated` = kept from the first time."""

    status: int
    body: Mapping[str, Any]
    repeated: bool = False


Plan = Callable[[Turn], Sequence[Said]]
"""What a request comes to, decided inside the transaction; may raise Refusal."""

Close = Callable[[Turn, Sequence[Reply]], Answer]
"""The answer, from what came of it (`turn.events`, the replies); raises Refusal to undo everything."""


@dataclass(frozen=True, slots=True)
class Do:
    """One request; `out` takes the answer."""

    plan: Plan | None = None
    close: Close | None = None
    out: object = None
    key: str = ""
    print: str = ""


@dataclass
class Door:
    """Hangs itself into the app as its command `api.do`."""

    app: App
    name: str = field(default="api.do", init=False)

    def __post_init__(self) -> None:
        self.app.commands[self.name] = Command(self.name, "unknown", Do, self._run)

    async def go(self, member: Member, source: str, plan: Plan, close: Close, key: str = "", print_: str = "") -> Answer:
        """Carry out a request as this member. Raises Refusal; nothing is changed then."""
        out: list[Answer] = []
        slots = {"plan": plan, "close": close, "out": out, "key": key, "print": print_}
        await self.app.perform(member, Said(self.name, slots), source)
        return out[-1]

    def _run(self, do: Do, turn: Turn) -> Reply:
        if turn.source not in SOURCES or do.plan is None or do.close is None or not isinstance(do.out, list):
            raise Refusal("这个按钮已经失效，没有任何改动")
        if do.key and not turn.tx.mail.first_time("api", do.key, turn.now):
            do.out.append(_kept(turn, do))
            return _NOTHING
        asked = turn.tx.talk.open(turn.me.id, turn.here, turn.now)
        replies = self._carry_out(turn, do.plan(turn))
        answer = do.close(turn, replies)
        _quiet(turn, asked.id if asked else "")
        do.out.append(answer)
        if do.key:
            turn.tx.mail.answered("api", do.key, [do.print, str(answer.status), json.dumps(answer.body, ensure_ascii=False)])
        return replies[-1] if replies else _NOTHING

    def _carry_out(self, turn: Turn, steps: Sequence[Said]) -> list[Reply]:
        replies: list[Reply] = []
        waiting = list(steps)
        while waiting and not any(name in STOPS for name, _ in turn.events):
            said = waiting.pop(0)
            command = self.app.commands[said.intent]
            if not command.may(turn.me):
                raise NotAllowed("无权：这项操作需要主管权限", action=command.intent)
            turn.said = said
            replies.append(command.run(build(command.ask, said.slots), turn))
            if (then := replies[-1].then) is not None:
                waiting.insert(0, then)
        return replies


_NOTHING = Reply(Card("没有任何改动"))


def _kept(turn: Turn, do: Do) -> Answer:
    """The first answer under this key."""
    kept = turn.tx.doors.answered(do.key)
    if len(kept) != 3 or kept[0] != do.print:
        raise KeyReused("这个 Idempotency-Key 已经用于另一个请求，没有任何改动")
    return Answer(int(kept[1]), json.loads(kept[2]), True)


def _quiet(turn: Turn, before: str) -> None:
    """Questions of this request are not asked in the person's chat: the next message there is no answer to them."""
    while (draft := turn.tx.talk.open(turn.me.id, turn.here, turn.now)) is not None:
        if draft.id == before or draft.created is None or stamp(draft.created) < stamp(turn.now):
            return
        turn.tx.talk.save(replace(draft, question=""))


def events(turn: Turn, *names: str) -> list[Mapping[str, object]]:
    """The data of this request's events of these names, in order."""
    return [data for name, data in turn.events if name in names]


def ways(reply: Reply) -> list[dict[str, object]]:
    """The buttons of a card that settle something, as a second request may name them."""
    out: list[dict[str, object]] = []
    for button in reply.card.buttons:
        said = says.read(button.says)
        if said is None:
            continue
        slots = dict(said.slots)
        if said.intent == "visit.settle":
            out.append({"text": button.text, **slots})
        elif said.intent == "customer.apart":
            out.append({"text": button.text, "how": "apart", **slots})
        elif said.intent == "owner.claim" and slots.get("after"):
            out.append({"text": button.text, "how": "claim", "draft": slots["after"]})
    return out


def open_question(reply: Reply) -> Answer:
    """409 with the ways on; Undone (422) when there are none that a request could name."""
    found = ways(reply)
    if not found:
        raise Undone(plain(reply.card).split("\n回复 ")[0])
    return Answer(409, {"error": "undecided", "message": reply.card.title, "draft": found[0].get("draft"), "ways": found})
