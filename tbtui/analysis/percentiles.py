"""Where the values of histograms lie: TensorBoard's nine percentiles, and any others, of many histograms at once.

The rule is that of TensorBoard's distributions: a share of the whole count is looked for in the running sum of the
counts, and inside the bucket in which it is reached the values are taken to be spread evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tbtui.events.summaries import Histogram

__all__ = ["BASIS_POINTS", "MEDIAN", "PERCENTILE_NAMES", "percentiles"]

Floats = npt.NDArray[np.float64]

BASIS_POINTS = (0.0, 668.0, 1587.0, 3085.0, 5000.0, 6915.0, 8413.0, 9332.0, 10000.0)
"""TensorBoard's nine, in hundredths of a percent: smallest, -1.5, -1, -0.5 standard deviations of a normal
distribution, median, and as far above it."""

MEDIAN = 4
"""Which of the nine is the median."""

PERCENTILE_NAMES = ("min", "7%", "16%", "31%", "median", "69%", "84%", "93%", "max")
"""What people call the nine."""

WHOLE = 10000.0

_BLOCK = 4_000_000
"""Numbers of the table in which histograms are put side by side, at most: for the memory it takes."""


@np.errstate(all="ignore")
def percentiles(histograms: Sequence[Histogram], basis_points: Sequence[float] = BASIS_POINTS) -> Floats:
    """Percentiles of each histogram, float64[n, len(basis_points)].

    basis_points: in hundredths of a percent, 0 to 10000. A histogram without buckets has zeros, one whose counts are
    all 0 its largest edge, as in TensorBoard.
    """
    wanted = np.asarray(basis_points, np.float64)
    found = np.zeros((len(histograms), len(wanted)))
    order = sorted((i for i, one in enumerate(histograms) if len(one.count)), key=lambda i: len(histograms[i].count))
    while order:  # those with about as many buckets are put side by side
        longest = len(histograms[order[-1]].count)
        here = order[-max(1, _BLOCK // longest) :]
        del order[-len(here) :]
        found[here] = _side_by_side([histograms[i] for i in here], longest, wanted)
    return found


def _side_by_side(histograms: Sequence[Histogram], longest: int, wanted: Floats) -> Floats:
    """The same of some that have at least one and at most `longest` buckets."""
    rows = len(histograms)
    running = np.zeros((rows, longest))
    right = np.zeros((rows, longest))
    first = np.empty((rows, len(wanted)), np.int64)
    for row, one in enumerate(histograms):
        count = len(one.count)
        running[row, :count] = one.count * WHOLE / (one.count.sum() or 1.0)
        right[row, :count] = one.right
    np.cumsum(running, axis=1, out=running)
    for row, one in enumerate(histograms):
        first[row] = np.searchsorted(running[row, : len(one.count)], wanted, side="right")
    lengths = np.array([len(one.count) for one in histograms])[:, None]
    low = np.array([one.left[0] for one in histograms])[:, None]
    high = np.array([one.right[-1] for one in histograms])[:, None]
    beyond = first >= lengths
    here = np.minimum(first, lengths - 1)
    before = np.maximum(here - 1, 0)
    sums = np.take_along_axis(running, here, axis=1)
    sums_before = np.where(here > 0, np.take_along_axis(running, before, axis=1), 0.0)
    begin = np.take_along_axis(right, before, axis=1)
    end = np.take_along_axis(right, here, axis=1)
    begin = np.where(sums_before == 0, low, np.where(low > begin, low, begin))
    end = np.where(high < end, high, end)
    inside = begin + (wanted - sums_before) * (end - begin) / (sums - sums_before)
    return np.asarray(np.where(beyond, high, inside))
