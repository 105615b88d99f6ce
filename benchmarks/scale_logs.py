"""Log directories at the edge of what there is: 100,000 tags, 50,000 files of one run, 500 runs that all write at once.

    python -m benchmarks.scale_logs FOLDER SECONDS

appends 1000 points a second to the runs of FOLDER, one after the other, as long as it is told.
"""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.generate_logs import SLOT, START, event, field, save, shared_records, simple_value, version_record
from benchmarks.report import scratch

TAGS_AN_EVENT = 500
WRITES_A_SECOND = 1000


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A log directory of that name among those that are kept, made where it is not there yet."""
    directory = scratch() / name
    if not directory.exists():
        unfinished = directory.with_suffix(".new")
        make(unfinished)
        unfinished.rename(directory)
    return directory


def tag_name(number: int) -> str:
    """Of layers, heads and what was measured of them."""
    layer, head, measure = number // 1000, number // 20 % 50, number % 20
    return f"layer_{layer:03}/head_{head:02}/{('weight', 'grad', 'output', 'key')[measure % 4]}_norm_{measure:02}"


def many_tags(folder: Path, tags: int, steps: int) -> None:
    """One run, whose events hold the values of many tags each."""
    names = [tag_name(number) for number in range(tags)]
    chance = np.random.default_rng(7)
    parts = (names[begin : begin + TAGS_AN_EVENT] for begin in range(0, tags, TAGS_AN_EVENT))
    save(folder, 0, b"".join(shared_records(chance, part, steps) for part in parts))


def point(wall: float, step: int, tag: str, value: float) -> bytes:
    """The record of one point."""
    return event(wall, step, field(5, simple_value(tag).replace(SLOT, struct.pack("<f", value))))


def course(step: int, place: int = 0) -> float:
    """A loss that falls, and shakes."""
    return 1 / (1 + step / 300) + 0.1 * math.sin(step / 9 + place)


def many_files(folder: Path, files: int, steps: int) -> None:
    """One run whose every start, after a few steps, wrote a file of its own."""
    run = folder / "run"
    run.mkdir(parents=True)
    first = version_record()
    for number in range(files):
        records = [first]
        for step in range(number * steps, (number + 1) * steps):
            wall = START + number + step * 1e-3
            records += [point(wall, step, tag, course(step, place)) for place, tag in enumerate(("loss", "accuracy"))]
        (run / f"events.out.tfevents.{int(START) + number}.host.1.{number}").write_bytes(b"".join(records))


def storm_runs(folder: Path, runs: int, steps: int) -> list[Path]:
    """Runs of a few steps of a loss; returns their files."""
    files = []
    for number in range(runs):
        path = folder / f"run_{number:03}" / f"events.out.tfevents.{int(START)}.host.1.0"
        path.parent.mkdir(parents=True)
        path.write_bytes(version_record() + b"".join(storm_point(number, step) for step in range(steps)))
        files.append(path)
    return files


def storm_point(number: int, step: int) -> bytes:
    """The record that a run of the storm writes at a step."""
    return point(time.time(), step, "loss", course(step, number))


@contextmanager
def storm(folder: Path, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Lets another process append to the runs of a folder for so long, or until the block is left."""
    command = [sys.executable, "-m", "benchmarks.scale_logs", str(folder), str(seconds)]
    with subprocess.Popen(command) as writer:
        try:
            yield writer
        finally:
            writer.kill()


def append(folder: Path, seconds: float, first: int = 1000) -> None:
    """The writer of a storm: a point to each run in turn, at an even pace."""
    files = sorted(folder.glob("*/*tfevents*"))
    begun = time.perf_counter()
    written = 0
    while (now := time.perf_counter() - begun) < seconds:
        while written < now * WRITES_A_SECOND:
            turn, number = divmod(written, len(files))
            with files[number].open("ab") as file:
                file.write(storm_point(number, first + turn))
            written += 1
        time.sleep(1 / WRITES_A_SECOND)


def grow_old(directory: Path, seconds: float = 86_400) -> None:
    """Sets the times of all files back: what was written lately is watched closely."""
    past = time.time() - seconds
    for path in directory.rglob("*tfevents*"):
        os.utime(path, (past, past))


if __name__ == "__main__":
    append(Path(sys.argv[1]), float(sys.argv[2]))
