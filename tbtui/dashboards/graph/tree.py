"""The tree of scopes and nodes: only the rows in sight are made."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.colors import RGB
from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.dashboards.graph.rows import Row, Rows
from tbtui.dashboards.graph.words import ASCII, UNICODE, Totals, bar, format_count, format_size, format_time
from tbtui.graphs import Entry
from tbtui.widgets.messages import Notice
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

INDENT = 2
NAME_CELLS = 26
"""Names keep so many cells, or `NAME_SHARE` of the width."""
NAME_SHARE = 0.45
BAR_CELLS = 6
TITLES_FROM = 9
"""From so many rows the columns have titles."""

KIND, NODES, PARAMETERS, SIZE, SHAPE, TIME, MEMORY = "type", "nodes", "params", "size", "shape", "time", "memory"
WIDTHS = {KIND: 14, NODES: 6, PARAMETERS: 7, SIZE: 8, SHAPE: 18, TIME: BAR_CELLS + 8, MEMORY: BAR_CELLS + 9}
LEFT = (KIND, SHAPE)
"""Columns of words; the others are numbers."""
SHOWN_AS = (KIND, SHAPE, NODES, PARAMETERS, SIZE, TIME, MEMORY)
"""From left to right."""


class Tree(NamedTuple):
    """What the pane shows of a graph."""

    rows: Rows
    totals: Totals
    shape: Callable[[Entry], str]
    """The first result of a node in a few words; made for the rows in sight only."""


class TreeList(Lines):
    """Rows of scopes and nodes with their numbers; the cursor is on one of them."""

    has_cursor = True
    DEFAULT_CSS = "TreeList { width: 1fr; height: 1fr; }"

    def __init__(
        self,
        moved: Callable[[], None],
        opened: Callable[[], None],
        aside: Callable[[], None],
        unfold: Callable[[int], None],
        ascii_only: bool = False,
    ) -> None:
        """moved: the cursor is elsewhere; opened: enter on a node; aside: to the right of a node; unfold: show
        what is below a row."""
        super().__init__(id="graph-tree")
        self.shown: Tree | None = None
        self.message = ""
        """Shown instead of rows."""
        self.found: Collection[str] = ()
        """Keys of what was searched for."""
        self.sign_color: Callable[[Entry], RGB | None] = lambda entry: None
        self.signs = ASCII if ascii_only else UNICODE
        self._ascii = ascii_only
        self._moved, self._opened, self._aside, self._unfold = moved, opened, aside, unfold
        self._columns: list[str] = []
        self._name_cells = 0

    # -- what is there -----------------------------------------------------------------------------------------

    @property
    def current(self) -> Entry | None:
        """The row under the cursor."""
        row = self._row_at(self.cursor)
        return row.entry if row is not None else None

    def go_to(self, entry: Entry) -> bool:
        """Put the cursor on a row, unfolding what hides it; False where it can't be shown."""
        number = self.shown.rows.reveal(entry) if self.shown is not None else None
        if number is not None:
            self.put(number)
        return number is not None

    def put(self, number: int) -> None:
        """Put the cursor on a row, with some rows around it in sight."""
        height = self._body_height()
        if not self.top + 1 <= number < self.top + height - 1:
            self.top = max(0, number - height // 3)
        self.cursor = number
        self.repaint()
        self.moved()

    def _row_at(self, number: int) -> Row | None:
        rows = self.shown.rows.rows if self.shown is not None else []
        return rows[number] if 0 <= number < len(rows) else None

    def count(self, width: int) -> int:
        return len(self.shown.rows) if self.shown is not None and not self.message else 0

    # -- drawing -----------------------------------------------------------------------------------------------

    def _body_height(self) -> int:
        return max(1, self.size.height - (self.size.height >= TITLES_FROM))

    def paint(self, width: int, height: int) -> list[Strip]:
        if self.message or self.shown is None:
            lines = [self.line([], width)] * (height // 3)
            return [*lines, self.line([(cut(f" {safe(self.message)}", width), self.look("muted"))], width)]
        self._columns, self._name_cells = self._lay_out(width)
        if height < TITLES_FROM:
            return super().paint(width, height)
        return [self._titles(width), *super().paint(width, height - 1)]

    def _lay_out(self, width: int) -> tuple[list[str], int]:
        """The columns that fit, and the cells that are left for names."""
        assert self.shown is not None
        totals = self.shown.totals
        wanted = [TIME] if totals.compute else []
        wanted += [MEMORY] if totals.memory else []
        wanted += [PARAMETERS] if totals.parameters else []
        wanted += [KIND, NODES, SHAPE]
        wanted += [SIZE] if totals.size else []
        least = max(min(NAME_CELLS, width * 2 // 3), int(width * NAME_SHARE) if width < 110 else NAME_CELLS * 2)
        room = width - least
        chosen = []
        for column in wanted:
            if WIDTHS[column] + 1 <= room:
                chosen.append(column)
                room -= WIDTHS[column] + 1
        return [column for column in SHOWN_AS if column in chosen], least + room

    def _titles(self, width: int) -> Strip:
        assert self.shown is not None
        faint, rows = self.look("faint"), self.shown.rows
        place = f"{self.cursor + 1:,}/{len(rows):,} " if rows.rows else ""
        pieces = [(pad(" name", self._name_cells - len(place)) + place, faint)]
        order = rows.order.title[:4] if rows.order is not None else "-"
        for column in self._columns:
            look = self.look("accent") if column.startswith(order) else faint
            pieces.append((" " + pad(column, WIDTHS[column], "left" if column in LEFT else "right"), look))
        return self.line(pieces, width)

    def row(self, number: int, width: int) -> list[Piece]:
        assert self.shown is not None
        row = self.shown.rows.rows[number]
        pieces = self._name_pieces(row, number)
        for column in self._columns:
            pieces += self._cell(row.entry, column)
        return pieces

    def _name_pieces(self, row: Row, number: int) -> list[Piece]:
        """Indentation, sign, name, and what it stands for."""
        assert self.shown is not None
        entry, depth = row
        cells, signs, rows = self._name_cells, self.signs, self.shown.rows
        room = max(4, cells // 3 // INDENT)
        base = max(0, self._depth_at_cursor() - room)
        shown = min(max(0, depth - base), room + 6)
        indent = " " * (1 + shown * INDENT)
        if base and depth < base:
            indent = signs.deeper
        elif depth - base > room + 6:
            indent = indent[:-2] + signs.deeper + " "
        color = self.sign_color(entry)
        if entry.kind == "node":
            sign, look = signs.node, self.look("text", color) if color else self.look("muted")
        else:
            sign = signs.open if rows.is_open(number) else signs.folded
            look = self.look("accent") if not color else self.look("text", color)
        if rows.listed is not None:
            indent = " "
        more = f" {signs.many}{entry.count}" if entry.kind == "series" else ""
        name = safe(entry.path if rows.listed is not None else entry.name)
        left = max(1, cells - len(indent) - 2 - len(more))
        name = cut(name, left, "tail" if rows.listed is not None else "middle", ellipsis=signs.ellipsis)
        space = " " * max(0, left - cell_width(name))
        style = self.look("accent" if entry.key in self.found else "faint" if entry.minor else self._weight(entry))
        if entry.kind == "minor":
            style = self.look("faint")
        return [(indent, style), (f"{sign} ", look), (name, style), (more, self.look("key")), (space, style)]

    def _weight(self, entry: Entry) -> str:
        return "text" if entry.kind == "node" else "strong"

    def _depth_at_cursor(self) -> int:
        row = self._row_at(self.cursor)
        return row.depth if row is not None else 0

    def _cell(self, entry: Entry, column: str) -> list[Piece]:
        assert self.shown is not None
        width, muted = WIDTHS[column], self.look("muted")
        if column in (TIME, MEMORY):
            return self._bar(entry, column)
        if column == SHAPE:
            text, look = self.shown.shape(entry), muted
        elif column == KIND:
            text, look = entry.op, muted
        elif column == NODES:
            text, look = (format_count(entry.ops) if entry.kind != "node" else ""), muted
        elif column == PARAMETERS:
            text, look = (format_count(entry.parameters) if entry.parameters else ""), self.look("text")
        else:
            text, look = (format_size(entry.size) if entry.size else ""), muted
        text = cut(safe(text), width, ellipsis=self.signs.ellipsis)
        return [(" " + pad(text, width, "left" if column in LEFT else "right"), look)]

    def _bar(self, entry: Entry, column: str) -> list[Piece]:
        assert self.shown is not None
        totals, width = self.shown.totals, WIDTHS[column]
        value, most = (entry.compute, totals.compute) if column == TIME else (entry.memory, totals.memory)
        if value is None:
            return [(" " * (width + 1), self.look("faint"))]
        text = format_time(value) if column == TIME else format_bytes(value)
        drawn = bar(value / most if most else 0.0, BAR_CELLS, self._ascii)
        return [
            (" " + pad(text, width - BAR_CELLS - 1, "right") + " ", self.look("muted")),
            (drawn, self.look("good" if column == MEMORY else "warn")),
        ]

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if number != self.cursor:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor" if self.has_focus else "blur").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    # -- keys --------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        self._moved()

    def _move(self, rows: int) -> None:
        before = self.cursor
        self.cursor = max(0, min(self.cursor + rows, self.count(0) - 1))
        self.repaint()
        if before != self.cursor:
            self.moved()
        elif rows:
            self.post_message(Notice(f"No row {'below' if rows > 0 else 'above'} this one"))

    def action_right(self) -> None:
        if self.shown is None or self.current is None:
            return
        rows = self.shown.rows
        if not rows.can_open(self.cursor):
            self._aside()
        elif not rows.is_open(self.cursor):
            self._unfold(self.cursor)
        else:
            self._move(1)

    def action_left(self) -> None:
        if self.shown is None or self.current is None:
            return
        rows = self.shown.rows
        if rows.is_open(self.cursor):
            rows.fold(self.cursor)
            self.repaint()
            return
        above = rows.parent(self.cursor)
        if above is not None:
            self._move(above - self.cursor)
        else:
            self.post_message(Notice("Nothing to fold here"))

    def action_open(self) -> None:
        if self.shown is None or self.current is None:
            return
        if not self.shown.rows.can_open(self.cursor):
            self._opened()
        elif self.shown.rows.is_open(self.cursor):
            self.action_left()
        else:
            self.action_right()

    def on_click(self, event: events.Click) -> None:
        row = self.top + event.y - (self.size.height >= TITLES_FROM)
        if not 0 <= row < self.count(0):
            return
        again = row == self.cursor
        self._move(row - self.cursor)
        if again or event.chain > 1:
            self.action_open()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()
