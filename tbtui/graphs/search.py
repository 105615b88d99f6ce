"""Looking for nodes: by name and operation, and the way that data takes to one."""

from __future__ import annotations

import re
from collections import Counter, deque
from itertools import islice

import numpy as np

from tbtui.graphs.graphdef import ARGUMENT
from tbtui.graphs.links import Links
from tbtui.graphs.model import Entry, Found, Summary
from tbtui.graphs.rows import Rows
from tbtui.graphs.table import CONTROL, LIBRARY, MAIN, NOBODY
from tbtui.graphs.torch import IO_NODE
from tbtui.graphs.tree import Ref

MOST_FOUND = 10_000
MOST_STEPS = 500
"""A way that is longer is told by its beginning and so many nodes at its end."""

_INPUTS = frozenset(
    ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "InputLayer", ARGUMENT, "_Arg", "_DeviceArg")
)


def search(rows: Rows, pattern: str) -> Found:
    """Nodes and scopes whose name, and nodes whose operation, a regular expression finds; see `Graph.search`.

    Of a torch trace also what rows show: `layers/2/attention` for `ModuleList[layers]/Layer[2]/Attention[attention]`.
    """
    try:
        find = re.compile(pattern, re.IGNORECASE).search
    except (re.error, OverflowError, RecursionError) as error:
        return Found([], f"no regular expression: {error}")
    table, tree = rows.table, rows.tree
    ops = {op for op in set(table.ops) if find(op)}
    shown_scopes, shown_nodes = rows.shown_names() if table.torch else ([], [])
    fitting = (
        node
        for node, name in enumerate(table.names)
        if table.ops[node] in ops or find(name) or (shown_nodes and find(shown_nodes[node]))
    )
    refs = [Ref("node", node) for node in islice(fitting, MOST_FOUND)]

    def fits(scope: int) -> bool:
        above = tree.parents[scope]
        return bool(
            find(tree.segments[scope])
            or (find(tree.path(scope)) and not find(tree.path(above)))
            or (shown_scopes and find(shown_scopes[scope]) and not find(shown_scopes[above]))
        )

    fitting = (scope for scope in range(LIBRARY + 1, len(tree.parents)) if fits(scope))
    scopes = [Ref("scope", scope) for scope in islice(fitting, MOST_FOUND)]
    found = [(tree.first_nodes[ref.number] % max(1, len(table)), 0, ref) for ref in scopes]
    for ref in refs:  # a constant is not before the scope that holds it
        first = tree.first_nodes[int(tree.node_scopes[ref.number])] if tree.minor[ref.number] else 0
        found.append((max(ref.number, first % len(table)), 1, ref))
    found.sort()
    return Found([rows.key(ref) for _, _, ref in found[:MOST_FOUND]])


def of_op(rows: Rows, op: str) -> list[Entry]:
    """All nodes of an operation."""
    found = [node for node, one in enumerate(rows.table.ops) if one == op][:MOST_FOUND]
    return [rows.entry(Ref("node", node)) for node in found]


def path_from_inputs(links: Links, ref: Ref) -> list[Entry]:
    """The shortest way from an input to a row; see `Graph.path_from_inputs`.

    Where no node says that it is an input, one counts that reads nothing and is no constant or variable.
    """
    rows, table = links.rows, links.table
    starts = np.flatnonzero(rows.inside(ref)).tolist()
    inputs = {op for op in set(table.ops) if op in _INPUTS}
    after: dict[int, int] = dict.fromkeys(starts, NOBODY)
    waiting = deque(starts)
    sources, ports = links.source_of, links.port_of
    arrived = otherwise = NOBODY
    while waiting:
        node = waiting.popleft()
        op, edges = table.ops[node], links.edges_in(node)
        if op in inputs or (op == IO_NODE and not edges):
            arrived = node
            break
        if not edges and otherwise == NOBODY and not rows.tree.minor[node] and node not in table.weights:
            otherwise = node
        for edge in edges:
            source = sources[edge]
            if source not in after and source != NOBODY and ports[edge] != CONTROL:
                after[source] = node
                waiting.append(source)
    way = [arrived if arrived != NOBODY else otherwise]
    if way == [NOBODY]:
        return []
    while after[way[-1]] != NOBODY:
        way.append(after[way[-1]])
    return [rows.entry(Ref("node", node)) for node in [*way[:1], *way[1:][-MOST_STEPS:]]]


def summary(links: Links) -> Summary:
    """The graph in numbers."""
    rows, table, tree = links.rows, links.table, links.rows.tree
    real = ~table.made_up
    library = np.array(table.roots, np.int64) == LIBRARY if len(table) else np.zeros(0, bool)
    into_library = library[links.targets] if len(table.sources) else np.zeros(0, bool)
    from_made_up = table.made_up[links.targets] if len(table.sources) else into_library
    scopes = [scope for scope in range(LIBRARY + 1, len(tree.parents)) if tree.root(scope) == MAIN]
    kept = np.flatnonzero(real & ~library).tolist()
    everything = rows.total()
    others = [weight for node, weight in table.kept.items() if table.roots[node] == MAIN]
    return Summary(
        nodes=int((real & ~library).sum()),
        edges=int((~into_library).sum()),
        control_edges=int(((table.ports == CONTROL) & ~into_library).sum()),
        functions=len(tree.scopes_below[LIBRARY]),
        function_nodes=int((real & library).sum()),
        function_edges=int((into_library & ~from_made_up).sum()),
        scopes=len(scopes),
        depth=max((tree.levels[scope] for scope in scopes), default=0),
        dangling=sum(1 for edge in table.dangling if not into_library[edge]),
        parameters=everything.parameters,
        size=everything.size,
        ops=Counter(table.ops[node] for node in kept).most_common(),
        devices=Counter(device for node in kept if (device := rows.device(node))).most_common(),
        at_least=everything.at_least,
        compute=everything.compute,
        memory=everything.memory,
        kept=sum(weight.numbers or 0 for weight in others),
        kept_size=sum(weight.size or 0 for weight in others),
    )
