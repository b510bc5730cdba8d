"""`python main.py chat`: the same bot for one person in a terminal, or line by line through a pipe."""

import argparse
import asyncio
import codecs
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text as Styled

from bot.cards import Card, Facts, Items, Text, Tone, plain
from bot.clock import Clock, VirtualClock, advance, tick_forever
from bot.handouts import Handouts, makers
from bot.message import Message
from bot.outbox import Outbox
from bot.platform import Delivery
from bot.sample import START, team
from domain.model import OFFICE, Member
from domain.model import Group as Chat

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Config

OpenApp = Callable[["Config", str, Clock, Mapping[str, object] | None], "AbstractAsyncContextManager[App]"]
Lines = AsyncIterator[str]
COLOURS = {Tone.DONE: "green", Tone.INFO: "blue", Tone.WARN: "yellow"}
WEEK = "一二三四五六日"
HELP = "直接说一句话；回复数字等于按下按钮。/time 看时间，/time +30 往前 30 分钟，/time 2026-03-12T08:30，/quit 退出。"
MAX_LINE = 100_000
LONGEST_MOVE = timedelta(days=92)


class TerminalError(Exception):
    """The talk can't begin; one line says why."""


class TerminalWire:
    """Shows what comes to one person (and in one group) as it comes; of letters to others only that they went (a `Platform`).

    In a terminal cards are drawn in a frame; in a pipe they are their plain-text twins.
    """

    name = "terminal"

    def __init__(self, console: Console, me: Member, group: str, people: Mapping[str, str]) -> None:
        self._console, self._me, self._group, self._people = console, me, group, people

    async def send(self, delivery: Delivery) -> str:
        """Print a letter. Nothing printed can be changed, so an update is printed anew."""
        if delivery.user != self._me.id and (not delivery.group or delivery.group != self._group):
            to = self._people.get(delivery.user or delivery.group, delivery.user or delivery.group)
            show(self._console, f"→ {to}：{delivery.card.title}", "dim")
            return delivery.key
        note = {"push": "通知", "update": "已更新"}.get(delivery.why, "")
        where = "群聊" if delivery.group else "私聊" if self._group else ""
        draw(self._console, delivery.card, "·".join(filter(None, (where, note))))
        return delivery.key


def show(console: Console, text: str, style: str = "") -> None:
    """A line as it is: nothing in it is read as markup."""
    console.print(Styled(text, style), soft_wrap=not console.is_terminal)


def draw(console: Console, card: Card, note: str = "") -> None:
    """A card: framed in a terminal, as text in a pipe."""
    files = [f"附件：{name}（{path}）" for name, path in card.files]
    if not console.is_terminal:
        show(console, "\n".join([f"【{note}】" * bool(note) + plain(card), *files, ""]))
        return
    parts: list[Styled] = []
    for block in card.blocks:
        match block:
            case Text(text):
                parts.append(Styled(text))
            case Facts(rows):
                parts += [Styled.assemble((f"{name}  ", "dim"), value) for name, value in rows if value]
            case Items(lines):
                parts += [Styled(f"· {line}") for line in lines]
    parts += [Styled(name, "dim") for name in files]
    if card.buttons:
        parts.append(Styled(""))
        parts += [Styled.assemble((f" {n} ", "reverse"), f" {b.text}") for n, b in enumerate(card.buttons, 1)]
    colour = COLOURS[card.tone]
    title = Styled.assemble((card.title, f"bold {colour}"))
    body = Group(title, *parts)
    console.print(Panel(body, box=box.ROUNDED, border_style=colour, subtitle=Styled(note), subtitle_align="right", width=76))


class Talk:
    """One person's conversation."""

    def __init__(self, app: "App", clock: Clock, console: Console, me: Member, group: str) -> None:
        self._app, self._clock, self._console, self._me, self._group = app, clock, console, me, group
        self._run = f"{os.getpid():x}-{datetime.now(OFFICE).timestamp():.6f}"
        self._said = 0

    async def hear(self, line: str) -> bool:
        """One line typed; False when the person is done."""
        words = line.strip()
        if words in ("/quit", "/exit", "/q"):
            return False
        if words in ("/help", "/?"):
            show(self._console, HELP, "dim")
        elif words == "/time" or words.startswith("/time "):
            await self._time(words[5:].strip())
        elif words:
            await self._say(words)
        return True

    async def _say(self, words: str) -> None:
        self._said += 1
        key = f"{self._run}-{self._said}"
        at = self._clock.now()
        await self._app.handle(Message("terminal", self._me.id, key, at, text=words, group=self._group))
        await self.flush()

    async def flush(self) -> None:
        """Print everything that waits."""
        while await self._app.do_due():
            pass

    async def _time(self, to: str) -> None:
        now = self._clock.now()
        if to and not isinstance(self._clock, VirtualClock):
            show(self._console, "这里用的是真实时间，不能拨。", "dim")
        elif to and isinstance(self._clock, VirtualClock):
            wanted = moved(to, now)
            if wanted is None or not now <= wanted <= now + LONGEST_MOVE:
                show(self._console, "时间只能往前拨，最多 92 天，例如 /time +30 或 /time 2026-03-12T08:30", "dim")
                return
            await advance(self._clock, wanted, self._app.next_due, self._app.do_due)
            await self.flush()
        now = self._clock.now()
        show(self._console, f"现在是 {now:%Y-%m-%d} 周{WEEK[now.weekday()]} {now:%H:%M}", "dim")


