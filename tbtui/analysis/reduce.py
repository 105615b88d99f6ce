"""Long series cut down to what fits a screen, without losing a point: the smallest and largest value in each column.

A `Pyramid` holds the extremes of blocks of values, of blocks of blocks, and so on, so that ten million points cost as
much as a few hundred.  `column_extents` asks it for the extremes between the edges of the columns of a plot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BELOW", "MINUS_INF", "NAN", "PLUS_INF", "Extents", "Pyramid", "column_extents", "find_turns"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64] | npt.NDArray[np.float32] | npt.NDArray[np.int64]
Flags = npt.NDArray[np.uint8]

NAN, PLUS_INF, MINUS_INF, BELOW = 1, 2, 4, 8
"""Bits that say what else is among some values: no number, infinities, numbers that a log scale has no place for."""

_BLOCK = 64
_DIRECT = 8192
"""So few values are looked at one by one; blocks would cost more than they save."""


class Pyramid:
    """Extremes of blocks of a growing array of values; non-finite values are told of by flags.

    positive: only values above 0 count, for log scales; others set the flag BELOW.
    """

    def __init__(self, values: npt.ArrayLike = (), positive: bool = False) -> None:
        self.values: npt.NDArray[np.floating] = np.empty(0)
        self._positive = positive
        self._levels: list[_Level] = []
        self._count = 0
        self.flags = 0
        self._other: Pyramid | None = None
        self.update(values)

    def __len__(self) -> int:
        return len(self.values)

    def update(self, values: npt.ArrayLike, keep: int | None = None) -> None:
        """Takes the values as they are now, and looks only at new ones.

        values: float64 or float32 [n], never changed afterwards.  keep: how many of the first values are the same as at
        the last call; by default all of them when the array is a longer view of the same memory, else none.
        """
        self.values = np.asarray(values)

    def positive(self) -> Pyramid:
        """The pyramid of the positive values only; this one itself when there are no others."""
        return self


class _Level(NamedTuple):
    low: npt.NDArray[np.floating]
    high: npt.NDArray[np.floating]
    flags: Flags


class Extents(NamedTuple):
    """What a curve does in each of n columns.

    low, high: float64[n], fractions of the y axis (0 bottom, 1 top, beyond outside), NaN where there is nothing;
    linked: bool[n + 1], whether the line goes on over the border before each column and after the last;
    before, after: (low, high) in the columns just outside, where the line comes from and goes to;
    flags: uint8[n], bits NAN, PLUS_INF, MINUS_INF, BELOW of points in the column.
    """

    low: Floats
    high: Floats
    linked: npt.NDArray[np.bool_]
    before: tuple[float, float]
    after: tuple[float, float]
    flags: Flags


def find_turns(x: Numbers, start: int = 0) -> Integers:
    """Where x does not go on upwards: indices i >= max(start, 1) for which not x[i] >= x[i - 1]. int64[k]."""
    start = max(start, 1)
    return np.flatnonzero(~(x[start:] >= x[start - 1 : -1])) + start
