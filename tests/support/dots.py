"""Curves drawn the slow and plain way, point by point, to compare the fast way with."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.extents import edges

Bar = tuple[int, int]
FAR_ROW = 1 << 20


def column_of(x: float, borders: npt.NDArray[np.float64], axis: Axis) -> int | None:
    """The column of a place: -1 and n beside the plot, -2 and n + 1 further out; None where it has none."""
    if not math.isfinite(x) or (axis.scale == "log" and x <= 0):
        return None
    if x == axis.high:
        return len(borders) - 4
    return sum(1 for border in borders.tolist() if border <= x) - 2


def row_of(height: float, rows: int) -> int:
    """The dot row of a fraction of the y axis."""
    return round(min(max(float(np.rint((1 - height) * (rows - 1))), -FAR_ROW), FAR_ROW))


def brute_dots(
    x: npt.ArrayLike, y: npt.ArrayLike, x_axis: Axis, y_axis: Axis, columns: int, rows: int
) -> npt.NDArray[np.bool_]:
    """Every dot of a curve: bool[rows, columns].

    Neighbouring points in one column are a bar from their smallest to their largest value that counts; a line between
    two points that count fills one dot of every column between theirs, at its middle; bars and dots that follow each
    other along such a line are joined half way.
    """
    xs, ys = [float(v) for v in np.asarray(x)], [float(v) for v in np.asarray(y)]
    borders = edges(x_axis, columns)
    heights = [float(v) for v in y_axis.fraction(np.array(ys, np.float64))]
    places = [float(v) for v in x_axis.fraction(np.array(xs, np.float64))]
    counts = [math.isfinite(v) and (y_axis.scale != "log" or v > 0) for v in ys]
    where = [column_of(v, borders, x_axis) for v in xs]

    groups: list[list[int]] = []
    for point in range(len(xs)):
        if groups and where[groups[-1][-1]] == where[point]:
            groups[-1].append(point)
        else:
            groups.append([point])
    bars: list[tuple[int | None, Bar | None]] = []
    for group in groups:
        inner = [row_of(heights[point], rows) for point in group if counts[point]]
        bars.append((where[group[0]], (min(inner), max(inner)) if inner else None))

    dots = np.zeros((rows, columns), np.bool_)

    def fill(column: int | None, bar: Bar | None) -> None:
        if column is not None and bar is not None and 0 <= column < columns:
            dots[max(bar[0], 0) : max(bar[1] + 1, 0), column] = True

    for column, bar in bars:
        fill(column, bar)
    for number in range(len(groups) - 1):
        end, start = groups[number][-1], groups[number + 1][0]
        left, right = where[end], where[start]
        if not (counts[end] and counts[start]) or left is None or right is None:
            continue
        steps: list[tuple[int, Bar]] = []
        direction = 1 if right > left else -1
        for column in range(left, right + direction, direction):
            if column == left:
                bar = bars[number][1]
            elif column == right:
                bar = bars[number + 1][1]
            else:
                with np.errstate(all="ignore"):
                    along = np.float64((column + 0.5) / columns - places[end])
                    share = float(np.clip(along / np.float64(places[start] - places[end]), 0, 1))
                share = 0.5 if math.isnan(share) else share
                row = row_of(heights[end] * (1 - share) + heights[start] * share, rows)
                bar = (row, row)
            assert bar is not None
            steps.append((column, bar))
            fill(column, bar)
        for (one, first), (other, second) in pairwise(steps):
            if second[0] - first[1] > 1:
                middle = (first[1] + second[0]) // 2
                fill(one, (first[1], middle))
                fill(other, (middle + 1, second[0]))
            elif first[0] - second[1] > 1:
                middle = (second[1] + first[0]) // 2
                fill(other, (second[1], middle))
                fill(one, (middle + 1, first[0]))
    return dots
