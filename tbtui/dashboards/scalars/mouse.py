"""The mouse: never needed, and welcome."""

from __future__ import annotations

from tbtui.dashboards.scalars.layout import Heading, Slot
from tbtui.dashboards.scalars.looking import Looking
from tbtui.dashboards.scalars.moving import Moving


class Mouse(Moving, Looking):
    """Clicks and the wheel do what keys do."""

    def clicked(self, x: int, y: int, twice: bool) -> None:
        """A click on the pane: focus a chart, fold a group, put the cursor, sort by a column."""
        if self.mode == "chart":
            self._click_chart(x, y)
        elif self.mode == "table":
            self._click_table(x, y, twice)
        else:
            self._click_grid(x, y, twice)
        self.moved()

    def _click_grid(self, x: int, y: int, twice: bool) -> None:
        found = self.grid.at(x, y)
        if isinstance(found, Heading):
            self._fold(found.section.key)
        elif isinstance(found, Slot):
            self.grid.focus = (found.section.key, found.tag)
            if twice:
                self.open_chart()

    def _click_chart(self, x: int, y: int) -> None:
        chart, subject = self.full.chart, self.full.subject
        if chart is None or subject is None:
            return
        plot = chart.plot
        if plot.row <= y < plot.row + plot.height and plot.col <= x < plot.col + plot.width:
            entries = self.entries()
            focus = self.model.focus_of(entries)
            at = chart.x_at(x)
            if focus is not None:
                origin, mode = self.model.origin(focus), self.session.view.x_axis
                index = focus.line.nearest(at + origin, mode)
                if index is not None:
                    at = float(focus.line.x(mode)[index]) - origin
            self.model.set_cursor(subject, entries, at)

    def _click_table(self, x: int, y: int, twice: bool) -> None:
        if y == 0:
            column = self.table.column_at(x)
            again = column is not None and column == self.table.sorted_by
            self.say(self.table.sort(column, not (again and self.table.largest_first)))
            return
        self._move_row(self.table.top + y - 1 - self.table.cursor)
        if twice:
            self._open_row()

    def wheel(self, direction: int, x: int, y: int) -> None:
        """The wheel: pages in the grid, rows in the table, zoom at the pointer in full screen."""
        if self.mode == "chart":
            self._click_chart(x, y)
            if direction < 0:
                self.action_zoom_in()
            else:
                self.action_zoom_out()
        elif self.mode == "table":
            self._move_row(3 * direction)
        else:
            self.grid.turn_page(direction, wrap=False)
        self.moved()
