"""What is read of every run of a chart: the points at the cursor, or numbers about a marked range. A small table.

It stands under a chart in full screen, and over the page of charts while a range is marked there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tbtui.analysis.colors import run_marker
from tbtui.analysis.numbers import format_duration, format_value
from tbtui.analysis.stats import Stats, stats_of
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.cells import BOLD, Cells
from tbtui.dashboards.looks import Looks, put_cut
from tbtui.dashboards.scalars.grouped import band_at
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.sheet import signed
from tbtui.dashboards.scalars.subjects import Entry, Reading
from tbtui.dashboards.scalars.work import HEAVY, Work
from tbtui.dashboards.scalars.y_axes import RIGHT_WORDS
from tbtui.store import Points

NAME_WIDTH = 14
"""At least so many cells for names of runs; columns at the right go before names get narrower."""

PAUSE_POINTS = 300_000
"""After looking at so many points keys get their turn."""

KEPT = 4_000
"""Numbers about so many ranges are kept: those of 500 runs while the cursor moves."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width, what it says of a run, and the number it is sorted by."""

    title: str
    width: int
    text: Callable[[Reading, Stats], str]
    key: Callable[[Reading, Stats], float]


def _step(step: int | None) -> str:
    return "" if step is None else str(step)


def _number(step: int | None) -> float:
    return math.nan if step is None else float(step)


READING_COLUMNS = (
    Column("value", 10, lambda r, s: format_value(r.value), lambda r, s: r.value),
    Column("smoothed", 10, lambda r, s: format_value(r.smoothed), lambda r, s: r.smoothed),
    Column("step", 10, lambda r, s: str(r.step), lambda r, s: float(r.step)),
    Column("relative", 9, lambda r, s: format_duration(r.relative), lambda r, s: r.relative),
    Column("wall time", 19, lambda r, s: format_wall(r.wall), lambda r, s: r.wall),
)
"""What is read at the cursor; the last ones go first where the pane is narrow."""

GROUP_COLUMNS = (
    Column("band low", 10, lambda r, s: _of_band(r, 0), lambda r, s: _band(r)[0]),
    Column("band high", 10, lambda r, s: _of_band(r, 1), lambda r, s: _band(r)[1]),
    Column("n", 4, lambda r, s: str(_band(r)[2]) if r.entry.members else "", lambda r, s: float(_band(r)[2])),
)
"""What is read of groups besides; `n`: of how many runs the mean is made there."""


STEP_COLUMN = next(column for column in READING_COLUMNS if column.title == "step")


@lru_cache(maxsize=8)
def tag_column(tag: str) -> Column:
    """What another tag, which is the x axis, says at the point."""
    title = cut(safe(tag), 12, keep="tail")
    return Column(title, max(10, cell_width(title)), lambda r, s: format_value(r.x), lambda r, s: r.x)


def full_name(reading: Reading) -> str:
    """The name of a curve, and to which axis it belongs where that is not the first one."""
    return reading.entry.name + (RIGHT_WORDS if reading.right else "")


def _band(reading: Reading) -> tuple[float, float, int]:
    return band_at(reading) or (math.nan, math.nan, 1)


def _of_band(reading: Reading, end: int) -> str:
    value = _band(reading)[end]
    return "" if math.isnan(value) else format_value(value)


def _value(value: float, stats: Stats) -> str:
    """A value of a range; nothing where the range has no points."""
    return format_value(value) if stats.count else ""


RANGE_COLUMNS = (
    Column("mean", 9, lambda r, s: _value(s.mean, s), lambda r, s: s.mean),
    Column("min", 9, lambda r, s: _value(s.low, s), lambda r, s: s.low),
    Column("max", 9, lambda r, s: _value(s.high, s), lambda r, s: s.high),
    Column("change", 10, lambda r, s: signed(s.change), lambda r, s: s.change),
    Column("%", 8, lambda r, s: signed(s.percent), lambda r, s: s.percent),
    Column("start", 9, lambda r, s: _value(s.first, s), lambda r, s: s.first),
    Column("end", 9, lambda r, s: _value(s.last, s), lambda r, s: s.last),
    Column("min at", 9, lambda r, s: _step(s.low_step), lambda r, s: _number(s.low_step)),
    Column("max at", 9, lambda r, s: _step(s.high_step), lambda r, s: _number(s.high_step)),
    Column("points", 8, lambda r, s: str(s.count), lambda r, s: float(s.count)),
)
"""What is said of a marked range."""


def format_wall(wall: float) -> str:
    """Seconds since 1970 as date and time of day here; "?" where there is no such day."""
    try:
        return datetime.fromtimestamp(wall).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "?"


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


