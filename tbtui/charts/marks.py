"""What is drawn over the curves of a chart: marks of values that have no place, the cursor and the points it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.reduce import BELOW, MINUS_INF, NAN, PLUS_INF, nearest
from tbtui.charts.canvas import Curve, Trace, Window, dot_rows
from tbtui.charts.cells import BOLD, DIM, Cells
from tbtui.charts.dots import DotStyle
from tbtui.charts.layout import Rect
from tbtui.charts.words import Look

__all__ = ["Stage", "put_bad_values", "put_message", "put_outside", "put_points", "put_upright", "read_points"]


_NEAR, _SPARSE = 3, 12
"""Signs of one curve stand at least so many cells apart: at the ends of stretches, and along them."""


class _Signs(NamedTuple):
    nan: str
    plus_inf: str
    minus_inf: str
    above: str
    below: str
    line: str
    point: str


_SIGNS = {False: _Signs("×", "▲", "▼", "▴", "▾", "│", "●"), True: _Signs("x", "^", "v", "^", "v", "|", "O")}


class Stage(NamedTuple):
    """Where marks are put: the chart's cells, the plot in them, what it shows, the dots of its cells, how it looks."""

    cells: Cells
    plot: Rect
    window: Window
    dots: DotStyle
    look: Look

    @property
    def signs(self) -> _Signs:
        """The characters of the marks."""
        return _SIGNS[self.look.plain]

    @property
    def bottom(self) -> int:
        """The lowest row of the plot."""
        return self.plot.row + self.plot.height - 1

    def column(self, x: float) -> int | None:
        """The column of cells of a place on the x axis; None outside of the plot."""
        share = float(self.window.x.fraction(x))
        return self.plot.col + min(int(share * self.plot.width), self.plot.width - 1) if 0 <= share <= 1 else None


def put_bad_values(stage: Stage, traces: Sequence[Trace], curves: Sequence[Curve], axis_row: int) -> None:
    """Marks where a curve has values without a place: NaN in `axis_row`, infinities as arrows at the edges of the plot,
    and as small arrows at the bottom what a log scale has no place for."""
    signs = stage.signs
    marks = ((BELOW, signs.below, stage.bottom), (PLUS_INF, signs.plus_inf, stage.plot.row))
    nans = np.zeros(stage.plot.width * stage.dots.columns, np.uint8)
    for trace, curve in zip(traces, curves, strict=True):
        if curve.dim or not trace.flags.any():
            continue
        for bit, sign, row in (*marks, (MINUS_INF, signs.minus_inf, stage.bottom)):
            _put_signs(stage, row, trace.flags & np.uint8(bit), sign, curve.color)
        nans |= trace.flags & np.uint8(NAN)
    _put_signs(stage, axis_row, nans, signs.nan, stage.look.bad_color)


def _put_signs(stage: Stage, row: int, columns: npt.NDArray[np.uint8], sign: str, color: int) -> None:
    places = stage.plot.col + np.unique(np.flatnonzero(columns) // stage.dots.columns)
    stage.cells.glyphs[row, places] = ord(sign)
    stage.cells.colors[row, places] = color
    stage.cells.attrs[row, places] = BOLD


def put_outside(stage: Stage, traces: Sequence[Trace], curves: Sequence[Curve]) -> None:
    """Small arrows where a curve goes above or below what the plot shows: nothing is out of sight unsaid.

    One at the end of each such stretch, and more along long ones; dim curves have none.
    """
    limit = stage.plot.height * stage.dots.rows
    for trace, curve in zip(traces, curves, strict=True):
        if curve.dim:
            continue
        filled = trace.top <= trace.bottom
        above = (filled & (trace.top < 0)).any(axis=0)
        below = (filled & (trace.bottom >= limit)).any(axis=0)
        for outside, sign, row in (
            (above, stage.signs.above, stage.plot.row),
            (below, stage.signs.below, stage.bottom),
        ):
            if not outside.any():
                continue
            places = stage.plot.col + np.array(_apart(outside, stage.dots.columns), np.int64)
            stage.cells.glyphs[row, places] = ord(sign)
            stage.cells.colors[row, places] = curve.color
            stage.cells.attrs[row, places] = BOLD


def _apart(columns: npt.NDArray[np.bool_], dots: int) -> list[int]:
    """Columns of cells for signs: the last of each stretch of marked columns of dots, and before it every few."""
    places: list[int] = []
    cells = np.flatnonzero(columns.reshape(-1, dots).any(axis=1)).tolist()
    for cell, after in reversed(list(zip(cells, [*cells, -2][1:], strict=True))):
        apart = places[-1] - cell if places else _SPARSE
        if apart >= _SPARSE or (after != cell + 1 and apart >= _NEAR):
            places.append(cell)
    return places


def put_upright(stage: Stage, x: float) -> None:
    """An upright line behind the curves, at a place of the x axis."""
    col = stage.column(x)
    if col is None:
        return
    cells, rows = stage.cells, slice(stage.plot.row, stage.bottom + 1)
    free = cells.glyphs[rows, col] == 0x20
    cells.glyphs[rows, col][free] = ord(stage.signs.line)
    cells.colors[rows, col][free] = stage.look.label_color
    cells.attrs[rows, col][free] = DIM


def put_message(stage: Stage, text: str) -> None:
    """A few words in the middle of a plot that has nothing else to show."""
    plot = stage.plot
    if plot.width >= len(text):
        row = plot.row + (plot.height - 1) // 2
        stage.cells.put(row, plot.col + (plot.width - len(text)) // 2, text, stage.look.label_color, DIM)


def read_points(curves: Sequence[Curve], x: float) -> list[tuple[int, int]]:
    """(number of the curve, index of its point nearest to x) for every curve that has points, dim ones left out."""
    found = []
    for number, curve in enumerate(curves):
        point = None if curve.dim else nearest(curve.x, x + curve.origin, curve.turns)
        if point is not None and point < len(curve.y):
            found.append((number, point))
    return found


def put_points(stage: Stage, points: Sequence[tuple[int, int]], curves: Sequence[Curve], focus: int | None) -> None:
    """A disc on each of these points that the plot shows; the focused curve's last, so that it lies on top."""
    for number, point in sorted(points, key=lambda pair: pair[0] == focus):
        curve = curves[number]
        col = stage.column(float(curve.x[point]) - curve.origin)
        height = stage.window.y.fraction([float(curve.y[point])])
        row = int(dot_rows(height, stage.plot.height * stage.dots.rows)[0]) // stage.dots.rows
        if col is not None and 0 <= row < stage.plot.height and not np.isnan(height[0]):
            stage.cells.put(stage.plot.row + row, col, stage.signs.point, curve.color, BOLD)
