"""A table of a capture: headings that stay, rows under a cursor, the columns that are wanted most where not all fit."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.filters import compile_filter
from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.commands.profile_text import cell_text, heading
from tbtui.profiles.tables import Row, Table, in_order
from tbtui.widgets.messages import Notice
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

GAP = 2
LEAST_FIRST, SHARE_OF_FIRST = 16, 0.35
"""Cells, and share of the width, that the first column of a table has at least where it needs them."""
MEASURED = 300
"""Rows whose cells decide how wide a column is."""
BAR_CELLS, BAR_FROM = 10, 70
"""Cells of a bar beside a share, and the width of the table from which on there are bars."""
SHARE_CELLS = 6  # 100.0%
LEFT_OUT_CELLS = 4
MOST_WORDS = 16
"""Cells of a column of words, or a fifth of the width where that is more."""
EIGHTHS = " ▏▎▍▌▋▊▉█"

WANTED = (
    "self_change_us", "device_self_change_us", "change_share", "self_us", "duration_us", "total_us", "size_bytes",
    "peak_bytes", "size_share", "self_share", "where", "calls", "awaited_us", "waiting_us", "computation_us",
    "communication_us", "overlap_us", "straggler", "operator", "mean_us", "device_self_us", "occupancy_pct", "type",
    "tensor_cores", "grid", "block", "registers", "shared_memory", "device_us", "kernel_us", "device_compute_us",
    "device_busy_us", "input_us", "data_loader_us", "cpu_operator_us", "host_compute_us", "other_us",
)  # fmt: skip
"""Columns that stay longest where there is no room for all, the most wanted first; the others follow as they stand."""
LEAST = frozenset(("start_us", "peak_at_us"))
"""Columns that go first."""


def bar_text(share: float, cells: int, ascii_only: bool) -> str:
    """A bar of a share, in eighths of a cell where the characters for that may be used."""
    share = min(1.0, max(0.0, share))
    if ascii_only:
        return pad("#" * round(share * cells), cells)
    eighths = round(share * cells * 8)
    whole, rest = divmod(eighths, 8)
    return pad("█" * whole + (EIGHTHS[rest] if rest else ""), cells)


class TablePane(Lines):
    """Rows under a cursor, and a cursor over the columns: its column is always in sight, and is what is sorted by.

    A column that holds nothing in any row is left out of what is shown, not of what is exported.
    """

    has_cursor = True
    DEFAULT_CSS = "TablePane { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, open_row: Callable[[Row], None], moved: Callable[[], None], ascii_only: bool) -> None:
        """open_row: enter on a row, or a double click; moved: the cursor did."""
        super().__init__(id="profile-table")
        self._open_row = open_row
        self.moved = moved  # type: ignore[method-assign]
        self._ascii = ascii_only
        self._table = Table((), [])
        self.rows: list[Row] = []
        self.sorted_by: int | None = None
        self.upward = False
        self.column = 0
        self.empty = "nothing of that kind in this capture"
        self._hidden: frozenset[str] = frozenset()
        self._filter = ""
        self._widths: list[int] = []
        self._words: set[int] = set()
        self._filled: list[int] = []
        self._largest: dict[int, float] = {}
        self._fitted: tuple[tuple[int, int, int | None], list[tuple[int, int]]] = ((-1, 0, None), [])

    @property
    def table(self) -> Table:
        """What is shown, as it is sorted and filtered."""
        return Table(self._table.names, self.rows)

    @property
    def ordered_by(self) -> str:
        """The column that is sorted by, as it is called; "" for the order in which the rows came."""
        return "" if self.sorted_by is None else heading(self._table.names[self.sorted_by])

    @property
    def sorts_words(self) -> bool:
        """Whether the column that is sorted by holds words."""
        return self.sorted_by in self._words

    def show(self, table: Table, empty: str = "", hidden: frozenset[str] = frozenset()) -> None:
        """Show a table, sorted as the one before where it has the same columns. `empty`: what is said where it has no
        rows; `hidden`: columns that are not shown."""
        if table.names != self._table.names:
            self.sorted_by, self.upward, self.column = None, False, 0
        self._table, self._hidden = table, hidden
        self.empty = safe(empty) or "nothing of that kind in this capture"
        self.cursor = self.top = 0
        self._arrange()

    def narrow(self, text: str) -> None:
        """Leave the rows whose texts a filter lets through."""
        self._filter = text
        self.cursor = self.top = 0
        self._arrange()

    def sort(self) -> None:
        """By the column at the cursor, numbers from the largest; once more: the other way round."""
        if self.sorted_by == self.column:
            self.upward = not self.upward
        else:
            self.sorted_by, self.upward = self.column, False
        self._to_first()

    def turn(self) -> None:
        """The other way round."""
        self.upward = not self.upward
        self._to_first()

    def _to_first(self) -> None:
        self.cursor = self.top = 0
        self._arrange()

    def _arrange(self) -> None:
        matches = compile_filter(self._filter).matches
        rows = [
            row
            for row in self._table.rows
            if not self._filter or matches(" ".join(value for value in row if isinstance(value, str)))
        ]
        self.rows = in_order(rows, self.sorted_by, self.upward)
        places = range(len(self._table.names))
        self._words = {place for place in places if any(isinstance(row[place], str) for row in rows)}
        every = self._table.rows
        self._filled = [
            place
            for place in places
            if place == 0 or (self._table.names[place] not in self._hidden and any(row[place] for row in every))
        ]
        self._largest = {
            place: max((row[place] or 0.0 for row in every), default=0.0) or 1.0
            for place in places
            if self._table.names[place].endswith("_share") and not any((row[place] or 0.0) < 0 for row in every)
        }
        if self.column not in self._filled:
            self.column = 0
        self._widths = [
            max(
                cell_width(heading(self._table.names[place])) + 2,
                max((cell_width(self._cell(row, place)) for row in self.rows[:MEASURED]), default=0),
            )
            for place in places
        ]
        self._fitted = ((-1, 0, None), [])
        self.repaint()

    def _heading(self, place: int) -> str:
        mark = "" if place != self.sorted_by else self._signs[self.upward]
        return heading(self._table.names[place]) + (f" {mark}" if mark else "")

    @property
    def _signs(self) -> tuple[str, str]:
        return ("v", "^") if self._ascii else ("▼", "▲")

    def _cell(self, row: Row, place: int) -> str:
        return cell_text(self._table.names[place], row[place])

    # -- columns

    def _columns(self, width: int) -> list[tuple[int, int]]:
        """(column, cells) of those that are in sight; where some are not, there is room to say how many."""
        state = (width, self.column, self.sorted_by)
        if self._fitted[0] != state:  # it is asked for by every row
            chosen = self._fitting(width)
            if len(chosen) < len(self._filled):
                chosen = self._fitting(width - LEFT_OUT_CELLS)
            self._fitted = (state, chosen)
        return self._fitted[1]

    def _fitting(self, width: int) -> list[tuple[int, int]]:
        """The first, the one at the cursor, and the most wanted."""
        if not self._widths:
            return []
        least = min(self._widths[0], max(LEAST_FIRST, int(SHARE_OF_FIRST * width)))  # of the first column
        names = self._table.names
        rank = {name: number for number, name in enumerate(WANTED)}
        wanted = sorted(
            self._filled[1:], key=lambda place: (names[place] in LEAST, rank.get(names[place], len(rank)), place)
        )
        must = [place for place in (self.column, self.sorted_by) if place and place in wanted]
        used, chosen = 0, list[tuple[int, int]]()
        for place in dict.fromkeys((*must, *wanted)):
            cells = self._room(place, width)
            if used + cells + GAP > width - least:
                continue
            used += cells + GAP
            chosen.append((place, cells))
        first = min(self._widths[0], width - used)
        left = width - used - first
        for number, (place, cells) in enumerate(chosen):  # what is left is for words that are cut
            more = min(left, self._widths[place] - cells) if place in self._words else 0
            chosen[number] = (place, cells + more)
            left -= more
        return [(0, first), *sorted(chosen)]

    def _room(self, place: int, width: int) -> int:
        """Cells of a column; shares have a bar where there is room."""
        cells = self._widths[place]
        if self._has_bar(place, width):
            return max(cells, SHARE_CELLS + 1 + BAR_CELLS)
        return min(cells, max(MOST_WORDS, width // 5)) if place in self._words else cells

    def _has_bar(self, place: int, width: int) -> bool:
        return width >= BAR_FROM and place in self._largest

    def paint(self, width: int, height: int) -> list[Strip]:
        if not self.rows:
            words = "nothing matches the filter" if self._filter and self._table.rows else self.empty
            return [self.line([(line, self.look("muted"))], width) for line in wrap(words, width)]
        return [self.line(self._head(width), width), *super().paint(width, height - 1)]

    def _head(self, width: int) -> list[Piece]:
        columns = self._columns(width)
        pieces: list[Piece] = []
        for place, room in columns:
            text = pad(cut(self._heading(place), room), room, "left" if self._is_left(place) else "right")
            at = place == self.column
            style = self.look("accent" if at else "strong" if place == self.sorted_by else "muted")
            pieces += [(text, style + Style(underline=True) if at and len(columns) > 1 else style)]
            pieces.append((" " * GAP, self.look("muted")))
        left_out = len(self._filled) - len(columns)
        if left_out:
            pieces[-1] = (f" +{left_out}", self.look("faint"))
        return pieces

    def _is_left(self, place: int) -> bool:
        return place == 0 or place in self._words

    def count(self, width: int) -> int:
        return len(self.rows)

    def row(self, number: int, width: int) -> list[Piece]:
        row = self.rows[number]
        pieces: list[Piece] = []
        for place, room in self._columns(width):
            text = cut(self._cell(row, place), room, "middle")
            if self._has_bar(place, width) and isinstance(row[place], int | float):
                share = bar_text(row[place] / self._largest[place], room - SHARE_CELLS - 1, self._ascii)
                pieces += [(pad(text, SHARE_CELLS, "right") + " ", self.look("text")), (share, self.look("key"))]
            else:
                pieces.append((pad(text, room, "left" if self._is_left(place) else "right"), self.look("text")))
            pieces.append((" " * GAP, self.look("text")))
        return pieces

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if number != self.cursor:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    # -- keys and mouse

    def action_left(self) -> None:
        self._aside(-1)

    def action_right(self) -> None:
        self._aside(1)

    def _aside(self, by: int) -> None:
        if self._filled:
            at = self._filled.index(self.column)
            if not 0 <= at + by < len(self._filled):
                self.post_message(Notice("No column in this direction"))
            self.column = self._filled[max(0, min(at + by, len(self._filled) - 1))]
            self.repaint()
            self.moved()
        else:
            self.post_message(Notice("There are no columns"))

    def open_row(self) -> None:
        if self.rows:
            self._open_row(self.rows[self.cursor])
        else:
            super().open_row()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self.rows:
            return
        if offset.y:
            number = self.top + offset.y - 1
            if number == self.cursor and event.chain > 1:
                self.open_row()
            self._move(number - self.cursor)
            return
        begin = 0
        for place, room in self._columns(self.size.width):
            if begin <= offset.x < begin + room + GAP:
                self.column = place
                self.sort()
                return
            begin += room + GAP
