"""The second line: the kinds of data that were found, one tab for each dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tbtui.widgets.painted import Painted, Piece

SEPARATOR = " │ "


class TabBar(Painted):
    """`show` gives it the tabs; a click on one posts `Chosen`. Where there is little room some are numbers only."""

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
        for number, words in enumerate(self._words(width)):
            open_ = number == self._active
            pieces.append((SEPARATOR if number else " ", self.look("faint")))
            pieces.append((f"{number + 1}", self.look("accent" if open_ else "muted")))
            pieces.append((words, self.look("strong" if open_ else "muted")))
        return [self.line(pieces, width)]

    def _words(self, width: int) -> list[str]:
        """What stands behind the number of each tab: its title, or nothing for those furthest from the open one where
        not all of them fit."""
        words = [f" {title}" for title in self._titles]
        furthest = sorted(range(len(words)), key=lambda number: (-abs(number - self._active), -number))
        for number in furthest:
            if 1 + sum(len(f"{place + 1}{text}{SEPARATOR}") for place, text in enumerate(words)) - 3 <= width:
                break
            if number != self._active:
                words[number] = ""
        return words

    def on_click(self, event: events.Click) -> None:
        end = 1
        for number, words in enumerate(self._words(self.size.width)):
            end += len(f"{number + 1}{words}")
            if event.x < end:
                self.post_message(self.Chosen(number + 1))
                return
            end += len(SEPARATOR)
