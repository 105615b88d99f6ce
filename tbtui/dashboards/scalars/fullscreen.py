"""One chart over the whole pane, and under it a table of all its runs at the cursor."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from tbtui.analysis.text import cell_width, safe
from tbtui.charts.canvas import Kept
from tbtui.charts.cells import Cells, blank
from tbtui.charts.chart import Chart, draw_ahead, draw_curves_only, write_over
from tbtui.dashboards.looks import Looks, put_beside_title
from tbtui.dashboards.scalars.best import find_best
from tbtui.dashboards.scalars.grid import mark_focus, prepare
from tbtui.dashboards.scalars.grouped import count_lines
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.readout import Readout
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.dashboards.scalars.work import Work
from tbtui.store.told import look_up, missing
from tbtui.widgets.descriptions import described, description_line

LEAST_CHART = 7
"""The chart keeps at least so many rows; the table takes what is over."""

MOST_ASKED = 3
"""Runs that are asked what they say of the tag."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn last: the curves, which cost most, and the whole chart."""

    curves_signature: Hashable
    signature: Hashable
    curves: Chart
    chart: Chart


class FullScreen:
    """One chart with its table. Drawn anew when data, look or size changed."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.looks = Looks()
        self.subject: Subject | None = None
        self.place = ""
        self.size = (0, 0)
        self.fresh = False
        self.readout = Readout(model)
        self._drawn: Drawn | None = None
        self._kept = Kept()

    def entries(self) -> list[Entry]:
        """The curves of the chart."""
        return self.model.entries(self.subject) if self.subject else []

    def lay_out(self, width: int, height: int) -> None:
        """Take a size."""
        self.size = (width, height)

    @property
    def chart(self) -> Chart | None:
        """The chart as it was drawn last."""
        return self._drawn.chart if self._drawn else None

    def table_rows(self, runs: int) -> int:
        """Rows for the table, its heading included, at most two fifths of the height; 0 where there is no room."""
        height = self.size[1]
        room = min(height - LEAST_CHART, height * 2 // 5)
        return 0 if room < 1 else 1 if room < 2 else min(runs + 1, room)

    def steps(self) -> Iterator[Work | None]:
        """Draw what is not up to date; see `Grid.steps`."""
        if self.subject is None:
            return
        entries = self.entries()
        curves_signature = (self.size, self.looks, self.place, self.model.curves_signature(self.subject, entries))
        marks = self.model.event_marks
        yield from marks.refresh()
        signature = (curves_signature, self.readout.signature, marks.look())
        drawn = self._drawn
        if drawn is not None and drawn.signature == signature:
            return
        needed = [*entries, *self.model.values.beside(self.subject)]
        yield from prepare(self.model, needed)
        width, height = self.size
        rows = self.table_rows(len(entries))
        spec = self.model.spec(self.subject, entries, legend=0 if rows else int(height > 3))
        self.looks.dress(spec)
        best = find_best(self.model, self.subject, entries)
        if best is not None and not spec.marked:
            spec.marked = (best.x,)
        if drawn is not None and drawn.curves_signature == curves_signature:
            curves = drawn.curves
        else:
            size, spec.kept = (width, max(0, height - rows)), self._kept
            yield from draw_ahead(spec, *size, self.looks.style)
            curves = draw_curves_only(spec, *size, self.looks.style)
        chart = write_over(curves, spec, self.looks.style)
        mark_focus(chart.cells, True, self.looks)
        words = [self.model.head_words(entries, self.looks.ascii)]
        words += [marks.at_cursor(chart, entries), best.words if best is not None else ""]
        asked = entries[:MOST_ASKED]
        unknown = [(entry.run, entry.tag) for entry in asked if missing(entry.run, entry.tag)]
        if unknown:
            yield lambda: look_up(unknown)
        said = next((line for entry in asked if (line := description_line(described(entry.run, entry.tag)))), "")
        for beside in (filter(None, (*words, said)), filter(None, words)):
            if put_beside_title(chart.cells, cell_width(safe(self.subject.title)), "   ".join(beside), self.looks):
                break
        self.readout.looks = self.looks
        yield from self.readout.read(entries)
        self._drawn = Drawn(curves_signature, signature, curves, chart)
        self.model.forget_unused(count_lines(needed))
        self.fresh = True
        yield None

    def compose(self) -> Cells:
        """The chart and its table, as drawn last."""
        width, height = self.size
        self.fresh = False
        cells = blank(height, width)
        if self._drawn is None or self.subject is None:
            return cells
        chart = self._drawn.chart
        cells.paste(chart.cells, 0, 0)
        self.readout.put(cells, chart.cells.height, height - chart.cells.height)
        return cells

    def in_heading(self, y: int) -> bool:
        """Whether a row is the heading of the table."""
        return self._drawn is not None and y == self._drawn.chart.cells.height < self.size[1] - 1

    def in_table(self, y: int) -> int | None:
        """The number of the line of the table at a row of cells, counted from its first in sight; None: none is."""
        top = self._drawn.chart.cells.height if self._drawn is not None else self.size[1]
        return y - top - 1 if y > top else None
