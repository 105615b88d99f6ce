"""Histograms of 60 layers at 500 steps, 256 MB: how soon there is a picture, how soon the cursor moves, what memory."""

from __future__ import annotations

import re
import time
from statistics import median

from benchmarks.generate_logs import generate
from benchmarks.report import Figure, latency, main, scratch
from benchmarks.terminal import Program, tbtui

ROUNDS = 5
CURSOR_STEP = "step cursor, p95"
PRESSES = 20
FIRST, STEP, MEMORY = 1.0, 0.05, 250.0
"""Seconds from the first screen to the first picture, seconds from a key to the screen, megabytes."""

TAB, ENTER = b"\t", b"\r"

CURSOR = re.compile("▲".encode())
"""What stands on the axis below the cursor."""


def measure() -> list[Figure]:
    """Medians; the first round warms the caches and does not count."""
    generate(scratch(), ["histograms"])
    directory = str(scratch() / "histograms")
    size = sum(file.stat().st_size for file in (scratch() / "histograms").rglob("*tfevents*")) / 1e6
    waits, launches = [], []
    for number in range(ROUNDS + 1):
        with tbtui(directory, columns=160, rows=45) as program:
            screen = program.wait_for("tbtui", 30)
            picture = program.wait_for_curve(30) - program.started
            if number:
                waits.append(picture - screen)
                launches.append(picture)
    figures = [
        Figure(
            f"histograms, {size:.0f} MB: first screen to first picture",
            f"{median(waits):.2f} s",
            f"{FIRST:.1f} s",
            median(waits) <= FIRST,
            f"from the command {median(launches):.2f} s",
        )
    ]
    with tbtui(directory, columns=200, rows=50) as program:
        program.wait_for_curve(30)
        program.quiet(2.0, 60)
        program.press(TAB)
        time.sleep(1.0)
        figures.append(
            latency(f"{CURSOR_STEP}: a page of ridges", [program.press(b"[").first for _ in range(PRESSES)], STEP)
        )
        program.press(ENTER)
        program.press(b"v")
        program.press(b"v")
        program.quiet(1.0, 60)
        figures.append(
            latency(f"{CURSOR_STEP}: full screen, heat map", [_to_cursor(program) for _ in range(PRESSES)], STEP)
        )
        used = program.memory()
    name = "histograms: memory of the app"
    figures.append(Figure(name, f"{used:.0f} MB", f"{MEMORY:.0f} MB", used <= MEMORY, "one page and one in full"))
    with tbtui(directory, "--dashboard", "layers", columns=200, rows=60) as program:
        program.wait_for("standard deviation", 30)
        program.quiet(3.0, 120)
        program.press(TAB)
        time.sleep(1.0)
        figures.append(
            latency(f"{CURSOR_STEP}: 60 layers at a glance", [_to_cursor(program) for _ in range(PRESSES)], STEP)
        )
        used = program.memory()
    name = "layers: memory of the app, all 30,000 histograms read"
    figures.append(Figure(name, f"{used:.0f} MB", f"{MEMORY:.0f} MB", used <= MEMORY))
    return figures


def _to_cursor(program: Program) -> float:
    """Seconds until the cursor is a step further back."""
    return program.press(b"[", wanted=CURSOR).first


if __name__ == "__main__":
    main(measure)
