"""The band around raw values holds all of them; curves on two axes are where their own axis puts them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from tbtui.analysis.axes import Axis
from tbtui.charts.canvas import Curve, Window, trace_curves
from tbtui.charts.envelope import widened

values = st.lists(st.floats(-10, 10), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(values, st.integers(1, 12))
def test_a_band_holds_every_raw_value_and_reaches_no_further(y: list[float], reach: int) -> None:
    curve = Curve(np.arange(len(y)), np.array(y))
    window = Window(Axis(0, max(len(y) - 1, 1)), Axis(-10, 10))
    (trace,) = trace_curves([curve], window, 20, 10)
    top, bottom = widened(trace, reach)
    filled = trace.top[0] <= trace.bottom[0]
    assert (top[0][filled] <= trace.top[0][filled]).all()
    assert (bottom[0][filled] >= trace.bottom[0][filled]).all()
    assert (top[0][~filled] > bottom[0][~filled]).all()
    for column in np.flatnonzero(filled):
        near = [at for at in range(max(0, column - reach), min(40, column + reach + 1)) if filled[at]]
        assert top[0][column] == min(trace.top[0][at] for at in near)
        assert bottom[0][column] == max(trace.bottom[0][at] for at in near)


@settings(max_examples=60, deadline=None)
@given(values, values)
def test_a_curve_on_the_second_axis_is_where_it_would_be_alone(left: list[float], right: list[float]) -> None:
    x, own, other = Axis(0, 300), Axis(-10, 10), Axis(-3, 20)
    curves = [Curve(np.arange(len(y)), np.array(y)) for y in (left, right)]
    alone = [
        trace_curves([curve], Window(x, axis), 20, 10)[0] for curve, axis in zip(curves, (own, other), strict=True)
    ]
    curves[1].right = True
    for found, expected in zip(trace_curves(curves, Window(x, own, other), 20, 10), alone, strict=True):
        assert (found.top == expected.top).all()
        assert (found.bottom == expected.bottom).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 20_000), st.data())
def test_a_spike_is_seen_on_a_logarithmic_x_axis(count: int, data: st.DataObject) -> None:
    spike = data.draw(st.integers(1, count))
    y = np.zeros(count + 1)
    y[spike] = 1.0
    low = data.draw(st.integers(1, spike))
    high = data.draw(st.integers(spike, count))
    if low == high:
        return
    window = Window(Axis(low, high, "log"), Axis(-1.0, 1.0))
    (trace,) = trace_curves([Curve(np.arange(count + 1), y)], window, 30, 10)
    column = min(int(float(window.x.fraction(spike)) * 60), 59)
    assert 0 in trace.top[0][max(0, column - 1) : column + 2]
