"""The drawing of what is around a row: boxes joined by lines, and a cursor that goes from box to box."""

from __future__ import annotations

from collections.abc import Callable

from tbtui.charts.cells import blank
from tbtui.graphs import Entry
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings


class DrawingPane(ChartPanel):
    """Boxes in columns: what feeds the row at the left, what takes from it at the right."""

    BINDINGS = bindings("list")

    def __init__(
        self, follow: Callable[[Entry], None], chosen: Callable[[Entry | None], None], ascii_only: bool = False
    ) -> None:
        super().__init__(id="graph-drawing")

    def show(self, around, levels):
        super().show(blank(self.size.height, self.size.width))

    def repaint(self) -> None:
        pass
