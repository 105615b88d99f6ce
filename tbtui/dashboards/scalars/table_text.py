"""A table as CSV: the same rows and columns in the same order, with all digits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tbtui.analysis.goals import Goal, guess_goal
from tbtui.analysis.numbers import shortest
from tbtui.commands.export import csv_name
from tbtui.dashboards.scalars.grouped import BAND_KINDS, GroupRun
from tbtui.dashboards.scalars.sheet import Column, ColumnKey, Measure, Row, Series, Sheet
from tbtui.dashboards.scalars.table_groups import Spread, spread_of
from tbtui.dashboards.scalars.tallies import Tallies, Tally, tally_of

if TYPE_CHECKING:
    from tbtui.store import Run


@dataclass(frozen=True, slots=True)
class TableText:
    """Everything that is needed to write a table, also from another thread: what is not known yet is computed.

    sorted_by, largest_first: its order; goals: as the user changed them; purge: superseded points are left out; band:
    how the numbers of groups are spread.
    """

    sheet: Sheet
    tallies: Tallies
    sorted_by: ColumnKey | None
    largest_first: bool
    goals: Mapping[str, Goal]
    purge: bool = True
    band: str = ""
    _made: dict[Series, Tally] = field(default_factory=dict)
    """What was computed for the row that is being written: all its cells may be about one series."""

    def lines(self) -> Iterator[str]:
        """The heading and the rows, each with its line feed.

        The names of a row come first: in the layout "list" run and tag, else its run or its tag. Names are those of
        the files; a sparkline is no number and is left out. A group has a row for its mean, and one for each end of
        its band; as a column it has its mean.
        """
        sheet = self.sheet
        columns = [column for column in sheet.columns if column.measure.kind != "course"]
        names = ["run", "tag"] if sheet.layout == "list" else [sheet.head]
        titles = [self._name(column.run, "mean") if column.run else column.title for column in columns]
        yield ",".join([*names, *map(csv_name, titles)]) + "\n"
        for index in range(len(sheet.blocks)):
            for row in self._rows(index):
                self._made.clear()
                group = row.run if row.run is not None and row.run.name in sheet.members else None
                for part in ("mean", "low", "high") if group is not None and self.band in BAND_KINDS else ("mean",):
                    run = self._name(row.run, part) if row.run else None
                    names = [csv_name(name) for name in (run, row.tag) if name is not None]
                    yield ",".join([*names, *(self._cell(row, column, part) for column in columns)]) + "\n"

    def _name(self, run: Run, part: str) -> str:
        """What a run is called; of a group also which of its rows this is."""
        if not isinstance(run, GroupRun):
            return run.name
        words = f"mean of {len(self.sheet.members[run.name])}" if part == "mean" else f"band {part}"
        return f"{run.group.title} ({words})"

    def _cell(self, row: Row, column: Column, part: str) -> str:
        series, measure = self.sheet.series(row, column), column.measure
        if series is None:
            return ""
        goal = self._goal(series.tag)
        if series.run.name not in self.sheet.members:
            tally = self._tally(series)
            return measure.exact(tally.stats, goal, tally.single)
        value = getattr(self._spread(series, measure), part)
        return "" if math.isnan(value) else str(int(value)) if measure.kind == "count" else shortest(value, False)

    def _spread(self, series: Series, measure: Measure) -> Spread:
        tallies = [self._tally(one) for one in self.sheet.parts(series)]
        return spread_of(measure, tallies, self._goal(series.tag), self.band)

    def _goal(self, tag: str) -> Goal | None:
        return self.goals.get(tag) or guess_goal(tag)

    def _rows(self, index: int) -> list[Row]:
        rows = list(self.sheet.rows(index))
        place = self.sheet.place_of(self.sorted_by)
        if place is None:
            return rows
        column, sign = self.sheet.columns[place], -1 if self.largest_first else 1

        def rank(row: Row) -> tuple[bool, float]:
            series = self.sheet.series(row, column)
            if series is None:
                return (True, 0.0)
            if series.run.name in self.sheet.members:
                value = self._spread(series, column.measure).mean
            else:
                value = column.measure.key(self._tally(series).stats, self._goal(series.tag))
            return (math.isnan(value), sign * value)

        return sorted(rows, key=rank)

    def _tally(self, series: Series) -> Tally:
        due = self.tallies.due(series, self.purge)
        if due is not None:
            if series not in self._made:
                self._made[series] = tally_of(due.points)
            return self._made[series]
        return self.tallies.known(series) or tally_of(series.run.scalars[series.tag].points(self.purge))
