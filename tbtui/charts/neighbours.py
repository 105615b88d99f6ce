"""The neighbourhood of a node or scope as a drawing: what it reads from, itself, what reads from it."""

from __future__ import annotations

from collections.abc import Callable

from tbtui.analysis.numbers import format_step
from tbtui.charts.boxes import Box, Drawing, Line, draw_boxes
from tbtui.charts.cells import DEFAULT
from tbtui.graphs.model import Entry, NearBox, NearEdge, Neighbourhood

__all__ = ["draw_neighbourhood"]


def draw_neighbourhood(
    near: Neighbourhood,
    width: int,
    *,
    selected: int | None = 0,
    color_of: Callable[[Entry], int] | None = None,
    ascii_only: bool = False,
) -> Drawing:
    """Draws a neighbourhood at most `width` cells wide; box i of it is place i of the drawing.

    selected: the box with the heavy border; color_of: a colour for a box (0xRRGGBB or -1).
    """
    boxes = [
        Box(_words(box, ascii_only), box.level, _color(box, color_of), dim=box.entry is None) for box in near.boxes
    ]
    lines = [Line(edge.source, edge.target, _label(edge, ascii_only), edge.control) for edge in near.edges]
    return draw_boxes(boxes, lines, width, focus=selected, ascii_only=ascii_only)


def _color(box: NearBox, color_of: Callable[[Entry], int] | None) -> int:
    return DEFAULT if box.entry is None or color_of is None else color_of(box.entry)


def _words(box: NearBox, ascii_only: bool) -> tuple[str, ...]:
    """Name, then operation or class, and how much is in it."""
    entry = box.entry
    if entry is None:
        return (
            f"{box.more:,} {box.what if box.more != 1 else box.what.removesuffix('s')}"
            if box.what
            else f"{box.more:,} more",
        )
    if entry.kind == "node":
        return (entry.name, entry.op) if entry.op else (entry.name,)
    fold = "+" if ascii_only else "▸"
    about = f"{format_step(entry.ops)} ops" if entry.ops != 1 else "1 op"
    if entry.parameters:
        about += f", {'≥' if entry.at_least and not ascii_only else ''}{format_step(entry.parameters)} params"
    times = f" {'x' if ascii_only else '×'}{entry.count}" if entry.kind == "series" else ""
    return f"{fold} {entry.name}{times}", *((entry.op,) if entry.op else ()), about


def _label(edge: NearEdge, ascii_only: bool) -> str:
    """Type and shape, and how many edges there are."""
    label = edge.label or ("control" if edge.control else "")
    if edge.edges > 1 and label:
        label += f" ({edge.edges})"
    return label.replace("×", "x") if ascii_only else label
