"""One chart: heading, axes, ticks, curves, marks, cursor and legend, drawn into cells of any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tbtui.analysis.axes import Axis, Scale, axis_around, value_range
from tbtui.analysis.reduce import find_turns
from tbtui.analysis.text import cut, safe
from tbtui.analysis.ticks import TickKind
from tbtui.charts.axis_marks import AxisMarks, put_axis_marks
from tbtui.charts.canvas import Curve, Kept, Style, Window, draw_traces, trace_ahead, trace_curves
from tbtui.charts.cells import DEFAULT, Cells, blank
from tbtui.charts.dots import STYLES
from tbtui.charts.envelope import put_envelopes
from tbtui.charts.fans import Fan, put_fans
from tbtui.charts.figure import Frame, draw_frame
from tbtui.charts.layout import Layout, Rect, Wish, arrange
from tbtui.charts.marks import (
    Stage,
    put_bad_values,
    put_message,
    put_outside,
    put_points,
    put_unplaced,
    put_upright,
    read_points,
)
from tbtui.charts.palette import Shading
from tbtui.charts.second_axis import put_right_axis
from tbtui.charts.shades import Shade, put_shades
from tbtui.charts.words import Look, end_names_width, legend_rows, put_end_names, put_heading, put_legend

__all__ = [
    "Chart",
    "ChartSpec",
    "Reading",
    "Rect",
    "draw_ahead",
    "draw_chart",
    "draw_curves_only",
    "fit_window",
    "fit_x",
    "write_over",
]

_MINUTE = 60.0


@dataclass(slots=True)
class ChartSpec:
    """What a chart shows.

    title: the tag, as it is in the file; it is made safe here and its tail is kept when it is cut.
    curves: in drawing order; the raw curve behind a smoothed one is a curve of its own with `dim` set.
    note: what is wrong with the data ("3 NaN from 1200"), shown in the heading.
    x_kind: how the x axis is labelled: "step", "relative" (seconds, 1h 20m), "wall" (local time), "number".
    window: what is shown; None: all of the curves, by TensorBoard's rule for the y range (`fit_window`).
    x_scale, y_scale, ignore_outliers: for `fit_window`; a window given carries its scales itself.
    focus: number of the focused curve: its colour wins, its last value and trend are in the heading.
    on_top: numbers of curves whose colours go before those of others, but not before the focused one's.
    heading: whether there is a title line; legend: how many rows at most for the names of the runs below.
    names_at_end: names of the runs at the right of the plot, beside the ends of their curves.
    cursor: x (after subtracting origins) where a line is drawn, and the points nearest to it are marked and told of in
    `Chart.readings`.  marked: two x, drawn as lines.
    empty: what is said where there are no curves, instead of why; made safe here.
    shades: bands behind the curves. envelopes: raw curves that are drawn as a band around their values.
    fans: percentiles behind the curves, in the colours of `shading`.
    events: marks on the line of the x axis.
    kept: what this chart found out about its curves the last time, and will the next time.
    colored: False: runs differ by their markers and are named at the end of the line.
    axis_color, label_color, bad_color: 0xRRGGBB, of the axes, of words, of what is wrong; -1 for the terminal's own.
    """

    title: str = ""
    curves: Sequence[Curve] = ()
    note: str = ""
    x_kind: TickKind = "step"
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    window: Window | None = None
    ignore_outliers: bool = True
    focus: int | None = None
    on_top: Sequence[int] = ()
    heading: bool = True
    legend: int = 0
    names_at_end: bool = False
    cursor: float | None = None
    marked: Sequence[float] = ()
    shades: Sequence[Shade] = ()
    fans: Sequence[Fan] = ()
    shading: Shading = field(default_factory=Shading)
    envelopes: Sequence[Curve] = ()
    empty: str = ""
    events: Sequence[AxisMarks] = ()
    kept: Kept | None = None
    colored: bool = True
    axis_color: int = DEFAULT
    label_color: int = DEFAULT
    bad_color: int = 0xF04848


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
    layout: Layout | None = None
    readings: list[Reading] = field(default_factory=list)

    def x_at(self, col: int) -> float:
        """The x at the middle of a column of the chart's cells, for a click."""
        return float(self.window.x.value((col - self.plot.col + 0.5) / max(self.plot.width, 1)))


