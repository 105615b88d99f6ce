"""Edges of a graph, as a row sees them: what flows into it and out of it, in details and as a neighbourhood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tbtui.graphs.attributes import tensor_text
from tbtui.graphs.model import Details, Link, NearBox, NearEdge, Neighbourhood
from tbtui.graphs.rows import Rows
from tbtui.graphs.table import CONTROL, LIBRARY, NOBODY, Ints
from tbtui.graphs.torch import PARAMETER
from tbtui.graphs.tree import Ref

MOST_LINKS = 500
"""So many links of a kind are told; a constant may feed tens of thousands of nodes."""
MOST_EDGES = 20_000
"""So many edges of a scope are looked at for its neighbours."""


class Links:
    """The edges of a table by both ends."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.table = rows.table
        self.targets: Ints = self.table.targets
        self._by_source = np.argsort(self.table.sources, kind="stable")
        self._source_starts = np.searchsorted(
            self.table.sources[self._by_source], np.arange(len(self.table) + 1), side="left"
        )

        self._starts: list[int] = self.table.starts.tolist()
        self.source_of: list[int] = self.table.sources.tolist()
        self.port_of: list[int] = self.table.ports.tolist()

    def edges_in(self, node: int) -> range:
        """Edges into a node, in the order of its inputs."""
        return range(self._starts[node], self._starts[node + 1])

    def edges_out(self, node: int) -> list[int]:
        """Edges out of a node."""
        edges: list[int] = self._by_source[self._source_starts[node] : self._source_starts[node + 1]].tolist()
        return edges

    def label(self, edge: int) -> str:
        """Type and shape of what flows along an edge."""
        source, port = int(self.table.sources[edge]), int(self.table.ports[edge])
        return "" if source == NOBODY or port == CONTROL else self.output_label(source, port)

    def output_label(self, node: int, port: int) -> str:
        """Type and shape of an output of a node, by its attributes, else by the step stats."""
        results = self.table.results(node)
        dtype, shape = results[port] if port < len(results) else ("", None)
        cost = self.rows.costs.get(node)
        if cost is not None and port in cost.results and (shape is None or not dtype or dtype == "resource"):
            told_dtype, told_shape = cost.results[port]
            dtype, shape = dtype or told_dtype, told_shape if shape is None else shape
        return tensor_text(dtype, shape)

    def details(self, ref: Ref) -> Details:
        """Everything about a row."""
        return self._node_details(ref.number) if ref.kind == "node" else self._border(ref)

    def _node_details(self, node: int) -> Details:
        table, rows = self.table, self.rows
        body, number = table.body(node)
        details = Details(rows.entry(Ref("node", node)), attributes=body.attributes(number))
        for edge in self.edges_in(node):
            source = int(table.sources[edge])
            entry = rows.entry(Ref("node", source)) if source != NOBODY else None
            name = table.dangling[edge] if source == NOBODY else _edge_name(table.names[source], int(table.ports[edge]))
            control = int(table.ports[edge]) == CONTROL
            (details.control_inputs if control else details.inputs).append(Link(entry, name, self.label(edge)))
        for edge in self.edges_out(node):
            target = int(self.targets[edge])
            control = int(table.ports[edge]) == CONTROL
            links = details.control_outputs if control else details.outputs
            if len(links) < MOST_LINKS:
                links.append(Link(rows.entry(Ref("node", target)), table.names[target], self.label(edge)))
            else:
                details = _with_cut(details)
        count = max(len(table.results(node)), 1 + max((int(table.ports[e]) for e in self.edges_out(node)), default=-1))
        details.results.extend(self.output_label(node, port) for port in range(min(count, MOST_LINKS)))
        for name in dict.fromkeys([*body.functions(number), table.ops[node]]):
            scope = rows.tree.scope_at(LIBRARY, name)
            if scope is not None:
                details.functions.append(rows.entry(Ref("scope", scope)))
        return details

    def _border(self, ref: Ref) -> Details:
        """What crosses the border of a scope, by the node at the other end."""
        rows, table = self.rows, self.table
        inside = rows.inside(ref)
        details = Details(rows.entry(ref))
        cut = 0
        into = inside[self.targets] & ~(inside[table.sources] & (table.sources != NOBODY))
        if table.torch:  # a parameter names the module that holds it, which is no node: nothing flows from there
            into &= np.array([op != PARAMETER for op in table.ops], bool)[self.targets] | (table.sources != NOBODY)
        out = inside[table.sources] & (table.sources != NOBODY) & ~inside[self.targets] if len(table) else into
        for edges, outwards in ((np.flatnonzero(into), False), (np.flatnonzero(out), True)):
            groups: dict[tuple[bool, int, str], list[int]] = {}
            for edge in edges.tolist():
                other = int(self.targets[edge] if outwards else table.sources[edge])
                control = int(table.ports[edge]) == CONTROL
                groups.setdefault((control, other, table.dangling.get(edge, "")), []).append(edge)
            for (control, other, text), group in groups.items():
                links = _list_of(details, control, outwards)
                if len(links) >= MOST_LINKS:
                    cut += 1
                    continue
                within = int(table.sources[group[0]] if outwards else self.targets[group[0]])
                entry = None if other == NOBODY else rows.entry(Ref("node", other))
                name = text if other == NOBODY else table.names[other]
                links.append(
                    Link(entry, name, self.label(group[0]), len(group), rows.entry(Ref("node", within)))
                )  # fmt: skip
        return _with_cut(details, cut) if cut else details


