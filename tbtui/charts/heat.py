"""Heat maps: amounts over two axes as colours, with ticks, and a legend that says what the colours mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.analysis.ticks import TickKind
from tbtui.charts.cells import BOLD, DEFAULT, Cells, blank
from tbtui.charts.figure import Frame, draw_frame
from tbtui.charts.layout import Layout, Rect, Wish, arrange
from tbtui.charts.palette import Ramp, Shading

__all__ = [
    "Fill",
    "HeatMap",
    "HeatSpec",
    "draw_heat_map",
    "heat_map",
    "open_plot",
    "put_heading",
    "put_names",
    "stretched",
]

Floats = npt.NDArray[np.float64]
Fill = Callable[[int, int], Floats]
"""(rows, columns) -> amounts float[rows, columns] by `Ramp`, the top row first; NaN where there is nothing."""

_LEGEND = 12
_SHORT_LEGEND = 5
_NOTE = 6
_TITLE = 10
"""Cells that a title has at least before the legend goes."""


@dataclass(slots=True)
class HeatSpec:
    """What a heat map shows.

    fill: asked for as many amounts as there is room for. x, y: what the axes stand for. ends: what the first and the
    last colour mean; unit: what is counted, said where there is room; title: any text;
    note: words after it where there is room.
    names: what the x and the y axis stand for, said where there is room.
    cursor: a value of x that is marked; mark: another one, more faintly.
    axis_color, label_color, text_color, cursor_color: 0xRRGGBB or -1.
    """

    fill: Fill
    x: Axis
    y: Axis
    title: str = ""
    note: str = ""
    x_kind: TickKind = "step"
    ends: tuple[str, str] = ("", "")
    unit: str = ""
    ramp: Ramp = "amount"
    shading: Shading = field(default_factory=Shading)
    names: tuple[str, str] = ("", "")
    cursor: float | None = None
    mark: float | None = None
    bold: bool = False
    axis_color: int = DEFAULT
    label_color: int = DEFAULT
    text_color: int = DEFAULT
    cursor_color: int = DEFAULT


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Cells, and where in them the amounts are."""

    cells: Cells
    plot: Rect


def stretched(values: Floats) -> Fill:
    """Amounts of a matrix of its own size, each shown as large as the room allows; never interpolated."""

    def fill(rows: int, columns: int) -> Floats:
        if not values.size:
            return np.full((rows, columns), np.nan)
        down = np.arange(rows) * values.shape[0] // max(rows, 1)
        along = np.arange(columns) * values.shape[1] // max(columns, 1)
        return np.asarray(values[down][:, along])

    return fill


def heat_map(values: Floats, x: Axis, y: Axis, width: int, height: int, **spec: object) -> HeatMap:
    """A heat map of a matrix float[rows, columns], top row first; `spec`: fields of `HeatSpec`."""
    return draw_heat_map(HeatSpec(stretched(values), x, y, **spec), width, height)  # type: ignore[arg-type]


def draw_heat_map(spec: HeatSpec, width: int, height: int) -> HeatMap:
    """Draw it in width x height cells; what there is no room for is left out, as in curves."""
    cells, layout = open_plot(spec, width, height)
    plot = layout.plot
    if plot.width > 0 and plot.height > 0:
        amounts = spec.fill(plot.height * spec.shading.rows_a_cell, plot.width)
        cells.paste(spec.shading.cells(amounts, spec.ramp), plot.row, plot.col)
        faint, strong = ("!", "|") if spec.shading.plain else ("╎", "│")
        if spec.mark is not None:
            _put_line(cells, plot, spec, spec.mark, layout.axis_line, faint)
        if spec.cursor is not None:
            _put_line(cells, plot, spec, spec.cursor, layout.axis_line, strong)
    return HeatMap(cells, plot)


