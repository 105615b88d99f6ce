"""One image over the whole pane, with what is known of it."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from tbtui.analysis.text import safe
from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.charts.raster import WHOLE, Sight
from tbtui.dashboards.images.captions import long_facts, put_missing, put_slider, put_words
from tbtui.dashboards.images.darkroom import Print, Shot
from tbtui.dashboards.images.gallery import Box
from tbtui.dashboards.images.wall import Frames, Wall
from tbtui.dashboards.layout import Rect
from tbtui.dashboards.looks import put_cut

MOST_LINES = 3
"""Of a description."""


class Single:
    """The focused image of a wall, large. `sight`: which part of it is seen."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.sight: Sight = WHOLE
        self.size = (0, 0)
        self.slider = (0, 0)
        self.placed: list[tuple[Rect, Print]] = []
        self._before: tuple[Box, tuple[int, int], Print] | None = None

    @property
    def box(self) -> Box | None:
        """Whose image it is."""
        return self.wall.focus

    def lay_out(self, width: int, height: int) -> None:
        """Take a size."""
        self.size = (width, height)

    def _lines(self) -> list[str]:
        """The description, as far as there is room."""
        box, (width, height) = self.box, self.size
        if box is None or height < 16:
            return []
        words = safe(" ".join(self.wall.gallery.described(box)[1].split()))
        return textwrap.wrap(words, max(10, width - 2), max_lines=MOST_LINES, placeholder=" …")

    def _area(self) -> Rect:
        width, height = self.size
        below = 1 + (height >= 6) + len(self._lines())
        return Rect(0, 1, width, max(1, height - 1 - below))

    def shots(self, by: int = 0) -> list[Shot]:
        """What it needs, so many steps further on."""
        box, area = self.box, self._area()
        moment = None if box is None else self.wall.gallery.moment(box, by)
        if moment is None:
            return []
        return [self.wall.gallery.shot(moment, area.width, area.height, self.wall.film, self.sight)]

    def compose(self, frames: Frames) -> tuple[Cells, list[Shot]]:
        """The pane as far as it is there, and the shots that are missing."""
        (width, height), wall, looks = self.size, self.wall, self.wall.looks
        cells, missing = blank(height, width), list[Shot]()
        box, area = self.box, self._area()
        wall.placed = []
        if box is None:
            return cells, missing
        self._put_title(cells, box)
        shots, moment = self.shots(), wall.gallery.moment(box)
        shown = wall.room.peek(shots[0]) if shots else None
        if shown is not None and shown.moves:
            due = replace(shots[0], frame=frames(shown))
            moving = wall.room.peek(due)
            missing += [due] if moving is None else []
            shown = moving or shown
        if shown is not None:
            self._before = (box, self.size, shown)
        elif shots:
            missing.append(shots[0])
            before = self._before
            shown = before[2] if before is not None and before[:2] == (box, self.size) else None
        if moment is None:
            put_missing(cells, area.y, area.x, area.width, area.height, "no images", looks)
        else:
            wall.put_print(cells, shown, area, center=True)
            if height >= 6:
                words = long_facts(moment, shown, wall.gallery.sample, wall.gallery.look, self.sight)
                put_words(cells, area.y + area.height, 1, width - 2, words, looks.muted, looks)
        for number, line in enumerate(self._lines()):
            cells.put(area.y + area.height + 1 + number, 1, line, looks.text)
        extra = "" if wall.gallery.linked else "not linked"
        cursor = wall.gallery.cursor_of(box)
        self.slider = put_slider(cells, height - 1, cursor, wall.gallery.steps(box), looks, extra)
        self.placed = wall.placed
        return cells, missing

    def _put_title(self, cells: Cells, box: Box) -> None:
        wall, looks, width = self.wall, self.wall.looks, cells.width
        session = wall.gallery.session
        name, _ = wall.gallery.described(box)
        taken = put_cut(
            cells, 0, 0, width * 2 // 3, box.tag, looks.accent, BOLD | REVERSE, keep="tail", looks=looks
        )  # fmt: skip
        if name:
            taken += 1 + put_cut(cells, 0, taken + 1, width // 4, name, looks.text, looks=looks)
        red, green, blue = session.color(box.run)
        room = width - taken - 4
        label = session.label(box.run)
        if room > 4:
            col = taken + 2 + cells.put(0, taken + 2, looks.signs.run, red << 16 | green << 8 | blue)
            put_cut(cells, 0, col, room, label, looks.text, keep="tail", looks=looks)