def _edge_name(name: str, port: int) -> str:
    if port == CONTROL:
        return "^" + name
    return f"{name}:{port}" if port else name


def _list_of(details: Details, control: bool, outwards: bool) -> list[Link]:
    if control:
        return details.control_outputs if outwards else details.control_inputs
    return details.outputs if outwards else details.inputs


def _with_cut(details: Details, more: int = 1) -> Details:
    return replace(details, cut=details.cut + more)


class Near:
    """The neighbourhood of one row: its boxes are rows of the tree as high as they can be without holding it."""

    def __init__(self, links: Links, ref: Ref) -> None:
        self.links = links
        self.rows = links.rows
        self.tree = links.rows.tree
        self.ref = ref
        holder = max(0, self.rows.holder(ref))
        self.around = {scope: depth for depth, scope in enumerate(self.tree.above(holder))}
        self.own = self.rows.inside(ref)

    def box(self, node: int) -> Ref:
        """The row that stands for a node."""
        if self.own[node]:
            return self.ref
        below = -1
        for scope in self.tree.above(int(self.tree.node_scopes[node])):
            if scope in self.around:
                break
            below = scope
        return Ref("node", node) if below < 0 else Ref("scope", below)

    def neighbours(self, ref: Ref, forwards: bool) -> Iterator[tuple[int, int, bool]]:
        """(edge, node beyond, control) of what crosses the border of a row; passes through nodes that only pack."""
        table, links = self.links.table, self.links
        inside = self.own if ref == self.ref else self.rows.inside(ref)
        away = inside[links.targets] != (inside[table.sources] & (table.sources != NOBODY))
        own_ends = (table.sources if forwards else links.targets)[away]
        starts = np.unique(own_ends[own_ends != NOBODY])
        seen: set[int] = set()
        looked = 0
        for start in starts[inside[starts]].tolist():
            waiting = [start]
            while waiting:
                node = waiting.pop()
                for edge in links.edges_out(node) if forwards else links.edges_in(node):
                    other = int(links.targets[edge]) if forwards else links.source_of[edge]
                    if other == NOBODY or inside[other]:
                        continue
                    looked += 1
                    if looked > MOST_EDGES:
                        return
                    if self.tree.minor_ops[table.ops[other]] == "list":
                        if other not in seen and self._leads_on(other, forwards):
                            seen.add(other)
                            waiting.append(other)
                            continue
                        if other in seen:
                            continue
                    yield edge, other, int(table.ports[edge]) == CONTROL

    def _leads_on(self, node: int, forwards: bool) -> bool:
        links = self.links
        if forwards:
            return bool(links.edges_out(node))
        return any(self.links.table.sources[edge] != NOBODY for edge in links.edges_in(node))


def neighbourhood(links: Links, ref: Ref, levels: int, most: int) -> Neighbourhood:
    """A row, what it reads from and what reads from it; see `Graph.neighbourhood`."""
    near = Near(links, ref)
    rows, minor = links.rows, links.rows.tree.minor
    places: dict[Ref, int] = {ref: 0}
    boxes: list[NearBox] = [NearBox(rows.entry(ref), 0)]
    edges: dict[tuple[int, int, bool], tuple[str, int]] = {}
    counted: set[tuple[int, tuple[int, int, bool]]] = set()  # in a cycle both directions meet the same edge
    for forwards in (False, True):
        ring = [ref]
        for level in range(1, levels + 1):
            sign = level if forwards else -level
            following: list[Ref] = []
            left_out: dict[tuple[int, str], set[Ref]] = {}
            for one in ring:
                here = places[one]
                for edge, other, control in near.neighbours(one, forwards):
                    box = near.box(other)
                    constant = bool(minor[other]) and box.kind == "node"
                    if box not in places:
                        if constant or len(following) >= most:
                            left_out.setdefault((here, "constants" if constant else ""), set()).add(box)
                            continue
                        places[box] = len(boxes)
                        boxes.append(NearBox(rows.entry(box), sign))
                        following.append(box)
                    there = places[box]
                    key = (here, there, control) if forwards else (there, here, control)
                    if (edge, key) not in counted:
                        counted.add((edge, key))
                        label, count = edges.get(key, ("", 0))
                        edges[key] = (label or links.label(edge), count + 1)
            for what in ("constants", ""):
                together = {key[0]: refs for key, refs in left_out.items() if key[1] == what}
                if together:
                    place = len(boxes)
                    boxes.append(NearBox(None, sign, len(set().union(*together.values())), what))
                    for here, refs in together.items():
                        edges[(here, place, False) if forwards else (place, here, False)] = ("", len(refs))
            ring = following
    return Neighbourhood(
        boxes,
        [
            NearEdge(source, target, label, count, control)
            for (source, target, control), (label, count) in edges.items()
        ],
    )
