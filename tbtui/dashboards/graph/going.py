"""Going from row to row of a graph: links, history, search; and the details of where one is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tbtui.analysis.text import safe
from tbtui.dashboards.graph.finding import Search
from tbtui.dashboards.graph.state import State
from tbtui.graphs import Details, Entry, Graph
from tbtui.store.collector import collector_at_rest

PATIENCE = 0.03
"""Seconds the cursor rests on a scope until its details are looked for: they take longer than those of a node."""

TYPING = 0.08
"""Seconds after the last letter until a search begins."""

DETAILS_KEPT = 256

DEEP = 200
"""Below so many levels it takes a moment to find what hides a row."""

SMALL = 5000
"""In graphs of fewer nodes it is known at once what hides a row."""


class Going(State):
    """Keys that put the cursor elsewhere."""

    # -- going somewhere ---------------------------------------------------------------------------------------

    def go_to(self, entry: Entry) -> None:
        """Put the cursor on a row, to come back from there."""
        self.history.leave(self.pane.current)
        self.show_row(entry)

    def show_row(self, entry: Entry) -> None:
        """Put the cursor on a row."""
        tree = self.pane.shown
        if tree is None:
            return
        if self.listed:
            self.leave_list(stay=True)
        self.target = entry
        small = self.opener.opened is not None and self.opener.opened.summary.nodes < SMALL
        if entry.path.count("/") > DEEP:
            self.say(f"Unfolding {entry.path.count('/'):,} levels")
        self.patiently(small, partial(tree.rows.warm_trail, entry), partial(self._show_row, entry))

    def _show_row(self, entry: Entry) -> None:
        if self.target is not entry:
            return  # the cursor was moved meanwhile
        self.target = None
        if not self.pane.go_to(entry):
            self.say(f"{safe(entry.path)} is not to be seen in the tree")

    def patiently(self, light: bool, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Do something with rows: at once, or after what takes long was done in another thread."""
        if light or self.graph is None:
            then()
        else:
            self.start(partial(self._patiently, self.graph, work, then), "rows")

    async def _patiently(self, graph: Graph, work: Callable[[], None], then: Callable[[], None]) -> None:
        await asyncio.to_thread(_work, work)
        if self.graph is graph:
            then()

    def row_changed(self) -> None:
        """The cursor of the tree is on another row."""
        self.target = None
        self.show_details()
        self.say_head()
        if self.mode == "drawing":
            self.draw()

    def action_back(self) -> None:
        """Back to where one was."""
        self._turn(back=True)

    def action_forward(self) -> None:
        """Forward again."""
        self._turn(back=False)

    def _turn(self, back: bool) -> None:
        if self.graph is None:
            return
        turn = self.history.back if back else self.history.forward
        entry = turn(self.graph, self.pane.current)
        if entry is None:
            self.say("This is where you began" if back else "There is nothing further on")
        else:
            self.show_row(entry)

    def action_producer(self) -> None:
        """To what feeds the row first."""
        self._follow(into=True)

    def action_consumer(self) -> None:
        """To what takes from the row first."""
        self._follow(into=False)

    def _follow(self, into: bool) -> None:
        entry = self.pane.current
        if self.graph is None or entry is None:
            return
        details = self.known.get(entry.key)
        if details is None and entry.kind == "node":
            details = self.keep_details(self.graph.details(entry))
        if details is not None:
            self._follow_in(details, into)
        else:
            self.start(partial(self._find_and_follow, self.graph, entry, into), "rows")

    async def _find_and_follow(self, graph: Graph, entry: Entry, into: bool) -> None:
        details = await asyncio.to_thread(graph.details, entry)
        if self.graph is graph:
            self._follow_in(self.keep_details(details), into)

    def _follow_in(self, details: Details, into: bool) -> None:
        entry = details.entry
        links = [*details.inputs, *details.control_inputs] if into else [*details.outputs, *details.control_outputs]
        target = next((link.entry for link in links if link.entry is not None), None)
        if target is None:
            self.say(f"{safe(entry.name)} reads from nothing" if into else f"Nothing reads from {safe(entry.name)}")
        else:
            self.go_to(target)

    def open_node(self) -> None:
        """Enter on a node: its details; in a list of nodes: its place in the tree."""
        if self.listed:
            self.leave_list()
        else:
            self.to_details()

    # -- details -----------------------------------------------------------------------------------------------

    def show_details(self) -> None:
        """Those of the row at the cursor: of nodes at once, of scopes as soon as they are found."""
        entry, graph = self.pane.current, self.graph
        if entry is None or graph is None or not self.details.display:
            return
        known = self.known.get(entry.key)
        if known is None and entry.kind == "node":
            known = self.keep_details(graph.details(entry))
        if known is not None:
            self.details.show(known)
        else:
            self.start(partial(self._find_details, graph, entry), "details")

    def keep_details(self, details: Details) -> Details:
        """Remember details for a while."""
        if len(self.known) >= DETAILS_KEPT:
            self.known.clear()
        self.known[details.entry.key] = details
        return details

    async def _find_details(self, graph: Graph, entry: Entry) -> None:
        await asyncio.sleep(PATIENCE)
        details = await asyncio.to_thread(graph.details, entry)
        if self.graph is graph:
            self.keep_details(details)
            if self.pane.current is entry:
                self.details.show(details)

    def to_details(self) -> None:
        """Put the focus on the details; over the tree where there is no room beside it."""
        if self.pane.current is None:
            return
        if not self.details.display:
            self.over = True
            self.lay_out()
        self.details.focus()

    def leave_details(self) -> None:
        """Back to the tree."""
        self.over = False
        self.lay_out()
        self.pane.focus()

    def action_details(self) -> None:
        """Details beside the tree, or not."""
        self.with_details = not self.with_details
        self.lay_out()
        self.focus_first()

    # -- searching ---------------------------------------------------------------------------------------------

    def typed(self) -> str:
        """What was searched for last."""
        return self.search.text

    def typed_found(self) -> str:
        """How much it finds."""
        return self.search.words()

    def type_text(self, text: str) -> None:
        """Search for this."""
        if not self.search.text:
            self.history.leave(self.pane.current)
        self.search = Search(text, searching=bool(text))
        self.pane.found = ()
        if text and self.graph is not None:
            self.start(partial(self._search, self.graph, text), "search")
        else:
            self.pane.repaint()
            self.say_head()

    async def _search(self, graph: Graph, text: str) -> None:
        await asyncio.sleep(TYPING)
        found = await asyncio.to_thread(graph.search, text)
        if self.graph is not graph or self.search.text != text:
            return
        self.search.keys, self.search.error, self.search.searching = found.keys, found.error, False
        self.pane.found = frozenset(found.keys)
        self._to_found(1)
        self.pane.repaint()
        self.say_head()
        self.changed()

    def action_next_found(self) -> None:
        """To the next row that was found."""
        self._to_found(1)

    def action_previous_found(self) -> None:
        """To the previous one."""
        self._to_found(-1)

    def _to_found(self, by: int) -> None:
        current = self.target or self.pane.current
        if not self.search.text:
            self.say("Nothing was searched for; / searches")
            return
        if self.search.searching:
            return
        key = self.search.step(by, current.key if current is not None and self.search.place >= 0 else None)
        entry = self.graph.entry(key) if self.graph is not None and key is not None else None
        if entry is not None:
            self.show_row(entry)
        elif not self.search.error:
            self.say(f"Nothing is called like {safe(self.search.text)}")


def _work(work: Callable[[], None]) -> None:
    """In another thread: the rows that are made stay."""
    with collector_at_rest():
        work()
