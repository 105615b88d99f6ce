"""Envelopes: the band from the smallest to the largest raw value, around a smoothed curve.

Where there are many points to a column, the band is that of the column and its neighbours; where there are few, it
reaches over a few points to either side, so that it is a band and no line.  It always holds every raw value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tbtui.charts.canvas import Curve, Style, Trace, trace_curves
from tbtui.charts.marks import Stage
from tbtui.charts.shades import paint_bands

__all__ = ["put_envelopes", "widened"]

Rows = npt.NDArray[np.int32]

_POINTS = 3
"""The band of a column holds so many points to either side at least, if they are not too far off."""

_FARTHEST = 16
"""No further to either side than this part of the plot's width."""

_FAR = 1 << 20


def put_envelopes(stage: Stage, curves: Sequence[Curve], style: Style = "braille") -> None:
    """Draws the envelopes of raw curves into the free cells of a plot whose other curves are drawn already."""
    width, height = stage.plot.width, stage.plot.height
    if not curves or width < 1 or height < 1:
        return
    traces = trace_curves(curves, stage.window, width, height, style)
    columns = width * stage.dots.columns
    ends = [widened(trace, _reach(curve, stage, columns)) for curve, trace in zip(curves, traces, strict=True)]
    paint_bands(stage, ends, [curve.color for curve in curves], style)


def widened(trace: Trace, reach: int) -> tuple[Rows, Rows]:
    """First and last dot row of a curve within `reach` columns of each column, int32[1, columns].

    Empty (the first greater than the last) where the curve itself is not.
    """
    filled = trace.top <= trace.bottom
    top = np.where(filled, trace.top, _FAR).min(axis=0)
    bottom = np.where(filled, trace.bottom, -_FAR).max(axis=0)
    around = 2 * reach + 1
    tops = np.lib.stride_tricks.sliding_window_view(np.pad(top, reach, constant_values=_FAR), around).min(axis=1)
    bottoms = np.lib.stride_tricks.sliding_window_view(np.pad(bottom, reach, constant_values=-_FAR), around)
    here = filled.any(axis=0)
    first = np.where(here, tops, 1).astype(np.int32)
    last = np.where(here, bottoms.max(axis=1), 0).astype(np.int32)
    return first[None], last[None]


def _reach(curve: Curve, stage: Stage, columns: int) -> int:
    """Over how many columns of dots to either side the band of a column goes."""
    axis, count = stage.window.x, len(curve.y)
    if curve.turns is not None and not len(curve.turns):
        ends = np.array([axis.low, axis.high]) + curve.origin
        inside = curve.x[:count].searchsorted(ends.astype(curve.x.dtype))
        count = int(inside[1] - inside[0])
    reach = math.ceil(_POINTS * columns / max(count, 1))
    return max(stage.dots.columns, min(reach, columns // _FARTHEST))
