"""Lanes: what ran when on threads and streams, as coloured stretches with names in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.charts.cells import BOLD, DEFAULT, REVERSE, Cells, blank

__all__ = ["LaneRow", "draw_lanes"]

INK = 0x000000
NOTHING = -1
LEAST_NAME = 4
"""Cells of a stretch from which on its name is written into it."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A row: its label ("" for none), and which stretch covers each column (int64[columns], NOTHING where none)."""

    label: str
    stretch: npt.NDArray[np.int64]


def draw_lanes(
    rows: Sequence[LaneRow],
    name: Callable[[int], str],
    color: Callable[[int], int],
    label_cells: int,
    cursor: tuple[int, int] | None = None,
    colored: bool = True,
    label_color: int = DEFAULT,
    ticks: Sequence[tuple[int, str]] = (),
) -> Cells:
    """Rows of `label_cells` cells for the labels and one cell for each column, and one of `ticks` (column, text).

    name, color: of a stretch, by its number. cursor: (row, column) whose stretch is marked. Without colours stretches
    are drawn in reverse, every second one next to another not, so that neighbours can be told apart.
    """
    width = label_cells + (len(rows[0].stretch) if rows else 0)
    cells = blank(len(rows) + bool(ticks), width)
    for column, text in ticks:
        cells.put(len(rows), label_cells + column, f"|{text}", label_color)
    for y, row in enumerate(rows):
        cells.put(y, 0, pad(cut(safe(row.label), label_cells - 1, "tail"), label_cells), label_color)
        starts = np.flatnonzero(np.concatenate(([True], row.stretch[1:] != row.stretch[:-1])))
        ends = np.append(starts[1:], len(row.stretch))
        reverse = False
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            number = int(row.stretch[start])
            if number == NOTHING:
                reverse = False
                continue
            marked = cursor is not None and cursor[0] == y and start <= cursor[1] < end
            room = end - start
            text = cut(safe(name(number)), room) if room >= LEAST_NAME else ""
            text = text + " " * (room - cell_width(text))
            if colored:
                shade = color(number)
                cells.put(y, label_cells + start, text, INK, BOLD if marked else 0, back=0xFFFFFF if marked else shade)
            else:
                reverse = not reverse
                filled = text if text.strip() else ("#" if not reverse else "=") * room
                attrs = (REVERSE if reverse else 0) | (BOLD if marked else 0)
                cells.put(y, label_cells + start, ("*" + filled[1:]) if marked else filled, DEFAULT, attrs)
    return cells
