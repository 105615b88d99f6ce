"""The part of the screen that shows pictures: as cells, or as pixels over the cells where the terminal can.

Kitty's pictures are text to all others: placeholders that the terminal replaces. Those of Sixel and iTerm2 are drawn
over blank cells after the screen was, and again whenever these cells were sent again.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from tbtui.charts import protocols
from tbtui.charts.cells import Cells
from tbtui.dashboards.images.darkroom import Print
from tbtui.dashboards.layout import Rect
from tbtui.graphics import Graphics
from tbtui.widgets.chart_panel import ChartPanel, ColoredStrip, terminal_is_behind

MOST_SENT = 64
"""Pictures that the terminal keeps for us, at least those that are seen."""

MOST_DRAWINGS = 24
"""Drawings for Sixel and iTerm2 that are kept."""

PATIENCE = 0.05
"""Seconds after which is looked again whether the terminal has taken what was written."""

_CUBE = (0x5F, 0x87, 0xAF, 0xD7, 0xFF)

Placed = Sequence[tuple[Rect, Print]]
Picture = tuple[int, int, int]
"""The stamp of a print, columns, rows."""


class Numbers:
    """Numbers of pictures that a colour can tell: where there are 24 bits any, else those of the palette."""

    def __init__(self, many: bool) -> None:
        self._many = many
        self._next = (os.getpid() * 7919) % 0xFE0000 if many else os.getpid()

    def take(self) -> tuple[int, int]:
        """The next (number, colour as 0xRRGGBB)."""
        self._next += 1
        if self._many:
            number = 0x010000 + self._next % 0xFE0000
            return number, number
        red, rest = divmod(self._next % 100, 20)
        green, blue = divmod(rest, 4)  # never grey: terminals have other numbers for that
        levels = (red, green, (green + 1 + blue) % 5)
        color = _CUBE[levels[0]] << 16 | _CUBE[levels[1]] << 8 | _CUBE[levels[2]]
        return 16 + 36 * (levels[0] + 1) + 6 * (levels[1] + 1) + levels[2] + 1, color


class PictureScreen(ChartPanel):
    """Cells with pictures in them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.graphics = Graphics()
        self.many_colors = True
        self._ground: Cells | None = None
        self._placed: Placed = ()
        self._busy = False
        self._numbers: Numbers | None = None
        self._sent: OrderedDict[Picture, tuple[int, int]] = OrderedDict()
        self._there: dict[Rect, tuple[int, int]] = {}
        self._drawings: OrderedDict[Picture, str] = OrderedDict()
        self._drawn: list[tuple[Rect, Picture]] = []
        self._due: set[Rect] = set()

    def show_pictures(self, cells: Cells, placed: Placed) -> None:
        """Show cells, and pictures at their places in them."""
        self._ground, self._placed = cells, placed
        if self.graphics.protocol == "kitty":
            self._show_placeholders()
        else:
            self.show(cells)
            self._show_drawings()
        if not self._busy and self._wanted():
            self._busy = True
            self.run_worker(self._prepare())

    def _wanted(self) -> list[tuple[Rect, Print]]:
        """What the terminal was not sent yet, or what is not drawn yet."""
        ready = self._sent if self.graphics.protocol == "kitty" else self._drawings
        return [(rect, shown) for rect, shown in self._placed if _picture(rect, shown) not in ready]

    async def _prepare(self) -> None:
        """Turn what is wanted into what the terminal takes, beside the event loop, and show it."""
        try:
            while wanted := self._wanted():
                rect, shown = wanted[0]
                if self.graphics.protocol == "kitty":
                    await self._send(rect, shown)
                    if self._ground is not None:
                        self._show_placeholders()
                else:
                    self._drawings[_picture(rect, shown)] = await asyncio.to_thread(self._draw, rect, shown)
                    while len(self._drawings) > max(MOST_DRAWINGS, len(self._placed)):
                        self._drawings.popitem(last=False)
                    self._show_drawings()
        finally:
            self._busy = False

    # -- Kitty

    async def _send(self, rect: Rect, shown: Print) -> None:
        self._numbers = self._numbers or Numbers(self.many_colors)
        number, color = self._numbers.take()
        pixels = shown.pixels
        assert pixels is not None
        tmux = self.graphics.tmux
        text = await asyncio.to_thread(protocols.kitty_send, number, pixels, rect.width, rect.height, tmux)
        await self._write(text)
        self._sent[_picture(rect, shown)] = (number, color)
        seen = {_picture(*one) for one in self._placed}
        shown_now = set(self._there.values())
        for old in [one for one in self._sent if one not in seen and self._sent[one] not in shown_now]:
            if len(self._sent) <= MOST_SENT:
                break
            await self._write(protocols.kitty_delete(self._sent.pop(old)[0], tmux))

    def _show_placeholders(self) -> None:
        assert self._ground is not None
        cells = self._ground.copy()
        there: dict[Rect, tuple[int, int]] = {}
        for rect, shown in self._placed:
            found = self._sent.get(_picture(rect, shown)) or self._there.get(rect)
            if found is None:
                continue
            if _picture(rect, shown) in self._sent:
                self._sent.move_to_end(_picture(rect, shown))
            there[rect] = found
            here = (slice(rect.y, rect.y + rect.height), slice(rect.x, rect.x + rect.width))
            cells.glyphs[here] = protocols.PLACEHOLDER
            cells.colors[here] = found[1]
            cells.attrs[here] = 0
        self._there = there
        self.show(cells)

    def _strip(self, cells: Cells, y: int) -> Strip:
        strip = super()._strip(cells, y)
        rects = [rect for rect in self._there if rect.y <= y < rect.y + rect.height]
        if not rects:
            return strip
        segments, x = [], 0
        for segment in strip:
            rect = next((one for one in rects if one.x <= x < one.x + one.width), None)
            if rect is not None and segment.text[:1] == chr(protocols.PLACEHOLDER):
                first = x - rect.x
                words = "".join(protocols.placeholder(y - rect.y, first + n) for n in range(len(segment.text)))
                segments.append(Segment(words, segment.style))
                x += len(segment.text)
            else:
                segments.append(segment)
                x += segment.cell_length
        return ColoredStrip(segments, cells.width)

    # -- Sixel and iTerm2

    def _draw(self, rect: Rect, shown: Print) -> str:
        assert shown.pixels is not None
        if self.graphics.protocol == "sixel":
            return protocols.sixel(shown.pixels)
        return protocols.iterm2(shown.pixels, rect.width, rect.height, self.graphics.tmux)

    def _show_drawings(self) -> None:
        """Take away what is no longer there, and have the rest drawn."""
        wanted = [(rect, _picture(rect, shown)) for rect, shown in self._placed]
        ready = [one for one in wanted if one[1] in self._drawings]
        waiting = {rect for rect, picture in wanted if picture not in self._drawings}
        kept = [one for one in self._drawn if one in wanted or one[0] in waiting]
        gone = [rect for rect, picture in self._drawn if (rect, picture) not in kept]
        if gone:
            self.refresh(*(Region(rect.x, rect.y, rect.width, rect.height) for rect in gone))
        new = [one for one in ready if one not in kept]
        self._drawn = [one for one in kept if one[0] not in {rect for rect, _ in new}] + new
        self._draw_soon({rect for rect, _ in new})

    def render_lines(self, crop: Region) -> list[Strip]:
        """Cells that are sent wipe out the pictures over them."""
        under = {rect for rect, _ in self._drawn if crop.overlaps(Region(rect.x, rect.y, rect.width, rect.height))}
        self._draw_soon(under)
        return super().render_lines(crop)

    def _draw_soon(self, rects: set[Rect]) -> None:
        if rects and not self._due:
            self.call_after_refresh(self._draw_now)
        self._due |= rects

    def _draw_now(self) -> None:
        due, self._due = self._due, set()
        if not due or not self.is_attached or not self.display or self.app.screen is not self.screen:
            return
        if terminal_is_behind(self.app):
            self._due = due
            self.set_timer(PATIENCE, self._draw_now)
            return
        left, top = self.region.x, self.region.y
        for rect, picture in self._drawn:
            drawing = self._drawings.get(picture)
            if drawing is not None and rect in due:
                self._put(protocols.at(top + rect.y, left + rect.x, drawing))

    # -- the terminal

    async def _write(self, text: str) -> None:
        """Write once the terminal has taken what was written before, so that none of it is left out."""
        while terminal_is_behind(self.app):
            await asyncio.sleep(PATIENCE)
        self._put(text)

    def _put(self, text: str) -> None:
        driver = self.app._driver  # there is no public way to write what is neither text nor style
        if driver is not None:
            driver.write(text)

    def forget_pictures(self) -> None:
        """Let the terminal forget all that it keeps for us."""
        for number, _ in self._sent.values():
            self._put(protocols.kitty_delete(number, self.graphics.tmux))
        self._sent.clear()
        self._there.clear()
        self._drawn.clear()


def _picture(rect: Rect, shown: Print) -> Picture:
    return shown.stamp, rect.width, rect.height
