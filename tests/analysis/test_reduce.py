"""Extremes of columns: the same as by looking at every value, also while the series grows or is cut back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.extents import Rising, column_extents
from tbtui.analysis.reduce import (
    BELOW,
    BLOCK,
    MINUS_INF,
    NAN,
    PLUS_INF,
    Pyramid,
    find_turns,
    nearest,
)

Floats = npt.NDArray[np.float64]


def plain_between(
    values: Floats, bounds: list[int], positive: bool = False
) -> tuple[list[float], list[float], list[int]]:
    """What `Pyramid.between` answers, the plain way."""
    low, high, flags = [], [], []
    for begin, end in pairwise(bounds):
        part = [float(value) for value in values[begin:end]]
        ok = [value for value in part if np.isfinite(value) and (value > 0 or not positive)]
        low.append(min(ok, default=np.inf))
        high.append(max(ok, default=-np.inf))
        found = 0
        for value in part:
            found |= NAN if np.isnan(value) else 0
            found |= PLUS_INF if value == np.inf else MINUS_INF if value == -np.inf else 0
            found |= BELOW if positive and np.isfinite(value) and value <= 0 else 0
        flags.append(found)
    return low, high, flags


def make(count: int, seed: int, bad: bool, kind: str = "f8") -> Floats:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count).astype(kind)
    if bad and count:
        places = rng.integers(0, count, 1 + count // 50)
        values[places] = rng.choice([np.nan, np.inf, -np.inf], len(places))
    return values


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 5 * BLOCK),
    st.integers(0, 9),
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(0, 5 * BLOCK), min_size=2, max_size=12),
)
def test_between_is_exact(count: int, seed: int, bad: bool, positive: bool, bounds: list[int]) -> None:
    values = make(count, seed, bad)
    bounds = sorted(min(bound, count) for bound in bounds)
    pyramid = Eager(values, positive)
    low, high, flags = pyramid.between(np.array(bounds))
    assert (low.tolist(), high.tolist(), flags.tolist()) == plain_between(values, bounds, positive)


class Eager(Pyramid):
    """Uses its blocks for any number of values."""

    def between(self, bounds: npt.NDArray[np.int64]) -> tuple[Floats, Floats, npt.NDArray[np.uint8]]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tbtui.analysis.reduce._DIRECT", 0)
            patch.setattr("tbtui.analysis.reduce._DIRECT_BAD", 0)
            return super().between(bounds)


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("bad", [False, True])
def test_very_many_values(kind: str, bad: bool) -> None:
    values = make(600_000, 1, bad, kind)
    bounds = np.unique(np.random.default_rng(2).integers(0, len(values), 300))
    low, high, flags = Pyramid(values).between(bounds)
    plain = plain_between(values, bounds.tolist())
    np.testing.assert_array_equal(low, plain[0])
    np.testing.assert_array_equal(high, plain[1])
    np.testing.assert_array_equal(flags, plain[2])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600)), min_size=1, max_size=6), st.booleans())
def test_growing_and_being_cut_back(changes: list[tuple[int, int]], bad: bool) -> None:
    """Points are appended; now and then the last ones are replaced, as when a run restarts from a checkpoint."""
    pyramid = Pyramid()
    values = np.empty(0)
    for number, (kept, added) in enumerate(changes):
        kept = min(kept, len(values))
        values = np.concatenate((values[:kept], make(added, number, bad)))
        pyramid.update(values, keep=kept)
        assert len(pyramid) == len(values)
        bounds = [0, len(values) // 3, len(values) // 2, len(values)]
        low, high, flags = pyramid.between(np.array(bounds))
        assert (low.tolist(), high.tolist(), flags.tolist()) == plain_between(values, bounds)
        whole = plain_between(values, [0, len(values)])
        assert pyramid.overall() == (whole[0][0], whole[1][0], whole[2][0])


def test_longer_view_of_the_same_memory_is_only_extended(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = make(4000, 0, bad=False)
    pyramid = Pyramid(buffer[:2000])
    looked_at: list[int] = []
    groups = Pyramid._groups
    monkeypatch.setattr(Pyramid, "_groups", lambda self, v, s: (looked_at.append(len(v)), groups(self, v, s))[1])
    pyramid.update(buffer)
    assert sum(looked_at) <= 2000 + BLOCK
    looked_at.clear()
    pyramid.update(buffer.copy())  # other memory: nothing is known of it
    assert sum(looked_at) >= 3900


def test_change_of_type_starts_afresh() -> None:
    pyramid = Pyramid(np.ones(1000, np.float32))
    pyramid.update(np.full(1000, 1e300))
    assert pyramid.overall()[:2] == (1e300, 1e300)


def test_positive_values_have_a_pyramid_of_their_own() -> None:
    values = np.concatenate((np.full(300, 0.5), [-1.0, 0.0], np.full(300, 2.0)))
    pyramid = Pyramid(values)
    assert pyramid.positive().overall() == (0.5, 2.0, BELOW)
    pyramid.update(np.concatenate((values, [0.25])), keep=len(values))
    assert pyramid.positive().overall() == (0.25, 2.0, BELOW)
    clean = Pyramid(values[:300])
    assert clean.positive() is clean


def test_extents_of_a_line_between_two_far_points() -> None:
    extents = column_extents(Rising(np.array([-100, 200]), Pyramid([0.0, 3.0])), Axis(0, 100), Axis(0, 3), 4)
    np.testing.assert_allclose(extents.low, extents.high)
    np.testing.assert_allclose(extents.low, [0.291667, 0.375, 0.458333, 0.541667, 0.625, 0.708333], atol=1e-6)
    assert extents.linked.all()


def test_flags_are_in_the_column_of_the_point() -> None:
    values = np.array([1.0, np.nan, 1.0, np.inf, 1.0, -np.inf, -1.0, 1.0])
    extents = column_extents(Rising(np.arange(8), Pyramid(values)), Axis(0, 8), Axis(0.1, 10, "log"), 8)
    assert extents.flags[1:-1].tolist() == [0, NAN, 0, PLUS_INF, 0, MINUS_INF, BELOW, 0]


def test_turns() -> None:
    assert find_turns(np.array([1, 2, 2, 1, 5])).tolist() == [3]
    assert find_turns(np.array([1.0, np.nan, 3.0])).tolist() == [1, 2]
    assert find_turns(np.array([3, 2, 1]), start=2).tolist() == [2]
    assert find_turns(np.empty(0)).tolist() == []
    assert find_turns(np.array([7])).tolist() == []


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=20), st.floats(-60, 60), st.booleans())
def test_nearest_point(places: list[int], at: float, in_order: bool) -> None:
    x = np.array(sorted(places) if in_order else places)
    found = nearest(x, at)
    assert found is not None
    assert abs(float(x[found]) - at) == min(abs(float(place) - at) for place in x)
    assert found == max(i for i, place in enumerate(x.tolist()) if place == x[found])
    assert nearest(x.astype(np.float64), at) in (
        found,
        *[i for i in range(len(x)) if abs(x[i] - at) == abs(x[found] - at)],
    )


def test_nearest_without_points_or_places() -> None:
    assert nearest(np.empty(0), 1.0) is None
    assert nearest(np.array([np.nan, np.nan]), 1.0) is None
    assert nearest(np.array([np.nan, 5.0]), 1.0) == 1
    assert nearest(np.array([-(2**63), 2**63 - 1]), 1e19) == 1
