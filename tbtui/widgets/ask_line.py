"""A line at the bottom of a pane in which something short is typed: a step to go to, limits of an axis."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input


class AskLine(Input):
    """Shown only while the user types. Leaving it gives back what it began with (`Input.Submitted`)."""

    DEFAULT_CSS = """
    AskLine, AskLine:focus {
        dock: bottom; height: 1; border: none; padding: 0 1; background: $panel; color: $foreground; display: none;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave")]

    before = ""

    def begin(self, before: str = "") -> None:
        """Let the user type."""
        self.before = self.value = before
        self.cursor_blink = False
        self.display = True
        self.focus()

    def action_leave(self) -> None:
        """Change nothing."""
        self.post_message(Input.Submitted(self, self.before))
