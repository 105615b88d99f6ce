"""A graph made by hand, and the dashboard that shows it: for tests that need no files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tbtui.dashboards.graph import GraphDashboard
from tbtui.graphs import (
    Attribute,
    Details,
    Entry,
    Found,
    Graph,
    GraphSource,
    Link,
    NearBox,
    NearEdge,
    Neighbourhood,
    StatsSource,
    Summary,
)
from tbtui.logdir.updates import Progress
from tbtui.store import Store
from tbtui.store.history import FileSlot
from tbtui.store.series import Reference
from tests.support.app import Screen, shown
from tests.support.scalars import make_store, noisy

Node = tuple[str, str, tuple[str, ...]]
"""Name, type, inputs."""

LAYERS: list[Node] = [
    ("x", "Placeholder", ()),
    *(
        node
        for n in range(3)
        for node in (
            (f"net/layer_{n}/w", "VariableV2", ()),
            (f"net/layer_{n}/MatMul", "MatMul", ("x" if n == 0 else f"net/layer_{n - 1}/Relu", f"net/layer_{n}/w")),
            (f"net/layer_{n}/Relu", "Relu", (f"net/layer_{n}/MatMul",)),
        )
    ),
    ("loss", "Mean", ("net/layer_2/Relu", "gone")),
]


class FakeGraph(Graph):
    """A graph of nodes in scopes, without folding."""

    def __init__(
        self, nodes: Sequence[Node] = tuple(LAYERS), problems: Sequence[str] = (), costs: bool = False
    ) -> None:
        self.title, self.variant, self.variants, self.stats = "graph", "", (), ""
        self.problems = list(problems)
        self.nodes = list(nodes)
        self.below: dict[str, dict[str, Entry]] = {}
        self.entries: dict[str, Entry] = {}
        self.users: dict[str, list[str]] = {}
        for number, (name, op, inputs) in enumerate(self.nodes):
            self._add(name, op, (number + 1) * 1e-3 if costs else None)
            for source in inputs:
                self.users.setdefault(source, []).append(name)
        self.inputs = {name: inputs for name, _, inputs in self.nodes}

    def _add(self, name: str, op: str, compute: float | None) -> None:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            path, above = "/".join(parts[:depth]), "/".join(parts[: depth - 1])
            old = self.entries.get(path) or Entry("scope", path, parts[depth - 1], path, ops=0)
            cost = None if compute is None else (old.compute or 0) + compute
            self.entries[path] = self.below.setdefault(above, {})[path] = replace(old, ops=old.ops + 1, compute=cost)
        device = f"/gpu:{len(self.entries) % 2}"
        entry = Entry("node", name, parts[-1], name, op, compute=compute, device=device, parameters=None)
        self.entries[name] = self.below.setdefault("/".join(parts[:-1]), {})[name] = entry

    def children(self, entry: Entry | None = None, *, folded: bool = True) -> list[Entry]:
        return list(self.below.get(entry.path if entry is not None else "", {}).values())

    def entry(self, key: str) -> Entry | None:
        return self.entries.get(key)

    def find(self, name: str) -> Entry | None:
        return self.entries.get(name)

    def trail(self, entry: Entry, *, folded: bool = True) -> list[Entry]:
        parts = entry.path.split("/")
        return [self.entries["/".join(parts[:depth])] for depth in range(1, len(parts))]

    def details(self, entry: Entry) -> Details:
        inputs = [Link(self.entries.get(name), name, "float32 ?×8") for name in self.inputs.get(entry.path, ())]
        outputs = [Link(self.entries[name], name, "float32 ?×8") for name in self.users.get(entry.path, ())]
        return Details(entry, [Attribute("T", "float32")], inputs, outputs, results=["float32 ?×8"])

    def neighbourhood(self, entry: Entry, levels: int = 1, most: int = 8) -> Neighbourhood:
        boxes = [NearBox(entry, 0)]
        edges = []
        for name in self.inputs.get(entry.path, ()):
            if name in self.entries:
                edges.append(NearEdge(len(boxes), 0, "?×8"))
                boxes.append(NearBox(self.entries[name], -1))
        for name in self.users.get(entry.path, ()):
            edges.append(NearEdge(0, len(boxes), "?×8"))
            boxes.append(NearBox(self.entries[name], 1))
        return Neighbourhood(boxes, edges)

    def search(self, pattern: str) -> Found:
        try:
            found = re.compile(pattern, re.IGNORECASE).search
        except re.error as error:
            return Found([], str(error))
        return Found([key for key, entry in self.entries.items() if found(entry.path) or found(entry.op)])

    def of_op(self, op: str) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.kind == "node" and entry.op == op]

    def path_from_inputs(self, entry: Entry) -> list[Entry]:
        path = [entry]
        while self.inputs.get(path[0].path):
            path.insert(0, self.entries[self.inputs[path[0].path][0]])
        return path if entry.kind == "node" else []

    def summary(self) -> Summary:
        ops: dict[str, int] = {}
        for _, op, _ in self.nodes:
            ops[op] = ops.get(op, 0) + 1
        edges = sum(len(inputs) for _, _, inputs in self.nodes)
        counts = sorted(ops.items(), key=lambda pair: -pair[1])
        devices = [("/gpu:0", 5), ("/gpu:1", 6)]
        return Summary(len(self.nodes), edges, 0, 0, 0, 0, 4, 2, 1, None, None, counts, devices)

    def join(self, stats: StatsSource) -> str:
        return ""


def fake_source(title: str = "graph", tag: str = "__run_graph__", count: int = 1) -> GraphSource:
    """A source of such a graph."""
    slot = FileSlot(("run",), "logs/run/events", "run/events")
    return GraphSource("graph", title, tag, 0, 0.0, count, Reference(0, 0.0, slot, 0, 10, 0))


def with_graph(store: Store, *runs: str) -> Store:
    """Gives these runs something that looks like a graph."""
    for name in runs:
        series = store._run(name)._blob_series("graphs", "__run_graph__")
        series.version += 1
    store.version += 1
    return store


class Shown:
    """The graph dashboard in the app."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    @property
    def dashboard(self) -> GraphDashboard:
        dashboard = self.screen.app.window.dashboard
        assert isinstance(dashboard, GraphDashboard)
        return dashboard

    @property
    def text(self) -> str:
        return self.screen.text

    @property
    def notice(self) -> str:
        return self.screen.notice

    @property
    def here(self) -> str:
        """The full name of the row at the cursor."""
        entry = self.dashboard.pane.current
        return entry.path if entry is not None else ""

    @property
    def rows(self) -> list[str]:
        """The names of the rows that are unfolded."""
        shown = self.dashboard.pane.shown
        return [row.entry.name for row in shown.rows.rows] if shown is not None else []

    async def settle(self) -> None:
        """Until everything that was asked for is done."""
        await self.screen.pilot.pause()
        for _ in range(3):
            await self.screen.app.workers.wait_for_complete()
            await self.screen.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.screen.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type into the line for searching."""
        await self.press("slash", *text)


@asynccontextmanager
async def graph_shown(
    store: Store | None = None, size: tuple[int, int] = (150, 40), **options: object
) -> AsyncIterator[Shown]:
    """The app with the graph dashboard, the focus on it; by default with one run that has a graph."""
    if store is None:
        store = with_graph(make_store({"a": {"loss": noisy(20)}}), "a")
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, size, **options) as screen:
        number = next((n for n, kind in enumerate(screen.app.window.kinds, 1) if kind.id == "graphs"), 0)
        await screen.press(str(number))
        page = Shown(screen)
        await page.settle()
        page.dashboard.focus_first()
        await page.settle()
        yield page
