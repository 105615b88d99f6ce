"""Ranges of the y axis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.ranges import extent, parse_limits, range_axis, shared_axis, tensorboard_axis, trimmed
from tests.support.scalars_js import tensorboard_range, why_not

numbers = st.floats() | st.integers(-5, 5).map(float)
arrays = st.lists(st.lists(numbers, max_size=40).map(np.array), max_size=4)
finite = st.floats(-1e9, 1e9)


def told(values: list[np.ndarray], ignore_outliers: bool, positive: bool) -> tuple[float, float] | None:
    """TensorBoard's rule, slowly."""
    kept = sorted(float(v) for part in values for v in part if math.isfinite(v) and (v > 0 or not positive))
    if not kept:
        return None
    if not ignore_outliers or len(kept) <= 2:
        return kept[0], kept[-1]
    return kept[math.ceil((len(kept) - 1) * 0.05)], kept[math.floor((len(kept) - 1) * 0.95)]


@given(arrays, st.booleans())
def test_ends_by_the_rule(values: list[np.ndarray], positive: bool) -> None:
    assert trimmed(values, positive) == told(values, True, positive)
    assert extent(values, positive) == told(values, False, positive)


@given(st.integers(1, 3000), st.integers(0, 2**32 - 1))
def test_ends_of_many_values(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).standard_cauchy(count)
    before = values.copy()
    assert trimmed([values]) == told([values], True, False)
    assert trimmed([values[: count // 3].astype(np.float32), values[count // 3 :]]) is not None
    np.testing.assert_array_equal(values, before)


def test_an_outlier_is_left_out_and_many_are_not() -> None:
    values = np.concatenate([np.linspace(0, 1, 99), [1e6]])
    assert tensorboard_axis([values]).high < 2
    assert tensorboard_axis([values], ignore_outliers=False).high >= 1e6


@given(st.lists(finite, min_size=1, max_size=30), st.booleans())
@example([0.0, 1.42e-105], False)
def test_linear_margin(values: list[float], ignore: bool) -> None:
    ends = told([np.array(values)], ignore, False)
    assert ends is not None
    low, high = ends
    axis = tensorboard_axis([values], ignore)
    if low == high:
        assert (axis.low, axis.high) == ((-1, 1) if low == 0 else (2 * low, 0) if low < 0 else (0, 2 * low))
        return
    span = high - low + float(np.finfo(np.float64).eps)  # which TensorBoard adds, so that there always is one
    assert axis.low <= low - 0.05 * span * (1 - 1e-9)
    assert axis.high >= high + 0.05 * span * (1 - 1e-9)
    assert axis.high - axis.low <= 1.1 * span + 2 * span / 2  # niced by less than one tick of about ten at either end


@pytest.mark.skipif(why_not() != "", reason=why_not() or "it can be asked")
def test_ends_and_axes_are_those_of_tensorboard() -> None:
    chance = np.random.default_rng(7)
    jobs: list[tuple[list[float], bool]] = []
    for number in range(4000):
        values = chance.normal(size=chance.integers(0, 60)) * 10 ** chance.uniform(-9, 9)
        values = (values, values + 10 ** chance.uniform(-3, 3), np.round(values), chance.integers(-5, 6, 9))[number % 4]
        odd = chance.choice([math.nan, math.inf, -math.inf], number % 3)
        jobs.append((np.concatenate((odd, values)).tolist(), number % 2 == 0))
    for (values, ignore), ends in zip(jobs, tensorboard_range(jobs), strict=True):
        assert (trimmed if ignore else extent)([values]) == (None if ends is None else ends[:2])
        if ends is not None:
            axis = tensorboard_axis([values], ignore)
            assert (axis.low, axis.high) == ends[2:], values


def test_known_axes() -> None:
    assert tensorboard_axis([[0.0, 100.0]]) == Axis(-10, 110)
    assert tensorboard_axis([[0.1, 0.9]]) == Axis(0.0, 1.0)
    assert tensorboard_axis([]) == Axis(0, 1)
    assert tensorboard_axis([[math.nan]], scale="log") == Axis(1, 10, "log")
    assert tensorboard_axis([[1.0, -5.0, 8.0]], scale="log") == Axis(0.5, 16, "log")
    assert tensorboard_axis([[-1.0, 1000.0]], scale="symlog").scale == "symlog"


@given(arrays, st.sampled_from(["linear", "log", "symlog"]), st.sampled_from(["robust", "full", "zero", "typed"]))
def test_any_values_give_an_axis(values: list[np.ndarray], scale: str, mode: str) -> None:
    axis = range_axis(values, mode, scale, (0.0, None))  # type: ignore[arg-type]
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)
    assert axis.low < axis.high
    assert scale != "log" or axis.low > 0
    ends = told(values, False, scale == "log")
    if mode in ("full", "zero") and ends is not None:
        assert axis.low <= ends[0]
        assert axis.high >= ends[1]
    if mode == "zero" and scale != "log":
        assert axis.low <= 0 <= axis.high


def test_zero() -> None:
    assert range_axis([[5.0, 9.0]], "zero").low == 0
    assert range_axis([[-9.0, -5.0]], "zero").high == 0
    assert range_axis([[-1.0, 1.0]], "zero").low < -1
    assert range_axis([[5.0, 9.0]], "zero", "log") == range_axis([[5.0, 9.0]], "full", "log")


def test_typed() -> None:
    assert range_axis([[5.0, 9.0]], "typed", typed=(1.0, 2.0)) == Axis(1, 2)
    assert range_axis([[5.0, 9.0]], "typed", typed=(1.0, None)) == Axis(1, range_axis([[5.0, 9.0]], "full").high)
    full = range_axis([[5.0, 9.0]], "full", "log")
    assert range_axis([[5.0, 9.0]], "typed", "log", (0.0, 2.0)) == full
    assert range_axis([[5.0, 9.0]], "typed", "log", (100.0, None)) == full


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 1", (0, 1)),
        ("0..1", (0, 1)),
        (" -1e3 , 5 ", (-1000, 5)),
        ("0.5:1", (0.5, 1)),
        ("..1", (None, 1)),
        ("0..", (0, None)),
        ("0 auto", (0, None)),
        ("−1 1", (-1, 1)),
    ],
)
def test_typed_limits(text: str, expected: tuple[float | None, float | None]) -> None:
    assert parse_limits(text) == expected


@pytest.mark.parametrize("text", ["", "1", "1 0", "1 1", "a b", "nan 1", "0 inf"])
def test_limits_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|number"):
        parse_limits(text)


def test_shared() -> None:
    assert shared_axis([Axis(0, 1), Axis(-1, 0.5)]) == Axis(-1, 1)
    assert shared_axis([Axis(1, 2, "log")]) == Axis(1, 2, "log")
    with pytest.raises(ValueError, match="no axes"):
        shared_axis([])
