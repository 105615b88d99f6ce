"""Sparklines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.stats import ends_of_parts
from tbtui.charts.spark import sparkline


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▁▂▃▄▅▆▇█"),
        ([0, 1], 8, "▁█"),
        (range(100), 4, "▁▃▆█"),
        ([5, 5, 5], 3, "▄▄▄"),
        ([0, np.nan, 1], 3, "▁×█"),
        ([np.nan, np.inf], 2, "××"),
        ([1, np.nan, 3, 1], 2, "▁█"),
        ([-1.7e308, 1.7e308], 2, "▁█"),
        ([], 5, ""),
        ([1, 2], 0, ""),
        ([1, 2], -1, ""),
    ],
)
def test_shapes(values: list[float], width: int, expected: str) -> None:
    assert sparkline(list(values), width) == expected


def test_plain_characters_only() -> None:
    assert sparkline([0, 1, np.nan, 2], 4, "ascii") == "_=x#"


@given(st.integers(0, 4999), st.sampled_from([1e3, -1e3]))
def test_a_spike_changes_the_sparkline_of_many_values(place: int, spike: float) -> None:
    values = np.sin(np.arange(5000) / 300)
    smooth = sparkline(ends_of_parts(values, 64), 8)
    values[place] = spike
    assert sparkline(ends_of_parts(values, 64), 8) != smooth


def test_parts_keep_their_ends() -> None:
    values = np.array([3.0, 1.0, np.nan, 2.0, np.nan, np.nan, 5.0, 4.0])
    assert ends_of_parts(values, 4) is values
    np.testing.assert_array_equal(ends_of_parts(np.append(values, 9.0), 3), [1, 3, 2, 2, 4, 9])


def test_given_limits() -> None:
    assert sparkline([0.5, 2.0], 2, low=0, high=1) == "▅█"


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50), st.integers(-2, 30))
def test_any_numbers(values: list[float], width: int) -> None:
    for style in ("blocks", "ascii"):
        text = sparkline(values, width, style)  # type: ignore[arg-type]
        assert len(text) == max(0, min(len(values), width))
        assert style != "ascii" or text.isascii()
