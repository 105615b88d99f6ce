"""Several curves as one: their mean, and a band around it.

Curves with the same x are joined point by point. Where they differ, all are looked at wherever any of them has a
point: between two of its own points a curve lies on the straight line through them; before its first and after its
last point it does not count (nothing is ever extrapolated), so that `n` says how many curves a mean is made of. Values
that are not finite do not count either: no line is drawn to them, and the curve is missing from there to its
neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["MOST", "Band", "BandKind", "Joined", "band_of", "join_curves"]

Floats = npt.NDArray[np.float64]
Curve = tuple[npt.ArrayLike, npt.ArrayLike]
BandKind = Literal["std", "stderr", "minmax"]
"""Standard deviation or standard error on either side of the mean, or from the smallest to the largest value."""

MOST = 200_000
"""Curves are joined at about so many x at most: of more, only every second, third, ... x of each curve is looked at."""


class Joined(NamedTuple):
    """Curves at the same x: x float64[m], strictly rising; rows: one float64[m] for each curve, NaN where it has no
    value."""

    x: Floats
    rows: list[Floats]


@dataclass(frozen=True, slots=True)
class Band:
    """A mean and a band: x, mean, low, high float64[m], and of how many curves each mean is made, n int64[m].

    x rises strictly; where n is 0 the others are NaN.
    """

    x: Floats
    mean: Floats
    low: Floats
    high: Floats
    n: npt.NDArray[np.int64]


def join_curves(curves: Sequence[Curve], most: int = MOST) -> Joined:
    """Brings curves to common x, by the rule of this module.

    curves: (x, y) each, numbers[n] of equal length. x that do not rise are sorted, and of several points at one x the
    last counts; points whose x is not finite are left out. Values at a curve's own x are passed on bit by bit.
    """
    tidy = [_tidy(x, y) for x, y in curves]
    union = _union([x for x, _ in tidy], most)
    return Joined(union, [_at(union, x, y) for x, y in tidy])


def _union(places: list[Floats], most: int) -> Floats:
    """Every x of any curve, or if there are too many of them, evenly chosen x of each curve with its ends."""
    longest = max(places, key=len, default=np.empty(0))
    beside = [_not_in(x, longest) for x in places if x is not longest]
    count = len(longest) + sum(map(len, beside))
    if count <= most:
        return np.unique(np.concatenate([longest, *beside])) if count > len(longest) else longest
    every = -(-count // most)
    return np.unique(np.concatenate([part for x in (longest, *beside) for part in (x[::every], x[-1:])]))


def _not_in(x: Floats, longest: Floats) -> Floats:
    """The x that the longest curve does not have."""
    if _same(x, longest[: len(x)]):
        return np.empty(0)
    found = np.minimum(np.searchsorted(longest, x), len(longest) - 1)
    return np.asarray(x[longest[found] != x])


def band_of(curves: Sequence[Curve], kind: BandKind = "std", ddof: int = 1, most: int = MOST) -> Band:
    """The mean of curves and a band around it.

    "std": mean minus and plus the standard deviation with `ddof` (1: of a sample, divided by n - 1; 0: divided by n);
    "stderr": with that deviation divided by the root of n; where n is not above `ddof` the band has no width;
    "minmax": from the smallest to the largest value. Where all curves have the same x and finite values, mean and
    deviation are those of `numpy.mean` and `numpy.std` over the stacked rows, bit by bit.
    """
    x, rows = join_curves(curves, most)
    count = np.zeros(len(x), np.int64)
    for row in rows:
        count += ~np.isnan(row)
    with np.errstate(all="ignore"):
        mean = _sum([np.where(np.isnan(row), 0.0, row) for row in rows], len(x)) / count
        if kind == "minmax":
            low, high = np.full(len(x), np.nan), np.full(len(x), np.nan)
            for row in rows:
                np.fmin(low, row, out=low)
                np.fmax(high, row, out=high)
            return Band(x, mean, low, high, count)
        squares = []
        for row in rows:
            away = row - mean
            away *= away
            squares.append(np.where(np.isnan(away) & np.isnan(row), 0.0, away))
        spread = np.sqrt(_sum(squares, len(x)) / np.maximum(count - ddof, 0))
        spread = np.where(count > ddof, spread, np.where(count > 0, 0.0, np.nan))
        if kind == "stderr":
            spread = spread / np.sqrt(count)
        return Band(x, mean, mean - spread, mean + spread, count)


def _sum(rows: list[Floats], count: int) -> Floats:
    """The sum of rows as NumPy adds them up: one after the other, but a single column by pairs."""
    if count == 1 and rows:
        return np.asarray(np.stack(rows).sum(axis=0))
    total = np.zeros(count)
    for row in rows:
        total += row
    return total


def _tidy(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Rising x, and values in which whatever is not finite is NaN."""
    places = np.asarray(x, np.float64).reshape(-1)
    values: npt.NDArray[Any] = np.asarray(y, np.float64).reshape(-1)
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, np.nan)
    if len(places) < 2 or (np.isfinite(places[[0, -1]]).all() and (places[1:] > places[:-1]).all()):
        known = np.isfinite(places)
        return places[known], values[known]
    known = np.isfinite(places)
    places, values = places[known], values[known]
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    last = np.append(places[1:] != places[:-1], True)[: len(places)]
    return places[last], values[last]


def _same(one: Floats, other: Floats) -> bool:
    return len(one) == len(other) and bool(np.array_equal(one, other))


def _at(union: Floats, x: Floats, y: Floats) -> Floats:
    """The values of a curve at other x, NaN outside of it."""
    if not len(x):
        return np.full(len(union), np.nan)
    start = int(np.searchsorted(union, x[0]))
    if _same(union[start : start + len(x)], x):
        if len(x) == len(union):
            return y
        row = np.full(len(union), np.nan)
        row[start : start + len(x)] = y
        return row
    return np.asarray(np.interp(union, x, y, left=np.nan, right=np.nan))
