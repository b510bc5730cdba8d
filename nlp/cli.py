"""The `parse` loop of contract.md section 5: one JSON object a line in, one a line out."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.model import OFFICE, Contact, Customer, Group, Member
from nlp.book import Book
from nlp.grammar import grammar
from nlp.parser import Parser
from nlp.said import Said

PURPOSES = ("初次接洽", "产品演示", "合同谈判", "售后回访")


def book_of(seed: dict[str, Any] | None) -> Book:
    """The names of a seed file (contract.md section 4)."""
    seed = seed or {}
    return Book(
        [_customer(row) for row in seed.get("customers", ())],
        [_member(row) for row in seed.get("members", ())],
        [Group(row["id"], row.get("name", "")) for row in seed.get("groups", ())],
    )


def _customer(row: dict[str, Any]) -> Customer:
    return Customer(
        id=row["id"], name=row["name"], aliases=tuple(row.get("aliases") or ()), city=row.get("city") or "", owner=row.get("owner"),
        contacts=tuple(Contact(c.get("name", ""), c.get("title", "")) for c in row.get("contacts") or ()),
    )  # fmt: skip


def _member(row: dict[str, Any]) -> Member:
    return Member(
        id=row["id"], name=row["name"], team=row.get("team") or "", department=row.get("department") or "",
        aliases=tuple(row.get("aliases") or ()),
    )  # fmt: skip


def answer(parser: Parser, line: str) -> dict[str, Any]:
    """The answer to one input line; a malformed one gets `error`."""
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict):
            raise ValueError("每行应是一个 JSON 对象")
        text, moment = asked.get("text"), asked.get("now")
        if not isinstance(text, str):
            raise ValueError("缺少 text")
        now = datetime.fromisoformat(moment) if isinstance(moment, str) else datetime.now(OFFICE)
    except ValueError as wrong:
        return {"error": str(wrong)}
    now = now.replace(tzinfo=OFFICE) if now.tzinfo is None else now.astimezone(OFFICE)
    begun = time.perf_counter()
    said = parser.parse(text, now, user=str(asked.get("user") or ""), group=str(asked.get("group") or ""))
    spent = round((time.perf_counter() - begun) * 1000, 3)
    first = said[0]
    out: dict[str, Any] = {"id": asked.get("id"), **_shown(first), "confidence": first.confidence, "ms": spent}
    if len(said) > 1:
        out["commands"] = [_shown(one) for one in said]
    return out


def _shown(said: Said) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "intent": grammar().entries[said.intent].shown,
        "slots": dict(said.slots),
        "missing": list(said.missing),
    }
    if said.ambiguous:
        shown["ambiguous"] = list(said.ambiguous)
    return shown


def run(
    lines: Iterable[str], write: Callable[[str], object], seed: dict[str, Any] | None, purposes: tuple[str, ...] = PURPOSES
) -> None:
    """Answer every line through `write` (which flushes); blank lines are skipped."""
    parser = Parser(book_of(seed), purposes=purposes)
    parser.warm()
    for line in lines:
        if line.strip():
            write(json.dumps(answer(parser, line), ensure_ascii=False) + "\n")


def main() -> None:
    """`python -m nlp.cli --seed FILE`: the loop on standard input and output."""
    arguments = argparse.ArgumentParser(description="parse: what the language layer understands")
    arguments.add_argument("--seed", type=Path)
    chosen = arguments.parse_args()
    seed = json.loads(chosen.seed.read_text(encoding="utf-8")) if chosen.seed else None

    def write(line: str) -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    run(sys.stdin, write, seed)


if __name__ == "__main__":
    main()
