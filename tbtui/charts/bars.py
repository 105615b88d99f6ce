"""Counts as bars, in eighths of a cell, and profiles behind each other as ridges, in dots of braille."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tbtui.analysis.ticks import fit_ticks, tick_cells
from tbtui.charts.cells import BOLD, DEFAULT, Cells, blank
from tbtui.charts.dots import STYLES
from tbtui.charts.figure import Frame, draw_frame
from tbtui.charts.heat import HeatMap, HeatSpec, open_plot, put_heading, put_names
from tbtui.charts.layout import Rect

__all__ = ["Ridges", "bar_cells", "draw_bars", "draw_ridges", "mixed", "put_tops", "ridge_count"]

Floats = npt.NDArray[np.float64]
Profiles = Callable[[int], Floats]
"""(columns) -> heights float64[r, columns] from 0 to 1, the oldest ridge first."""

_EIGHTHS = np.array([ord(sign) for sign in " ▁▂▃▄▅▆▇█"], np.uint32)
_PLAIN_PARTS = np.array([ord(sign) for sign in " ..::#"], np.uint32)
_APART = 3
"""Dots between ridges, at least."""
_HIGH = 3.2
"""How many times as high as they are apart ridges are."""
_MOST_HIGH = 0.45
_TINT = 0.3
_LABELS_FROM = 18
_NAME_FROM = 36
"""In wider pictures there is always room for the name of the axis."""
_ROWS_A_LABEL = 3


def bar_cells(heights: Floats, height: int, width: int, color: int = DEFAULT, *, plain: bool = False) -> Cells:
    """Bars of heights float64[n] from 0 to 1, side by side over the whole width; what is not 0 is always seen."""
    cells = blank(height, width)
    if not len(heights) or height < 1 or width < 1:
        return cells
    signs = _PLAIN_PARTS if plain else _EIGHTHS
    parts = len(signs) - 1
    share = np.nan_to_num(heights[np.arange(width) * len(heights) // width])
    full = np.rint(np.clip(share, 0, 1) * height * parts).astype(np.int64)
    full = np.where(share > 0, np.maximum(full, 1), 0)
    level = np.clip(full[None, :] - (np.arange(height)[::-1] * parts)[:, None], 0, parts)
    cells.glyphs[:] = signs[level]
    cells.colors[level > 0] = color
    return cells


def put_tops(cells: Cells, heights: Floats, plot: Rect, color: int = DEFAULT, *, plain: bool = False) -> None:
    """The tops of other bars of heights float64[n] from 0 to 1 over the bars of a plot; none where the height is 0."""
    if not len(heights) or plot.height < 1 or plot.width < 1:
        return
    columns = np.arange(plot.width)
    share = np.clip(np.nan_to_num(heights[columns * len(heights) // plot.width]), 0, 1)
    columns = columns[share > 0]
    rows = plot.row + plot.height - np.maximum(np.ceil(share[columns] * plot.height).astype(np.int64), 1)
    columns = columns + plot.col
    inside = cells.glyphs[rows, columns] == (ord("#") if plain else ord("█"))
    if cells.colors[rows, columns].max(initial=DEFAULT) >= 0 and not plain:
        cells.back_grid()[rows[inside], columns[inside]] = cells.colors[rows[inside], columns[inside]]
    cells.glyphs[rows, columns] = ord("=" if plain else "━")
    cells.colors[rows, columns] = color
    cells.attrs[rows, columns] = BOLD


def draw_bars(
    spec: HeatSpec, width: int, height: int, color: int = DEFAULT, tops: Floats | None = None, top_color: int = DEFAULT
) -> HeatMap:
    """Bars with axes: `spec.fill(1, columns)` gives heights from 0 to 1, as many or fewer than there are columns.

    tops: heights of other bars, of which only the tops are drawn.
    """
    cells, layout = open_plot(spec, width, height)
    plot = layout.plot
    if plot.width > 0 and plot.height > 0:
        heights = spec.fill(1, plot.width)[0]
        cells.paste(bar_cells(heights, plot.height, plot.width, color, plain=spec.shading.plain), plot.row, plot.col)
        if tops is not None:
            put_tops(cells, tops, plot, top_color, plain=spec.shading.plain)
    return HeatMap(cells, plot)


@dataclass(slots=True)
class Ridges:
    """Profiles behind each other, the newest in front.

    spec: heading, legend, colours, and x, the axis of the profiles. places: float64[r] from 0 (at the back, the top) to
    1 (in front), rising; colors: of each ridge; labels: (place, words) at the left. strong: which ones stand out, in
    which colour; the last one of these over the others.
    """

    spec: HeatSpec
    profiles: Profiles
    places: Floats
    colors: Sequence[int]
    labels: Sequence[tuple[float, str]] = ()
    strong: Mapping[int, int] = field(default_factory=dict)


def ridge_count(height: int, plain: bool = False) -> int:
    """How many ridges a picture of so many rows of cells has room for."""
    dots = max(height - 3, 1) * STYLES["ascii" if plain else "braille"].rows
    return int(max(2, min(dots * (1 - _MOST_HIGH) / (1 if plain else _APART), 48)))


def draw_ridges(ridges: Ridges, width: int, height: int) -> HeatMap:
    """Draw them in width x height cells, with their labels at the left and the axis of values below."""
    spec, plain = ridges.spec, ridges.spec.shading.plain
    cells = blank(height, width)
    heading = int(height >= 3)
    x_labels = height - heading >= 5 and width >= 12
    axis_line = x_labels and height - heading >= 9
    rows = max(0, height - heading - int(x_labels) - int(axis_line))
    label_width = max((len(words) for _, words in ridges.labels), default=0) if width >= _LABELS_FROM else 0
    if label_width and width >= _NAME_FROM:
        label_width = max(label_width, len(spec.names[1]))
    left = label_width + 1 if label_width else 0
    plot = Rect(heading, left, rows, max(0, width - left))
    if heading:
        put_heading(cells, spec)
    if not plot.width or not plot.height:
        return HeatMap(cells, plot)
    dots = STYLES["ascii" if plain else "braille"]
    depth = plot.height * dots.rows
    bases, amplitude = _bases(ridges.places, depth)
    ticks = fit_ticks(spec.x, plot.width, spec.x_kind) if x_labels else None
    frame = Frame(
        plot.width,
        plot.height,
        label_width,
        _labels(ridges.labels, plot.height, depth, amplitude, dots.rows) if label_width else (),
        tuple(zip(tick_cells(spec.x, ticks.positions, plot.width), ticks.labels, strict=True)) if ticks else (),
        axis_line,
        x_labels,
        spec.axis_color,
        spec.label_color,
        plain,
    )
    cells.paste(draw_frame(frame), plot.row, plot.col - frame.left)
    put_names(cells, plot, frame, spec)
    heights = np.nan_to_num(np.clip(ridges.profiles(plot.width * dots.columns), 0, 1))
    if len(heights):
        outline, fill = _raster(heights, bases, amplitude, depth)
        cells.paste(_ridge_cells(ridges, outline, fill, plot), plot.row, plot.col)
    return HeatMap(cells, plot)


def _bases(places: Floats, depth: int) -> tuple[npt.NDArray[np.int64], int]:
    """The dot row that each ridge stands on, and how high they may be."""
    count = max(len(places), 1)
    amplitude = int(depth * _MOST_HIGH) if count < 2 else int(depth / (1 + (count - 1) / _HIGH))
    amplitude = max(2, min(amplitude, int(depth * _MOST_HIGH))) if count > 1 else max(depth - 1, 1)
    return np.rint(amplitude + places * (depth - 1 - amplitude)).astype(np.int64), amplitude


def _labels(
    labels: Sequence[tuple[float, str]], height: int, depth: int, amplitude: int, dots: int
) -> tuple[tuple[int, str], ...]:
    """Labels in rows of their own, the first and the last ones first."""
    taken: dict[int, str] = {}
    for place, words in [*labels[-1:], *labels[:-1]]:
        row = min(int(amplitude + place * (depth - 1 - amplitude)) // dots, height - 1)
        if all(abs(row - other) >= (1 if other == row else _ROWS_A_LABEL - 1) for other in taken):
            taken[row] = words
    return tuple(sorted(taken.items()))


def _raster(
    heights: Floats, bases: npt.NDArray[np.int64], amplitude: int, depth: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Which ridge's line is in each dot int16[depth, columns], and which one's inside; -1 for none."""
    columns = heights.shape[1]
    outline = np.full((depth, columns), -1, np.int16)
    fill = np.full((depth, columns), -1, np.int16)
    for number, (profile, base) in enumerate(zip(heights, bases.tolist(), strict=True)):
        tall = np.rint(profile * amplitude).astype(np.int64)
        top = base - tall
        beside = np.pad(top, 1, mode="edge")
        low = np.maximum(top, np.maximum((top + beside[:-2] + 1) // 2, (top + beside[2:] + 1) // 2))
        begin = max(0, base - amplitude)
        rows = np.arange(begin, min(base, depth - 1) + 1)[:, None]
        there = profile > 0
        near = there.copy()
        near[1:] |= there[:-1]
        near[:-1] |= there[1:]
        inside = (rows >= top) & near
        lines = inside & (rows <= np.minimum(low, base))
        part = slice(begin, begin + len(rows))
        outline[part][inside] = -1
        fill[part][inside & (rows > top)] = number
        outline[part][lines] = number
    return outline, fill


def _ridge_cells(ridges: Ridges, outline: npt.NDArray[np.int16], fill: npt.NDArray[np.int16], plot: Rect) -> Cells:
    shading = ridges.spec.shading
    dots = STYLES["ascii" if shading.plain else "braille"]
    shape = (plot.height, dots.rows, plot.width, dots.columns)
    cells = blank(plot.height, plot.width)
    inked = outline.reshape(shape) >= 0
    weights = np.array(((1, 8), (2, 16), (4, 32), (64, 128)) if dots.columns == 2 else ((1,), (2,), (4,)))
    mask = (inked * weights[None, :, None, :]).sum(axis=(1, 3))
    owner = outline.reshape(shape).max(axis=(1, 3))
    colors = np.array(ridges.colors, np.int32)
    for number, color in ridges.strong.items():
        mine = (outline.reshape(shape) == number).any(axis=(1, 3))
        owner = np.where(mine, number, owner)
        colors[number] = color
        cells.attrs[mine] = BOLD
    cells.glyphs[:] = dots.glyphs[mask]
    cells.colors[:] = np.where(owner >= 0, colors[np.maximum(owner, 0)], DEFAULT)
    if shading.color_system in ("truecolor", "256") and not shading.plain:
        tints = np.array([mixed(color, shading.ground, _TINT) for color in colors.tolist()], np.int32)
        inside = fill.reshape(shape)
        front = inside.max(axis=(1, 3))
        covered = (inside >= 0).sum(axis=(1, 3)) * 2 >= dots.rows * dots.columns
        cells.back_grid()[covered] = tints[front[covered]]
    return cells


def mixed(color: int, ground: int, share: float) -> int:
    """A colour laid thinly over a background; as it is where either is the terminal's own."""
    if color < 0 or ground < 0:
        return DEFAULT
    parts = ((color >> shift & 255, ground >> shift & 255) for shift in (16, 8, 0))
    red, green, blue = (round(front * share + back * (1 - share)) for front, back in parts)
    return red << 16 | green << 8 | blue
