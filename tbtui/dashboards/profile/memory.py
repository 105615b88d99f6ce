"""Memory over time as a chart, one device at a time or all of them."""

from __future__ import annotations

import numpy as np

from tbtui.analysis.colors import run_colors
from tbtui.analysis.numbers import format_bytes
from tbtui.charts.canvas import Curve
from tbtui.charts.cells import Cells, blank
from tbtui.charts.chart import ChartSpec, draw_chart
from tbtui.commands.profile import time_text
from tbtui.dashboards.looks import Looks
from tbtui.profiles.memory import MemoryUse

MEGABYTE = 1 << 20
PS_PER_SECOND = 1e12
LINES = 2
"""Rows over the chart for what the peak was."""


def draw_memory(uses: list[MemoryUse], width: int, height: int, looks: Looks) -> Cells:
    """The chart, in megabytes over seconds of the capture, under a line for each of the first devices."""
    cells = blank(height, width)
    if not uses:
        cells.put(0, 1, "no memory was recorded in this capture (profile_memory=True does)")
        return cells
    colors = run_colors([_name(use) for use in uses])
    rgb = {name: red << 16 | green << 8 | blue for name, (red, green, blue) in colors.items()}
    shown = uses[: max(1, min(LINES, height - 4))]
    for row, use in enumerate(shown):
        share = f", {use.peak / use.capacity:.0%} of {format_bytes(use.capacity)}" if use.capacity else ""
        words = f" {_name(use)}: at most {format_bytes(use.peak)} allocated, at {time_text(use.peak_time)}{share}"
        cells.put(row, 0, words, rgb[_name(use)])
    curves = []
    for use in uses:
        seconds = use.time / PS_PER_SECOND
        name = _name(use)
        curves.append(Curve(seconds, use.allocated / MEGABYTE, rgb[name], f"{name} allocated", name[:1]))
        known = use.reserved > 0
        if known.any():
            reserved = np.where(known, use.reserved / MEGABYTE, np.nan)
            curves.append(Curve(seconds, reserved, rgb[name], f"{name} reserved", name[:1], dashed=True))
    spec = ChartSpec("MB", curves, x_kind="relative", ignore_outliers=False, legend=3, focus=0)
    looks.dress(spec)
    chart = draw_chart(spec, width, max(1, height - len(shown)), looks.style)
    cells.paste(chart.cells, len(shown), 0)
    return cells


def _name(use: MemoryUse) -> str:
    return "host" if use.device is None else f"device {use.device}"
