"""Fans: the percentiles of a distribution over x as bands of deepening colour around their middle.

Bands are colours behind the curves, two to a cell one above the other; where the terminal has few colours, or none,
they are characters of more and more ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.charts.canvas import Curve, Window, trace_curves
from tbtui.charts.cells import DEFAULT, Cells, blank
from tbtui.charts.marks import Stage
from tbtui.charts.palette import Shading
from tbtui.charts.pixels import pixels

__all__ = ["BANDS", "Fan", "lit", "put_fans", "swatches"]

Floats = npt.NDArray[np.float64]

BANDS = ((0, 8), (1, 7), (2, 6), (3, 5))
"""Pairs of percentiles between which the bands lie, the outer one first."""

_TINTS = (0.24, 0.40, 0.56, 0.72)
"""How much of the colour each band has."""
_INK = "·░▒▓"
_PLAIN_INK = ".:-="
_NO_TURNS = np.empty(0, np.int64)
_FAR = 1 << 20


@dataclass(slots=True)
class Fan:
    """Percentiles of one run.

    x: int64[n] or float64[n], rising, origin is subtracted from it; rows: float64[n, 9], rising along each row;
    color: 0xRRGGBB or -1. bands: which of `BANDS` are drawn. right: it belongs to the second y axis.
    """

    x: npt.NDArray[np.int64] | Floats
    rows: Floats
    color: int = DEFAULT
    origin: float = 0.0
    bands: Sequence[tuple[int, int]] = field(default_factory=lambda: BANDS)
    right: bool = False


def put_fans(stage: Stage, fans: Sequence[Fan], shading: Shading) -> None:
    """Draws fans behind what a plot has already."""
    height, width = stage.plot.height, stage.plot.width
    levels = [_levels(fan, stage.window, width, height) for fan in fans] if width > 0 and height > 0 else []
    if not levels:
        return
    here = (slice(stage.plot.row, stage.plot.row + height), slice(stage.plot.col, stage.plot.col + width))
    if shading.rows_a_cell == 2:
        _put_colors(stage.cells, here, levels, [fan.color for fan in fans], shading)
    else:
        _put_ink(stage.cells, here, levels, [fan.color for fan in fans], shading)


def _levels(fan: Fan, window: Window, width: int, height: int) -> Floats:
    """How deep each pixel lies in a fan, float64[2 * height, width]: 0 outside to 4 between the innermost two."""
    level = np.zeros((2 * height, 2 * width))
    if not len(fan.x):
        return np.zeros((2 * height, width))
    columns = sorted({column for band in fan.bands for column in band})
    curves = [Curve(fan.x, fan.rows[:, column], origin=fan.origin, turns=_NO_TURNS) for column in columns]
    traces = dict(
        zip(columns, trace_curves(curves, Window(window.x, _axis(fan, window)), width, height, "blocks"), strict=True)
    )
    rows = np.arange(2 * height)[:, None]
    for low, high in fan.bands:
        upper, lower = traces[high], traces[low]
        top = np.where(upper.top[0] <= upper.bottom[0], upper.top[0], _FAR)
        ends = lower.top[0] <= lower.bottom[0]
        # A logarithmic axis has no place for what is not positive: the band goes down to the edge.
        bottom = np.where(ends, lower.bottom[0], np.where(top < _FAR, _FAR, -1))
        level += (rows >= top) & (rows <= bottom)
    depth = level * (4 / len(fan.bands))
    return np.asarray(depth.reshape(2 * height, width, 2).mean(axis=2))


def _axis(fan: Fan, window: Window) -> Axis:
    return window.right if fan.right and window.right is not None else window.y


def tinted(color: int, ground: int, share: npt.ArrayLike) -> Floats:
    """Red, green and blue [..., 3] of a colour laid on another one."""
    shares = np.asarray(share, np.float64)[..., None]
    return np.asarray(_parts(ground) * (1 - shares) + _parts(color) * shares)


def lit(color: int, shading: Shading) -> int:
    """A colour for what stands before a fan of this colour: nearer to the colour of text."""
    if color == DEFAULT or shading.color_system in ("none", "16"):
        return color
    red, green, blue = tinted(0xFFFFFF if shading.dark else 0x000000, color, 0.6).astype(int).tolist()
    return int(red << 16 | green << 8 | blue)


def _parts(color: int) -> Floats:
    return np.array((color >> 16 & 255, color >> 8 & 255, color & 255), np.float64)


def _put_colors(
    cells: Cells, here: tuple[slice, slice], levels: Sequence[Floats], colors: Sequence[int], shading: Shading
) -> None:
    """Tints of the fans' colours on the background; where fans overlap, of their mixture."""
    ground = shading.ground if shading.ground >= 0 else (0x000000 if shading.dark else 0xFFFFFF)
    rgb = np.broadcast_to(_parts(ground), (*levels[0].shape, 3)).copy()
    for level, color in zip(levels, colors, strict=True):
        share = np.interp(level, range(5), (0.0, *_TINTS))[..., None]
        rgb = rgb * (1 - share) + _parts(color) * share
    drawn = pixels(np.rint(rgb).astype(np.uint8), shading.color_system, dark=shading.dark)
    assert drawn.backs is not None
    inside = np.maximum.reduce(list(levels)).reshape(-1, 2, levels[0].shape[1]).max(axis=1) > 0
    free = cells.glyphs[here] == 0x20
    split = drawn.glyphs != 0x20
    backs = cells.back_grid()[here]
    taken = inside & ~free
    backs[inside] = drawn.backs[inside]
    fill = inside & free & split
    cells.glyphs[here][fill] = drawn.glyphs[fill]
    cells.colors[here][fill] = drawn.colors[fill]
    cells.attrs[here][fill] = 0
    whole = inside & free & ~split
    cells.colors[here][whole] = DEFAULT
    mean = rgb.reshape(-1, 2, rgb.shape[1], 3).mean(axis=1)
    once = pixels(np.repeat(np.rint(mean).astype(np.uint8), 2, axis=0), shading.color_system, dark=shading.dark)
    assert once.backs is not None
    backs[taken] = once.backs[taken]


