"""`make bench`: every benchmark that needs no arguments, one after the other; each prints its own table of ratios."""

import runpy
import sys

ALL = ("bench.booking", "bench.writes", "bench.overlap", "bench.wecom_crypto")

if __name__ == "__main__":
    for name in ALL:
        sys.argv = [name]
        print(f"\n== {name}")
        runpy.run_module(name, run_name="__main__")
