"""Start-up and memory against importing aiohttp.web (T11).

    python -m bench.startup [--rounds 3] [--customers 10000]

CPU is user+system time of the whole process from its start to its end, which is the first answer; the rows take turns, medians
of the rounds. Memory is the resident set of the bot that serves, idle, with so many customers in the store.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.booking import BRANDS, bot, office
from domain.model import OFFICE
from storage.seed import seed_store
from storage.store import open_store

ROOT = Path(__file__).parents[1]
LINE = json.dumps({"id": "1", "text": "明天下午3点拜访宏远，聊报价", "now": "2026-03-11T10:00:00+08:00", "user": "r1"}) + "\n"
SAID = json.dumps({"from": "wanglei", "text": "明天下午3点拜访鼎盛机械，聊报价"}) + "\n"
SEED = {
    "members": [{"id": "wanglei", "name": "王磊", "role": "rep", "team": "一组"}],
    "customers": [{"id": "c1", "name": "鼎盛机械有限公司", "aliases": ["鼎盛机械"], "owner": "wanglei"}],
}


def once(command: list[str], text: str) -> tuple[float, float]:
    """(CPU ms, wall ms) of one process; RuntimeError when it fails or says nothing."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *command], cwd=ROOT, input=text, stdout=subprocess.PIPE, text=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or (text and not done.stdout):
        raise RuntimeError(f"{command}: status {done.returncode}")
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000, wall * 1000


async def enter(folder: Path, customers: int) -> None:
    """Fill the store of `serve`: the office of bench.booking, and so many customers more."""
    store, n = await open_store(f"sqlite+aiosqlite:///{folder}/bot.db"), len(BRANDS)
    rows = [
        {"id": f"z{i}", "name": f"{BRANDS[i % n]}{BRANDS[i // n % n]}{BRANDS[i * 7 % n]}{i}贸易有限公司", "owner": f"r{i % 250}"}
        for i in range(customers)
    ]
    whole = office()
    known = whole["customers"]
    assert isinstance(known, list)
    await seed_store(store, {**whole, "customers": [*known, *rows]}, datetime.now(OFFICE))
    await store.close()


async def serve(folder: Path) -> None:
    """The bot of bench.booking on that store, idle."""
    await bot(folder)
    await asyncio.sleep(2)
    print("ready", flush=True)
    await asyncio.Event().wait()


def idle(customers: int) -> float:
    """Resident MB of an idle bot. The store is filled by one process and served by the next."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "bench.startup", "--folder", folder]
        subprocess.run([*command, "--fill", str(customers)], cwd=ROOT, check=True)
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout
            process.stdout.readline()
            return float(psutil.Process(process.pid).memory_info().rss) / 1e6
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--customers", type=int, default=10_000)
    options.add_argument("--folder", type=Path)
    options.add_argument("--fill", type=int, default=-1)
    args = options.parse_args()
    if args.folder:
        if args.fill >= 0:
            asyncio.run(enter(args.folder, args.fill))
        else:
            asyncio.run(serve(args.folder))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        seed = Path(folder) / "seed.json"
        seed.write_text(json.dumps(SEED), "utf-8")
        rows = {
            "import aiohttp.web": (["-c", "import aiohttp.web"], ""),
            "parse, first answer": (["main.py", "parse"], LINE),
            "chat --script, first booking": (["main.py", "chat", "--script", "-", "--seed", str(seed)], SAID),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
        for _ in range(args.rounds + 1):
            for name, (command, text) in rows.items():
                found[name].append(once(command, text))
    table = Table(title=f"start to first answer, medians of {args.rounds} rounds")
    for heading in ("", "CPU ms", "x", "wall ms", "x"):
        table.add_column(heading, justify="right" if heading else "left")
    middle = {
        name: [statistics.median(x) for x in zip(*many[1:], strict=True)] for name, many in found.items()
    }  # the first warms up
    floor = middle["import aiohttp.web"]
    for name, (cpu, wall) in middle.items():
        table.add_row(name, f"{cpu:.0f}", f"{cpu / floor[0]:.1f}", f"{wall:.0f}", f"{wall / floor[1]:.1f}")
    console = Console(width=100)
    console.print(table)
    console.print(
        f"idle with 1,000 customers: {idle(0):.0f} MB; with {args.customers + 1000:,}: {idle(args.customers):.0f} MB resident"
    )


if __name__ == "__main__":
    main()
