"""From a run to its graphs: which there are, and reading one."""

from __future__ import annotations

from tbtui.graphs.graph import Graph
from tbtui.graphs.model import GraphSource
from tbtui.store.run import Run


def sources(run: Run) -> list[GraphSource]:
    """The graphs a run has, the one to be shown first in front; nothing is read."""
    raise NotImplementedError


def read_graph(source: GraphSource, variant: str = "") -> Graph:
    """Reads a graph, with the newest step stats its source has. Never raises: what is wrong stands in its problems.

    variant: one of the `variants` of the graph as it was read before; "" takes the first.
    """
    raise NotImplementedError
