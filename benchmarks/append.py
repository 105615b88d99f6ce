"""How long it takes from a point in the file to a point on the screen: told by the file system, and polled."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.appending import GrowingRun
from benchmarks.report import Figure, latency, main
from benchmarks.terminal import tbtui

ROUNDS = 25
RUNS = 20
POINTS = 60
"""So few that every new point has columns of its own, and thus changes the curve."""


def measure() -> list[Figure]:
    """The 95th percentile over single points, added at times that keep no beat, one of many runs each."""
    figures = []
    for what, arguments, target in (("told by the file system", (), 0.15), ("polled", ("--poll", "1"), 1.2)):
        with tempfile.TemporaryDirectory() as directory:
            tags, place = ("loss", "accuracy"), Path(directory)
            runs = [GrowingRun(place, f"run{number}", tags, POINTS, float(number)) for number in range(RUNS)]
            with tbtui(directory, *arguments, columns=160, rows=45) as program:
                program.wait_for_curve()
                time.sleep(2.0)
                waits = []
                for number in range(ROUNDS if not arguments else ROUNDS // 2):
                    time.sleep(0.2 + 0.037 * (number % 9))
                    begin = len(program.chunks)
                    added = runs[number % RUNS].add()
                    waits.append(program.wait_for_curve(10, begin) - added)
            figures.append(latency(f"a point written to on screen, p95, {what}", waits, target))
    return figures


if __name__ == "__main__":
    main(measure)
