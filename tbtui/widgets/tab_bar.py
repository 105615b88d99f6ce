"""The second line: the kinds of data that were found, one tab for each dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tbtui.widgets.painted import Painted, Piece


class TabBar(Painted):
    """`show` gives it the tabs; a click on one posts `Chosen`."""

    DEFAULT_CSS = "TabBar { height: 1; }"

    class Chosen(Message):
        """The user wants dashboard number `number`, counted from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self._titles: Sequence[str] = ()
        self._active = 0

    def show(self, titles: Sequence[str], active: int) -> None:
        """The tabs' titles, and which of them (from 0) is open."""
        if (titles, active) != (self._titles, self._active):
            self._titles, self._active = titles, active
            self.repaint()

    def paint(self, width: int, height: int) -> list[Strip]:
        pieces: list[Piece] = []
        for number, title in enumerate(self._titles):
            open_ = number == self._active
            pieces.append((" │ " if number else " ", self.look("faint")))
            pieces.append((f"{number + 1} ", self.look("accent" if open_ else "muted")))
            pieces.append((title, self.look("strong" if open_ else "muted")))
        return [self.line(pieces, width)]

    def on_click(self, event: events.Click) -> None:
        end = 1
        for number, title in enumerate(self._titles):
            end += len(title) + 2
            if event.x < end:
                self.post_message(self.Chosen(number + 1))
                return
            end += 3
