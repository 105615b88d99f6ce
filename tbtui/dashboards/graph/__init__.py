"""The graph dashboard: a tree of scopes and nodes, details of the row at the cursor, a drawing of what is around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.worker import Worker

from tbtui.analysis.colors import RGB
from tbtui.analysis.text import safe
from tbtui.dashboards.graph.acting import Acting
from tbtui.dashboards.graph.details import DetailsList
from tbtui.dashboards.graph.drawing import DrawingPane
from tbtui.dashboards.graph.finding import History, Search
from tbtui.dashboards.graph.going import PATIENCE
from tbtui.dashboards.graph.head import Facts, GraphHead
from tbtui.dashboards.graph.opening import Opened, Opener
from tbtui.dashboards.graph.overview import SummaryList
from tbtui.dashboards.graph.rows import Order, Rows
from tbtui.dashboards.graph.state import Mode
from tbtui.dashboards.graph.tree import Tree, TreeList
from tbtui.graphs import Entry, Graph, GraphSource
from tbtui.widgets.session import Session

BESIDE = 76
"""From so many columns the details are beside the tree."""
BELOW = 22
"""From so many rows they are below it."""

SHAPES_KEPT = 4096
MOST_IN_SCOPE = 5000
"""Of scopes with more nodes is not said what they give: it would take long to find."""


class GraphDashboard(Acting):
    """The computation graph of one run."""

    SCOPES = ("graph",)
    FILTER = "nodes"
    DEFAULT_CSS: ClassVar[str] = """
    GraphDashboard { layout: vertical; }
    GraphDashboard > #graph-body { width: 1fr; height: 1fr; layout: horizontal; }
    GraphDashboard > #graph-body.-stacked { layout: vertical; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        ascii_only = session.options.ascii
        self.mode = "tree"
        self.over = False
        self.with_details = True
        self.colored_by = "type"
        self.levels = 1
        self.opener = Opener(session, self)
        self.search = Search()
        self.history = History()
        self.listed = ""
        self.head = GraphHead()
        self.pane = TreeList(self.row_changed, self.open_node, self.to_details, self.unfold_row, ascii_only)
        self.details = DetailsList(self.go_to, self.leave_details, ascii_only)
        self.drawing = DrawingPane(self.go_to, ascii_only)
        self.overview = SummaryList(self.list_op, ascii_only)
        self._open_rows: dict[tuple[str, str, str, str], tuple[set[str], str]] = {}
        self._place: tuple[str, str, str, str] | None = None
        self._order: Order | None = None
        self._shapes: dict[str, str] = {}
        self._wanted: dict[str, Entry] = {}
        self.known = {}
        self.target = None

    def compose(self) -> ComposeResult:
        yield self.head
        with Container(id="graph-body"):
            yield self.pane
            yield self.details
            yield self.drawing
            yield self.overview

    # -- what the app asks for ---------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.lay_out()
        self.opener.look()

    def update_data(self) -> None:
        self.opener.look()
        self.say_head()

    def view_changed(self) -> None:
        if self.is_mounted:
            self.opener.look()
            self.say_head()
            for part in self.panes():
                part.repaint()

    def focus_first(self) -> None:
        self.main_pane().focus()

    def next_pane(self) -> bool:
        if self.main_pane().has_focus and self.details.display:
            self.details.focus()
            return True
        return False

    def step_out(self) -> bool:
        if self.mode != "tree":
            self.show_mode("tree")
        elif self.over or self.details.has_focus:
            self.leave_details()
        elif self.listed:
            self.leave_list()
        elif self.search.text:
            self.type_text("")
        else:
            return False
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("list", *self.SCOPES)

    # -- layout ------------------------------------------------------------------------------------------------

    def panes(self) -> tuple[GraphHead, TreeList, DetailsList, DrawingPane, SummaryList]:
        """Everything that is painted."""
        return (self.head, self.pane, self.details, self.drawing, self.overview)

    def main_pane(self) -> Widget:
        """What takes the focus."""
        if self.mode == "tree":
            return self.details if self.over else self.pane
        return self.drawing if self.mode == "drawing" else self.overview

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Show the parts that the mode and the size ask for."""
        width, height = self.size
        tree = self.mode == "tree"
        beside = width >= BESIDE
        below = not beside and height >= BELOW
        room = self.with_details and (beside or below)
        if room:
            self.over = False
        self.query_one("#graph-body").set_class(not beside, "-stacked")
        details = self.details
        details.set_class(room and below, "-below")
        details.set_class(not room, "-over")
        details.styles.width = min(96, max(34, width * 2 // 5)) if room and beside else "1fr"
        details.styles.height = max(8, height * 2 // 5) if room and below else "1fr"
        for part, wanted in (
            (self.pane, tree and not self.over),
            (details, tree and (room or self.over)),
            (self.drawing, self.mode == "drawing"),
            (self.overview, self.mode == "summary"),
        ):
            if part.display != wanted:
                part.display = wanted
        self.show_details()

    def show_mode(self, mode: Mode) -> None:
        """Change between tree, drawing and summary."""
        self.mode, self.over = mode, False
        self.lay_out()
        self.focus_first()
        self.changed()

    # -- what the opener asks for ------------------------------------------------------------------------------

    def start(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        _: Worker[None] = self.run_worker(work, group=group, exclusive=True)

    def show_message(self, text: str) -> None:
        self._keep_open_rows()
        self.pane.shown, self.pane.message = None, text
        self.details.show(None)
        self._shapes.clear()
        self._wanted.clear()
        self.known.clear()
        if self.mode != "tree":
            self.mode = "tree"
            self.lay_out()
        self.pane.repaint()
        self.say_head()

    def show_graph(self, opened: Opened) -> None:
        graph = opened.graph
        self._place = self._place_of(opened.source, graph)
        _, key = self._open_rows.get(self._place, (None, ""))
        self.listed, self.history, self.search = "", History(), Search(self.search.text)
        self._shapes.clear()
        self._wanted.clear()
        self.known.clear()
        self.pane.message, self.pane.found = "", ()
        self.pane.shown = Tree(opened.rows, opened.totals, self.shape)
        self.pane.sign_color = self.drawing.box_color = self.color
        self.pane.cursor = self.pane.top = 0
        entry = graph.entry(key) if key else None
        if entry is not None:
            self.pane.go_to(entry)
        self.pane.repaint()
        self.row_changed()
        if self.search.text:
            self.type_text(self.search.text)

    def make_rows(self, source: GraphSource, graph: Graph) -> Rows:
        open_, _ = self._open_rows.get(self._place_of(source, graph), (None, ""))
        return Rows(graph, open_, self._order)

    def _place_of(self, source: GraphSource, graph: Graph) -> tuple[str, str, str, str]:
        """What tells a graph from others."""
        run = self.opener.run
        return (run.name if run is not None else "", source.kind, source.tag, graph.variant)

    def _keep_open_rows(self) -> None:
        """So that the same graph is shown as it was, when one comes back to it."""
        if self._place is not None and self.pane.shown is not None:
            current = self.pane.current
            self._order = self.pane.shown.rows.order
            self._open_rows[self._place] = (self.pane.shown.rows.open, current.key if current is not None else "")

    # -- what rows show ----------------------------------------------------------------------------------------

    def shape(self, entry: Entry) -> str:
        """Type and shape of what a row gives first; of scopes they are found beside, and shown when they are."""
        known = self._shapes.get(entry.key)
        if known is not None or self.graph is None:
            return known or ""
        if len(self._shapes) >= SHAPES_KEPT:
            self._shapes.clear()
        if entry.kind == "node":
            results = self.graph.details(entry).results
            more = f" +{len(results) - 1}" if len(results) > 1 else ""
            return self._shapes.setdefault(entry.key, f"{results[0]}{more}" if results else "")
        if entry.kind == "scope" and entry.ops <= MOST_IN_SCOPE:
            self._wanted[entry.key] = entry
            self.start(partial(self._find_shapes, self.graph), "shapes")
        return ""

    async def _find_shapes(self, graph: Graph) -> None:
        """What scopes in sight give, one after the other; the rows are drawn again at the end."""
        await asyncio.sleep(PATIENCE)
        while self._wanted and graph is self.graph:
            key, entry = self._wanted.popitem()
            links = (await asyncio.to_thread(graph.details, entry)).outputs
            self._shapes[key] = next((link.label for link in links if link.label), "")
        if graph is self.graph:
            self.pane.repaint()

    def color(self, entry: Entry) -> RGB | None:
        """The colour of a row's sign."""
        opened = self.opener.opened
        if opened is None or self.colored_by == "nothing":
            return None
        if self.colored_by == "device":
            return opened.device_colors.get(entry.device)
        return opened.op_colors.get(entry.op) if entry.kind == "node" else None

    def say_head(self) -> None:
        """What the line over the tree says."""
        opened, opener = self.opener.opened, self.opener
        facts = Facts(news=opener.news, found=self.search.short(), listed=self.listed)
        if opener.run is not None:
            facts.run = self.session.label(opener.run.name)
        if opened is not None and self.pane.shown is not None:
            facts.title = opener.current()
            facts.size = f"{opened.summary.nodes:,} nodes"
            if opened.summary.parameters:
                facts.size += f", {opened.summary.parameters:,} parameters"
            facts.problems = len(opened.graph.problems)
            order = self.pane.shown.rows.order
            facts.order = f"by {order.title}" if order is not None else ""
        elif opener.source is not None:
            facts.title = safe(opener.source.title)
        self.head.show(facts)


__all__ = ["GraphDashboard"]
