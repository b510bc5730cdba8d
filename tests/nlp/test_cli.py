"""The parse loop: one answer a line, malformed lines answered and passed."""

import json

from nlp.cli import run

SEED = {
    "customers": [{"id": "c1", "name": "宏远电子(昆山)有限公司", "aliases": ["宏远"]}],
    "members": [{"id": "m", "name": "李娜"}],
}


def _answers(*lines: str) -> list[dict[str, object]]:
    written: list[str] = []
    run(lines, written.append, SEED)
    return [json.loads(line) for line in written]


def test_a_line_is_answered_with_its_frame() -> None:
    asked = json.dumps({"id": "7", "text": "明天下午三点拜访宏远", "now": "2026-03-11T10:00:00+08:00", "user": "m"})
    (answer,) = _answers(asked)
    assert answer["id"] == "7"
    assert answer["intent"] == "visit.book"
    assert answer["slots"] == {
        "customer": "宏远",
        "time": {"kind": "instant", "start": "2026-03-12T15:00:00+08:00", "end": None},
    }
    assert answer["missing"] == []
    assert "commands" not in answer
    assert isinstance(answer["ms"], float)


def test_several_commands_are_listed() -> None:
    (answer,) = _answers(json.dumps({"id": "1", "text": "明天九点宏远 取消周五的宏远", "now": "2026-03-11T10:00:00+08:00"}))
    assert answer["intent"] == "visit.book"


def test_malformed_lines_do_not_stop_the_loop() -> None:
    answers = _answers("{", "[]", '{"id": "2"}', '{"id": "3", "text": "好的", "now": "soon"}', '{"id": "4", "text": "好的"}')
    assert ["error" in answer for answer in answers] == [True, True, True, True, False]
    assert answers[-1]["intent"] == "dialog.confirm"
