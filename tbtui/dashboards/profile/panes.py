"""What shows a capture in lines: the line over it, the overview, the tables, what is around an operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.filters import compile_filter
from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.commands.profile import cell_text, heading, time_text
from tbtui.profiles.around import Around, Neighbour
from tbtui.profiles.overview import Overview
from tbtui.profiles.tables import Table
from tbtui.widgets.fitting import fit, item
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.panel import Lines, Panel

GAP = 2
LEAST_FIRST, SHARE_OF_FIRST = 16, 0.4
"""Cells, and share of the width, that the first column of a table has at least where it needs them."""
MEASURED = 300
"""Rows whose cells decide how wide a column is."""
LABEL_CELLS = 15
MOST_BAR = 40


class ProfileHead(Painted):
    """One line: which capture, which view, and what was typed."""

    DEFAULT_CSS = "ProfileHead { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="profile-head")
        self._left: tuple[str, str] = ("", "")
        self._right = ""

    def show(self, title: str, view: str, words: str) -> None:
        """Say this."""
        if (title, view, words) != (*self._left, self._right):
            self._left, self._right = (title, view), words
            self.repaint()

    def paint(self, width: int, height: int) -> list[Strip]:
        title, view = self._left
        left = [
            item(1, (f" {view}", self.look("strong"))),
            item(2, (cut(safe(title), max(8, width // 2), "tail"), self.look("muted"))),
        ]
        right = [item(3, (safe(self._right) + " ", self.look("accent")))] if self._right else []
        return [self.line(fit(left, right, width, self.look("text")), width)]


class OverviewPane(Lines):
    """The overview in lines."""

    DEFAULT_CSS = "OverviewPane { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="profile-overview")
        self._full = "#" if ascii_only else "█"
        self._lines: list[tuple[str, str, float | None, str]] = []  # label, text, share for a bar, look

    def show(self, overview: Overview, devices: dict[int, str], problems: list[str]) -> None:
        """Show this capture."""
        self._lines = overview_lines(overview, devices, problems)
        self.top = 0
        self.repaint()

    def show_words(self, text: str) -> None:
        """Say this instead."""
        self._lines = [("", text, None, "muted")]
        self.top = 0
        self.repaint()

    def count(self, width: int) -> int:
        return len(self._wrapped(width))

    def row(self, number: int, width: int) -> list[Piece]:
        label, text, share, look = self._wrapped(width)[number]
        cells = max(8, min(26, width - 24)) if share is not None else LABEL_CELLS
        pieces = [(pad(cut(safe(label), cells - 1, "middle"), cells), self.look("muted" if share is None else "text"))]
        pieces.append((cut(safe(text), max(1, width - cells)), self.look(look)))
        if share is not None:
            room = max(0, min(MOST_BAR, width - cells - cell_width(text) - 2))
            pieces.append(("  " + self._full * round(share * room), self.look("key")))
        return pieces

    def _wrapped(self, width: int) -> list[tuple[str, str, float | None, str]]:
        """Long sentences go on in the next line."""
        lines = []
        room = max(10, width - LABEL_CELLS)
        for label, text, share, look in self._lines:
            if share is not None or cell_width(text) <= room:
                lines.append((label, text, share, look))
                continue
            words, line = text.split(), ""
            for word in words:
                if line and cell_width(line) + 1 + cell_width(word) > room:
                    lines.append((label, line, None, look))
                    label, line = "", ""
                line = f"{line} {word}" if line else word
            lines.append((label, line, None, look))
        return lines


def overview_lines(
    overview: Overview, devices: dict[int, str], problems: list[str]
) -> list[tuple[str, str, float | None, str]]:
    """What there is to say: label, text, share for a bar (None: none), look."""
    lines: list[tuple[str, str, float | None, str]] = [("problem", text, None, "warn") for text in problems]
    names = sorted({name for name in devices.values() if name})
    if names:
        lines.append(("devices", f"{len(devices)}: {', '.join(names)}", None, "text"))
    took = overview.durations
    if took is not None:
        text = (
            f"{len(overview.steps)}, mean {time_text(took.mean)}, median {time_text(took.median)}, "
            f"95 % within {time_text(took.high)}, {time_text(took.shortest)} to {time_text(took.longest)}"
        )
        lines.append(("steps", text, None, "text"))
    if overview.busy is not None and overview.kernel_busy is not None:
        told = [f"busy {overview.busy:.1%} of the steps' time", f"kernels {overview.kernel_busy:.1%}"]
        if overview.sm_efficiency is not None:
            told.append(f"estimated SM efficiency {overview.sm_efficiency:.1f} %")
        if overview.occupancy is not None:
            told.append(f"occupancy {overview.occupancy:.1f} %")
        lines.append(("device", ", ".join(told), None, "text"))
    if overview.overlap is not None:
        hidden, exposed = overview.overlap.overlapped, overview.overlap.exposed
        text = f"{time_text(hidden + exposed)}, of which {time_text(exposed)} hidden by nothing"
        lines.append(("communication", text, None, "text"))
    lines += [("advice", sentence, None, "warn") for sentence in overview.advice]
    whole = sum(overview.spent.values())
    if whole:
        lines += [("", "", None, "text"), ("time", "of the steps went to", None, "muted")]
        for name, spent in overview.spent.items():
            lines.append((name, f"{spent / whole:6.1%} {time_text(spent):>9}", spent / whole, "text"))
    total = sum(row.own for row in overview.operators)
    if total:
        lines += [("", "", None, "text"), ("operators", "by their own time", None, "muted")]
        for row in overview.operators[:10]:
            lines.append((row.name, f"{row.own / total:6.1%} {time_text(row.own):>9}", row.own / total, "text"))
    return lines


class TablePane(Lines):
    """A table: headings that stay, rows under a cursor, columns that scroll sideways behind the first."""

    has_cursor = True
    DEFAULT_CSS = "TablePane { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, open_name: Callable[[str], None]) -> None:
        """open_name: enter on a row, with what stands in its first column."""
        super().__init__(id="profile-table")
        self._open_name = open_name
        self._table = Table((), [])
        self.rows: list[tuple[Any, ...]] = []
        self.sorted_by: int | None = None
        self.upward = False
        self._first = 1  # the first column behind the one that stays
        self._filter = ""
        self._widths: list[int] = []

    @property
    def table(self) -> Table:
        """What is shown, as it is sorted and filtered."""
        return Table(self._table.names, self.rows)

    def show(self, table: Table) -> None:
        """Show another table."""
        self._table = table
        self.sorted_by, self.upward, self._first = None, False, 1
        self.cursor = self.top = 0
        self._arrange()

    def narrow(self, text: str) -> None:
        """Leave the rows whose texts a filter lets through."""
        self._filter = text
        self._arrange()

    def sort_next(self) -> str:
        """By the next column, numbers from the largest; returns its name."""
        names = self._table.names
        if not names:
            return ""
        self.sorted_by = 0 if self.sorted_by is None else (self.sorted_by + 1) % len(names)
        self.upward = False
        self._arrange()
        return names[self.sorted_by]

    def turn(self) -> None:
        """The other way round."""
        self.upward = not self.upward
        self._arrange()

    def _arrange(self) -> None:
        matches = compile_filter(self._filter).matches
        rows = [
            row
            for row in self._table.rows
            if not self._filter or matches(" ".join(value for value in row if isinstance(value, str)))
        ]
        place = self.sorted_by
        if place is not None:
            words = any(isinstance(row[place], str) for row in rows)
            rows.sort(key=lambda row: str(row[place]) if words else -(row[place] or 0), reverse=self.upward)
        elif self.upward:
            rows.reverse()
        self.rows = rows
        self._widths = [
            max(
                cell_width(self._heading(index)),
                max((cell_width(self._cell(row, index)) for row in rows[:MEASURED]), default=0),
            )
            for index in range(len(self._table.names))
        ]
        self.repaint()

    def _heading(self, index: int) -> str:
        mark = "" if index != self.sorted_by else (" ↑" if self.upward else " ↓")
        return heading(self._table.names[index]) + mark

    def _cell(self, row: tuple[Any, ...], index: int) -> str:
        return cell_text(self._table.names[index], row[index])

    def _columns(self, width: int) -> list[tuple[int, int]]:
        """(column, cells) of those that are in sight."""
        if not self._widths:
            return []
        used, chosen = 0, []
        least = min(self._widths[0], max(LEAST_FIRST, int(SHARE_OF_FIRST * width)))
        for index in range(self._first, len(self._widths)):
            if used + self._widths[index] + GAP > width - least:
                break
            used += self._widths[index] + GAP
            chosen.append((index, self._widths[index]))
        return [(0, min(self._widths[0], width - used)), *chosen]

    def _line(self, cells: Callable[[int], str], width: int) -> str:
        parts = []
        for index, room in self._columns(width):
            right = index > 0 and not any(isinstance(row[index], str) for row in self.rows[:MEASURED])
            parts.append(pad(cut(cells(index), room, "middle"), room, "right" if right else "left"))
        return (" " * GAP).join(parts)

    def paint(self, width: int, height: int) -> list[Strip]:
        if not self.rows:
            words = "nothing matches" if self._filter else "nothing of that kind in this capture"
            return [self.line([(words, self.look("muted"))], width)]
        head = self.line([(self._line(self._heading, width), self.look("muted"))], width)
        return [head, *super().paint(width, height - 1)]

    def count(self, width: int) -> int:
        return len(self.rows)

    def row(self, number: int, width: int) -> list[Piece]:
        row = self.rows[number]
        return [(self._line(lambda index: self._cell(row, index), width), self.look("text"))]

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if number != self.cursor:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    def action_left(self) -> None:
        self._first = max(1, self._first - 1)
        self.repaint()

    def action_right(self) -> None:
        self._first = min(max(1, len(self._widths) - 1), self._first + 1)
        self.repaint()

    def open_row(self) -> None:
        if self.rows:
            self._open_name(str(self.rows[self.cursor][0]))

    def on_click(self, event: events.Click) -> None:
        if event.y:
            self._move(self.top + event.y - 1 - self.cursor)


class AroundLines(Lines):
    """Who calls an operator, what it calls, what it launches."""

    def __init__(self, found: Around) -> None:
        super().__init__()
        self._lines: list[tuple[str, Neighbour | None]] = []
        for title, group in (("called by", found.callers), ("calls", found.callees), ("launches", found.kernels)):
            self._lines.append((f"{title}: {len(group)}" if group else f"{title} nothing", None))
            self._lines += [("", one) for one in group]

    def count(self, width: int) -> int:
        return len(self._lines)

    def row(self, number: int, width: int) -> list[Piece]:
        title, one = self._lines[number]
        if one is None:
            return [(title, self.look("accent"))]
        words = f"{one.calls:,}x {time_text(one.total):>9}"
        room = max(4, width - cell_width(words) - 4)
        return [
            (f"  {pad(cut(safe(one.name), room, 'middle'), room)}  ", self.look("text")),
            (words, self.look("muted")),
        ]


class AroundPanel(Panel):
    """What is around an operator."""

    def __init__(self, name: str, found: Around) -> None:
        super().__init__()
        self._title, self._found = name, found

    def title_text(self) -> str:
        return self._title

    def lines(self) -> Lines:
        return AroundLines(self._found)