def _put_ink(
    cells: Cells, here: tuple[slice, slice], levels: Sequence[Floats], colors: Sequence[int], shading: Shading
) -> None:
    """Characters of more ink further inside; where fans overlap they take turns along the diagonals."""
    signs = np.array([ord(sign) for sign in (_PLAIN_INK if shading.plain else _INK)], np.uint32)
    deep = np.stack([level.reshape(-1, 2, level.shape[1]).mean(axis=1) for level in levels])
    count = (deep > 0).sum(axis=0)
    turn = np.add.outer(np.arange(deep.shape[1]), np.arange(deep.shape[2])) % np.maximum(count, 1)
    rank = np.cumsum(deep > 0, axis=0) - 1
    chosen = ((deep > 0) & (rank == turn)).argmax(axis=0)
    level = np.take_along_axis(deep, chosen[None], axis=0)[0]
    free = (cells.glyphs[here] == 0x20) & (level > 0)
    number = np.clip(np.ceil(level).astype(np.int64) - 1, 0, len(signs) - 1)
    cells.glyphs[here][free] = signs[number][free]
    cells.colors[here][free] = np.array(colors, np.int32)[chosen][free]
    cells.attrs[here][free] = 0


def swatches(color: int, shading: Shading, words: Sequence[str]) -> Cells:
    """One row: a sample of each band from the outer to the inner one, each with a word behind it."""
    cells = blank(1, sum(len(word) + 4 for word in words))
    col = 0
    plain = _PLAIN_INK if shading.plain else _INK
    ground = shading.ground if shading.ground >= 0 else (0x000000 if shading.dark else 0xFFFFFF)
    for number, word in enumerate(words):
        if shading.rows_a_cell == 2:
            rgb = np.broadcast_to(np.rint(tinted(color, ground, _TINTS[number])).astype(np.uint8), (2, 2, 3))
            cells.paste(pixels(rgb, shading.color_system, dark=shading.dark), 0, col)
        else:
            cells.put(0, col, plain[number] * 2, color)
        cells.put(0, col + 3, word)
        col += len(word) + 4
    return cells
