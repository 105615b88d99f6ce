"""`tbtui plot --kind histogram|distribution`: histograms over the steps, as heat maps or as fans of percentiles."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis, Scale, axis_around
from tbtui.analysis.colors import run_colors, run_marker
from tbtui.analysis.histograms import binned, sketches, whole_range
from tbtui.analysis.numbers import format_value
from tbtui.analysis.percentiles import MEDIAN, percentiles
from tbtui.analysis.ranges import range_axis
from tbtui.analysis.xaxis import start_of
from tbtui.commands.histograms import chosen_histograms, histograms_of, tell_bad
from tbtui.commands.output import ColorSystem, can_show, color_system, size
from tbtui.commands.reading import ProgressLine, nothing_found, read_logdirs
from tbtui.commands.session import CommandError
from tbtui.settings import Options

if TYPE_CHECKING:
    from tbtui.analysis.ticks import TickKind
    from tbtui.charts.canvas import Style
    from tbtui.charts.cells import Cells
    from tbtui.charts.palette import Shading
    from tbtui.events.summaries import Histogram
    from tbtui.store import BlobSeries, Store

__all__ = ["Kind", "Wanted", "draw_histograms", "run"]

Kind = Literal["histogram", "distribution"]
Floats = npt.NDArray[np.float64]

HEIGHT = 18
LEAST_HEIGHT = 8
FEW = 2
"""Fans of so many runs are drawn over each other; more runs have a chart each."""
BATCH = 64
_AROUND = 3
"""Rows of a chart that are not its plot: heading, axis, labels."""

X_AXES: dict[str, TickKind] = {"step": "step", "relative": "relative", "wall": "wall"}


@dataclass(frozen=True)
class Wanted:
    """What to draw: which kind, the x axis ("step", "relative" or "wall"), a logarithmic y axis (of distributions),
    columns and rows of each chart (None: as the terminal has)."""

    kind: Kind
    x_axis: str = "step"
    log_y: bool = False
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """All histograms of a run's tag: where they are on the x axis float64[n], and themselves made small."""

    run: str
    x: Floats
    rows: Floats


def run(options: Options, wanted: Wanted) -> int:
    """Draws one chart for each tag, or for each tag and run.

    Returns the exit code: 1 where some histograms could not be read. Raises CommandError where nothing can be read, or
    nothing is there to be drawn.
    """
    if wanted.x_axis not in X_AXES:
        raise CommandError(f"--x {wanted.x_axis}: histograms are drawn by {', '.join(X_AXES)}", code=2)
    stream = sys.stdout
    bad: list[str] = []
    with read_logdirs(options) as logdir:
        found = False
        for text in draw_histograms(logdir.store, options, wanted, stream, bad):
            stream.write(("\n" if found else "") + text + "\n")
            stream.flush()
            found = True
        if not found and not bad:
            raise nothing_found(logdir.store, options, "histograms to draw")
    tell_bad(bad)
    return 1 if bad else 0


def draw_histograms(store: Store, options: Options, wanted: Wanted, stream: TextIO, bad: list[str]) -> Iterator[str]:
    """The charts as text for a stream, one after the other; what can't be read is added to `bad`."""
    from tbtui.charts.palette import Shading

    by_tag: dict[str, list[BlobSeries]] = {}
    for _, series in chosen_histograms(store, options):
        by_tag.setdefault(series.tag, []).append(series)
    colors = color_system(stream, options.color)
    plain = options.ascii or not can_show(stream, "⣿│─┤▀░")
    shading = Shading(colors or "none", -1, True, plain)
    columns, rows = size(stream)
    room = (wanted.width or columns, wanted.height or min(HEIGHT, max(rows - 2, LEAST_HEIGHT)))
    names = list(dict.fromkeys(series.run for several in by_tag.values() for series in several))
    run_color = {name: red << 16 | green << 8 | blue for name, (red, green, blue) in run_colors(names).items()}
    for tag, several in by_tag.items():
        read = [_read(series, options, wanted, bad) for series in several]
        read = [one for one in read if len(one.x)]
        together = wanted.kind == "distribution" and len(several) <= FEW
        for group in [read] if together and read else [[one] for one in read]:
            title = tag if together and len(group) == len(names) else f"{tag}  {', '.join(one.run for one in group)}"
            if wanted.kind == "distribution":
                cells = _fan(title, group, wanted, run_color, shading, room)
            else:
                cells = _heat(title, group[0], wanted, shading, room)
            yield _text(cells, colors)


