"""The numbers of a marked range, over the page of charts: of all runs of the focused chart."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from tbtui.analysis.numbers import format_duration, format_step, format_value
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.cells import BOLD, Cells, blank
from tbtui.dashboards.layout import Rect
from tbtui.dashboards.looks import Looks
from tbtui.dashboards.scalars.readout import Readout, format_wall
from tbtui.dashboards.scalars.work import Work

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.model import Model
    from tbtui.dashboards.scalars.subjects import Subject

LEAST = 3
"""A title, headings, and a run: with fewer rows there is nothing to be seen."""


class RangePanel:
    """A table over the charts while a range is marked; away from the focused chart where there is room."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.readout = Readout(model)
        self._subject: Subject | None = None
        self._signature: Hashable = None

    def look(self, subject: Subject | None) -> Iterator[Work | None]:
        """Find out what there is to say of the focused chart, whose lines are up to date. Yields after changes."""
        marked = self.model.marked()
        if marked is None or subject is None:
            changed, self._subject, self._signature = self._subject is not None, None, None
            if changed:
                yield None
            return
        entries = self.model.entries(subject)
        versions = tuple((entry.name, entry.line.version) for entry in entries)
        view = self.model.session.view
        signature = (subject, self.readout.signature, versions, view.x_axis, view.focused_run)
        if signature != self._signature:
            yield from self.readout.read(entries)
            self._subject, self._signature = subject, signature
            yield None

    def put(self, cells: Cells, focused: Rect | None, looks: Looks) -> None:
        """Write it over a page of charts."""
        if self._subject is None:
            return
        rows = min(len(self.readout.readings) + 2, cells.height * 2 // 5)
        if rows < LEAST:
            return
        top = cells.height - rows
        if focused is not None and focused.y + focused.height > top and focused.y >= rows:
            top = 0
        self.readout.looks = looks
        table = blank(rows, cells.width)
        words = cut(f" {safe(self._subject.title)} ", max(0, cells.width - 30), keep="tail")
        ends = f"{self._ends()} "
        table.put(0, 0, looks.signs.rule * cells.width, looks.faint)
        table.put(0, 2, words, looks.text, BOLD)
        table.put(0, 2 + cell_width(words), ends, looks.muted)
        inner = blank(rows - 1, cells.width)
        self.readout.put(inner, 0, rows - 1)
        table.paste(inner, 1, 0)
        cells.paste(table, top, 0)

    def _ends(self) -> str:
        """Where the range begins and ends."""
        marked = self.model.marked()
        return " to ".join(self._word(end) for end in marked) if marked is not None else ""

    def _word(self, x: float) -> str:
        mode = self.model.session.view.x_mode
        if mode == "relative":
            return format_duration(x)
        if mode == "wall":
            return format_wall(x)
        return format_value(x) if mode == "tag" else format_step(int(x))
