"""TensorBoard's smoothing: an exponential moving average from which the pull of its start is divided out.

The rule, value by value: ``last = last * w + (1 - w) * x`` and ``shown = last / (1 - w**n)``, with `last` 0 before the
first value and `n` counting values. Values that are not finite are shown as they are and count for nothing. While
all values are equal they are shown unchanged, so that rounding can't make a flat line uneven.

The average is computed for blocks of values at once: within a block as a product with a triangular matrix of powers of
`w`, and from block to block by the same method on the blocks' ends.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["Smoother", "smooth"]

Floats = npt.NDArray[np.float64]

_BLOCK = 32
_SHORT = 128
"""Up to so many values are one block."""


def smooth(values: npt.ArrayLike, weight: float) -> Floats:
    """Smooth a whole series.

    values: numbers[n] in their order; weight: 0 (unchanged) up to, but not including, 1. Returns float64[n], a new
    array. Raises ValueError for another weight.
    """
    return Smoother(weight).extend(values)


class Smoother:
    """Smooths a series that grows: each call of :meth:`extend` goes on where the last one ended.

    What was returned once never changes. Raises ValueError for a weight outside 0 <= weight < 1.
    """

    def __init__(self, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"the weight of smoothing must be at least 0 and less than 1, not {weight}")
        self.weight = float(weight)
        self._last = 0.0
        self._count = 0
        self._first: float | None = None  # the value all others equal so far; NaN once one did not

    def extend(self, values: npt.ArrayLike) -> Floats:
        """The smoothed values float64[m] of the next `m` values of the series."""
        out = np.array(values, dtype=np.float64).reshape(-1)
        if self.weight == 0 or not len(out):
            return out
        finite = np.isfinite(out)
        whole = bool(finite.all())
        series = out if whole else out[finite]
        if not len(series):
            return out
        smoothed = self._smooth_finite(series)
        if whole:
            return smoothed
        out[finite] = smoothed
        return out

    def _smooth_finite(self, series: Floats) -> Floats:
        same = self._equal_so_far(series)
        averages = moving_average(series, self.weight, self._last)
        self._last = averages.item(-1)
        _divide_out_start(averages, self.weight, self._count)
        self._count += len(series)
        averages[:same] = series[:same]
        return averages

    def _equal_so_far(self, series: Floats) -> int:
        """How many values at the start go on equalling all values before them."""
        if self._first is None:
            self._first = series.item(0)
        different = series != self._first
        if not different.any():
            return len(series)
        same = int(np.argmax(different))
        self._first = math.nan
        return same


def moving_average(series: Floats, weight: float, last: float) -> Floats:
    """``last = last * weight + (1 - weight) * x`` after each of n values, float64[n], beginning with `last`."""
    count = len(series)
    if count <= _SHORT:
        within, powers = _weights(weight, _SHORT)
        averages = series @ within[:count, :count]
        if last:
            averages += last * powers[1 : count + 1]
        return averages
    blocks = -(-count // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[:count] = series
    within, powers = _weights(weight, _BLOCK)
    averages = padded.reshape(blocks, _BLOCK) @ within
    # What a block passes on is its own end plus what it was given, faded by a block's length: the same rule again.
    block_weight = powers.item(_BLOCK)
    before = np.empty(blocks)
    before[0] = last
    before[1:] = moving_average(averages[:-1, -1] / (1 - block_weight), block_weight, last)
    averages += before[:, None] * powers[None, 1:]
    return averages.reshape(-1)[:count]


@lru_cache(maxsize=64)
def _weights(weight: float, size: int) -> tuple[Floats, Floats]:
    """What each value of a block adds to each average of it, float64[size, size]; powers of the weight [size + 1]."""
    powers: Floats = np.power(weight, np.arange(size + 1, dtype=np.float64))
    lags = np.arange(size)[None, :] - np.arange(size)[:, None]
    within: Floats = (1 - weight) * np.where(lags >= 0, powers[np.abs(lags)], 0.0)
    return within, powers


def _divide_out_start(averages: Floats, weight: float, count: int) -> None:
    """Divide the average after `count + 1` values and later by ``1 - weight**n``, in place, until that is 1."""
    unfelt = math.ceil(-40 / math.log(weight)) if weight > 1e-17 else 1
    until = min(len(averages), max(0, unfelt - count))
    if count + until <= _SHORT:
        averages[:until] /= _starts(weight)[count : count + until]
    else:
        averages[:until] /= 1 - weight ** np.arange(count + 1, count + until + 1)


@lru_cache(maxsize=64)
def _starts(weight: float) -> Floats:
    """``1 - weight**n`` for n from 1 to `_SHORT`: what short series need, of which there may be thousands."""
    found: Floats = 1 - np.power(weight, np.arange(1, _SHORT + 1, dtype=np.float64))
    return found
