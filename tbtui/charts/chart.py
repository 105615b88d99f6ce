"""One chart: heading, axes, ticks, curves, marks, cursor and legend, drawn into cells of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tbtui.analysis.axes import Axis, Scale
from tbtui.charts.canvas import Curve, Style, Window, draw_curves
from tbtui.charts.cells import BOLD, Cells, blank

__all__ = ["Chart", "ChartSpec", "Reading", "Rect", "XKind", "draw_chart", "fit_window"]

XKind = Literal["step", "relative", "wall", "number"]


@dataclass(slots=True)
class ChartSpec:
    """What a chart shows.

    title: the tag, as it is in the file; it is made safe here and its tail is kept when it is cut.
    curves: in drawing order; the raw curve behind a smoothed one is a curve of its own with `dim` set.
    x_kind: how the x axis is labelled: steps, seconds since the start (1h 20m), wall clock in local time, numbers.
    window: what is shown; None: all of the curves, by TensorBoard's rule for the y range (`fit_window`).
    x_scale, y_scale, ignore_outliers: for `fit_window`; a window given carries its scales itself.
    focus: number of the focused curve: its colour wins, its last value and trend are in the heading.
    heading: whether there is a title line; legend: how many rows at most for the names of the runs below.
    names_at_end: names of the runs at the right of the plot, beside the ends of their curves.
    cursor: x (after subtracting origins) where a line is drawn, and the points nearest to it are marked and told of in
    `Chart.readings`.  marked: a range of x, drawn by two lines.
    colored: False: runs differ by their markers and are named at the end of the line.
    axis_color, label_color: 0xRRGGBB, of the axes and of ticks and title; -1 for the terminal's own colour (axes dim).
    """

    title: str = ""
    curves: Sequence[Curve] = ()
    x_kind: XKind = "step"
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    window: Window | None = None
    ignore_outliers: bool = True
    focus: int | None = None
    heading: bool = True
    legend: int = 0
    names_at_end: bool = False
    cursor: float | None = None
    marked: tuple[float, float] | None = None
    colored: bool = True
    axis_color: int = -1
    label_color: int = -1


class Rect(NamedTuple):
    """A rectangle of cells."""

    row: int
    col: int
    height: int
    width: int


class Reading(NamedTuple):
    """The point of a curve that is nearest to the cursor: the number of its curve, its own, and its true numbers."""

    curve: int
    point: int
    x: float
    y: float


@dataclass(slots=True)
class Chart:
    """A drawn chart: its cells, where the plot area lies in them, what it shows, and what the cursor reads."""

    cells: Cells
    plot: Rect
    window: Window
    readings: list[Reading] = field(default_factory=list)

    def x_at(self, col: int) -> float:
        """The x at the middle of a column of the chart's cells, for a click."""
        return float(self.window.x.value((col - self.plot.col + 0.5) / max(self.plot.width, 1)))


def fit_window(spec: ChartSpec) -> Window:
    """The window that shows everything the chart has."""
    xs = [(float(c.x[0]) - c.origin, float(c.x[-1]) - c.origin) for c in spec.curves if len(c.x)]
    ys = [(float(c.y.min()), float(c.y.max())) for c in spec.curves if len(c.y)]
    x = Axis(min(a for a, _ in xs), max(b for _, b in xs)) if xs else Axis(0, 1)
    y = Axis(min(a for a, _ in ys), max(b for _, b in ys)) if ys else Axis(0, 1)
    return Window(x, y)


def draw_chart(spec: ChartSpec, width: int, height: int, style: Style = "braille") -> Chart:
    """Draws a chart of width x height cells; any size works, small ones lose legend, ticks and title in that order."""
    cells = blank(height, width)
    window = spec.window or fit_window(spec)
    top = 1 if spec.heading and height > 2 else 0
    plot = Rect(top, 0, max(height - top, 0), max(width, 0))
    cells.paste(draw_curves(spec.curves, window, plot.width, plot.height, style, spec.focus), top, 0)
    if top:
        cells.put(0, 0, spec.title, spec.label_color, BOLD)
    return Chart(cells, plot, window)
