"""`make bench`: every benchmark that needs no arguments, one after the other; each prints its own table of ratios.

What they print, with the command, the machine and how busy it was, is written to docs/BENCHMARKS.md: no figure there was
typed by hand.
"""

import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ALL = (
    "bench.booking",
    "bench.booking --folder /dev/shm",
    "bench.startup",
    "bench.writes",
    "bench.overlap",
    "bench.wecom_crypto",
    "bench.match --size 100000",
)
PAGE = Path(__file__).parents[1] / "docs" / "BENCHMARKS.md"
HEAD = """# Benchmarks

Written by `make bench` (`python -m bench`), not by hand. Read the ratios inside one table: the absolute figures belong to the
machine and the moment. "load" is the 1-minute load average before and after; above the number of cores others were at work, and then
CPU times rise for everybody and rates fall.
"""


def machine() -> str:
    """What it ran on."""
    model = next((x.partition(":")[2].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in x), "?")
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def known() -> dict[str, str]:
    """What the page holds of earlier runs, by command."""
    if not PAGE.exists():
        return {}
    parts = PAGE.read_text("utf-8").split("\n## `python -m ")[1:]
    return {part.partition("`")[0]: part.partition("`")[2].strip() for part in parts}


def measured(name: str) -> tuple[str, bool]:
    """One benchmark run now: what the page says of it, and whether it went well."""
    before = os.getloadavg()[0]
    done = subprocess.run([sys.executable, "-m", *name.split()], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    result = done.stdout.rstrip() if done.returncode == 0 else f"failed with status {done.returncode}"
    return f"{machine()}; load {before:.1f} → {os.getloadavg()[0]:.1f}\n\n```\n{result}\n```", done.returncode == 0


def main(wanted: list[str]) -> int:
    """Run the benchmarks (all, or those named) and write their part of the page; the number that failed."""
    sections, failed = known(), 0
    for name in wanted or ALL:
        print(f"\n== {name}", flush=True)
        sections[name], good = measured(name)
        failed += not good
        order = sorted(sections, key=lambda n: ALL.index(n) if n in ALL else len(ALL))
        PAGE.write_text(HEAD + "".join(f"\n## `python -m {n}`\n\n{sections[n]}\n" for n in order), "utf-8")
    print(f"written: {PAGE}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
