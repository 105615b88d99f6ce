"""`tbtui plot`: the curves of log directories, drawn to standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import numpy as np

from tbtui.analysis.axes import value_range
from tbtui.analysis.colors import run_colors, run_marker
from tbtui.analysis.order import natural_key
from tbtui.analysis.ranges import range_axis
from tbtui.analysis.smoothing import smooth
from tbtui.analysis.xaxis import TICK_KINDS, join_by_step, start_of
from tbtui.commands.output import ColorSystem, can_show, color_system, size
from tbtui.commands.reading import chosen_scalars, nothing_found, read_logdirs
from tbtui.settings import Options, View
from tbtui.store import ScalarSeries, Store
from tbtui.store.series import NO_POINTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from tbtui.analysis.axes import Axis, Scale
    from tbtui.analysis.ticks import TickKind
    from tbtui.charts.canvas import Curve, Style
    from tbtui.charts.cells import Cells
    from tbtui.settings.view import YRange
    from tbtui.store.opening import LogDir

__all__ = ["Picture", "draw_store", "run"]

COLUMN_WIDTH = 72  # from so many cells for each of two charts on they stand side by side
GAP = 2
CHART_HEIGHT = 15
ALONE_HEIGHT = 22
LEAST_HEIGHT = 8
LEGEND_ROWS = 4

_CLEAR, _HOME, _LINE_END, _BELOW = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b[J"


@dataclass(frozen=True)
class Picture:
    """How to draw: weight of smoothing, x axis (as `View.x_axis`), logarithmic y axis, columns of all and rows of each
    chart (None: as there is room), logarithmic x axis, values the y axis shows."""

    smoothing: float = 0.0
    x_axis: str = "step"
    log_y: bool = False
    width: int | None = None
    height: int | None = None
    log_x: bool = False
    y_range: YRange = "robust"

    @property
    def axis(self) -> View:
        """What the x axis counts, taken apart."""
        return View(x_axis=self.x_axis)


def run(
    options: Options,
    picture: Picture,
    watch: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Draws one chart for each tag; with `watch`, again every so many seconds until interrupted.

    Returns the exit code. Raises CommandError where nothing can be read, or nothing is there to be drawn.
    """
    stream = sys.stdout
    with read_logdirs(options) as logdir:
        if watch is not None:
            return _watch(logdir, options, picture, watch, sleep)
        lines = draw_store(logdir.store, options, picture, stream)
        if not lines:
            raise nothing_found(logdir.store, options, "scalars to draw")
        stream.write("\n".join(lines) + "\n")
    return 0


def _watch(logdir: LogDir, options: Options, picture: Picture, seconds: float, sleep: Callable[[float], None]) -> int:
    """Draws again and again: on a terminal over the last picture, elsewhere one below the other."""
    stream = sys.stdout
    screen = stream.isatty() and color_system(stream, options.color) is not None
    stream.write(_CLEAR if screen else "")
    while True:
        lines = draw_store(logdir.store, options, picture, stream, fit=screen)
        lines = lines or ["waiting for scalars to draw"]
        stream.write(_frame(lines, size(stream)[1]) if screen else "\n".join(lines) + "\n\n")
        stream.flush()
        sleep(seconds)
        logdir.refresh()


def _frame(lines: Sequence[str], rows: int) -> str:
    """Lines drawn over the ones before, as many as the terminal has rows; the last row says where some are missing."""
    if len(lines) >= rows:
        lines = [*lines[: rows - 2], "(more charts are below: choose with --tag, or lower them with --height)"]
    return _HOME + "".join(f"{line}{_LINE_END}\n" for line in lines) + _BELOW


