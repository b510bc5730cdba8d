"""`match`: the customer duplicate check on a file of customers, JSONL in and out (contract.md section 6)."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from domain.matching import Index, Match, Query, Record

_LARGE = 16 * 2**20
"""Bytes; smaller bases (some 100,000 customers) are read faster than anybody notices."""


def _texts(source: dict[str, Any], many: str, one: str) -> tuple[str, ...]:
    """A field given as a list, as a single string, or both."""
    listed = source.get(many) or []
    values = [*(listed if isinstance(listed, list) else [listed]), source.get(one)]
    return tuple(str(value) for value in values if isinstance(value, (str, int)) and str(value).strip())


def _text(source: dict[str, Any], name: str) -> str:
    value = source.get(name)
    return str(value) if isinstance(value, (str, int)) else ""


def record_of(source: dict[str, Any]) -> Record:
    """A customer from its JSON; ValueError without an id and a name."""
    if not _text(source, "id") or not _text(source, "name").strip():
        raise ValueError("a record needs id and name")
    contacts = [c for c in source.get("contacts") or [] if isinstance(c, dict)]
    return Record(
        id=_text(source, "id"),
        name=_text(source, "name"),
        aliases=_texts(source, "aliases", "alias"),
        phones=(*_texts(source, "phones", "phone"), *(p for c in contacts for p in _texts(c, "phones", "phone"))),
        emails=(*_texts(source, "emails", "email"), *(e for c in contacts for e in _texts(c, "emails", "email"))),
        uscc=_text(source, "uscc"),
        city=_text(source, "city"),
    )


def _records(base: Path) -> Iterator[Record]:
    with base.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield record_of(json.loads(line))
                except (ValueError, AttributeError) as error:
                    raise ValueError(f"{base.name}, line {number}: {error}") from None


def _shown(match: Match) -> dict[str, Any]:
    return {"id": match.id, "score": match.score, "verdict": match.verdict.value, "why": list(match.why)}


def _answer(index: Index, line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        return {"error": f"not JSON: {error}"}
    if not isinstance(asked, dict):
        return {"error": "not a JSON object"}
    begun = time.perf_counter()
    if "add" in asked:
        if not isinstance(asked["add"], dict):
            return {"error": "add must be a record"}
        try:
            record = record_of(asked["add"])
        except ValueError as error:
            return {"error": str(error)}
        index.add(record)
        return {"added": record.id}
    if isinstance(asked.get("text"), str):
        found = index.mentions(asked["text"])
    else:
        found = index.find(
            Query(
                name=_text(asked, "name"),
                phones=_texts(asked, "phones", "phone"),
                emails=_texts(asked, "emails", "email"),
                uscc=_text(asked, "uscc"),
                city=_text(asked, "city"),
            )
        )
    spent = (time.perf_counter() - begun) * 1000
    head = {"id": asked["id"]} if "id" in asked else {}
    return head | {"matches": [_shown(match) for match in found[:5]], "ms": round(spent, 3)}


def _cache_of(base: Path) -> tuple[Path, str]:
    """Where the index of this base is kept between runs, and the stamp of the base as it is now."""
    told = base.stat()
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visitbot"
    return folder / f"match-{crc32(str(base.resolve()).encode()):08x}.bin", f"{base.resolve()} {told.st_size} {told.st_mtime_ns}"


def _index(base: Path) -> Index:
    """The customers of a base; a large one is kept in a cache file, which is only ever a shortcut."""
    if base.stat().st_size < _LARGE:
        return Index(_records(base))
    path, stamp = _cache_of(base)
    index = Index.load(path, stamp)
    if index is None:
        index = Index(_records(base))
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            index.save(path, stamp)
    return index


def run(base: Path, lines: Iterable[str], write: Callable[[str], None]) -> None:
    """Answer each line on the customers of `base`; OSError or ValueError when the file cannot be read."""
    index = _index(base)
    for line in lines:
        if line.strip():
            write(json.dumps(_answer(index, line), ensure_ascii=False) + "\n")


def main(argv: list[str] | None = None) -> int:
    """The command line: `--base FILE`."""
    options = argparse.ArgumentParser(prog="match", description="customer duplicate check, JSONL in and out")
    options.add_argument("--base", required=True, type=Path, help="customers, one JSON object a line")
    args = options.parse_args(argv)

    def write(line: str) -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    try:
        run(args.base, sys.stdin, write)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"match: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
