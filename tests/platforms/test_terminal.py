"""The bot in a terminal and through a pipe."""

import argparse
import asyncio
import io
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.cards import Card
from bot.clock import Clock, VirtualClock
from bot.config import Config
from bot.platforms.terminal import TerminalError, draw, moved, talk, typed
from bot.sample import START, team
from tests.platforms.webchat.kit import Offices, Scripted, echo, real_office

MAIN = Path(__file__).parents[2] / "main.py"


def args(**more: str) -> argparse.Namespace:
    return argparse.Namespace(**{"who": None, "group": None, "db": None, "now": None, "seed": None, **more})


async def typing(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


class Bench:
    """Talks with a scripted bot (or another office) and keeps what was printed."""

    def __init__(self, folder: Path) -> None:
        self.offices = Offices(folder)
        self.office: Any = self.offices
        self.clocks: list[Clock] = []
        self.seeds: list[Any] = []

    def open_app(self, config: Config, url: str, clock: Clock, seed: Any) -> AbstractAsyncContextManager[Any]:
        self.clocks.append(clock)
        self.seeds.append(seed)
        made: AbstractAsyncContextManager[Any] = self.office(clock)
        return made

    async def talk(self, *lines: str, terminal: bool = False, seed: Any = None, **more: str) -> str:
        out = io.StringIO()
        console = Console(file=out, force_terminal=terminal, width=100, color_system=None, highlight=False)
        await talk(Config(), args(**more), self.open_app, seed, lines=typing(*lines), console=console)
        return out.getvalue()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_pipe_gets_plain_text(bench: Bench) -> None:
    out = await bench.talk("明天下午3点拜访宏远", "", "  2 ", who="lina")
    got = bench.offices.app.got
    assert [(m.platform, m.sender, m.text, m.group) for m in got] == [
        ("terminal", "lina", t, "") for t in ("明天下午3点拜访宏远", "2")
    ]
    assert got[0].key != got[1].key
    assert "收到：明天下午3点拜访宏远\n两行\n文字\n客户：宏远" in out
    assert "1. 同意" in out
    assert "›" not in out
    assert "│" not in out


async def test_a_terminal_gets_cards_with_numbered_buttons(bench: Bench) -> None:
    out = await bench.talk("好", terminal=True, who="lina")
    assert "│ 收到：好" in out
    assert " 1  同意" in out
    assert " 2  驳回" in out
    assert "›" in out


def test_what_people_write_is_no_markup() -> None:
    for terminal in (True, False):
        out = io.StringIO()
        draw(
            Console(file=out, force_terminal=terminal, width=80, color_system=None),
            echo("[bold]x[/bold] [/] :smile:"),
            "[red]通知",
        )
        assert "[bold]x[/bold] [/] :smile:" in out.getvalue()
        assert "[red]通知" in out.getvalue()


async def test_pushes_are_shown_and_other_peoples_letters_only_named(bench: Bench) -> None:
    async def lines() -> AsyncIterator[str]:
        yield "好"
        app = bench.offices.app
        app.planned = [
            (START + timedelta(minutes=20), Scripted.letter("p1", "u:lina", Card("提醒一"))),
            (START + timedelta(minutes=10), Scripted.letter("p2", "u:chenjing", Card("请审批", (), ()))),
            (START + timedelta(minutes=90), Scripted.letter("p3", "u:lina", Card("提醒二"))),
            (START + timedelta(minutes=5), Scripted.letter("p4", "g:east", Card("群消息"))),
        ]
        yield "/time +30"
        yield "/time 2026-03-12T08:30"

    out = io.StringIO()
    await talk(Config(), args(who="lina"), bench.open_app, None, lines=lines(), console=Console(file=out, width=100))
    shown = out.getvalue()
    places = [
        shown.index(w) for w in ("→ 华东销售群：群消息", "→ 陈静：请审批", "【通知】提醒一", "周三 10:30", "提醒二", "周四 08:30")
    ]
    assert places == sorted(places)


async def test_in_a_group(bench: Bench) -> None:
    out = await bench.talk("今天谁在外面", who="lina", group="east")
    assert bench.offices.app.got[0].group == "east"
    assert "【群聊】收到：今天谁在外面" in out
    with pytest.raises(TerminalError, match="--group 'west': known are east"):
        await bench.talk(who="lina", group="west")


async def test_without_a_name_one_chooses_from_the_list(bench: Bench) -> None:
    out = await bench.talk("99", "张伟", "²", "2", "好")  # 张伟 is borne by two
    assert out.count("没有这个编号") == 3
    assert bench.offices.app.got[0].sender == "lina"
    assert "您好，李娜" in out
    out = await bench.talk("chenjing", "好")
    assert bench.offices.app.got[0].sender == "chenjing"
    for lines in ((), ("/quit",), ("99",)):
        await bench.talk(*lines)
        assert bench.offices.app.got == []


async def test_an_unknown_name_is_refused_in_one_line(bench: Bench) -> None:
    with pytest.raises(TerminalError, match="--as 'nobody': known are wanglei"):
        await bench.talk(who="nobody")
    with pytest.raises(TerminalError, match="--now 'soon'"):
        await bench.talk(who="lina", now="soon")


async def test_quit_ends_it(bench: Bench) -> None:
    await bench.talk("/quit", "好", who="lina")
    assert bench.offices.app.got == []
    assert "/quit 退出" in await bench.talk("/help", who="lina")


async def test_which_clock(bench: Bench) -> None:
    await bench.talk(who="lina")
    assert isinstance(bench.clocks[-1], VirtualClock)
    assert bench.clocks[-1].now() == START
    assert bench.seeds[-1] == team()
    await bench.talk(who="lina", now="2026-06-09T09:00:00+08:00", seed=team())
    assert bench.clocks[-1].now().isoformat() == "2026-06-09T09:00:00+08:00"
    out = await bench.talk("/time +10", who="lina", seed=team())
    assert type(bench.clocks[-1]) is Clock
    assert "真实时间" in out


@pytest.mark.parametrize("to", ["", "foo", "+x", "+99999999999999999", "2026-13-01", "+-5", "2026-03-10T10:00", "+999999"])
async def test_the_clock_goes_forward_only(bench: Bench, to: str) -> None:
    out = await bench.talk(f"/time {to}", who="lina")
    assert bench.clocks[-1].now() == START
    assert "2026-03-11 周三 10:00" in out
    assert ("只能往前拨" in out) is bool(to)


def test_how_a_time_is_written() -> None:
    assert moved("+30", START) == moved("+30分钟", START) == START + timedelta(minutes=30)
    assert moved("2026-03-12T08:30", START) == START.replace(day=12, hour=8, minute=30)


async def test_reminders_come_by_themselves_on_a_real_clock(bench: Bench) -> None:
    async def lines() -> AsyncIterator[str]:
        app = bench.offices.app
        app.planned = [(START, Scripted.letter("p1", "u:lina", Card("到点了")))]
        app.wake.set()
        for _ in range(100):
            await asyncio.sleep(0.02)
            if "到点了" in out.getvalue():
                break
        yield "/quit"

    out = io.StringIO()
    await talk(Config(), args(who="lina"), bench.open_app, team(), lines=lines(), console=Console(file=out, width=100))
    assert "到点了" in out.getvalue()


async def test_lines_from_a_file_descriptor() -> None:
    reader, writer = os.pipe()
    data = "一\n二二\r\n\n尾".encode()
    got = []

    async def write() -> None:
        for n in range(len(data)):  # also between the bytes of a character
            os.write(writer, data[n : n + 1])
            await asyncio.sleep(0)
        os.write(writer, b"\xff")
        os.close(writer)

    task = asyncio.create_task(write())
    async for line in typed(reader):
        got.append(line)
    await task
    os.close(reader)
    assert got == ["一", "二二\r", "", "尾\ufffd"]


async def test_the_whole_bot_answers(bench: Bench, tmp_path: Path) -> None:
    bench.office = real_office(tmp_path)
    out = await bench.talk("明天下午3点拜访鼎盛机械，聊二期报价", "算了", "我明天几个拜访？", who="wanglei")
    assert "没有保存" in out or "还没保存" in out
    assert "李娜" in out
    assert "宏远" in out


def test_the_command_itself_in_a_pipe_and_in_a_terminal() -> None:
    command = [sys.executable, str(MAIN), "chat", "--as", "wanglei"]
    piped = subprocess.run(command, input="我明天几个拜访？\n", capture_output=True, text=True, timeout=60, check=True)
    assert "宏远" in piped.stdout
    assert "Traceback" not in piped.stderr
    leader, follower = pty.openpty()
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        os.write(leader, "我明天几个拜访？\n/quit\n".encode())
        shown = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
        assert process.wait(30) == 0
    os.close(leader)
    assert "宏远".encode() in shown
    assert "╭".encode() in shown
