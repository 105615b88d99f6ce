"""Cells on the screen: a widget that shows an array of cells and sends the terminal only those that changed.

Textual sends a dirty region in full, whatever it holds. So the panel compares the new cells with the old and refreshes
the changed stretches of each row; a frame in which one point was appended is then a few hundred bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as BackgroundColor
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tbtui.charts.cells import BOLD, DEFAULT, DIM, REVERSE, UNDERLINE, Cells

if TYPE_CHECKING:
    from textual.app import App

JOIN = 6
"""Changed cells of a row that stand closer than this are sent as one stretch: moving the cursor costs as much."""

WHOLE = 0.6
"""From this share of changed cells on everything is drawn again."""

MOST_STYLES = 6_000
"""Pictures have many colours; what was made of more of them than this is forgotten."""


def terminal_is_behind(app: App[object]) -> bool:
    """True while output waits in the queue of Textual's writer thread: the line is slow, or the terminal stopped.

    There is no public way to ask. Where the queue cannot be found (another driver, no terminal) nothing waits.
    """
    thread = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(thread, "_queue", None)
    return queue is not None and queue.qsize() > 1


def changed_regions(old: Cells, new: Cells) -> list[Region] | None:
    """The stretches of rows in which two arrays of cells of one size differ; None when it pays to draw everything."""
    if old.glyphs.shape != new.glyphs.shape:
        return None
    changed = (old.glyphs != new.glyphs) | (old.colors != new.colors) | (old.attrs != new.attrs)
    if old.backs is not None or new.backs is not None:
        grounds = [DEFAULT if cells.backs is None else cells.backs for cells in (old, new)]
        changed |= grounds[0] != grounds[1]
    count = int(np.count_nonzero(changed))
    if not count:
        return []
    if count > WHOLE * changed.size:
        return None
    regions = []
    for row in np.flatnonzero(changed.any(axis=1)).tolist():
        columns = np.flatnonzero(changed[row])
        breaks = np.flatnonzero(np.diff(columns) > JOIN)
        starts = columns[np.concatenate(([0], breaks + 1))].tolist()
        ends = columns[np.concatenate((breaks, [len(columns) - 1]))].tolist()
        regions += [Region(start, row, end - start + 1, 1) for start, end in zip(starts, ends, strict=True)]
    return regions


class ColoredStrip(Strip):
    """A line whose colours are all given in 24 bits, as the panel's are: looking for others is left out."""

    def apply_filter(self, filter: LineFilter, background: BackgroundColor) -> Strip:
        return self if isinstance(filter, ANSIToTruecolor) else super().apply_filter(filter, background)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """A line that is not cut is its own part. Textual keeps that in the line itself: garbage, later, of the kind
        that has to be looked for, thousands of pieces with every picture."""
        places = list(cuts)
        return [self] if places == [self.cell_length] else super().divide(places)

    def crop(self, start: int, end: int | None = None) -> Strip:
        cut = super().crop(start, end)
        return cut if isinstance(cut, ColoredStrip) else ColoredStrip(cut, cut.cell_length)


class ChartPanel(Widget, can_focus=True):
    """Shows `Cells`, line by line. Whoever owns it draws them and calls `show`; clicks and wheel bubble up to it."""

    DEFAULT_CSS = "ChartPanel { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cells: Cells | None = None
        self._strips: dict[int, Strip] = {}
        self._styles_by_look: dict[tuple[int, int, int], Style] = {}
        self._base: Style | None = None

    @property
    def cells(self) -> Cells | None:
        """What is shown."""
        return self._cells

    def show(self, cells: Cells) -> int:
        """Show these cells; the array is kept, so do not write into it later. Returns how many cells were refreshed."""
        old, self._cells = self._cells, cells
        regions = None if old is None else changed_regions(old, cells)
        if regions is None:
            self._strips.clear()
            self.refresh()
            return int(cells.glyphs.size)
        for region in regions:
            self._strips.pop(region.y, None)
        if regions:
            self.refresh(*regions)
        return sum(region.width for region in regions)

    def notify_style_update(self) -> None:
        """Colours may be others (theme): forget the styles made from them."""
        super().notify_style_update()
        self._strips.clear()
        self._styles_by_look.clear()
        self._base = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of cells; how the widget looks without them is found out once for all of them."""
        base = self.rich_style
        if base != self._base:
            self._base = base
            self._strips.clear()
            self._styles_by_look.clear()
        # Neither border nor padding, and lines are kept here already: Textual's cache of them is left out.
        filters, background = self.get_line_filters(), self.background_colors[1]
        lines = []
        for y in crop.line_range:
            strip = self.render_line(y)
            for one in filters:
                strip = strip.apply_filter(one, background)
            lines.append(strip.crop(crop.x, crop.right))
        return lines

    def render_line(self, y: int) -> Strip:
        """One row of cells as Textual wants it, padded or cut to the width of the widget."""
        width, base = self.size.width, self._base or self.rich_style
        if self._cells is None or y >= self._cells.glyphs.shape[0]:
            return Strip.blank(width, base)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(self._cells, y)
        return strip.adjust_cell_length(width, base)

    def _strip(self, cells: Cells, y: int) -> Strip:
        segments = [Segment(text, self._style(*look)) for text, *look in cells.runs(y) if text]
        return ColoredStrip(segments, cells.width)

    def _style(self, color: int, attrs: int, back: int) -> Style:
        look = (color, attrs, back)
        style = self._styles_by_look.get(look)
        if style is None:
            if len(self._styles_by_look) >= MOST_STYLES:
                self._styles_by_look.clear()
            style = self._styles_by_look[look] = self._make_style(color, attrs, back)
        return style

    def _make_style(self, color: int, attrs: int, back: int) -> Style:
        """A style with every colour given: terminals disagree on what a faint or a default colour is."""
        base = self._base or self.rich_style
        foreground = base.color if color < 0 else _rgb(color)
        ground = base.bgcolor if back < 0 else _rgb(back)
        if attrs & DIM and foreground is not None and ground is not None:
            front, behind = foreground.get_truecolor(), ground.get_truecolor()
            foreground = Color.from_rgb(*((9 * a + 11 * b) // 20 for a, b in zip(front, behind, strict=True)))
        return Style(
            color=foreground,
            bgcolor=ground,
            bold=bool(attrs & BOLD),
            reverse=bool(attrs & REVERSE),
            underline=bool(attrs & UNDERLINE),
        )


def _rgb(color: int) -> Color:
    """As `Color.from_rgb`, which takes five times as long; pictures have thousands of colours."""
    triplet = ColorTriplet(color >> 16, color >> 8 & 255, color & 255)
    return Color(f"#{color:06x}", ColorType.TRUECOLOR, None, triplet)
