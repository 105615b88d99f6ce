"""Runs all benchmarks, or those that are named, and prints one table.

python -m benchmarks [load memory launch keys many histograms append live frame_bytes idle images graphs profiles scale]
"""

from __future__ import annotations

import sys
import time
from importlib import import_module

from benchmarks.report import Figure, table

ALL = (
    "load",
    "memory",
    "launch",
    "keys",
    "many",
    "histograms",
    "append",
    "live",
    "frame_bytes",
    "idle",
    "images",
    "graphs",
    "graph_keys",
    "profile_keys",
    "profiles",
    "scale",
)


def run(names: list[str]) -> int:
    """Run them one after the other; the number of figures that miss their target."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in names or ALL:
        begun = time.perf_counter()
        figures += import_module(f"benchmarks.{name}").measure()
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    print(table(figures))
    return int(any(one.holds is False for one in figures))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
