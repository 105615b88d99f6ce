"""Which values need a second axis."""

from __future__ import annotations

import math

import hypothesis.strategies as st
from hypothesis import given

from tbtui.analysis.units import APART, on_second_axis

sizes = st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=8)


def test_examples() -> None:
    assert on_second_axis([2.5, 1.0]) == [False, False]
    assert on_second_axis([2.5, 1e-3]) == [False, True]
    assert on_second_axis([1e-3, 2.5, 3.0]) == [False, True, True]
    assert on_second_axis([1.0, 10.0]) == [False, False]
    assert on_second_axis([0.0, 5.0, 500.0, math.nan, math.inf]) == [False, False, True, False, False]
    assert on_second_axis([]) == []


@given(sizes)
def test_there_is_a_second_axis_just_where_sizes_are_far_apart(found: list[float]) -> None:
    second = on_second_axis(found)
    assert not second[0]
    ratio = max(found) / min(found)
    if abs(ratio - APART) > 1e-6 * APART:
        assert any(second) == (ratio > APART)
    if any(second):
        right = [size for size, there in zip(found, second, strict=True) if there]
        left = [size for size, there in zip(found, second, strict=True) if not there]
        assert max(right) < min(left) or max(left) < min(right)
