"""What happened along a run, as marks on the x axis: starts, restarts, checkpoints, epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["EventMark", "MarkKind", "all_marks", "epoch_marks", "restart_marks", "session_marks"]

MarkKind = Literal["restart", "checkpoint", "end", "epoch"]


class EventMark(NamedTuple):
    """Something that happened at a step and a wall time (seconds since 1970).

    text: in a few words; until: of a restart, the largest step that it superseded, else None.
    """

    kind: MarkKind
    step: int
    wall: float
    text: str
    until: int | None = None


class HasPoints(Protocol):
    """Points of a scalar series: steps int64[n], wall times float64[n], values float[n]."""

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps int64[n]."""

    @property
    def walls(self) -> npt.NDArray[np.float64]:
        """Wall times float64[n]."""

    @property
    def values(self) -> npt.NDArray[np.floating[Any]]:
        """Values float[n]."""


class HasSession(Protocol):
    """A SessionLog event: kind "session_start", "session_stop" or "checkpoint"."""

    @property
    def kind(self) -> str:
        """Which it is."""

    @property
    def step(self) -> int:
        """The step it was written at."""

    @property
    def wall(self) -> float:
        """When, in seconds since 1970."""


def session_marks(sessions: Sequence[HasSession]) -> list[EventMark]:
    """Marks of a run's SessionLog events: checkpoints, ends, and every START but the first, which is no restart."""
    marks = []
    started = False
    for session in sessions:
        if session.kind == "session_start":
            if started:
                marks.append(EventMark("restart", session.step, session.wall, "restart"))
            started = True
        elif session.kind == "checkpoint":
            marks.append(EventMark("checkpoint", session.step, session.wall, "checkpoint"))
        elif session.kind == "session_stop":
            marks.append(EventMark("end", session.step, session.wall, "end"))
    return marks


def restart_marks(points: HasPoints) -> list[EventMark]:
    """Where the steps of a series go back: it went on from an earlier step.

    points: superseded ones included, in the order of writing (`points(purge=False)`). A step that is only repeated is
    no restart. `step` is the first step written again, `until` the largest one before it.
    """
    steps = points.steps
    marks = []
    for index in (np.flatnonzero(steps[1:] < steps[:-1]) + 1).tolist():
        step, until = int(steps[index]), int(steps[:index].max())
        marks.append(
            EventMark("restart", step, float(points.walls[index]), f"restart: from {until} back to {step}", until)
        )
    return marks


def epoch_marks(points: HasPoints, most: int = 1000) -> list[EventMark]:
    """The first step of each whole epoch, from the points of a tag that counts epochs (`epoch`, 0.0 to 3.0 and more).

    Epoch 0 gets no mark. A count that falls (a restart) begins again from there. More than `most` epochs: only every
    second, fifth, tenth, ... of them.
    """
    values = np.asarray(points.values, np.float64)
    good = np.isfinite(values) & (np.abs(values) < 2.0**53)
    values, steps, walls = values[good], points.steps[good], points.walls[good]
    if not len(values):
        return []
    epochs = np.floor(values + 1e-6).astype(np.int64)
    first = np.flatnonzero(np.diff(epochs, prepend=0) > 0)
    every = _every(len(first), most)
    return [
        EventMark("epoch", int(steps[index]), float(walls[index]), f"epoch {epochs[index]}")
        for index in first.tolist()
        if epochs[index] % every == 0
    ]


def all_marks(
    sessions: Sequence[HasSession], written: HasPoints | None = None, epochs: HasPoints | None = None
) -> list[EventMark]:
    """All marks of a run by step, then wall time.

    written: the points of its main series, superseded ones included; epochs: those of its `epoch` tag. A restart that
    both the SessionLog and the points tell of is one mark.
    """
    marks = session_marks(sessions)
    if written is not None:
        found = restart_marks(written)
        # After a START the first point may be written some steps and seconds later.
        marks = [mark for mark in marks if mark.kind != "restart" or not any(_follows(one, mark) for one in found)]
        marks += found
    if epochs is not None:
        marks += epoch_marks(epochs)
    return sorted(marks, key=lambda mark: (mark.step, mark.wall if math.isfinite(mark.wall) else math.inf, mark.kind))


def _follows(mark: EventMark, start: EventMark) -> bool:
    """Whether the points that went back are those that a START announced."""
    return mark.until is not None and start.step <= mark.until and mark.wall >= start.wall and mark.step >= start.step


def _every(count: int, most: int) -> int:
    every, factors = 1, (2, 5, 10)
    power = 1
    while count > most * every:
        for factor in factors:
            every = factor * power
            if count <= most * every:
                break
        power *= 10
    return every
