"""The duplicate check at size: build, memory, answer times, cache, and how often it is right. `python -m bench.match --size 1000000`.

The book and the questions are made up (bench/companies.py, bench/questions.py), the same ones for the same seed. Times are wall-clock
in this one process; each size wants a process of its own. `--worst N` prints the confusions that are left.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.companies import Company, book
from bench.questions import Asker, Question
from domain.matching import Index, Match, Query, Record

SENTENCES = "in_"
KEYS = ("phone", "email", "uscc", "domain", "none_free_mail", "none_phone", "none_other_code")


@dataclass(slots=True)
class Told:
    """One question with what was answered, and how long it took in milliseconds (clock, processor)."""

    question: Question
    found: list[Match]
    clock: float
    busy: float


@dataclass(slots=True)
class Score:
    """How one kind of question fared, in shares of its `n`."""

    n: int = 0
    first: float = 0.0
    """The right one stands first (labels same, likely; related counts wherever it stands)."""
    five: float = 0.0
    certain_wrong: float = 0.0
    """`duplicate` on another company (or on the head office of a branch)."""
    nag: float = 0.0
    """Anything shown though nothing is right."""
    ms: list[float] = field(default_factory=list)


def rss() -> float:
    """Resident memory in MiB."""
    return float(psutil.Process().memory_info().rss) / 2**20


def ask(index: Index, question: Question) -> Told:
    """One answer, timed."""
    begun, begun_busy = time.perf_counter(), time.process_time()
    query = question.query
    found = index.mentions(query) if isinstance(query, str) else index.find(query)
    return Told(question, found, (time.perf_counter() - begun) * 1000, (time.process_time() - begun_busy) * 1000)


def late(values: Sequence[float], share: float = 0.95) -> float:
    """A quantile."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def fared(told: Sequence[Told]) -> Score:
    """The shares of one kind."""
    out = Score(len(told))
    for t in told:
        right, ids = set(t.question.right), [m.id for m in t.found]
        out.first += bool(ids) and (ids[0] in right if t.question.label != "kin" else bool(right & set(ids)))
        out.five += len(right & set(ids)) / max(1, len(right))
        wrong = [m for m in t.found if m.verdict == "duplicate" and (m.id not in right or t.question.label == "kin")]
        out.certain_wrong += bool(wrong)
        out.nag += bool(ids) and not right
    out.first, out.five, out.certain_wrong, out.nag = (
        round(x / max(1, out.n), 4) for x in (out.first, out.five, out.certain_wrong, out.nag)
    )
    out.ms = [round(late([t.clock for t in told], q), 2) for q in (0.5, 0.95)]
    return out


def f1(told: Sequence[Told]) -> float:
    """F1 of the first answer over same, likely and none, at the threshold that suits the even questions, on the odd ones."""

    def at(threshold: float, some: Sequence[Told]) -> float:
        right = wrong = missed = 0
        for t in some:
            best = t.found[0] if t.found and t.found[0].score >= threshold else None
            if t.question.label in ("same", "likely"):
                hit = best is not None and best.id in t.question.right
                right, missed, wrong = right + hit, missed + (not hit), wrong + (best is not None and not hit)
            elif t.question.label == "none":
                wrong += best is not None
        return 2 * right / max(1, 2 * right + wrong + missed)

    even, odd = told[::2], told[1::2]
    best = max({t.found[0].score for t in even if t.found}, key=lambda s: at(s, even), default=0.0)
    return round(at(best, odd), 4)


def confusions(told: Sequence[Told], names: Callable[[str], str], most: int) -> list[str]:
    """What is still wrong, the worst first: certain of another one, a nag, not found."""
    out = []
    for t in told:
        q, ids = t.question, [m.id for m in t.found]
        certain = [m for m in t.found if m.verdict == "duplicate" and (m.id not in q.right or q.label == "kin")]
        missed = bool(q.right) and not set(q.right) & set(ids[:1] if q.label != "several" else ids)
        if certain or (q.label == "none" and ids) or missed:
            said = q.query if isinstance(q.query, str) else q.query.name or str(q.query.phones or q.query.emails or q.query.uscc)
            best = f"{names(t.found[0].id)} {t.found[0].score:.2f} {t.found[0].verdict}" if t.found else "nothing"
            wanted = "、".join(map(names, q.right)) or "nobody"
            out.append((0 if certain else 1 if not q.right else 2, f"{q.kind}: {said} → {best}; meant {wanted}"))
    return [text for _, text in sorted(out)][:most]


