"""The mouse: never needed, and welcome."""

from __future__ import annotations

from tbtui.charts.chart import Chart
from tbtui.dashboards.layout import Heading, Slot
from tbtui.dashboards.scalars.grouped import focus_on
from tbtui.dashboards.scalars.looking import Looking
from tbtui.dashboards.scalars.moving import Moving
from tbtui.dashboards.scalars.subjects import Subject


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
            again = self.grid.focus == (found.section.key, found.tag)
            self.grid.focus = (found.section.key, found.tag)
            chart, subject = self.grid.chart_at(found), self.grid.subject()
            if twice:
                self.open_chart()
            elif chart is not None and subject is not None and (again or self.session.view.linked):
                self._click_plot(chart, subject, x - found.rect.x, y - found.rect.y)

    def _click_chart(self, x: int, y: int) -> None:
        chart, subject = self.full.chart, self.full.subject
        if chart is None or subject is None:
            return
        if self.full.in_heading(y):
            self.say(self.full.readout.sort_at(x))
            self.changed()
            return
        line = self.full.in_table(y)
        name = self.full.readout.run_at(line) if line is not None else None
        if name is not None:
            focus_on(self.session.view, self.entries(), name)
            self.changed()
            return
        self._click_plot(chart, subject, x, y)

    def _click_plot(self, chart: Chart, subject: Subject, x: int, y: int) -> None:
        """Put the cursor on the point of the focused run that is nearest; x, y: cells of the chart."""
        plot = chart.plot
        if plot.row <= y < plot.row + plot.height and plot.col <= x < plot.col + plot.width:
            entries = self.model.entries(subject)
            focus = self.model.focus_of(entries)
            at = chart.x_at(x)
            if focus is not None:
                origin, mode = self.model.origin(focus), self.session.view.x_mode
                index = focus.line.nearest(at + origin, mode)
                if index is not None:
                    at = float(focus.line.x(mode)[index]) - origin
            self.model.set_cursor(subject, entries, at)

    def _click_table(self, x: int, y: int, twice: bool) -> None:
        if y == 0:
            column = self.table.column_at(x)
            self.say(self.table.sort(None) if column is None else self.table.sort_here(column))
            return
        self._move_row(self.table.top + y - 1 - self.table.cursor)
        column = self.table.column_at(x)
        if column is not None:
            self.table.move_column(column - self.table.column)
        if twice:
            self._open_row()

    def dragged(self, columns: int, rows: int) -> None:
        """The pointer was dragged over a chart in full screen: what it shows goes along."""
        chart, subject = self.full.chart, self.full.subject
        if self.mode != "chart" or chart is None or subject is None or not chart.plot.width or not chart.plot.height:
            return
        entries = self.model.entries(subject)
        self.model.pan_by(subject, entries, -columns / chart.plot.width)
        if rows:
            self.model.pan_y(subject, self.model.window(subject, entries).y, rows / chart.plot.height)
        self.moved()

    def wheel(self, direction: int, x: int, y: int) -> None:
        """The wheel: pages in the grid, rows in the table, zoom at the pointer in full screen."""
        if self.mode == "chart":
            if self.full.in_table(y) is not None or self.full.in_heading(y):
                self._next_run(3 * direction)
                return
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
