"""The summary of a graph: how many nodes of which type, how much they hold, where they run. Enter lists a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cut, pad, safe
from tbtui.dashboards.graph.words import bar, format_time
from tbtui.graphs import Summary
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

LABEL_CELLS = 14
NAME_CELLS = 30
COUNT_CELLS = 8
MOST_BAR = 40


class Line(NamedTuple):
    """A label with its text; or a name with its share of the most frequent one, and the type that enter lists."""

    label: str
    text: str = ""
    share: float | None = None
    op: str = ""


def summary_lines(summary: Summary, problems: list[str]) -> list[Line]:
    """What there is to say, the most important first."""
    edges = f"{summary.edges:,}"
    if summary.control_edges:
        edges += f", {summary.control_edges:,} of them control"
    lines = [
        Line("nodes", f"{summary.nodes:,}"),
        Line("edges", edges),
        Line("scopes", f"{summary.scopes:,}, {summary.depth:,} deep"),
    ]
    if summary.parameters is not None:
        size = f" ({format_bytes(summary.size)})" if summary.size is not None else ""
        least = "at least " if summary.at_least else ""
        lines.append(Line("parameters", f"{least}{summary.parameters:,}{size}"))
    if summary.kept:
        lines.append(Line("other state", f"{summary.kept:,} ({format_bytes(summary.kept_size)}) of optimizer, metrics"))
    if summary.functions:
        inside = f"{summary.function_nodes:,} nodes, {summary.function_edges:,} edges"
        lines.append(Line("functions", f"{summary.functions:,} with {inside}"))
    if summary.compute is not None:
        lines.append(Line("compute", format_time(summary.compute)))
    if summary.memory is not None:
        lines.append(Line("memory", format_bytes(summary.memory)))
    if summary.dangling:
        lines.append(Line("missing", f"{summary.dangling:,} inputs name no node"))
    lines += [Line("problem", text) for text in problems]
    for title, counts in (("devices", summary.devices), ("types", summary.ops)):
        named = [(name, count) for name, count in counts if name]
        if named:
            most = max(count for _, count in named)
            lines += [Line(""), Line(f"{title} {len(named):,}")]
            lines += [Line(name, f"{count:,}", count / most, name if title == "types" else "") for name, count in named]
    return lines


class SummaryList(Lines):
    """The lines of a summary."""

    has_cursor = True
    DEFAULT_CSS = "SummaryList { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, list_op: Callable[[str], None], ascii_only: bool = False) -> None:
        """list_op: enter on a type of node."""
        super().__init__(id="graph-summary")
        self._ascii, self._list_op = ascii_only, list_op
        self._lines: list[Line] = []

    def show(self, summary: Summary, problems: list[str]) -> None:
        """Show this one."""
        self._lines = summary_lines(summary, problems)
        self.cursor = next((number for number, line in enumerate(self._lines) if line.op), 0)
        self.top = 0
        self.repaint()

    def count(self, width: int) -> int:
        return len(self._lines)

    def row(self, number: int, width: int) -> list[Piece]:
        line = self._lines[number]
        if line.share is None:
            look = "warn" if line.label in ("missing", "problem") else "text"
            text = cut(safe(line.text), max(4, width - LABEL_CELLS))
            return [(pad(line.label, LABEL_CELLS), self.look("muted")), (text, self.look(look))]
        cells = min(NAME_CELLS, max(8, width - COUNT_CELLS - 10))
        drawn = bar(line.share, max(0, min(MOST_BAR, width - cells - COUNT_CELLS - 3)), self._ascii)
        return [
            (pad(cut(safe(line.label), cells, "tail"), cells), self.look("text")),
            (pad(line.text, COUNT_CELLS, "right") + "  ", self.look("muted")),
            (drawn, self.look("muted")),
        ]

    def _marked(self, pieces: list[Piece], number: int, width: int) -> Strip:
        if number != self.cursor or not self._lines[number].op:
            return self.line(pieces, width)
        mark = Style(bgcolor=self.look("cursor").bgcolor)
        return self.line([(text, style + mark) for text, style in pieces], width, mark)

    def open_row(self) -> None:
        if self._lines and self._lines[self.cursor].op:
            self._list_op(self._lines[self.cursor].op)
