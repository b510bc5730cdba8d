"""The corpus of written sentences: floors on what is understood, and no write on anything that is none."""

import pytest

from nlp.frames import FILLERS
from nlp.grammar import grammar
from nlp.said import Said
from tests.nlp.judge import CORPUS, cases, faults, parse

FLOORS = {
    "tuned": 0.99, "tuned2": 0.985, "sixty": 0.97, "heldout": 0.98, "heldout2": 0.98, "heldout3": 0.98, "heldout4": 0.96,
    "hand_voice": 0.98, "hand_polite": 0.98, "hand_boss": 0.98, "hand_desk": 0.98,
    "fresh_west": 0.98, "fresh_coast": 0.98, "fresh_south": 0.98, "fresh_forms": 0.98, "fresh_talk": 0.97, "fresh_lead": 0.98,
}  # fmt: skip
"""Right frames per file; heldout* and hand_* were written before they were looked at (first scores stand in CORPUS.md)."""
ACTED: dict[str, int] = {}
"""Sentences of a blind file that are none of the bot's business and were still read as a write; lower it as they are mended."""
HARMLESS = frozenset(
    [
        "smalltalk", "unknown", "help.show", "dialog.deny", "dialog.why", "dialog.choose", "visit.list", "visit.free_time", "visit.route",
        "visit.prepare", "report.pending", "report.show", "task.list", "customer.show", "customer.list", "customer.due", "customer.check",
        "owner.show", "pool.list", "approval.list", "summary.show", "ranking.show", "kpi.show", "conflict.list", "leave.list", "rule.list",
    ]
)  # fmt: skip
FILES = sorted(FLOORS)


@pytest.mark.parametrize("name", FILES)
def test_right_frames(name: str) -> None:
    several = cases(name)
    wrong = [f"{case['text']}: {fault}" for case in several if (fault := faults(case, parse(case)))]
    assert 1 - len(wrong) / len(several) >= FLOORS[name], "\n".join(wrong)


@pytest.mark.parametrize("name", FILES)
def test_small_talk_is_never_a_write(name: str) -> None:
    talk = [case for case in cases(name) if case["expect"]["intent"] in ("smalltalk", "unknown")]
    allowed = {case["text"]: {*HARMLESS, *case["expect"].get("or_intents", ())} for case in talk}
    acted = [(case["text"], one.intent) for case in talk for one in parse(case) if one.intent not in allowed[case["text"]]]
    assert len(acted) <= ACTED.get(name, 0), acted


def test_every_file_is_judged() -> None:
    assert {path.stem for path in CORPUS.glob("*.jsonl")} == set(FILES)
    offices = {path.name.split(".")[0] for path in CORPUS.glob("*.office.json")}
    assert offices <= set(FILES)
    assert sum(len(cases(name)) for name in FILES) >= 1400


def test_all_intents_occur() -> None:
    seen = {
        frame["intent"] for name in FILES for case in cases(name) for frame in case["expect"].get("commands", [case["expect"]])
    }
    assert seen == set(grammar().entries)


def test_every_decision_says_why() -> None:
    for case in cases("sixty"):
        for one in parse(case):
            assert isinstance(one, Said)
            assert one.why
            assert 0 < one.confidence < 1


def test_fillers_belong_to_intents() -> None:
    assert set(FILLERS) <= set(grammar().entries)
