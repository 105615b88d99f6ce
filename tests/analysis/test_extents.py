"""Many curves are looked at together as each of them is alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis import extents
from tbtui.analysis.axes import Axis, Scale
from tbtui.analysis.extents import Rising, column_extents, stacked_extents
from tbtui.analysis.reduce import Pyramid


def curve(count: int, seed: int, kind: str, origin: float, bad: bool) -> Rising:
    rng = np.random.default_rng(seed)
    x = np.sort(rng.integers(-20, 120, count))
    values = rng.normal(1, 1, count).astype("f4" if seed % 2 else "f8")
    if bad and count:
        values[rng.integers(0, count, 1 + count // 8)] = rng.choice([np.nan, np.inf, -np.inf, 0.0])
    return Rising(x.astype(np.float64) if kind == "f" else x, Pyramid(values), origin)


CURVES = st.lists(
    st.builds(
        curve, st.integers(0, 40), st.integers(0, 99), st.sampled_from("if"), st.sampled_from((0.0, 7.5)), st.booleans()
    ),
    max_size=6,
)
SCALES: tuple[Scale, ...] = ("linear", "log", "symlog")


@settings(max_examples=150, deadline=None)
@given(CURVES, st.integers(0, 50), st.integers(1, 60), st.sampled_from(SCALES), st.sampled_from((3, 4096)))
def test_together_as_alone(curves: list[Rising], low: int, width: int, scale: Scale, short: int) -> None:
    x_axis, y_axis = Axis(low, low + width), Axis(0.5, 2, scale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extents, "SHORT", short)
        together = stacked_extents(curves, x_axis, y_axis, 12)
    for number, one in enumerate(curves):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(extents, "SHORT", 0)  # by its pyramid
            alone = column_extents(one, x_axis, y_axis, 12)
        for got, expected in zip(together, alone, strict=True):
            np.testing.assert_array_equal(got[number], expected)


def test_a_log_axis_of_x_has_no_place_for_zero() -> None:
    found = column_extents(Rising(np.array([0, 5, 100]), Pyramid([1.0, 1.0, 1.0])), Axis(1, 100, "log"), Axis(0, 2), 2)
    assert found.linked.tolist() == [False, True, False]
