"""One chart over the whole pane, and under it a table of all its runs at the cursor."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tbtui.analysis.colors import run_marker
from tbtui.analysis.numbers import format_duration, format_value
from tbtui.analysis.stats import Stats, stats_of
from tbtui.analysis.text import cell_width, safe
from tbtui.charts.cells import BOLD, Cells, blank
from tbtui.charts.chart import Chart, draw_curves_only, write_over
from tbtui.dashboards.scalars.best import find_best
from tbtui.dashboards.scalars.grid import Work, mark_focus, prepare
from tbtui.dashboards.scalars.looks import Looks, put_cut
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.subjects import Entry, Reading, Subject

LEAST_CHART = 7
"""The chart keeps at least so many rows; the table takes what is over."""

NAME_WIDTH = 18
"""At least so many cells for names of runs; columns at the right go before names get narrower."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table below the chart: its heading, its width, and what it says of a run."""

    title: str
    width: int
    text: Callable[[Reading, Stats], str]


READING_COLUMNS = (
    Column("value", 10, lambda r, s: format_value(r.value)),
    Column("smoothed", 10, lambda r, s: format_value(r.smoothed)),
    Column("step", 10, lambda r, s: str(r.step)),
    Column("relative", 9, lambda r, s: format_duration(r.relative)),
    Column("wall time", 19, lambda r, s: format_wall(r.wall)),
)
"""What is read at the cursor; the last ones go first where the pane is narrow."""

RANGE_COLUMNS = (
    Column("mean", 10, lambda r, s: format_value(s.mean)),
    Column("min", 10, lambda r, s: format_value(s.low)),
    Column("max", 10, lambda r, s: format_value(s.high)),
    Column("change", 10, lambda r, s: signed(s.change)),
    Column("%", 8, lambda r, s: signed(s.percent)),
    Column("start", 10, lambda r, s: format_value(s.first)),
    Column("end", 10, lambda r, s: format_value(s.last)),
    Column("min at", 9, lambda r, s: "" if s.low_step is None else str(s.low_step)),
    Column("max at", 9, lambda r, s: "" if s.high_step is None else str(s.high_step)),
    Column("points", 8, lambda r, s: str(s.count)),
)
"""What is said of a marked range."""


def format_wall(wall: float) -> str:
    """Seconds since 1970 as date and time of day here; "?" where there is no such day."""
    try:
        return datetime.fromtimestamp(wall).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "?"


def signed(value: float) -> str:
    """A difference, with its sign; nothing for NaN."""
    return "" if math.isnan(value) else f"{'+' if value > 0 else ''}{format_value(value)}"


def ordered(values: Sequence[float], order: str, focus: int | None) -> list[int]:
    """Numbers of the values in one of `TABLE_ORDERS`; those that are not finite last, equal ones as they were."""
    numbers = list(range(len(values)))
    if order == "list" or focus is None:
        return numbers
    here = values[focus]
    keys = {"up": lambda value: value, "down": lambda value: -value, "nearest": lambda value: abs(value - here)}
    places = [keys[order](value) if math.isfinite(value) else math.inf for value in values]
    if order == "nearest":
        places = [0.0 if math.isnan(place) else place for place in places]
        places[focus] = -1.0
    return sorted(numbers, key=lambda number: places[number])


def fitting_columns(columns: Sequence[Column], width: int) -> list[Column]:
    """As many of the columns, from the first, as leave room for the names."""
    room = width - NAME_WIDTH - 2
    kept = []
    for column in columns:
        room -= column.width + 1
        if room < 0:
            break
        kept.append(column)
    return kept


