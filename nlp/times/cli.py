"""The streaming loop of `parse --times`: one JSON object in, one out, a bad line answered and passed over."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nlp.times.api import best

_ZONE = ZoneInfo("Asia/Shanghai")


def run(lines: Iterable[str], write: Callable[[str], None]) -> None:
    """Answer each line {"id","text","now"} with contract.md section 5's times; `ms` is the time inside the grammar."""
    for line in lines:
        if line.strip():
            write(json.dumps(_answer(line), ensure_ascii=False) + "\n")


def _answer(line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        return {"error": f"not JSON: {error}"}
    if not isinstance(asked, dict):
        return {"error": "not a JSON object"}
    answer: dict[str, Any] = {"id": asked["id"]} if "id" in asked else {}
    text, said = asked.get("text"), asked.get("now")
    if not isinstance(text, str) or not isinstance(said, str):
        return answer | {"error": "text and now must be strings"}
    try:
        now = datetime.fromisoformat(said)
    except ValueError:
        return answer | {"error": f"now is not an ISO time: {said}"}
    now = now.replace(tzinfo=_ZONE) if now.tzinfo is None else now.astimezone(_ZONE)
    begun = time.perf_counter()
    found = best(text, now)
    spent = (time.perf_counter() - begun) * 1000
    return answer | found | {"ms": round(spent, 4)}


def _print(line: str) -> None:
    sys.stdout.write(line)


if __name__ == "__main__":
    run(sys.stdin, _print)
