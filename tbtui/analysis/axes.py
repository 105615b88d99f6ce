"""Axes: which part of the numbers is shown, on which scale, and where its ticks stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "FAR",
    "SAMPLE",
    "Axis",
    "Scale",
    "axis_around",
    "multiple",
    "nice_limits",
    "nice_step",
    "sample",
    "steady_limits",
    "value_range",
]

Floats = npt.NDArray[np.float64]
Scale = Literal["linear", "log", "symlog"]

FAR = 1e300
"""What lies further out than so many widths of an axis is taken to be there: infinite in practice, safe to compute."""


SAMPLE = 2048
"""So many values of each series are looked at to find out which values are outliers (TensorBoard: 1000)."""

_OUTER = 0.05
_NEAR = 1.0
_MARGIN = 0.05
_HUGE = float(np.finfo(np.float64).max)
_TINY = 5e-324
_EXACT = 2.0**52
_SAME = 1e-9
_LN10 = math.log(10)


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretch [low, high] of numbers that an axis shows.

    low, high: finite, low <= high; above 0 on a log scale.
    linear: on a symlog scale the size of numbers around which it turns from linear to logarithmic.
    """

    low: float
    high: float
    scale: Scale = "linear"
    linear: float = 1.0

    def fraction(self, values: npt.ArrayLike) -> Floats:
        """Where values lie: 0 at low, 1 at high, beyond that outside, at most `FAR`. NaN where the scale has no place.

        Never raises and never warns, whatever the numbers. Where low equals high everything lies at 0.5.
        """
        numbers = np.asarray(values, np.float64)
        with np.errstate(all="ignore"):
            at, low, high = (self._forward(part) for part in (numbers, np.float64(self.low), np.float64(self.high)))
            if not np.isfinite(high - low):  # a range beyond the largest float: halves of it are within
                at, low, high = at / 2, low / 2, high / 2
            if not high > low:
                return np.where(np.isnan(at), np.nan, 0.5)
            return np.asarray(np.clip((at - low) / (high - low), -FAR, FAR))

    def value(self, fraction: npt.ArrayLike) -> Floats:
        """The numbers at these places, the other way round."""
        share = np.asarray(fraction, np.float64)
        with np.errstate(all="ignore"):
            low, high = self._forward(np.float64(self.low)), self._forward(np.float64(self.high))
            return self._backward(low * (1 - share) + high * share)

    def _forward(self, values: Floats | np.float64) -> Floats:
        if self.scale == "log":
            return np.asarray(np.log10(np.where(values > 0, values, np.nan)))
        if self.scale == "symlog":
            sizes = np.abs(values)
            ratios = sizes / self.linear
            far = np.log(sizes) - math.log(self.linear)  # where the ratio is beyond the largest float
            return np.asarray(np.sign(values) * np.where(np.isinf(ratios), far, np.log1p(ratios)) / _LN10)
        return np.asarray(values)

    def _backward(self, places: Floats) -> Floats:
        if self.scale == "log":
            return np.minimum(10.0**places, _HUGE)
        if self.scale == "symlog":
            powers = np.abs(places) * _LN10
            sizes = np.expm1(powers) * self.linear
            sizes = np.where(np.isinf(sizes), np.exp(powers + math.log(self.linear)), sizes)
            return np.asarray(np.sign(places) * np.minimum(sizes, _HUGE))
        return places


