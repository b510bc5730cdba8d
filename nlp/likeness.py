"""Which command a sentence resembles as a whole: a small linear model over character sequences, learnt from written examples.

The grammar decides on telling words; this adds what the rest of the sentence is like, so that a new way of saying a thing is
not lost because one verb is not listed. Learning is deterministic and takes some seconds of plain Python:

    python -m nlp.likeness tests/nlp/corpus/*.jsonl

writes `weights.json` beside this module from the corpus (its sentences are read with the names of their own office).
"""

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights.json"
_LONGEST = 90
_SHARP = 3.0
_FAR = 4.0
"""A label this far (in the exponent) behind the best is not worth naming."""
_EPOCHS, _RATE, _DECAY, _LEAST = 14, 0.1, 0.87, 0.1
Table = dict[str, list[tuple[int, float]]]


def features(lean: str) -> set[str]:
    """All runs of two or three characters of a lean sentence, its beginning and end marked."""
    text = f"^{lean[:_LONGEST]}$"
    return {text[at : at + size] for size in (2, 3) for at in range(len(text) - size + 1)}


class Likeness:
    """Label names and, per feature, the weights of the labels it speaks for or against."""

    def __init__(self, labels: Sequence[str], table: Table) -> None:
        self._labels = tuple(labels)
        self._table = table

    def of(self, lean: str) -> dict[str, float]:
        """Each command's share of 1 for this sentence; those that are hardly like it are left out."""
        sums = [0.0] * len(self._labels)
        found = features(lean)
        table = self._table
        for feature in found:
            for label, weight in table.get(feature, ()):
                sums[label] += weight
        scale = _SHARP / math.sqrt(len(found))
        top = max(sums)
        near = {at: math.exp((total - top) * scale) for at, total in enumerate(sums) if (top - total) * scale < _FAR}
        whole = sum(near.values())
        return {self._labels[at]: share / whole for at, share in near.items()}


@cache
def likeness() -> Likeness:
    """The model that was learnt last."""
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    table = {feature: [(int(label), weight / 100) for label, weight in pairs] for feature, pairs in raw["weights"].items()}
    return Likeness(raw["labels"], table)


def learn(examples: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Labels and weights (in hundredths) from (lean sentence, command) pairs; the same pairs give the same weights."""
    labels = sorted({label for _, label in examples})
    number = {label: at for at, label in enumerate(labels)}
    cases = [(features(lean), number[label]) for lean, label in examples]
    common = {feature for feature, count in Counter(f for found, _ in cases for f in found).items() if count > 1}
    weights: dict[str, list[float]] = {feature: [0.0] * len(labels) for feature in common}
    rate, shuffled = _RATE, random.Random(1)
    for _ in range(_EPOCHS):
        shuffled.shuffle(cases)
        for found, right in cases:
            _step(weights, [f for f in sorted(found) if f in common], len(found), right, rate)
        rate *= _DECAY
    table = {
        feature: [[at, round(w * 100)] for at, w in enumerate(row) if abs(w) >= _LEAST]
        for feature, row in sorted(weights.items())
    }
    return {"labels": labels, "weights": {feature: pairs for feature, pairs in table.items() if pairs}}


def _step(weights: dict[str, list[float]], known: list[str], size: int, right: int, rate: float) -> None:
    """One step of softmax regression."""
    if not known:
        return
    sums = [sum(column) for column in zip(*(weights[f] for f in known), strict=True)]
    scale, top = _SHARP / math.sqrt(size), max(sums)
    shares = [math.exp((total - top) * scale) for total in sums]
    whole = sum(shares)
    for label, share in enumerate(shares):
        slope = (1.0 if label == right else 0.0) - share / whole
        if abs(slope) > 0.01:
            for feature in known:
                weights[feature][label] += rate * slope


def main(paths: Sequence[str]) -> None:
    """Learn from corpus files and write the weights."""
    from nlp.book import Book
    from nlp.cli import book_of
    from nlp.corpus import lean_examples

    def book(path: Path) -> Book:
        own = path.with_suffix(".office.json")
        seed = own if own.exists() else path.parent / "office.json"
        return book_of(json.loads(seed.read_text(encoding="utf-8")))

    model = learn(lean_examples(book, paths))
    WEIGHTS.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
