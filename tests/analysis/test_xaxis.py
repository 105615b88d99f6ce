"""Points on the x axis."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.xaxis import join_by_step, start_of, x_values


class Times(NamedTuple):
    steps: np.ndarray
    walls: np.ndarray


POINTS = Times(np.array([-1, 0, 2**62]), np.array([math.nan, 1000.0, 1010.0]))


def test_steps() -> None:
    assert x_values(POINTS, "step").tolist() == [-1.0, 0.0, float(2**62)]
    assert x_values(POINTS, "step").dtype == np.float64


def test_wall() -> None:
    np.testing.assert_array_equal(x_values(POINTS, "wall"), [math.nan, 1000, 1010])
    infinite = Times(np.array([1]), np.array([math.inf]))
    assert np.isnan(x_values(infinite, "wall")).all()


def test_relative_to_the_first_finite_time() -> None:
    np.testing.assert_array_equal(x_values(POINTS, "relative"), [math.nan, 0, 10])
    np.testing.assert_array_equal(x_values(POINTS, "relative", 990.0), [math.nan, 10, 20])


def test_no_time_at_all() -> None:
    nothing = Times(np.array([1]), np.array([math.nan]))
    assert start_of(nothing.walls) is None
    assert np.isnan(x_values(nothing, "relative")).all()
    assert start_of(np.empty(0)) is None


def test_steps_from_the_first_one_and_numbers() -> None:
    large = Times(np.array([2**62, 2**62 + 3]), np.zeros(2))
    assert x_values(large, "relative_step").tolist() == [0, 3]
    assert x_values(large, "relative_step", 5.0).tolist() == [2.0**62 - 5, 2.0**62 - 5]
    assert x_values(large, "index").tolist() == [0, 1]
    nothing = Times(np.empty(0, np.int64), np.empty(0))
    assert len(x_values(nothing, "relative_step")) == len(x_values(nothing, "index")) == 0


steps = st.integers(-3, 8)
series = st.lists(st.tuples(steps, st.floats(width=32)), max_size=8)


@given(st.lists(steps, max_size=8), series)
def test_joined_by_step(wanted: list[int], other: list[tuple[int, float]]) -> None:
    found = join_by_step(
        np.array(wanted, np.int64),
        np.array([step for step, _ in other], np.int64),
        np.array([value for _, value in other], np.float32),
    )
    assert found.dtype == np.float64
    for step, x in zip(wanted, found.tolist(), strict=True):
        before = [at for at, _ in other if at <= step]
        expected = [value for at, value in other if before and at == max(before)]
        if expected and math.isfinite(expected[-1]):
            assert x == expected[-1]
        else:
            assert math.isnan(x)
