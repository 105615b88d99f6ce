"""Panels over the window: a frame with a title, and lines that scroll."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip

from tbtui.analysis.text import safe
from tbtui.widgets.keys import bindings
from tbtui.widgets.messages import Notice
from tbtui.widgets.painted import Painted, Piece

WHEEL_ROWS = 3

SAID_SECONDS = 3.0
"""So long a sentence stands in the frame."""


class Lines(Painted, can_focus=True):
    """Lines that scroll; only those in sight are made. Subclasses say how many there are and what each shows."""

    DEFAULT_CSS = "Lines { height: 1fr; }"
    BINDINGS = bindings("list")
    has_cursor = False

    def __init__(self, id: str = "lines") -> None:
        super().__init__(id=id)
        self.top = 0
        self.cursor = 0

    def count(self, width: int) -> int:
        """How many lines there are at this width."""
        raise NotImplementedError

    def row(self, number: int, width: int) -> list[Piece]:
        """Line `number`."""
        raise NotImplementedError

    def open_row(self) -> None:
        """Enter was pressed on the line at the cursor."""
        self.post_message(Notice("Nothing to open here"))

    def paint(self, width: int, height: int) -> list[Strip]:
        count = self.count(width)
        self.cursor = max(0, min(self.cursor, count - 1))
        if self.has_cursor:
            self.top = min(max(self.top, self.cursor - height + 1), self.cursor)
        self.top = max(0, min(self.top, count - height))
        return [
            self._marked(self.row(number, width), number, width)
            for number in range(self.top, min(count, self.top + height))
        ]

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if not self.has_cursor or number != self.cursor:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    def _move(self, rows: int) -> None:
        before = self.cursor, self.top
        lines = self.count(self.size.width)
        if self.has_cursor:
            self.cursor = max(0, min(self.cursor + rows, lines - 1))
        else:
            self.top = max(0, min(self.top + rows, lines - self.size.height))
        if rows and (self.cursor, self.top) == before:
            self.post_message(Notice(f"No line {'below' if rows > 0 else 'above'} this one"))
        self.repaint()
        self.moved()

    def moved(self) -> None:
        """The cursor or the first line in sight changed."""

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._move(-self.count(self.size.width))

    def action_last(self) -> None:
        self._move(self.count(self.size.width))

    def action_left(self) -> None:
        """Nothing folds here."""
        self.post_message(Notice("Nothing to fold here"))

    def action_right(self) -> None:
        """Nothing unfolds here."""
        self.post_message(Notice("Nothing to unfold here"))

    def action_open(self) -> None:
        self.open_row()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(-WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        if self.has_cursor:
            self._move(self.top + event.y - self.cursor)


class Panel(ModalScreen[None]):
    """A framed panel over the window; escape, q and its own key close it."""

    DEFAULT_CSS = """
    Panel { align: center middle; background: $background 60%; }
    Panel > #panel {
        width: 90%; max-width: 100; height: 90%; max-height: 44; padding: 0 1;
        border: round $frame-focus; background: $background; border-title-color: $foreground;
        border-subtitle-color: $muted;
    }
    Panel.-narrow > #panel { width: 100%; height: 100%; max-height: 100%; }
    Panel.-small > #panel { width: 100%; height: 100%; max-height: 100%; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close"), ("q", "close")]
    SMALL = (50, 14)
    """Narrower than this there is no margin around the frame, lower than this no frame."""
    SMALLEST = 40
    """Narrower than this there is no frame either."""
    SUBTITLE = "j/k scroll   esc close"

    _saying = 0
    """Sentences whose time in the frame is not over yet."""

    def title_text(self) -> str:
        """The title; made safe here."""
        return ""

    def lines(self) -> Lines:
        """What the panel shows."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield self.lines()

    def on_mount(self) -> None:
        self.retitle()
        self.query_one(Lines).focus()

    def on_resize(self, event: events.Resize) -> None:
        low, narrow = event.size.height < self.SMALL[1], event.size.width < self.SMALL[0]
        self.set_class(low or event.size.width < self.SMALLEST, "-small")
        self.set_class(narrow, "-narrow")

    def retitle(self) -> None:
        """Show the title as it is now."""
        frame = self.query_one("#panel")
        frame.border_title = Content(safe(self.title_text()))
        if not self._saying:
            frame.border_subtitle = Content(self.SUBTITLE)

    def on_notice(self, notice: Notice) -> None:
        """Said in the frame, for the status line may lie below the panel."""
        notice.stop()
        self._saying += 1
        self.query_one("#panel").border_subtitle = Content.styled(notice.text, "$accent")
        self.set_timer(SAID_SECONDS, self._said)

    def _said(self) -> None:
        self._saying -= 1
        if not self._saying:
            self.retitle()

    def update_data(self) -> None:
        """The store moved."""
        self.retitle()
        self.query_one(Lines).repaint()

    def action_close(self) -> None:
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()
