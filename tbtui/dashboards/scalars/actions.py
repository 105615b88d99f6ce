"""What the keys and the mouse do on the scalars dashboard. Whatever does nothing says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tbtui.analysis.text import cut, safe
from tbtui.dashboards.scalars.fullscreen import FullScreen
from tbtui.dashboards.scalars.grid import Grid, Place
from tbtui.dashboards.scalars.layout import Heading, Slot
from tbtui.dashboards.scalars.model import Entry, Model, Subject
from tbtui.dashboards.scalars.table import Table
from tbtui.settings import CHART_SIZES, SMOOTHING_STEPS, X_AXES, Y_SCALES

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.painter import Painter
    from tbtui.widgets.session import Session

FAR = 10
"""Points that the cursor moves with shift."""


class Actions:
    """Keys of the scopes "dashboard" (`action_...`), "list" and "chart" (`do_...`)."""

    mode: Literal["grid", "chart", "table"]
    session: Session
    model: Model
    grid: Grid
    full: FullScreen
    table: Table
    painter: Painter
    full_place: Place = ("", "")

    # --- what the dashboard lends

    def say(self, text: str) -> None:
        """One sentence for the user."""
        raise NotImplementedError

    def changed(self) -> None:
        """The view was changed."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Find out what stands where."""
        raise NotImplementedError

    def ask_for_step(self) -> None:
        """Let the user type a step."""
        raise NotImplementedError

    def moved(self) -> None:
        """Something other than the view was changed: the place, the cursor, the part of the axis."""
        raise NotImplementedError

    # --- what is focused

    def subject(self) -> Subject | None:
        """What the focused chart is about."""
        if self.mode == "chart":
            return self.full.subject
        if self.mode == "table":
            row = self.table.current()
            return Subject((row.tag,)) if row else None
        return self.grid.subject()

    def entries(self) -> list[Entry]:
        """The curves of the focused chart."""
        subject = self.subject()
        return self.model.entries(subject) if subject else []

    def _chart(self) -> tuple[Subject, list[Entry]] | None:
        """The focused chart and its curves; says so where there is none."""
        subject = self.subject()
        if subject is None or self.mode == "table":
            self.say("No chart has the focus")
            return None
        return subject, self.model.entries(subject)

    # --- moving about (scope "list")

    def do_down(self) -> None:
        self._move(0, 1)

    def do_up(self) -> None:
        self._move(0, -1)

    def do_left(self) -> None:
        self._move(-1, 0)

    def do_right(self) -> None:
        self._move(1, 0)

    def _move(self, dx: int, dy: int) -> None:
        if self.mode == "table":
            if dx:
                self.say(self.table.sort_next(dx))
            else:
                self._move_row(dy)
            self.moved()
            return
        section = self.grid.focused_section()
        if dx and section is not None and section.folded and self.grid.focused_slot() is None:
            if dx > 0:
                self._fold(section.key)
            else:
                self.say("This group is folded; l or enter unfolds it")
            return
        if not self.grid.move(dx, dy):
            self.say("No chart in this direction")
        self.moved()

    def _move_row(self, rows: int) -> None:
        self.table.move(rows)
        row = self.table.current()
        if row is not None and row.run.name != self.session.view.focused_run:
            self.session.view.focused_run = row.run.name
            self.changed()

    def do_first(self) -> None:
        self._to_end(last=False)

    def do_last(self) -> None:
        self._to_end(last=True)

    def _to_end(self, last: bool) -> None:
        if self.mode == "table":
            self._move_row(self.table.count if last else -self.table.count)
        else:
            self.grid.to_end(last)
        self.moved()

    def do_page_down(self) -> None:
        self.action_next_page()

    def do_page_up(self) -> None:
        self.action_previous_page()

    def do_open(self) -> None:
        """Enter: a chart over the whole pane and back, a folded group open."""
        if self.mode == "chart":
            self.close_chart()
        elif self.mode == "table":
            self._open_row()
        elif self.grid.focused_slot() is None:
            section = self.grid.focused_section()
            if section is None:
                self.say("There is no chart to open")
            else:
                self._fold(section.key)
        else:
            self.open_chart()

    def _open_row(self) -> None:
        row = self.table.current()
        if row is None:
            self.say("There is nothing to open")
            return
        self.session.view.table = False
        self.session.view.focused_run = row.run.name
        self.mode = "grid"
        self.lay_out()
        place = next((place for place in self.grid.order() if place[1] == row.tag), None)
        if place is not None:
            self.grid.go_to(place)
            self.open_chart()
        else:
            self._open((row.tag, row.tag), Subject((row.tag,)))
        self.changed()

    def open_chart(self) -> None:
        """The focused chart over the whole pane."""
        slot, subject = self.grid.focused_slot(), self.grid.subject()
        if slot is not None and subject is not None:
            self._open((slot.section.key, slot.tag), subject)

    def _open(self, place: Place, subject: Subject) -> None:
        self.mode = "chart"
        self.full_place, self.full.subject, self.full.place = place, subject, "\n".join(place)
        self.moved()

    def close_chart(self) -> None:
        """Back to the page that has the chart."""
        self.mode = "grid"
        self.lay_out()
        self.grid.go_to(self.full_place)
        self.moved()

    def _fold(self, key: str) -> None:
        self.session.view.folded ^= {key}
        self.lay_out()
        place = next((place for place in self.grid.order() if place[0] == key), (key, ""))
        self.grid.go_to(place)
        self.changed()

    def action_fold(self) -> None:
        """Fold the group of the focused chart, or unfold the focused group."""
        section = self.grid.focused_section()
        if self.mode != "grid" or section is None or not section.title:
            self.say("No group has the focus")
        else:
            self._fold(section.key)

    # --- pages

    def action_next_page(self) -> None:
        self._turn(1)

    def action_previous_page(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self.mode == "chart":
            order = self.grid.order()
            if self.full_place not in order or len(order) < 2:
                self.say("There is no other chart")
                return
            self._next_chart(order[(order.index(self.full_place) + by) % len(order)])
        elif self.mode == "table":
            self._move_row(by * max(1, self.table.size[1] - 2))
        elif not self.grid.turn_page(by):
            self.say("There is only one page")
        self.moved()

    def _next_chart(self, place: Place) -> None:
        self.grid.go_to(place)
        self.open_chart()

    # --- how curves are drawn

    def action_smoothing_up(self) -> None:
        self._smooth(next((step for step in SMOOTHING_STEPS if step > self.session.view.smoothing + 1e-9), None))

    def action_smoothing_down(self) -> None:
        steps = reversed(SMOOTHING_STEPS)
        self._smooth(next((step for step in steps if step < self.session.view.smoothing - 1e-9), None))

    def _smooth(self, weight: float | None) -> None:
        if weight is None:
            self.say(f"Smoothing stays at {self.session.view.smoothing:.3g}")
            return
        self.session.view.smoothing = weight
        self.say(f"Smoothing {weight:.3g}" if weight else "Smoothing off")
        self.changed()

    def action_x_axis(self) -> None:
        view = self.session.view
        view.x_axis = X_AXES[(X_AXES.index(view.x_axis) + 1) % len(X_AXES)]
        words = {"step": "steps", "relative": "time since the start of each run", "wall": "time of day"}
        self.say(f"x axis: {words[view.x_axis]}")
        self.changed()

    def action_y_scale(self) -> None:
        view = self.session.view
        view.y_scale = Y_SCALES[(Y_SCALES.index(view.y_scale) + 1) % len(Y_SCALES)]
        self.say(f"y axis: {view.y_scale}")
        self.changed()

    def action_outliers(self) -> None:
        view = self.session.view
        view.ignore_outliers = not view.ignore_outliers
        self.say("The y range leaves outliers out" if view.ignore_outliers else "The y range shows all values")
        self.changed()

    def action_superseded(self) -> None:
        view = self.session.view
        view.superseded = not view.superseded
        count = sum(
            series.total - series.count for run in self.session.visible_runs() for series in list(run.scalars.values())
        )
        if view.superseded and not count:
            self.say("Superseded points are shown, but the shown runs have none")
        else:
            self.say(f"{count} superseded points are {'shown, faint' if view.superseded else 'not shown'}")
        self.changed()

    def action_table(self) -> None:
        view = self.session.view
        view.table = not view.table
        subject = self.subject()
        self.mode = "table" if view.table else "grid"
        self.lay_out()
        if view.table and subject is not None:
            self.table.find_tag(subject.tags[0], self.session.focused_run())
        elif not view.table and subject is not None:
            place = next((place for place in self.grid.order() if place[1] == subject.title), None)
            if place is not None:
                self.grid.go_to(place)
        self.changed()

    def action_larger(self) -> None:
        self._resize(1)

    def action_smaller(self) -> None:
        self._resize(-1)

    def _resize(self, by: int) -> None:
        view = self.session.view
        size = view.chart_size + by
        if self.mode != "grid":
            self.say("Charts change their size on the page of charts")
        elif not 0 <= size < CHART_SIZES:
            self.say("Charts get no larger" if by > 0 else "Charts get no smaller")
        else:
            view.chart_size = size
            self.changed()

    def action_pin(self) -> None:
        self._toggle_in(self.session.view.pinned, "pinned to the first page", "no longer pinned")

    def action_mark(self) -> None:
        marked = self.session.view.marked
        self._toggle_in(marked, "marked", "no longer marked")
        if len(marked) == 1:
            self.say(f"{cut(safe(marked[0]), 30)} is marked; mark another chart to see both in one")

    def _toggle_in(self, tags: list[str], on: str, off: str) -> None:
        subject = self.subject()
        if subject is None or len(subject.tags) != 1:
            self.say("No single tag has the focus")
            return
        tag = subject.tags[0]
        name = cut(safe(tag), 30)
        if tag in tags:
            tags.remove(tag)
            self.say(f"{name} is {off}")
        else:
            tags.append(tag)
            self.say(f"{name} is {on}")
        self.changed()

    # --- zoom

    def action_zoom_in(self) -> None:
        found = self._chart()
        if found and not self.model.zoom_in(*found):
            self.say("It goes no closer")
        self.moved()

    def action_zoom_out(self) -> None:
        found = self._chart()
        if found and not self.model.zoom_out(*found):
            self.say("Everything is shown")
        self.moved()

    def action_pan_left(self) -> None:
        self._pan(-1)

    def action_pan_right(self) -> None:
        self._pan(1)

    def _pan(self, direction: int) -> None:
        found = self._chart()
        if found and not self.model.pan(*found, direction):
            self.say("There is nothing more on this side" if self.model.zoomed(found[0]) else "Everything is shown")
        self.moved()

    def action_fit(self) -> None:
        found = self._chart()
        if found and not self.model.fit(found[0]):
            self.say("Everything is shown")
        self.moved()

    # --- cursor and range

    def do_cursor_left(self) -> None:
        self._step(-1)

    def do_cursor_right(self) -> None:
        self._step(1)

    def do_cursor_far_left(self) -> None:
        self._step(-FAR)

    def do_cursor_far_right(self) -> None:
        self._step(FAR)

    def do_cursor_first(self) -> None:
        self._step_to_end(last=False)

    def do_cursor_last(self) -> None:
        self._step_to_end(last=True)

    def action_previous_step(self) -> None:
        self._step(-1)

    def action_next_step(self) -> None:
        self._step(1)

    def action_first_step(self) -> None:
        self._step_to_end(last=False)

    def action_last_step(self) -> None:
        self._step_to_end(last=True)

    def _step(self, points: int) -> None:
        found = self._chart()
        if found and not self.model.move_cursor(*found, points):
            self.say("This is the last point" if points > 0 else "This is the first point")
        self.moved()

    def _step_to_end(self, last: bool) -> None:
        found = self._chart()
        if found:
            self.model.cursor_to_end(*found, last)
        self.moved()

    def action_go_to_step(self) -> None:
        if self._chart():
            self.ask_for_step()

    def go_to_step(self, text: str) -> None:
        """The cursor to the point of the focused run whose step is nearest to what was typed."""
        found = self._chart()
        try:
            wanted = int(text)
        except ValueError:
            self.say("A step is a whole number")
            return
        step = self.model.cursor_to_step(*found, wanted) if found else None
        if step is None:
            self.say("There are no points")
        elif step != wanted:
            self.say(f"The nearest point is step {step}")
        self.moved()

    def action_range(self) -> None:
        found = self._chart()
        if not found:
            return
        if self.model.range is None:
            if self.model.cursor is None:
                self.model.move_cursor(*found, 0)
            if self.model.cursor is None:
                self.say("There are no points")
                return
            self.model.range = (self.model.cursor, None)
            self.say("The range begins here; move the cursor and press v again")
        elif self.model.range[1] is None and self.model.cursor != self.model.range[0]:
            self.model.range = (self.model.range[0], self.model.cursor)
            self.say("The range ends here; v clears it")
        else:
            self.model.range = None
            self.say("The range is cleared")
        self.moved()

    # --- runs, in full screen

    def do_run_down(self) -> None:
        self._next_run(1)

    def do_run_up(self) -> None:
        self._next_run(-1)

    def _next_run(self, by: int) -> None:
        entries = self.entries()
        names = list(dict.fromkeys(entry.run.name for entry in entries))
        focus = self.model.focus_of(entries)
        if focus is None or len(names) < 2:
            self.say("There is no other run in this chart")
            return
        self.session.view.focused_run = names[(names.index(focus.run.name) + by) % len(names)]
        self.changed()

    # --- mouse

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
