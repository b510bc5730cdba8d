"""`chat --script`: a JSONL scenario with a virtual clock (contract.md section 4), and the plain terminal chat."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, TextIO

from bot.app import App, Event, Outcome
from bot.cards import Card, Facts, plain
from bot.clock import VirtualClock, advance
from bot.handouts import Handouts, makers
from bot.message import Message, Place
from bot.outbox import Outbox
from bot.platform import Delivery
from domain.model import OFFICE

PLATFORMS = ("wecom", "dingtalk")


class ScriptWire:
    """The one platform of a script: a letter becomes an output line."""

    name = "script"

    def __init__(self, write: Callable[[Mapping[str, object]], None]) -> None:
        self._write = write

    async def send(self, delivery: Delivery) -> str:
        to = {"group": delivery.group} if delivery.group else {"user": delivery.user}
        line: dict[str, object] = {"type": "message", "to": to, "text": plain(delivery.card), "card": card_json(delivery.card)}
        line["why"] = delivery.why
        if delivery.card.files:
            line["files"] = [{"name": n, "path": p} for n, p in delivery.card.files]
        self._write(line)
        return delivery.key


def card_json(card: Card) -> dict[str, object]:
    """The `card` of an output line."""
    fields = [{"name": n, "value": v} for b in card.blocks if isinstance(b, Facts) for n, v in b.rows if v]
    buttons = [{"text": b.text, "action": b.says, "style": b.style} for b in card.buttons]
    return {"title": card.title, "fields": fields, "buttons": buttons}


class Script:
    """Plays lines in order; each ends with its `done`."""

    def __init__(self, app: App, clock: VirtualClock, out: TextIO) -> None:
        self._app, self._clock, self._out = app, clock, out
        self._line = 0
        self._outcome: Outcome | None = None
        app.outbox = Outbox(app.store, clock, app.post, ScriptWire(self._write), Handouts(makers()))
        app.on_event.append(self._event)
        app.on_done.append(self._done)

    def _write(self, line: Mapping[str, object]) -> None:
        full = {"line": self._line, "at": self._clock.now().isoformat(), **line}
        self._out.write(json.dumps(full, ensure_ascii=False) + "\n")
        self._out.flush()

    def _event(self, event: Event) -> None:
        self._write({"type": "event", "name": event.name, "data": event.data})

    def _done(self, message: Message, outcome: Outcome) -> None:
        self._outcome = outcome

    async def start(self) -> None:
        """What fell due while the program was down comes now, with line 0; letters a killed run had taken go first."""
        await self._app.store.run(lambda tx: tx.mail.unlease())
        await self._app.store.run(lambda tx: tx.errands.free())
        await self._due()

    async def play(self, number: int, raw: str) -> None:
        """One input line."""
        self._line, self._outcome = number, None
        try:
            line = json.loads(raw)
            if not isinstance(line, dict):
                raise ValueError("a line must be a JSON object")
            message = self._read(line)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as e:
            self._write({"type": "error", "error": f"{type(e).__name__}: {e}"[:300]})
            self._write({"type": "done", "intent": "unknown", "slots": {}, "ms": 0.0})
            return
        if line.get("now") is not None:
            to = moment(line["now"])
            await advance(self._clock, to, self._app.next_due, self._due)
        if message is not None:
            await self._app.handle(message)
            await self._due()
        self._close()

    def _close(self) -> None:
        outcome: Any = self._outcome
        if outcome is None:
            self._write({"type": "done", "intent": "smalltalk", "slots": {}, "ms": 0.0})
            return
        slots = {k: v for k, v in outcome.said.slots.items() if k not in ("draft", "visit_id", "customer_id")}
        done: dict[str, object] = {"type": "done", "intent": outcome.intent, "slots": slots}
        done["ms"] = round(outcome.seconds * 1000, 2)
        if outcome.duplicate:
            done["duplicate"] = True
        self._write(done)

    async def _due(self) -> int:
        """Everything that is due at the present moment, until nothing is left."""
        total = 0
        while n := await self._app.do_due():
            total += n
        return total

    def _read(self, line: Mapping[str, Any]) -> Message | None:
        """The message of a line; None for a line that only moves the clock. Raises ValueError when it can't be used."""
        if line.get("now") is not None:
            moment(line["now"])
        if "from" not in line:
            if "now" in line:
                return None
            raise ValueError("a line needs `from` or `now`")
        at = max(self._clock.now(), moment(line["now"])) if line.get("now") is not None else self._clock.now()
        platform = line.get("platform", "wecom")
        if platform not in PLATFORMS:
            raise ValueError(f"platform {platform!r}: wecom or dingtalk")
        place = None
        if (where := line.get("location")) is not None:
            place = Place(float(where["lat"]), float(where["lng"]), str(where.get("label") or ""))
        values = line.get("values") or {}
        if not isinstance(values, dict):
            raise ValueError("values must be an object")
        key = line.get("msgid")
        return Message(
            platform, text_of(line, "from"), str(key) if key is not None else f"line-{self._app_run}-{self._line}", at,
            text=text_of(line, "text"), group=text_of(line, "group"), voice=text_of(line, "voice"),
            click=text_of(line, "click"), values=values, place=place, image=text_of(line, "image"), file=text_of(line, "file"),
            quoted=text_of(line, "quoted"),
        )  # fmt: skip

    @property
    def _app_run(self) -> str:
        return f"{id(self):x}-{self._started:.6f}"

    _started = datetime.now(OFFICE).timestamp()


def text_of(line: Mapping[str, Any], key: str) -> str:
    """A text value of a line, "" when absent. Raises ValueError for anything else."""
    value = line.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text")
    return value


def moment(text: object) -> datetime:
    """An ISO time; without offset it is the office's."""
    t = datetime.fromisoformat(str(text))
    return t if t.tzinfo else t.replace(tzinfo=OFFICE)


async def read_lines(source: TextIO) -> AsyncIterator[str]:
    """Lines of a file or pipe without blocking the loop."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, source.readline):
        yield line


async def play(app: App, clock: VirtualClock, source: TextIO, out: TextIO = sys.stdout) -> None:
    """Play a whole scenario."""
    script = Script(app, clock, out)
    await script.start()
    number = 0
    async for raw in read_lines(source):
        number += 1
        await script.play(number, raw)
