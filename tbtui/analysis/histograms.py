"""Histograms in bins of one width: exactly as TensorBoard rebins them, and compactly for pictures of many steps.

`rebin` and `common_range` follow TensorBoard's histogram dashboard to the letter. `sketches` keeps of each histogram a
curve of how many of its values lie below each of some edges; from these any number of steps is brought into any bins at
once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tbtui.analysis.digests import MEAN, STD, ZEROS, digests

if TYPE_CHECKING:
    from tbtui.events.summaries import Histogram

__all__ = [
    "BINS",
    "HIGH",
    "LOW",
    "SKETCH",
    "TOTAL",
    "Statistics",
    "bin_edges",
    "binned",
    "central_range",
    "common_range",
    "rebin",
    "sketches",
    "statistics",
    "whole_range",
]

Floats = npt.NDArray[np.float64]

BINS = 30
"""TensorBoard's."""

KNOTS = 64
LOW, HIGH, TOTAL = range(3)
"""Columns of a sketch: its first and last edge, and how many values there are."""
SKETCH = 3 + 2 * KNOTS
"""Columns of a sketch; the last are edges, as shares of its range, and the shares of values below each."""

_AT = slice(3, 3 + KNOTS)
_BELOW = slice(3 + KNOTS, SKETCH)
_EVEN = KNOTS // 2
_HUGE = 1.7e308
_LARGEST = 1.7976931348623157e308


# --- TensorBoard's rule


@np.errstate(all="ignore")
def common_range(histograms: Sequence[Histogram]) -> tuple[float, float]:
    """The one range for all of them: from the smallest left edge to the largest right one; (0, 0) without buckets."""
    lefts = [float(np.nanmin(one.left)) for one in histograms if len(one.count) and not np.isnan(one.left).all()]
    rights = [float(np.nanmax(one.right)) for one in histograms if len(one.count) and not np.isnan(one.right).all()]
    return (min(lefts), max(rights)) if lefts and rights else (0.0, 0.0)


@np.errstate(all="ignore")
def bin_edges(low: float, high: float, bins: int = BINS) -> Floats:
    """Edges float64[bins + 1] of bins of one width; where there is no range, of one around the value."""
    low, high = _with_room(low, high)
    edges = np.asarray(low + _width(low, high, bins) * np.arange(bins + 1), np.float64)
    edges[-1] = high
    return edges


def _with_room(low: float, high: float) -> tuple[float, float]:
    """A range around a single value: TensorBoard's, or its mirror image where that leaves a negative value out."""
    if low != high:
        return low, high
    below, above = low / 1.1 - 1, high * 1.1 + 1
    if not below <= low <= above:
        below, above = low * 1.1 - 1, high / 1.1 + 1
    return max(below, -_LARGEST), min(above, _LARGEST)


def _width(low: float, high: float, bins: int) -> float:
    width = (high - low) / bins
    return width if math.isfinite(width) else high / bins - low / bins


