"""The duplicate check at size: build time, memory, answer times, cache. `python -m bench.match [--size 1000000] [--from base.jsonl]`.

A book of any size is made by putting the places, brands, trades and forms of real names together anew; queries are names of
the book said the way people say them. Everything runs in this one process; times are wall-clock.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from domain.matching import Index, Query, Record
from domain.matching.parts import Parts, take_apart


def parts_of(source: Path) -> list[Parts]:
    """The names of a JSONL base taken apart."""
    with source.open(encoding="utf-8") as file:
        return [take_apart(json.loads(line)["name"]) for line in file if line.strip()]


def made_up(size: int, known: list[Parts], seed: int) -> Iterator[Record]:
    """Records with recombined names; about a third carry a phone, an e-mail and a credit code each."""
    dice = random.Random(seed)
    fronts = [p.tokens[0].text if p.tokens and p.tokens[0].kind == "P" else "" for p in known]
    brands = [p.brand for p in known if 2 <= len(p.brand) <= 5]
    chars = "".join(brands)
    trades = ["".join(p.trades) for p in known if p.trades]
    forms = [p.form or "有限公司" for p in known]
    for number in range(size):
        brand = (
            dice.choice(brands)
            if dice.random() < 0.3
            else "".join(dice.choice(chars) for _ in range(dice.choice((2, 2, 2, 3, 3, 4))))
        )
        name = dice.choice(fronts) + brand + dice.choice(trades) + dice.choice(forms)
        phone = f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}" if dice.random() < 0.8 else ""
        email = f"sales{number}@{number % 400_000:x}corp.com" if dice.random() < 0.5 else ""
        yield Record(f"c{number:07d}", name, phones=(phone,) if phone else (), emails=(email,) if email else ())


def said(record: Record, dice: random.Random) -> str:
    """A way people say this name."""
    p = take_apart(record.name)
    ways = [record.name, p.text.removesuffix(p.form), p.core, p.brand + "".join(p.trades[:1]), p.core[:-1] + p.form]
    if len(p.core) > 3:
        at = dice.randrange(len(p.core))
        ways.append("".join(p.place[-1:]) + p.core[:at] + dice.choice("信达华科新") + p.core[at + 1 :] + p.form)
    return dice.choice(ways) or record.name


def rss() -> float:
    """Resident memory in MiB."""
    return float(psutil.Process().memory_info().rss) / 2**20


def measure(index: Index, asked: list[str], mention: bool) -> str:
    """Answer every question once; the quantiles in milliseconds, by the clock and by the processor (others may run beside us)."""
    clock, busy = [], []
    for text in asked:
        begun, begun_busy = time.perf_counter(), time.process_time()
        _ = index.mentions(f"明天下午三点去{text}拜访") if mention else index.find(Query(name=text))
        clock.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - begun_busy) * 1000)
    clock.sort()
    busy.sort()
    late = int(0.95 * len(clock))
    return f"p50 {statistics.median(clock):.2f} ms  p95 {clock[late]:.2f} ms  max {clock[-1]:.1f} ms  (processor p95 {busy[late]:.2f} ms)"


def main(argv: list[str] | None = None) -> int:
    """Build, ask, save, load, ask again, add one."""
    options = argparse.ArgumentParser(prog="bench.match")
    options.add_argument("--size", type=int, default=1_000_000)
    options.add_argument("--from", dest="source", type=Path, required=True, help="a JSONL base of real names to recombine")
    options.add_argument("--queries", type=int, default=600)
    options.add_argument("--seed", type=int, default=5)
    args = options.parse_args(argv)
    known = parts_of(args.source)
    dice = random.Random(args.seed)
    picked = set(dice.sample(range(args.size), args.queries))
    questions = [(r, said(r, dice)) for n, r in enumerate(made_up(args.size, known, args.seed)) if n in picked]
    asked = [text for _, text in questions]
    begun, begun_busy = time.perf_counter(), time.process_time()
    for _ in made_up(args.size, known, args.seed):
        pass
    making, making_busy = time.perf_counter() - begun, time.process_time() - begun_busy
    begun, begun_busy = time.perf_counter(), time.process_time()
    index = Index(made_up(args.size, known, args.seed))
    built, busy = time.perf_counter() - begun - making, time.process_time() - begun_busy - making_busy
    print(
        f"{args.size} customers: built in {built:.1f} s (processor {busy:.1f} s), {rss():.0f} MiB resident, found by name: {measure(index, asked, False)}"
    )
    hits = [index.find(Query(name=text)) for _, text in questions]
    wrong = [m for (r, _), found in zip(questions, hits, strict=True) for m in found if m.verdict == "duplicate" and m.id != r.id]
    share = sum(any(m.id == r.id for m in found) for (r, _), found in zip(questions, hits, strict=True)) / len(hits)
    print(f"the record meant is among the five for {share:.1%}; certain of another one {len(wrong) / len(hits):.1%}")
    print(f"named in a sentence: {measure(index, asked, True)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.bin"
        begun = time.perf_counter()
        index.save(path, "bench")
        print(f"saved in {time.perf_counter() - begun:.1f} s, {path.stat().st_size / 2**20:.0f} MiB on disk")
        del index
        begun = time.perf_counter()
        loaded = Index.load(path, "bench")
        assert loaded is not None
        print(f"loaded in {time.perf_counter() - begun:.2f} s; {measure(loaded, asked, False)}")
        begun = time.perf_counter()
        loaded.add(Record("new", "苏州闻所未闻精密机械有限公司"))
        found = loaded.find(Query(name="闻所未闻精密机械"))
        print(f"a new customer found after {(time.perf_counter() - begun) * 1000:.1f} ms: {bool(found and found[0].id == 'new')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
