"""What is drawn over the curves of a chart: marks of values that have no place, the cursor and the points it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.reduce import BELOW, MINUS_INF, NAN, PLUS_INF, find_turns, nearest
from tbtui.charts.canvas import Curve, Trace, Window, dot_rows
from tbtui.charts.cells import BOLD, DEFAULT, DIM, Cells
from tbtui.charts.dots import DotStyle
from tbtui.charts.layout import Rect
from tbtui.charts.words import Look

__all__ = [
    "Stage",
    "put_bad_values",
    "put_message",
    "put_outside",
    "put_points",
    "put_unplaced",
    "put_upright",
    "read_points",
]


BAND_INK = np.array([ord(sign) for sign in "·░▒▓"], np.uint32)
HALF = ord("▀")
"""What bands are drawn with: without colours, and on a background."""

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
    before: str


_SIGNS = {False: _Signs("×", "▲", "▼", "▴", "▾", "│", "●", "◂"), True: _Signs("x", "^", "v", "^", "v", "|", "O", "<")}


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
        if self.window.x.scale == "log" and x <= 0:
            return self.plot.col  # further left than any place
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

    One at both ends of each such stretch, and more along long ones; dim curves have none.
    """
    full = [(trace, curve) for trace, curve in zip(traces, curves, strict=True) if not curve.dim]
    if not full:
        return
    reach = [_reach(trace) for trace, _ in full]
    top, bottom = np.concatenate([one[0] for one in reach]), np.concatenate([one[1] for one in reach])
    for outside, sign, row in (
        ((top < 0) & (top <= bottom), stage.signs.above, stage.plot.row),
        ((bottom >= stage.plot.height * stage.dots.rows) & (top <= bottom), stage.signs.below, stage.bottom),
    ):
        for number in np.flatnonzero(outside.any(axis=1)).tolist():
            places = stage.plot.col + np.array(_apart(outside[number].reshape(-1, stage.dots.columns).any(axis=1)))
            stage.cells.glyphs[row, places] = ord(sign)
            stage.cells.colors[row, places] = full[number][1].color
            stage.cells.attrs[row, places] = BOLD


def _reach(trace: Trace) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The highest and the lowest dot row of a curve in each column of dots, int32[1, columns]; empty as in `Trace`."""
    if len(trace.top) == 1:
        return trace.top, trace.bottom
    filled = trace.top <= trace.bottom
    far = np.iinfo(np.int32).max
    top = np.where(filled, trace.top, far).min(axis=0, keepdims=True, initial=far)
    return top, np.where(filled, trace.bottom, -1 - far).max(axis=0, keepdims=True, initial=-1 - far)


def _apart(marked: npt.NDArray[np.bool_]) -> list[int]:
    """Columns of cells for signs: the ends of each stretch of marked ones, and every few between."""
    places: list[int] = []
    cells = np.flatnonzero(marked).tolist()
    for before, cell, after in reversed(list(zip([-2, *cells], cells, [*cells, -2][1:], strict=False))):
        apart = places[-1] - cell if places else _SPARSE
        if apart >= _SPARSE or ((before != cell - 1 or after != cell + 1) and apart >= _NEAR):
            places.append(cell)
    return places


def put_unplaced(stage: Stage, curves: Sequence[Curve]) -> None:
    """Small arrows at the left border, where a logarithmic x axis has no place for the first points of a curve.

    At the height of the last of them; none where other points of the curve are left of what is shown too.
    """
    if stage.window.x.scale != "log":
        return
    rows = stage.plot.height * stage.dots.rows
    for curve in curves:
        last = None if curve.dim else _last_unplaced(curve, stage.window.x.low)
        height = stage.window.y_of(curve).fraction([np.nan if last is None else float(curve.y[last])])
        if np.isfinite(height[0]):
            row = min(max(int(dot_rows(height, rows)[0]) // stage.dots.rows, 0), stage.plot.height - 1)
            stage.cells.put(stage.plot.row + row, stage.plot.col, stage.signs.before, curve.color, BOLD)


def _last_unplaced(curve: Curve, low: float) -> int | None:
    """The last of the points at or below 0; None where there is none, or where others lie between 0 and `low`."""
    places = curve.x[: len(curve.y)]
    turns = find_turns(places) if curve.turns is None else curve.turns
    if len(turns):
        x = places.astype(np.float64) - curve.origin
        below = np.flatnonzero(x <= 0)
        last, between = int(below[-1]) if len(below) else -1, bool(((x > 0) & (x < low)).any())
    else:
        last = int(places.searchsorted(np.array(curve.origin, places.dtype), "right")) - 1
        between = last + 1 < len(places) and float(places[last + 1]) - curve.origin < low
    return last if last >= 0 and not between and np.isfinite(places[last]) else None


def put_upright(stage: Stage, x: float) -> None:
    """An upright line behind the curves and before their bands, at a place of the x axis."""
    col = stage.column(x)
    if col is None:
        return
    cells, rows = stage.cells, slice(stage.plot.row, stage.bottom + 1)
    glyphs = cells.glyphs[rows, col]
    on_band = np.isin(glyphs, BAND_INK)
    if cells.backs is not None:
        on_band |= (cells.backs[rows, col] != DEFAULT) & ((glyphs == 0x20) | (glyphs == HALF))
    free = (glyphs == 0x20) | on_band
    cells.colors[rows, col][free] = stage.look.label_color
    cells.attrs[rows, col][free] = np.where(on_band, 0, DIM)[free]
    cells.glyphs[rows, col][free] = ord(stage.signs.line)


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
        height = stage.window.y_of(curve).fraction([float(curve.y[point])])
        row = int(dot_rows(height, stage.plot.height * stage.dots.rows)[0]) // stage.dots.rows
        if col is not None and 0 <= row < stage.plot.height and not np.isnan(height[0]):
            stage.cells.put(stage.plot.row + row, col, stage.signs.point, curve.color, BOLD, back=None)
