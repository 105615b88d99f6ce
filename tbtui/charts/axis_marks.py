"""Marks on the line of the x axis: where runs were restarted, wrote checkpoints, began epochs, and steps that the
user marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.charts.cells import BOLD, DEFAULT
from tbtui.charts.marks import Stage

__all__ = ["AxisMarks", "Kind", "mark_sign", "put_axis_marks"]

Kind = Literal["epoch", "checkpoint", "end", "restart", "step"]

_SIGNS: dict[Kind, tuple[str, str]] = {
    "epoch": ("┴", "'"),
    "checkpoint": ("◆", "o"),
    "end": ("■", "]"),
    "restart": ("↺", "<"),
    "step": ("▲", "^"),
}
"""Each kind's sign and the one of plain ASCII; of several in a cell the one further down is shown."""

_CELLS_A_MARK = 4
"""Marks of a kind stand at least about so far apart; of more only every second, fifth, tenth, ... is shown."""


@dataclass(slots=True)
class AxisMarks:
    """Marks of one kind and run. x: float64[n], rising or NaN for no place; color: 0xRRGGBB or -1."""

    kind: Kind
    x: npt.NDArray[np.float64]
    color: int = DEFAULT


def mark_sign(kind: Kind, plain: bool = False) -> str:
    """The character of a kind of mark."""
    return _SIGNS[kind][plain]


def put_axis_marks(stage: Stage, marks: Sequence[AxisMarks], row: int) -> None:
    """Puts marks into the row of the x axis; of runs at the same place the last one given is seen.

    What is marked there as not finite stays.
    """
    plot, cells = stage.plot, stage.cells
    if not 0 <= row < cells.height:
        return
    bad = ord(stage.signs.nan)
    order = list(_SIGNS)
    for one in sorted(marks, key=lambda one: order.index(one.kind)):
        share = stage.window.x.fraction(one.x)
        if one.kind in ("epoch", "checkpoint"):
            share = share[:: _every(share, plot.width)]
        with np.errstate(invalid="ignore"):
            share = share[(share >= 0) & (share <= 1)]
        columns = np.unique(np.minimum((share * plot.width).astype(np.int64), plot.width - 1)) + plot.col
        columns = columns[cells.glyphs[row, columns] != bad]
        cells.glyphs[row, columns] = ord(mark_sign(one.kind, stage.look.plain))
        cells.colors[row, columns] = one.color
        cells.attrs[row, columns] = BOLD


def _every(share: npt.NDArray[np.float64], width: int) -> int:
    """1, 2, 5, 10, ...: every how many marks one is shown, so that those in the plot stand apart."""
    with np.errstate(invalid="ignore"):
        count = int(np.count_nonzero((share >= 0) & (share <= 1)))
    every, power = 1, 1
    while count * _CELLS_A_MARK > width * every:
        every = next((f * power for f in (2, 5, 10) if count * _CELLS_A_MARK <= width * f * power), 10 * power)
        power *= 10
    return every
