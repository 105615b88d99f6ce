"""Widgets that paint their own lines, and send to the terminal only the part of a line that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tbtui.analysis.colors import RGB

Piece = tuple[str, Style]
"""Text that was made safe, and how it looks."""


class Painted(Widget):
    """A widget whose `paint` gives its lines. Call `repaint` when what they show may have changed.

    The looks are shared by all of them and follow the theme: `self.look("muted")`.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"look--{name}"
        for name in ("text", "strong", "muted", "faint", "accent", "good", "warn", "bad", "key", "cursor", "blur")
    }

    DEFAULT_CSS = """
    Painted {
        background: $background; color: $foreground;
        & > .look--text { color: $foreground; }
        & > .look--strong { color: $foreground; text-style: bold; }
        & > .look--muted { color: $muted; }
        & > .look--faint { color: $faint; }
        & > .look--accent { color: $accent; text-style: bold; }
        & > .look--good { color: $success; }
        & > .look--warn { color: $warning; }
        & > .look--bad { color: $error; }
        & > .look--key { color: $accent; }
        & > .look--cursor { background: $cursor; color: $foreground; }
        & > .look--blur { background: $blurred; color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strips: list[Strip] | None = None
        self._painted_width = -1
        self._ground: Style | None = None
        self._inks: dict[tuple[str, RGB | None], Style] = {}

    def paint(self, width: int, height: int) -> list[Strip]:
        """The lines, from the top; what is missing is blank. Every one is cut or filled to `width`."""
        raise NotImplementedError

    def look(self, name: str, color: RGB | None = None) -> Style:
        """One of the shared looks, in a colour of its own where one is given."""
        style = self.get_component_rich_style(f"look--{name}")
        return style if color is None else style + Style(color=Color.from_rgb(*color))

    def ink(self, name: str, color: RGB | None = None) -> Style:
        """A look without its background, to lay on another one: `ground + self.ink("muted")`."""
        found = self._inks.get((name, color))
        if found is None:
            style = self.look(name, color)
            found = self._inks[name, color] = Style(color=style.color, bold=style.bold)
        return found

    def line(self, pieces: Iterable[Piece], width: int, fill: Style | None = None) -> Strip:
        """One line from pieces, filled with `fill`, or else with the widget's background."""
        segments = [Segment(text, style) for text, style in pieces if text]
        return Strip(segments).adjust_cell_length(width, fill or self.ground).simplify()

    @property
    def ground(self) -> Style:
        """How the widget looks where nothing is; it is put together from all its ancestors, so it is kept."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    def repaint(self) -> None:
        """Paint anew, and refresh what came out differently."""
        if not self.is_attached or not self.display:
            self._strips = None
            return
        width, height = self.size
        old = self._strips
        self._strips = new = self.paint(width, height) if width and height else []
        if old is None or self._painted_width != width:
            self._painted_width = width
            self.refresh()
            return
        regions = [
            region
            for y in range(max(len(old), len(new)))
            if (region := changed_part(_at(old, y), _at(new, y), y, width)) is not None
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        if self._strips is None or self._painted_width != self.size.width:
            self._strips = self.paint(*self.size) if all(self.size) else []
            self._painted_width = self.size.width
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.ground)

    def on_resize(self) -> None:
        self._strips = None

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = self._ground = None
        self._inks.clear()


def _at(strips: Sequence[Strip], y: int) -> Strip:
    return strips[y] if y < len(strips) else Strip([])


def changed_part(old: Strip, new: Strip, y: int, width: int) -> Region | None:
    """The part of line `y` in which two strips differ, by whole segments; None when they are alike."""
    if old is new:
        return None
    before, after = list(old), list(new)
    if before == after:
        return None
    start = 0
    while before and after and before[0] == after[0]:
        start += before.pop(0).cell_length
        after.pop(0)
    end = width
    while before and after and before[-1] == after[-1]:
        end -= before.pop().cell_length
        after.pop()
    return Region(start, y, max(1, end - start), 1)
