"""What is told of a computation graph: sources, rows of its tree, details, neighbourhoods, summaries.

Plain data, made by `tbtui.graphs.graph.Graph`. Names and texts are as the file has them: whoever shows them makes them
safe first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tbtui.store.series import Reference

Shape = tuple[int, ...] | None
"""Sizes of a tensor, -1 where one is open; None where not even the number of dimensions is known."""

SourceKind = Literal["graph", "meta_graph", "trace", "run_metadata", "keras"]
EntryKind = Literal["scope", "node", "series", "minor"]


@dataclass(frozen=True, slots=True)
class StatsSource:
    """Step stats of a run (tagged run metadata): what single nodes cost in one step."""

    tag: str
    step: int
    wall: float
    reference: Reference


@dataclass(frozen=True, slots=True)
class GraphSource:
    """A graph that a run has, not read yet.

    kind: "graph" (GraphDef), "meta_graph" (the GraphDef in a MetaGraphDef), "trace" (graphs of a traced function),
    "run_metadata" (graphs among a step's metadata), "keras" (a model as JSON). title: what a choice of graphs calls
    it; count: how many such graphs were written (this is the newest); stats: step stats that may belong to it, newest
    last.
    """

    kind: SourceKind
    title: str
    tag: str
    step: int
    wall: float
    count: int
    reference: Reference
    stats: tuple[StatsSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the tree.

    kind: "scope"; "node"; "series" (siblings of the same form with numbers in their names, `count` of them); "minor"
    (the constants and summaries of a scope, `count` of them). Only nodes have nothing below them.
    key: names the row in this graph and in the same graph read again; see `Graph.entry`.
    name: last part of its path, as it is to be shown; path: full name, as in the file.
    op: operation of a node, class of a layer or module where the source tells, of a series that of its members.
    ops: nodes in it, 1 for a node. parameters: numbers in its variables, and size: their bytes; None where nothing
    tells. at_least: there are more parameters, whose shape nothing tells. compute: seconds, memory: bytes, by the step
    stats; None without them.
    device: the device of the node, of a scope the one that most of its nodes have; "" where none is given.
    minor: what makes a node fold away: "constant", "summary", "list" (it only packs and unpacks) or "".
    """

    kind: EntryKind
    key: str
    name: str
    path: str
    op: str = ""
    ops: int = 1
    count: int = 1
    parameters: int | None = None
    size: int | None = None
    at_least: bool = False
    compute: float | None = None
    memory: int | None = None
    device: str = ""
    minor: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a node: `text` is short and readable (big tensors by their size), `size` bytes in the file."""

    name: str
    text: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """One end of an edge, seen from the entry it is listed for.

    entry: the neighbour, None where the graph has no such node; name: as the edge is written ("a/b:1", "^c"); label:
    type and shape of what flows, "" where unknown; edges: how many edges it stands for (scopes); inside: for a scope
    or series, the node in it that the edge belongs to.
    """

    entry: Entry | None
    name: str
    label: str = ""
    edges: int = 1
    inside: Entry | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about one entry. For a scope, a series or minor nodes the links are what crosses its border.

    outputs: consumers; results: type and shape of each output of a node, ("float32 ?×10", ...). functions: of
    the library, that a node calls. cut: how many links
    were left out because there are too many.
    """

    entry: Entry
    attributes: list[Attribute] = field(default_factory=list)
    inputs: list[Link] = field(default_factory=list)
    outputs: list[Link] = field(default_factory=list)
    control_inputs: list[Link] = field(default_factory=list)
    control_outputs: list[Link] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    functions: list[Entry] = field(default_factory=list)
    cut: int = 0


@dataclass(frozen=True, slots=True)
class NearBox:
    """A box of a neighbourhood: level 0 is the entry itself, -1 its producers, 1 its consumers, and so on.

    `entry` is None for a box that stands for `more` neighbours that were left out; what: "constants" if they are such,
    else "".
    """

    entry: Entry | None
    level: int
    more: int = 0
    what: str = ""


@dataclass(frozen=True, slots=True)
class NearEdge:
    """An edge between boxes, by their places in the list; label: type and shape; edges: how many it stands for."""

    source: int
    target: int
    label: str = ""
    edges: int = 1
    control: bool = False


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """An entry with its producers and consumers; boxes[0] is the entry itself."""

    boxes: list[NearBox]
    edges: list[NearEdge]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that were searched for, in the order of the tree; error: why nothing could be searched, or ""."""

    keys: list[str]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A graph in numbers.

    nodes and edges are those of the graph itself (control edges included), function_nodes and function_edges those of
    its function library. ops: how many nodes each operation has, most first; devices likewise. depth: levels of scopes.
    dangling: inputs that name no node. kept, kept_size: numbers, and their bytes, in variables that are no parameters
    (of optimizers, metrics, counters), as far as shapes tell.
    """

    nodes: int
    edges: int
    control_edges: int
    functions: int
    function_nodes: int
    function_edges: int
    scopes: int
    depth: int
    dangling: int
    parameters: int | None
    size: int | None
    ops: list[tuple[str, int]]
    devices: list[tuple[str, int]]
    at_least: bool = False
    compute: float | None = None
    memory: int | None = None
    kept: int = 0
    kept_size: int = 0
