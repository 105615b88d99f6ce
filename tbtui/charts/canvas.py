"""Curves as dots in cells: braille, quadrant blocks or plain characters, exact to the dot for any number of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.reduce import Pyramid
from tbtui.charts.cells import DEFAULT, DIM, Cells, blank

__all__ = ["Curve", "Style", "Window", "draw_curves"]

Style = Literal["braille", "blocks", "ascii"]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that a plot shows."""

    x: Axis
    y: Axis


@dataclass(slots=True)
class Curve:
    """A line through points, in the order of the arrays.

    x: int64[n] or float64[n] (steps as they are, no copy needed); y: float64[n] or float32[n], NaN and infinities
    break the line.  origin is subtracted from x: wall times and the start of the run make relative time.
    color: 0xRRGGBB or -1.  name: the run, shown in the legend.  marker: one character that tells the curve apart where
    there are no colours.  dim: drawn faint behind the others (the raw values behind a smoothed curve, superseded
    points); it is in no legend and does not count for the range.
    pyramid: of y, kept by the caller from frame to frame; without it every point in the window is looked at anew.
    turns: `find_turns(x)`, kept likewise; an empty array says that x only goes up; None: it is looked up here.
    last: the value shown beside the name, by default the last finite y.
    """

    x: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    y: npt.NDArray[np.float64] | npt.NDArray[np.float32]
    color: int = DEFAULT
    name: str = ""
    marker: str = ""
    dim: bool = False
    origin: float = 0.0
    pyramid: Pyramid | None = None
    turns: npt.NDArray[np.int64] | None = None
    last: float | None = None


def draw_curves(
    curves: Sequence[Curve],
    window: Window,
    width: int,
    height: int,
    style: Style = "braille",
    focus: int | None = None,
) -> Cells:
    """The curves in a plot of width x height cells; nothing else.

    In cells that several curves share the dots are united, and the colour is that of curve number `focus`, else of the
    curve with the most dots there.
    """
    cells = blank(height, width)
    if not cells.glyphs.size:
        return cells
    for curve in sorted(curves, key=lambda one: not one.dim):
        across = window.x.fraction(curve.x - curve.origin) * (width * 2 - 1)
        up = (1 - window.y.fraction(curve.y)) * (height * 4 - 1)
        inside = (across >= 0) & (across < width * 2) & (up >= 0) & (up < height * 4)
        column, row = across[inside].astype(int), up[inside].astype(int)
        bits = np.array([[1, 8], [2, 16], [4, 32], [64, 128]], np.uint32)
        dots = np.where(cells.glyphs == 0x20, 0x2800, cells.glyphs)
        np.bitwise_or.at(dots, (row // 4, column // 2), bits[row % 4, column % 2])
        cells.glyphs = np.where(dots == 0x2800, np.uint32(0x20), dots)
        cells.colors[row // 4, column // 2] = curve.color
        cells.attrs[row // 4, column // 2] = DIM if curve.dim else 0
    return cells