def draw_store(store: Store, options: Options, picture: Picture, stream: TextIO, fit: bool = False) -> list[str]:
    """The charts of all chosen tags as lines of text for a stream, with colours where it shows them.

    fit: make them as low as they must be to stand on the screen all at once, down to LEAST_HEIGHT rows each.
    """
    by_tag: dict[str, list[ScalarSeries]] = {}
    for _, series in chosen_scalars(store, options):
        by_tag.setdefault(series.tag, []).append(series)
    colors = color_system(stream, options.color)
    style: Style = "braille" if not options.ascii and can_show(stream, "⣿│─┤") else "ascii"
    columns, rows = size(stream)
    width = picture.width or columns
    side_by_side = max(1, min(len(by_tag), (width + GAP) // (COLUMN_WIDTH + GAP)))
    height = picture.height or _height(-(-len(by_tag) // side_by_side), rows, fit)
    each = (width - GAP * (side_by_side - 1)) // side_by_side
    names = list(dict.fromkeys(series.run for several in by_tag.values() for series in several))
    looks = _looks(names, colors in (None, "none"), style == "ascii")
    tags = sorted(by_tag, key=natural_key)
    charts = [_chart(tag, by_tag[tag], looks, options, picture, (each, height), style, store) for tag in tags]
    lines: list[str] = []
    for start in range(0, len(charts), side_by_side):
        if start:
            lines.append("")
        lines += _lines(charts[start : start + side_by_side], each, colors)
    return lines


def _height(bands: int, rows: int, fit: bool) -> int:
    """Rows of each chart, where `bands` of them stand below each other."""
    if fit and bands:
        return min(max((rows - bands) // bands, LEAST_HEIGHT), rows - 1)
    return min(CHART_HEIGHT if bands > 1 else ALONE_HEIGHT, max(rows - 2, LEAST_HEIGHT))


@dataclass(frozen=True)
class _Looks:
    colors: dict[str, int]
    markers: dict[str, str]
    colored: bool


def _looks(names: Sequence[str], colorless: bool, ascii_only: bool) -> _Looks:
    colors = {name: red << 16 | green << 8 | blue for name, (red, green, blue) in run_colors(names).items()}
    markers = {name: run_marker(number, ascii_only) for number, name in enumerate(names)}
    return _Looks(colors, markers, not colorless)


def _chart(
    tag: str,
    several: Sequence[ScalarSeries],
    looks: _Looks,
    options: Options,
    picture: Picture,
    room: tuple[int, int],
    style: Style,
    store: Store,
) -> Cells:
    from tbtui.charts.canvas import Window
    from tbtui.charts.chart import ChartSpec, draw_chart, fit_x

    mode, x_tag = picture.axis.x_mode, picture.axis.x_tag
    kind: TickKind = "number" if mode == "tag" else TICK_KINDS[mode]
    other = {run.name: run.scalars.get(x_tag) for run in store.runs()} if x_tag else {}
    drawn = [series for series in several if not x_tag or other[series.run] is not None]
    curves = [curve for series in drawn for curve in _curves(series, looks, options, picture, other.get(series.run))]
    missing = len(several) - len(drawn)
    x = fit_x(curves, "log" if picture.log_x and mode != "wall" else "linear", kind)
    spec = ChartSpec(
        title=tag,
        note=f"{missing} of {len(several)} runs lack {x_tag}" if missing else "",
        curves=curves,
        x_kind=kind,
        window=Window(x, _y_axis(curves, picture)),
        legend=min(LEGEND_ROWS, len(several)) if len(looks.colors) > 1 else 0,
        colored=looks.colored,
    )
    return draw_chart(spec, *room, style).cells


def _y_axis(curves: Sequence[Curve], picture: Picture) -> Axis:
    """The y axis for the values of all curves that are not faint."""
    scale: Scale = "log" if picture.log_y else "linear"
    values = [curve.y for curve in curves if not curve.dim]
    return value_range(values, True, scale) if picture.y_range == "auto" else range_axis(values, picture.y_range, scale)


def _curves(
    series: ScalarSeries, looks: _Looks, options: Options, picture: Picture, other: ScalarSeries | None
) -> list[Curve]:
    """The curve of one run; where it is smoothed, the true values faint behind it. other: the tag of the x axis."""
    from tbtui.charts.canvas import Curve

    points, mode = series.points(options.purge), picture.axis.x_mode
    x: npt.NDArray[np.int64] | npt.NDArray[np.float64] = points.steps
    origin = 0.0
    if mode == "tag":
        joined = other.points(options.purge) if other is not None else NO_POINTS
        x = join_by_step(points.steps, joined.steps, joined.values)
    elif mode == "index":
        x = np.arange(len(points.steps))
    elif mode in ("relative", "wall"):
        x, origin = points.walls, (start_of(points.walls) or 0.0) if mode == "relative" else 0.0
    elif mode == "relative_step" and len(points.steps):
        origin = float(points.steps[0])
    color, marker = looks.colors[series.run], looks.markers[series.run]
    plain = Curve(x, points.values, color, series.run, marker, origin=origin)
    if not picture.smoothing:
        return [plain]
    plain.dim = True
    smoothed = smooth(points.values, picture.smoothing)
    return [plain, Curve(x, smoothed, color, series.run, marker, origin=origin)]


def _lines(charts: Sequence[Cells], width: int, colors: ColorSystem | None) -> list[str]:
    from tbtui.charts.cells import blank

    row = blank(max(chart.height for chart in charts), len(charts) * (width + GAP) - GAP)
    for number, chart in enumerate(charts):
        row.paste(chart, 0, number * (width + GAP))
    text = row.to_text() if colors is None else row.to_ansi(colors)
    return text.split("\n")
