"""Messages between the parts of the window."""

from __future__ import annotations

from textual.message import Message


class ViewChanged(Message):
    """Somebody changed `Session.view`: whatever depends on it is to be drawn anew. One of many waiting is enough."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ViewChanged)


class ShowTag(Message):
    """Show a tag of a run on another dashboard: the first of `dashboards` (ids) that has data."""

    def __init__(self, dashboards: tuple[str, ...], run: str, tag: str) -> None:
        super().__init__()
        self.dashboards = dashboards
        self.run = run
        self.tag = tag


class Notice(Message):
    """One sentence for the user, shown for a few seconds in the status line. Made safe where it is shown."""

    def __init__(self, text: str, *, problem: bool = False) -> None:
        super().__init__()
        self.text = text
        self.problem = problem