def fit_x(curves: Sequence[Curve], scale: Scale = "linear", kind: TickKind = "step") -> Axis:
    """The x axis from the first to the last point of all curves, without margin."""
    ends = [end for curve in curves for end in _x_ends(curve, scale)]
    if not ends:
        return Axis(1.0, 10.0, scale) if scale == "log" else Axis(0.0, 1.0, scale)
    low, high = min(ends), max(ends)
    if low < high:
        return Axis(low, high, scale)
    if scale == "log":
        return axis_around(low, high, "log")
    beside = max(_MINUTE if kind == "wall" else 1.0, abs(low) * 1e-12)
    return Axis(low - beside, low + beside, scale)


def _x_ends(curve: Curve, scale: Scale) -> list[float]:
    count = min(len(curve.x), len(curve.y))
    if not count:
        return []
    turns = find_turns(curve.x) if curve.turns is None else curve.turns
    places = (curve.x[[0, count - 1]] if not len(turns) else curve.x[:count]).astype(np.float64) - curve.origin
    usable = np.isfinite(places) & (places > 0) if scale == "log" else np.isfinite(places)
    if not usable.all():
        places = curve.x[:count].astype(np.float64) - curve.origin
        places = places[np.isfinite(places) & (places > 0)] if scale == "log" else places[np.isfinite(places)]
    return [float(places.min()), float(places.max())] if len(places) else []


def fit_window(spec: ChartSpec) -> Window:
    """The window that shows everything the chart has. Dim curves do not count, except where there are no others."""
    curves = [curve for curve in spec.curves if not curve.dim] or list(spec.curves)
    y = value_range([curve.y for curve in curves], spec.ignore_outliers, spec.y_scale)
    return Window(fit_x(curves, spec.x_scale, spec.x_kind), y)


def draw_chart(spec: ChartSpec, width: int, height: int, style: Style = "braille") -> Chart:
    """Draws a chart of width x height cells; any size works, small ones lose legend, ticks and title in that order."""
    return write_over(draw_curves_only(spec, width, height, style), spec, style)


def draw_curves_only(spec: ChartSpec, width: int, height: int, style: Style = "braille") -> Chart:
    """The part of `draw_chart` that takes long: axes and curves, without heading, legend, marked range and cursor."""
    window = spec.window or fit_window(spec)
    layout = _arrange(spec, window, width, height)
    chart = Chart(blank(height, width), layout.plot, window, layout)
    if layout.plot.height >= 1 and layout.plot.width >= 1:
        look = _look(spec, style)
        chart.cells.paste(draw_frame(_frame(layout, spec, look)), layout.plot.row, 0)
        put_right_axis(chart.cells, layout, spec.axis_color, spec.label_color, look.plain)
        _draw_plot(chart, spec, layout, style, look)
    return chart


def draw_ahead(
    spec: ChartSpec, width: int, height: int, style: Style = "braille"
) -> Iterator[Callable[[], object] | None]:
    """Parts of `draw_curves_only` that take long, see `trace_ahead`; none where nothing is kept."""
    if spec.kept is not None and spec.window is not None:
        plot = _arrange(spec, spec.window, width, height).plot
        if plot.height >= 1 and plot.width >= 1:
            yield from trace_ahead(spec.curves, spec.window, plot.width, plot.height, style, spec.kept)


def _arrange(spec: ChartSpec, window: Window, width: int, height: int) -> Layout:
    named = _named(spec)
    names = end_names_width(named, width) if spec.names_at_end or not spec.colored else 0
    legend = legend_rows(named, width, spec.legend) if spec.legend > 0 else 0
    return arrange(Wish(spec.heading, legend, names, spec.x_kind, window.right), window.x, window.y, width, height)


