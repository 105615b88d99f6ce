"""Everything about the row at the cursor; each neighbour is a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.dashboards.graph.words import ASCII, UNICODE, Signs, kind_words, number_words
from tbtui.graphs import Attribute, Details, Entry, Link
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

LABEL_CELLS = 11
MOST_WRAPPED = 6
"""A long attribute takes at most so many lines."""
MOST_ATTRIBUTES = 200


class Line(NamedTuple):
    """One line: texts with their looks, and where enter leads to."""

    pieces: tuple[tuple[str, str], ...]
    link: Entry | None = None


def detail_lines(details: Details, width: int, signs: Signs) -> list[Line]:
    """The lines at a width. First what it is, then what feeds it, what it gives and to whom, then its attributes."""
    entry = details.entry
    name = entry.path or entry.name
    if entry.kind in ("series", "minor") and entry.path:
        name = f"{entry.path}/{entry.name}"
    lines = [Line(((part, "strong"),)) for part in _wrapped(name, width)]
    lines.append(Line(((cut(safe(kind_words(entry, signs)), width), "accent"),)))
    facts = [(label, value) for label, value in number_words(entry, signs)]
    if entry.device:
        facts.append(("device", entry.device))
    for label, value in facts:
        lines += _labelled(label, value, width)
    one = entry.kind == "node"
    sections = (
        ("reads from" if one else "flows in from", details.inputs, signs.into),
        ("waits for", details.control_inputs, signs.into),
        ("is read by" if one else "flows out to", details.outputs, signs.out),
        ("is waited for by", details.control_outputs, signs.out),
    )
    for number, (title, links, sign) in enumerate(sections):
        if number == 2 and details.results:
            lines.append(Line(()))
            lines.append(Line((("gives", "muted"),)))
            for place, result in enumerate(details.results):
                text = cut(safe(result or "?"), max(4, width - 4), ellipsis=signs.ellipsis)
                lines.append(Line(((f" {place}: ", "faint"), (text, "text"))))
        if links:
            lines.append(Line(()))
            lines.append(Line(((f"{title} ", "muted"), (f"{len(links):,}", "faint"))))
            for link in links:
                lines += _link_lines(link, sign, width, signs)
    if not details.inputs and not details.control_inputs and one:
        lines.insert(_facts_end(lines), Line((("reads from nothing", "muted"),)))
    if details.functions:
        lines += [Line(()), Line((("calls", "muted"),))]
        lines += [
            line for one in details.functions for line in _link_lines(Link(one, one.path), signs.out, width, signs)
        ]
    if details.cut:
        lines.append(Line(((f" and {details.cut:,} more", "faint"),)))
    lines += _attribute_lines(details.attributes, width)
    return lines


def _facts_end(lines: Sequence[Line]) -> int:
    return next((number for number, line in enumerate(lines) if not line.pieces), len(lines))


def _link_lines(link: Link, sign: str, width: int, signs: Signs) -> Iterator[Line]:
    """The neighbour's name, and what flows: beside it, or below where there is no room."""
    entry = link.entry
    name = safe(entry.path if entry is not None else link.name)
    if entry is not None and entry.kind not in ("node", "scope"):
        name = safe(entry.name)
    label = safe(link.label) + (f" {signs.many}{link.edges:,}" if link.edges > 1 else "")
    look = "key" if entry is not None else "muted"
    if entry is None:
        label = "not in this graph"
    room = width - 3
    beside = cell_width(name) + cell_width(label) + 2 <= room
    first = cut(name, room, "tail", ellipsis=signs.ellipsis)
    pieces = [(f" {sign} ", "faint"), (first, look)]
    if beside and label:
        pieces += [(" " * (room - cell_width(first) - cell_width(label)), "muted"), (label, "muted")]
    yield Line(tuple(pieces), entry)
    if label and not beside:
        yield Line((("     ", "muted"), (cut(label, max(2, width - 5), ellipsis=signs.ellipsis), "muted")), entry)


