"""Keys that compare: two runs, training and validation, two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tbtui.analysis.numbers import format_step
from tbtui.analysis.text import cut, safe
from tbtui.dashboards.histograms.panels import Panel, Panels
from tbtui.dashboards.steps import StepKeys

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

__all__ = ["Comparing"]

WAYS = ("", "beside", "difference")


class Comparing(StepKeys):
    """What is compared with what.

    compare: one of `WAYS`; other_run: the run that the user chose to compare with; mark: the step that stays in sight.
    """

    mode: Literal["grid", "full"]
    session: Session
    panels: Panels
    compare: str
    other_run: str | None
    mark: int | None

    def changed(self) -> None:
        """The view was changed."""
        raise NotImplementedError

    def moved(self) -> None:
        """Something other than the view was changed."""
        raise NotImplementedError

    # --- two runs

    def others(self) -> list[Panel]:
        """The panels that the focused one may be compared with: its partner, and those of its tag in other runs."""
        panel = self.panels.focused()
        if panel is None:
            return []
        found = [one for one in self.panels.of_tag(panel.tag) if one.run is not panel.run]
        partner = self.panels.partner(panel)
        return found if partner is None or partner in found else [partner, *found]

    def other(self) -> Panel | None:
        """The one it is compared with: of the run that was chosen, of the marked one, its partner, or the next."""
        panel, others = self.panels.focused(), self.others()
        if panel is None or not others:
            return None
        for name in (self.other_run, self.session.view.marked_run):
            if (chosen := next((one for one in others if one.run.name == name), None)) is not None:
                return chosen
        if (partner := self.panels.partner(panel)) is not None:
            return partner
        return next((one for one in others if one.run.name > panel.run.name), others[0])

    def action_compare(self) -> None:
        if not self.others():
            self.say("No other shown run has this tag")
            return
        if self.mode == "grid":
            self.mode, self.compare = "full", "beside"
        else:
            self.compare = WAYS[(WAYS.index(self.compare) + 1) % len(WAYS)]
        name = self._name_of(self.other())
        self.say(
            {"beside": f"Beside {name}", "difference": f"Where there is more than in {name}, and less"}.get(
                self.compare, "One run"
            )
        )
        self.moved()

    def action_compare_with(self) -> None:
        others, now = self.others(), self.other()
        if not self.compare or self.mode != "full":
            self.say("No two runs are compared (w does)")
        elif len(others) < 2 or now is None:
            self.say("No other run has this tag")
        else:
            chosen = others[(others.index(now) + 1) % len(others)]
            self.other_run = chosen.run.name
            self.say(f"Compared with {self._name_of(chosen)}")
            self.moved()

    def _name_of(self, other: Panel | None) -> str:
        """What tells the other one apart: its run, and its tag where that is another one."""
        panel = self.panels.focused()
        if other is None or panel is None:
            return ""
        label = self.session.label(other.run.name)
        return cut(safe(label if other.tag == panel.tag else f"{label} {other.tag}"), 40)

    # --- two steps

    def action_mark_step(self) -> None:
        """The step at the cursor stays in sight, wherever the cursor goes."""
        step = self.cursor.at(self.focused_steps())
        if step is None:
            self.say("There are no steps")
            return
        self.mark = None if self.mark == step else step
        if self.mark is None:
            self.say("No step is marked")
        else:
            self.say(f"Step {format_step(step)} is marked: it stays beside the one at the cursor")
        self.moved()
