"""Signs at the edges of the plot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tbtui.charts.cells import blank
from tbtui.charts.marks import put_outside

COLUMNS = 20


def outside(first: int, last: int, color: int) -> tuple[Any, Any]:
    """A curve that is above the plot in these columns of cells, and within it elsewhere."""
    top = np.full((1, 2 * COLUMNS), 4, np.int32)
    top[0, 2 * first : 2 * last + 2] = -3
    return SimpleNamespace(top=top, bottom=top + 1), SimpleNamespace(dim=False, color=color)


def test_of_curves_that_are_outside_in_the_same_columns_the_last_lies_on_top() -> None:
    plot, dots = SimpleNamespace(row=0, col=0, height=5), SimpleNamespace(rows=4, columns=2)
    cells = blank(5, COLUMNS)
    stage: Any = SimpleNamespace(
        signs=SimpleNamespace(above="^", below="v"), plot=plot, dots=dots, bottom=4, cells=cells
    )
    drawn = [outside(2, 9, 1), outside(9, 17, 2), outside(2, 9, 3)]
    put_outside(stage, [trace for trace, _ in drawn], [curve for _, curve in drawn])
    signs = {col: int(cells.colors[0, col]) for col in range(COLUMNS) if cells.glyphs[0, col] == ord("^")}
    assert signs == {2: 3, 9: 3, 17: 2}
