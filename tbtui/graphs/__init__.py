"""Computation graphs: GraphDef, run metadata and Keras JSON -> a tree of scopes, and its edges."""

from tbtui.graphs.graph import Graph
from tbtui.graphs.model import (
    Attribute,
    Details,
    Entry,
    Found,
    GraphSource,
    Link,
    NearBox,
    NearEdge,
    Neighbourhood,
    StatsSource,
    Summary,
)
from tbtui.graphs.read import read_graph, sources

__all__ = [
    "Attribute",
    "Details",
    "Entry",
    "Found",
    "Graph",
    "GraphSource",
    "Link",
    "NearBox",
    "NearEdge",
    "Neighbourhood",
    "StatsSource",
    "Summary",
    "read_graph",
    "sources",
]
