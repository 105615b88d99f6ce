"""What the charts of distributions show: curves of the medians as in the scalars dashboard, and fans behind them."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from typing import TYPE_CHECKING

from tbtui.analysis.axes import Axis
from tbtui.analysis.order import natural_key
from tbtui.analysis.pairs import partners
from tbtui.analysis.ranges import range_axis
from tbtui.analysis.text import safe
from tbtui.charts.chart import ChartSpec
from tbtui.charts.fans import lit
from tbtui.charts.palette import Shading
from tbtui.dashboards.distributions.series import HISTOGRAMS, DistributionLine, DistributionLines
from tbtui.dashboards.scalars.custom import CustomCharts
from tbtui.dashboards.scalars.grouped import Groups
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.dashboards.scalars.tags import TagList
from tbtui.dashboards.scalars.y_axes import ValueAxes
from tbtui.store.layouts import Layouts

if TYPE_CHECKING:
    from tbtui.dashboards.digests import Digests
    from tbtui.store import BlobSeries, Run
    from tbtui.widgets.session import Session

__all__ = ["DistributionModel", "histogram_tags"]

FEW = 2
"""Of so many runs the fans are drawn over each other; of more only the focused run's and its partner's (training and
validation), and the others' medians."""

NO_LAYOUTS = Layouts(())


def histogram_tags(run: Run) -> list[str]:
    """The tags of histograms that a run has."""
    return [tag for plugin, tag in list(run.blobs) if plugin == HISTOGRAMS]


class HistogramTags(TagList):
    """The tags of histograms of some runs, in natural order."""

    def update(self, runs: Sequence[Run], structure: int = -1) -> tuple[str, ...]:
        """Tags of histograms that at least one of `runs` has; structure as for other tags."""
        if self._unmoved(runs, structure):
            return self._tags
        known = tuple((run.name, len(run.blobs)) for run in runs)
        if known != self._known:
            self._known = known
            self._tags = tuple(sorted({tag for run in runs for tag in histogram_tags(run)}, key=natural_key))
        return self._tags


class NoGroups(Groups):
    """Distributions of several runs have no mean."""

    def join(self, entries: list[Entry]) -> list[Entry]:
        """The same curves."""
        return entries


class NoCustomCharts(CustomCharts):
    """Layouts are about scalars."""

    def layouts(self) -> Layouts:
        """None."""
        return NO_LAYOUTS


class FanAxes(ValueAxes):
    """The y axes of fans: not their values decide, but where their outer percentiles go."""

    def __init__(self, model: DistributionModel) -> None:
        super().__init__(model)
        self._model: DistributionModel = model

    def look(self, subject: Subject) -> Hashable:
        """As with curves, but of many runs it matters whose fan is drawn."""
        view = self._model.session.view
        return (super().look(subject), view.focused_run)

    def _of(self, subject: Subject | None, entries: Sequence[Entry], x: Axis, whole: bool) -> Axis:
        view = self._model.session.view
        typed = view.limits.get(subject.title) if subject is not None else None
        outer = typed is not None or view.y_range in ("full", "zero") or view.y_scale == "log"
        values = []
        for entry in entries:
            part = slice(0, len(entry.line))
            if not whole:
                origin = self._model.origin(entry)
                part = entry.line.between(x.low + origin, x.high + origin, view.x_mode)
            fan = self._model.has_fan(entry, entries)
            values.append(entry.line.range_values(part, everything=outer) if fan else entry.line.shown()[part])
        if typed is not None:
            return range_axis(values, "typed", view.y_scale, typed)
        return range_axis(values, "zero" if view.y_range == "zero" else "full", view.y_scale)


