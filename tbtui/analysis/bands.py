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

__all__ = ["MOST", "Band", "BandKind", "Joined", "Joint", "band_of", "band_of_rows", "join_curves", "mean_of_rows"]

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


class Joint:
    """What the x of curves say about how they are joined: their values may change, and `rows` costs little again.

    x: float64[m], strictly rising, what `Joined.x` is.
    """

    def __init__(self, places: Sequence[npt.ArrayLike], most: int = MOST) -> None:
        tidy = [_tidy(np.asarray(x, np.float64).reshape(-1)) for x in places]
        self.x = _union([x for x, _ in tidy], most)
        self._curves = [_Place.of(self.x, x, chosen) for x, chosen in tidy]

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        return int(self.x.nbytes) + sum(curve.nbytes for curve in self._curves)

    def rows(self, values: Sequence[npt.ArrayLike]) -> list[Floats]:
        """Values of the curves, as many as each has x, at the common x; NaN where a curve has none."""
        return [curve.row(len(self.x), y) for curve, y in zip(self._curves, values, strict=True)]


@dataclass(slots=True)
class _Place:
    """Where the points of a curve are among the common x.

    chosen: which of its points count, in order of x, None for all as they are; begin, end: which common x lie between
    its first and its last; index, share: of these the point before each and the way to the next one, None where each
    is a point of its own in turn.
    """

    chosen: npt.NDArray[np.int64] | None
    begin: int
    end: int
    index: npt.NDArray[np.int32] | None = None
    share: Floats | None = None

    @classmethod
    def of(cls, union: Floats, x: Floats, chosen: npt.NDArray[np.int64] | None) -> _Place:
        if not len(x):
            return cls(chosen, 0, 0)
        begin, end = int(np.searchsorted(union, x[0])), int(np.searchsorted(union, x[-1], "right"))
        if _same(union[begin:end], x):
            return cls(chosen, begin, end)
        part = union[begin:end]
        index = np.searchsorted(x, part, "right") - 1
        after = np.minimum(index + 1, len(x) - 1)
        with np.errstate(all="ignore"):
            share = (part - x[index]) / (x[after] - x[index])
        return cls(chosen, begin, end, index.astype(np.int32), np.where(part == x[index], 0.0, share))

    @property
    def nbytes(self) -> int:
        arrays = (self.chosen, self.index, self.share)
        return sum(int(array.nbytes) for array in arrays if array is not None)

    def row(self, count: int, values: npt.ArrayLike) -> Floats:
        y: npt.NDArray[Any] = np.asarray(values).reshape(-1)
        if self.chosen is not None:
            y = y[self.chosen]
        if self.index is None or self.share is None:
            between = y.astype(np.float64)
            between[~np.isfinite(between)] = np.nan
        else:
            here = y[self.index].astype(np.float64)
            there = y[np.minimum(self.index + 1, len(y) - 1)].astype(np.float64)
            here[~np.isfinite(here)] = np.nan
            there[~np.isfinite(there)] = np.nan
            # Two products, for the difference may be beyond the largest float.
            between = np.where(self.share == 0, here, here * (1 - self.share) + there * self.share)
        if len(between) == count:
            return between
        row = np.full(count, np.nan)
        row[self.begin : self.end] = between
        return row


def join_curves(curves: Sequence[Curve], most: int = MOST) -> Joined:
    """Brings curves to common x, by the rule of this module.

    curves: (x, y) each, numbers[n] of equal length. x that do not rise are sorted, and of several points at one x the
    last counts; points whose x is not finite are left out. Values at a curve's own x are passed on bit by bit.
    """
    joint = Joint([x for x, _ in curves], most)
    return Joined(joint.x, joint.rows([y for _, y in curves]))


def _union(places: list[Floats], most: int) -> Floats:
    """Every x of any curve, or if there are too many of them, evenly chosen x of each curve with its ends."""
    longest = max(places, key=len, default=np.empty(0))
    beside = [x for x in places if x is not longest and not _same(x, longest[: len(x)])]
    if len(longest) <= most:
        beside = [_not_in(x, longest) for x in beside]
    count = len(longest) + sum(map(len, beside))
    if count <= most:
        return np.unique(np.concatenate([longest, *beside])) if count > len(longest) else longest
    every = -(-count // most)
    ends = [x[-1:] for x in places]
    return np.unique(np.concatenate([*(x[::every] for x in (longest, *beside)), *ends]))


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
    return band_of_rows(*join_curves(curves, most), kind, ddof)


def band_of_rows(x: Floats, rows: Sequence[Floats], kind: BandKind = "std", ddof: int = 1) -> Band:
    """The same of curves that were joined: x float64[m], rows float64[m] each."""
    missing = [_missing(row) for row in rows]
    mean, count = _mean(rows, missing, len(x))
    with np.errstate(all="ignore"):
        if kind == "minmax":
            low, high = np.full(len(x), np.nan), np.full(len(x), np.nan)
            for row in rows:
                np.fmin(low, row, out=low)
                np.fmax(high, row, out=high)
            return Band(x, mean, low, high, count)
        squares = []
        for row, gone in zip(rows, missing, strict=True):
            away = row - mean
            away *= away
            if gone is not None:
                away[gone] = 0.0
            squares.append(away)
        spread = np.sqrt(_sum(squares, len(x)) / np.maximum(count - ddof, 0))
        spread = np.where(count > ddof, spread, np.where(count > 0, 0.0, np.nan))
        if kind == "stderr":
            spread = spread / np.sqrt(count)
        return Band(x, mean, mean - spread, mean + spread, count)


def mean_of_rows(rows: Sequence[Floats], count: int) -> Floats:
    """The mean of `band_of_rows` alone, float64[count]."""
    return _mean(rows, [_missing(row) for row in rows], count)[0]


def _missing(row: Floats) -> npt.NDArray[np.bool_] | None:
    """Where a curve has no value; None where it has all."""
    gone = np.isnan(row)
    return gone if gone.any() else None


def _mean(
    rows: Sequence[Floats], missing: Sequence[npt.NDArray[np.bool_] | None], count: int
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The mean of rows, and of how many it is made."""
    known, plain = np.full(count, len(rows), np.int64), []
    for row, gone in zip(rows, missing, strict=True):
        if gone is not None:
            known -= gone
        plain.append(row if gone is None else np.where(gone, 0.0, row))
    with np.errstate(all="ignore"):
        return np.asarray(_sum(plain, count) / known), known


def _sum(rows: list[Floats], count: int) -> Floats:
    """The sum of rows as NumPy adds them up: one after the other, but a single column by pairs."""
    if count == 1 and rows:
        return np.asarray(np.stack(rows).sum(axis=0))
    total = np.zeros(count)
    for row in rows:
        total += row
    return total


def _tidy(places: Floats) -> tuple[Floats, npt.NDArray[np.int64] | None]:
    """Rising finite x, and which of the given they are; None for all of them as they are."""
    rising = (places[1:] > places[:-1]).all()  # then only the ends may be infinite
    if rising and np.isfinite(places[:1]).all() and np.isfinite(places[-1:]).all():
        return places, None
    chosen = np.flatnonzero(np.isfinite(places))
    chosen = chosen[np.argsort(places[chosen], kind="stable")]
    x = places[chosen]
    last = np.append(x[1:] != x[:-1], True)[: len(x)]
    return x[last], chosen[last]


def _same(one: Floats, other: Floats) -> bool:
    return len(one) == len(other) and bool(np.array_equal(one, other))
