"""Lanes: what ran when on threads and streams, as coloured stretches with names in them, and how busy a device was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.charts.cells import BOLD, DEFAULT, REVERSE, Cells, blank

__all__ = ["LaneLooks", "LaneRow", "draw_lanes", "put_load", "stretched"]

NOTHING = -1
LEAST_NAME = 4
"""Cells of a stretch from which on its name is written into it."""
MARKED = 0xFFFFFF
_DARK, _LIGHT = 0x101010, 0xFFFFFF
_LEVELS = " ▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = " .:-=+*#@"


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A row: its label ("" for none), and which stretch covers each column (int64[columns], NOTHING where none)."""

    label: str
    stretch: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LaneLooks:
    """How lanes are drawn. Without colours stretches are in reverse, every second one next to another is not, so that
    neighbours can be told apart. label: 0xRRGGBB or -1; ellipsis: what stands for the part of a name left out."""

    label: int = DEFAULT
    colored: bool = True
    ascii: bool = False

    @property
    def ellipsis(self) -> str:
        """What stands for the part of a name that is left out."""
        return "~" if self.ascii else "…"


def draw_lanes(
    rows: Sequence[LaneRow],
    name: Callable[[int], str],
    colors: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int32]],
    label_cells: int,
    cursor: tuple[int, int] | None = None,
    looks: LaneLooks | None = None,
) -> Cells:
    """Rows of `label_cells` cells for the labels and one cell for each column.

    name: of a stretch, by its number; colors: of several. cursor: (row, column) whose stretch is marked.
    """
    looks = LaneLooks() if looks is None else looks
    width = label_cells + (len(rows[0].stretch) if rows else 0)
    cells = blank(len(rows), width)
    for y, row in enumerate(rows):
        label = cut(safe(row.label), label_cells - 1, "middle", ellipsis=looks.ellipsis)
        cells.put(y, 0, pad(label, label_cells), looks.label)
        _put_row(cells, y, row, name, colors, label_cells, cursor[1] if cursor is not None and cursor[0] == y else None,
                 looks)  # fmt: skip
    return cells


def _put_row(
    cells: Cells,
    y: int,
    row: LaneRow,
    name: Callable[[int], str],
    colors: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int32]],
    left: int,
    cursor: int | None,
    looks: LaneLooks,
) -> None:
    stretch = row.stretch
    if not len(stretch):
        return
    starts = np.flatnonzero(np.concatenate(([True], stretch[1:] != stretch[:-1])))
    ends = np.append(starts[1:], len(stretch))
    numbers = stretch[starts]
    there = numbers != NOTHING
    shades = np.full(len(starts), DEFAULT, np.int32)
    shades[there] = colors(numbers[there])
    marked = -1 if cursor is None else int(np.searchsorted(starts, cursor, "right")) - 1
    place = np.repeat(np.arange(len(starts)), ends - starts)
    here = (y, slice(left, left + len(stretch)))
    # Each second stretch of those that touch: what comes behind a gap is a first one.
    order = np.arange(len(starts)) - np.maximum.accumulate(np.where(there, -1, np.arange(len(starts))))
    second = there & (order % 2 == 0)
    if looks.colored:
        if marked >= 0 and there[marked]:
            shades[marked] = MARKED
        cells.back_grid()[here] = shades[place]
    else:
        cells.glyphs[here] = np.where(there, np.where(second, ord("="), ord("#")), ord(" "))[place]
        cells.attrs[here] = np.where(there & ~second, REVERSE, 0)[place]
    long = np.flatnonzero(there & (ends - starts >= LEAST_NAME))
    for number in long.tolist():
        _put_name(cells, y, left, int(starts[number]), int(ends[number]), name(int(numbers[number])),
                  int(shades[number]), number == marked, looks)  # fmt: skip
    if not looks.colored and marked >= 0 and there[marked]:
        cells.glyphs[y, left + int(starts[marked])] = ord("*")
        cells.attrs[y, left + int(starts[marked]) : left + int(ends[marked])] |= BOLD


def _put_name(
    cells: Cells, y: int, left: int, start: int, end: int, name: str, shade: int, marked: bool, looks: LaneLooks
) -> None:
    text = cut(safe(name), end - start, ellipsis=looks.ellipsis)
    text += " " * (end - start - cell_width(text))
    attrs = int(cells.attrs[y, left + start]) | (BOLD if marked else 0)
    cells.put(y, left + start, text, _ink(shade) if looks.colored else DEFAULT, attrs, back=None)


def _ink(shade: int) -> int:
    """Black or white, whichever is read better on a colour."""
    red, green, blue = shade >> 16 & 255, shade >> 8 & 255, shade & 255
    return _DARK if 299 * red + 587 * green + 114 * blue > 118_000 else _LIGHT


def stretched(cells: Cells, times: int) -> Cells:
    """Each row so many rows high: what is written stands in the first of them."""
    tall = blank(cells.height * times, cells.width)
    tall.glyphs[::times] = cells.glyphs
    tall.colors[:] = cells.colors.repeat(times, axis=0)
    tall.attrs[:] = cells.attrs.repeat(times, axis=0)
    if cells.backs is not None:
        tall.back_grid()[:] = cells.backs.repeat(times, axis=0)
    return tall


def put_load(
    cells: Cells,
    row: int,
    col: int,
    busy: npt.NDArray[np.float64],
    color: int,
    ascii_only: bool = False,
) -> None:
    """How busy something was in each column (0 to 1), as blocks of eight heights; any work at all is seen."""
    levels = np.ceil(np.clip(busy, 0, 1) * 8 - 1e-9).astype(np.int64)
    glyphs = np.array([ord(one) for one in (_PLAIN_LEVELS if ascii_only else _LEVELS)], np.uint32)
    here = (row, slice(col, col + len(busy)))
    cells.glyphs[here] = glyphs[levels]
    cells.colors[here] = color
