"""What curves do in the columns of a plot: of many curves at once, for a chart may show hundreds of short ones.

Every answer is exact: the smallest and largest of all values of a curve between the edges of a column, and where no
value is, the line between the two points beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.analysis.reduce import Bools, Flags, Floats, Integers, Places, Pyramid, Values, flags_of

__all__ = ["Extents", "Rising", "column_extents", "crossing", "edges", "placed", "stacked_extents"]

SHORT = 4096
"""Curves with at most so many points in sight are looked at together, point by point; longer ones by their pyramid."""

_INT_END = 2.0**63


class Rising(NamedTuple):
    """A curve whose x never falls (else: `paths.column_path`): x int64[n] or float64[n], from which origin is
    subtracted, and the pyramid of its values."""

    x: Places
    pyramid: Pyramid
    origin: float = 0.0


class Extents(NamedTuple):
    """What m curves do in n columns of a plot and in one more on either side (number 0 and n + 1).

    low, high: float64[m, n + 2], fractions of the y axis (0 bottom, 1 top, beyond outside), NaN where there is nothing;
    linked: bool[m, n + 1], whether the line goes on from a column into the next;
    flags: uint8[m, n + 2], bits NAN, PLUS_INF, MINUS_INF, BELOW of what else is in a column.
    """

    low: Floats
    high: Floats
    linked: Bools
    flags: Flags


def column_extents(curve: Rising, x_axis: Axis, y_axis: Axis, columns: int) -> Extents:
    """`stacked_extents` of one curve, without the dimension for the curves."""
    return Extents(*(part[0] for part in stacked_extents([curve], x_axis, y_axis, columns)))


def stacked_extents(curves: Sequence[Rising], x_axis: Axis, y_axis: Axis, columns: int) -> Extents:
    """The smallest and largest value of all points in each column, exactly, and where the line crosses empty columns.

    The axis is cut into even columns; each holds its lower edge, the last one the end of the axis too.
    A column without points, between two points that count, has the value of the line at its middle.
    """
    positive = y_axis.scale == "log"
    if positive:
        curves = [Rising(curve.x, curve.pyramid.positive(), curve.origin) for curve in curves]
    counts = np.array([min(len(curve.x), len(curve.pyramid)) for curve in curves], np.int64)
    bounds = np.empty((len(curves), columns + 3), np.int64)
    for number, (x, _, origin) in enumerate(curves):
        bounds[number] = _bounds(x[: counts[number]], x_axis, columns, origin)
    near = _Near(curves, counts, bounds, positive)
    low, high, flags = near.extremes()
    for number in near.long:
        low[number], high[number], flags[number] = curves[number].pyramid.between(bounds[number])
    filled = low <= high
    low[~filled] = high[~filled] = np.nan
    low[filled], high[filled] = y_axis.fraction((low[filled], high[filled]))

    # The two points beside each border between columns; the line goes on where both count.
    (x_left, y_left), (x_right, y_right) = near.beside()
    linked = (bounds[:, 1:-1] > 0) & (bounds[:, 1:-1] < counts[:, None])
    for x, y in ((x_left, y_left), (x_right, y_right)):
        linked &= np.isfinite(x) & np.isfinite(y)
        if x_axis.scale == "log":
            linked &= x > 0
        if positive:
            linked &= y > 0
    # Columns without points through which the line goes.
    passed = bounds[:, 1:] == bounds[:, :-1]
    passed[:, :-1] &= linked
    passed[:, 1:] &= linked
    row, column = np.nonzero(passed)
    border = np.maximum(column - 1, 0)
    ends_x = tuple(x_axis.fraction(x[row, border]) for x in (x_left, x_right))
    ends_y = tuple(y_axis.fraction(y[row, border]) for y in (y_left, y_right))
    low[row, column] = high[row, column] = crossing(
        (column - 0.5) / columns, (ends_x[0], ends_x[1]), (ends_y[0], ends_y[1])
    )
    return Extents(low, high, linked, flags)


class _Near:
    """The points of many curves that lie in the columns, and the nearest ones beside them, in one row."""

    def __init__(self, curves: Sequence[Rising], counts: Integers, bounds: Integers, positive: bool) -> None:
        self._curves, self._bounds, self._positive = curves, bounds, positive
        first, stop = np.maximum(bounds[:, 0] - 1, 0), np.minimum(bounds[:, -1] + 1, counts)
        is_short = stop - first <= SHORT
        self.long: list[int] = np.flatnonzero(~is_short).tolist()
        lengths = np.where(is_short, stop - first, 0)
        self._shift = np.cumsum(lengths) - lengths - first
        """To be added to the number of a point in its curve; means nothing for long curves."""
        self._short = is_short
        parts = [curves[number] for number in np.flatnonzero(is_short).tolist()]
        slices = [slice(*ends) for ends in zip(first[is_short].tolist(), stop[is_short].tolist(), strict=True)]
        pairs = list(zip(parts, slices, strict=True))
        self._values = np.concatenate([np.empty(0, np.float32), *(curve.pyramid.values[part] for curve, part in pairs)])
        origins = np.repeat([curve.origin for curve in parts], lengths[is_short])
        self._x = np.concatenate([np.empty(0, np.int64), *(curve.x[part] for curve, part in pairs)]) - origins

    def extremes(self) -> tuple[Floats, Floats, Flags]:
        """Smallest, largest (inf and -inf where nothing counts) and flags for each curve and column; short curves."""
        bounds = self._bounds
        low, high = (np.full((len(bounds), bounds.shape[1] - 1), end) for end in (np.inf, -np.inf))
        flags = np.zeros(low.shape, np.uint8)
        filled = (bounds[:, 1:] > bounds[:, :-1]) & self._short[:, None]
        if not filled.any():
            return low, high, flags
        # Groups end where the next begins: behind each curve's last one lies what is no longer in a column.
        begins = (bounds + self._shift[:, None])[:, :-1][filled]
        rows = np.flatnonzero(filled.any(axis=1))
        behind = (bounds[:, -1] + self._shift)[rows]
        starts = np.concatenate((begins, behind[behind < len(self._values)]))
        starts.sort(kind="stable")  # two rising rows, quickly merged
        starts = starts[np.append(True, starts[1:] != starts[:-1])]
        wanted = np.searchsorted(starts, begins)
        values: Values = self._values
        ok = np.isfinite(values)
        if self._positive:
            ok &= values > 0
        if not ok.all():
            odd = flags_of(values, ok)
            flags[filled] = np.bitwise_or.reduceat(odd, starts)[wanted]
            low[filled] = np.minimum.reduceat(np.where(ok, values, np.inf), starts)[wanted]
            high[filled] = np.maximum.reduceat(np.where(ok, values, -np.inf), starts)[wanted]
        else:
            low[filled] = np.minimum.reduceat(values, starts)[wanted]
            high[filled] = np.maximum.reduceat(values, starts)[wanted]
        return low, high, flags

    def beside(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """x (its origin subtracted) and value of the points left and right of each border between columns.

        float64[m, n + 1] each; where there is no such point, that of another or NaN.
        """
        inner = self._bounds[:, 1:-1]
        sides = []
        for back in (1, 0):
            x, y = np.full(inner.shape, np.nan), np.full(inner.shape, np.nan)
            if len(self._values):
                at = np.clip(inner[self._short] - back + self._shift[self._short, None], 0, len(self._values) - 1)
                x[self._short], y[self._short] = self._x[at], self._values[at]
            for number in self.long:
                curve = self._curves[number]
                at = np.clip(inner[number] - back, 0, min(len(curve.x), len(curve.pyramid)) - 1)
                x[number], y[number] = curve.x[at] - curve.origin, curve.pyramid.values[at]
            sides.append((x, y))
        return sides[0], sides[1]


def crossing(at: Floats, x: tuple[Floats, Floats], y: tuple[Floats, Floats]) -> Floats:
    """The height of the lines from (x[0], y[0]) to (x[1], y[1]) at `at`, all as fractions of the axes."""
    with np.errstate(all="ignore"):
        share = np.clip((at - x[0]) / (x[1] - x[0]), 0.0, 1.0)
        share = np.where(np.isnan(share), 0.5, share)
        return np.asarray(y[0] * (1 - share) + y[1] * share)


@lru_cache(maxsize=64)
def edges(x_axis: Axis, columns: int) -> Floats:
    """The edges of columns 0 to n - 1 and of one more on either side: float64[n + 3]; the ends of the axis exactly.

    Read-only.
    """
    found = x_axis.value(np.arange(-1, columns + 2) / columns)
    found[1:-1] = np.clip(found[1:-1], x_axis.low, x_axis.high)
    found[1], found[-2] = x_axis.low, x_axis.high
    found[0], found[-1] = min(found[0], x_axis.low), max(found[-1], x_axis.high)
    found = np.maximum.accumulate(found)
    found.flags.writeable = False
    return found


def _bounds(x: Places, x_axis: Axis, columns: int, origin: float) -> Integers:
    """For each edge the number of points before it; points on the upper end of the axis belong to the last column."""
    if x.dtype.kind == "i":
        whole, beyond = _whole_edges(x_axis, columns, origin)
        found = x.searchsorted(whole)
        if beyond is not None:
            found[beyond] = len(x)
        return found
    targets = edges(x_axis, columns) + origin
    upper = len(targets) - 2
    found = x.searchsorted(targets)
    found[upper] = x.searchsorted(targets[upper], "right")
    found[-1] = max(found[-1], found[upper])
    return np.maximum.accumulate(found)


@lru_cache(maxsize=64)
def _whole_edges(x_axis: Axis, columns: int, origin: float) -> tuple[Integers, Bools | None]:
    """The same as the smallest integers that are not before them, which never fall, and which lie beyond all integers
    (None: none do). Searching integers for floats would first copy them all."""
    targets = edges(x_axis, columns) + origin
    upper = len(targets) - 2
    at_end = np.floor(targets[upper]) + 1
    targets = np.ceil(targets)
    targets[upper] = max(at_end, targets[upper])
    targets[-1] = max(targets[-1], at_end)
    targets = np.maximum.accumulate(targets)
    beyond = targets >= _INT_END
    whole = np.where(beyond, 0, np.maximum(targets, -_INT_END)).astype(np.int64)
    return whole, beyond if beyond.any() else None


def placed(x: Places, x_axis: Axis, origin: float) -> Bools:
    """Which points have a place on the x axis, inside or outside of what it shows."""
    places = x.astype(np.float64) - origin
    return np.isfinite(places) & (places > 0) if x_axis.scale == "log" else np.isfinite(places)
