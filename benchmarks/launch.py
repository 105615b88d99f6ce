"""From the command to the first curve on the screen, with a million points; and what of it are imports."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks.report import Figure, logs, main
from benchmarks.terminal import tbtui

ROUNDS = 7
IMPORTS = (
    "import tbtui.cli, tbtui.launch, tbtui.app, tbtui.store.opening, tbtui.dashboards.scalars, tbtui.logdir.follow"
)


def measure() -> list[Figure]:
    """Medians; the first round warms the caches and does not count."""
    directory = logs("launch", runs=1, tags=20, steps=50_000)
    curves, imports = [], []
    for number in range(ROUNDS + 1):
        with tbtui(str(directory), columns=160, rows=45) as program:
            first = program.wait_for_curve(30) - program.started
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", IMPORTS], check=True)
        if number:
            curves.append(first)
            imports.append(time.perf_counter() - begun)
    curve, importing = median(curves), median(imports)
    return [
        Figure(
            "launch to first curve, 1M points", f"{curve:.2f} s", "1.0 s", curve <= 1.0, f"best {min(curves):.2f} s"
        ),
        Figure("imports alone", f"{importing:.2f} s", "0.6 s", importing <= 0.6, f"best {min(imports):.2f} s"),
    ]


if __name__ == "__main__":
    main(measure)
