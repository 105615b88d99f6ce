"""The two lines over a capture: which one it is and what is said of it; and the views, each with its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tbtui.analysis.text import cell_width, cut, safe
from tbtui.dashboards.profile.views import VIEWS
from tbtui.widgets.fitting import fit, item
from tbtui.widgets.painted import Painted, Piece

GAP = 2


class ViewChosen(Message):
    """A view was clicked at."""

    def __init__(self, view: str) -> None:
        super().__init__()
        self.view = view


class ProfileHead(Painted):
    """keys: of each view, as people write it; ascii_only: no other characters."""

    DEFAULT_CSS = "ProfileHead { height: 2; width: 1fr; }"

    def __init__(self, keys: Mapping[str, str], ascii_only: bool) -> None:
        super().__init__(id="profile-head")
        self._marks = ("<", ">") if ascii_only else ("\u2039", "\u203a")
        self._keys = keys
        self._said = ("", "overview", "")
        self._empty: frozenset[str] = frozenset()

    def show(self, title: str, view: str, words: str, empty: frozenset[str]) -> None:
        """Say this. empty: views in which there is nothing."""
        if ((title, view, words), empty) != (self._said, self._empty):
            self._said, self._empty = (title, view, words), empty
            self.repaint()

    def paint(self, width: int, height: int) -> list[Strip]:
        title, _, words = self._said
        words = cut(safe(words), max(8, width * 2 // 3))
        room = max(8, width - cell_width(words) - 4)
        left = [item(2, (" " + cut(safe(title), room, "middle"), self.look("muted")))] if title else []
        right = [item(1, (words + " ", self.look("accent")))] if words else []
        first = self.line(fit(left, right, width, self.look("text")), width)
        return [first, self.line(self._views(width), width)]

    def _views(self, width: int) -> list[Piece]:
        pieces: list[Piece] = []
        shown = self._in_sight(width)
        before, behind = self._more(shown)
        for number, (view, text) in enumerate(shown):
            at = view == self._said[1]
            style = self.look("strong" if at else "faint" if view in self._empty else "muted")
            if at:
                style += Style(bgcolor=self.look("cursor").bgcolor, underline=True)
            key = self._keys.get(view, "")
            pieces.append((self._marks[0] if before and number == 0 else " ", self.look("muted")))
            if key:
                pieces.append((f"{key} ", self.look("faint" if view in self._empty and not at else "key")))
            pieces.append((text, style))
            pieces.append((self._marks[1] if behind and number == len(shown) - 1 else " ", self.look("muted")))
        return pieces

    def _in_sight(self, width: int) -> Sequence[tuple[str, str]]:
        """(view, word) of those that fit: all of them, those in which there is something, these with short words, or
        those around the present one."""
        mine = [view for view in VIEWS if view not in self._empty or view == self._said[1]]
        mine = mine if len(mine) > 1 else list(VIEWS)
        every = [(name, view.title) for name, view in VIEWS.items()]
        for texts in (every, [one for one in every if one[0] in mine]):
            if self._width(texts) <= width:
                return texts
        texts = [(name, VIEWS[name].short) for name in mine]
        at = mine.index(self._said[1])
        first, last = at, at + 1
        while True:  # as many at both sides as there is room for
            more = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last < len(texts))
            more = [span for span in more if self._width(texts[span[0] : span[1]]) <= width]
            if not more:
                return texts[first:last]
            first, last = min(more, key=lambda span: abs(span[0] + span[1] - 1 - 2 * at))

    def _more(self, shown: Sequence[tuple[str, str]]) -> tuple[bool, bool]:
        """Whether there are views before, and behind, those that are shown."""
        names = [view for view in VIEWS if view not in self._empty]
        places = [list(VIEWS).index(view) for view, _ in shown]
        found = [list(VIEWS).index(view) for view in names]
        return any(place < places[0] for place in found), any(place > places[-1] for place in found)

    def _width(self, texts: Sequence[tuple[str, str]]) -> int:
        return sum(
            cell_width(text) + GAP + len(self._keys.get(view, "")) + bool(self._keys.get(view)) for view, text in texts
        )

    def on_click(self, event: events.Click) -> None:
        if event.y != 1:
            return
        begin = 0
        for view, text in self._in_sight(self.size.width):
            end = begin + self._width([(view, text)])
            if begin <= event.x < end:
                self.post_message(ViewChosen(view))
            begin = end
