"""Histograms along an axis of time: columns, slices, ranges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.histograms import sketches
from tbtui.dashboards.digests import Digest
from tbtui.dashboards.histograms.course import Course, Way, together
from tbtui.events.summaries import Histogram


def course(steps: Sequence[int], way: Way = "step", walls: Sequence[float] | None = None) -> Course:
    """One value at each step: the number of the step."""
    ones = [
        Histogram(np.array([float(n)]), np.array([n + 1.0]), np.array([10.0]), float(n), n + 1.0, 10.0)
        for n in range(len(steps))
    ]
    times = np.array([100.0 + step for step in steps] if walls is None else walls, np.float64)
    digest = Digest(np.array(steps, np.int64), times, sketches(ones), len(steps))
    return Course.of(digest, way, 100.0)


def test_columns_are_the_means_of_their_steps() -> None:
    one = course(range(8))
    counts = one.counts(0.0, 8.0, 8)
    assert np.array_equal(counts, 10 * np.eye(8))
    columns = one.columns(counts, one.axis(), 4)
    assert columns.tolist() == [[5.0 if bin_ // 2 == col else 0.0 for bin_ in range(8)] for col in range(4)]
    wide = one.columns(counts, one.axis(), 16)
    assert np.array_equal(wide, np.repeat(counts, 2, axis=0))


def test_nothing_beside_all_steps() -> None:
    one = course((10, 20))
    counts = one.counts(0.0, 2.0, 2)
    columns = one.columns(counts, Axis(0.0, 40.0), 4)
    assert np.isnan(columns[[0, 3]]).any() or np.isnan(columns[3]).all()
    assert course(()).columns(np.zeros((0, 2)), Axis(0, 1), 3).shape == (3, 2)


@given(st.lists(st.integers(0, 10_000), unique=True, min_size=1, max_size=60), st.integers(2, 20))
def test_every_step_is_in_one_slice(numbers: list[int], wanted: int) -> None:
    one = course(sorted(numbers))
    groups = one.slices(wanted)
    assert len(groups) <= max(wanted, 1)
    members = np.concatenate(groups)
    assert (np.diff(members) > 0).all()
    assert groups[-1].tolist() == [len(numbers) - 1]
    places = one.places(groups)
    assert places[-1] == 1.0
    assert ((places >= 0) & (places <= 1)).all()


@pytest.mark.parametrize(("way", "first"), [("step", 5.0), ("relative", 5.0), ("wall", 105.0)])
def test_axes_of_time(way: Way, first: float) -> None:
    assert course((5, 10), way).x[0] == first


def test_clocks_that_run_back_or_wild() -> None:
    one = course((1, 2, 3), "wall", (50.0, 40.0, float("nan")))
    assert one.x.tolist() == [50.0, 50.0, 50.0]
    assert len(one.places(one.slices(9))) == 3


def test_ranges_together() -> None:
    low, high = together([(0.0, 1.0), (-1.0, 0.5), (0.0, 0.0)])
    assert low < -1.0
    assert high > 1.0
    assert together([]) == (-0.5, 0.5)
    assert together([(2.0, 2.0)]) == (1.0, 3.0)
    assert np.isfinite(together([(-1.7e308, 1.7e308)])).all()
