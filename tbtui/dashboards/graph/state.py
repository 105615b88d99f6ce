"""What the parts of the graph dashboard share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Literal

from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.graph.details import DetailsList
from tbtui.dashboards.graph.drawing import DrawingPane
from tbtui.dashboards.graph.finding import History, Search
from tbtui.dashboards.graph.opening import Opener
from tbtui.dashboards.graph.overview import SummaryList
from tbtui.dashboards.graph.tree import TreeList
from tbtui.graphs import Details, Entry, Graph

Mode = Literal["tree", "drawing", "summary"]
ColoredBy = Literal["type", "device", "nothing"]


class State(Dashboard):
    """The dashboard as its keys see it; `GraphDashboard` fills it in.

    over: details lie over the tree, where there is no room beside it; listed: the title of the list of nodes that is
    there instead of the tree, "" for the tree; levels: how far the drawing goes.
    """

    mode: Mode
    over: bool
    with_details: bool
    colored_by: ColoredBy
    levels: int
    listed: str
    opener: Opener
    search: Search
    history: History
    pane: TreeList
    details: DetailsList
    drawing: DrawingPane
    overview: SummaryList
    target: Entry | None
    """The row that the cursor is on its way to."""
    known: dict[str, Details]
    """Details that were asked for, by key."""

    @property
    def graph(self) -> Graph | None:
        """The graph that is shown."""
        return self.opener.opened.graph if self.opener.opened is not None else None

    def lay_out(self) -> None:
        """Show the parts that the mode and the size ask for."""
        raise NotImplementedError

    def show_mode(self, mode: Mode) -> None:
        """Change between tree, drawing and summary."""
        raise NotImplementedError

    def say_head(self) -> None:
        """Bring the line over the tree up to date."""
        raise NotImplementedError

    def start(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Run this beside the rest; what of its group still runs is given up."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is around the row at the cursor."""
        raise NotImplementedError

    def leave_list(self, stay: bool = False) -> None:
        """The tree again, at the row that is at the cursor; stay: the cursor is put elsewhere anyway."""
        raise NotImplementedError
