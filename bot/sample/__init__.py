"""The sample office of the playground: the team of features.md section 5, its stories, and sentences to try."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.model import OFFICE

FOLDER = Path(__file__).parent
TEAM = FOLDER / "team.json"
THREE_TEAMS = FOLDER / "three_teams.jsonl"
START = datetime(2026, 3, 11, 10, 0, tzinfo=OFFICE)
"""The Wednesday on which the sentences of the documents work as written."""


@dataclass(frozen=True, slots=True)
class Story:
    """Scenario lines (contract.md section 4) that also say what is going on (`caption`), whose chats to look at (`show`),
    the button meant by the words (`press`) and another way to go on (`or`)."""

    id: str
    title: str
    steps: tuple[Mapping[str, Any], ...]


def team() -> dict[str, Any]:
    """The sample seed (contract.md section 4)."""
    data: dict[str, Any] = json.loads(TEAM.read_text("utf-8"))
    return data


def stories() -> tuple[Story, ...]:
    """What the playground can play: the disaster of S0 (R8, R9, X8)."""
    lines = THREE_TEAMS.read_text("utf-8").splitlines()
    return (Story("three_teams", "三组撞单故事", tuple(json.loads(line) for line in lines if line)),)


def sentences() -> dict[str, list[str]]:
    """Sentences to try, for a rep, for a manager, and in a group."""
    data: dict[str, list[str]] = json.loads((FOLDER / "sentences.json").read_text("utf-8"))
    return data
