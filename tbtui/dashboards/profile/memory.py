"""Memory over time as a chart, one device at a time or all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tbtui.analysis.colors import PALETTE
from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cell_width
from tbtui.charts.canvas import Curve
from tbtui.charts.cells import Cells, blank
from tbtui.charts.chart import ChartSpec, draw_chart
from tbtui.commands.profile_text import time_text
from tbtui.dashboards.looks import Looks
from tbtui.dashboards.profile.facts import in_lines
from tbtui.profiles.memory import MemoryUse
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings

UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))
TIMES = ((1e12, "s"), (1e9, "ms"), (1e6, "µs"), (1e3, "ns"))
LINES = 3
"""Rows over the chart for what the peaks were."""
LAST_CELLS = 12
"""Cells beside the title in which the last value stands."""


class MemoryPane(ChartPanel):
    """The chart of memory; it has nothing to move in."""

    BINDINGS = bindings("list")
    can_focus = False
    DEFAULT_CSS = "MemoryPane { height: 3fr; min-height: 6; margin: 0 1; }"

    def __init__(self, draw: Callable[[], None]) -> None:
        super().__init__(id="profile-memory")
        self._draw = draw

    def on_resize(self) -> None:
        self._draw()


def draw_memory(uses: Sequence[MemoryUse], width: int, height: int, looks: Looks) -> Cells:
    """The chart, with the units at its axes, under a line for each of the first devices."""
    cells = blank(height, width)
    if not uses:
        return cells
    told = _told(uses, width, max(1, min(LINES, height - 8)))
    unit, letters = _unit(UNITS, max(use.peak for use in uses))
    second, word = _unit(TIMES, max((int(use.time[-1]) for use in uses if len(use.time)), default=0))
    curves = []
    for row, (number, line) in enumerate(told):
        cells.put(row, 0, line, _color(number) if looks.colored else looks.text)
    for number, use in enumerate(uses):
        color = _color(number)
        times = np.repeat(use.time / second, 2)[1:]  # it stays as it is until it changes
        name, mark = device_name(use.device), "ohdx"[number % 4]
        allocated = np.repeat(use.allocated / unit, 2)[:-1]
        curves.append(Curve(times, allocated, color, f"{name} allocated", mark))
        known = use.reserved > 0
        if known.any():
            reserved = np.repeat(np.where(known, use.reserved / unit, np.nan), 2)[:-1]
            curves.append(Curve(times, reserved, color, f"{name} reserved", mark, dashed=True))
    word = "us" if looks.ascii and word == "µs" else word
    dashed = " (dashed: reserved)" if any(curve.dashed for curve in curves) else ""
    title = f"{letters} allocated{dashed} over {word} of the capture"
    if cell_width(title) > width - LAST_CELLS:
        title = f"{letters}{dashed} over {word}"
    spec = ChartSpec(title, curves, x_kind="number", ignore_outliers=False, legend=2)
    looks.dress(spec)
    chart = draw_chart(spec, width, max(1, height - len(told)), looks.style)
    cells.paste(chart.cells, len(told), 0)
    return cells


def _told(uses: Sequence[MemoryUse], width: int, most: int) -> list[tuple[int, str]]:
    """What the peaks were, in at most so many lines, each with the number of its device: of one device alone all of
    it, of several a line each with as much as there is room for."""
    if len(uses) == 1:
        return [(0, line) for line in in_lines(_facts(uses[0]), width)][:most]
    return [(number, in_lines(_facts(use), width)[0]) for number, use in enumerate(uses[:most])]


def _facts(use: MemoryUse) -> list[str]:
    facts = [f"{device_name(use.device)}: at most {format_bytes(use.peak)} allocated", f"at {time_text(use.peak_time)}"]
    if use.capacity:
        facts.append(f"{use.peak / use.capacity:.0%} of its {format_bytes(use.capacity)}")
    reserved = int(use.reserved.max(initial=0))
    if reserved > 0:
        facts.append(f"at most {format_bytes(reserved)} reserved")
    return facts


def _color(number: int) -> int:
    red, green, blue = PALETTE[number % len(PALETTE)]
    return red << 16 | green << 8 | blue


def _unit(units: Sequence[tuple[float, str]], largest: float) -> tuple[float, str]:
    return next((one for one in units if largest >= one[0]), units[-1])


def device_name(device: int | None) -> str:
    """As it is called."""
    return "host" if device is None else f"device {device}"
