"""Axes: places and numbers there and back, ranges as TensorBoard chooses them, ends that stand still."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbtui.analysis.axes import SAMPLE, Axis, axis_around, nice_limits, nice_step, sample, steady_limits, value_range

finite = st.floats(allow_nan=False, allow_infinity=False)
anything = st.floats(allow_nan=True, allow_infinity=True)
scales = st.sampled_from(["linear", "log", "symlog"])


@pytest.mark.parametrize(
    "axis",
    [
        Axis(0, 1),
        Axis(-5, 20),
        Axis(1e-4, 1e3, "log"),
        Axis(-100, 1000, "symlog", 0.1),
        Axis(-1.7e308, 1.7e308),
        Axis(0, 1e-320),
    ],
)
def test_there_and_back(axis: Axis) -> None:
    places = np.linspace(0, 1, 11)
    values = axis.value(places)
    np.testing.assert_allclose(axis.fraction(values), places, atol=1e-3 if axis.high < 1e-300 else 1e-9)
    assert axis.fraction([axis.low, axis.high]).tolist() == [0, 1]


@given(st.lists(finite, min_size=2, max_size=2), scales, st.lists(anything, max_size=5))
@example([5e-324, 1.7e308], "log", [0.0])
@example([-1.79e308, 1.79e308], "linear", [1.79e308, math.inf])
def test_places_never_fail(ends: list[float], scale: str, values: list[float]) -> None:
    low, high = sorted(ends)
    if scale == "log":
        low, high = max(low, 5e-324), max(high, 5e-324)
    axis = Axis(low, high, scale)  # type: ignore[arg-type]
    shares = axis.fraction(values)
    assert shares.dtype == np.float64
    for value, share in zip(values, shares.tolist(), strict=True):
        if math.isnan(value):
            assert math.isnan(share)
        elif low <= value <= high and not math.isnan(share) and low < high:
            assert -1e-9 <= share <= 1 + 1e-9
    assert not np.isnan(axis.value([0, 0.5, 1])).any()


@given(st.lists(anything, max_size=40), st.booleans(), scales)
def test_a_range_can_always_be_drawn(values: list[float], outliers: bool, scale: str) -> None:
    axis = value_range([np.array(values)], outliers, scale)  # type: ignore[arg-type]
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)
    assert axis.low < axis.high
    assert scale != "log" or axis.low > 0
    counted = [v for v in values if math.isfinite(v) and (v > 0 or scale != "log")]
    if counted and not outliers:
        assert axis.low <= min(counted)
        assert axis.high >= max(counted)


def test_range_has_margin_and_round_ends() -> None:
    axis = value_range([np.array([0.12, 0.88])], ignore_outliers=False)
    assert (axis.low, axis.high) == (0.0, 1.0)
    axis = value_range([np.array([-3.2, 7.9])], ignore_outliers=False)
    assert (axis.low, axis.high) == (-4.0, 9.0)


def test_range_stays_on_one_side_of_zero_where_the_values_do() -> None:
    assert value_range([np.array([0.001, 1.0])], False).low == 0
    assert value_range([np.array([-1.0, -0.001])], False).high == 0


@pytest.mark.parametrize(
    ("value", "low", "high"), [(0.0, -1, 1), (5.0, 0, 10), (-3.0, -6, 0), (3e-4, 0, 6e-4), (1e-310, 0, 2e-310)]
)
def test_a_constant_is_in_the_middle(value: float, low: float, high: float) -> None:
    axis = value_range([np.full(50, value)])
    assert (axis.low, axis.high) == (low, high)
    assert axis.fraction(value) == pytest.approx(0.5, abs=1e-6)


def test_logarithmic_range_is_half_to_twice() -> None:
    axis = value_range([np.array([-1.0, 0.0, 0.01, 4.0])], False, "log")
    assert (axis.low, axis.high) == (0.005, 8.0)


def test_outliers_are_left_out() -> None:
    values = np.concatenate((np.linspace(0, 1, 97), [1e6, 1e6, -1e6]))
    assert value_range([values], ignore_outliers=True).high < 2
    assert value_range([values], ignore_outliers=True).low > -1
    assert value_range([values], ignore_outliers=False).high >= 1e6


def test_values_a_little_further_out_are_no_outliers() -> None:
    loss = 2.3 * np.exp(-np.linspace(0, 4, 500))
    assert value_range([loss]).high >= 2.3


def test_few_values_are_all_shown() -> None:
    axis = value_range([np.array([0.0, 100.0, 101.0, 102.0])])
    assert axis.low <= 0
    assert axis.high >= 102


def test_outliers_of_long_series_are_found_by_sampling() -> None:
    values = np.zeros(1_000_000)
    values[::1000] = 1e9
    values[1::2] = 1.0
    assert value_range([values]).high < 10


@given(st.integers(2, 3000), st.integers(2, 40), st.integers(SAMPLE, 300_000))
def test_what_comes_back_every_few_points_is_in_a_sample_as_often_as_it_is_there(
    period: int, part: int, count: int
) -> None:
    values = (np.arange(count) % period < max(1, period // part)).astype(np.float64)
    found = sample(values)
    assert len(found) <= SAMPLE
    assert len(found) >= SAMPLE // 2
    assert abs(found.mean() - values.mean()) < 0.08  # five deviations of so many values taken by chance


@given(st.integers(1, 50_000), st.integers(0, 50_000))
def test_a_sample_of_a_growing_series_stays(count: int, more: int) -> None:
    before, after = sample(np.arange(count)), sample(np.arange(count + more))
    if len(before) == count <= SAMPLE:
        assert (before == np.arange(count)).all()
    shared = min(len(before), len(after))
    if more < SAMPLE and count > 4 * SAMPLE and len(after) >= len(before):
        assert (after[:shared] == before).all()


def test_a_curve_that_goes_up_and_down_with_every_point_is_seen_whole() -> None:
    assert value_range([np.tile([0.0, 100.0], 5000)]).high >= 100
    assert value_range([np.tile([1.0, 100.0, 50.0, 70.0], 5000)], scale="log").high >= 100


def test_no_values() -> None:
    assert value_range([]) == Axis(0, 1)
    assert value_range([np.array([np.nan, np.inf])]) == Axis(0, 1)
    assert value_range([np.array([-1.0])], scale="log") == Axis(1, 10, "log")


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.13, 9.7, (0, 10)), (0.2, 0.8, (0.2, 0.8)), (-0.05, 1.05, (-0.1, 1.1))]
)
def test_nice_limits(low: float, high: float, expected: tuple[float, float]) -> None:
    assert nice_limits(low, high) == pytest.approx(expected, abs=1e-12)


@given(finite, finite)
@example(1e16, 1e16 + 2)
@example(0.0, 5e-324)
@example(-1.7e308, 1.7e308)
def test_nice_limits_hold_the_range(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    wider = nice_limits(low, high)
    assert wider[0] <= low <= high <= wider[1]
    assert math.isfinite(wider[0])
    assert math.isfinite(wider[1])


def test_nice_step_is_what_d3_would_take() -> None:
    assert [nice_step(span, 10) for span in (1, 1.5, 4, 8, 100)] == pytest.approx([0.1, 0.2, 0.5, 1.0, 10.0])
    assert nice_step(0, 10) == 0
    assert nice_step(math.inf, 10) == 0


def test_limits_stand_still_while_they_serve() -> None:
    old = Axis(0, 10)
    assert steady_limits(old, Axis(0.5, 9.5)) is old
    assert steady_limits(old, Axis(0, 6)) is old
    assert steady_limits(old, Axis(0, 2)) == Axis(0, 2)
    assert steady_limits(old, Axis(0, 12)) == Axis(0, 12)
    assert steady_limits(old, Axis(1, 12)) == Axis(0, 12)
    assert steady_limits(old, Axis(100, 200)) == Axis(100, 200)
    assert steady_limits(None, Axis(3, 4)) == Axis(3, 4)
    assert steady_limits(old, Axis(1, 9, "log")) == Axis(1, 9, "log")


def test_growing_run_moves_the_end_of_the_axis_rarely() -> None:
    axis, moves = Axis(0, 100), 0
    for last in range(101, 10_000):
        new = steady_limits(axis, Axis(0, last), room=0.125)
        assert new.low == 0
        assert last <= new.high <= last * 1.3
        moves += new != axis
        axis = new
    assert moves <= 45


@given(finite, finite, finite, finite, scales, st.sampled_from([0.0, 0.125]))
def test_steady_limits_always_show_what_is_asked_for(
    a: float, b: float, c: float, d: float, scale: str, room: float
) -> None:
    if scale == "log":
        a, b, c, d = (max(abs(value), 1e-300) for value in (a, b, c, d))
    old, new = axis_around(min(a, b), max(a, b), scale), axis_around(min(c, d), max(c, d), scale)  # type: ignore[arg-type]
    shown = steady_limits(old, new, room)
    slack = 1e-6 * (shown.high / 2 - shown.low / 2)
    assert shown.low <= new.low + slack
    assert shown.high >= new.high - slack
    assert math.isfinite(shown.low)
    assert math.isfinite(shown.high)
