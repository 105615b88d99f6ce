"""What fits into a chart of a given size, and where: heading, plot, axes, labels, legend, names of curves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tbtui.analysis.axes import Axis
from tbtui.analysis.ticks import TickKind, Ticks, fit_ticks, nice_ticks, tick_cells

__all__ = ["Layout", "Rect", "Wish", "arrange", "y_ticks_for"]

_LABELS_FROM = 18
"""Charts narrower than this have no labels beside the y axis."""
_ROWS_A_TICK = 2.6
_MORE_TICKS = 3
_LONGEST_LABEL = 9


class Rect(NamedTuple):
    """A rectangle of cells."""

    row: int
    col: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a chart should have if there is room: a heading, rows of legend, cells for names at the ends of curves.

    right: the second y axis, if there is one.
    """

    heading: bool = True
    legend: int = 0
    names: int = 0
    x_kind: TickKind = "step"
    right: Axis | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: rows and columns of the chart's cells.

    heading: rows of heading (0 or 1); plot: where the curves are drawn; label_width: of the labels of the y axis, 0
    without a y axis; axis_line, x_labels: whether there is a row for the x axis, for its labels; legend: first row and
    number of rows of the legend; names: cells at the right of the plot.
    y_ticks, x_ticks: (row or column within the plot, label). right_ticks, right_width: those of the second y axis, and
    its cells between the plot and the names, the line of the axis included; 0 without one.
    """

    heading: int
    plot: Rect
    label_width: int
    axis_line: bool
    x_labels: bool
    legend: tuple[int, int]
    names: int
    y_ticks: tuple[tuple[int, str], ...]
    x_ticks: tuple[tuple[int, str], ...]
    right_ticks: tuple[tuple[int, str], ...] = ()
    right_width: int = 0


@lru_cache(maxsize=256)
def arrange(wish: Wish, x: Axis, y: Axis, width: int, height: int) -> Layout:
    """The best use of width x height cells. What there is no room for goes: legend, axes, labels, then the heading.

    Kept, because axes stand still from frame to frame.
    """
    heading = int(wish.heading and height >= 3)
    left_over = height - heading
    x_labels = left_over >= 5 and width >= 12
    axis_line = x_labels and left_over >= 9
    left_over -= int(x_labels) + int(axis_line)
    legend = max(0, min(wish.legend, left_over - 6, left_over // 3))
    rows = max(0, left_over - legend)

    names = wish.names if width - wish.names >= 24 else 0
    y_ticks = y_ticks_for(y, rows) if width >= _LABELS_FROM and rows >= 3 else ()
    label_width = max((len(label) for _, label in y_ticks), default=0)
    if label_width > max(width // 3, 5):
        y_ticks, label_width = (), 0
    left = label_width + 1 if label_width else 0
    right_ticks = y_ticks_for(wish.right, rows) if wish.right is not None and label_width else ()
    right_width = max((len(label) + 1 for _, label in right_ticks), default=0)
    columns = max(0, width - left - names - right_width)
    plot = Rect(heading, left, rows, columns)
    x_ticks: tuple[tuple[int, str], ...] = ()
    if x_labels and columns:
        ticks = fit_ticks(x, columns, wish.x_kind)
        x_ticks = tuple(zip(tick_cells(x, ticks.positions, columns), ticks.labels, strict=True))
    legend_row = heading + rows + int(axis_line) + int(x_labels)
    legend_rows = (legend_row, legend)
    return Layout(
        heading, plot, label_width, axis_line, x_labels, legend_rows, names, y_ticks, x_ticks, right_ticks, right_width
    )


def y_ticks_for(y: Axis, rows: int) -> tuple[tuple[int, str], ...]:
    """Ticks of the y axis of a plot of so many rows of cells: (row from the top, label), each in a row of its own."""
    count = max(2, min(round(rows / _ROWS_A_TICK), 10))
    found = _in_rows(nice_ticks(y, count), y, rows)
    for more in range(1, _MORE_TICKS + 1):  # one label is no scale
        if len(found) > 1 or rows < 4:
            break
        dense = _in_rows(nice_ticks(y, count + more), y, rows)
        found = (dense[0], dense[-1]) if len(dense) > 1 else found or dense
    return found


def _in_rows(ticks: Ticks, y: Axis, rows: int) -> tuple[tuple[int, str], ...]:
    found: dict[int, str] = {}
    for share, label in zip(y.fraction(ticks.positions).tolist(), ticks.labels, strict=True):
        # The cell of the dot that a curve has at this value, see `canvas.dot_rows`.
        row = round((1 - share) * (4 * rows - 1)) // 4
        if 0 <= row < rows and len(label) <= _LONGEST_LABEL:
            found.setdefault(row, label)
    return tuple(sorted(found.items()))
