"""A panel in which one of many tags is chosen: a line to type a filter in, and the tags that it lets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from tbtui.analysis.filters import compile_filter
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel

__all__ = ["Choice", "TagPicker"]


class Choice(NamedTuple):
    """A tag, and a few words about it."""

    tag: str
    words: str = ""


class ChoiceLines(Lines, can_focus=False):
    """The tags that are left, one of them under the cursor."""

    has_cursor = True

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.choices = choices
        self.shown = list(choices)

    def narrow(self, text: str) -> None:
        """Leave those that a filter lets through."""
        matches = compile_filter(text).matches
        self.shown = [choice for choice in self.choices if matches(choice.tag)]
        self.cursor = self.top = 0
        self.repaint()

    def current(self) -> Choice | None:
        """The tag under the cursor."""
        return self.shown[self.cursor] if 0 <= self.cursor < len(self.shown) else None

    def count(self, width: int) -> int:
        return max(1, len(self.shown))

    def row(self, number: int, width: int) -> list[Piece]:
        if not self.shown:
            return [(" no tag matches", self.look("muted"))]
        tag, words = self.shown[number]
        name = cut(safe(tag), max(4, width - cell_width(words) - 3), keep="tail")
        space = " " * max(1, width - cell_width(name) - cell_width(words) - 2)
        return [(f" {name}{space}", self.look("text")), (f"{words} ", self.look("muted"))]


class TagPicker(Panel):
    """Asks for a tag; `chosen` is called with it, or with None when the user leaves.

    focused: the tag that the cursor is on at first.
    """

    DEFAULT_CSS = """
    TagPicker > #panel { max-width: 72; max-height: 24; }
    TagPicker Input, TagPicker Input:focus {
        height: 1; border: none; padding: 0 1; background: $panel; color: $foreground; margin-bottom: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", priority=True),
        Binding("up", "move(-1)", priority=True),
        Binding("pagedown", "move(10)", priority=True),
        Binding("pageup", "move(-10)", priority=True),
    ]
    SUBTITLE = "type to filter   ↑ ↓ move   enter choose   esc close"

    def __init__(
        self, title: str, choices: Sequence[Choice], chosen: Callable[[str | None], None], focused: str = ""
    ) -> None:
        super().__init__()
        self._title, self._chosen = title, chosen
        self._lines = ChoiceLines(choices)
        self._lines.cursor = next((n for n, choice in enumerate(choices) if choice.tag == focused), 0)

    def title_text(self) -> str:
        return self._title

    def lines(self) -> Lines:
        return self._lines

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            line = Input(placeholder="filter", compact=True, id="tag-filter")
            line.cursor_blink = False
            yield line
            yield self._lines

    def on_mount(self) -> None:
        self.retitle()
        self.query_one(Input).focus()

    def retitle(self) -> None:
        super().retitle()
        if self.app.size.width < 60:
            self.query_one("#panel").border_subtitle = Content("enter choose   esc close")

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        lines = self._lines
        lines.cursor = max(0, min(lines.cursor + rows, len(lines.shown) - 1))
        lines.repaint()

    def action_close(self) -> None:
        self._end(None)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._lines.narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self._end(None)
        elif event.widget is self._lines and event.chain > 1:
            self._choose()

    def _choose(self) -> None:
        choice = self._lines.current()
        if choice is not None:
            self._end(choice.tag)

    def _end(self, tag: str | None) -> None:
        self.dismiss()
        self._chosen(tag)
