"""Dashboards that show one value at a time: a list of what there is, a heading, and the value below.

Keys of the list scope move in the value; `n` and `p` go from one to the next. Values are fetched beside the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from tbtui.analysis.colors import RGB
from tbtui.analysis.numbers import format_step
from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.charts.cells import BOLD, REVERSE, UNDERLINE, Cells
from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.entries import Entries, Entry
from tbtui.dashboards.fetching import Fetching
from tbtui.dashboards.steps import StepCursor, StepKeys, Steps
from tbtui.store import Reference
from tbtui.widgets.ask_line import AskLine
from tbtui.widgets.descriptions import described, description_line
from tbtui.widgets.inks import Inks, inks_from
from tbtui.widgets.keys import forwarded
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.session import Session

__all__ = ["EntryPane", "ListedDashboard", "strips_of"]

LEAST_LISTED = 3
LIST_FROM = 14
"""Rows of the pane from which there is a list."""

LIST_SHARE = 5
"""The list takes at most this part of the height, or `LEAST_LISTED` rows."""

WHEEL_ROWS = 3


class EntryPane(Painted, can_focus=True):
    """The lines of the dashboard. Its keys are those of a list."""

    DEFAULT_CSS = "EntryPane { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = forwarded("list")

    def __init__(self, owner: ListedDashboard) -> None:
        super().__init__(id="pane")
        self.owner = owner

    def paint(self, width: int, height: int) -> list[Strip]:
        return self.owner.paint_lines(width, height)

    def on_resize(self) -> None:
        super().on_resize()
        self.owner.wish()

    def action_key(self, name: str) -> None:
        """A key of the scope "list"."""
        getattr(self.owner, f"do_{name}")()

    def dressed(self, pieces: Iterable[Piece], width: int, ground: Style | None = None) -> Strip:
        """A line of pieces on the background of the pane, or on another one."""
        base = self.rich_style if ground is None else self.rich_style + ground
        return self.line([(text, base + style) for text, style in pieces], width, base)


class ListedDashboard(Dashboard, StepKeys):
    """What the dashboards of texts and of sounds have in common."""

    PLUGIN: ClassVar[str]
    WORD: ClassVar[str]
    """What one value is called."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.entries = Entries(session, self.PLUGIN)
        self.cursor = StepCursor()
        self.large = False
        self.pane = EntryPane(self)
        self.fetching = Fetching(self.run_worker, self.arrived)
        self._list_top = 0
        self._inks: tuple[str, Inks | None] = ("", None)
        self._told = ""

    def compose(self) -> ComposeResult:
        yield self.pane
        yield AskLine(placeholder="step", id="step-line", compact=True, type="integer")

    # -- what the app asks for

    def update_data(self) -> None:
        self.wish()
        self.pane.repaint()

    def view_changed(self) -> None:
        self.entries.follow_run()
        self.update_data()

    def focus_first(self) -> None:
        self.pane.focus()

    def step_out(self) -> bool:
        if not self.large:
            return False
        self.large = False
        self.moved()
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("list", *self.SCOPES)

    def place(self) -> str:
        index, count = self.entries.index(), len(self.entries.all())
        return f"{self.WORD} {index + 1}/{count}" if index is not None and count > 1 else ""

    def tag_counts(self) -> tuple[int, int]:
        return self.entries.tag_counts()

    async def settled(self) -> None:
        """Wait until everything that was asked for is shown."""
        await self.fetching.settled()

    # -- what a dashboard says itself

    def wish(self) -> None:
        """Fetch what is to be shown now."""
        raise NotImplementedError

    def arrived(self) -> None:
        """Something new is there."""
        self.pane.repaint()

    def paint_body(self, width: int, height: int) -> list[Strip]:
        """The value, below its heading."""
        raise NotImplementedError

    def preview(self, entry: Entry) -> str:
        """A few words about its value, for the list; foreign."""
        return ""

    # -- steps and entries

    def focused_steps(self) -> Steps:
        return self.entries.steps(self.entries.current())

    def step_moved(self) -> None:
        self.moved()

    def ask_for_step(self) -> None:
        self.query_one("#step-line", AskLine).begin()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.pane.focus()
        if event.input.id == "step-line" and event.value:
            self.go_to_step(event.value)

    def shown(self, entry: Entry | None, by: int = 0) -> Reference | None:
        """The value that is shown of an entry, or one so many steps from it; None where there is none."""
        if entry is None:
            return None
        steps = self.entries.steps(entry)
        index = self.cursor.index(steps)
        if index is None or not 0 <= index + by < len(steps):
            return None
        return self.entries.reference(entry, index + by)

    def action_next_entry(self) -> None:
        self._go(self.entries.move(1), f"This is the last {self.WORD}")

    def action_previous_entry(self) -> None:
        self._go(self.entries.move(-1), f"This is the first {self.WORD}")

    def _go(self, moved: bool, otherwise: str) -> None:
        if moved:
            self.entry_changed()
            self.moved()
        else:
            self.say(otherwise if len(self.entries.all()) > 1 else f"There is one {self.WORD} only")

    def entry_changed(self) -> None:
        """Another entry is in focus."""

    def focused_tags(self) -> Sequence[str]:
        entry = self.entries.current()
        return (entry.series.tag,) if entry is not None else ()

    def do_open(self) -> None:
        """The value over the whole pane, or the list again."""
        if self.list_rows(self.pane.size.height) or self.large:
            self.large = not self.large
        else:
            self.say(f"The {self.WORD} has the whole pane already")
        self.moved()

    def moved(self) -> None:
        """What is shown changed by a key."""
        if self.place() != self._told:
            self._told = self.place()
            self.changed()
        self.wish()
        self.pane.repaint()

    # -- drawing

    @property
    def inks(self) -> Inks:
        """The styles of the theme."""
        theme, inks = self._inks
        if inks is None or theme != self.app.theme:
            inks = inks_from(self.app.theme_variables)
            self._inks = (self.app.theme, inks)
        return inks

    def list_rows(self, height: int) -> int:
        """Rows that the list has, without the line below it."""
        count = len(self.entries.all())
        if self.large or count < 2 or height < LIST_FROM:
            return 0
        return min(count, max(LEAST_LISTED, height // LIST_SHARE))

    def listed(self, height: int) -> list[Entry]:
        """The entries in sight in the list."""
        rows, index = self.list_rows(height), self.entries.index() or 0
        entries = self.entries.all()
        self._list_top = max(0, min(max(self._list_top, index - rows + 1), index, len(entries) - rows))
        return entries[self._list_top : self._list_top + rows]

    def paint_lines(self, width: int, height: int) -> list[Strip]:
        """Everything, from the top."""
        entry = self.entries.current()
        if entry is None:
            return self._nothing(width, height)
        lines = list(self._paint_list(width, height))
        if lines:
            rule = "-" if self.session.options.ascii else "─"
            lines.append(self.pane.dressed([(rule * width, self.inks.faint)], width))
        lines += self._paint_head(entry, width, height - len(lines))
        return [*lines, *self.paint_body(width, max(0, height - len(lines)))][:height]

    def _nothing(self, width: int, height: int) -> list[Strip]:
        words = (
            f"No {self.WORD} passes the filter" if self.entries.tag_counts()[1] else f"No shown run has a {self.WORD}"
        )
        blank = [self.pane.dressed([], width)] * max(0, (height - 1) // 2)
        text = cut(words, width)
        return [*blank, self.pane.dressed([(" " * max(0, (width - len(text)) // 2) + text, self.inks.muted)], width)]

    def _paint_list(self, width: int, height: int) -> Iterator[Strip]:
        entries = self.listed(height)
        if not entries:
            return
        inks, current = self.inks, self.entries.current()
        several = len({entry.run.name for entry in self.entries.all()}) > 1
        tags = min(max(cell_width(safe(entry.series.tag)) for entry in entries), max(8, width * 2 // 5))
        runs = (
            min(max(cell_width(self.session.label(e.run.name)) for e in entries), max(6, width // 4)) if several else 0
        )
        mark = "|" if self.session.options.ascii else "▌"
        for entry in entries:
            color = self.session.color(entry.run.name)
            step = self.cursor.at(self.entries.steps(entry))
            room = width - tags - runs - 12 - 2 * bool(runs)
            pieces: list[Piece] = [
                (f"{mark} ", _ink(color)),
                (pad(cut(safe(entry.series.tag), tags, keep="tail"), tags) + "  ", inks.text),
            ]
            if runs:
                pieces.append(
                    (pad(cut(self.session.label(entry.run.name), runs, keep="tail"), runs) + "  ", inks.muted)
                )
            pieces.append((f"{format_step(step) if step is not None else '':>6}  ", inks.muted))
            pieces.append((cut(safe(self.preview(entry)), max(0, room)), inks.muted))
            here = current is not None and entry.key == current.key
            yield self.pane.dressed(pieces, width, Style(bgcolor=self.pane.look("cursor").bgcolor) if here else None)

    def _paint_head(self, entry: Entry, width: int, height: int) -> list[Strip]:
        inks, color = self.inks, self.session.color(entry.run.name)
        steps = self.entries.steps(entry)
        right = self.cursor.words(steps)
        right = right if cell_width(right) <= width * 2 // 3 else self.cursor.words(steps).partition("  ")[0]
        right += " "
        room = max(0, width - cell_width(right) - 2)
        tag = cut(safe(entry.series.tag), room, keep="tail")
        run = cut(self.session.label(entry.run.name), max(0, room - cell_width(tag) - 2), keep="tail")
        gap = max(1, width - cell_width(right) - cell_width(tag) - cell_width(run) - 2)
        pieces = [
            (tag, inks.strong), ("  ", inks.text), (run, _ink(color)), (" " * gap, inks.text),
            (right, inks.accent if self.cursor.follows else inks.text),
        ]  # fmt: skip
        lines = [self.pane.dressed(pieces, width)]
        words = description_line(described(entry.run, entry.series.tag))
        if words and height > 8:
            lines.append(self.pane.dressed([(cut(words, width), inks.muted)], width))
        return lines

    # -- mouse

    def on_click(self, event: events.Click) -> None:
        if event.widget is not self.pane:
            return
        rows = self.list_rows(self.pane.size.height)
        if event.y < rows:
            self._go(self.entries.go_to(self._list_top + event.y), "")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-WHEEL_ROWS)

    def wheel(self, rows: int) -> None:
        """The wheel was turned."""
        self.move_steps(1 if rows > 0 else -1)


def _ink(color: RGB) -> Style:
    return Style(color=Color.from_rgb(*color))


def strips_of(cells: Cells, base: Style) -> list[Strip]:
    """Cells as lines, on a style that says what they do not."""
    lines = []
    for row in range(cells.height):
        segments = [
            Segment(text, _cell_style(base, color, attrs, back)) for text, color, attrs, back in cells.runs(row)
        ]
        lines.append(Strip(segments, cells.width))
    return lines


@lru_cache(maxsize=20_000)
def _cell_style(base: Style, color: int, attrs: int, back: int) -> Style:
    front, ground = (Color.from_rgb(c >> 16, c >> 8 & 255, c & 255) if c >= 0 else None for c in (color, back))
    return Style(
        color=front or base.color,
        bgcolor=ground or base.bgcolor,
        bold=bool(attrs & BOLD),
        reverse=bool(attrs & REVERSE),
        underline=bool(attrs & UNDERLINE),
    )