@np.errstate(all="ignore")
def rebin(histograms: Sequence[Histogram], low: float, high: float, bins: int = BINS) -> Floats:
    """Counts of each histogram in bins of one width from low to high (see `bin_edges`), float64[n, bins].

    A bucket, cut to the range, is shared out by how much of it lies in each bin; one without width counts where it
    lies: at an edge between two bins in the right one, at the last edge in the last bin. What has no number for an edge
    is in no bin, nor is what lies beside all of them.
    A bin ends one width after its beginning, as rounded, which is not always where the next one begins: so it is in
    TensorBoard, and it decides where values go that lie at an edge. Unlike there none is lost or counted twice by it.
    """
    rows = np.repeat(np.arange(len(histograms)), [len(one.count) for one in histograms])
    if not len(rows) or bins < 1:
        return np.zeros((len(histograms), max(bins, 0)))
    low, high = _with_room(low, high)
    begins = low + _width(low, high, bins) * np.arange(bins)
    ends = begins + _width(low, high, bins)
    ends[-1] = high
    left, right, count = (
        np.concatenate([getattr(one, part) for one in histograms]) for part in ("left", "right", "count")
    )
    left, right = np.where(np.isnan(left), right, left), np.where(np.isnan(right), left, right)
    inside = (right >= low) & (left <= high) & (count > 0) & np.isfinite(count)
    # What only touches the outermost edges from beyond has no part of it inside.
    inside &= (left == right) | ((right > low) & (left < high))
    rows, count = rows[inside], count[inside]
    left, right = np.maximum(left[inside], low), np.minimum(right[inside], high)
    first = np.minimum(np.searchsorted(ends, left, side="right"), bins - 1)
    last = np.maximum(np.searchsorted(begins, right, side="left") - 1, first)
    last = np.where(left == right, first, last)
    pieces = last - first + 1
    which = np.repeat(np.arange(len(rows)), pieces)
    bin_ = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    overlap = np.minimum(right[which], ends[bin_]) - np.maximum(left[which], begins[bin_])
    width = (right - left)[which]
    part = np.where(width > 0, np.maximum(overlap, 0) / width, 1.0)
    whole = np.bincount(which, part)  # 1, unless a bucket is so narrow that it lies in two bins, as rounded, or in none
    part = np.where(whole[which] > 0, part / whole[which], 1 / pieces[which])
    flat = np.bincount(rows[which] * bins + bin_, part * count[which], minlength=len(histograms) * bins)
    return np.asarray(flat.reshape(len(histograms), bins), np.float64)


# --- one histogram in numbers


@dataclass(frozen=True, slots=True)
class Statistics:
    """One histogram in numbers; NaN where there is none.

    count: values in buckets. zeros: share of values that are 0; where a wide bucket holds 0 among others it is at most
    `zeros`, and `zeros_at_most` is true. bad: share of values that are NaN or infinite.
    exact: mean and deviation are of the values themselves, and not of the middles of buckets.
    """

    count: float
    minimum: float
    maximum: float
    mean: float
    std: float
    zeros: float
    zeros_at_most: bool
    bad: float
    exact: bool
    buckets: int


@np.errstate(all="ignore")
def statistics(one: Histogram) -> Statistics:
    """What there is to say of one histogram."""
    row = digests([one])[0]
    zeros, at_most = float(row[ZEROS]), False
    total = one.total
    if math.isnan(zeros) and total > 0:
        holds = (one.left <= 0) & (one.right >= 0)
        zeros, at_most = float(one.count[holds].sum() / total), True
    numberless = ~(np.isfinite(one.left) & np.isfinite(one.right))
    bad = float(one.count[numberless].sum())
    stated = one.number
    if stated is not None and stated > total:
        bad, total = bad + stated - total, stated
    exact = one.sum is not None and one.sum_squares is not None and math.isfinite(one.sum_squares)
    minimum, maximum = (one.minimum, one.maximum) if len(one.count) else (math.nan, math.nan)
    share = bad / total if total > 0 else math.nan
    return Statistics(
        one.total, minimum, maximum, float(row[MEAN]), float(row[STD]), zeros, at_most, share, exact, len(one.count)
    )


# --- many steps at once


@np.errstate(all="ignore")
def sketches(histograms: Sequence[Histogram]) -> Floats:
    """A row for each histogram, float64[n, SKETCH]; TOTAL is 0 where there is nothing in it.

    With few buckets their own edges are kept; else as many even ones as such between which equally many values lie.
    """
    rows = np.zeros((len(histograms), SKETCH))
    rows[:, _AT] = 1.0
    rows[:, _BELOW] = 1.0
    for row, one in zip(rows, histograms, strict=True):
        _sketch(row, one)
    return rows


