"""Bands behind curves: what lies between a lower and an upper curve, as a texture of few dots.

Curves come first: a band only takes cells that nothing else is in. Where bands overlap they take turns from cell to
cell, so that each stays visible; each has a texture of its own too, for terminals without colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tbtui.analysis.reduce import NAN, Pyramid
from tbtui.charts.canvas import Curve, Style, Trace, trace_curves
from tbtui.charts.cells import DEFAULT, DIM
from tbtui.charts.marks import Stage

__all__ = ["Shade", "paint_bands", "put_shades"]

_FAR = 1 << 20
_TEXTURES: dict[Style, tuple[int, ...]] = {
    "braille": (1 | 16 | 4 | 128, 8 | 2 | 32 | 64, 1 | 32, 16 | 64),
    "blocks": (1 | 8, 2 | 4),
    "ascii": (7,),
}
"""Which dots of a cell a band has, by its number."""
_PLAIN = ".:,'"


@dataclass(slots=True)
class Shade:
    """A band between two curves with the same x.

    x: float64[n] or int64[n], rising; low, high: float64[n], NaN where there is no band; color: 0xRRGGBB or -1.
    low_pyramid, high_pyramid: of both, kept by the caller. origin: subtracted from x.
    right: it belongs to the second y axis, if the window has one.
    """

    x: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    color: int = DEFAULT
    low_pyramid: Pyramid | None = None
    high_pyramid: Pyramid | None = None
    origin: float = 0.0
    right: bool = False


def put_shades(stage: Stage, shades: Sequence[Shade], style: Style = "braille") -> None:
    """Draws bands into the free cells of a plot whose curves are drawn already."""
    if shades and stage.plot.width >= 1 and stage.plot.height >= 1:
        ends = [_ends(shade, stage, style) for shade in shades]
        paint_bands(stage, ends, [shade.color for shade in shades], style)


def paint_bands(
    stage: Stage,
    ends: Sequence[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]],
    band_colors: Sequence[int],
    style: Style,
) -> None:
    """Fills the free cells between these first and last dot rows, int32[1, columns] each, empty where first > last."""
    width, height = stage.plot.width, stage.plot.height
    tops, bottoms = [top for top, _ in ends], [bottom for _, bottom in ends]
    masks = stage.dots.masks(tops, bottoms, height, width)
    masks = np.stack([_textured(mask, style, number) for number, mask in enumerate(masks)])
    owner = _take_turns(masks > 0)
    here = (slice(stage.plot.row, stage.plot.row + height), slice(stage.plot.col, stage.plot.col + width))
    cells = stage.cells
    free = (owner >= 0) & (cells.glyphs[here] == 0x20)
    mask = np.take_along_axis(masks, np.maximum(owner, 0)[None], axis=0)[0]
    glyphs = stage.dots.glyphs[mask]
    if style == "ascii":
        glyphs = np.array([ord(char) for char in _PLAIN], np.uint32)[owner % len(_PLAIN)]
    colors = np.array(band_colors, np.int32)
    cells.glyphs[here][free] = glyphs[free]
    cells.colors[here][free] = colors[owner[free]]
    cells.attrs[here][free] = DIM


def _ends(shade: Shade, stage: Stage, style: Style) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """First and last dot row of the band in each dot column, int32[1, columns], empty where the first is greater."""
    curves = [
        Curve(shade.x, values, origin=shade.origin, pyramid=pyramid, turns=np.empty(0, np.int64), right=shade.right)
        for values, pyramid in ((shade.high, shade.high_pyramid), (shade.low, shade.low_pyramid))
    ]
    high, low = trace_curves(curves, stage.window, stage.plot.width, stage.plot.height, style)
    upper, lower = _filled(high), _filled(low)
    top = np.where(upper, high.top[0], 1)
    bottom = np.where(lower, low.bottom[0], 0)
    # A log scale has no place for a lower end that is not positive: the band goes down to the edge.
    endless = upper & ~lower & (low.flags & NAN == 0)
    bottom = np.where(endless, _FAR, bottom)
    hidden = ~upper | (~lower & ~endless)
    return np.where(hidden, 1, top)[None].astype(np.int32), np.where(hidden, 0, bottom)[None].astype(np.int32)


def _filled(trace: Trace) -> npt.NDArray[np.bool_]:
    return np.asarray(trace.top[0] <= trace.bottom[0])


def _textured(mask: npt.NDArray[np.uint8], style: Style, number: int) -> npt.NDArray[np.uint8]:
    """Some of the dots of a band; where that would be none, all of them."""
    texture = _TEXTURES[style][number % len(_TEXTURES[style])]
    some = mask & np.uint8(texture)
    return np.asarray(np.where(some > 0, some, mask))


def _take_turns(present: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Which of the bands in a cell has it: each in turn along the diagonals; -1 where there is none."""
    _, height, width = present.shape
    count = present.sum(axis=0)
    turn = (np.arange(height)[:, None] + np.arange(width)[None, :]) % np.maximum(count, 1)
    rank = np.cumsum(present, axis=0) - 1
    chosen = present & (rank == turn)
    return np.where(count > 0, chosen.argmax(axis=0), -1)