class DistributionModel(Model):
    """Everything about the charts that lives longer than a frame.

    apart: every run has a chart of its own.
    """

    def __init__(self, session: Session, digests: Digests) -> None:
        super().__init__(session)
        self.digests = digests
        self.apart = False
        self.shading = Shading()
        self.lines = DistributionLines(digests, self.name_of)
        self.tag_list = HistogramTags()
        self.groups = NoGroups(self)
        self.custom = NoCustomCharts(self)
        self.values = FanAxes(self)
        self._names: dict[str, tuple[str, str | None]] = {}
        self._named_for: object = None
        self._apart_tags: tuple[str, ...] = ()
        self._newest: tuple[Hashable, float | None] = (None, None)

    @property
    def weight(self) -> float:
        """Percentiles are not smoothed."""
        return 0.0

    @property
    def pairs(self) -> bool:
        """Tags of histograms do not pair."""
        return False

    def name_of(self, name: str) -> tuple[str, str | None]:
        """The tag that the name of a chart stands for, and the run, if it is about one only."""
        return self._names.get(name, (name, None))

    def tags(self) -> tuple[str, ...]:
        """Every tag of histograms that a shown run has; where runs are apart, each run's by itself."""
        runs = self.session.visible_runs()
        tags = super().tags()
        if not self.apart or len(runs) < 2:
            self._names, self._named_for = {}, None
            return tags
        labels = tuple((run.name, self.session.label(run.name)) for run in runs)
        if self._named_for != (tags, labels):
            self._named_for = (tags, labels)
            self._names = {}
            for tag in tags:
                for run, (_, label) in zip(runs, labels, strict=True):
                    if (HISTOGRAMS, tag) in run.blobs:
                        self._names[f"{tag}  {label}"] = (tag, run.name)
            self._apart_tags = tuple(self._names)
        return self._apart_tags

    def why_empty(self) -> str:
        """A sentence for a page without charts."""
        session = self.session
        if session.visible_runs() and not self.tags():
            return "The shown runs have no histograms"
        return super().why_empty()

    def follow(self, entries: Sequence[Entry]) -> None:
        """A cursor that stood on the newest step goes along with it; elsewhere it stays."""
        focus = self.focus_of(entries)
        if focus is None:
            return
        self.update([focus])
        mode, line = self.session.view.x_mode, focus.line
        newest = float(line.x(mode)[-1]) - self.origin(focus) if len(line) else None
        place = (focus.run.name, focus.tag, mode)
        before_place, before = self._newest
        if place == before_place and self.cursor is not None and self.cursor == before:
            self.cursor = newest
        self._newest = (place, newest)

    def sources(self, entries: Sequence[Entry]) -> list[BlobSeries]:
        """The series that curves are made from."""
        return [entry.line.series.source for entry in entries if isinstance(entry.line, DistributionLine)]

    def has_fan(self, entry: Entry, entries: Sequence[Entry]) -> bool:
        """Whether all percentiles of a curve are drawn, and not its median alone: of the focused one, and of the same
        training measured on the other part of the data."""
        focus = self.focus_of(entries)
        if len(entries) <= FEW or entry is focus or focus is None:
            return len(entries) <= FEW or entry is focus
        beside = partners(tuple((one.run.name, one.tag) for one in entries))
        return beside.get((focus.run.name, focus.tag)) == (entry.run.name, entry.tag)

    def make_spec(
        self, subject: Subject, entries: Sequence[Entry], *, raw: bool | None = None, legend: int = 0, here: bool = True
    ) -> Generator[None, None, ChartSpec]:
        """What to draw: fans, and the medians before them."""
        spec = yield from super().make_spec(subject, entries, raw=raw, legend=legend, here=here)
        right, mode = self.right_tags(subject), self.session.view.x_mode
        drawn = [entry for entry in entries if self.has_fan(entry, entries)]
        fans = []
        for entry in drawn:
            assert isinstance(entry.line, DistributionLine)
            fan = entry.line.fan(mode, self.origin(entry), entry.color)
            fan.right = entry.tag in right
            fans.append(fan)
        spec.fans = fans
        for curve, entry in zip(spec.curves[-len(entries) :], entries, strict=False):
            curve.color = lit(entry.color, self.shading) if entry in drawn else entry.color
        return spec

    def note(self, entries: Sequence[Entry]) -> str:
        """What is not there: steps that are still to be read, steps that can't be read."""
        digests = [e.line.series.digest for e in entries if isinstance(e.line, DistributionLine)]
        bad = sum(one.unreadable for one in digests)
        total, known = sum(one.total for one in digests), sum(len(one.steps) for one in digests)
        if bad:
            reason = next(one.reason for one in digests if one.unreadable)
            return f"{bad} of {total} steps can't be read: {safe(reason)}"
        return super().note(entries) or (f"{known} of {total} steps" if known < total else "")