def _read(series: BlobSeries, options: Options, wanted: Wanted, bad: list[str]) -> _Read:
    line = ProgressLine()
    steps: list[int] = []
    walls: list[float] = []
    waiting: list[Histogram] = []
    rows: list[Floats] = []

    def take() -> None:
        rows.append(percentiles(waiting) if wanted.kind == "distribution" else sketches(waiting))
        waiting.clear()

    for number, (reference, found) in enumerate(histograms_of(series, options.purge), 1):
        line.tell(f"read {number:,} histograms")
        if isinstance(found, str):
            bad.append(f"{reference.slot.name}: tag {series.tag!r}, step {reference.step}: {found}")
        elif found.total > 0:
            steps.append(reference.step)
            walls.append(reference.wall)
            waiting.append(found)
            if len(waiting) >= BATCH:
                take()
    take()
    line.clear()
    x = np.array(steps if wanted.x_axis == "step" else walls, np.float64)
    if wanted.x_axis == "relative":
        x = x - (start_of(x) or 0.0)
    table: Floats = np.concatenate(rows)
    good = np.isfinite(x)
    order = np.argsort(x[good], kind="stable")
    return _Read(series.run, x[good][order], table[good][order])


def _x_axis(found: Sequence[_Read]) -> Axis:
    low, high = min(one.x[0] for one in found), max(one.x[-1] for one in found)
    return Axis(float(low), float(high)) if low < high else Axis(float(low) - 1, float(high) + 1)


def _fan(
    title: str,
    found: Sequence[_Read],
    wanted: Wanted,
    colors: dict[str, int],
    shading: Shading,
    room: tuple[int, int],
) -> Cells:
    from tbtui.charts.canvas import Curve, Window
    from tbtui.charts.chart import ChartSpec, draw_chart
    from tbtui.charts.fans import Fan, lit

    scale: Scale = "log" if wanted.log_y else "linear"
    y = range_axis([one.rows for one in found], "full", scale)
    style: Style = "ascii" if shading.plain else "braille"
    curves = [
        Curve(one.x, one.rows[:, MEDIAN], lit(colors[one.run], shading), one.run, run_marker(number, shading.plain))
        for number, one in enumerate(found)
    ]
    spec = ChartSpec(
        title=title,
        curves=curves,
        x_kind=X_AXES[wanted.x_axis],
        window=Window(_x_axis(found), y),
        legend=1 if len(found) > 1 else 0,
        fans=[Fan(one.x, one.rows, colors[one.run]) for one in found],
        shading=shading,
        colored=shading.color_system != "none",
    )
    return draw_chart(spec, *room, style).cells


def _heat(title: str, found: _Read, wanted: Wanted, shading: Shading, room: tuple[int, int]) -> Cells:
    from tbtui.charts.heat import HeatSpec, draw_heat_map

    low, high = whole_range(found.rows)
    y = Axis(low, high) if low < high else axis_around(low, high, "linear")
    x = _x_axis([found])
    most = 0.0

    def fill(rows: int, columns: int) -> Floats:
        nonlocal most
        counts = binned(found.rows, y.low + (y.high - y.low) * np.linspace(0, 1, rows + 1))
        most = float(counts.max(initial=0.0))
        places = x.low + (np.arange(columns) + 1) / columns * (x.high - x.low)
        last = np.maximum(np.searchsorted(found.x, places, side="right") - 1, 0)
        first = np.minimum(np.append(0, last[:-1] + 1), last)
        sums = np.concatenate((np.zeros((1, rows)), np.cumsum(counts, axis=0)))
        means = (sums[last + 1] - sums[first]) / (last + 1 - first)[:, None]
        return np.asarray(np.sqrt(means.T[::-1] / (most or 1.0)))

    rows = max(1, room[1] - _AROUND) * shading.rows_a_cell
    fill(rows, max(1, room[0]))  # the legend is written before the plot is filled
    spec = HeatSpec(
        fill,
        x,
        y,
        title=title,
        x_kind=X_AXES[wanted.x_axis],
        ends=("0", format_value(most)),
        unit=f"values per {format_value((y.high - y.low) / rows)}",
        names=("step" if wanted.x_axis == "step" else "time", "value"),
        shading=shading,
        bold=True,
    )
    return draw_heat_map(spec, *room).cells


def _text(cells: Cells, colors: ColorSystem | None) -> str:
    return cells.to_text() if colors is None else cells.to_ansi(colors)
