"""Which part of its values a y axis shows: TensorBoard's rule to the letter, everything, with zero, as typed, shared.

`axes.value_range` is the comfortable relative of TensorBoard's rule, in which few or near values are no outliers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis, Scale, axis_around, nice_limits

__all__ = ["RANGE_MODES", "RangeMode", "parse_limits", "range_axis", "shared_axis", "tensorboard_axis", "trimmed"]

RangeMode = Literal["robust", "full", "zero", "typed"]
"""TensorBoard's 5 to 95 % of the values; all of them; all of them and zero; limits that the user typed."""

RANGE_MODES: tuple[RangeMode, ...] = ("robust", "full", "zero", "typed")

_OUTER = 0.05
_HUGE = float(np.finfo(np.float64).max)
_EPSILON = float(np.finfo(np.float64).eps)
_MOST_POWER = 150
"""Steps of more digits are left to `nice_limits`, for products with them may be beyond all floats."""


def trimmed(values: Iterable[npt.ArrayLike], positive: bool = False) -> tuple[float, float] | None:
    """The values that TensorBoard's range goes from and to when outliers are ignored; None where none is finite.

    Of the finite values of all arrays (`positive`: above 0), sorted, the one at index ceil(0.05 * (n - 1)) and the one
    at floor(0.95 * (n - 1)); the outermost ones where there are not more than two.
    """
    everything = _counting(values, positive)
    if not len(everything):
        return None
    last = len(everything) - 1
    if last < 2:
        return float(everything.min()), float(everything.max())
    low, high = math.ceil(last * _OUTER), math.floor(last * (1 - _OUTER))
    everything.partition([low, high])
    return float(everything[low]), float(everything[high])


def extent(values: Iterable[npt.ArrayLike], positive: bool = False) -> tuple[float, float] | None:
    """The smallest and the largest finite value of all arrays (`positive`: above 0); None where there is none."""
    everything = _counting(values, positive)
    return (float(everything.min()), float(everything.max())) if len(everything) else None


def tensorboard_axis(values: Iterable[npt.ArrayLike], ignore_outliers: bool = True, scale: Scale = "linear") -> Axis:
    """TensorBoard's y axis for these values.

    Linear: 5 % of margin on either side, then round ends (D3's `nice`); equal ends m become [-1, 1] for 0, [2m, 0]
    below and [0, 2m] above. Log: from half to twice the values, those that are not positive left out. Symlog, which
    TensorBoard does not have, gets the ends of `axes.axis_around`. No values: [0, 1], log [1, 10].
    """
    ends = (trimmed if ignore_outliers else extent)(values, scale == "log")
    if ends is None:
        return axis_around(math.nan, math.nan, scale)
    low, high = ends
    if scale != "linear" or low == high:
        return axis_around(low, high, scale)
    margin = _OUTER * (high - low + _EPSILON)
    padded = (low - margin, high + margin)
    if all(map(math.isfinite, padded)) and (round_ends := _rounded(*padded)) is not None:
        return Axis(*round_ends)
    margin = high * _OUTER - low * _OUTER
    return Axis(*nice_limits(max(low - margin, -_HUGE), min(high + margin, _HUGE)))


def _rounded(low: float, high: float) -> tuple[float, float] | None:
    """Round ends as D3 gives them; None where floats have no place for them.

    Computed in its order, twice, and without a remedy for what floats are short of, which at times makes an end lie a
    step further out than it had to: TensorBoard's axis has it there.
    """
    for _ in range(2):
        rough = (high - low) / 10
        if not (rough > 0 and math.isfinite(rough)):
            return None
        power = math.floor(math.log(rough) / math.log(10))
        if abs(power) > _MOST_POWER:
            return None
        ratio = rough / 10.0**power
        factor = 10 if ratio >= math.sqrt(50) else 5 if ratio >= math.sqrt(10) else 2 if ratio >= math.sqrt(2) else 1
        if power >= 0:
            step = factor * 10.0**power
            low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        else:  # a step below 1 is no float, but the number of such steps in 1 is one
            parts = 10.0**-power / factor
            low, high = math.floor(low * parts) / parts, math.ceil(high * parts) / parts
    return (low, high) if low < high else None


def range_axis(
    values: Iterable[npt.ArrayLike],
    mode: RangeMode,
    scale: Scale = "linear",
    typed: tuple[float | None, float | None] = (None, None),
) -> Axis:
    """The y axis of one chart.

    "robust" and "full": `tensorboard_axis` without and with outliers; "zero": from the smallest to the largest value
    and 0, which is an end without margin where no value lies beyond it (as "full" on a log scale, which has no zero);
    "typed": the limits `typed`, where None stands for the end that "full" has; limits that a log scale can't show, or
    that are the wrong way round together with that end, fall back to "full".
    """
    arrays = list(values)
    if mode == "robust":
        return tensorboard_axis(arrays, True, scale)
    full = tensorboard_axis(arrays, False, scale)
    if mode == "zero" and scale != "log":
        ends = extent(arrays) or (0.0, 1.0)
        axis = axis_around(min(ends[0], 0.0), max(ends[1], 0.0), scale)
        return Axis(min(axis.low, 0.0), max(axis.high, 0.0), scale, axis.linear)
    if mode == "typed":
        low, high = (full.low if typed[0] is None else typed[0]), (full.high if typed[1] is None else typed[1])
        if low < high and math.isfinite(low) and math.isfinite(high) and (low > 0 or scale != "log"):
            return Axis(low, high, scale, full.linear)
    return full


def shared_axis(axes: Sequence[Axis]) -> Axis:
    """One axis for a group of charts: from the lowest to the highest end. Raises ValueError without axes.

    All must have one scale. A single value's axis (low equal to high) counts like any other.
    """
    if not axes:
        raise ValueError("no axes to share")
    scale = axes[0].scale
    return Axis(
        min(axis.low for axis in axes), max(axis.high for axis in axes), scale, max(axis.linear for axis in axes)
    )


def parse_limits(text: str) -> tuple[float | None, float | None]:
    """Limits as they are typed: ``0 1``, ``0..1``, ``0,1``, ``0:1``; ``..1`` or ``0..`` leave one end free.

    Raises ValueError with a sentence for anything else.
    """
    line = text.strip()
    for mark in ("..", ",", ":", " "):
        if mark in line:
            left, _, right = line.partition(mark)
            break
    else:
        raise ValueError("say both limits, like 0 1, or one of them, like ..1 or 0..")
    low, high = _limit(left), _limit(right)
    if low is not None and high is not None and not low < high:
        raise ValueError(f"the lower limit must be below the upper one, not {left.strip()} and {right.strip()}")
    return low, high


def _limit(text: str) -> float | None:
    word = text.strip().replace("−", "-")
    if not word or word in ("*", "auto"):
        return None
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{word} is no number")
    return number


def _counting(values: Iterable[npt.ArrayLike], positive: bool) -> npt.NDArray[np.float64]:
    """The finite values of all arrays, in a new array."""
    parts = [np.asarray(part) for part in values]
    if not parts:
        return np.empty(0)
    numbers = np.concatenate(parts, axis=None, dtype=np.float64)
    return numbers[np.isfinite(numbers) & (numbers > 0)] if positive else numbers[np.isfinite(numbers)]
