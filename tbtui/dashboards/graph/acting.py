"""What the other keys of the graph do: drawing, summary, lists of nodes, order and colours of rows."""

from __future__ import annotations

import asyncio
from functools import partial

from tbtui.analysis.text import safe
from tbtui.dashboards.graph.going import Going
from tbtui.dashboards.graph.rows import MANY, MOST_UNFOLDED, ORDERS
from tbtui.dashboards.graph.state import ColoredBy
from tbtui.graphs import Entry, Graph
from tbtui.widgets.tag_picker import TagPicker

COLORS: tuple[ColoredBy, ...] = ("type", "device", "nothing")


class Acting(Going):
    """Keys that change what is shown."""

    # -- drawing, summary, lists -------------------------------------------------------------------------------

    def action_drawing(self) -> None:
        """The drawing, or the tree again."""
        if self.mode == "drawing":
            self.show_mode("tree")
        elif self.pane.current is not None:
            self.leave_list()
            self.show_mode("drawing")
            self.draw()

    def draw(self) -> None:
        """Draw what is around the row at the cursor."""
        if self.graph is not None and self.pane.current is not None:
            self.start(partial(self._draw, self.graph, self.pane.current), "drawing")

    async def _draw(self, graph: Graph, entry: Entry) -> None:
        around = await asyncio.to_thread(graph.neighbourhood, entry, self.levels)
        if self.graph is graph:
            self.drawing.show_around(around)

    def action_more_levels(self) -> None:
        """One level more in the drawing."""
        self._set_levels(self.levels + 1)

    def action_fewer_levels(self) -> None:
        """One level less."""
        self._set_levels(self.levels - 1)

    def _set_levels(self, levels: int) -> None:
        self.levels = max(1, min(levels, 3))
        if self.mode == "drawing":
            self.draw()
        self.say(f"{self.levels} level{'s' * (self.levels > 1)} of neighbours in the drawing")

    def action_summary(self) -> None:
        """The summary, or the tree again."""
        opened = self.opener.opened
        if self.mode == "summary":
            self.show_mode("tree")
        elif opened is not None:
            self.overview.show(opened.summary, opened.graph.problems)
            self.show_mode("summary")

    def list_op(self, op: str) -> None:
        """A list of all nodes of a type."""
        if self.graph is not None:
            self.say(f"Looking for {safe(op)}")
            self.start(partial(self._list_op, self.graph, op), "path")

    async def _list_op(self, graph: Graph, op: str) -> None:
        entries = await asyncio.to_thread(graph.of_op, op)
        if self.graph is not graph:
            return
        if entries:
            self.say(f"{safe(op)}: {len(entries):,} nodes")
            self.show_list(entries, op)
        else:
            self.say(f"No node has the type {safe(op)}")

    def show_list(self, entries: list[Entry], title: str, last: bool = False) -> None:
        """Nodes instead of the tree; last: the cursor on the last of them."""
        tree = self.pane.shown
        if tree is None:
            return
        self.history.leave(self.pane.current)
        current = self.pane.current
        self.listed = f"{title}: {len(entries):,}"
        tree.rows.listed = entries
        tree.rows.build()
        self.show_mode("tree")
        number = tree.rows.find(current.key) if current is not None else None
        self.pane.top = 0
        self.pane.put(number if number is not None else len(entries) - 1 if last else 0)

    def leave_list(self, stay: bool = False) -> None:
        """The tree again, at the row that is at the cursor; stay: the cursor is put elsewhere anyway."""
        tree, current = self.pane.shown, self.pane.current
        if tree is None or not self.listed:
            return
        self.listed = ""
        tree.rows.listed = None
        tree.rows.build()
        if not stay and current is not None:
            self.pane.go_to(current)
        self.say_head()

    def action_same_op(self) -> None:
        """All nodes of the type of the one at the cursor, or the tree again."""
        entry = self.pane.current
        if self.listed:
            self.leave_list()
        elif entry is None or self.graph is None or not entry.op:
            self.say("This row has no type")
        else:
            self.list_op(entry.op)

    def action_path(self) -> None:
        """The way from the inputs, or the tree again."""
        if self.listed:
            self.leave_list()
        elif self.graph is not None and self.pane.current is not None:
            self.say("Looking for the way from the inputs")
            self.start(partial(self._find_path, self.graph, self.pane.current), "path")

    async def _find_path(self, graph: Graph, entry: Entry) -> None:
        path = await asyncio.to_thread(graph.path_from_inputs, entry)
        if self.graph is not graph:
            return
        if path:
            self.say(f"{len(path):,} nodes from an input to here")
            self.show_list(path, f"inputs to {entry.name}", last=True)
        else:
            self.say(f"No way leads from an input to {safe(entry.name)}")

    # -- rows --------------------------------------------------------------------------------------------------

    def action_sort_rows(self) -> None:
        """By the next number that any row has."""
        tree, opened = self.pane.shown, self.opener.opened
        if tree is None or opened is None:
            return
        totals = opened.totals
        known = {"time": totals.compute > 0, "memory": totals.memory > 0, "parameters": totals.parameters}
        orders = [None, *(order for order in ORDERS if known.get(order.title, True))]
        order = tree.rows.order = orders[(orders.index(tree.rows.order) + 1) % len(orders)]
        self.say(f"Sorted by {order.title}" if order is not None else "In the order of the file")
        self.patiently(tree.rows.is_light(None), partial(tree.rows.warm, None), self._rebuild)

    def action_whole(self) -> None:
        """Like siblings, constants and summaries each in a row of its own, or folded away."""
        tree = self.pane.shown
        if tree is not None:
            tree.rows.folded = not tree.rows.folded
            self.say(
                "Like siblings, constants and summaries are folded"
                if tree.rows.folded
                else "Every sibling, constant and summary has a row"
            )
            self.patiently(tree.rows.is_light(None), partial(tree.rows.warm, None), self._rebuild)

    def _rebuild(self) -> None:
        """Make the rows anew, with the cursor on the row it was on."""
        tree, current = self.pane.shown, self.pane.current
        if tree is None:
            return
        tree.rows.build()
        if current is not None and self.listed:
            self.pane.put(tree.rows.find(current.key) or 0)
        elif current is not None and not self.pane.go_to(current):
            self.pane.put(min(self.pane.cursor, max(0, len(tree.rows) - 1)))
        self.pane.repaint()

    def action_unfold_all(self) -> None:
        """Everything below the row at the cursor."""
        tree, entry = self.pane.shown, self.pane.current
        if tree is None or entry is None:
            return
        if entry.ops >= MANY:
            self.say(f"Unfolding what is below {safe(entry.name)}")
        self.patiently(entry.ops < MANY, partial(tree.rows.warm, entry, True), partial(self._unfold_all, entry))

    def _unfold_all(self, entry: Entry) -> None:
        tree = self.pane.shown
        number = tree.rows.find(entry.key) if tree is not None else None
        if tree is None or number is None:
            return
        before = len(tree.rows.rows)
        if not tree.rows.unfold_all(number):
            self.say(f"Unfolded down to about {MOST_UNFOLDED:,} rows")
        elif len(tree.rows.rows) == before:
            self.say("Nothing to unfold below this row")
        self.pane.repaint()

    def unfold_row(self, number: int) -> None:
        """Show what is below a row."""
        tree = self.pane.shown
        if tree is not None:
            entry = tree.rows.rows[number].entry
            self.patiently(
                tree.rows.is_light(entry), partial(tree.rows.warm, entry), partial(self._unfold, entry, number)
            )

    def _unfold(self, entry: Entry, number: int) -> None:
        tree = self.pane.shown
        if tree is not None:
            rows = tree.rows.rows
            same = number < len(rows) and rows[number].entry is entry
            place = number if same else tree.rows.find(entry.key)
            if place is not None:
                tree.rows.unfold(place)
            self.pane.repaint()

    def action_fold_all(self) -> None:
        """Only the topmost rows are left."""
        tree, current, graph = self.pane.shown, self.pane.current, self.graph
        if tree is None or current is None or graph is None:
            return
        self.leave_list(stay=True)
        above = next(iter(graph.trail(current, folded=tree.rows.folded)), current)
        tree.rows.fold_all()
        self.pane.put(tree.rows.find(above.key) or 0)

    def action_color_by(self) -> None:
        """Signs are coloured by something else."""
        opened = self.opener.opened
        self.colored_by = COLORS[(COLORS.index(self.colored_by) + 1) % len(COLORS)]
        self.pane.repaint()
        none = self.colored_by == "device" and opened is not None and not opened.device_colors
        self.say(f"Coloured by {self.colored_by}" + ("; no node of this graph names one" if none else ""))

    def action_copy(self) -> None:
        """The full name of the row at the cursor."""
        entry = self.pane.current
        if entry is not None:
            self.app.copy_to_clipboard(entry.path)
            self.say(f"Copied: {safe(entry.path)}")

    def action_choose_source(self) -> None:
        """Another graph of the run, another form of it, costs of another step."""
        choices = self.opener.choices()
        if len(choices) < 2 and not self.opener.news:
            self.say("The run has one graph only" if choices else "The run has no graph")
            return

        def chosen(title: str | None) -> None:
            if title in choices:
                choices[title][1]()

        rows = [choice for choice, _ in choices.values()]
        self.app.push_screen(TagPicker("Graph", rows, chosen, self.opener.current()))