def fitting_columns(
    columns: Sequence[Column], width: int, sorting: Column | None = None, longest: int = 0
) -> list[Column]:
    """As many columns as leave room for the names: from the first on, or so far on that `sorting` is in sight.

    longest: cells of the longest name, which may take a third of the width.
    """
    room = width - max(NAME_WIDTH, min(longest + 1, width // 3)) - 2
    last = columns.index(sorting) if sorting in columns else 0
    first = 0
    while first < last and sum(column.width + 1 for column in columns[first : last + 1]) > room:
        first += 1
    kept = []
    for column in columns[first:]:
        room -= column.width + 1
        if room < 0:
            break
        kept.append(column)
    return kept


class Readout:
    """The table of one chart: what was read last, and in which order."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.looks = Looks()
        self.readings: list[Reading] = []
        self.stats: list[Stats] = []
        self.order: list[int] = []
        """Numbers of the readings, as the table lists them."""
        self.width = 0
        self._first = 0
        self._shown = 0
        self._ranges: dict[Hashable, Stats] = {}

    @property
    def signature(self) -> Hashable:
        """Changes when the table would look different though the curves do not."""
        view = self.model.session.view
        return (self.model.cursor, self.model.range, view.table_order, view.table_column)

    def read(self, entries: Sequence[Entry]) -> Iterator[Work | None]:
        """Read anew; lines must be up to date. Yields while it takes long, see `Grid.steps`."""
        readings = self.model.read(entries)
        stats: list[Stats] = []
        if self.model.marked() is not None:
            yield from self._look([reading.entry for reading in readings], stats)
        view = self.model.session.view
        self.readings, self.stats = readings, stats
        column = self._sorting()
        none = Stats()
        values = [column.key(one, stats[number] if stats else none) for number, one in enumerate(readings)]
        self.order = ordered(values, view.table_order, self.focus)

    def _look(self, entries: Sequence[Entry], found: list[Stats]) -> Iterator[Work | None]:
        """The numbers about the marked range of every curve; ranges that were looked at before are known."""
        marked = self.model.marked()
        assert marked is not None
        mode, points = self.model.session.view.x_mode, 0
        if len(self._ranges) > KEPT + 2 * len(entries):
            self._ranges.clear()
        for entry in entries:
            origin = self.model.origin(entry)
            part = entry.line.between(marked[0] + origin, marked[1] + origin, mode)
            key = (entry.run.name, entry.tag, entry.line.version, part.start, part.stop)
            if key not in self._ranges:
                whole = entry.line.points

                def look(key: Hashable = key, part: slice = part, whole: Points = whole) -> None:
                    self._ranges[key] = stats_of(whole, part)

                if part.stop - part.start >= HEAVY:
                    yield look
                else:
                    look()
                points += min(part.stop - part.start, HEAVY) + 500
                if points > PAUSE_POINTS:
                    points = 0
                    yield None
            found.append(self._ranges[key])

    @property
    def focus(self) -> int | None:
        """The number of the focused run's reading."""
        entry = self.model.focus_of([reading.entry for reading in self.readings])
        return next((i for i, reading in enumerate(self.readings) if reading.entry is entry), None)

    # --- columns and order

    def columns(self) -> list[Column]:
        """All columns, those too for which there is no room."""
        if self.model.marked() is not None:
            return list(RANGE_COLUMNS)
        smoothed = self.model.session.view.smoothing
        columns = [column for column in READING_COLUMNS if smoothed or column.title != "smoothed"]
        if any(reading.entry.members for reading in self.readings):
            place = [column.title for column in columns].index("step")
            columns[place:place] = GROUP_COLUMNS
        tag = self.model.session.view.x_tag
        if tag:
            columns.insert(columns.index(STEP_COLUMN) + 1, tag_column(tag))
        return columns

    def _columns_in_sight(self) -> list[Column]:
        """Those that fit; the one that the table is in order of is among them."""
        return fitting_columns(self.columns(), self.width, self._sorting(), self._longest_name())

    def _sorting(self) -> Column:
        columns, title = self.columns(), self.model.session.view.table_column
        return next((column for column in columns if column.title == title), columns[0])

    def sort_next(self) -> str:
        """Sort by the next column, and say so."""
        view, columns = self.model.session.view, self.columns()
        if view.table_order == "list":
            return self.sort_by(columns[0], "up")
        return self.sort_by(columns[(columns.index(self._sorting()) + 1) % len(columns)], view.table_order)

    def sort_at(self, x: int) -> str:
        """Sort by the column at a cell of the heading: from the largest, from the smallest, then as the runs."""
        view, column = self.model.session.view, self._column_at(x)
        if column is None:
            view.table_order = "list"
            return "The table is in the order of the list of runs"
        if column is not self._sorting() or view.table_order not in ("down", "up"):
            return self.sort_by(column, "down")
        return self.sort_by(column, "up" if view.table_order == "down" else "list")

    def sort_by(self, column: Column, order: str) -> str:
        """Sort by a column, and say so."""
        view = self.model.session.view
        view.table_column, view.table_order = column.title, order
        words = {"up": "the smallest first", "down": "the largest first", "nearest": "nearest to the focused run"}
        return f"sorted by {column.title}, {words[order]}" if order in words else "in the order of the list of runs"

    def _longest_name(self) -> int:
        return max((cell_width(safe(full_name(reading))) for reading in self.readings), default=0)

    def _name_width(self, columns: Sequence[Column]) -> int:
        longest = self._longest_name()
        width = min(self.width - 2 - sum(column.width + 1 for column in columns), 60)
        return max(1, min(width, max(longest + 1, NAME_WIDTH)))

    def _column_at(self, x: int) -> Column | None:
        columns = self._columns_in_sight()
        col = self._name_width(columns) + 2
        for column in columns:
            if col <= x < col + column.width:
                return column
            col += column.width + 1
        return None

    def run_at(self, line: int) -> str | None:
        """The name of the run in a line of the table, counted from the first in sight; None: there is none."""
        number = self._first + line
        inside = 0 <= number < len(self.order) and line < self._shown
        return self.readings[self.order[number]].entry.run.name if inside else None

    def next_run(self, by: int) -> str | None:
        """The name of the run so many lines on in the table, at its ends the other end; None: there is no other."""
        names = list(dict.fromkeys(self.readings[number].entry.run.name for number in self.order))
        focus = self.focus
        if focus is None or len(names) < 2:
            return None
        here = names.index(self.readings[focus].entry.run.name)
        if abs(by) == 1:
            return names[(here + by) % len(names)]
        return names[min(max(here + by, 0), len(names) - 1)]

    # --- drawing

    def put(self, cells: Cells, top: int, rows: int) -> None:
        """Draw it into so many rows: the runs around the focused one where there are more."""
        self.width, self._shown = cells.width, 0
        if rows == 1:
            self._put_line(cells, top)
        elif rows > 1:
            self._put_table(cells, top, rows)

    def _put_line(self, cells: Cells, row: int) -> None:
        """Where there is one line only: the focused run."""
        focus = self.focus
        if focus is None:
            return
        reading, looks = self.readings[focus], self.looks
        text = f"{format_value(reading.value)}  @{reading.step}"
        if self.stats:
            text = f"{format_value(self.stats[focus].mean)}  {signed(self.stats[focus].change)}"
        cells.put(row, 0, self._sign(focus, reading.entry), reading.entry.color)
        taken = put_cut(cells, row, 1, max(0, cells.width - len(text) - 3), reading.entry.name, looks.text, looks=looks)
        cells.put(row, taken + 3, text, looks.text, BOLD)

    def _put_table(self, cells: Cells, top: int, rows: int) -> None:
        looks, readings, stats = self.looks, self.readings, self.stats
        columns = self._columns_in_sight()
        name_width = self._name_width(columns)
        shown = rows - 1
        focus = self.focus or 0
        place = self.order.index(focus) if self.order else 0
        first = min(max(0, place - shown // 2), max(0, len(readings) - shown))
        self._first, self._shown = first, shown
        heading = "in range" if stats else "at cursor" if self.model.cursor is not None else "newest"
        if len(readings) > shown:
            numbers = f"{first + 1}-{min(first + shown, len(readings))}/{len(readings)}"
            heading = numbers if columns and len(heading) + len(numbers) >= name_width else f"{heading} {numbers}"
        put_cut(cells, top, 2, max(name_width, 24) if not columns else name_width, heading, looks.faint, looks=looks)
        self._put_titles(cells, top, name_width + 2, columns)
        for row, number in enumerate(self.order[first : first + shown], top + 1):
            reading = readings[number]
            run_stats = stats[number] if stats else Stats()
            attrs = BOLD if number == focus else 0
            color = looks.text if number == focus else looks.muted
            cells.put(row, 0, self._sign(number, reading.entry), reading.entry.color, attrs)
            put_cut(cells, row, 2, name_width, full_name(reading), color, attrs, keep="middle", looks=looks)
            col = name_width + 2
            for column in columns:
                text = column.text(reading, run_stats)
                put_cut(cells, row, col, column.width, text, color, attrs, right=True, looks=looks)
                col += column.width + 1

    def _put_titles(self, cells: Cells, row: int, col: int, columns: Sequence[Column]) -> None:
        looks, order = self.looks, self.model.session.view.table_order
        near = "=" if looks.ascii else "≈"
        sign = {"up": looks.signs.rising, "down": looks.signs.falling, "nearest": near}.get(order, "")
        sorting = self._sorting()
        for column in columns:
            here = bool(sign) and column is sorting
            title, color = (sign + column.title, looks.accent) if here else (column.title, looks.faint)
            put_cut(cells, row, col, column.width, title, color, right=True, looks=looks)
            col += column.width + 1

    def _sign(self, number: int, entry: Entry) -> str:
        """What stands before a run: a bar in its colour, or its marker in the chart where there are no colours."""
        if entry.dashed and self.looks.colored:
            return self.looks.signs.dashed
        return self.looks.signs.run if self.looks.colored else run_marker(number, self.looks.ascii)
