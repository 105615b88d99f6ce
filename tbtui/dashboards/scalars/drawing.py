"""Keys that say what the x axis counts, on which scale, and how raw values are drawn."""

from __future__ import annotations

import re

from tbtui.analysis.order import natural_key
from tbtui.analysis.text import cut, safe
from tbtui.dashboards.scalars.acting import Acting
from tbtui.settings import RAW_CURVES, X_AXES, X_TAG
from tbtui.widgets.tag_picker import Choice

X_WORDS = {
    "step": "steps",
    "relative_step": "steps since the first of each curve",
    "relative": "time since the start of each run",
    "wall": "time of day",
    "index": "points, counted from 0",
}
"""What the x axis counts, by `View.x_mode`."""

RAW_WORDS = {
    "faint": "Raw values are a faint curve behind the smoothed one",
    "envelope": "Raw values are a band, from the smallest to the largest in each column",
    "none": "Raw values are not drawn behind smoothed curves",
}

NO_LOG = "The time of day has no zero that a logarithm could be taken from"

_COUNTING = re.compile(r"epoch|token|sample|example|episode|batch|iter|step|frame|image|flop|time", re.IGNORECASE)


class Drawing(Acting):
    """How curves are placed and drawn."""

    def action_x_axis(self) -> None:
        view = self.session.view
        if view.x_mode == X_AXES[-1] and self._choices():
            self._ask_for_tag()
            return
        at = X_AXES.index(view.x_mode) if view.x_mode != "tag" else -1
        self._count(X_AXES[(at + 1) % len(X_AXES)])

    def _count(self, axis: str) -> None:
        """Take what the x axis counts."""
        view = self.session.view
        self.last_x_tag = view.x_tag or self.last_x_tag
        view.x_axis = axis
        words = X_WORDS[view.x_mode] if view.x_mode != "tag" else f"{cut(safe(view.x_tag), 40)}, at the same step"
        if view.x_log:
            words += f"; linear: {NO_LOG[:1].lower()}{NO_LOG[1:]}" if view.x_mode == "wall" else "; logarithmic"
        self.say(f"x axis: {words}")
        self.changed()

    def _ask_for_tag(self) -> None:
        def chosen(tag: str | None) -> None:
            if tag is not None:
                self.last_x_tag = tag
            self._count(X_AXES[0] if tag is None else f"{X_TAG}{tag}")

        self.ask_for_tag("The x axis counts", self._choices(), chosen, self.last_x_tag)

    def _choices(self) -> list[Choice]:
        """The scalar tags of shown runs, those first that look as if they counted something."""
        runs = self.session.visible_runs()
        counts: dict[str, int] = {}
        for run in runs:
            for tag in list(run.scalars):
                counts[tag] = counts.get(tag, 0) + 1
        tags = sorted(counts, key=lambda tag: (not _COUNTING.search(tag.rpartition("/")[2]), natural_key(tag)))
        return [Choice(tag, "" if counts[tag] == len(runs) else f"{counts[tag]}/{len(runs)} runs") for tag in tags]

    def action_x_log(self) -> None:
        view = self.session.view
        if view.x_mode == "wall":
            self.say(f"{NO_LOG}; x chooses another axis")
            return
        view.x_log = not view.x_log
        self.say("x axis: logarithmic; what is not above 0 is marked at the left" if view.x_log else "x axis: linear")
        self.changed()

    def action_raw(self) -> None:
        view = self.session.view
        view.raw = RAW_CURVES[(RAW_CURVES.index(view.raw) + 1) % len(RAW_CURVES)]
        self.say(RAW_WORDS[view.raw] if view.smoothing else f"{RAW_WORDS[view.raw]}; smoothing is off (s)")
        self.changed()
