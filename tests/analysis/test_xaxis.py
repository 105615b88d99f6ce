"""Points on the x axis."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tbtui.analysis.xaxis import start_of, x_values


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
