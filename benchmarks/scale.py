"""How the app answers at the edge of what there is: 100,000 tags, 50,000 files of one run, 10,000 runs, a storm of
writes.

While things move, keys are judged by words that they alone bring to the screen: that an order was chosen, that the list
shows other lines, that it ends here.
"""

from __future__ import annotations

import itertools
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.keys import TARGET
from benchmarks.report import Figure, latency, logs, main
from benchmarks.scale_logs import grow_old, many_files, many_tags, once, storm, storm_runs
from benchmarks.terminal import Program, tbtui

ROUNDS = 4
REST = 0.5
"""Seconds of silence after which everything is drawn."""

TYPED = "norm 12"
PAUSES = (0.15, 0.31, 0.22, 0.4)
"""Seconds between two keys while things move, so that they keep no beat with what moves."""

STORM_SECONDS = 25.0
READING, SIGHT = re.compile(rb"[kM]B of "), 2.0
"""The title says this while something is being read, several times within so many seconds."""

SETTLING, WATCHED_SECONDS = 5.0, 20.0
"""What was read is put in place; then it is watched what the process costs."""

Key = tuple[bytes, str]
"""What is typed, and words (a regular expression) that only this brings to the screen."""

DOWN, UP, HOME, END = b"j", b"k", b"\x1b[H", b"\x1b[F"
ORDERS = [(b"u", f"order of {order}") for order in ("start", "age", "step", "last", "best", "min", "max", "name")]
TO_THE_ENDS = [(END, r"-([0-9]+) of \1"), (HOME, r"[^0-9]1-[0-9]+ of ")]
AT_THE_ENDS = [(DOWN, "No run below"), (UP, "No run above")]


def measure() -> list[Figure]:
    """All four."""
    return [*tags(), *files(), *runs(), *writes()]


def tags() -> list[Figure]:
    """Letters typed into the tag filter, until the first chart that comes out differently."""
    directory = once("scale-tags", lambda folder: many_tags(folder, 100_000, 4))
    seconds: list[float] = []
    with tbtui(str(directory)) as program:
        program.wait_for_curve(60)
        program.quiet(2.0, 120)
        for _ in range(ROUNDS):
            program.press(b"/", REST)
            seconds += [program.press(letter.encode(), REST).first for letter in TYPED]
            program.press(b"\x1b", REST)
            program.press(b"\x1b", REST)
    return [latency("100,000 tags, p95: filter of tags, each letter", seconds, TARGET)]


def files() -> list[Figure]:
    """Keys while 50,000 files of one run are being read, and what it costs to watch them."""
    directory = once("scale-files", lambda folder: many_files(folder, 50_000, 4))
    grow_old(directory)
    return _loading("50,000 files of a run", directory, [*AT_THE_ENDS, *ORDERS])


def runs() -> list[Figure]:
    """Keys while 10,000 runs are being read, and what it costs to watch them."""
    directory = logs("scale-runs", runs=10_000, tags=5, steps=20)
    grow_old(directory)
    return _loading("10,000 runs", directory, [*ORDERS, *TO_THE_ENDS])


def _loading(what: str, directory: Path, keys: Sequence[Key]) -> list[Figure]:
    """Keys from the first curve until everything is read, and the share of a core that is used afterwards."""
    with tbtui(str(directory)) as program:
        opened = program.wait_for_curve(60) - program.started
        seconds = _type(program, keys, lambda: READING.search(program.said_since(SIGHT)) is not None)
        loaded = time.perf_counter() - program.started - SIGHT
        time.sleep(SETTLING)
        used, begun = program.cpu_seconds(), time.perf_counter()
        time.sleep(WATCHED_SECONDS)
        share = (program.cpu_seconds() - used) / (time.perf_counter() - begun)
        memory = program.memory("VmHWM")
    remarks = f"{len(seconds)} keys, first curve {opened:.2f} s, all read {loaded:.1f} s, {memory:.0f} MB"
    return [
        latency(f"{what}, p95: keys while they are read", seconds, TARGET, remarks),
        Figure(f"{what}: idle afterwards, share of a core", f"{share:.2%}", "1%", share < 0.01),
    ]


def _type(program: Program, keys: Sequence[Key], going: Callable[[], bool]) -> list[float]:
    """Seconds until each of these keys, over and over again, was answered."""
    seconds = []
    for (key, words), pause in zip(itertools.cycle(keys), itertools.cycle(PAUSES), strict=False):
        if not going():
            return seconds
        seconds.append(program.answer(key, words))
        time.sleep(pause)
    return seconds


def writes() -> list[Figure]:
    """Keys while 500 runs write 1000 points a second together."""
    with tempfile.TemporaryDirectory() as place:
        storm_runs(Path(place), 500, 100)
        with tbtui(place) as program:
            program.wait_for_curve(60)
            time.sleep(SETTLING)
            with storm(Path(place), STORM_SECONDS) as writer:
                time.sleep(2.0)
                seconds = _type(program, [*ORDERS, *TO_THE_ENDS], lambda: writer.poll() is None)
    return [latency("1000 writes a second to 500 runs, p95: keys", seconds, TARGET, f"{len(seconds)} keys")]


if __name__ == "__main__":
    main(measure)
