"""Keys that look closer: zoom, cursor, range marks, and the runs of a chart in full screen."""

from __future__ import annotations

from tbtui.dashboards.scalars.acting import Acting
from tbtui.settings import TABLE_ORDERS

TABLE_WORDS = {
    "list": "the list of runs",
    "nearest": "the distance to the focused run",
    "up": "values, the smallest first",
    "down": "values, the largest first",
}

FAR = 10
"""Points that the cursor moves with shift."""


class Looking(Acting):
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

    def do_table_order(self) -> None:
        view = self.session.view
        view.table_order = TABLE_ORDERS[(TABLE_ORDERS.index(view.table_order) + 1) % len(TABLE_ORDERS)]
        self.say(f"The table is in the order of {TABLE_WORDS[view.table_order]}")
        self.changed()

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
