"""What the keys of the histograms dashboard do. Whatever does nothing says why."""

from __future__ import annotations

from tbtui.dashboards.drawn import Directions
from tbtui.dashboards.histograms.course import Way
from tbtui.dashboards.histograms.panels import Place
from tbtui.dashboards.histograms.taking import Taking
from tbtui.dashboards.steps import Steps
from tbtui.settings import HISTOGRAM_MODES

FAR = 10
"""Steps that the cursor moves with shift."""

WAYS: tuple[Way, ...] = ("step", "relative", "wall")
WAY_WORDS = {"step": "step", "relative": "time since the start", "wall": "wall time"}
MODE_WORDS = {
    "ridges": "Ridges: one behind the other, the newest in front",
    "overlay": "Steps over each other, as curves",
    "heat": "Heat map: steps from left to right",
    "bars": "One step as bars",
}


class Acting(Directions, Taking):
    """Keys of the scope "histograms" (`action_...`) and of "list" and "chart" (`do_...`)."""

    def lay_out(self) -> None:
        """Find out what stands where."""
        raise NotImplementedError

    @property
    def way(self) -> Way:
        """What the axis of time counts."""
        return next((way for way in WAYS if way == self.session.view.x_axis), "step")

    def focused_steps(self) -> Steps:
        import numpy as np

        panel = self.panels.focused()
        return panel.series.steps(self.session.options.purge) if panel is not None else np.empty(0, np.int64)

    def step_moved(self) -> None:
        self.moved()

    # --- how they are drawn

    def action_histogram_mode(self) -> None:
        view = self.session.view
        view.histogram_mode = HISTOGRAM_MODES[(HISTOGRAM_MODES.index(view.histogram_mode) + 1) % len(HISTOGRAM_MODES)]
        self.say(MODE_WORDS[view.histogram_mode])
        self.changed()

    def action_time_axis(self) -> None:
        view = self.session.view
        view.x_axis = WAYS[(WAYS.index(self.way) + 1) % len(WAYS)]
        self.say(f"Axis of time: {WAY_WORDS[self.way]}")
        self.changed()

    def action_counts(self) -> None:
        view = self.session.view
        view.histogram_log = not view.histogram_log
        self.say("Counts: logarithmic" if view.histogram_log else "Counts: linear")
        self.changed()

    def action_each_step(self) -> None:
        view = self.session.view
        view.histogram_each = not view.histogram_each
        self.say("Every step has its own scale" if view.histogram_each else "All steps have one scale")
        self.changed()

    def action_far_values(self) -> None:
        view = self.session.view
        view.histogram_central = not view.histogram_central
        self.say("The middle 99 % of the values of each step" if view.histogram_central else "All values")
        self.changed()

    def action_shared_range(self) -> None:
        view = self.session.view
        view.shared_range = not view.shared_range
        self.say("All runs of a tag have one range" if view.shared_range else "Every picture has its own range")
        self.changed()

    def action_larger(self) -> None:
        self._resize(1)

    def action_smaller(self) -> None:
        self._resize(-1)

    def _resize(self, by: int) -> None:
        size = self.panels.other_size(by)
        if self.mode != "grid":
            self.say("Pictures change their size on the page of pictures")
        elif size is None:
            self.say("Pictures get no larger" if by > 0 else "Pictures get no smaller")
        else:
            self.session.view.chart_size = size
            self.changed()

    # --- moving about

    def move(self, dx: int, dy: int) -> None:
        if not self.panels.move(dx, dy):
            self.say("No picture in this direction")
        self.focus_moved()

    def focus_moved(self) -> None:
        """The focused run is that of the picture."""
        panel = self.panels.focused()
        if panel is not None and self.session.view.focused_run != panel.run.name:
            self.session.view.focused_run = panel.run.name
            self.changed()
        self.moved()

    def do_first(self) -> None:
        self._go_to(next(iter(self.panels.order()), None))

    def do_last(self) -> None:
        self._go_to(next(reversed(self.panels.order()), None))

    def _go_to(self, place: Place | None) -> None:
        if place == self.panels.focus:
            self.say("No picture in this direction")
        self.panels.go_to(place)
        self.focus_moved()

    def do_page_down(self) -> None:
        self.action_next_page()

    def do_page_up(self) -> None:
        self.action_previous_page()

    def do_open(self) -> None:
        """Enter: one series over the whole pane, and back."""
        if self.panels.focused() is None:
            self.say("There is no picture to open")
            return
        self.mode = "grid" if self.mode == "full" else "full"
        self.compare = "" if self.mode == "grid" else self.compare
        self.moved()

    def action_next_page(self) -> None:
        self._turn(1)

    def action_previous_page(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self.mode == "full":
            beside = self.panels.beside(by)
            if beside is None:
                self.say("There is no other picture")
                return
            self.panels.go_to(beside)
        elif not self.panels.turn_page(by):
            self.say("There is only one page")
        self.focus_moved()

    # --- in full screen

    def do_cursor_left(self) -> None:
        self.move_steps(-1)

    def do_cursor_right(self) -> None:
        self.move_steps(1)

    def do_cursor_far_left(self) -> None:
        self.move_steps(-FAR)

    def do_cursor_far_right(self) -> None:
        self.move_steps(FAR)

    def do_cursor_first(self) -> None:
        self.action_first_step()

    def do_cursor_last(self) -> None:
        self.action_last_step()

    def do_run_down(self) -> None:
        self._next_run(1)

    def do_run_up(self) -> None:
        self._next_run(-1)

    def do_run_far_down(self) -> None:
        self._next_run(FAR)

    def do_run_far_up(self) -> None:
        self._next_run(-FAR)

    def _next_run(self, by: int) -> None:
        panel = self.panels.focused()
        same = self.panels.of_tag(panel.tag) if panel is not None else []
        if panel is None or len(same) < 2:
            self.say("No other shown run has this tag")
            return
        here = next(number for number, one in enumerate(same) if one.place == panel.place)
        self.panels.go_to(same[(here + by) % len(same)].place)
        self.focus_moved()