def _attribute_lines(attributes: Sequence[Attribute], width: int) -> list[Line]:
    if not attributes:
        return []
    lines = [Line(()), Line((("attributes", "muted"),))]
    for attribute in attributes[:MOST_ATTRIBUTES]:
        size = f" ({format_bytes(attribute.size)})" if attribute.size > 1000 else ""
        lines += _labelled(f" {attribute.name}", attribute.text + size, width)
    if len(attributes) > MOST_ATTRIBUTES:
        lines.append(Line(((f" and {len(attributes) - MOST_ATTRIBUTES:,} more", "faint"),)))
    return lines


def _labelled(label: str, value: str, width: int) -> list[Line]:
    """A label, and its value beside it; below, where the label is long."""
    label = safe(label)
    cells = max(LABEL_CELLS, cell_width(label) + 1)
    if cells > width // 2:
        parts = _wrapped(value, width - 3)
        return [Line(((cut(label, width), "muted"),)), *(Line((("   ", "text"), (part, "text"))) for part in parts)]
    parts = _wrapped(value, width - cells)
    return [
        Line(((label.ljust(cells) if not number else " " * cells, "muted"), (part, "text")))
        for number, part in enumerate(parts)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    """A foreign text in a few lines."""
    width = max(width, 4)
    parts = wrap(safe(text)[: width * (MOST_WRAPPED + 1)], width, break_on_hyphens=False) or [""]
    if len(parts) > MOST_WRAPPED:
        parts = [*parts[: MOST_WRAPPED - 1], cut(parts[MOST_WRAPPED - 1] + " …", width)]
    return [cut(part, width) for part in parts]


class DetailsList(Lines):
    """The details of one row. Enter on a neighbour goes there."""

    has_cursor = True
    DEFAULT_CSS = """
    DetailsList { width: 40; height: 1fr; border-left: solid $frame; padding: 0 1; }
    DetailsList:focus { border-left: solid $frame-focus; }
    DetailsList.-below { width: 1fr; border-left: none; border-top: solid $frame; }
    DetailsList.-below:focus { border-left: none; border-top: solid $frame-focus; }
    DetailsList.-over, DetailsList.-over:focus { width: 1fr; height: 1fr; border-left: none; }
    """

    def __init__(self, follow: Callable[[Entry], None], left: Callable[[], None], ascii_only: bool = False) -> None:
        """follow: enter on a link; left: to the left, back to the tree."""
        super().__init__(id="graph-details")
        self.signs = ASCII if ascii_only else UNICODE
        self.details: Details | None = None
        self._follow, self._left = follow, left
        self._lines: list[Line] = []
        self._lines_for: tuple[object, int] = (None, 0)

    def show(self, details: Details | None) -> None:
        """Show these; None: they are still being found."""
        if details is not self.details:
            self.details = details
            self.cursor = self.top = 0
            self.cursor = self._first_link()
            self.repaint()

    def _laid_out(self, width: int) -> list[Line]:
        if self._lines_for != (self.details, width):
            self._lines_for = (self.details, width)
            self._lines = detail_lines(self.details, width, self.signs) if self.details is not None else []
        return self._lines

    def _first_link(self) -> int:
        lines = self._laid_out(max(10, self.size.width))
        return next((number for number, line in enumerate(lines) if line.link is not None), 0)

    @property
    def link(self) -> Entry | None:
        """Where enter leads to from the line at the cursor."""
        lines = self._laid_out(max(10, self.size.width))
        return lines[self.cursor].link if 0 <= self.cursor < len(lines) else None

    def count(self, width: int) -> int:
        return len(self._laid_out(width))

    def row(self, number: int, width: int) -> list[Piece]:
        return [(text, self.look(look)) for text, look in self._laid_out(width)[number].pieces]

    def paint(self, width: int, height: int) -> list[Strip]:
        if not self.has_focus:
            self.top = 0
        return super().paint(width, height)

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if number != self.cursor or not self.has_focus:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    def open_row(self) -> None:
        if self.link is not None:
            self._follow(self.link)

    def action_left(self) -> None:
        self._left()

    def action_right(self) -> None:
        self.open_row()

    def on_click(self, event: events.Click) -> None:
        row = self.top + event.y
        if row < self.count(self.size.width):
            self.cursor = row
            self.repaint()
            self.open_row()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()