def main(argv: list[str] | None = None) -> int:
    """Build, ask everything, save, load, add one; a line of JSON at the end."""
    options = argparse.ArgumentParser(prog="bench.match")
    options.add_argument("--size", type=int, default=1_000_000)
    options.add_argument("--each", type=int, default=100, help="questions of every kind")
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--worst", type=int, default=0, help="print so many confusions")
    args = options.parse_args(argv)
    begun = time.perf_counter()
    for _ in book(args.size, args.seed):
        pass
    making = time.perf_counter() - begun
    begun = time.perf_counter()
    index = Index(c.record for c in book(args.size, args.seed))
    built, held = time.perf_counter() - begun - making, rss()
    companies: list[Company] = list(book(args.size, args.seed))
    questions = list(Asker(companies).questions(args.each))
    told = [ask(index, q) for q in questions]
    by_kind: dict[str, list[Told]] = defaultdict(list)
    for t in told:
        by_kind[t.question.kind].append(t)
    scores = {kind: fared(some) for kind, some in by_kind.items()}
    for kind, s in scores.items():
        print(
            f"{kind:18} n {s.n:4}  first {s.first:.3f}  five {s.five:.3f}  certain of another {s.certain_wrong:.3f}  nag {s.nag:.3f}  ms {s.ms}"
        )
    for line in confusions(told, lambda i: companies[int(i[1:])].name, args.worst):
        print("  " + line)
    groups = {
        "name": [t for t in told if not isinstance(t.question.query, str) and t.question.kind not in KEYS],
        "key": [t for t in told if t.question.kind in KEYS],
        "mention": [t for t in told if isinstance(t.question.query, str)],
    }
    result: dict[str, object] = {"size": args.size, "build_s": round(built, 1), "rss_mb": round(held)}
    for name, some in groups.items():
        kinds = {
            "first": [t for t in some if t.question.label in ("same", "likely")],
            "kin": [t for t in some if t.question.label == "kin"],
        }
        none = [t for t in some if t.question.label == "none"]
        result[name] = {
            "n": len(some), "f1": f1(some), "first": fared(kinds["first"]).first,
            "wrong_duplicate": fared([*none, *kinds["first"]]).certain_wrong, "branch_duplicate": fared(kinds["kin"]).certain_wrong if kinds["kin"] else None,
            "nag": fared([t for t in none if t.question.kind != "none_other_code"]).nag, "p50_ms": round(late([t.clock for t in some], 0.5), 2), "p95_ms": round(late([t.clock for t in some]), 2),
            "p95_cpu_ms": round(late([t.busy for t in some]), 2),
        }  # fmt: skip
    result["disk"] = disk(index)
    print(json.dumps(result, ensure_ascii=False))
    return 0


def disk(index: Index) -> dict[str, object]:
    """Saved, loaded, and a new customer found in the loaded one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.bin"
        begun = time.perf_counter()
        index.save(path, "bench")
        saved = time.perf_counter() - begun
        begun = time.perf_counter()
        loaded = Index.load(path, "bench")
        ready = time.perf_counter() - begun
        assert loaded is not None
        begun = time.perf_counter()
        loaded.add(Record("new", "苏州闻所未闻精密机械有限公司"))
        found = loaded.find(Query(name="闻所未闻精密机械"))
        fresh = (time.perf_counter() - begun) * 1000
        return {
            "saved_s": round(saved, 1), "mib": round(path.stat().st_size / 2**20), "loaded_s": round(ready, 2),
            "new_found_ms": round(fresh, 1), "new_found": bool(found and found[0].id == "new"),
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
