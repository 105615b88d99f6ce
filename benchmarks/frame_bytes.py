"""Bytes that go to the terminal for one appended point: a window of 200x60 with four charts."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.appending import GrowingRun
from benchmarks.report import Figure, main
from benchmarks.terminal import tbtui

TAGS = ("accuracy", "loss", "lr", "grad")
FRAMES = 25
TARGET = 2000


def measure() -> list[Figure]:
    """The median and the largest number of bytes of frames in which one point was added, to one chart and to all."""
    figures = []
    with tempfile.TemporaryDirectory() as directory:
        run = GrowingRun(Path(directory), "run", TAGS, 1000)
        with tbtui(directory, columns=200, rows=60) as program:
            program.wait_for_curve()
            time.sleep(2.0)
            for _ in range(3):  # the axis gets its room at the end
                run.add()
                time.sleep(0.5)
            for what, tags in (("one of four charts", TAGS[:1]), ("all four charts", TAGS)):
                counts = []
                for _ in range(FRAMES):
                    begin = len(program.chunks)
                    run.add(*tags)
                    program.wait(lambda data: len(data) > 0, 5, begin)
                    time.sleep(0.35)
                    counts.append(program.bytes_since(begin))
                typical, largest = median(counts), max(counts)
                figures.append(
                    Figure(f"bytes a frame, 1 point added to {what}, 200x60", f"{typical:.0f} B",
                           f"{TARGET} B" if len(tags) == 1 else "", typical < TARGET if len(tags) == 1 else None,
                           f"largest {largest:.0f} B")
                )  # fmt: skip
    return figures


if __name__ == "__main__":
    main(measure)
