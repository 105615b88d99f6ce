"""Curves whose x goes back here and there: clocks that were put back, points that a restart wrote again.

They cannot be cut into columns by searching.  Instead the points are followed in their order, and neighbours that lie
in one column are one bar; blocks of points that lie in one column as a whole are not looked into.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.analysis.extents import edges, placed
from tbtui.analysis.reduce import BLOCK, Bools, Flags, Floats, Integers, Places, Pyramid

__all__ = ["Path", "column_path"]


class Path(NamedTuple):
    """A curve as bars, in the order of its points.

    columns: int64[n], of each bar; -1 and the number of columns are those beside the plot, -2 and one more what is
    further out.  low, high: float64[n], fractions of the y axis, NaN where no point of the bar counts.
    linked: bool[n - 1], whether the line goes on from a bar to the next;
    leaving, arriving: (x, y) of the points at the two ends of such a line, fractions of the axes, float64[n - 1] each;
    flags: uint8 for each column of the plot, bits of `reduce` for what else is in it.
    """

    columns: Integers
    low: Floats
    high: Floats
    linked: Bools
    leaving: tuple[Floats, Floats]
    arriving: tuple[Floats, Floats]
    flags: Flags


def column_path(x: Places, pyramid: Pyramid, x_axis: Axis, y_axis: Axis, columns: int, origin: float = 0.0) -> Path:
    """What `extents.column_extents` finds, for x in any order. Same arguments, same columns."""
    pyramid = pyramid.positive() if y_axis.scale == "log" else pyramid
    count = min(len(x), len(pyramid))
    borders = edges(x_axis, columns)
    starts, where = _pieces(x[:count], borders, x_axis, origin)
    if not len(starts):
        return _nothing(columns)
    # Neighbouring pieces in one column are one bar.
    bars = np.flatnonzero(np.concatenate(([True], where[1:] != where[:-1])))
    where, begins = where[bars], starts[bars]
    smallest, largest, flags = pyramid.between(np.concatenate((begins, [count])))
    empty = smallest > largest
    low = np.where(empty, np.nan, y_axis.fraction(smallest))
    high = np.where(empty, np.nan, y_axis.fraction(largest))

    last, first = begins[1:] - 1, begins[1:]
    linked = pyramid.counts(pyramid.values[last]) & pyramid.counts(pyramid.values[first])
    linked &= placed(x[last], x_axis, origin) & placed(x[first], x_axis, origin)
    leaving, arriving = (
        (x_axis.fraction(x[ends].astype(np.float64) - origin), y_axis.fraction(pyramid.values[ends]))
        for ends in (last, first)
    )
    inside = (where >= 0) & (where < columns)
    found = np.zeros(columns, np.uint8)
    np.bitwise_or.at(found, where[inside], flags[inside])
    return Path(where, low, high, linked, leaving, arriving, found)


def _pieces(x: Places, borders: Floats, x_axis: Axis, origin: float) -> tuple[Integers, Integers]:
    """Where pieces of points that lie in one column begin, and in which: whole blocks, else single points."""
    count = len(x)
    whole = count // BLOCK
    starts = np.arange(0, count, BLOCK)
    if not count:
        return starts, starts
    with np.errstate(invalid="ignore"):
        low = _columns(np.minimum.reduceat(x, starts), borders, x_axis, origin)
        high = _columns(np.maximum.reduceat(x, starts), borders, x_axis, origin)
    mixed = (low != high) | (low == _NOWHERE)
    mixed[whole:] = True
    blocks = np.flatnonzero(mixed)
    inner = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    inner = inner[inner < count]
    positions = np.concatenate((starts[~mixed], inner))
    where = np.concatenate((low[~mixed], _columns(x[inner], borders, x_axis, origin)))
    order = np.argsort(positions, kind="stable")
    return positions[order], where[order]


_NOWHERE = np.iinfo(np.int64).min


def _columns(x: Places, borders: Floats, x_axis: Axis, origin: float) -> Integers:
    """The column of each x, -2 and columns + 1 further out than one beside the plot, `_NOWHERE` for NaN."""
    places = x.astype(np.float64) - origin
    columns = len(borders) - 3
    found = np.searchsorted(borders, places, "right") - 2
    found[places == x_axis.high] = columns - 1
    found[~placed(x, x_axis, origin)] = _NOWHERE
    return found


def _nothing(columns: int) -> Path:
    none, no = np.empty(0), np.empty(0, np.int64)
    return Path(no, none, none, np.empty(0, np.bool_), (none, none), (none, none), np.zeros(columns, np.uint8))
