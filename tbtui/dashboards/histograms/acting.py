"""What the keys of the histograms dashboard do. Whatever does nothing says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tbtui.analysis.text import cut, safe
from tbtui.dashboards.histograms.course import Way
from tbtui.dashboards.histograms.panels import Panel, Panels
from tbtui.dashboards.steps import StepKeys, Steps
from tbtui.settings import CHART_SIZES, HISTOGRAM_MODES

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

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


class Acting(StepKeys):
    """Keys of the scope "histograms" (`action_...`) and of "list" and "chart" (`do_...`)."""

    mode: Literal["grid", "full"]
    session: Session
    panels: Panels
    compare: str
    other_run: str | None

    def changed(self) -> None:
        """The view was changed."""
        raise NotImplementedError

    def moved(self) -> None:
        """Something other than the view was changed."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Find out what stands where."""
        raise NotImplementedError

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        raise NotImplementedError

    def copied(self) -> list[tuple[float, float, float]]:
        """(left, right, count) of the histogram at the cursor."""
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
        view = self.session.view
        size = view.chart_size + by
        if self.mode != "grid":
            self.say("Pictures change their size on the page of pictures")
        elif not 0 <= size < CHART_SIZES:
            self.say("Pictures get no larger" if by > 0 else "Pictures get no smaller")
        else:
            view.chart_size = size
            self.changed()

    # --- two runs

    def others(self) -> list[Panel]:
        """The panels that the focused one may be compared with: of its tag, in other runs."""
        panel = self.panels.focused()
        return [one for one in self.panels.of_tag(panel.tag) if one.run is not panel.run] if panel is not None else []

    def other(self) -> Panel | None:
        """The one it is compared with: the run that was chosen, the marked one, or the next."""
        others = {one.run.name: one for one in self.others()}
        names = [name for name in (self.other_run, self.session.view.marked_run) if name in others]
        panel = self.panels.focused()
        if names and names[0] is not None:
            return others[names[0]]
        if panel is None or not others:
            return None
        after = [name for name in others if name > panel.run.name]
        return others[after[0] if after else next(iter(others))]

    def action_compare(self) -> None:
        if not self.others():
            self.say("No other shown run has this tag")
            return
        if self.mode == "grid":
            self.mode, self.compare = "full", "beside"
        else:
            ways = ("", "beside", "difference")
            self.compare = ways[(ways.index(self.compare) + 1) % len(ways)]
        other = self.other()
        name = cut(safe(self.session.label(other.run.name)), 30) if other is not None else ""
        self.say(
            {"beside": f"Beside {name}", "difference": f"Where there is more than in {name}, and less"}.get(
                self.compare, "One run"
            )
        )
        self.moved()

    def action_compare_with(self) -> None:
        others = self.others()
        now = self.other()
        if not self.compare or self.mode != "full":
            self.say("No two runs are compared (w does)")
        elif len(others) < 2 or now is None:
            self.say("No other run has this tag")
        else:
            names = [one.run.name for one in others]
            self.other_run = names[(names.index(now.run.name) + 1) % len(names)]
            self.say(f"Compared with {cut(safe(self.session.label(self.other_run)), 30)}")
            self.moved()

    # --- moving about

    def do_down(self) -> None:
        self._move(0, 1)

    def do_up(self) -> None:
        self._move(0, -1)

    def do_left(self) -> None:
        self._move(-1, 0)

    def do_right(self) -> None:
        self._move(1, 0)

    def _move(self, dx: int, dy: int) -> None:
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
        self.panels.go_to(next(iter(self.panels.order()), None))
        self.focus_moved()

    def do_last(self) -> None:
        self.panels.go_to(next(reversed(self.panels.order()), None))
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

    # --- taking along

    def action_copy(self) -> None:
        rows = self.copied()
        if not rows:
            self.say("There is nothing to copy")
            return
        self.copy_text("left,right,count\n" + "".join(f"{a!r},{b!r},{c!r}\n" for a, b, c in rows))
        self.say(f"Copied {len(rows)} buckets to the clipboard")