def _sketch(row: Floats, one: Histogram) -> None:
    used = np.flatnonzero((one.count > 0) & np.isfinite(one.count))
    if not len(used):
        return
    first, last = used[0], used[-1] + 1
    left, right, count = one.left[first:last], one.right[first:last], one.count[first:last]
    if not np.isfinite(right[-1]):  # infinite, or no number: as far as the next edge that is one
        right = np.append(right[:-1], left[-1])
    if not np.isfinite(left[0]):
        left = np.append(right[0], left[1:])
    low, high = float(np.clip(left[0], -_HUGE, _HUGE)), float(np.clip(right[-1], -_HUGE, _HUGE))
    if not (math.isfinite(low) and math.isfinite(high)) or low > high:
        return
    row[LOW], row[HIGH], row[TOTAL] = low, high, count[count > 0].sum()
    if low == high:
        row[_AT.start] = row[_BELOW.start] = 0.0
        return
    half = high / 2 - low / 2
    edges = np.append(0.0, (right / 2 - low / 2) / half)
    edges = np.maximum.accumulate(np.clip(np.nan_to_num(edges), 0.0, 1.0))
    below = np.append(0.0, np.cumsum(np.where(count > 0, count, 0.0)))
    below /= below[-1]
    if len(edges) > KNOTS:
        even = np.linspace(0.0, 1.0, _EVEN)
        by_mass = np.interp(np.linspace(0.0, 1.0, KNOTS - _EVEN + 2)[1:-1], below, edges)
        knots = np.sort(np.concatenate((even, by_mass)))
        edges, below = knots, np.interp(knots, edges, below)
        below[-1] = 1.0
    row[_AT][: len(edges)], row[_BELOW][: len(edges)] = edges, below


@np.errstate(all="ignore")
def binned(rows: Floats, edges: Floats) -> Floats:
    """How many values of each sketch float64[n, SKETCH] lie between neighbours of edges float64[b + 1], float64[n, b].

    What lies beside the edges is in no bin; what lies at an edge is in the bin above it, at the last one below.
    """
    if not len(rows):
        return np.zeros((0, max(len(edges) - 1, 0)))
    low, high = rows[:, LOW, None], rows[:, HIGH, None]
    span = high / 2 - low / 2
    place = np.where(span > 0, (edges / 2 - low / 2) / span, np.where(edges > low, 1.0, 0.0))
    place = np.clip(np.nan_to_num(place), 0.0, 1.0)
    place[:, -1] = np.where(span[:, 0] > 0, place[:, -1], np.where(edges[-1] >= low[:, 0], 1.0, 0.0))
    apart = 2.0 * np.arange(len(rows))[:, None]
    below = np.interp((place + apart).ravel(), (rows[:, _AT] + apart).ravel(), rows[:, _BELOW].ravel())
    below = below.reshape(place.shape)
    below = np.where(place <= 0, 0.0, np.where(place >= 1, 1.0, below))
    return np.maximum(np.diff(below, axis=1), 0.0) * rows[:, TOTAL, None]


def whole_range(rows: Floats) -> tuple[float, float]:
    """From the smallest to the largest value of all sketches; (0, 0) where there are none."""
    full = rows[rows[:, TOTAL] > 0]
    return (float(full[:, LOW].min()), float(full[:, HIGH].max())) if len(full) else (0.0, 0.0)


@np.errstate(all="ignore")
def central_range(rows: Floats, share: float = 0.99) -> tuple[float, float]:
    """The range in which this share of the values of every step lies: without the few far ones."""
    full = rows[rows[:, TOTAL] > 0]
    if not len(full):
        return 0.0, 0.0
    apart = 2.0 * np.arange(len(full))
    ends = []
    for part in ((1 - share) / 2, (1 + share) / 2):
        at = np.interp(part + apart, (full[:, _BELOW] + apart[:, None]).ravel(), full[:, _AT].ravel())
        ends.append(full[:, LOW] * (1 - at) + full[:, HIGH] * at)
    return float(ends[0].min()), float(ends[1].max())
