"""Keys that look closer: zoom, cursor, range marks, and the runs of a chart in full screen."""

from __future__ import annotations

from tbtui.dashboards.scalars.grouped import focus_on
from tbtui.dashboards.scalars.tabling import Tabling

FAR = 10
"""Points that the cursor moves with shift."""

FIRST_POINT, LAST_POINT = "This is the first point", "This is the last point"


class Looking(Tabling):
    """Keys of the scope "chart" (`do_...`), and those of "dashboard" that are about a part of the x axis."""

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

    def action_y_zoom_in(self) -> None:
        self._zoom_y(closer=True)

    def action_y_zoom_out(self) -> None:
        self._zoom_y(closer=False)

    def _zoom_y(self, closer: bool) -> None:
        found = self._chart()
        if found and self.model.right_tags(found[0]):
            self.say("A chart with two y axes keeps them; b takes limits")
        elif found and not self.model.zoom_y(*found, closer):
            self.say("It goes no closer" if closer else "The y axis shows what its range asks for (O)")
        self.moved()

    def action_pan_left(self) -> None:
        self._pan(-1)

    def action_pan_right(self) -> None:
        self._pan(1)

    def _pan(self, direction: int) -> None:
        if self.mode == "table":
            self.move_sideways(direction * max(1, len(self.table.columns_in_sight()) - 1))
            self.moved()
            return
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
        if self.mode == "table":
            self.move_sideways(1 if points > 0 else -1)
            self.moved()
            return
        found = self._chart()
        if found and not self.model.move_cursor(*found, points):
            self.say(LAST_POINT if points > 0 else FIRST_POINT)
        self.moved()

    def _step_to_end(self, last: bool) -> None:
        if self.mode == "table":
            self.move_sideways(len(self.table.sheet.columns) * (1 if last else -1))
            self.moved()
            return
        found = self._chart()
        if found and not self.model.cursor_to_end(*found, last):
            self.say(LAST_POINT if last else FIRST_POINT)
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

    def action_step_mark(self) -> None:
        """Mark the step of the focused run at the cursor, or take its mark away."""
        found, marks = self._chart(), self.session.view.step_marks
        if not found:
            return
        if self.model.cursor is None:
            self.say("Put the cursor on a step first ([)")
            return
        step = self.model.step_at_cursor(found[1])
        if step is None:
            self.say("There are no points")
        elif step in marks:
            marks.remove(step)
            self.say(f"Step {step} is no longer marked")
        else:
            marks[:] = sorted([*marks, step])
            self.session.view.event_marks = True
            self.say(f"Step {step} is marked in every chart")
        self.changed()

    # --- runs, in full screen

    def do_run_down(self) -> None:
        self._next_run(1)

    def do_run_up(self) -> None:
        self._next_run(-1)

    def do_run_far_down(self) -> None:
        self._next_run(FAR)

    def do_run_far_up(self) -> None:
        self._next_run(-FAR)

    def _next_run(self, by: int) -> None:
        """To another run, in the order of the table under the chart."""
        name = self.full.readout.next_run(by)
        if name is None:
            self.say("There is no other run in this chart")
            return
        focus_on(self.session.view, self.entries(), name)
        self.changed()

    # --- the cursor in one chart or in all

    def action_linked(self) -> None:
        view = self.session.view
        view.linked = not view.linked
        self.say(
            "The cursor is in all charts of the page" if view.linked else "The cursor is in the focused chart only"
        )
        found = self._chart() if view.linked and self.mode == "grid" and self.model.cursor is None else None
        if found:
            self.model.move_cursor(*found, 0)
        self.changed()
