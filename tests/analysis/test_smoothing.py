"""Smoothing equals TensorBoard's rule applied value by value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.smoothing import Smoother, smooth
from tests.support.scalars_js import tensorboard_smoothed, why_not


def value_by_value(values: list[float], weight: float) -> list[float]:
    """The rule as TensorBoard states it."""
    finite = [value for value in values if math.isfinite(value)]
    if len(set(finite)) <= 1:
        return values
    last, count, shown = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            shown.append(value)
            continue
        last = last * weight + (1 - weight) * value
        count += 1
        shown.append(last / (1 - weight**count))
    return shown


def assert_same(got: np.ndarray, values: list[float], weight: float) -> None:
    expected = np.array(value_by_value(values, weight))
    scale = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * scale)


weights = st.floats(0, 0.999) | st.sampled_from([0.6, 0.9, 0.99, 0.999])
numbers = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0])


@given(st.lists(numbers, max_size=150), weights)
def test_equals_the_sequential_rule(values: list[float], weight: float) -> None:
    assert_same(smooth(values, weight), values, weight)


@pytest.mark.parametrize("weight", [0.1, 0.6, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("count", [1, 31, 32, 33, 64, 1023, 1024, 1025, 40_000])
def test_equals_the_sequential_rule_at_any_length(count: int, weight: float) -> None:
    values = (np.random.default_rng(count).normal(size=count) + 3).tolist()
    np.testing.assert_allclose(smooth(values, weight), value_by_value(values, weight), rtol=1e-9)


@pytest.mark.skipif(why_not() != "", reason=why_not() or "it can be asked")
def test_equals_what_tensorboard_computes() -> None:
    chance = np.random.default_rng(3)
    jobs: list[tuple[list[float], float]] = []
    for number in range(300):
        values = chance.normal(size=chance.integers(0, 400)) * 10 ** chance.uniform(-6, 6)
        if number % 4 == 0:
            values = np.round(values / 10 ** chance.uniform(0, 6))  # many that are equal
        odd = chance.random(len(values)) < 0.1 * (number % 3)
        values[odd] = chance.choice([math.nan, math.inf, -math.inf], int(odd.sum()))
        jobs.append((values.tolist(), (0.0, 0.3, 0.6, 0.9, 0.99, 0.999)[number % 6]))
    for (values, weight), expected in zip(jobs, tensorboard_smoothed(jobs), strict=True):
        size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        np.testing.assert_allclose(smooth(values, weight), expected, rtol=1e-9, atol=1e-12 * size)


@given(st.lists(st.lists(numbers, max_size=80), max_size=5), weights)
def test_pieces_give_what_the_whole_gives(pieces: list[list[float]], weight: float) -> None:
    smoother = Smoother(weight)
    got = np.concatenate([smoother.extend(piece) for piece in pieces] or [np.empty(0)])
    assert_same(got, [value for piece in pieces for value in piece], weight)


def test_nan_leaves_no_trace_but_itself() -> None:
    with_gap = smooth([1.0, 2.0, math.nan, 3.0, math.inf], 0.6)
    without = smooth([1.0, 2.0, 3.0], 0.6)
    np.testing.assert_array_equal(with_gap[[0, 1, 3]], without)
    assert math.isnan(with_gap[2])
    assert with_gap[4] == math.inf


def test_a_constant_series_is_untouched() -> None:
    np.testing.assert_array_equal(smooth([0.1] * 1000, 0.97), [0.1] * 1000)
    smoother = Smoother(0.97)
    np.testing.assert_array_equal(smoother.extend([0.1] * 5), [0.1] * 5)
    np.testing.assert_array_equal(smoother.extend([0.1] * 5), [0.1] * 5)
    assert smoother.extend([0.2])[0] == pytest.approx(value_by_value([0.1] * 10 + [0.2], 0.97)[-1])


def test_no_weight_changes_nothing_and_copies() -> None:
    values = np.array([1.0, 5.0, 2.0])
    got = smooth(values, 0)
    np.testing.assert_array_equal(got, values)
    assert not np.shares_memory(got, values)


def test_float32_and_nothing() -> None:
    assert smooth(np.array([1, 2], np.float32), 0.5).dtype == np.float64
    assert len(smooth([], 0.5)) == 0
    assert np.isnan(smooth([math.nan], 0.5)).all()


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0, math.nan])
def test_other_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        smooth([1.0], weight)
