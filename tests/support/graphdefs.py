"""GraphDefs and graphs made in a line or two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tbtui.events.proto.graph_pb2 import GraphDef
from tbtui.graphs import Graph
from tbtui.graphs.model import SourceKind
from tbtui.graphs.read import parse

Spec = tuple[str, str, Sequence[str]]
"""Name, operation, inputs."""


def graph_def(nodes: Iterable[Spec]) -> GraphDef:
    graph = GraphDef()
    for name, op, inputs in nodes:
        graph.node.add(name=name, op=op, input=inputs)
    return graph


def made(nodes: Iterable[Spec]) -> Graph:
    """The graph of these nodes, by way of its bytes."""
    return parsed(graph_def(nodes).SerializeToString())


def parsed(data: bytes, kind: SourceKind = "graph", variant: str = "") -> Graph:
    return parse(kind, data, [], variant)


def with_shapes(graph: GraphDef, name: str, *shapes: Sequence[int]) -> None:
    """Gives a node its output shapes."""
    (node,) = [node for node in graph.node if node.name == name]
    for shape in shapes:
        added = node.attr["_output_shapes"].list.shape.add()
        for size in shape:
            added.dim.add(size=size)


def names(graph: Graph, path: str | None = None, *, folded: bool = True) -> list[str]:
    """The rows below a scope of this name, or the topmost ones."""
    entry = None if path is None else graph.find(path)
    assert path is None or entry is not None, path
    return [row.name for row in graph.children(entry, folded=folded)]