def sample(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """At most `SAMPLE` and at least half as many values of a longer array, one of each of its stretches of equal
    length; shorter arrays as they are.

    Each stretch gives its value at another place, so that what comes back every few values is met as often as it is
    there. Where values are added, those taken before stay until the stretches have to be twice as long.
    """
    stretch = 1
    while len(values) // stretch > SAMPLE:
        stretch *= 2
    return values if stretch == 1 else values[_one_of_each(stretch)[: len(values) // stretch]]


@lru_cache(maxsize=64)
def _one_of_each(stretch: int) -> npt.NDArray[np.int64]:
    """A place in each of `SAMPLE` stretches, by chance, and by the same chance every time."""
    shares = np.random.default_rng(0).random(SAMPLE)
    return np.arange(SAMPLE) * stretch + (shares * stretch).astype(np.int64)


def value_range(
    values: Iterable[npt.ArrayLike], ignore_outliers: bool = True, scale: Scale = "linear", nice: bool = True
) -> Axis:
    """The y axis that shows these values comfortably. `ranges.tensorboard_axis` is TensorBoard's rule to the letter.

    Of the finite values of all arrays (above 0 on a log scale), sorted, the outermost twentieth on either side is left
    out when outliers are ignored; but unlike in TensorBoard not where there are fewer than 20 values, and not where
    they lie within a range's width of the others: then they are no outliers.  For that, arrays longer than `SAMPLE` are
    judged by a `sample`.  A linear range gets 5 % of margin and ends on round numbers, but does not
    go below 0 where no value does; a log range goes from half to twice the values.
    """
    low, high = _spread(values, ignore_outliers, scale)
    return axis_around(low, high, scale, nice)


def axis_around(low: float, high: float, scale: Scale = "linear", nice: bool = True) -> Axis:
    """The axis for values from low to high: margin and round ends. NaN: there are no values."""
    if scale == "log":
        if not high > 0:
            return Axis(1.0, 10.0, "log")
        low = low if low > 0 else high
        return Axis(max(low * 0.5, _TINY), min(high, _HUGE / 2) * 2, "log")
    if not low <= high:
        return Axis(0.0, 1.0, scale)
    if low == high:
        low, high = (-1.0, 1.0) if low == 0 else (max(2 * low, -_HUGE), 0.0) if low < 0 else (0.0, min(2 * high, _HUGE))
        return Axis(low, high, scale, _linear_part(low, high))
    if scale == "symlog":
        return _symlog_axis(low, high)
    return _linear_axis(low, high, nice)


def _spread(values: Iterable[npt.ArrayLike], ignore_outliers: bool, scale: Scale) -> tuple[float, float]:
    """The smallest and largest of the values that count; NaN and NaN where none does."""
    parts = []
    for part in values:
        numbers = np.asarray(part)
        if ignore_outliers and len(numbers) > SAMPLE:
            numbers = sample(numbers)
        numbers = numbers[np.isfinite(numbers) & (numbers > 0 if scale == "log" else True)]
        if len(numbers):
            parts.append(numbers if ignore_outliers else np.array([numbers.min(), numbers.max()]))
    if not parts:
        return math.nan, math.nan
    everything = np.concatenate(parts)
    last = len(everything) - 1
    if not ignore_outliers or len(everything) * _OUTER < 1:
        return float(everything.min()), float(everything.max())
    first_kept, last_kept = math.ceil(last * _OUTER), math.floor(last * (1 - _OUTER))
    everything.partition([0, first_kept, last_kept, last])
    lowest, low, high, highest = (float(everything[number]) for number in (0, first_kept, last_kept, last))
    return _without_far_ends(lowest, low, high, highest, scale)


def _without_far_ends(lowest: float, low: float, high: float, highest: float, scale: Scale) -> tuple[float, float]:
    """Of the inner range and the whole one: the whole one at each end where the outer values are not far off."""
    if low == high:
        return low, high
    below, above = Axis(low, high, "log" if scale == "log" else "linear").fraction([lowest, highest])
    return lowest if below >= -_NEAR else low, highest if above <= 1 + _NEAR else high


def _linear_axis(low: float, high: float, nice: bool) -> Axis:
    margin = high * _MARGIN - low * _MARGIN
    padded_low, padded_high = max(low - margin, -_HUGE), min(high + margin, _HUGE)
    if low >= 0 > padded_low:
        padded_low = 0.0
    if high <= 0 < padded_high:
        padded_high = 0.0
    if nice:
        padded_low, padded_high = nice_limits(padded_low, padded_high)
    return Axis(padded_low, padded_high) if padded_low < padded_high else Axis(low, high)


def _symlog_axis(low: float, high: float) -> Axis:
    axis = Axis(low, high, "symlog", _linear_part(low, high))
    margin = _MARGIN
    below, above = (float(part) for part in axis.value([-margin, 1 + margin]))
    if low >= 0 > below:
        below = 0.0
    if high <= 0 < above:
        above = 0.0
    if not (math.isfinite(below) and math.isfinite(above) and below <= low and above >= high):
        return axis
    return Axis(below, above, "symlog", axis.linear)


def _linear_part(low: float, high: float) -> float:
    """Three decades below the largest number a symlog axis becomes linear: steady while the range breathes."""
    size = max(abs(low), abs(high))
    return max(10.0 ** (math.floor(math.log10(size)) - 3), _TINY) if size else 1.0


def nice_step(span: float, count: float) -> float:
    """The round number (1, 2 or 5 times a power of ten) that divides a span in about `count` parts.

    TensorBoard's (D3's) rule: the nearest one on a logarithmic scale. 0 where floats cannot tell.
    """
    rough = span / count
    if not (rough > 0 and math.isfinite(rough)):
        return 0.0
    power = math.floor(math.log10(rough))
    ratio = rough / 10.0**power if power > -308 else rough * 1e308 / 10.0 ** (power + 308)
    factor = 10 if ratio >= math.sqrt(50) else 5 if ratio >= math.sqrt(10) else 2 if ratio >= math.sqrt(2) else 1
    return factor * 10.0**power


def nice_limits(low: float, high: float, count: int = 10) -> tuple[float, float]:
    """The range widened to multiples of a round step; as it was where floats are too coarse or too small for that."""
    for _ in range(4):
        step = nice_step(high - low, count)
        if not step or not math.isfinite(step):
            return low, high
        wider_low, wider_high = _round_to(low, step, math.floor), _round_to(high, step, math.ceil)
        if not (wider_low <= low and wider_high >= high and math.isfinite(wider_high - wider_low)):
            return low, high
        if (wider_low, wider_high) == (low, high):
            break
        low, high = wider_low, wider_high
    return low, high


def _round_to(value: float, step: float, rounding: Callable[[float], int]) -> float:
    """A multiple of the step that is beside the value, or is the value but for the error of floats."""
    parts = value / step
    if abs(parts) > _EXACT:
        return value
    near = round(parts)
    whole = near if abs(parts - near) < max(1e-9, 4e-16 * abs(parts)) else rounding(parts)
    return multiple(whole, step)


def multiple(whole: int, step: float) -> float:
    """whole * step without the error of steps below 1: 3 * 0.1 is 0.3."""
    if 1e-15 < step < 1 and math.isclose((inverse := round(1 / step)) * step, 1.0, rel_tol=1e-12):
        return whole / inverse
    return whole * step


def steady_limits(old: Axis | None, new: Axis, room: float = 0.0) -> Axis:
    """The axis to show when the data ask for `new` and `old` was shown: the old one as long as it serves.

    The old axis stays while the new one lies inside it and fills at least half of it. An end that has to move moves to
    a round number, and beyond by the share `room` of the range, so that it need not move again with the next point:
    0 suits values, 0.125 the x axis of a run that goes on.  Scales that differ: the new axis.
    """
    if old is None or old.scale != new.scale or old.low >= old.high or new.low >= new.high:
        return new
    share_low, share_high = (float(part) for part in old.fraction([new.low, new.high]))
    if share_low >= -_SAME and share_high <= 1 + _SAME and share_high - share_low >= 0.5:
        return old
    if share_high - share_low < 0.5 or share_high - share_low > 4:
        low, high = new.low, new.high
    else:
        low = old.low if -_SAME <= share_low <= 0.25 else new.low
        high = old.high if 0.75 <= share_high <= 1 + _SAME else new.high
    if room and high > old.high:
        high = _with_room(low, high, room)
    return Axis(low, high, new.scale, new.linear)


def _with_room(low: float, high: float, room: float) -> float:
    span = high - low
    step = nice_step(span, 2 / room)
    further = _round_to(high + room * span, step, math.ceil) if step else high
    return further if math.isfinite(further) and further >= high else high
