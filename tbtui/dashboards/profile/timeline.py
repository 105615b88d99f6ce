"""The timeline: threads and streams as lanes, with a cursor, zoom and pan; over it how busy each device was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from textual import events
from textual.message import Message

from tbtui.analysis.colors import run_colors
from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.charts.cells import BOLD, DEFAULT, Cells, blank
from tbtui.charts.lanes import NOTHING, LaneLooks, LaneRow, draw_lanes, put_load, stretched
from tbtui.commands.profile_text import time_text
from tbtui.dashboards.looks import Looks
from tbtui.dashboards.profile.facts import in_lines
from tbtui.dashboards.profile.opening import Opened
from tbtui.dashboards.profile.timeline_labels import lane_label, launcher_of, shown_name, ticks
from tbtui.profiles.intervals import Stretches, union
from tbtui.profiles.model import DEVICE_WORK, Kind
from tbtui.profiles.timeline import TimelineRow, spans_at, timeline_rows
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings
from tbtui.widgets.messages import Notice

LABELS, NARROW_LABELS, NARROW = 22, 10, 70
MOST_COLORED = 400
"""Names that get a colour each; those that take less time share one."""
SHORTEST = 1000.0
"""Picoseconds that a column shows at least."""
GREY = 0x808080
LOAD_COLOR = 0x22A040
MARGIN = 0.02
MOST_LOADS = 4
"""Devices whose load is drawn; the others have their lanes."""


class TimelineMoved(Message):
    """The cursor of the timeline is elsewhere."""


class Prepared(NamedTuple):
    """What is made once of a capture: a colour for each name (int32[names]), when each device had work, and the rows
    that spans are drawn in."""

    colors: npt.NDArray[np.int32]
    loads: list[tuple[int, Stretches]]
    rows: list[TimelineRow]


def prepare(opened: Opened) -> Prepared:
    """Takes a moment for large captures."""
    profile = opened.profile
    spans, names = profile.spans, profile.names
    spent = np.bincount(spans.name, spans.duration, len(names)) if len(spans) else np.zeros(len(names))
    often = np.argsort(-spent)[:MOST_COLORED].tolist()
    chosen = run_colors([names[number] for number in often])
    colors = np.full(max(1, len(names)), GREY, np.int32)
    for number in often:
        red, green, blue = chosen[names[number]]
        colors[number] = red << 16 | green << 8 | blue
    numbers = np.array([NOTHING if lane.device is None else lane.device for lane in profile.lanes], np.int64)
    device = numbers[spans.lane] if len(spans) else np.empty(0, np.int64)
    works = np.isin(spans.kind, (*DEVICE_WORK, Kind.OPERATOR)) & (device != NOTHING)
    loads = []
    for number in sorted(set(device[works].tolist())):
        mine = works & (device == number)
        loads.append((int(number), union(spans.start[mine], spans.end[mine])))
    return Prepared(colors, loads, timeline_rows(profile, opened.python))


def load_between(work: Stretches, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The share of the time between each two edges that some stretches cover, float64[len(edges) - 1]."""
    if not len(work):
        return np.zeros(len(edges) - 1)
    done = np.concatenate(([0.0], np.cumsum((work[:, 1] - work[:, 0]).astype(np.float64))))
    place = np.searchsorted(work[:, 0], edges, "right")
    before = done[place]
    over = np.where(place > 0, np.maximum(work[np.maximum(place - 1, 0), 1] - edges, 0.0), 0.0)
    covered: npt.NDArray[np.float64] = np.diff(before - over) / np.maximum(np.diff(edges), 1e-9)
    return covered


