"""Numbers about a stretch of a series: what the table and the range marks show. True values, never smoothed ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tbtui.analysis.goals import Goal
from tbtui.store import Points

LOOKED_AT = 65_536
"""Of longer series so many values are looked at for a sparkline."""

Values = npt.NDArray[np.float64] | npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stats:
    """What the finite values of a stretch are like; NaN (and None for steps) where there is none.

    count: all values, those that are not finite included; bad: how many of them are not finite; previous: the last
    finite value before the last value; first_step: of the first finite value.
    """

    count: int = 0
    bad: int = 0
    first: float = math.nan
    last: float = math.nan
    last_step: int | None = None
    low: float = math.nan
    low_step: int | None = None
    high: float = math.nan
    high_step: int | None = None
    mean: float = math.nan
    previous: float = math.nan
    first_step: int | None = None

    @property
    def delta(self) -> float:
        """From the finite value before the last one to the last one."""
        return self.last - self.previous

    @property
    def change(self) -> float:
        """From the first finite value to the last one; NaN where the last one is NaN."""
        return self.last - self.first

    @property
    def percent(self) -> float:
        """The change in hundredths of the first value; NaN where that is 0."""
        return 100 * self.change / abs(self.first) if self.first else math.nan

    def best(self, goal: Goal) -> tuple[float, int | None]:
        """The best finite value and the first step at which it was reached; NaN and None where there is none."""
        return (self.high, self.high_step) if goal == "up" else (self.low, self.low_step)


def stats_of(points: Points, part: slice | None = None) -> Stats:
    """Numbers about the points of a part, by default all. `last` is the last value even when it is not finite."""
    part = part or slice(0, len(points.steps))
    values, steps = points.values[part], points.steps[part]
    if not len(values):
        return Stats()
    finite = np.isfinite(values)
    previous = _last_finite(values[:-1])
    bad = len(values) - int(np.count_nonzero(finite))
    last, last_step = float(values[-1]), int(steps[-1])
    if bad:
        kept = np.flatnonzero(finite)
        if not len(kept):
            return Stats(len(values), bad, last=last, last_step=last_step)
        values, steps = values[kept], steps[kept]
    low, high = int(values.argmin()), int(values.argmax())
    return Stats(
        count=bad + len(values),
        bad=bad,
        first=float(values[0]),
        last=last,
        last_step=last_step,
        low=float(values[low]),
        low_step=int(steps[low]),
        high=float(values[high]),
        high_step=int(steps[high]),
        mean=mean_of(values),
        previous=previous,
        first_step=int(steps[0]),
    )


def _last_finite(values: Values) -> float:
    for stop in range(len(values), 0, -64):
        part = values[max(0, stop - 64) : stop]
        finite = part[np.isfinite(part)]
        if len(finite):
            return float(finite[-1])
    return math.nan


def mean_of(values: Values) -> float:
    """The mean of finite values, in double precision, and right even where their sum is too large for a float."""
    with np.errstate(over="ignore"):
        mean = float(values.mean(dtype=np.float64))
        if math.isfinite(mean):
            return mean
        mean = float((values.astype(np.float64) / len(values)).sum())
    return min(max(mean, float(values.min())), float(values.max()))  # rounding may lead beyond the largest float


def thumbnail(values: Values, width: int) -> npt.NDArray[np.float64]:
    """`width` values that stand for many, for a sparkline: the mean of the finite values of each part, else NaN."""
    if len(values) <= width:
        return values.astype(np.float64)
    edges = np.linspace(0, len(values), width + 1).astype(np.int64)
    finite = np.isfinite(values)
    counts = np.add.reduceat(finite.astype(np.int64), edges[:-1])
    sums = np.add.reduceat(np.where(finite, values, 0).astype(np.float64), edges[:-1])
    with np.errstate(all="ignore"):
        means: npt.NDArray[np.float64] = np.where(counts > 0, sums / counts, np.nan)
    return means


def ends_of_parts(values: Values, parts: int) -> Values:
    """The smallest and the largest value of each part of a series, at most 2 * parts values.

    Shorter series are returned as they are. Up to `LOOKED_AT` values no spike gets lost; of more than twice as many
    only every second, third, ... is looked at.
    Parts without a number are NaN.
    """
    if len(values) <= 2 * parts:
        return values
    some = values[:: max(1, len(values) // LOOKED_AT)]
    starts = np.arange(parts) * len(some) // parts
    low, high = np.fmin.reduceat(some, starts), np.fmax.reduceat(some, starts)
    found: Values = np.stack((low, high), axis=1).reshape(-1)
    return found
