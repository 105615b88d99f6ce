"""What the keys and the mouse do on the scalars dashboard. Whatever does nothing says why."""

from __future__ import annotations

from tbtui.analysis.text import cut, safe
from tbtui.dashboards.scalars.drawing import Drawing
from tbtui.dashboards.scalars.mouse import Mouse
from tbtui.dashboards.scalars.ranging import Ranging
from tbtui.dashboards.scalars.taking import Taking
from tbtui.settings import SMOOTHING_STEPS, Y_SCALES


class Actions(Mouse, Drawing, Ranging, Taking):
    """Keys of the scope "dashboard" (`action_...`): how curves are drawn. The others are inherited."""

    # --- how curves are drawn

    def action_smoothing_up(self) -> None:
        self._smooth(next((step for step in SMOOTHING_STEPS if step > self.session.view.smoothing + 1e-9), None))

    def action_smoothing_down(self) -> None:
        steps = reversed(SMOOTHING_STEPS)
        self._smooth(next((step for step in steps if step < self.session.view.smoothing - 1e-9), None))

    def action_type_smoothing(self) -> None:
        self.ask_for_smoothing(f"{self.session.view.smoothing:.3g}")

    def set_smoothing(self, text: str) -> None:
        """Smooth with this weight, as it was typed."""
        try:
            weight = float(text)
        except ValueError:
            weight = -1.0
        if 0 <= weight < 1:
            self._smooth(weight)
        else:
            self.say(f"Smoothing: {cut(safe(text), 20)!r} is no number from 0 to 0.999")

    def _smooth(self, weight: float | None) -> None:
        if weight is None:
            self.say(f"Smoothing stays at {self.session.view.smoothing:.3g}")
            return
        self.session.view.smoothing = weight
        self.say(f"Smoothing {weight:.3g}" if weight else "Smoothing off")
        self.changed()

    def action_y_scale(self) -> None:
        view = self.session.view
        view.y_scale = Y_SCALES[(Y_SCALES.index(view.y_scale) + 1) % len(Y_SCALES)]
        self.say(f"y axis: {view.y_scale}")
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

    def action_pairs(self) -> None:
        view = self.session.view
        view.pairs = not view.pairs
        subject = self.subject()
        self.lay_out()
        if self.mode == "chart" and subject is not None and (subject.metric or len(subject.tags) == 1):
            place = self.grid.place_of(subject.tags[0])
            if place is not None:
                self._next_chart(place)
        if not view.pairs:
            self.say("Training and validation have a chart each")
        elif self.grid.pairs:
            self.say("Training and validation share a chart; validation is dashed")
        else:
            self.say("Training and validation share a chart, but no tags here pair")
        self.changed()

    def action_larger(self) -> None:
        self._resize(1)

    def action_smaller(self) -> None:
        self._resize(-1)

    def _resize(self, by: int) -> None:
        size = self.grid.other_size(by)
        if self.mode != "grid":
            self.say("Charts change their size on the page of charts")
        elif size is None:
            self.say("Charts get no larger" if by > 0 else "Charts get no smaller")
        else:
            self.session.view.chart_size = size
            self.changed()

    def action_pin(self) -> None:
        self._toggle_in(self.session.view.pinned, "pinned to the first page", "no longer pinned")

    def action_pin_left(self) -> None:
        self._move_pin(-1)

    def action_pin_right(self) -> None:
        self._move_pin(1)

    def _move_pin(self, by: int) -> None:
        """Change the places of a pin and its neighbour among those that are shown."""
        subject, pinned = self.subject(), self.session.view.pinned
        tag = subject.title if subject is not None else ""
        if tag not in pinned:
            self.say("No pinned chart has the focus (m pins it)")
            return
        known = set(self.model.tags())
        shown = [one for one in pinned if one in known and self.session.tag_matches(one)]
        place = shown.index(tag) + by if tag in shown else -1
        if not 0 <= place < len(shown):
            self.say("This is the first pin" if by < 0 else "This is the last pin")
            return
        here, there = pinned.index(tag), pinned.index(shown[place])
        pinned[here], pinned[there] = pinned[there], pinned[here]
        self.say(f"{cut(safe(tag), 30)} is pin {place + 1} of {len(shown)}")
        self.changed()

    def action_mark(self) -> None:
        marked = self.session.view.marked
        self._toggle_in(marked, "marked", "no longer marked")
        if len(marked) == 1:
            self.say(f"{cut(safe(marked[0]), 30)} is marked; mark another chart to see both in one")

    def _toggle_in(self, tags: list[str], on: str, off: str) -> None:
        subject = self.subject()
        if subject is not None and subject.custom is not None:
            self.say("Charts of a layout stay in their group")
            return
        if subject is None or (len(subject.tags) != 1 and not subject.metric):
            self.say("No single tag has the focus")
            return
        name = cut(safe(subject.title), 30)
        kept = [tag for tag in tags if tag not in subject.tags]
        if len(kept) < len(tags):
            tags[:] = kept
            self.say(f"{name} is {off}")
        else:
            tags.extend(subject.tags)
            self.say(f"{name} is {on}")
        self.changed()