def moved(to: str, now: datetime) -> datetime | None:
    """`+30` is minutes from now, anything else an ISO time; None when it is neither."""
    try:
        if to.startswith("+"):
            return now + timedelta(minutes=int(to[1:].rstrip("m分钟 ")))
        moment = datetime.fromisoformat(to)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE)


async def talk(
    config: "Config",
    args: argparse.Namespace,
    open_app: OpenApp,
    seed: Mapping[str, object] | None,
    *,
    lines: Lines | None = None,
    console: Console | None = None,
) -> None:
    """Talk until /quit or the end of the input. Raises TerminalError when `--as`, `--group` or `--now` names nothing.

    Uses `args.who`, `.group`, `.db`, `.now`. Without `--db` everything happens in a temporary store: the sample team (with its
    own clock, which /time moves) or the seed given. With `--db` the letters of that store are all shown here and sent nowhere.
    """
    console = console or Console(highlight=False)
    lines = lines or typed()
    async with AsyncExitStack() as stack:
        if seed is None and not args.db:
            seed = team()
            clock: Clock = VirtualClock(start_of(args, START))
        else:
            clock = VirtualClock(start_of(args, START)) if args.now else Clock()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="visitbot-"))
        url = args.db or f"sqlite+aiosqlite:///{folder}/chat.db"
        app = await stack.enter_async_context(open_app(config, url, clock, seed))
        me, group, names = await choose(app, args, console, lines)
        if me is None:
            return
        app.outbox = Outbox(app.store, clock, app.post, TerminalWire(console, me, group, names), Handouts(makers()))
        await converse(Talk(app, clock, console, me, group), app, clock, console, lines)


async def converse(chat: Talk, app: "App", clock: Clock, console: Console, lines: Lines) -> None:
    """Line by line; on a real clock reminders come by themselves."""
    ticking = None if isinstance(clock, VirtualClock) else asyncio.create_task(tick_forever(clock, app.do_due, app.wake))
    try:
        await chat.hear("/time")
        prompt(console)
        async for line in lines:
            if not await chat.hear(line):
                break
            prompt(console)
    finally:
        if ticking is not None:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)


def start_of(args: argparse.Namespace, default: datetime) -> datetime:
    """`--now`, else the default. Raises TerminalError."""
    found = moved(args.now, default) if args.now else default
    if found is None:
        raise TerminalError(f"--now {args.now!r}: an ISO time such as 2026-03-11T10:00:00+08:00")
    return found


def prompt(console: Console) -> None:
    """Only people need one."""
    if console.is_terminal:
        console.print(Styled("› ", "bold"), end="")


async def choose(
    app: "App", args: argparse.Namespace, console: Console, lines: Lines
) -> tuple[Member | None, str, dict[str, str]]:
    """Who talks (asked for without --as; None when nobody answers), in which group, and everybody's names."""

    def cast(tx: Any) -> tuple[list[Member], list[Chat]]:
        return tx.people.all(), tx.people.groups()

    people, groups = await app.store.read(cast)
    if not people:
        raise TerminalError("there are no members yet: use --seed FILE, or import members")
    if args.group and args.group not in {g.id for g in groups}:
        raise TerminalError(f"--group {args.group!r}: known are {', '.join(g.id for g in groups) or 'none'}")
    names = {**{m.id: m.name for m in people}, **{g.id: g.name for g in groups}}
    me = next((m for m in people if m.id == args.who), None)
    if args.who and me is None:
        raise TerminalError(f"--as {args.who!r}: known are {', '.join(m.id for m in people)}")
    me = me or await ask_who(people, console, lines)
    if me is not None:
        where = f"，在「{names[args.group]}」里" if args.group else ""
        show(console, f"您好，{me.name}{where}。{HELP}", "dim")
    return me, args.group or "", names


async def ask_who(people: list[Member], console: Console, lines: Lines) -> Member | None:
    """Let the person pick a member by number, id or name; None at the end of the input."""
    for n, member in enumerate(people, 1):
        show(console, f"{n:>3}  {member.name}  {member.team or member.department}  {member.id}")
    show(console, "您是哪一位？回复编号：")
    prompt(console)
    async for line in lines:
        words = line.strip()
        if words == "/quit":
            return None
        if words.isascii() and words.isdigit() and 1 <= int(words[:4]) <= len(people):
            return people[int(words[:4]) - 1]
        fits = [m for m in people if words in (m.id, m.name)]
        if len(fits) == 1:
            return fits[0]
        show(console, "没有这个编号，请再选一次：")
        prompt(console)
    return None


async def typed(fd: int | None = None) -> AsyncIterator[str]:
    """Lines from standard input, terminal, pipe or file, read beside the loop by a thread that never holds up the end."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    source = sys.stdin.fileno() if fd is None else fd

    def put(item: str | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, item)

    def read() -> None:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        rest = ""
        try:
            while data := os.read(source, 65536):
                *whole, rest = (rest + decode(data)).split("\n")
                rest = rest[:MAX_LINE]
                for line in whole:
                    put(line)
            put(rest + decode(b"", True))
            put(None)
        except (RuntimeError, OSError):  # the loop is gone, or the terminal is
            return

    threading.Thread(target=read, daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line
