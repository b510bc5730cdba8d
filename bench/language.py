"""How fast time expressions and whole sentences are read, beside JioNLP and dateparser in one run: `python -m bench.language`.

The others are no dependencies of the project: where they are not installed (`pip install jionlp dateparser`) their rows say so. All read
the sentences of tests/nlp/times/table.txt, one after the other, each sentence by every reader in turn; the time of a sentence is the
quickest of several rounds, so that a busy machine tells the same story.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from nlp.cli import PURPOSES, book_of
from nlp.parser import Parser
from nlp.times import best
from tests.nlp.times.when import NOW

TESTS = Path(__file__).parents[1] / "tests" / "nlp"
ROUNDS = 5

Reader = Callable[[str], object]


def sentences() -> list[str]:
    """The time expressions of our own table."""
    lines = (TESTS / "times" / "table.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" => ")[0] for line in lines if line and not line.startswith("#")]


def readers() -> dict[str, Reader | None]:
    """Every reader by name; None for one that is not installed."""
    found: dict[str, Reader | None] = {"ours": lambda text: best(text, NOW), "JioNLP": None, "dateparser": None}
    try:
        import jionlp  # type: ignore[import-not-found, import-untyped, unused-ignore]

        at = NOW.timestamp()
        found["JioNLP"] = lambda text: jionlp.ner.extract_time(text, time_base=at, with_parsing=True)
    except ImportError:
        pass
    try:
        import dateparser  # type: ignore[import-not-found, import-untyped, unused-ignore]

        base = NOW.replace(tzinfo=None)
        found["dateparser"] = lambda text: dateparser.parse(text, languages=["zh"], settings={"RELATIVE_BASE": base})
    except ImportError:
        pass
    return found


def timed(read: Reader, text: str) -> float:
    """Milliseconds of CPU for one sentence; what is no time may be refused with an error."""
    begun = time.thread_time()
    with contextlib.suppress(Exception):
        read(text)
    return (time.thread_time() - begun) * 1000


def measure(several: dict[str, Reader], texts: list[str]) -> dict[str, list[float]]:
    """The quickest of some rounds per reader and sentence, the readers taking turns."""
    spent = {name: [float("inf")] * len(texts) for name in several}
    for _ in range(ROUNDS):
        for at, text in enumerate(texts):
            for name, read in several.items():
                spent[name][at] = min(spent[name][at], timed(read, text))
    return spent


def told(name: str, spent: list[float], ours: float) -> str:
    """One row of the table."""
    middle = statistics.median(spent)
    late = sorted(spent)[int(len(spent) * 0.95)]
    return f"{name:<12} {middle:8.3f} ms median {late:8.3f} ms p95   ours / this {ours / middle:6.3f}"


def whole_sentences() -> list[float]:
    """The corpus read by the whole language layer, with a book of 1,000 customers."""
    seed: dict[str, Any] = json.loads((TESTS / "corpus" / "office.json").read_text(encoding="utf-8"))
    firsts, lasts = "宏伟华盛通达远东兴隆鼎力泰安瑞丰金桥博智诚凯", "机械电子医药食品化工物流建材光电软件能源"
    number = 0
    while len(seed["customers"]) < 1000:
        a, b, c = firsts[number % 22], firsts[number // 22 % 22], lasts[number * 2 % 20 : number * 2 % 20 + 2]
        seed["customers"].append({"id": f"b{number}", "name": f"{a}{b}{c}有限公司", "aliases": [f"{a}{b}{c}"]})
        number += 1
    parser = Parser(book_of(seed), purposes=PURPOSES)
    parser.warm()
    lines = (TESTS / "corpus" / "heldout.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [(case["text"], datetime.fromisoformat(case["now"])) for case in map(json.loads, lines)]
    spent = [float("inf")] * len(cases)
    for _ in range(ROUNDS):
        for at, (text, now) in enumerate(cases):
            spent[at] = min(spent[at], timed(lambda said, now=now: parser.parse(said, now), text))  # type: ignore[misc]
    return spent


def main() -> None:
    """Print both tables."""
    texts = sentences()
    several = readers()
    spent = measure({name: read for name, read in several.items() if read is not None}, texts)
    ours = statistics.median(spent["ours"])
    print(f"{len(texts)} time expressions, CPU time, quickest of {ROUNDS}")
    for name in several:
        print(told(name, spent[name], ours) if name in spent else f"{name:<12} not installed")
    sentence = whole_sentences()
    print(f"\n{len(sentence)} sentences, 1,000 customers, CPU time, quickest of {ROUNDS}")
    print(f"{statistics.median(sentence):.3f} ms median, {sorted(sentence)[int(len(sentence) * 0.95)]:.3f} ms p95")


if __name__ == "__main__":
    main()
