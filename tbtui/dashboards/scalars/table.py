"""The table instead of the charts: what every run reached under every tag, sorted by any column.

Only lines in sight are looked at, a few at a time; numbers fill in as they come (see `tallies`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tbtui.analysis.text import cell_width, safe
from tbtui.charts.cells import BOLD, REVERSE, UNDERLINE, Cells, blank
from tbtui.charts.dots import Style
from tbtui.charts.spark import sparkline
from tbtui.dashboards.looks import Looks, put_cut, put_message
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.sheet import SPARK_WIDTH, Column, ColumnKey, Row, Series, Sheet
from tbtui.dashboards.scalars.table_groups import TableRuns, head_of_band, mean_course, number_words, spread_of
from tbtui.dashboards.scalars.tallies import Tallies, Tally
from tbtui.dashboards.scalars.work import HEAVY, Work

if TYPE_CHECKING:
    from tbtui.store import Run

PAUSE_POINTS = 100_000
"""After looking at so many points keys get their turn."""

SERIES_COST = 2_000
"""Looking at a series costs as much as so many points, however few it has."""

LONGEST_NAME = 60


class Table:
    """All series of the shown runs that the tag filter lets through."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.looks = Looks()
        self.size = (0, 0)
        self.fresh = True
        self.sheet = Sheet("list", (), (), "last", lambda run: run.name)
        self.runs = TableRuns(model.session)
        self.tallies = Tallies()
        self.cursor = 0
        self.top = 0
        self.column = 0
        self.left = 0
        self.sorted_by: ColumnKey | None = None
        self.largest_first = True
        self._key: object = None
        self._longest = 0
        self._orders: dict[int, list[Row]] = {}

    def lay_out(self, width: int, height: int) -> None:
        """Take a size, and find the lines there are; cheap when nothing changed."""
        self.size = (width, height)
        session, view = self.model.session, self.model.session.view
        runs, tags = session.visible_runs(), self.model.tags()
        names = tuple((run.name, len(run.scalars), session.label(run.name)) for run in runs)
        goals = tuple(view.goals.items())
        key = (tags, view.tag_filter, names, view.table_layout, view.table_measure, goals, self.runs.look())
        if key != self._key:
            kept, column = self.current(), self.column_key()
            self._key = key
            shown = list(session.matching(tags))
            listed, members = self.runs.find()
            label = partial(self.runs.label, members=members)
            self.sheet = Sheet(view.table_layout, listed, shown, view.table_measure, label, members)
            self._longest = min(LONGEST_NAME, max(map(cell_width, self._names()), default=0) + 1)
            self._orders = {}
            self.column = self.sheet.place_of(column) or 0
            self._find(kept)
        self._scroll()

    def _names(self) -> list[str]:
        if self.sheet.head == "tag":
            return [safe(tag) for tag in self.sheet.tags]
        return [self.runs.label(run, self.sheet.members) for run in self.sheet.runs]

    @property
    def count(self) -> int:
        """Lines of all blocks."""
        return self.sheet.count

    def place(self) -> tuple[int, int]:
        """The row at the cursor, counted from 1, and how many there are; headings do not count."""
        headings = sum(bool(block.title) for block in self.sheet.blocks)
        above = self.sheet.block_at(self.cursor) + 1 if headings else 0
        return self.cursor + 1 - above, self.count - headings

    def place_words(self) -> str:
        """Where the cursor is, for the status line."""
        (row, rows), columns = self.place(), len(self.sheet.columns)
        hidden = columns > len(self.columns_in_sight())
        return f"row {row}/{rows}" + (f" column {self.column + 1}/{columns}" if hidden else "") if rows else ""

    # --- lines

    def line(self, number: int) -> tuple[int, Row | None] | None:
        """What line `number` shows: the number of its block, and a row, or None for the heading of the block."""
        if not 0 <= number < self.count:
            return None
        index = self.sheet.block_at(number)
        inside = number - self.sheet.begin(index)
        return (index, None) if inside < 0 else (index, self.rows(index)[inside])

    def row(self) -> Row | None:
        """The row at the cursor; of a heading its first row."""
        found = self.line(self.cursor)
        return None if found is None else found[1] or self.rows(found[0])[0]

    def current(self) -> Series | None:
        """The series at the cursor; where the run has no such tag, what would be there is named all the same."""
        row = self.row()
        if row is None or not self.sheet.columns:
            return None
        column = self.sheet.columns[self.column]
        run, tag = row.run or column.run, row.tag if row.tag is not None else column.tag
        return Series(run, tag) if run is not None and tag is not None else None

    def _find(self, series: Series | None) -> None:
        """Put the cursor on a series after the lines changed, or leave it near."""
        if series is not None and self.sheet.layout != "list":
            about = series.tag if self.sheet.layout == "runs" else series.run
            places = (n for n, one in enumerate(self.sheet.columns) if about in (one.tag, one.run))
            self.column = next(places, min(self.column, max(0, len(self.sheet.columns) - 1)))
        wanted = [(series.run, series.tag), (series.run, None), (None, series.tag)] if series is not None else []
        for index, block in enumerate(self.sheet.blocks):
            if series is None or block.title not in ("", series.tag):
                continue
            for place, row in enumerate(self.rows(index)):
                if (row.run, row.tag) in wanted:
                    self.cursor = self.sheet.begin(index) + place
                    return
        self.cursor = min(self.cursor, max(0, self.count - 1))

    def find_tag(self, tag: str, run: Run | None) -> None:
        """Put the cursor on the row of a tag and a run, or the first of the tag."""
        having = [one for one in self.sheet.runs if self.sheet.has(one, tag)]
        its = (one for one in having if run in self.sheet.members.get(one.name, ()))
        wanted = run if run in having else next(its, having[0] if having else None)
        if wanted is not None:
            self._find(Series(wanted, tag))
            self.top = max(0, self.cursor - 1)  # the heading of its block is the first line
        self._scroll()

    def rows(self, index: int) -> Sequence[Row]:
        """The rows of a block, sorted by what is known so far."""
        place = self.sheet.place_of(self.sorted_by)
        if place is None:
            return self.sheet.rows(index)
        rows = self._orders.get(index)
        if rows is None:
            column = self.sheet.columns[place]
            sign = -1 if self.largest_first else 1
            keys = [self._sort_key(row, column) for row in self.sheet.rows(index)]
            order = sorted(range(len(keys)), key=lambda n: (math.isnan(keys[n]), sign * keys[n]))
            rows = self._orders[index] = [self.sheet.rows(index)[number] for number in order]
        return rows

    def _sort_key(self, row: Row, column: Column) -> float:
        series = self.sheet.series(row, column)
        if series is None:
            return math.nan
        goal, measure = self.model.session.goal(series.tag), column.measure
        known = self._known(series)
        if series.run.name in self.sheet.members:
            return spread_of(measure, known, goal, self.model.session.view.group_band).mean
        return measure.key(known[0].stats, goal) if known else math.nan

    def _known(self, series: Series) -> list[Tally]:
        """What is known of the runs that a series stands for."""
        return [tally for part in self.sheet.parts(series) if (tally := self.tallies.known(part)) is not None]

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

    def move_column(self, columns: int) -> bool:
        """Move the cursor sideways. False: there is nothing more on that side."""
        target = min(max(self.column + columns, 0), max(0, len(self.sheet.columns) - 1))
        moved = target != self.column
        self.column = target
        self._scroll()
        return moved

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
        self.column = min(max(self.column, 0), max(0, len(self.sheet.columns) - 1))
        self.left = min(self.left, self.column)
        while self.left < self.column and self.column not in self.columns_in_sight():
            self.left += 1
        # At the right end no room is left empty.
        while self.left > 0 and self._width_from(self.left - 1) <= self._room():
            self.left -= 1

    def _room(self) -> int:
        return self.size[0] - self.name_width() - 2

    def _width_from(self, first: int) -> int:
        total = 0
        for column in self.sheet.columns[first:]:
            total += column.width + 1
            if total > self.size[0]:
                break
        return total

    def columns_in_sight(self) -> range:
        """The numbers of the columns that fit; at least one."""
        room, last = self._room(), self.left
        for column in self.sheet.columns[self.left :]:
            room -= column.width + 1
            if room < 0 and last > self.left:
                break
            last += 1
        return range(self.left, last)

    def name_width(self) -> int:
        """Cells for the names of rows: what they need, up to a third of the width (a half where one column fits)."""
        width = self.size[0]
        all_columns = self._width_from(0) if len(self.sheet.columns) < 30 else width
        most = max(width // 3, min(18, width // 2), width - 2 - all_columns)
        least = max(8, len(self._head()) + 4)
        return max(1, min(most, max(self._longest, least)))

    def column_key(self) -> ColumnKey | None:
        """What the cursor's column is."""
        return self.sheet.columns[self.column].key if self.sheet.columns else None

    def sort_here(self, column: int | None = None) -> str:
        """Sort by a column, by default the cursor's: best or largest first, then the other way round, then not."""
        column = self.column if column is None else column
        if not 0 <= column < len(self.sheet.columns):
            return "There is nothing to sort"
        chosen = self.sheet.columns[column]
        tag = chosen.tag or (self.sheet.tags[0] if len(self.sheet.tags) == 1 else "")
        good = self.model.session.goal(tag) if tag and chosen.measure.kind == "value" else None
        first = not (good == "down" and chosen.measure.title in ("last", "best"))
        if self.sorted_by != chosen.key:
            return self.sort(chosen.key, first)
        return self.sort(None) if self.largest_first != first else self.sort(chosen.key, not first)

    def sort(self, key: ColumnKey | None, largest_first: bool = True) -> str:
        """Sort by a column, or as the runs are listed (None), and say so."""
        kept = self.current()
        self.sorted_by, self.largest_first = key, largest_first
        self._orders = {}
        self._find(kept)
        self._scroll()
        if key is None:
            return "in the order of the list of runs" if self.sheet.head == "run" else "in the order of names"
        place = self.sheet.place_of(key)
        title = safe(self.sheet.columns[place].title) if place is not None else key.measure
        return f"sorted by {title}, {'largest' if largest_first else 'smallest'} first"

    def column_at(self, x: int) -> int | None:
        """The number of the column at a cell."""
        col = self.name_width() + 2
        for number in self.columns_in_sight():
            width = self.sheet.columns[number].width
            if col <= x < col + width:
                return number
            col += width + 1
        return None

    # --- looking

    def steps(self) -> Iterator[Work | None]:
        """Look at the series in sight, a few at a time; what is known already is shown at once."""
        self.fresh = True
        yield None
        place = self.sheet.place_of(self.sorted_by)
        if place is not None:
            yield from self._sort_in_sight(place)
        columns = [self.sheet.columns[number] for number in self.columns_in_sight()]
        if self.sheet.layout == "list":
            columns = columns[:1]  # all are about the same series
        rows = [
            found[1] for found in map(self.line, range(self.top, self.top + self.size[1] - 1)) if found and found[1]
        ]
        yield from self._look((row, column) for row in rows for column in columns)
        self.tallies.trim()

    def _sort_in_sight(self, place: int) -> Iterator[Work | None]:
        """Look at all rows of the blocks in sight, and put those in order again in which something changed."""
        column, sheet = self.sheet.columns[place], self.sheet
        last = min(self.top + self.size[1], self.count) - 1
        for index in range(sheet.block_at(self.top), min(sheet.block_at(last) + 1, len(sheet.blocks))):
            changed = False
            for work in self._look((row, column) for row in sheet.rows(index)):
                changed = True
                yield work
            if changed and sheet is self.sheet:
                kept = self.current()
                self._orders.pop(index, None)
                self._find(kept)
                self._scroll()
                self.fresh = True

    def _look(self, cells: Iterator[tuple[Row, Column]]) -> Iterator[Work | None]:
        """Bring what is known of these cells up to date. Yields at least once where something was not."""
        cost, changed = 0, False
        for row, column in cells:
            series = self.sheet.series(row, column)
            for part in self.sheet.parts(series) if series is not None else ():
                due = self.tallies.due(part, self.model.purge)
                if due is None:
                    continue
                changed = self.fresh = True
                count = len(due.points.steps)
                if count >= HEAVY:
                    yield partial(self.tallies.update, due)
                    continue
                self.tallies.update(due)
                cost += count + SERIES_COST
                if cost > PAUSE_POINTS:
                    cost = 0
                    yield None
        if changed:
            yield None

    # --- drawing

    def compose(self) -> Cells:
        """The lines in sight, below the headings of the columns."""
        self.fresh = False
        width, height = self.size
        cells = blank(height, width)
        if not height or not width:
            return cells
        if not self.count:
            put_message(cells, self.model.why_empty(), self.looks.muted)
            return cells
        columns = self.columns_in_sight()
        name_width = self.name_width()
        self._put_titles(cells, columns, name_width)
        for row in range(1, height):
            found = self.line(self.top + row - 1)
            if found is None:
                break
            if found[1] is None:
                self._put_block_title(cells, row, found[0])
            else:
                self._put_row(cells, row, found[1], self.top + row - 1 == self.cursor, columns, name_width)
        return cells

    def _put_titles(self, cells: Cells, columns: range, name_width: int) -> None:
        looks, sheet, head = self.looks, self.sheet, self._head()
        more = (self._arrow(left=True) if columns.start else "") + (
            self._arrow(left=False) if columns.stop < len(sheet.columns) else ""
        )
        put_cut(cells, 0, 2, name_width - len(more) - 1, head, looks.faint, looks=looks)
        cells.put(0, 2 + name_width - len(more), more, looks.accent)
        col = name_width + 2
        for number in columns:
            column = sheet.columns[number]
            color = looks.muted if column.run is None else self.runs.color(column.run)
            title, attrs = safe(column.title), UNDERLINE if number == self.column else 0
            if column.tag is not None:
                title += self._goal_sign(column.tag)
            if column.key == self.sorted_by:
                title = (looks.signs.falling if self.largest_first else looks.signs.rising) + title
                color = looks.accent
            width = min(column.width, max(0, cells.width - col))
            put_cut(cells, 0, col, width, title, color, attrs, keep="tail", right=True, looks=looks)
            col += column.width + 1

    def _head(self) -> str:
        """What stands over the names of rows, and which number is shown where there is one only."""
        sheet = self.sheet
        sign = "-" if self.looks.ascii else "·"
        band = head_of_band(self.model.session.view.group_band, self.looks.ascii) if sheet.members else ""
        if sheet.layout == "list":
            return band or sheet.head
        return f" {sign} ".join(filter(None, [sheet.head, sheet.measure.title, band]))

    def _arrow(self, left: bool) -> str:
        return ("<" if left else ">") if self.looks.ascii else ("‹" if left else "›")

    def _goal_sign(self, tag: str) -> str:
        goal = self.model.session.goal(tag)
        signs = {"up": "^", "down": "v"} if self.looks.ascii else {"up": "↑", "down": "↓"}
        return f" {signs[goal]}" if goal else ""

    def _put_block_title(self, cells: Cells, row: int, index: int) -> None:
        block, looks = self.sheet.blocks[index], self.looks
        taken = put_cut(cells, row, 0, cells.width - 3, block.title, looks.text, BOLD, keep="tail", looks=looks)
        cells.put(row, taken, self._goal_sign(block.title), looks.faint)

    def _put_row(self, cells: Cells, row: int, line: Row, at_cursor: bool, columns: range, name_width: int) -> None:
        looks, sheet = self.looks, self.sheet
        text = looks.accent if at_cursor else looks.text
        attrs = REVERSE if at_cursor else 0
        if line.run is not None:
            cells.put(row, 0, looks.signs.run, self.runs.color(line.run))
        if at_cursor:
            cells.put(row, 2, " " * name_width, text, attrs)
        put_cut(cells, row, 2, name_width, sheet.name(line), text, attrs, keep="middle", looks=looks)
        col = name_width + 2
        for number in columns:
            column = sheet.columns[number]
            width = min(column.width, max(0, cells.width - col))
            here = at_cursor and number == self.column
            self._put_cell(cells, (row, col, width), sheet.series(line, column), column, here)
            col += column.width + 1

    def _put_cell(
        self, cells: Cells, place: tuple[int, int, int], series: Series | None, column: Column, at_cursor: bool
    ) -> None:
        row, col, width = place
        looks, measure = self.looks, column.measure
        known = self._known(series) if series is not None else []
        if series is None or not known:
            text, color = "" if series is None else "~" if looks.ascii else "…", looks.faint
        elif measure.kind == "course":
            style: Style = "ascii" if looks.ascii else "blocks"
            small = mean_course(known)
            text = sparkline(small, min(SPARK_WIDTH, width), style).rjust(width)
            color = self.runs.color(series.run)
        else:
            goal, band = self.model.session.goal(series.tag), self.model.session.view.group_band
            several = series.run.name in self.sheet.members
            text, bad = number_words(measure, known, goal, band if several else None, looks.ascii)
            color = looks.bad if bad else looks.text if measure.title in ("last", "best") else looks.muted
        if at_cursor:
            cells.put(row, col, " " * width, looks.accent, REVERSE)
        put_cut(
            cells, row, col, width, text, looks.accent if at_cursor else color, REVERSE if at_cursor else 0,
            right=True, looks=looks,
        )  # fmt: skip
