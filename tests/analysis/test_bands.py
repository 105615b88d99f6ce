"""Means and bands: NumPy's where steps are aligned, the slowly told rule where they are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tbtui.analysis.bands import band_of, band_of_rows, join_curves, mean_of_rows

floats = st.floats(-1e6, 1e6, width=32)


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 9)), elements=floats),
    st.sampled_from([0, 1]),
)
def test_aligned_curves_equal_numpy_bit_by_bit(rows: np.ndarray, ddof: int) -> None:
    x = np.arange(rows.shape[1]) * 10
    curves = [(x, row) for row in rows]
    band = band_of(curves, "std", ddof)
    np.testing.assert_array_equal(band.mean, np.mean(rows, axis=0))
    spread = np.std(rows, axis=0, ddof=ddof) if len(rows) > ddof else np.zeros(rows.shape[1])
    np.testing.assert_array_equal(band.low, band.mean - spread)
    np.testing.assert_array_equal(band.high, band.mean + spread)
    assert (band.n == len(rows)).all()
    error = band_of(curves, "stderr", ddof)
    np.testing.assert_array_equal(error.high, error.mean + spread / np.sqrt(len(rows)))
    ends = band_of(curves, "minmax")
    np.testing.assert_array_equal(ends.low, rows.min(axis=0))
    np.testing.assert_array_equal(ends.high, rows.max(axis=0))
    np.testing.assert_array_equal(ends.mean, band.mean)


@given(arrays.arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(2, 9)), elements=floats | st.just(math.nan)))
@pytest.mark.filterwarnings("ignore:.*(empty slice|Degrees of freedom|All-NaN).*")
def test_aligned_curves_with_gaps_equal_numpy(rows: np.ndarray) -> None:
    band = band_of([(np.arange(rows.shape[1]), row) for row in rows], ddof=0)
    np.testing.assert_array_equal(band.mean, np.nanmean(rows, axis=0))
    np.testing.assert_array_equal(band.high, band.mean + np.nanstd(rows, axis=0))
    np.testing.assert_array_equal(band.n, (~np.isnan(rows)).sum(axis=0))


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 7), st.integers(1, 9)), elements=floats | st.just(math.nan)))
def test_the_mean_alone_is_that_of_the_band(rows: np.ndarray) -> None:
    x = np.arange(rows.shape[1], dtype=np.float64)
    np.testing.assert_array_equal(mean_of_rows(list(rows), len(x)), band_of_rows(x, list(rows)).mean)


def told(curve: dict[float, float], x: float) -> float | None:
    """The value of a curve at x by the rule, one point at a time."""
    if x in curve:
        return curve[x] if math.isfinite(curve[x]) else None
    before, after = [p for p in curve if p < x], [p for p in curve if p > x]
    if not before or not after:
        return None
    left, right = max(before), min(after)
    if not (math.isfinite(curve[left]) and math.isfinite(curve[right])):
        return None
    return curve[left] + (curve[right] - curve[left]) * (x - left) / (right - left)


steps = st.integers(0, 30)
values = floats | st.sampled_from([math.nan, math.inf, -math.inf])
curves = st.dictionaries(steps, values, max_size=8)


@given(st.lists(curves, min_size=1, max_size=5))
def test_unaligned_curves_by_the_rule(given_curves: list[dict[int, float]]) -> None:
    tables = [{float(x): curve[x] for x in sorted(curve)} for curve in given_curves]
    band = band_of([(list(table), list(table.values())) for table in tables], "minmax")
    assert band.x.tolist() == sorted({x for table in tables for x in table})
    for index, x in enumerate(band.x.tolist()):
        there = [value for table in tables if (value := told(table, x)) is not None]
        assert band.n[index] == len(there)
        if not there:
            assert np.isnan([band.mean[index], band.low[index], band.high[index]]).all()
            continue
        size = max(map(abs, there)) + 1
        assert band.mean[index] == pytest.approx(sum(there) / len(there), abs=1e-9 * size)
        assert band.low[index] == pytest.approx(min(there), abs=1e-9 * size)
        assert band.high[index] == pytest.approx(max(there), abs=1e-9 * size)


@given(st.lists(curves, min_size=1, max_size=4))
def test_own_values_are_passed_on_bit_by_bit(given_curves: list[dict[int, float]]) -> None:
    joined = join_curves([(list(curve), list(curve.values())) for curve in given_curves])
    for curve, row in zip(given_curves, joined.rows, strict=True):
        for x, value in curve.items():
            (index,) = np.flatnonzero(joined.x == x)
            assert row[index] == value if math.isfinite(value) else np.isnan(row[index])


def test_one_curve_has_no_width() -> None:
    band = band_of([([0, 1], [2.0, 3.0]), ([1], [5.0])])
    assert band.mean.tolist() == [2.0, 4.0]
    assert band.low.tolist() == [2.0, 4.0 - math.sqrt(2)]
    assert band.n.tolist() == [1, 2]


def test_no_curves() -> None:
    for nothing in ([], [([], [])], [([math.nan], [1.0])]):
        band = band_of(nothing)
        assert len(band.x) == len(band.mean) == len(band.n) == 0


def test_x_that_do_not_rise() -> None:
    joined = join_curves([([3, 1, 2, 1, math.inf], [30.0, 10.0, 20.0, 11.0, 5.0])])
    assert joined.x.tolist() == [1, 2, 3]
    assert joined.rows[0].tolist() == [11, 20, 30]


@settings(max_examples=30)
@given(st.integers(2, 40), st.integers(2, 5), st.integers(0, 1000))
def test_too_many_x(most: int, runs: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    made: list[tuple[Any, Any]] = []
    for _ in range(runs):
        x = np.unique(chance.integers(0, 10_000, 80))
        made.append((x, chance.normal(size=len(x))))
    whole, part = join_curves(made), join_curves(made, most)
    assert len(part.x) <= most + 3 * runs
    assert part.x[0] == whole.x[0]
    assert part.x[-1] == whole.x[-1]
    at = np.searchsorted(whole.x, part.x)
    assert (whole.x[at] == part.x).all()
    for one, other in zip(whole.rows, part.rows, strict=True):
        np.testing.assert_allclose(other, one[at], atol=1e-12)
