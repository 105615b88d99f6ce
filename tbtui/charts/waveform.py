"""The course of a sound as cells: from the least to the greatest sample of each column, a lane for each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.ticks import fit_ticks, tick_cells
from tbtui.charts.cells import DEFAULT, Cells, blank
from tbtui.charts.dots import STYLES, Style
from tbtui.charts.figure import Frame, draw_frame
from tbtui.charts.layout import Rect, Wish, arrange

__all__ = ["Wave", "WaveSpec", "draw_wave"]

Extents = Callable[[int], tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]
"""Columns -> least and greatest float32[columns, channels]."""

LEAST_LANE = 3
"""Rows of cells; with less room all channels share one lane."""


@dataclass(slots=True)
class WaveSpec:
    """What is drawn. x: the time, whose ticks stand below where `ticks` says so; size: what the height of a lane stands
    for, from its middle; left: cells left of the samples, for labels and the line of the axis."""

    extents: Extents
    channels: int
    x: Axis
    size: float = 1.0
    style: Style = "braille"
    ticks: bool = True
    left: int = 6
    color: int = DEFAULT
    axis_color: int = DEFAULT
    label_color: int = DEFAULT


@dataclass(frozen=True, slots=True)
class Wave:
    """Cells, and where in them the samples are."""

    cells: Cells
    plot: Rect


def draw_wave(spec: WaveSpec, width: int, height: int) -> Wave:
    """Draw it in width x height cells."""
    cells = blank(height, width)
    left = max(0, min(spec.left, width - 1))
    layout = arrange(Wish(heading=False, x_kind="number"), spec.x, Axis(0.0, 0.0), width - left, height)
    line, labels = layout.axis_line and spec.ticks, layout.x_labels and spec.ticks
    plot = Rect(0, left, max(0, height - line - labels), max(0, width - left))
    if not plot.width or not plot.height:
        return Wave(cells, plot)
    dots = STYLES[spec.style]
    low, high = spec.extents(plot.width * dots.columns)
    if plot.height < LEAST_LANE * spec.channels:
        low, high = low.min(axis=1, keepdims=True), high.max(axis=1, keepdims=True)
    lanes = _lanes(plot, low.shape[1])
    ticks = fit_ticks(spec.x, plot.width, "number")
    x_ticks = tuple(zip(tick_cells(spec.x, ticks.positions, plot.width), ticks.labels, strict=True))
    frame = Frame(
        plot.width, plot.height, max(0, left - 1), _y_ticks(spec, lanes), x_ticks if labels else (), line, labels,
        spec.axis_color, spec.label_color, spec.style == "ascii",
    )  # fmt: skip
    cells.paste(draw_frame(frame), 0, plot.col - frame.left)
    for number, lane in enumerate(lanes):
        _put_lane(cells, spec, low[:, number], high[:, number], lane)
    return Wave(cells, plot)


def _lanes(plot: Rect, count: int) -> list[Rect]:
    tops = [plot.height * number // count for number in range(count + 1)]
    return [Rect(top, plot.col, end - top, plot.width) for top, end in pairwise(tops)]


def _y_ticks(spec: WaveSpec, lanes: list[Rect]) -> tuple[tuple[int, str], ...]:
    """The ends of one lane; of several the numbers of the channels."""
    if len(lanes) > 1:
        return tuple((lane.row + lane.height // 2, f"{number}") for number, lane in enumerate(lanes, 1))
    if lanes[0].height < LEAST_LANE:
        return ()
    end = f"{spec.size:.2g}"
    return ((0, end), (lanes[0].height // 2, "0"), (lanes[0].height - 1, f"-{end}"))


def _put_lane(
    cells: Cells, spec: WaveSpec, low: npt.NDArray[np.float32], high: npt.NDArray[np.float32], lane: Rect
) -> None:
    dots = STYLES[spec.style]
    rows = lane.height * dots.rows
    size = spec.size or 1.0
    # Each column reaches to the one before it, so that the curve has no holes however near one looks.
    low, high = low.copy(), high.copy()
    before_low, before_high = low[:-1].copy(), high[:-1].copy()
    low[1:], high[1:] = np.minimum(low[1:], before_high), np.maximum(high[1:], before_low)
    places = [np.clip((1 - part.astype(np.float64) / size) / 2, 0, 1) * (rows - 1) for part in (high, low)]
    top, bottom = (np.rint(place).astype(np.int32) for place in places)
    masks = dots.masks([top[None]], [bottom[None]], lane.height, lane.width)[0]
    inked = masks > 0
    here = (slice(lane.row, lane.row + lane.height), slice(lane.col, lane.col + lane.width))
    cells.glyphs[here] = np.where(inked, dots.glyphs[masks], cells.glyphs[here])
    cells.colors[here] = np.where(inked, spec.color, cells.colors[here])
