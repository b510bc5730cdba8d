"""House rules that a machine can check: help is true, every intent has somebody, buttons read back, files stay small."""

import ast
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import handlers
from bot import says
from bot.cards import Button, Card, plain
from bot.choices import number_in, pick
from bot.command import Command
from domain.model import OFFICE
from domain.rules import Rules
from nlp.cli import book_of
from nlp.parser import Parser

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "domain", "handlers", "nlp", "storage")
COMMANDS, JOBS = handlers.load()
BY_NAME = {c.name: c for c in COMMANDS}
NOW = datetime(2026, 6, 9, 9, tzinfo=OFFICE)
INTENTS = frozenset(
    f"{area}.{verb}" if verb else area
    for area, verbs in {
        "visit": "book reschedule update cancel restore list free_time check_in invite uninvite substitute route prepare",
        "report": "file pending show",
        "followup": "add",
        "task": "add list done",
        "customer": "create check show update merge list due",
        "owner": "show claim release transfer handover dispute",
        "pool": "list",
        "approval": "list approve reject",
        "summary": "show",
        "ranking": "show",
        "kpi": "show",
        "conflict": "list",
        "leave": "add cancel list",
        "reminder": "set mute",
        "rule": "set list",
        "field": "add",
        "data": "export import",
        "dialog": "confirm deny choose correct undo why",
        "help": "show",
        "smalltalk": "",
        "unknown": "",
    }.items()
    for verb in verbs.split(" ")
)
"""The closed list of contract.md section 5."""
SHOWN = sorted({(c.example, c.name, c.intent) for c in COMMANDS if c.example})
LINES = 400


@pytest.fixture(scope="module")
def parser() -> Parser:
    """The language layer with the sample team's names."""
    team = json.loads((ROOT / "bot" / "sample" / "team.json").read_text("utf-8"))
    return Parser(book_of(team), purposes=Rules().purposes)


@pytest.mark.parametrize(("example", "name", "intent"), SHOWN)
def test_every_example_that_help_shows_means_its_command(parser: Parser, example: str, name: str, intent: str) -> None:
    (said,) = parser.parse(example, NOW, user="wanglei")
    assert said.intent in (name, intent)


def test_every_intent_has_a_command() -> None:
    there = {c.intent for c in COMMANDS} | {c.name for c in COMMANDS}
    assert INTENTS - there == set()


def test_no_command_answers_to_an_intent_that_is_not_in_the_contract() -> None:
    assert {c.intent for c in COMMANDS if c.intent not in INTENTS} == set()


def test_names_of_commands_and_jobs_are_unique() -> None:
    assert len(BY_NAME) == len(COMMANDS)
    assert len({j.kind for j in JOBS}) == len(JOBS)


def test_help_offers_something_of_every_group() -> None:
    """Nobody has to guess how a group of commands is asked."""
    assert {c.group for c in COMMANDS if c.group} == {c.group for c in COMMANDS if c.example}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_a_command_has_a_promise_and_readable_slots(command: Command) -> None:
    assert command.run.__doc__
    assert command.ask.__doc__
    assert says.read(says.write(command.name, a=1, b="x y=z%")) is not None


# ---------------------------------------------------------------------- buttons
def buttons_in_code() -> Iterator[tuple[str, str]]:
    """(where, command) of every `says.write("…", …)` in the code."""
    for path in sorted((ROOT / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write" and node.args:
                first = node.args[0]
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "says" and isinstance(first, ast.Constant):
                    yield f"{path.name}:{node.lineno}", str(first.value)


def test_every_button_in_the_code_says_a_command_that_exists() -> None:
    found = list(buttons_in_code())
    assert len(found) > 50
    assert [x for x in found if x[1] not in BY_NAME] == []


def test_every_slot_that_a_button_carries_is_known_to_its_command() -> None:
    """A slot nobody reads is a button that does something else than it says."""
    out = []
    for path in sorted((ROOT / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write"):
                continue
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            command = BY_NAME.get(str(name))
            if command is None or name == "draft.fill":
                continue
            fields = command.ask.__dataclass_fields__  # type: ignore[attr-defined]
            out += [f"{path.name}:{node.lineno} {name} {k.arg}" for k in node.keywords if k.arg and k.arg not in fields]
    assert out == []


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_the_text_twin_numbers_buttons_in_their_order(n: int) -> None:
    card = Card("结果", (), tuple(Button(f"选项{'甲乙丙丁戊己'[i]}", says.write("dialog.choose", choice=i)) for i in range(n)))
    text = plain(card)
    places = [text.index(f"{i}. {b.text}") for i, b in enumerate(card.buttons, 1)]
    assert places == sorted(places)
    for i, button in enumerate(card.buttons, 1):
        for answer in (
            str(i),
            f"第{'一二三四五六'[i - 1]}个",
            f"选{i}吧",
            button.text,
            f"就{button.text}吧",
            f"{i}。",
            chr(0xFF10 + i),
        ):
            assert pick(card, answer) == says.read(button.says), answer
    beyond = pick(card, str(n + 1))
    assert beyond is not None
    assert beyond.slots == {"choice": n + 1}


@pytest.mark.parametrize("text", ["10点", "3号线", "2个小时", "第二季度", "一点", "二期报价", "五月", "1月2日"])
def test_what_only_contains_a_number_is_no_choice(text: str) -> None:
    assert number_in(text) is None


# ---------------------------------------------------------------------- shape
def sources() -> list[Path]:
    return [p for name in PACKAGES for p in (ROOT / name).rglob("*.py")] + [ROOT / "main.py"]


def test_files_stay_small() -> None:
    long = {p.relative_to(ROOT).as_posix(): n for p in sources() if (n := len(p.read_text("utf-8").splitlines())) > LINES}
    assert long == {}


def test_no_text_for_a_person_is_english() -> None:
    """Card titles, lines and buttons are Chinese (commands of the terminal are not cards)."""
    out = []
    for path in sorted((ROOT / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Card", "Text", "Button"):
                first = node.args[0] if node.args else None
                text = first.value if isinstance(first, ast.Constant) else ""
                if isinstance(text, str) and text and not any("\u4e00" <= ch <= "\u9fff" for ch in text):
                    out.append(f"{path.name}:{node.lineno} {text!r}")
    assert out == []


def test_domain_reads_no_clock_and_does_no_input_or_output() -> None:
    banned = {"asyncio", "aiohttp", "sqlite3", "asyncpg", "sqlalchemy", "sqlmodel", "logging", "subprocess", "socket"}
    out = []
    for path in (ROOT / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            out += [f"{path.name} imports {n}" for n in names if n.split(".")[0] in banned]
            if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow") and isinstance(node.value, ast.Name):
                out += [f"{path.name}:{node.lineno} reads the clock"] if node.value.id in ("datetime", "date") else []
    assert out == []
