"""The line in which a filter is typed, in the place of the status line. What it finds is shown while typing."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tbtui.analysis.text import cut, safe
from tbtui.widgets.keys import bindings

PROMPTS = {
    "tags": "/ tags",
    "nodes": "/ nodes",
    "rows": "/ rows",
    "runs": "f runs",
    "groups": "B groups by regex",
    "name": "N name",
    "note": "' note",
    "hashtags": "# hashtags",
}
"""What may be typed -> the words before it."""


class FilterField(Input):
    """A one-line input without frame whose enter and escape are the filter's."""

    BINDINGS = bindings("filter")

    def action_keep(self) -> None:
        self.post_message(FilterLine.Closed())

    def action_clear(self) -> None:
        if self.value:
            self.value = ""
        else:
            self.post_message(FilterLine.Closed())


class FilterLine(Horizontal):
    """`open` shows it; it posts `Changed` with every key, and `Closed` when the user is done."""

    DEFAULT_CSS = """
    FilterLine { height: 1; background: $panel; display: none; }
    FilterLine Static { width: auto; height: 1; background: $panel; }
    FilterLine #filter-name { color: $accent; text-style: bold; }
    FilterLine #filter-count { color: $muted; padding: 0 1; }
    FilterField, FilterField:focus {
        width: 1fr; min-width: 8; height: 1; border: none; padding: 0; background: $panel; color: $foreground;
    }
    """

    class Changed(Message):
        """The filter reads `text` now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """The user is done with the line; the filter stays as it was last told."""

    def __init__(self) -> None:
        super().__init__(id="filter")
        self.kind = ""
        """What is being typed, one of `PROMPTS`; "" while closed."""
        self._count: Callable[[], str] = str

    def compose(self) -> ComposeResult:
        yield Static("", id="filter-name", markup=False)
        field = FilterField(id="filter-field", select_on_focus=False, compact=True)
        field.cursor_blink = False
        yield field
        yield Static("", id="filter-count", markup=False)

    def open(self, kind: str, text: str, count: Callable[[], str]) -> None:
        """Let the user type. `count` gives the words that say what the filter finds."""
        self.kind, self._count = kind, count
        self.query_one("#filter-name", Static).update(Content(f" {PROMPTS[kind]}: "))
        field = self.query_one(FilterField)
        with self.prevent(Input.Changed):
            field.value = safe(text)
        field.cursor_position = len(field.value)
        self.display = True
        self.tell()
        self.screen.set_focus(field)  # at once: the next key is already text

    def close(self) -> None:
        """Hide it."""
        self.kind = ""
        self.display = False

    def tell(self) -> None:
        """Show what the filter finds now."""
        if self.kind:
            room = max(0, self.app.size.width - 30)
            self.query_one("#filter-count", Static).update(Content(cut(safe(self._count()), room)))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if safe(event.value) != event.value:
            self.query_one(FilterField).value = safe(event.value)
            return
        self.post_message(self.Changed(event.value))
