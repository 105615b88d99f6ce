"""How long it takes until what a real writer does to its files is seen in the list of runs, among 1 and 200 runs."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, main
from tests.support.live_changes import LIVES, at_step, begin
from tests.support.live_writer import LiveWriter
from tests.support.pty import Terminal

ROUNDS = 3
TARGET = 1.0


def measure() -> list[Figure]:
    """The longest of a few, for every change and number of runs."""
    figures = []
    for count in (1, 200):
        waits: dict[str, list[float]] = {}
        for name in LIVES:
            for number in range(ROUNDS):
                for kind, wait in _watch(name, count, 0.3 + 0.23 * number):
                    waits.setdefault(kind, []).append(wait)
        runs = "1 run" if count == 1 else f"{count} runs"
        for name, found in waits.items():
            worst = max(found)
            figures.append(
                Figure(f"{name} to on screen, {runs}", f"{worst * 1e3:.0f} ms", f"{TARGET * 1e3:.0f} ms",
                       worst <= TARGET, f"least {min(found) * 1e3:.0f} ms")
            )  # fmt: skip
    return figures


def _watch(name: str, count: int, rest: float) -> list[tuple[str, float]]:
    """Seconds from the end of each change until it was seen, with a rest before each, in an app of their own."""
    waits = []
    with tempfile.TemporaryDirectory() as directory, LiveWriter(Path(directory) / "logs") as writer:
        begin(writer, count)
        with Terminal([sys.executable, "-m", "tbtui", str(writer.directory)]) as terminal:
            terminal.wait_for(at_step(99))
            for change in LIVES[name]:
                terminal.settle(rest)
                pattern = change(writer)
                done = time.perf_counter()
                terminal.wait_for(pattern)
                waits.append((change.__name__.replace("_", " "), time.perf_counter() - done))
            terminal.press("q")
            terminal.wait()
    return waits


if __name__ == "__main__":
    main(measure)
