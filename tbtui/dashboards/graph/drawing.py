"""The drawing of what is around a row: boxes joined by lines, and a cursor that goes from box to box."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tbtui.analysis.colors import RGB
from tbtui.analysis.text import cut, safe
from tbtui.charts.boxes import Box, Drawing, Line, Place, draw_boxes
from tbtui.charts.cells import DEFAULT, DIM, blank
from tbtui.dashboards.graph.words import ASCII, UNICODE, kind_words, number_words
from tbtui.graphs import Entry, NearBox, Neighbourhood
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings

WHEEL_ROWS = 3
LEAST_NAME = 16


class DrawingPane(ChartPanel):
    """Boxes by level: what feeds the row on one side of it, what takes from it on the other."""

    DEFAULT_CSS = "DrawingPane { width: 1fr; height: 1fr; margin: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    def __init__(self, follow: Callable[[Entry], None], ascii_only: bool = False) -> None:
        """follow: enter on a box."""
        super().__init__(id="graph-drawing")
        self.around: Neighbourhood | None = None
        self.cursor = 0
        self.top = 0
        self.box_color: Callable[[Entry], RGB | None] = lambda entry: None
        self._follow = follow
        self._ascii = ascii_only
        self._signs = ASCII if ascii_only else UNICODE
        self._drawing: Drawing | None = None

    def show_around(self, around: Neighbourhood) -> None:
        """Show these boxes, the cursor on the row itself."""
        self.around, self.cursor = around, 0
        self.repaint(to_cursor=True)

    @property
    def current(self) -> NearBox | None:
        """The box at the cursor."""
        boxes = self.around.boxes if self.around is not None else []
        return boxes[self.cursor] if 0 <= self.cursor < len(boxes) else None

    # -- drawing -----------------------------------------------------------------------------------------------

    def repaint(self, to_cursor: bool = False) -> None:
        """Draw anew; to_cursor: scroll to where the box at the cursor is seen."""
        width, height = self.size
        if not width or not height or not self.display:
            return
        cells = blank(height, width)
        if self.around is not None and self.around.boxes:
            boxes = [self._box(box) for box in self.around.boxes]
            lines = [Line(edge.source, edge.target, self._label(edge.label, edge.edges), edge.control)
                     for edge in self.around.edges]  # fmt: skip
            drawing = draw_boxes(boxes, lines, width, focus=self.cursor, ascii_only=self._ascii)
            self._drawing = drawing
            body = height - (height > 3)
            if to_cursor:
                self.top = self._top_for(drawing.places[self.cursor], body)
            self.top = max(0, min(self.top, drawing.cells.height - body))
            below = max(0, (body - drawing.cells.height) // 2) if drawing.columns else 0
            cells.paste(drawing.cells, below - self.top, 0)
            if body < height:
                cells.put(body, 0, " " * width)
                cells.put(body, 0, self._words(width), DEFAULT, DIM)
        self.show(cells)

    def _top_for(self, place: Place, height: int) -> int:
        if self.top <= place.row and place.row + place.height <= self.top + height:
            return self.top
        return max(0, place.row - max(0, height - place.height) // 2)

    def _box(self, box: NearBox) -> Box:
        entry = box.entry
        if entry is None:
            return Box((f"{box.more:,} {box.what or 'more'}",), box.level, dim=True)
        color = self.box_color(entry)
        sign = "" if entry.kind == "node" else f"{self._signs.folded} "
        more = f" {self._signs.many}{entry.count}" if entry.kind == "series" else ""
        second = entry.op if entry.op != entry.name else ""
        if entry.kind != "node":
            second = f"{second} {entry.ops:,} node{'s' * (entry.ops != 1)}".strip()
        return Box(
            (f"{sign}{entry.name}{more}", second),
            box.level,
            DEFAULT if color is None else color[0] << 16 | color[1] << 8 | color[2],
        )

    def _label(self, label: str, edges: int) -> str:
        return label + (f" {self._signs.many}{edges}" if edges > 1 else "")

    def _words(self, width: int) -> str:
        """The box at the cursor: its full name, and what else there is room for."""
        box = self.current
        if box is None or box.entry is None:
            return " neighbours that are not drawn"
        entry = box.entry
        facts = [kind_words(entry, self._signs)] if entry.kind != "node" else [entry.op]
        facts += [f"{label} {value}" for label, value in number_words(entry, self._signs)]
        path, rest = safe(entry.path or entry.name), safe("  ".join(facts))
        room = width - len(rest) - 4
        if room < min(len(path), LEAST_NAME):
            return cut(f" {path}", width, "tail", ellipsis=self._signs.ellipsis)
        return f" {cut(path, room, 'tail', ellipsis=self._signs.ellipsis)}   {rest}"

    def on_resize(self) -> None:
        self.repaint(to_cursor=True)

    # -- keys --------------------------------------------------------------------------------------------------

    def _put(self, number: int | None) -> None:
        if number is not None:
            self.cursor = number
            self.repaint(to_cursor=True)

    def _beside(self, into: bool) -> int | None:
        """The nearest box that feeds the one at the cursor, or takes from it; else the nearest of the next level."""
        if self.around is None or self._drawing is None or not self.around.boxes:
            return None
        boxes, places = self.around.boxes, self._drawing.places
        level = boxes[self.cursor].level
        joined = [edge.source for edge in self.around.edges if edge.target == self.cursor]
        if not into:
            joined = [edge.target for edge in self.around.edges if edge.source == self.cursor]
        joined = [n for n in joined if (boxes[n].level < level) == into and boxes[n].level != level]
        there = {box.level for box in boxes if (box.level < level) == into and box.level != level}
        if not joined and there:
            nearest = max(there) if into else min(there)
            joined = [n for n, box in enumerate(boxes) if box.level == nearest]
        middle = _middle(places[self.cursor])
        return min(joined, key=lambda n: abs(_middle(places[n]) - middle), default=None)

    def _along(self, by: int) -> int | None:
        """The next box above or below: of the same column where there are columns."""
        if self.around is None or self._drawing is None or not self.around.boxes:
            return None
        boxes, drawing = self.around.boxes, self._drawing
        level = boxes[self.cursor].level
        order = [n for n in range(len(boxes)) if not drawing.columns or boxes[n].level == level]
        order.sort(key=lambda n: drawing.places[n].row)
        return order[max(0, min(order.index(self.cursor) + by, len(order) - 1))]

    def action_left(self) -> None:
        self._put(self._beside(into=True))

    def action_right(self) -> None:
        self._put(self._beside(into=False))

    def action_up(self) -> None:
        self._put(self._along(-1))

    def action_down(self) -> None:
        self._put(self._along(1))

    def action_first(self) -> None:
        self._put(self._along(-(10**6)))

    def action_last(self) -> None:
        self._put(self._along(10**6))

    def action_page_up(self) -> None:
        self._scroll(-max(1, self.size.height - 2))

    def action_page_down(self) -> None:
        self._scroll(max(1, self.size.height - 2))

    def action_open(self) -> None:
        box = self.current
        if box is not None and box.entry is not None and self.cursor:
            self._follow(box.entry)

    def _scroll(self, rows: int) -> None:
        self.top += rows
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        if self._drawing is None:
            return
        body = self.size.height - (self.size.height > 3)
        above = max(0, (body - self._drawing.cells.height) // 2) if self._drawing.columns else 0
        row, col = event.y - above + self.top, event.x - 1
        for number, place in enumerate(self._drawing.places):
            if place.row <= row < place.row + place.height and place.col <= col < place.col + place.width:
                again = number == self.cursor
                self._put(number)
                if again:
                    self.action_open()


def _middle(place: Place) -> float:
    return place.row + place.height / 2