class TimelinePane(ChartPanel):
    """The lanes of a capture between two times."""

    BINDINGS = bindings("list")
    DEFAULT_CSS = "TimelinePane { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="profile-timeline")
        self.looks = Looks()
        self._opened: Opened | None = None
        self._made = Prepared(np.zeros(1, np.int32), [], [])
        self.begin, self.end = 0.0, 1.0  # ps
        self.row, self.column, self._top = 0, 0, 0

    # -- what is in sight

    def show_capture(self, opened: Opened, made: Prepared) -> None:
        """Show this capture: its first step, or all of it."""
        self._opened, self._made = opened, made
        self.row = self.column = self._top = 0
        if opened.overview.steps:
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
        share = (self.column + 0.5) / max(1, self._columns)
        at = self.begin + share * (self.end - self.begin)
        length = max(SHORTEST * max(1, self._columns), (self.end - self.begin) * factor)
        self._between(at - share * length, at + (1 - share) * length)

    def pan(self, share: float) -> None:
        """By a share of what is in sight."""
        by = share * (self.end - self.begin)
        self._between(self.begin + by, self.end + by)

    def to_span(self, by: int) -> bool:
        """The cursor on the next (1) or the one before (-1) on its lane; False: there is none."""
        row = self._lane()
        if row is None or not len(row.which):
            return False
        found = self.at_cursor()
        if found is not None:
            place = int(np.searchsorted(row.start, self._opened.profile.spans.start[found])) + by  # type: ignore[union-attr]
        else:
            place = int(np.searchsorted(row.start, self._edges()[self.column])) - (by < 0)
        if not 0 <= place < len(row.which):
            return False
        self._look_at(float(row.start[place]), float(row.end[place]))
        return True

    def to_gap(self, by: int) -> tuple[int, int] | None:
        """The cursor in the next (1) or the last (-1) time without work on the first device, of those that are seen at
        this zoom: at least two columns long. Returns from when to when, in ps; None: there is none."""
        if not self._made.loads:
            return None
        work = self._made.loads[0][1]
        begin, end = work[:-1, 1], work[1:, 0]
        seen = end - begin >= 2 * (self.end - self.begin) / max(1, self._columns)
        begin, end = begin[seen], end[seen]
        edges = self._edges()[self.column : self.column + 2]
        if by > 0:
            place = int(np.searchsorted(begin, edges[1], "left"))
        else:
            place = int(np.searchsorted(end, edges[0], "right")) - 1
        if not 0 <= place < len(begin):
            return None
        on_device = [number for number, row in enumerate(self._rows()) if row.lane.on_device]
        if self.row not in on_device and on_device:
            self.row = on_device[0]
        self._look_at(float(begin[place]), float(end[place]))
        return int(begin[place]), int(end[place])

    def _look_at(self, begin: float, end: float) -> None:
        """Put the cursor on a stretch, and the stretch into sight."""
        middle = (begin + min(end, begin + (self.end - self.begin) / 2)) / 2
        if not self.begin <= middle < self.end:
            half = (self.end - self.begin) / 2
            self.begin, self.end = middle - half, middle + half
        self.column = int((middle - self.begin) / (self.end - self.begin) * max(1, self._columns))
        self._moved()

    def _between(self, begin: float, end: float) -> None:
        self.begin, self.end = begin, max(end, begin + SHORTEST)
        self.redraw()

    # -- drawing

    @property
    def _labels(self) -> int:
        return NARROW_LABELS if self.size.width < NARROW else LABELS

    @property
    def _columns(self) -> int:
        return max(0, self.size.width - self._labels)

    @property
    def colored(self) -> bool:
        """Whether colours tell spans apart: not on a terminal that shows greys."""
        return self.looks.colored and self.looks.shading.color_system != "none"

    def _edges(self) -> npt.NDArray[np.float64]:
        return np.linspace(self.begin, self.end, max(1, self._columns) + 1)

    def _rows(self) -> list[TimelineRow]:
        return self._made.rows

    def _lane(self) -> TimelineRow | None:
        rows = self._rows()
        return rows[self.row] if self.row < len(rows) else None

    @property
    def _loads(self) -> int:
        """Rows for the load of devices."""
        return min(MOST_LOADS, len(self._made.loads)) if self.size.height >= 8 else 0

    @property
    def _told(self) -> int:
        """Rows for what is under the cursor."""
        return 3 if self.size.height >= 12 else 0

    @property
    def _room(self) -> int:
        """Rows for lanes: there is an axis too."""
        return max(1, self.size.height - self._loads - self._told - 1)

    @property
    def _tall(self) -> int:
        """Rows of a lane: two where all lanes have room for that, and colours show what belongs together."""
        return 2 if self.colored and 2 * len(self._rows()) <= self._room else 1

    def redraw(self) -> None:
        """Draw what is in sight now."""
        opened, columns = self._opened, self._columns
        if opened is None or columns < 2 or self.size.height < 2:
            return
        self.row = max(0, min(self.row, len(self._made.rows) - 1))
        self.column = max(0, min(self.column, columns - 1))
        room = self._room
        self._top = max(0, min(max(self._top, self.row - room + 1), self.row))
        edges, looks = self._edges(), self.looks
        shown = self._made.rows[self._top : self._top + room]
        rows = [
            LaneRow(
                lane_label(row.lane, self._labels == NARROW_LABELS) if number == 0 or row.depth == 0 else "",
                spans_at(row, edges),
            )
            for number, row in enumerate(shown)
        ]
        names = opened.profile.spans.name
        lanes = draw_lanes(
            rows,
            lambda number: shown_name(opened, number),
            lambda numbers: self._made.colors[names[numbers]],
            self._labels,
            (self.row - self._top, self.column),
            LaneLooks(looks.muted, self.colored, looks.ascii),
        )
        cells, colored = blank(self.size.height, self.size.width), self.colored
        for number, (device, work) in enumerate(self._made.loads[: self._loads]):
            label = f"dev {device} busy" if self._labels > NARROW_LABELS else f"dev {device}"
            cells.put(number, 0, pad(cut(label, self._labels - 1), self._labels), looks.text)
            color = LOAD_COLOR if colored else DEFAULT
            put_load(cells, number, self._labels, load_between(work, edges), color, looks.ascii)
        tall = self._tall
        cells.paste(stretched(lanes, tall), self._loads, 0)
        self._put_axis(cells, self._loads + tall * len(rows))
        if self._told:
            self._put_told(cells, self._loads + tall * len(rows) + 1)
        self.show(cells)

    def _put_axis(self, cells: Cells, row: int) -> None:
        for column, text in ticks(self.begin, self.end, self._columns, self.looks.ascii):
            if column + cell_width(text) <= self._columns:
                cells.put(row, self._labels + column, text, self.looks.muted)
        mark = "^" if self.looks.ascii else "▲"
        cells.put(row, self._labels + self.column, mark, self.looks.accent, BOLD)

    def _put_told(self, cells: Cells, row: int) -> None:
        first, second = self._said()
        width = cells.width - 2
        cells.put(row + 1, 1, cut(safe(first), width, "middle"), self.looks.text, BOLD)
        for number, line in enumerate(in_lines(safe(second).split("  "), width)[: cells.height - row - 2]):
            cells.put(row + 2 + number, 1, line, self.looks.muted)

    # -- what is under the cursor

    def at_cursor(self) -> int | None:
        """The span under the cursor."""
        row, columns = self._lane(), self._columns
        if row is None or columns < 2:
            return None
        found = int(spans_at(row, self._edges()[self.column : self.column + 2])[0])
        return None if found == NOTHING else found

    def words(self) -> str:
        """What is under the cursor, and what is in sight."""
        first, second = self._said()
        return f"{first}  {second}   {self.sight}" if self._opened is not None else ""

    @property
    def sight(self) -> str:
        """How much is in sight, and from when on."""
        return f"{time_text(self.end - self.begin)} from {time_text(max(0.0, self.begin))}"

    def _said(self) -> tuple[str, str]:
        """Name, and when, how long and by whom, of what is under the cursor; or how long nothing runs there."""
        opened, found, row = self._opened, self.at_cursor(), self._lane()
        if opened is None or row is None:
            return "", ""
        if found is None:
            return self._gap(row)
        spans = opened.profile.spans
        words = [time_text(int(spans.duration[found])), f"at {time_text(int(spans.start[found]))}"]
        launcher = launcher_of(opened, found)
        if launcher:
            words.append(f"by {launcher}")
        return opened.profile.name_of(found), "  ".join((*words, lane_label(row.lane)))

    def _gap(self, row: TimelineRow) -> tuple[str, str]:
        edges = self._edges()
        at = (edges[self.column] + edges[self.column + 1]) / 2
        place = int(np.searchsorted(row.start, at, "right"))
        ended = row.end[:place].max() if place and row.depth == 0 else row.end[place - 1] if place else None
        words = "idle" if row.lane.on_device else "nothing"
        if ended is None and place < len(row.start):
            return f"{words} until {time_text(int(row.start[place]))}", lane_label(row.lane)
        if ended is None or place >= len(row.start):
            return f"{words} from {time_text(int(ended))}" if ended is not None else words, lane_label(row.lane)
        length = int(row.start[place]) - int(ended)
        told = f"from {time_text(int(ended))} to {time_text(int(row.start[place]))}" if length > 0 else ""
        return f"{words} for {time_text(length)}" if length > 0 else words, f"{told}  {lane_label(row.lane)}".strip()

    # -- keys and mouse

    def _moved(self) -> None:
        self.redraw()
        self.post_message(TimelineMoved())

    def _go(self, row: int, column: int) -> None:
        """The cursor on this lane and column, or as near as there are any."""
        before = self.row, self.column
        self.row, self.column = row, column
        self._moved()
        if (self.row, self.column) == before:
            what = "lane" if row != before[0] else "column"
            self.post_message(Notice(f"No {what} in this direction"))

    def action_down(self) -> None:
        self._go(self.row + 1, self.column)

    def action_up(self) -> None:
        self._go(self.row - 1, self.column)

    def action_left(self) -> None:
        self._aside(-1)

    def action_right(self) -> None:
        self._aside(1)

    def _aside(self, by: int) -> None:
        self.column += by
        if not 0 <= self.column < self._columns:
            length = (self.end - self.begin) * by / 4
            self.begin, self.end = self.begin + length, self.end + length
            self.column -= by * (self._columns // 4)
        self._moved()

    def action_first(self) -> None:
        self._go(self.row, 0)

    def action_last(self) -> None:
        self._go(self.row, self._columns - 1)

    def action_page_down(self) -> None:
        self._go(self.row + max(1, self._room - 1), self.column)

    def action_page_up(self) -> None:
        self._go(self.row - max(1, self._room - 1), self.column)

    def action_open(self) -> None:
        self.post_message(SpanChosen())

    def on_resize(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        row = (event.y - self._loads) // self._tall
        if 0 <= row < self._room:
            self.row, self.column = self._top + row, max(0, event.x - self._labels)
            self._moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.zoom(1.5)
        self._moved()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.zoom(1 / 1.5)
        self._moved()


class SpanChosen(Message):
    """Enter was pressed in the timeline."""
