"""The distributions dashboard: how the values of weights and gradients spread over the steps.

Every chart is a curve of medians with TensorBoard's nine percentiles as bands around it, and has all that charts of
scalars have: zoom, cursor, pages, full screen, pins.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tbtui.analysis.percentiles import PERCENTILE_NAMES
from tbtui.commands.export import write_csv
from tbtui.dashboards.digests import Digests
from tbtui.dashboards.distributions.model import DistributionModel
from tbtui.dashboards.distributions.readout import FanGrid, FanReadout, FanScreen
from tbtui.dashboards.distributions.series import DistributionLine
from tbtui.dashboards.scalars import ScalarsDashboard
from tbtui.dashboards.scalars.taking import export_rows
from tbtui.store import Points

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.fullscreen import FullScreen
    from tbtui.dashboards.scalars.grid import Grid
    from tbtui.dashboards.scalars.subjects import Entry
    from tbtui.dashboards.scalars.table import Table
    from tbtui.widgets.session import Session

__all__ = ["DistributionsDashboard"]

NO_TABLE = "Distributions have no table; enter opens a chart with the nine percentiles of every run"


class DistributionsDashboard(ScalarsDashboard):
    """Percentiles of histograms over the steps."""

    def __init__(self, session: Session) -> None:
        self.digests = Digests(self._start, self._arrived, session.options.purge)
        super().__init__(session)
        assert isinstance(self.model, DistributionModel)
        self.distributions: DistributionModel = self.model
        self.grid: Grid = FanGrid(self.model)
        self.full: FullScreen = FanScreen(self.model)
        self.full.readout = FanReadout(self.model)
        self.grid.range_panel.readout = FanReadout(self.model)

    def make_model(self) -> DistributionModel:
        """What the charts are about."""
        return DistributionModel(self.session, self.digests)

    def _start(self, work: object) -> None:
        self.run_worker(work)  # type: ignore[arg-type]

    def _arrived(self) -> None:
        self.painter.paint()

    def view_changed(self) -> None:
        """As with scalars, but there is no table."""
        view = self.session.view
        table, view.table = view.table, False
        try:
            super().view_changed()
        finally:
            view.table = table

    def sight(self) -> Grid | FullScreen | Table | None:
        self.distributions.shading = self.looks().shading
        self.distributions.follow(self.entries())
        sight = super().sight()
        if sight is not None:
            self._want()
        return sight

    def _want(self) -> None:
        """Ask for the histograms of what is on the screen, those of the focused chart first."""
        model = self.distributions
        if self.mode == "chart":
            model.digests.want(model.sources(self.entries()))
            return
        focus = self.grid.focus
        slots = sorted(self.grid.current.slots, key=lambda slot: (slot.section.key, slot.tag) != focus)
        wanted = dict.fromkeys(
            source
            for slot in slots
            if (subject := self.grid.subject(slot)) is not None
            for source in model.sources(model.entries(subject))
        )
        model.digests.want(list(wanted))

    async def settled(self) -> None:
        """Wait until everything that was asked for is read and drawn."""
        await self.painter.settled()
        await self.digests.settled()
        await self.painter.settled()

    def open_tag(self, tag: str) -> None:
        """The chart of the tag over the whole pane."""
        self.lay_out()
        run = self.session.focused_run()
        names = [tag, f"{tag}  {self.session.label(run.name)}" if run is not None else tag]
        place = next((place for name in names if (place := self.grid.place_of(name)) is not None), None)
        if place is None:
            self.say("The tag is not among those that are shown")
            return
        self.mode = "grid"
        self.grid.go_to(place)
        self.open_chart()

    # --- keys that mean something else here, or nothing

    def action_pairs(self) -> None:
        """Runs in one chart, or each in its own."""
        model = self.distributions
        model.apart = not model.apart
        if self.mode == "chart":
            self.close_chart()
        several = len(self.session.visible_runs()) > 1
        words = "Every run has a chart of its own" if model.apart else "Runs share a chart"
        self.say(words if several else f"{words}, but only one is shown")
        self.changed()

    def action_table(self) -> None:
        """There is none."""
        self.say(NO_TABLE)

    def action_turn_table(self) -> None:
        """There is none."""
        self.say(NO_TABLE)

    def action_smoothing_up(self) -> None:
        """Percentiles are shown as they are."""
        self.say("Distributions are not smoothed")

    def action_smoothing_down(self) -> None:
        """The same."""
        self.action_smoothing_up()

    def action_raw(self) -> None:
        """There is nothing smoothed to see them behind."""
        self.action_smoothing_up()

    def action_goal(self) -> None:
        """Weights should neither rise nor fall."""
        self.say("Distributions have no goal")

    def action_superseded(self) -> None:
        """Only what counts is read."""
        self.say("Superseded histograms are not shown (--no-purge counts all of them)")

    def action_copy(self) -> None:
        """The nine numbers at the cursor (without one: the newest), nine rows for each run."""
        readings = self.model.read(self.entries())
        rows = [row for reading in readings for row in self._rows(reading.entry, reading.index)]
        if not rows:
            self.say("There is nothing to copy")
            return
        file = io.BytesIO()
        write_csv(rows, file)
        self.copy_text(file.getvalue().decode())
        self.say(f"Copied {len(rows)} rows to the clipboard")

    def action_export(self) -> None:
        """The nine percentiles of every step of the focused chart, into a new file in the current directory."""
        subject = self.subject()
        rows = [row for entry in self.entries() for row in self._rows(entry)]
        if subject is None or not any(len(points.steps) for _, _, points in rows):
            self.say("There is nothing to export")
            return
        self.in_background(lambda: export_rows(rows, Path.cwd(), subject.title))

    def _rows(self, entry: Entry, index: int | None = None) -> Sequence[tuple[str, str, Points]]:
        """Run, tag with the name of the percentile, and its points; of one step or of all."""
        line = entry.line
        if not isinstance(line, DistributionLine):
            return []
        here = slice(None) if index is None else slice(index, index + 1)
        steps, walls, nine = line.points.steps[here], line.points.walls[here], line.nine[here]
        tag = line.series.source.tag
        return [
            (entry.run.name, f"{tag} ({name})", Points(steps, walls, nine[:, number].copy()))
            for number, name in enumerate(PERCENTILE_NAMES)
        ]
