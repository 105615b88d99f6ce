"""A table as CSV: the same rows and columns in the same order, with all digits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tbtui.analysis.goals import Goal, guess_goal
from tbtui.commands.export import csv_name
from tbtui.dashboards.scalars.sheet import ColumnKey, Row, Series, Sheet
from tbtui.dashboards.scalars.tallies import Tallies, Tally, tally_of


@dataclass(frozen=True, slots=True)
class TableText:
    """Everything that is needed to write a table, also from another thread: what is not known yet is computed.

    sorted_by, largest_first: its order; goals: as the user changed them; purge: superseded points are left out.
    """

    sheet: Sheet
    tallies: Tallies
    sorted_by: ColumnKey | None
    largest_first: bool
    goals: Mapping[str, Goal]
    purge: bool = True

    def lines(self) -> Iterator[str]:
        """The heading and the rows, each with its line feed.

        The names of a row come first: in the layout "list" run and tag, else its run or its tag. Names are those of
        the files; a sparkline is no number and is left out.
        """
        sheet = self.sheet
        columns = [column for column in sheet.columns if column.measure.kind != "course"]
        names = ["run", "tag"] if sheet.layout == "list" else [sheet.head]
        titles = [column.run.name if column.run else column.title for column in columns]
        yield ",".join([*names, *map(csv_name, titles)]) + "\n"
        for index in range(len(sheet.blocks)):
            for row in self._rows(index):
                cells = [csv_name(name) for name in (row.run.name if row.run else None, row.tag) if name is not None]
                one = self._tally(Series(row.run, row.tag)) if row.run is not None and row.tag is not None else None
                for column in columns:
                    series = sheet.series(row, column)
                    tally = one or (self._tally(series) if series is not None else None)
                    goal = self._goal(series.tag) if series is not None else None
                    cells.append(column.measure.exact(tally.stats, goal, tally.single) if tally is not None else "")
                yield ",".join(cells) + "\n"

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
            value = column.measure.key(self._tally(series).stats, self._goal(series.tag))
            return (math.isnan(value), sign * value)

        return sorted(rows, key=rank)

    def _tally(self, series: Series) -> Tally:
        due = self.tallies.due(series, self.purge)
        if due is not None:
            return tally_of(due.points)
        return self.tallies.known(series) or tally_of(series.run.scalars[series.tag].points(self.purge))
