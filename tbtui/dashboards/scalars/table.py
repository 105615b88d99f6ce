"""The table instead of the charts: what every run reached under every tag, one line each, sorted by any column."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_step, format_value
from tbtui.analysis.order import natural_key
from tbtui.analysis.stats import Stats, stats_of, thumbnail
from tbtui.analysis.text import cell_width, safe
from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.charts.spark import sparkline
from tbtui.dashboards.scalars.grid import Work
from tbtui.dashboards.scalars.looks import Looks, put_cut, put_message
from tbtui.dashboards.scalars.model import Model

if TYPE_CHECKING:
    from tbtui.store import Run

THUMBNAIL = 24
"""Parts into which a series is cut for its sparkline."""

PAUSE_POINTS = 200_000
"""After looking at so many points keys get their turn."""


class Row(NamedTuple):
    """A line of the table: a run's series."""

    run: Run
    tag: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under one heading: the runs of a tag. Without a title: all tags of the only run."""

    title: str
    rows: tuple[Row, ...]

    @property
    def height(self) -> int:
        """Lines, with the heading."""
        return len(self.rows) + bool(self.title)


@dataclass(frozen=True, slots=True)
class Measure:
    """A column: its heading, its width, what it says, and the number it is sorted by."""

    title: str
    width: int
    text: Callable[[Stats], str]
    key: Callable[[Stats], float]


def _step(step: int | None) -> str:
    return "" if step is None else f"@{format_step(step)}"


MEASURES = (
    Measure("last", 10, lambda s: format_value(s.last) if s.count else "", lambda s: s.last),
    Measure("min", 10, lambda s: "" if math.isnan(s.low) else format_value(s.low), lambda s: s.low),
    Measure("at", 7, lambda s: _step(s.low_step), lambda s: math.nan if s.low_step is None else s.low_step),
    Measure("max", 10, lambda s: "" if math.isnan(s.high) else format_value(s.high), lambda s: s.high),
    Measure("at", 7, lambda s: _step(s.high_step), lambda s: math.nan if s.high_step is None else s.high_step),
    Measure("mean", 10, lambda s: "" if math.isnan(s.mean) else format_value(s.mean), lambda s: s.mean),
    Measure("points", 8, lambda s: format_step(s.count), lambda s: s.count),
    Measure("NaN", 5, lambda s: format_step(s.bad) if s.bad else "", lambda s: s.bad),
)
"""All columns behind the name; the last ones go first where the pane is narrow."""


class Table:
    """All series of the shown runs that the tag filter lets through. Only lines in sight are looked at."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.looks = Looks()
        self.size = (0, 0)
        self.fresh = True  # the lines in sight are made when they are asked for
        self.blocks: list[Block] = []
        self.cursor = 0
        self.top = 0
        self.sorted_by: int | None = None
        self.largest_first = True
        self._key: object = None
        self._ends: list[int] = []
        self._longest = 0
        self._stats: dict[tuple[str, str], tuple[int, Stats, npt.NDArray[np.float64]]] = {}
        self._orders: dict[int, list[Row]] = {}

    def lay_out(self, width: int, height: int) -> None:
        """Take a size, and find the lines there are; cheap when nothing changed."""
        self.size = (width, height)
        session = self.model.session
        runs, tags = session.visible_runs(), self.model.tags()
        key = (tags, session.view.tag_filter, tuple((run.name, len(run.scalars)) for run in runs))
        if key != self._key:
            kept = self.current()
            self._key = key
            self.blocks = make_blocks(runs, [tag for tag in tags if session.tag_matches(tag)])
            self._ends = list(accumulate(block.height for block in self.blocks))
            names = {entry.run.name if block.title else entry.tag for block in self.blocks for entry in block.rows}
            self._longest = min(60, max((cell_width(safe(name)) for name in names), default=0) + 1)
            self._orders = {}
            self._find(kept)
        self._scroll()

    @property
    def count(self) -> int:
        """Lines of all blocks."""
        return self._ends[-1] if self._ends else 0

    def place(self) -> tuple[int, int]:
        """The row at the cursor, counted from 1, and how many there are; headings do not count."""
        headings = sum(bool(block.title) for block in self.blocks)
        above = bisect_right(self._ends, self.cursor) + 1 if headings else 0
        return self.cursor + 1 - above, self.count - headings

    def columns(self) -> list[Measure]:
        """The columns that fit."""
        room = self.size[0] - self._name_width_wanted() - 2
        kept = []
        for measure in MEASURES:
            room -= measure.width + 1
            if room < 0:
                break
            kept.append(measure)
        return kept

    def _name_width_wanted(self) -> int:
        return max(10, min(32, self.size[0] // 4))

    # --- lines

    def line(self, number: int) -> tuple[Block, Row | None] | None:
        """What line `number` shows: a row, or None for the heading of its block."""
        if not 0 <= number < self.count:
            return None
        index = bisect_right(self._ends, number)
        block = self.blocks[index]
        inside = number - (self._ends[index] - block.height) - bool(block.title)
        return (block, None) if inside < 0 else (block, self._rows(index)[inside])

    def current(self) -> Row | None:
        """The row at the cursor; of a heading its first row."""
        found = self.line(self.cursor)
        if found is None:
            return None
        block, row = found
        return row or (block.rows[0] if block.rows else None)

    def _find(self, row: Row | None) -> None:
        """Put the cursor back on a row after the lines changed."""
        if row is not None:
            for index, block in enumerate(self.blocks):
                if row in block.rows:
                    begin = self._ends[index] - block.height + bool(block.title)
                    self.cursor = begin + self._rows(index).index(row)
                    return
        self.cursor = min(self.cursor, max(0, self.count - 1))

    def find_tag(self, tag: str, run: Run | None) -> None:
        """Put the cursor on the row of a tag and a run, or the first of the tag."""
        rows = [row for block in self.blocks for row in block.rows if row.tag == tag]
        wanted = next((row for row in rows if row.run is run), rows[0] if rows else None)
        self._find(wanted)
        self._scroll()

    def _rows(self, index: int) -> Sequence[Row]:
        """The rows of a block, sorted."""
        block = self.blocks[index]
        if self.sorted_by is None:
            return block.rows
        rows = self._orders.get(index)
        if rows is None:
            key = MEASURES[self.sorted_by].key
            sign = -1 if self.largest_first else 1

            def rank(row: Row) -> tuple[bool, float]:
                value = key(self.stats(row)[0])
                return (math.isnan(value), sign * value)

            rows = self._orders[index] = sorted(block.rows, key=rank)
        return rows

    def stats(self, row: Row) -> tuple[Stats, npt.NDArray[np.float64]]:
        """Numbers and sparkline of a row; kept until its series changes."""
        series = row.run.scalars.get(row.tag)
        if series is None:
            return Stats(), np.empty(0)
        key = (row.run.name, row.tag)
        known = self._stats.get(key)
        version = series.version
        if known is None or known[0] != version:
            points = series.points(self.model.purge)
            known = self._stats[key] = (version, stats_of(points), thumbnail(points.values, THUMBNAIL))
        return known[1], known[2]

    # --- moving and sorting

    def move(self, lines: int) -> None:
        """Move the cursor; headings are stepped over."""
        target = min(max(self.cursor + lines, 0), max(0, self.count - 1))
        direction = 1 if lines > 0 else -1
        found = self.line(target)
        if found is not None and found[1] is None:
            beyond = target + direction
            target = beyond if 0 <= beyond < self.count else target + 1
        self.cursor = min(max(target, 0), max(0, self.count - 1))
        self._scroll()

    def _scroll(self) -> None:
        rows = max(1, self.size[1] - 1)
        found = self.line(self.cursor)
        if found is not None and found[1] is None:
            self.cursor = min(self.cursor + 1, self.count - 1)
        above = self.line(self.cursor - 1)
        first = self.cursor - 1 if above is not None and above[1] is None else self.cursor
        self.top = min(self.top, first)
        self.top = max(self.top, self.cursor - rows + 1, 0)
        self.top = min(self.top, max(0, self.count - rows))

    def sort_next(self, direction: int) -> str:
        """Sort by the next column (each once from the largest, once from the smallest), and say so."""
        states = 2 * len(self.columns()) + 1
        now = 0 if self.sorted_by is None else 2 * self.sorted_by + (1 if self.largest_first else 2)
        return self.sort(*_sorting((now + direction) % states))

    def sort(self, column: int | None, largest_first: bool = True) -> str:
        """Sort by a column, or by name (None), and say so."""
        kept = self.current()
        self.sorted_by, self.largest_first = column, largest_first
        self._orders = {}
        self._find(kept)
        self._scroll()
        if column is None:
            return "sorted by name"
        title = MEASURES[column].title
        if title == "at":
            title = f"step of {MEASURES[column - 1].title}"
        return f"sorted by {title}, {'largest' if largest_first else 'smallest'} first"

    def column_at(self, x: int) -> int | None:
        """The column whose heading is at a cell."""
        col = self._name_width() + 2
        for number, measure in enumerate(self.columns()):
            if col <= x < col + measure.width:
                return number
            col += measure.width + 1
        return None

    # --- drawing

    def steps(self) -> Iterator[Work | None]:
        """Look at the series in sight, a few at a time."""
        points = 0
        first = bisect_right(self._ends, self.top)
        last = bisect_right(self._ends, min(self.top + self.size[1], self.count - 1))
        for index in range(first, min(last + 1, len(self.blocks))):
            block = self.blocks[index]
            sorting = self.sorted_by is not None
            begin = self._ends[index] - block.height + bool(block.title)
            rows = block.rows if sorting else block.rows[max(0, self.top - begin) : self.top - begin + self.size[1]]
            for row in rows:
                stats, _ = self.stats(row)
                points += stats.count + 500
                if points > PAUSE_POINTS:
                    points = 0
                    yield None
            if sorting:
                self._orders.pop(index, None)
        yield None

    def compose(self) -> Cells:
        """The lines in sight, below the headings of the columns."""
        width, height = self.size
        cells = blank(height, width)
        if not height or not width:
            return cells
        if not self.count:
            put_message(cells, self.model.why_empty(), self.looks.muted)
            return cells
        columns = self.columns()
        name_width = self._name_width()
        self._put_titles(cells, columns, name_width)
        for row in range(1, height):
            found = self.line(self.top + row - 1)
            if found is None:
                break
            self._put_line(cells, row, found, self.top + row - 1 == self.cursor, columns, name_width)
        return cells

    def _name_width(self) -> int:
        used = sum(measure.width + 1 for measure in self.columns())
        return max(1, min(self.size[0] - 2 - used, max(self._longest, 10)))

    def _put_titles(self, cells: Cells, columns: Sequence[Measure], name_width: int) -> None:
        looks = self.looks
        put_cut(cells, 0, 2, name_width, "tag" if self._flat() else "run", looks.faint, looks=looks)
        col = name_width + 2
        for number, measure in enumerate(columns):
            title, color = measure.title, looks.faint
            if number == self.sorted_by:
                title = (looks.signs.falling if self.largest_first else looks.signs.rising) + title
                color = looks.accent
            put_cut(cells, 0, col, measure.width, title, color, right=True, looks=looks)
            col += measure.width + 1

    def _flat(self) -> bool:
        return len(self.blocks) == 1 and not self.blocks[0].title

    def _put_line(
        self,
        cells: Cells,
        row: int,
        found: tuple[Block, Row | None],
        at_cursor: bool,
        columns: Sequence[Measure],
        name_width: int,
    ) -> None:
        block, entry = found
        looks = self.looks
        if entry is None:
            put_cut(cells, row, 0, cells.width, block.title, looks.text, BOLD, keep="tail", looks=looks)
            return
        session = self.model.session
        red, green, blue = session.color(entry.run.name)
        color = red << 16 | green << 8 | blue
        stats, small = self.stats(entry)
        attrs = REVERSE if at_cursor else 0
        text = looks.accent if at_cursor else looks.text
        cells.put(row, 0, looks.signs.run, color)
        if at_cursor:
            cells.put(row, 2, " " * name_width, text, attrs)
        name = entry.run.name if block.title else entry.tag
        put_cut(cells, row, 2, name_width, name, text, attrs, keep="middle", looks=looks)
        col = name_width + 2
        for number, measure in enumerate(columns):
            shade = looks.bad if measure.title == "NaN" else looks.text if number == 0 else looks.muted
            put_cut(cells, row, col, measure.width, measure.text(stats), shade, right=True, looks=looks)
            col += measure.width + 1
        room = min(THUMBNAIL, cells.width - col - 1)
        if room >= 6 and len(small):
            cells.put(row, col + 1, sparkline(small, room, "ascii" if looks.ascii else "blocks"), color)


def make_blocks(runs: Sequence[Run], tags: Sequence[str]) -> list[Block]:
    """One block for each tag with its runs; for a single run one block of all its tags."""
    if len(runs) == 1:
        rows = tuple(Row(runs[0], tag) for tag in tags if tag in runs[0].scalars)
        return [Block("", rows)] if rows else []
    ordered = sorted(runs, key=lambda run: natural_key(run.name))
    blocks = (Block(tag, tuple(Row(run, tag) for run in ordered if tag in run.scalars)) for tag in tags)
    return [block for block in blocks if block.rows]


def _sorting(state: int) -> tuple[int | None, bool]:
    return (None, True) if state == 0 else ((state - 1) // 2, state % 2 == 1)
