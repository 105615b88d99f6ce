"""The timeline: threads and streams as lanes, with a cursor, zoom and pan."""

from __future__ import annotations

import numpy as np
from textual import events
from textual.message import Message

from tbtui.analysis.colors import run_colors
from tbtui.charts.cells import DEFAULT
from tbtui.charts.lanes import NOTHING, LaneRow, draw_lanes
from tbtui.commands.profile import time_text
from tbtui.dashboards.profile.opening import Opened
from tbtui.profiles.model import Lane
from tbtui.profiles.timeline import spans_at
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings

LABELS = 20
NARROW_LABELS = 10
NARROW = 70
MOST_COLORED = 400
"""Names that get a colour each; those that take less time share one."""
SHORTEST = 1000.0
"""Picoseconds that a column shows at least."""
GREY = 0x808080
MARGIN = 0.02
TICK_CELLS = 16


class TimelinePane(ChartPanel):
    """The lanes of a capture between two times."""

    BINDINGS = bindings("list")
    DEFAULT_CSS = "TimelinePane { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="profile-timeline")
        self.colored = True
        self.muted = DEFAULT
        self._opened: Opened | None = None
        self._colors: dict[int, int] = {}
        self.begin, self.end = 0.0, 1.0  # ps
        self.row, self.column, self._top = 0, 0, 0

    def show_capture(self, opened: Opened) -> None:
        """Show this capture: its first step, or all of it."""
        self._opened = opened
        spans, names = opened.profile.spans, opened.profile.names
        spent = np.bincount(spans.name, spans.duration, len(names))
        often = np.argsort(-spent)[:MOST_COLORED].tolist()
        chosen = run_colors([names[number] for number in often])
        rgb = {name: red << 16 | green << 8 | blue for name, (red, green, blue) in chosen.items()}
        self._colors = {number: rgb[names[number]] for number in often}
        self.row = self.column = self._top = 0
        steps = opened.overview.steps
        if steps:
            self.to_step(0)
        else:
            self.fit()

    def fit(self) -> None:
        """The whole capture."""
        if self._opened is not None and len(self._opened.profile.spans):
            spans = self._opened.profile.spans
            self._between(float(spans.start.min()), float(spans.end.max()))

    def to_step(self, number: int) -> int:
        """One step of the capture; returns which one that was."""
        steps = self._opened.overview.steps if self._opened is not None else []
        if not steps:
            return 0
        number = max(0, min(number, len(steps) - 1))
        step = steps[number]
        self._between(step.start - MARGIN * step.duration, step.start + (1 + MARGIN) * step.duration)
        return number

    def zoom(self, factor: float) -> None:
        """Closer to the cursor (factor below 1), or farther from it."""
        at = self.begin + (self.column + 0.5) / max(1, self._columns) * (self.end - self.begin)
        share = (at - self.begin) / (self.end - self.begin)
        length = max(SHORTEST * max(1, self._columns), (self.end - self.begin) * factor)
        self._between(at - share * length, at + (1 - share) * length)

    def pan(self, share: float) -> None:
        """By a share of what is in sight."""
        by = share * (self.end - self.begin)
        self._between(self.begin + by, self.end + by)

    def _between(self, begin: float, end: float) -> None:
        self.begin, self.end = begin, max(end, begin + SHORTEST)
        self.redraw()

    @property
    def _labels(self) -> int:
        return NARROW_LABELS if self.size.width < NARROW else LABELS

    @property
    def _columns(self) -> int:
        return max(0, self.size.width - self._labels)

    def redraw(self) -> None:
        """Draw what is in sight now."""
        opened = self._opened
        columns, height = self._columns, self.size.height - 1  # the last row is the axis
        if opened is None or columns < 2 or height < 1:
            return
        count = len(opened.timeline)
        self.row = max(0, min(self.row, count - 1))
        self.column = max(0, min(self.column, columns - 1))
        self._top = max(0, min(max(self._top, self.row - height + 1), self.row))
        edges = np.linspace(self.begin, self.end, columns + 1)
        shown = opened.timeline[self._top : self._top + height]
        rows = [LaneRow("" if row.depth else _label(row.lane), spans_at(row, edges)) for row in shown]
        names, profile = opened.profile.spans.name, opened.profile
        self.show(
            draw_lanes(
                rows,
                profile.name_of,
                lambda number: self._colors.get(int(names[number]), GREY),
                self._labels,
                (self.row - self._top, self.column),
                self.colored,
                self.muted,
                self._ticks(),
            )
        )

    def _ticks(self) -> list[tuple[int, str]]:
        """Times along the axis, from the first step in sight on."""
        columns = self._columns
        count = max(1, columns // TICK_CELLS)
        at = [
            (column, self.begin + column / columns * (self.end - self.begin))
            for column in range(0, columns, TICK_CELLS)
        ]
        return [(column, time_text(max(0.0, time))) for column, time in at[:count]]

    def at_cursor(self) -> int | None:
        """The span under the cursor."""
        opened, columns = self._opened, self._columns
        if opened is None or columns < 2 or not opened.timeline:
            return None
        edges = np.linspace(self.begin, self.end, columns + 1)[self.column : self.column + 2]
        found = int(spans_at(opened.timeline[self.row], edges)[0])
        return None if found == NOTHING else found

    def words(self) -> str:
        """What is under the cursor, and what is in sight."""
        opened, found = self._opened, self.at_cursor()
        if opened is None:
            return ""
        sight = f"{time_text(self.end - self.begin)} from {time_text(max(0.0, self.begin))}"
        if found is None:
            return sight
        spans = opened.profile.spans
        text = f"{opened.profile.name_of(found)}  {time_text(int(spans.duration[found]))}"
        launcher = _launcher(opened, found)
        return f"{text}{f'  by {launcher}' if launcher else ''}   {sight}"

    def _moved(self) -> None:
        self.redraw()
        self.post_message(TimelineMoved())

    def action_down(self) -> None:
        self.row += 1
        self._moved()

    def action_up(self) -> None:
        self.row -= 1
        self._moved()

    def action_left(self) -> None:
        self._aside(-1)

    def action_right(self) -> None:
        self._aside(1)

    def _aside(self, by: int) -> None:
        self.column += by
        if not 0 <= self.column < self._columns:
            self.pan(by / 4)
            self.column -= by * (self._columns // 4)
        self._moved()

    def action_first(self) -> None:
        self.column = 0
        self._moved()

    def action_last(self) -> None:
        self.column = self._columns - 1
        self._moved()

    def action_page_down(self) -> None:
        self.row += max(1, self.size.height - 2)
        self._moved()

    def action_page_up(self) -> None:
        self.row -= max(1, self.size.height - 2)
        self._moved()

    def on_resize(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        self.row, self.column = self._top + event.y, max(0, event.x - self._labels)
        self._moved()


class TimelineMoved(Message):
    """The cursor of the timeline is elsewhere."""


def _label(lane: Lane) -> str:
    if lane.on_device:
        return f"dev {lane.device} {lane.thread}"
    return lane.title or lane.thread


def _launcher(opened: Opened, span: int) -> str:
    """The operator that launched a device's span."""
    calls = opened.calls
    place = np.searchsorted(calls.work, span)
    if place < len(calls.work) and int(calls.work[place]) == span and int(calls.launched_by[place]) >= 0:
        return opened.profile.name_of(int(calls.which[int(calls.launched_by[place])]))
    return ""