def put_beside_title(cells: Cells, title: int, words: str, looks: Looks) -> None:
    """Words behind a title of so many cells, where there is room before what stands at the right."""
    begin, end = title + 3, title + 3 + cell_width(words)
    if cells.height and end < cells.width and (cells.glyphs[0, title : end + 1] == ord(" ")).all():
        cells.put(0, begin, words, looks.text)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn last: the curves, which cost most, the whole chart, and what the table says."""

    curves_signature: Hashable
    signature: Hashable
    curves: Chart
    chart: Chart
    readings: list[Reading]
    stats: list[Stats]
    order: list[int]
    """Numbers of the readings, as the table lists them."""


class FullScreen:
    """One chart with its table. Drawn anew when data, look or size changed."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.looks = Looks()
        self.subject: Subject | None = None
        self.place = ""
        self.size = (0, 0)
        self.fresh = False
        self._drawn: Drawn | None = None

    def entries(self) -> list[Entry]:
        """The curves of the chart."""
        return self.model.entries(self.subject) if self.subject else []

    def lay_out(self, width: int, height: int) -> None:
        """Take a size."""
        self.size = (width, height)

    @property
    def chart(self) -> Chart | None:
        """The chart as it was drawn last."""
        return self._drawn.chart if self._drawn else None

    def table_rows(self, runs: int) -> int:
        """Rows for the table, its heading included, at most two fifths of the height; 0 where there is no room."""
        height = self.size[1]
        room = min(height - LEAST_CHART, height * 2 // 5)
        return 0 if room < 1 else 1 if room < 2 else min(runs + 1, room)

    def steps(self) -> Iterator[Work | None]:
        """Draw what is not up to date; see `Grid.steps`."""
        if self.subject is None:
            return
        entries = self.entries()
        curves_signature = (self.size, self.looks, self.place, self.model.curves_signature(self.subject, entries))
        table_order = self.model.session.view.table_order
        signature = (curves_signature, self.model.cursor, self.model.range, table_order)
        drawn = self._drawn
        if drawn is not None and drawn.signature == signature:
            return
        needed = [*entries, *self.model.values.beside(self.subject)]
        yield from prepare(self.model, needed)
        width, height = self.size
        rows = self.table_rows(len(entries))
        spec = self.model.spec(self.subject, entries, legend=0 if rows else int(height > 3))
        self.looks.dress(spec)
        best = find_best(self.model, self.subject, entries)
        if best is not None and not spec.marked:
            spec.marked = (best.x,)
        if drawn is not None and drawn.curves_signature == curves_signature:
            curves = drawn.curves
        else:
            curves = draw_curves_only(spec, width, max(0, height - rows), self.looks.style)
        chart = write_over(curves, spec, self.looks.style)
        mark_focus(chart.cells, True, self.looks)
        if best is not None:
            put_beside_title(chart.cells, cell_width(safe(self.subject.title)), best.words, self.looks)
        readings = self.model.read(entries)
        stats = [self._range_stats(reading.entry) for reading in readings] if self.model.marked() else []
        values = [one.mean for one in stats] or [reading.value for reading in readings]
        order = ordered(values, table_order, self._focus_index(readings))
        self._drawn = Drawn(curves_signature, signature, curves, chart, readings, stats, order)
        self.model.forget_unused(len(needed))
        self.fresh = True
        yield None

    def _range_stats(self, entry: Entry) -> Stats:
        marked = self.model.marked()
        if marked is None:
            return Stats()
        origin = self.model.origin(entry)
        part = entry.line.between(marked[0] + origin, marked[1] + origin, self.model.session.view.x_axis)
        return stats_of(entry.line.points, part)

    def compose(self) -> Cells:
        """The chart and its table, as drawn last."""
        width, height = self.size
        self.fresh = False
        cells = blank(height, width)
        if self._drawn is None or self.subject is None:
            return cells
        chart, readings = self._drawn.chart, self._drawn.readings
        cells.paste(chart.cells, 0, 0)
        rows = height - chart.cells.height
        if rows == 1:
            self._put_line(cells, height - 1, readings)
        elif rows > 1:
            self._put_table(cells, height - rows, rows, self._drawn)
        return cells

    def _put_line(self, cells: Cells, row: int, readings: Sequence[Reading]) -> None:
        """Where there is one line only: the focused run."""
        focus = self._focus_index(readings)
        if focus is None:
            return
        reading, looks = readings[focus], self.looks
        text = f"{format_value(reading.value)}  @{reading.step}"
        cells.put(row, 0, self._sign(focus, reading.entry), reading.entry.color)
        taken = put_cut(cells, row, 1, max(0, cells.width - len(text) - 3), reading.entry.name, looks.text, looks=looks)
        cells.put(row, taken + 3, text, looks.text, BOLD)

    def _put_table(self, cells: Cells, top: int, rows: int, drawn: Drawn) -> None:
        looks, width = self.looks, cells.width
        readings, stats = drawn.readings, drawn.stats
        wanted: Sequence[Column] = RANGE_COLUMNS if stats else READING_COLUMNS
        if not stats and not self.model.session.view.smoothing:
            wanted = [column for column in wanted if column.title != "smoothed"]
        columns = fitting_columns(wanted, width)
        name_width = min(width - 2 - sum(column.width + 1 for column in columns), 60)
        longest = max((cell_width(safe(reading.entry.name)) for reading in readings), default=0)
        name_width = max(1, min(name_width, max(longest + 1, NAME_WIDTH)))
        shown = rows - 1
        focus = self._focus_index(readings) or 0
        place = drawn.order.index(focus) if drawn.order else 0
        first = min(max(0, place - shown // 2), max(0, len(readings) - shown))
        heading = "at cursor" if self.model.cursor is not None else "newest"
        if stats:
            heading = "in range"
        if len(readings) > shown:
            heading += f" {first + 1}-{min(first + shown, len(readings))}/{len(readings)}"
        put_cut(cells, top, 2, max(name_width, 24) if not columns else name_width, heading, looks.faint, looks=looks)
        self._put_titles(cells, top, name_width + 2, columns)
        for row, number in enumerate(drawn.order[first : first + shown], top + 1):
            reading = readings[number]
            run_stats = stats[number] if stats else Stats()
            attrs = BOLD if number == focus else 0
            color = looks.text if number == focus else looks.muted
            cells.put(row, 0, self._sign(number, reading.entry), reading.entry.color, attrs)
            put_cut(cells, row, 2, name_width, reading.entry.name, color, attrs, keep="middle", looks=looks)
            col = name_width + 2
            for column in columns:
                put_cut(
                    cells,
                    row,
                    col,
                    column.width,
                    column.text(reading, run_stats),
                    color,
                    attrs,
                    right=True,
                    looks=looks,
                )
                col += column.width + 1

    def _put_titles(self, cells: Cells, row: int, col: int, columns: Sequence[Column]) -> None:
        for column in columns:
            put_cut(cells, row, col, column.width, column.title, self.looks.faint, right=True, looks=self.looks)
            col += column.width + 1

    def _sign(self, number: int, entry: Entry) -> str:
        """What stands before a run: a bar in its colour, or its marker in the chart where there are no colours."""
        if entry.dashed and self.looks.colored:
            return self.looks.signs.dashed
        return self.looks.signs.run if self.looks.colored else run_marker(number, self.looks.ascii)

    def _focus_index(self, readings: Sequence[Reading]) -> int | None:
        focus = self.model.focus_of([reading.entry for reading in readings])
        return next((i for i, reading in enumerate(readings) if reading.entry is focus), None)
