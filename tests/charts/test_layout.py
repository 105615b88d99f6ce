"""What fits into a chart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.axes import axis_around
from tbtui.charts.layout import y_ticks_for

sizes = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)


@given(sizes, sizes, st.integers(4, 40))
def test_a_y_axis_of_some_rows_has_a_scale(low: float, high: float, rows: int) -> None:
    ticks = y_ticks_for(axis_around(min(low, high), max(low, high)), rows)
    assert len(ticks) > 1
    assert len({row for row, _ in ticks}) == len(ticks)
