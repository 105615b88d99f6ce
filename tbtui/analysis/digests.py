"""What is kept of a histogram when many of them are looked at over time: its percentiles and a few numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tbtui.analysis.percentiles import BASIS_POINTS, percentiles

if TYPE_CHECKING:
    from tbtui.events.summaries import Histogram

__all__ = [
    "COUNT",
    "EVEN",
    "LARGEST",
    "MEAN",
    "NINE",
    "STD",
    "WIDTH",
    "ZEROS",
    "digests",
]

Floats = npt.NDArray[np.float64]

NINE = slice(0, 9)
"""Columns of TensorBoard's nine percentiles."""
EVEN = slice(9, 19)
"""Columns of ten percentiles that stand for a tenth of the values each: 5 %, 15 %, ... 95 %."""
MEAN, STD, LARGEST, ZEROS, COUNT = range(19, 24)
"""Columns: mean, standard deviation, largest absolute value, share of zeros (NaN where the buckets do not tell), and
how many values there are."""
WIDTH = 24
"""Columns of a digest."""

_EVEN_POINTS = tuple(500.0 + 1000.0 * part for part in range(10))
_NEAR_ZERO = 1e-6
"""Values in buckets that end within this share of the largest value count as zeros."""


@np.errstate(all="ignore")
def digests(histograms: Sequence[Histogram]) -> Floats:
    """A row of numbers for each histogram, float64[n, WIDTH]; NaN where there are no values."""
    table = np.full((len(histograms), WIDTH), np.nan)
    table[:, : EVEN.stop] = percentiles(histograms, (*BASIS_POINTS, *_EVEN_POINTS))
    for row, one in enumerate(histograms):
        table[row, COUNT] = one.total
        if not one.total > 0:
            table[row, : EVEN.stop] = np.nan
            continue
        mean, variance = _moments(one)
        largest = max(abs(one.minimum), abs(one.maximum))
        table[row, MEAN], table[row, STD] = mean, math.sqrt(variance) if variance > 0 else 0.0
        table[row, LARGEST] = largest
        table[row, ZEROS] = _zeros(one, largest)
    return table


def _moments(one: Histogram) -> tuple[float, float]:
    """Mean and variance: exact where the writer told the sums, else with the values spread evenly in each bucket."""
    if one.sum is not None and one.sum_squares is not None and math.isfinite(one.sum_squares):
        mean = one.sum / one.total
        return mean, max(one.sum_squares / one.total - mean * mean, 0.0)
    used = np.flatnonzero(one.count > 0)
    left, right, share = one.left[used], one.right[used], one.count[used] / one.total
    middle = left / 2 + right / 2
    mean = float(middle @ share)
    return mean, float(((middle - mean) ** 2 + (right - left) ** 2 / 12) @ share)


def _zeros(one: Histogram, largest: float) -> float:
    """The share of zeros; NaN where the bucket that holds them is wide and holds others too."""
    if largest == 0:
        return 1.0
    near = _NEAR_ZERO * largest
    tight = (one.left >= -near) & (one.right <= near)
    holds = (one.left <= 0) & (one.right >= 0)
    wide = holds & ~tight & (one.count > 0)
    if wide.any() and ((one.left < 0) & (one.right > 0) & wide).any():
        return math.nan
    if wide.any() and not (tight & holds).any():  # it begins or ends with zero, and no other would have taken them
        return math.nan
    return float(one.count[tight].sum() / one.total)
