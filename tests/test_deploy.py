"""What stands in deploy/ speaks of things that are there."""

import json
import re
from pathlib import Path

from bot.web.metrics import Metrics
from tests.talking import Chat

ROOT = Path(__file__).parents[1]


async def test_every_panel_asks_for_a_metric_there_is_and_every_metric_has_a_panel(chat: Chat) -> None:
    made = {metric.name for metric in Metrics(chat.app).registry.collect()}
    board = json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))
    asked = {name for panel in board["panels"] for t in panel["targets"] for name in re.findall(r"visitbot_\w+", t["expr"])}
    assert {re.sub(r"_(total|bucket)$", "", name) for name in asked} == made


def test_the_image_holds_every_package() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    packages = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages == set(re.findall(r"COPY (\w+) \1$", text, re.MULTILINE))