def open_plot(spec: HeatSpec, width: int, height: int) -> tuple[Cells, Layout]:
    """Heading, legend and axes, and where the plot is that is still empty."""
    cells = blank(height, width)
    wish = Wish(heading=bool(spec.title or spec.ends[1]), x_kind=spec.x_kind)
    layout = arrange(wish, spec.x, spec.y, width, height)
    plot = layout.plot
    if layout.heading:
        put_heading(cells, spec)
    frame = Frame(
        plot.width,
        plot.height,
        layout.label_width,
        layout.y_ticks,
        layout.x_ticks,
        layout.axis_line,
        layout.x_labels,
        spec.axis_color,
        spec.label_color,
        spec.shading.plain,
    )
    cells.paste(draw_frame(frame), plot.row, plot.col - frame.left)
    put_names(cells, plot, frame, spec)
    return cells, layout


def put_names(cells: Cells, plot: Rect, frame: Frame, spec: HeatSpec) -> None:
    """What the axes stand for: x at the end of its labels, in the corner below the y axis, or at the end of the axis
    itself; y above its labels."""
    along, up = spec.names
    if along and frame.x_labels and plot.width:
        axis = plot.row + plot.height
        row, right = axis + int(frame.axis_line), cells.width - len(along)
        line = ord("-" if spec.shading.plain else "─")
        places = [(row, right, right - 2, cells.width), (row, 0, 0, len(along) + 1)]
        if frame.axis_line:
            places.append((axis, right, right - 1, cells.width))
        for at, col, begin, end in places:
            under = cells.glyphs[at, max(begin, 0) : end]
            if begin >= 0 and end <= cells.width and ((under == 0x20) | (under == line)).all():
                cells.put(at, begin, " " * (end - begin))
                cells.put(at, col, along, spec.label_color)
                break
    if up and len(up) <= frame.label_width and plot.height > 3 and all(row > 0 for row, _ in frame.y_ticks):
        cells.put(plot.row, plot.col - 1 - len(up), up, spec.label_color)


def put_heading(cells: Cells, spec: HeatSpec) -> None:
    """The title, and at the right what the colours mean."""
    title, note = safe(spec.title), safe(spec.note)
    ellipsis = "~" if spec.shading.plain else "…"
    low, high = spec.ends
    room = cells.width
    whole = cell_width(title) + (cell_width(note) + 2 if note else 0)
    for strip, unit, wanted in (
        (_LEGEND, spec.unit, whole),
        (_LEGEND, "", whole),
        (_SHORT_LEGEND, "", cell_width(title)),
        (_SHORT_LEGEND, "", min(_TITLE, cell_width(title))),
    ):
        words = f" {high} {unit}".rstrip()
        taken = cell_width(low) + 1 + strip + cell_width(words)
        if high and taken + 2 + wanted <= cells.width:
            room = cells.width - taken - 2
            left = cells.width - taken
            cells.put(0, left, low, spec.label_color)
            cells.paste(spec.shading.strip(strip, spec.ramp), 0, left + cell_width(low) + 1)
            cells.put(0, left + cell_width(low) + 1 + strip, words, spec.label_color)
            break
    shown = cut(title, room, "tail", ellipsis)
    cells.put(0, 0, shown, spec.text_color, BOLD if spec.bold else 0)
    rest = room - cell_width(shown) - 2
    if note and rest >= min(_NOTE, cell_width(note)):
        cells.put(0, cell_width(shown) + 2, cut(note, rest, "tail", ellipsis), spec.label_color)


def _put_line(cells: Cells, plot: Rect, spec: HeatSpec, at: float, axis_line: bool, sign: str) -> None:
    """A line through the plot at the cursor or at the mark, and a sign on the axis."""
    share = float(spec.x.fraction([at])[0])
    if not 0 <= share <= 1:
        return
    column = plot.col + min(int(share * plot.width), plot.width - 1)
    here = (slice(plot.row, plot.row + plot.height), column)
    if cells.backs is not None:  # two pixels were in each cell: behind the line is their mean
        both = cells.glyphs[here] == ord("▀")
        upper, lower = cells.colors[here][both], cells.backs[here][both]
        cells.backs[here][both] = sum(((upper >> s & 255) + (lower >> s & 255)) // 2 << s for s in (16, 8, 0))
    cells.glyphs[here] = ord(sign)
    cells.colors[here] = spec.cursor_color
    cells.attrs[here] = BOLD
    if axis_line:
        cells.put(plot.row + plot.height, column, "^" if spec.shading.plain else "▲", spec.cursor_color, BOLD)
