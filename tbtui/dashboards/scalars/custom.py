"""Charts that runs ask for themselves: the layouts of the custom scalars plugin, as groups of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from threading import RLock
from typing import TYPE_CHECKING

from tbtui.charts.shades import Shade
from tbtui.dashboards.layout import Section
from tbtui.dashboards.scalars.lines import Line
from tbtui.dashboards.scalars.margins import MarginLine, MarginSeries
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.events.problem import Problem
from tbtui.store.layouts import LAYOUT_PLUGIN, LayoutCache, LayoutChart, Layouts, matching_tags

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.model import Model
    from tbtui.store import Run

PREFIX = "custom: "
"""Stands before the titles of these groups, and before their keys in `View.folded`."""


class CustomCharts:
    """The charts of layouts: what they are about, their lines, and what is missing in them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._cache = LayoutCache()
        self._told: set[tuple[str, str]] = set()
        self._tags: dict[LayoutChart, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._lines: dict[tuple[str, str, str, str], MarginLine] = {}

    def layouts(self) -> Layouts:
        """The layouts of all runs put together; the same object while nothing changed."""
        session = self._model.session
        found = self._cache.of(session.runs() if LAYOUT_PLUGIN in session.store.plugins() else ())
        for run, reason in found.problems:
            if (run, reason) not in self._told:
                self._told.add((run, reason))
                session.store.note(Problem(run, None, reason))
        return found

    def sections(self, matches: Callable[[str], bool], folded: Collection[str]) -> list[Section]:
        """A group for each category, with those of its charts whose title or one of whose tags the filter lets in."""
        sections = []
        for category in self.layouts().categories:
            key = PREFIX + category.title
            charts = [chart for chart in category.charts if any(map(matches, (chart.title, *self.tags(chart))))]
            if charts:
                names = tuple(f"{number}\n{chart.title}" for number, chart in enumerate(charts))
                closed = (key in folded) != category.closed
                sections.append(Section(key, key, names, closed, charts=tuple(charts)))
        return sections

    def tags(self, chart: LayoutChart) -> tuple[str, ...]:
        """The tags of shown runs that are curves of a chart."""
        tags = self._model.tags()
        known = self._tags.get(chart)
        if known is None or known[0] is not tags:
            have = set(tags)
            found = dict.fromkeys([*matching_tags(chart, tags), *(m.value for m in chart.margins if m.value in have)])
            known = self._tags[chart] = tags, tuple(found)
        return known[1]

    def subject(self, chart: LayoutChart) -> Subject:
        """What a chart is about now."""
        return Subject(self.tags(chart), custom=chart)

    def line(self, chart: LayoutChart, run: Run, tag: str) -> Line | None:
        """The line of a run's tag, with its margin where the chart has one for it; None: the run has no such tag."""
        margin = next((one for one in chart.margins if one.value == tag), None)
        value = run.scalars.get(tag)
        if margin is None or value is None:
            return self._model.lines.get(run, tag)
        lower, upper = run.scalars.get(margin.lower), run.scalars.get(margin.upper)
        key = (run.name, *margin)
        line = self._lines.get(key)
        ends = tuple(end for end in (lower, upper) if end is not None)
        if line is None or line.series.value is not value or line.series.ends != ends:
            if len(self._lines) > 2000:
                self._lines.clear()
            line = self._lines[key] = MarginLine(MarginSeries(value, ends, RLock()), lower, upper)
        line.series.look()
        return line

    def follow(self, line: Line, run: Run, x_tag: str) -> None:
        """Let the ends of a margin count the same as their curve on the x axis."""
        for one in line.ends if isinstance(line, MarginLine) else ():
            one.follow(x_tag, run.scalars.get(x_tag) if x_tag else None)

    def shades(self, entries: Sequence[Entry]) -> list[Shade]:
        """The bands of the margins among these curves. Lines must be up to date."""
        mode, origin = self._model.session.view.x_mode, self._model.origin
        found = [e.line.shade(mode, origin(e), e.color) for e in entries if isinstance(e.line, MarginLine)]
        return [shade for shade in found if shade is not None]

    def missing(self, subject: Subject) -> str:
        """What a chart asks for that no shown run has; nothing where all is there. The names are foreign."""
        chart = subject.custom
        if chart is None:
            return ""
        tags = self._model.tags()
        known = set(tags)
        patterns = [one for one in chart.patterns if not matching_tags(LayoutChart("", (one,)), tags)]
        words = [f"nothing matches {', '.join(patterns)}"] if patterns else []
        wanted = dict.fromkeys(tag for margin in chart.margins for tag in margin)
        missing = [tag for tag in wanted if tag not in known]
        words += [f"no tag {', '.join(missing)}"] if missing else []
        if not chart.patterns and not chart.margins:
            words.append("the layout names no tags")
        return ", ".join(words)

    def look(self, subject: Subject) -> Hashable:
        """Changes when other things are missing in a chart."""
        return self.missing(subject) if subject.custom is not None else ""


def put_after_pins(sections: Iterable[Section], custom: Sequence[Section]) -> list[Section]:
    """All groups in order: overlay and pins, those of layouts, groups by tag prefix."""
    listed = list(sections)
    pins = sum(section.pinned for section in listed)
    return [*listed[:pins], *custom, *listed[pins:]]
