"""Event files made by hand, and a follower that is driven step by step with what it told written down."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tbtui.events.problem import Problem
from tbtui.events.record import encode_record
from tbtui.logdir.follow import Follower
from tbtui.logdir.roots import parse_roots
from tbtui.logdir.updates import (
    FileChunk,
    FileGone,
    FileReset,
    FileSeen,
    ProfileSeen,
    Progress,
    RunGone,
    RunSeen,
    Trouble,
    TroubleOver,
    Update,
)
from tests.support.messages import double, message, single, summary, value

START = 1_700_000_000.0
NAME = "events.out.tfevents.1700000000.host.1.0"

Point = tuple[str, int, float]


def header(wall: float = START) -> bytes:
    """The record every event file begins with."""
    return encode_record(double(1, wall) + message(3, "brain.Event:2"))


def scalar(step: int, number: float, tag: str = "loss", wall: float | None = None) -> bytes:
    """A record with one scalar, as torch writes it."""
    return encode_record(summary(value(tag, single(2, number)), step=step, wall=START + step if wall is None else wall))


def scalars(first: int, stop: int, tag: str = "loss", base: float = 0.0) -> bytes:
    """Records of steps `first` to `stop` (exclusive), with values base + step."""
    return b"".join(scalar(step, base + step, tag) for step in range(first, stop))


def points(first: int, stop: int, tag: str = "loss", base: float = 0.0) -> list[Point]:
    """The points that `scalars` writes."""
    return [(tag, step, base + step) for step in range(first, stop)]


def write(path: Path, *parts: bytes) -> Path:
    """Makes a file (and its directories) of these parts, by writing in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))
    return path


def append(path: Path, *parts: bytes) -> None:
    """Appends to a file."""
    with open(path, "ab") as file:
        file.write(b"".join(parts))


def replace(path: Path, *parts: bytes) -> None:
    """Puts a new file in the place of another, as rsync and editors do."""
    other = path.with_name("." + path.name.replace("tfevents", "temporary"))
    other.write_bytes(b"".join(parts))
    os.replace(other, path)


class Watched:
    """A follower under a clock of ours, and the state that its updates add up to.

    `points`: by file, in file order. `log`: every update so far. `opened` and `now` are for tests that need them.
    """

    def __init__(self, *logdirs: str | Path, **options: Any) -> None:
        self.now = 1000.0
        self.late = 0.0
        options = {"clock": lambda: self.now, "wall": lambda: time.time() + self.late, "processes": 1} | options
        self.follower = Follower(parse_roots([os.fspath(path) for path in logdirs]), **options)
        self.log: list[Update] = []
        self.runs: dict[str, RunSeen] = {}
        self.files: dict[str, FileSeen] = {}
        self.points: dict[str, list[Point]] = {}
        self.damage: dict[str, list[tuple[int, str]]] = {}
        self.trouble: dict[str, Problem] = {}
        self.gone: set[str] = set()
        self.profiles: list[ProfileSeen] = []
        self.progress = Progress(0, 0, 0, quiet=False)

    def poll(self, seconds: float = 30.0, most: int = 1000) -> list[Update]:
        """Lets time pass, then polls until there is nothing to do at once."""
        self.now += seconds
        self.late += seconds
        updates: list[Update] = []
        for _ in range(most):
            updates += self.follower.poll()
            if not self.follower.busy:
                break
        else:
            raise AssertionError("the follower does not come to rest")
        for update in updates:
            self._apply(update)
        self.log += updates
        return updates

    def poll_until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Polls against real time until something holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            self.poll(0.05)
            time.sleep(0.01)

    def all_points(self) -> list[Point]:
        """The points of all files, sorted."""
        return sorted(point for file in self.points.values() for point in file)

    def _apply(self, update: Update) -> None:
        match update:
            case RunSeen():
                self.runs[update.run] = update
            case RunGone():
                del self.runs[update.run]
            case FileSeen():
                self.files[update.file] = update
                self.points.setdefault(update.file, [])
                self.gone.discard(update.file)
            case FileGone():
                assert update.file not in self.gone or update.renamed
                self.gone.add(update.file)
                if update.renamed:
                    self.gone.discard(update.file)
                    del self.points[update.file]
                    self.damage.pop(update.file, None)
            case FileReset():
                self.points[update.file] = []
                self.damage.pop(update.file, None)
            case FileChunk():
                self._read(update)
            case ProfileSeen():
                self.profiles.append(update)
            case Trouble():
                self.trouble[update.problem.file] = update.problem
            case TroubleOver():
                del self.trouble[update.file]
            case Progress():
                self.progress = update

    def _read(self, update: FileChunk) -> None:
        chunk, span = update.chunk, update.span
        assert update.file in self.files
        found = []
        for part in chunk.scalars:
            if part.span == span:
                steps, values = (part.columns[i][part.rows()].tolist() for i in (0, 2))
                offsets = part.offsets().tolist()
                found += [(o, part.tag, step, number) for o, step, number in zip(offsets, steps, values, strict=True)]
        for item in chunk.items:
            if item.span == span and item.value is not None:
                found.append((item.offset, item.tag, item.step, item.value))
        self.points[update.file] += [(tag, step, number) for _, tag, step, number in sorted(found)]
        for number, offset, reason in chunk.problems:
            if number == span:
                self.damage.setdefault(update.file, []).append((offset, reason))
