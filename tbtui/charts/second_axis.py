"""A second y axis at the right of a plot, for curves whose values are of another size."""

from __future__ import annotations

from tbtui.charts.cells import DEFAULT, DIM, Cells
from tbtui.charts.layout import Layout

__all__ = ["put_right_axis"]

_PLAIN = {"│": "|", "├": "+", "┘": "+"}


def put_right_axis(cells: Cells, layout: Layout, axis_color: int, label_color: int, plain: bool) -> None:
    """Draws the line, ticks and labels of the second axis into the cells that the layout keeps free for it."""
    if not layout.right_width:
        return
    plot = layout.plot
    col = plot.col + plot.width
    attrs = DIM if axis_color == DEFAULT else 0
    ticks = dict(layout.right_ticks)
    for row in range(plot.height):
        _put(cells, plot.row + row, col, "├" if row in ticks else "│", axis_color, attrs, plain)
    for row, label in layout.right_ticks:
        cells.put(plot.row + row, col + 1, label, label_color)
    if layout.axis_line:
        _put(cells, plot.row + plot.height, col, "┘", axis_color, attrs, plain)


def _put(cells: Cells, row: int, col: int, sign: str, color: int, attrs: int, plain: bool) -> None:
    cells.put(row, col, _PLAIN[sign] if plain else sign, color, attrs)
