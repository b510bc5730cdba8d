"""The neutral card: a title, a few blocks, buttons; and its plain-text twin with numbered buttons.

Each platform draws it in its own `draw.py`. A button is a sentence: pressing it makes the presser say `says`.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

MAX_BUTTONS = 6
"""Contract.md section 7b: at most six, numbered 1…k."""


class Tone(StrEnum):
    """How a card feels; never a colour."""

    DONE = "done"
    INFO = "info"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Name–value rows."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list, one line each."""

    lines: tuple[str, ...]


Block = Text | Facts | Items


@dataclass(frozen=True, slots=True)
class Button:
    """`text` is read by people; `says` is what pressing it says (a canonical sentence of bot/says.py)."""

    text: str
    says: str
    style: str = "default"

    def __post_init__(self) -> None:
        if not self.text or len(self.says.encode()) > 1000:
            raise ValueError(f"a button needs words, and at most 1,000 bytes to say: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    tone: Tone = Tone.INFO
    files: tuple[tuple[str, str], ...] = field(default=())
    """(name, path) of files sent with it."""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("a card's title is its result: it can't be empty")
        if len(self.buttons) > MAX_BUTTONS:
            raise ValueError(f"at most {MAX_BUTTONS} buttons, got {len(self.buttons)}")


def lines(block: Block) -> list[str]:
    """A block as text lines."""
    match block:
        case Text(text):
            return text.splitlines()
        case Facts(rows):
            return [f"{name}：{value}" for name, value in rows if value]
        case Items(items):
            return [f"· {line}" for line in items]
        case _:
            assert_never(block)


def plain(card: Card) -> str:
    """The card as text: result first, then facts, then 回复 with each button under its number (contract.md section 4)."""
    out = [card.title]
    for block in card.blocks:
        out += lines(block)
    if card.buttons:
        out.append("回复 " + "　".join(f"{i}. {b.text}" for i, b in enumerate(card.buttons, 1)))
    return "\n".join(out)


def to_json(card: Card) -> str:
    """For the outbox; `from_json` is its inverse."""
    blocks: list[list[object]] = []
    for block in card.blocks:
        match block:
            case Text(text):
                blocks.append(["t", text])
            case Facts(rows):
                blocks.append(["f", rows])
            case Items(items):
                blocks.append(["i", items])
            case _:
                assert_never(block)
    buttons = [[b.text, b.says, b.style] for b in card.buttons]
    data = [card.title, blocks, buttons, card.tone.value, card.files]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Card:
    """The card that `to_json` wrote."""
    title, raw, buttons, tone, files = json.loads(text)
    blocks: list[Block] = []
    for kind, value in raw:
        if kind == "t":
            blocks.append(Text(value))
        elif kind == "f":
            blocks.append(Facts(tuple((n, v) for n, v in value)))
        else:
            blocks.append(Items(tuple(value)))
    return Card(title, tuple(blocks), tuple(Button(*b) for b in buttons), Tone(tone), tuple((n, p) for n, p in files))