def write_over(chart: Chart, spec: ChartSpec, style: Style = "braille") -> Chart:
    """The same chart with heading, legend, marked range and cursor as `spec` has them; its curves must be the same."""
    if chart.layout is None:
        return chart
    layout, window, look = chart.layout, chart.window, _look(spec, style)
    over = Chart(chart.cells.copy(), chart.plot, window, layout)
    named = _named(spec)
    focused = spec.curves[spec.focus] if spec.focus is not None else named[0] if len(named) == 1 else None
    if layout.heading:
        put_heading(over.cells, spec.title, spec.note, focused, window.y_of(focused) if focused else window.y, look)
    if layout.legend[1]:
        put_legend(over.cells, *layout.legend, named, window, look, focused)
    if over.plot.height < 1 or over.plot.width < 1:
        return over
    stage = Stage(over.cells, over.plot, window, STYLES[style], look)
    if spec.events and layout.axis_line:
        put_axis_marks(stage, spec.events, stage.bottom + 1)
    for place in spec.marked:
        put_upright(stage, place)
    if spec.cursor is not None and math.isfinite(spec.cursor):
        put_upright(stage, spec.cursor)
        points = read_points(spec.curves, spec.cursor)
        put_points(stage, points, spec.curves, spec.focus)
        over.readings = [_reading(spec.curves[number], number, point) for number, point in points]
    return over


def _named(spec: ChartSpec) -> list[Curve]:
    return [curve for curve in spec.curves if not curve.dim]


def _look(spec: ChartSpec, style: Style) -> Look:
    return Look(spec.label_color, spec.bad_color if spec.colored else DEFAULT, style == "ascii")


def _frame(layout: Layout, spec: ChartSpec, look: Look) -> Frame:
    return Frame(
        layout.plot.width,
        layout.plot.height,
        layout.label_width,
        layout.y_ticks,
        layout.x_ticks,
        layout.axis_line,
        layout.x_labels,
        spec.axis_color,
        spec.label_color,
        look.plain,
    )


def _draw_plot(chart: Chart, spec: ChartSpec, layout: Layout, style: Style, look: Look) -> None:
    """Curves and marks of what has no place, into the chart's cells."""
    plot, window, curves = chart.plot, chart.window, spec.curves
    stage = Stage(chart.cells, plot, window, STYLES[style], look)
    traces = trace_curves(curves, window, plot.width, plot.height, style, spec.kept)
    markers = None if spec.colored else [look.marker(curve) for curve in curves]
    cells = draw_traces(traces, curves, plot.width, plot.height, style, spec.focus, markers, spec.kept, spec.on_top)
    chart.cells.paste(cells, plot.row, plot.col)
    put_shades(stage, spec.shades, style)
    put_envelopes(stage, spec.envelopes, style)
    put_fans(stage, spec.fans, spec.shading)
    if not any((trace.top <= trace.bottom).any() for trace in traces):
        put_message(stage, _empty_words(spec.empty, plot.width) or _why_empty(curves, window.y.scale))
    put_outside(stage, traces, curves)
    put_unplaced(stage, curves)
    put_bad_values(stage, traces, curves, stage.bottom + int(layout.axis_line))
    if layout.names:
        beside = plot._replace(width=plot.width + layout.right_width)
        put_end_names(stage.cells, beside, layout.names, traces, curves, stage.dots.rows, look)


def _empty_words(text: str, width: int) -> str:
    """Foreign words for a plot without curves, cut where they are too long; nothing where there is no room."""
    return cut(safe(text), width) if width > 20 else ""


def _why_empty(curves: Sequence[Curve], scale: Scale) -> str:
    if not any(len(curve.y) for curve in curves):
        return "no points"
    finite = [curve.y[np.isfinite(curve.y)] for curve in curves]
    if not any(len(values) for values in finite):
        return "no finite value"
    if scale == "log" and not any((values > 0).any() for values in finite):
        return "no positive value"
    return "no points here"


def _reading(curve: Curve, number: int, point: int) -> Reading:
    return Reading(number, point, float(curve.x[point]) - curve.origin, float(curve.y[point]))
