"""Canonical sentences typed by hand with values that make no sense: an answer, never a crash, never a change."""

import random

from handlers import load
from tests.follow.conftest import Office, at

MINE = [
    "report.",
    "visit.check_in",
    "visit.adhoc",
    "visit.empty",
    "visit.prepare",
    "visit.objective",
    "visit.checklist",
    "visit.route",
    "photo.",
    "followup.",
    "task.",
    "customer.due",
    "customer.nudge",
    "reminder.",
    "rule.",
    "field.",
    "draft.fill",
    "got.",
]
VALUES = (
    "",
    "x",
    "w1",
    "k1",
    "d1001",
    "f1001",
    "t1001",
    "-1",
    "1e9",
    "nan",
    "2026-13-45",
    "周五",
    "[]",
    "{}",
    "%00",
    "很" * 300,
    "a:b",
    "customer:x",
)
SLOTS = [
    "visit_id",
    "customer_id",
    "draft",
    "id",
    "content",
    "text",
    "reason",
    "skip",
    "yes",
    "words",
    "outcome",
    "intent_level",
    "scope",
    "before_min",
    "customers",
    "lat",
    "lng",
    "label",
    "field",
    "value",
    "name",
    "object",
    "grade",
    "people",
    "time",
    "choice",
    "next",
    "channel",
    "path",
    "print",
]


async def test_nonsense_gets_an_answer(talk: Office) -> None:
    chat = await talk()
    commands = [c.name for c in load()[0] if any(c.name.startswith(m) for m in MINE)]
    assert len(commands) > 30
    rng = random.Random(7)
    await chat.advance(at(11, "14:10"))
    for name in commands:
        for who in ("hanmei", "wuxin"):
            for _ in range(3):
                slots = " ".join(f"{s}={rng.choice(VALUES)}" for s in rng.sample(SLOTS, 6))
                text = await chat.reply(who, f"/{name} {slots}")
                assert text, name
                assert "没有处理成功" not in text, f"/{name} {slots}"
