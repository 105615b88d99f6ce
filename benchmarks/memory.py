"""Memory of the app with many points: in all, and for each point over the app without any."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.appending import GrowingRun
from benchmarks.report import Figure, logs, main
from benchmarks.terminal import tbtui

MILLION = 1_000_000
CASES = ((1, 20, 50_000, 160), (10, 20, 50_000, 350))
"""Runs, tags, steps, and the most megabytes that the app may take."""


def app_memory(directory: Path) -> tuple[float, float]:
    """Megabytes of the app after everything was read and drawn, and at most until then."""
    with tbtui(str(directory), columns=200, rows=50) as program:
        program.wait_for_curve(60)
        program.quiet(3.0, 120)
        time.sleep(2.0)
        return program.memory(), program.memory("VmHWM")


def measure() -> list[Figure]:
    """With a million points and with ten."""
    with tempfile.TemporaryDirectory() as empty:
        GrowingRun(Path(empty), "run", ("loss",), 10)
        base, _ = app_memory(Path(empty))
    figures = [Figure("memory of the app with a handful of points", f"{base:.0f} MB", "", None)]
    for runs, tags, steps, limit in CASES:
        points = runs * tags * steps
        used, most = app_memory(logs("memory", runs=runs, tags=tags, steps=steps))
        each = (used - base) * 1e6 / points
        name = f"{points // MILLION}M points"
        figures.append(Figure(f"memory of the app with {name}", f"{used:.0f} MB", f"{limit} MB", used <= limit))
        figures.append(Figure(f"… at most, while {name} are read", f"{most:.0f} MB", f"{limit} MB", most <= limit))
        figures.append(Figure(f"memory for each of {name}, curves on screen included", f"{each:.1f} B", "", None))
    return figures


if __name__ == "__main__":
    main(measure)
