"""Compares what the parser says with what a case of the corpus expects; only the slots a case names count."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from domain.text import fold
from nlp.cli import PURPOSES, book_of
from nlp.parser import Parser
from nlp.said import Said

CORPUS = Path(__file__).parent / "corpus"
_PARTICLES = re.compile(r"一下|那边|这边|那个|这个|[的了吧呢啊呀吗嘛哦呗]|[\W_]")
_TALK = re.compile(r"^(?:去|做|谈谈|聊聊|看看|沟通|讨论|商量|洽谈|交流|汇报|介绍|聊|谈|讲|说|过|对|看)(?=.{2})")


@cache
def office(name: str) -> dict[str, Any]:
    """The people and customers a corpus file talks about: its own `<file>.office.json`, else the common office."""
    own = CORPUS / f"{name}.office.json"
    seed: dict[str, Any] = json.loads((own if own.exists() else CORPUS / "office.json").read_text(encoding="utf-8"))
    return seed


@cache
def parser(name: str = "") -> Parser:
    """The parser with the names of the office of one corpus file."""
    return Parser(book_of(office(name)), purposes=PURPOSES)


@cache
def _same_names(corpus: str) -> dict[str, str]:
    owners: dict[str, set[str]] = {}
    for row in (*office(corpus)["customers"], *office(corpus)["members"]):
        for name in (row["name"], *row["aliases"]):
            owners.setdefault(norm(name), set()).add(row["id"])
    return {name: next(iter(ids)) for name, ids in owners.items() if len(ids) == 1}


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one corpus file; each remembers its file under `corpus`."""
    lines = (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [{**json.loads(line), "corpus": name} for line in lines]


def parse(case: dict[str, Any]) -> list[Said]:
    """What the parser makes of a case."""
    now = datetime.fromisoformat(case["now"])
    return parser(case["corpus"]).parse(case["text"], now, user=case["user"], group=case.get("group", ""))


def norm(value: object) -> str:
    """A value without width, script, case, particles and punctuation."""
    text = fold(str(value)).text
    return _PARTICLES.sub("", text) or text


def alike(one: object, other: object) -> bool:
    """Free text: the same, or most characters shared."""
    a, b = Counter(norm(one)), Counter(norm(other))
    hit = sum((a & b).values())
    return norm(one) == norm(other) or (hit > 0 and 2 * hit / (sum(a.values()) + sum(b.values())) >= 0.6)


def _names(value: object, case: dict[str, Any]) -> set[str]:
    several = value if isinstance(value, list) else [value]
    return {_same_names(case["corpus"]).get(norm(name), norm(name)) for name in several} - {case["user"]}


def _same_time(want: dict[str, Any], got: Any) -> bool:
    if not isinstance(got, dict):
        return False
    if want["kind"] == "recurrence":
        return got["kind"] == "recurrence" and all(got["recur"].get(k) == v for k, v in want.get("recur", {}).items())
    days = {"date", "range"}
    if got["kind"] != want["kind"] and not {got["kind"], want["kind"]} <= days:
        return False
    if want["start"] not in ("*", got["start"]):
        return False
    return bool(want["kind"] == "instant" or want["end"] == got["end"])


def _same_step(want: dict[str, Any], got: Any) -> bool:
    if not isinstance(got, dict) or not alike(want["text"], got.get("text", "")):
        return False
    if "due" not in want:
        return True
    if not got.get("due"):
        return False
    due = datetime.fromisoformat(got["due"])
    return want["due"] in {f"{due:%Y-%m-%d}", f"{due - timedelta(minutes=1):%Y-%m-%d}"}


def same(slot: str, want: Any, got: Any, case: dict[str, Any]) -> bool:
    """Whether one slot of a case's answer is right."""
    if isinstance(want, dict) and set(want) == {"any"}:
        return any(same(slot, one, got, case) for one in want["any"])
    if got is None:
        return False
    if slot in ("time", "new_time"):
        return _same_time(want, got)
    if slot == "next_step":
        return _same_step(want, got)
    if slot in ("customer", "customers", "people"):
        return _names(want, case) == _names(got, case)
    if slot == "purpose":
        return _TALK.sub("", norm(want)) == _TALK.sub("", norm(got))
    if slot in ("content", "objection", "location"):
        return alike(want, got)
    if isinstance(want, list) and isinstance(got, list):
        return {norm(x) for x in want} == {norm(x) for x in got}
    return norm(want) == norm(got)


def wrong(want: dict[str, Any], said: Said, case: dict[str, Any]) -> Iterable[str]:
    """What is wrong with one frame, by name."""
    if said.intent != want["intent"] and said.intent not in want.get("or_intents", ()):
        yield f"intent:{said.intent}"
    if said.intent == want["intent"]:
        yield from (slot for slot, value in want["slots"].items() if not same(slot, value, said.slots.get(slot), case))
    yield from (f"missing:{slot}" for slot in want.get("missing", ()) if slot not in said.missing)
    yield from (f"ambiguous:{slot}" for slot in want.get("ambiguous", ()) if slot not in said.ambiguous)
    yield from (f"forbidden:{slot}" for slot in want.get("forbid", ()) if slot in said.slots)


def faults(case: dict[str, Any], said: list[Said]) -> list[str]:
    """Everything wrong with the answer to a case; empty when it is right."""
    wanted = case["expect"].get("commands", [case["expect"]])
    if len(wanted) != len(said):
        return [f"commands:{len(said)}", *wrong(wanted[0], said[0], case)]
    return [fault for want, one in zip(wanted, said, strict=True) for fault in wrong(want, one, case)]
