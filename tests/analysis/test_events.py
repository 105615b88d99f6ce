"""Marks on the x axis."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.events import all_marks, epoch_marks, restart_marks, session_marks
from tbtui.store import Points, SessionMark


def points(steps: list[int], values: list[float] | None = None) -> Points:
    """A second for every point."""
    return Points(
        np.array(steps, np.int64), np.arange(len(steps)) + 100.0, np.array(values or [0.0] * len(steps), np.float32)
    )


def test_sessions() -> None:
    sessions = [
        SessionMark("session_start", 0, 1.0),
        SessionMark("checkpoint", 10, 2.0),
        SessionMark("session_start", 8, 3.0),
        SessionMark("session_stop", 20, 4.0),
    ]
    found = [(mark.kind, mark.step, mark.wall) for mark in session_marks(sessions)]
    assert found == [("checkpoint", 10, 2.0), ("restart", 8, 3.0), ("end", 20, 4.0)]


def test_restarts() -> None:
    found = restart_marks(points([0, 1, 2, 3, 2, 3, 3, 4, 0]))
    assert [(mark.step, mark.until, mark.wall) for mark in found] == [(2, 3, 104.0), (0, 4, 108.0)]
    assert restart_marks(points([0, 0, 1, 1])) == []
    assert restart_marks(points([])) == []


@given(st.lists(st.integers(-5, 20), max_size=20))
def test_every_step_back_is_a_restart(steps: list[int]) -> None:
    found = restart_marks(points(steps))
    assert [mark.step for mark in found] == [b for a, b in itertools.pairwise(steps) if b < a]


def test_epochs() -> None:
    found = epoch_marks(points([0, 10, 20, 30, 40, 50], [0.0, 0.5, 1.0, math.nan, 2.2, 2.4]))
    assert [(mark.text, mark.step, mark.wall) for mark in found] == [("epoch 1", 20, 102.0), ("epoch 2", 40, 104.0)]
    assert [mark.step for mark in epoch_marks(points([0, 5, 9], [0.9999999, 1.0, 2.0]))] == [0, 9]
    again = epoch_marks(points([0, 5, 6, 7], [0.0, 1.0, 0.0, 1.0]))
    assert [mark.step for mark in again] == [5, 7]
    assert epoch_marks(points([])) == []
    assert epoch_marks(points([1, 2], [math.nan, math.inf])) == []


def test_many_epochs_are_thinned() -> None:
    found = epoch_marks(points(list(range(5001)), [float(n) for n in range(5001)]), most=1000)
    assert [mark.step for mark in found] == list(range(5, 5001, 5))
    assert len(epoch_marks(points(list(range(5001)), [float(n) for n in range(5001)]), most=30)) == 25


def test_together() -> None:
    sessions = [SessionMark("session_start", 0, 99.0), SessionMark("session_start", 2, 103.5)]
    written = points([0, 1, 2, 3, 2, 3])
    found = all_marks(sessions, written, points([0, 3], [0.0, 1.0]))
    assert [(mark.kind, mark.step) for mark in found] == [("restart", 2), ("epoch", 3)]
    assert found[0].until == 3
    elsewhere = all_marks([*sessions, SessionMark("session_start", 9, 105.0)], written)
    assert [(mark.kind, mark.step) for mark in elsewhere] == [("restart", 2), ("restart", 9)]
