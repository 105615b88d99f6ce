"""Keys that say which values the y axis shows."""

from __future__ import annotations

from tbtui.analysis.ranges import parse_limits
from tbtui.analysis.text import cut, safe
from tbtui.dashboards.scalars.acting import Acting
from tbtui.dashboards.scalars.y_axes import MOST
from tbtui.settings import Y_RANGES

WORDS = {
    "robust": "The y range is that of 5 to 95 % of the values, as in TensorBoard",
    "auto": "The y range leaves only far outliers out",
    "full": "The y range shows all values",
    "zero": "The y range shows all values and zero",
}


class Ranging(Acting):
    """Modes of the range, typed limits, and one range for all charts of a group."""

    def action_y_range(self) -> None:
        view = self.session.view
        view.y_range = Y_RANGES[(Y_RANGES.index(view.y_range) + 1) % len(Y_RANGES)]
        self.say(WORDS[view.y_range])
        self.changed()

    def action_shared_range(self) -> None:
        view = self.session.view
        view.shared_range = not view.shared_range
        self.say(
            f"The charts of each group (of up to {MOST} tags) have one y range"
            if view.shared_range
            else "Each chart has a y range of its own"
        )
        self.changed()

    def action_event_marks(self) -> None:
        view = self.session.view
        view.event_marks = not view.event_marks
        what = "Restarts, checkpoints and epochs are"
        self.say(f"{what} marked on the x axis" if view.event_marks else f"{what} not marked")
        self.changed()

    def action_limits(self) -> None:
        found = self._chart()
        if found:
            self.ask_for_limits(limits_text(self.session.view.limits.get(found[0].title, (None, None))))

    def set_limits(self, text: str) -> None:
        """Give the focused chart these ends of its y axis; none: as its values ask."""
        subject, limits = self.subject(), self.session.view.limits
        if subject is None:
            return
        name = cut(safe(subject.title), 30)
        before = limits.get(subject.title, (None, None))
        try:
            wanted = parse_limits(text) if text.strip() else (None, None)
        except ValueError as error:
            self.say(f"Limits: {safe(str(error))}")
            return
        if wanted == before:
            return
        if wanted == (None, None):
            del limits[subject.title]
            self.say(f"{name} has the y range that its values ask for")
        else:
            limits[subject.title] = wanted
            self.say(f"{name} has the y range {limits_text(wanted)}")
        self.changed()


def limits_text(limits: tuple[float | None, float | None]) -> str:
    """Limits as they are typed; nothing for none."""
    words = ["" if end is None else repr(end) for end in limits]
    return "..".join(words) if any(words) else ""
