"""`match`: the outside, to the letter of contract.md section 6."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.match import main, run

BASE = [
    {"id": "c1", "name": "鼎盛机械有限公司", "aliases": ["老鼎"], "phones": ["0512-66881234"], "emails": [], "uscc": "", "city": "苏州",
     "contacts": [{"name": "王总", "phone": "13800001111"}]},
    {"id": "c2", "name": "宏远电子（昆山）有限公司", "phone": "13900002222", "email": "li@hongyuan.cn"},
]  # fmt: skip


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in BASE) + "\n\n", "utf-8")
    return path


def ask(base: Path, *lines: object) -> list[dict[str, Any]]:
    out: list[str] = []
    run(base, [line if isinstance(line, str) else json.dumps(line) for line in lines], out.append)
    return [json.loads(line) for line in out]


def test_an_answer_has_the_promised_form(base: Path) -> None:
    (answer,) = ask(base, {"id": "q", "name": "鼎盛機械有限公司", "phone": "", "email": "", "uscc": "", "city": ""})
    assert answer["id"] == "q"
    assert answer["ms"] >= 0
    (match,) = answer["matches"]
    assert match == {"id": "c1", "score": 1.0, "verdict": "duplicate", "why": ["名称相同"]}


def test_every_way_to_ask(base: Path) -> None:
    asked = (
        {"phones": ["13800001111"]},
        {"phone": 13900002222},
        {"email": "x@hongyuan.cn"},
        {"text": "明天拜访老鼎"},
        {"name": "不在册食品"},
    )
    assert [[m["id"] for m in answer["matches"]] for answer in ask(base, *asked)] == [["c1"], ["c2"], ["c2"], ["c1"], []]


def test_a_record_added_is_found_by_the_next_line(base: Path) -> None:
    new = {"id": "n", "name": "闻所未闻仪器有限公司"}
    added, found = ask(base, {"add": new}, {"name": "闻所未闻仪器"})
    assert added == {"added": "n"}
    assert found["matches"][0]["id"] == "n"


@pytest.mark.parametrize("line", ["{", "[]", "3", '"x"', '{"add": 1}', '{"add": {"id": "n"}}', '{"add": {"name": "甲"}}'])
def test_a_bad_line_is_answered_and_passed_over(base: Path, line: str) -> None:
    bad, good = ask(base, line, {"name": "鼎盛机械"})
    assert set(bad) == {"error"}
    assert good["matches"][0]["id"] == "c1"


def test_odd_values_are_not_fatal(base: Path) -> None:
    for answer in ask(base, {"name": None}, {"name": ["甲"], "phone": {}}, {"phones": "13800001111", "uscc": 5}, {}):
        assert "matches" in answer


def test_an_unreadable_base_is_one_line_and_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "b.jsonl"
    broken.write_text('{"id": "a", "name": "甲"}\n{"id": "b"}\n', "utf-8")
    for path, word in ((tmp_path / "none.jsonl", "none.jsonl"), (broken, "line 2")):
        assert main(["--base", str(path)]) == 1
        told = capsys.readouterr().err
        assert word in told
        assert told.count("\n") == 1


def test_a_large_base_is_read_once_and_again_when_it_changed(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.match._LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = ask(base, {"name": "鼎盛机械"})
    with monkeypatch.context() as blind:
        blind.setattr("bot.match._records", lambda _: pytest.fail("read again"))
        again = ask(base, {"name": "鼎盛机械"}, {"add": {"id": "n", "name": "闻所未闻仪器有限公司"}}, {"name": "闻所未闻仪器"})
    assert again[0]["matches"] == first[0]["matches"]
    assert again[2]["matches"][0]["id"] == "n"
    base.write_text(json.dumps({"id": "z", "name": "鼎盛机械有限公司"}), "utf-8")
    assert ask(base, {"name": "鼎盛机械"})[0]["matches"][0]["id"] == "z"
