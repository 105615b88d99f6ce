"""Which graph is shown: that of the run at the cursor, or one that was chosen; reading it beside everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tbtui.analysis.colors import RGB, run_colors
from tbtui.dashboards.graph.rows import Rows
from tbtui.dashboards.graph.words import Totals, totals
from tbtui.events.problem import Problem
from tbtui.graphs import Graph, GraphSource, StatsSource, Summary, read_graph, sources
from tbtui.store import Run
from tbtui.store.collector import collector_at_rest
from tbtui.widgets.session import Session
from tbtui.widgets.tag_picker import Choice

log = logging.getLogger(__name__)

PLUGINS = frozenset(
    (
        "graphs",
        "graph_run_metadata",
        "graph_run_metadata_graph",
        "graph_keras_model",
        "graph_tagged_run_metadata",
    )
)
"""Plugins whose values hold graphs, or what nodes of a graph cost."""


def has_graphs(run: Run) -> bool:
    """Whether the run may have a graph; nothing is read."""
    return any(plugin in PLUGINS for plugin, _ in run.blobs)


@dataclass(frozen=True, slots=True)
class Opened:
    """A graph that was read, and what is said of it everywhere."""

    source: GraphSource
    graph: Graph
    rows: Rows
    summary: Summary
    totals: Totals
    op_colors: dict[str, RGB] = field(default_factory=dict)
    device_colors: dict[str, RGB] = field(default_factory=dict)


def load(
    source: GraphSource, rows: Callable[[GraphSource, Graph], Rows], variant: str = "", join: StatsSource | None = None
) -> Opened:
    """Read a graph, make its rows, and find what they are drawn with. Takes long."""
    with collector_at_rest():
        graph = read_graph(source, variant)
        if join is not None:
            wrong = graph.join(join)
            if wrong:
                graph.problems.append(wrong)
        summary = graph.summary()
        return Opened(
            source,
            graph,
            rows(source, graph),
            summary,
            totals(graph.children(None)),
            run_colors([op for op, _ in summary.ops]),
            run_colors([device for device, _ in summary.devices if device]),
        )


class Owner(Protocol):
    """Who shows what is opened."""

    def show_message(self, text: str) -> None:
        """Instead of a graph."""

    def show_graph(self, opened: Opened) -> None:
        """A graph was read."""

    def make_rows(self, source: GraphSource, graph: Graph) -> Rows:
        """The rows to begin with. Called in another thread."""

    def say(self, text: str) -> None:
        """One sentence."""

    def start(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> None:
        """Run this beside the rest; what of its group still runs is given up."""


class Opener:
    """Looks for graphs in the runs, and reads the one that is to be shown.

    run, found: whose graphs, and which there are; source: the one that is shown or being read; news: in a few words,
    that there is a newer one.
    """

    def __init__(self, session: Session, owner: Owner) -> None:
        self.session, self.owner = session, owner
        self.run: Run | None = None
        self.found: list[GraphSource] = []
        self.source: GraphSource | None = None
        self.opened: Opened | None = None
        self.news = ""
        self._focused: str | None = None
        self._state: tuple[object, ...] = ()

    def look(self) -> None:
        """Follow the run at the cursor, and see whether its graphs are still the same. Cheap when nothing moved."""
        run = self._choose_run()
        if run is None:
            self.owner.show_message("No run has a graph yet")
            return
        versions = tuple(series.version for key, series in list(run.blobs.items()) if key[0] in PLUGINS)
        state = (id(run), versions)
        if state == self._state:
            return
        self._state = state
        self.owner.start(partial(self._find, run), "sources")

    async def _find(self, run: Run) -> None:
        """Which graphs the run has; records may be looked into for that."""
        found = await asyncio.to_thread(sources, run)
        before, self.found = self.found, found
        if run is not self.run or self.source is None:
            self.run, self.source, self.opened, self.news = run, None, None, ""
            if self.found:
                self.open(self.found[0])
            else:
                self.owner.show_message("There are only costs of steps here, and no graph they belong to")
            return
        known = {(source.kind, source.tag): source.count for source in before}
        newer = [source for source in self.found if known.get((source.kind, source.tag), 0) < source.count]
        if newer and self.session.store.progress.quiet:
            self.news = "new graph: S"
            self.owner.say(f"A new graph was written: {newer[0].title} (S chooses it)")

    def _choose_run(self) -> Run | None:
        """The run at the cursor where it has a graph; else what was shown, or the first that has one."""
        focused = self.session.focused_run()
        if focused is not None and has_graphs(focused):
            self._focused = focused.name
            return focused
        shown = self.run
        if shown is None or self.session.store.run(shown.name) is not shown:
            runs = [*self.session.filtered_runs(), *self.session.runs()]
            shown = next((run for run in runs if has_graphs(run)), None)
        if focused is not None and focused.name != self._focused and shown is not None and self._focused is not None:
            names = self.session.label(focused.name), self.session.label(shown.name)
            self.owner.say(f"{names[0]} has no graph; this is that of {names[1]}")
        self._focused = focused.name if focused is not None else ""
        return shown

    def open(self, source: GraphSource, variant: str = "", join: StatsSource | None = None) -> None:
        """Read a graph and show it."""
        self.source, self.news = source, ""
        self.owner.show_message(f"Reading {source.title} ...")
        self.owner.start(partial(self._read, source, variant, join), "graph")

    async def _read(self, source: GraphSource, variant: str, join: StatsSource | None) -> None:
        try:
            opened = await asyncio.to_thread(load, source, self.owner.make_rows, variant, join)
        except Exception as error:  # whatever a file holds must not end the program
            log.exception("a graph can't be read")
            self._note(source, f"the graph can't be read: {type(error).__name__}")
            self.owner.show_message(f"{source.title} can't be read; ! tells more")
            return
        for text in opened.graph.problems[:1]:
            more = len(opened.graph.problems) - 1
            self._note(source, text + (f" (and {more} more)" if more else ""))
        self.opened = opened
        self.owner.show_graph(opened)

    def _note(self, source: GraphSource, reason: str) -> None:
        slot = source.reference.slot
        self.session.store.note(Problem(f"{slot.name}: {source.title}", source.reference.offset, reason))

    def choices(self) -> dict[str, tuple[Choice, Callable[[], None]]]:
        """What may be chosen, by what it is called: graphs, forms of the graph that is shown, costs of other steps."""
        rows: dict[str, tuple[Choice, Callable[[], None]]] = {}
        for source in self.found:
            words = f"{source.count} written" if source.count > 1 else ""
            if source.step:
                words = f"step {source.step:,}" + (f", {words}" if words else "")
            _add(rows, source.title, words, partial(self.open, source))
        if self.opened is not None:
            source, graph = self.opened.source, self.opened.graph
            for variant in graph.variants if len(graph.variants) > 1 else ():
                title = f"{source.title}: {variant}"
                _add(rows, title, "form", partial(self.open, source, variant))
            for stats in source.stats if len(source.stats) > 1 else ():
                title = f"costs of {stats.tag}"
                _add(rows, title, f"step {stats.step:,}", partial(self.open, source, graph.variant, stats))
        return rows

    def current(self) -> str:
        """What the graph that is shown is called among `choices`."""
        if self.opened is not None and len(self.opened.graph.variants) > 1:
            return f"{self.opened.source.title}: {self.opened.graph.variant}"
        return self.source.title if self.source is not None else ""


def _add(rows: dict[str, tuple[Choice, Callable[[], None]]], title: str, words: str, then: Callable[[], None]) -> None:
    """One more choice; a title that is there already gets a number."""
    number, name = 1, title
    while name in rows:
        number += 1
        name = f"{title} ({number})"
    rows[name] = (Choice(name, words), then)
