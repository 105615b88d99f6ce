"""A series of histograms brought into the cells of a picture: columns of time, slices of steps, one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.histograms import SKETCH, TOTAL, bin_edges, binned, central_range, whole_range
from tbtui.analysis.ticks import TickKind
from tbtui.dashboards.digests import Digest
from tbtui.dashboards.steps import nearest

__all__ = ["Course", "Range", "Way", "together"]

Floats = npt.NDArray[np.float64]
Way = Literal["step", "relative", "wall"]
"""What the axis of time counts."""
Range = tuple[float, float]

_MARGIN = 0.02
"""Share of the range that is left free on either side."""
_HUGE = 1.7e308

KINDS: dict[Way, TickKind] = {"step": "step", "relative": "relative", "wall": "wall"}


@dataclass(slots=True)
class Course:
    """The histograms of one series that were read by now, along an axis of time.

    x: float64[n], rising as far as clocks do; rows: sketches float64[n, SKETCH].
    """

    digest: Digest
    way: Way
    x: Floats
    rows: Floats
    kept: dict[tuple[float, float, int], Floats] = field(default_factory=dict)

    @staticmethod
    def of(digest: Digest, way: Way, start: float | None) -> Course:
        """Along steps, the time since `start`, or the wall clock."""
        rows = digest.rows if digest.rows.shape[1] == SKETCH else np.empty((0, SKETCH))
        if way == "step":
            x = digest.steps.astype(np.float64)
        else:
            walls = np.maximum.accumulate(np.nan_to_num(digest.walls)) if len(digest.walls) else digest.walls
            x = walls - (start if start is not None else walls[0]) if way == "relative" and len(walls) else walls
        return Course(digest, way, x, rows)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def kind(self) -> TickKind:
        """How the axis is labelled."""
        return KINDS[self.way]

    def axis(self) -> Axis:
        """From the first to the last, each with the room that belongs to it."""
        if not len(self.x):
            return Axis(0.0, 1.0)
        edges = self._edges()
        return Axis(float(edges[0]), float(edges[-1]))

    def range(self, central: bool) -> Range:
        """The values to show: all, or without the few far ones."""
        return central_range(self.rows) if central else whole_range(self.rows)

    def counts(self, low: float, high: float, bins: int) -> Floats:
        """Counts of every step in bins of one width, float64[n, bins]; of the last picture they are kept."""
        key = (low, high, bins)
        if key not in self.kept:
            if len(self.kept) > 2:
                self.kept.clear()
            self.kept[key] = binned(self.rows, bin_edges(low, high, bins))
        return self.kept[key]

    def columns(self, counts: Floats, axis: Axis, width: int) -> Floats:
        """The mean of the steps in each of `width` columns of the axis, float64[width, bins]; NaN beside all steps.

        A column narrower than the distance of steps shows the step it belongs to.
        """
        edges = self._edges()
        at = np.linspace(axis.low, axis.high, width + 1)
        first = np.searchsorted(edges, at[:-1], side="right") - 1
        last = np.searchsorted(edges, at[1:], side="left")
        there = (at[1:] > edges[0]) & (at[:-1] < edges[-1]) if len(edges) else np.zeros(width, np.bool_)
        first, last = np.clip(first, 0, max(len(counts) - 1, 0)), np.clip(last, 1, max(len(counts), 1))
        if not len(counts):
            return np.full((width, counts.shape[1]), np.nan)
        last = np.maximum(last, first + 1)
        sums = np.concatenate((np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)))
        mean = (sums[last] - sums[first]) / (last - first)[:, None]
        single = last - first == 1
        mean[single] = counts[first[single]]  # without the error of sums
        mean[~there] = np.nan
        return np.maximum(mean, 0.0)

    def slices(self, wanted: int) -> list[npt.NDArray[np.int64]]:
        """The steps as at most so many groups along the axis, each of neighbours; the newest stands for the last."""
        count = len(self.x)
        if count <= wanted:
            return [np.array([number]) for number in range(count)]
        low, high = self.x[0], self.x[-1]
        place = (self.x - low) / (high - low) if high > low else np.arange(count) / (count - 1)
        group = np.minimum((place * wanted).astype(np.int64), wanted - 1)
        found = np.split(np.arange(count), np.flatnonzero(np.diff(group)) + 1)
        return [*found[:-1], np.array([count - 1])]

    def places(self, slices: list[npt.NDArray[np.int64]]) -> Floats:
        """Where each group stands, 0 for the first and 1 for the last, by its last member."""
        x = self.x[[group[-1] for group in slices]]
        span = x[-1] - x[0] if len(x) else 0.0
        return np.asarray((x - x[0]) / span) if span > 0 else np.linspace(0, 1, len(slices) + 1)[1:]

    def at(self, step: int | None) -> int | None:
        """Which of those read is nearest to a step; None: the newest one."""
        if step is None:
            return len(self.x) - 1 if len(self.x) else None
        return nearest(self.digest.steps, step)

    @property
    def largest(self) -> float:
        """The largest number of values in one of them."""
        return float(self.rows[:, TOTAL].max(initial=0.0))

    def _edges(self) -> Floats:
        """Where what belongs to a step begins and ends: half way to its neighbours, float64[n + 1]."""
        x = self.x
        if not len(x):
            return np.empty(0)
        between = x[:-1] / 2 + x[1:] / 2
        before, after = (x[1] - x[0], x[-1] - x[-2]) if len(x) > 1 else (1.0, 1.0)
        return np.concatenate(([x[0] - before / 2], between, [x[-1] + after / 2]))


def together(ranges: list[Range]) -> Range:
    """One range for several; a little wider where there is only one value."""
    used = [one for one in ranges if one != (0.0, 0.0)] or ranges
    low = min((one[0] for one in used), default=0.0)
    high = max((one[1] for one in used), default=0.0)
    if low == high:
        size = abs(low) or 1.0
        return low - size / 2, high + size / 2
    margin = high * _MARGIN - low * _MARGIN
    wider = max(low - margin, -_HUGE), min(high + margin, _HUGE)
    return wider if margin > 0 else (low, high)
