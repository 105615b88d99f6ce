"""The nine percentiles of every run at the cursor, and what the shades of a fan mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_value
from tbtui.analysis.percentiles import PERCENTILE_NAMES
from tbtui.charts.cells import Cells
from tbtui.charts.fans import swatches
from tbtui.dashboards.distributions.series import DistributionLine
from tbtui.dashboards.scalars.fullscreen import FullScreen
from tbtui.dashboards.scalars.grid import Grid
from tbtui.dashboards.scalars.readout import RANGE_COLUMNS, READING_COLUMNS, Column, Readout, tag_column

if TYPE_CHECKING:
    from tbtui.dashboards.looks import Looks
    from tbtui.dashboards.scalars.subjects import Reading

__all__ = ["FanGrid", "FanReadout", "FanScreen"]

BAND_NAMES = ("all", "7-93%", "16-84%", "31-69%")
"""What lies in each band, the outer one first."""

SHORT_NAMES = ("all", "87%", "68%", "38%")
"""The same where there is little room: how many of the values."""

FIRST_TO_GO = (("wall time",), ("relative",), ("31%", "69%"), ("7%", "93%"), ("step",), ("16%", "84%"), ("min", "max"))
"""Columns that are left out where the pane is too narrow, the first ones first."""

LEAST_RULE = 3
"""Cells of a line that are left when the legend is put on it."""


def _percentile(reading: Reading, number: int) -> float:
    line = reading.entry.line
    if isinstance(line, DistributionLine) and reading.index < len(line.nine):
        return float(line.nine[reading.index, number])
    return math.nan


def _column(number: int) -> Column:
    return Column(
        PERCENTILE_NAMES[number],
        9,
        lambda r, s: format_value(_percentile(r, number)),
        lambda r, s: _percentile(r, number),
    )


NINE_COLUMNS = tuple(_column(number) for number in range(len(PERCENTILE_NAMES)))
PLACE_COLUMNS = tuple(column for column in READING_COLUMNS if column.title not in ("value", "smoothed"))


class FanReadout(Readout):
    """The table of a distribution: the nine numbers, then where they were read. Of a range: numbers about medians."""

    def columns(self) -> list[Column]:
        """All columns, those too for which there is no room."""
        if self.model.marked() is not None:
            return list(RANGE_COLUMNS)
        step, *times = PLACE_COLUMNS
        tag = self.model.session.view.x_tag
        return [step, *([tag_column(tag)] if tag else []), *NINE_COLUMNS, *times]

    def _sorting(self) -> Column:
        columns, title = self.columns(), self.model.session.view.table_column
        usual = next((column for column in columns if column.title == "median"), columns[0])
        return next((column for column in columns if column.title == title), usual)

    def _columns_in_sight(self) -> list[Column]:
        """As many as fit; where not all nine do, those go first that are farthest from the ends and the median."""
        columns = self.columns()
        room = self.width - 16
        for titles in FIRST_TO_GO:
            if sum(column.width + 1 for column in columns) <= room:
                break
            columns = [column for column in columns if column.title not in titles]
        return columns if self.model.marked() is None else super()._columns_in_sight()


def put_legend(cells: Cells, row: int, looks: Looks, sign: str) -> bool:
    """What the shades mean, at the right end of a line, where it is free or ruled. False: there is no room."""
    if not 0 <= row < cells.height:
        return False
    return any(_put_swatches(cells, row, looks, sign, names) for names in (BAND_NAMES, SHORT_NAMES))


def _put_swatches(cells: Cells, row: int, looks: Looks, sign: str, names: Sequence[str]) -> bool:
    legend = swatches(looks.muted, looks.shading, names)
    ink = legend.glyphs[0] != 0x20
    words = ink & (legend.colors[0] == -1)
    legend.colors[0, words] = looks.muted
    free = cells.glyphs[row] == 0x20
    free |= cells.glyphs[row] == ord(sign)
    begin, end = max(_gaps(free), key=lambda gap: gap[1] - gap[0], default=(0, 0))
    left = end - legend.width - (1 if end == cells.width else 3)
    if left < begin + LEAST_RULE:
        return False
    cells.put(row, left - 1, " " * (legend.width + 2))
    cells.paste(legend, row, left)
    return True


def _gaps(free: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where free cells begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], free.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


class FanGrid(Grid):
    """Pages of distributions."""

    def compose(self) -> Cells:
        """The page, with the legend in the first heading, or title, that has room for it."""
        cells = super().compose()
        rows = dict.fromkeys(heading.rect.y for heading in self.current.headings)
        rows |= dict.fromkeys(slot.rect.y for slot in self.current.slots[:1])
        any(put_legend(cells, row, self.looks, self.looks.signs.rule) for row in rows)
        return cells


class FanScreen(FullScreen):
    """One distribution over the whole pane, and the nine numbers of every run under it."""

    def compose(self) -> Cells:
        """The chart with the legend in its title, or in the heading of the table."""
        cells = super().compose()
        under = self._drawn.chart.cells.height if self._drawn is not None else 0
        any(put_legend(cells, row, self.looks, " ") for row in (0, under))
        return cells
