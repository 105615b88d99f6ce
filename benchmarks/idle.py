"""What it costs to watch a thousand quiet runs: processor time, open files, and bytes written to the terminal."""

from __future__ import annotations

import os
import time

from benchmarks.report import Figure, logs, main
from benchmarks.terminal import tbtui

RUNS, TAGS, STEPS = 1000, 10, 100
SECONDS = 20.0


def measure() -> list[Figure]:
    """Over some seconds after everything was read and drawn."""
    directory = logs("idle", runs=RUNS, tags=TAGS, steps=STEPS)
    yesterday = time.time() - 86_400
    for file in directory.rglob("*tfevents*"):  # what was written lately, as logs just made, is watched closely
        os.utime(file, (yesterday, yesterday))
    with tbtui(str(directory), columns=160, rows=45) as program:
        program.wait_for_curve(60)
        program.quiet(3.0)
        time.sleep(5.0)
        begin, used, started = len(program.chunks), program.cpu_seconds(), time.perf_counter()
        time.sleep(SECONDS)
        share = (program.cpu_seconds() - used) / (time.perf_counter() - started)
        written = program.bytes_since(begin)
        targets = [os.path.realpath(f"/proc/{program.pid}/fd/{name}") for name in os.listdir(f"/proc/{program.pid}/fd")]
        held = sum(target.startswith(str(directory.resolve())) for target in targets)
    return [
        Figure("idle with 1000 quiet runs: share of a core", f"{share:.2%}", "1%", share < 0.01),
        Figure("idle: bytes written to the terminal", f"{written} B in {SECONDS:.0f} s", "0", written == 0),
        Figure("idle: event files held open", str(held), "0", held == 0),
    ]


if __name__ == "__main__":
    main(measure)
