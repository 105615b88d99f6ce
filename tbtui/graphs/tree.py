"""The tree of scopes over a table: which rows there are, what is below them, which of them fold into one.

Rows are made when somebody looks. A scope is a number: 0 and 1 are the roots (the graph, its function library).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.graphs import torch
from tbtui.graphs.table import LIBRARY, MAIN, MOST_LEVELS, Table

LIBRARY_NAME = "functions"
LEAST_SCOPES, LEAST_NODES = 3, 5
"""So many siblings of one form fold into a series."""

_NUMBER = re.compile(r"(\d+)(?!.*\d)", re.DOTALL)
_CONSTANTS = frozenset(("Const", "HostConst", "prim::Constant"))
_SUMMARY = re.compile(r"[a-zA-Z]+Summary(V2)?|Write[a-zA-Z]*Summary")


class Ref(NamedTuple):
    """A row of the tree: a node, or a scope, by its number; a series or the minor nodes of a scope, by its scope."""

    kind: str  # "node", "scope", "series", "minor"
    number: int
    part: int = 0  # which series of its scope


@dataclass(slots=True)
class Listing:
    """The rows of one scope: all of them in order, and the ones that are there when what folds is folded."""

    plain: list[Ref]
    folded: list[Ref]
    series: list[list[Ref]] = field(default_factory=list)
    minor: list[Ref] = field(default_factory=list)


class Tree:
    """Scopes of a table. parents, segments: of each scope; node_scopes int64[n]; last parts of nodes' places by
    `node_name`; begins, ends: what is below a scope has `begins <= order < ends` by `scope_order`."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.parents = [-1, -1]
        self.segments = ["", LIBRARY_NAME]
        self.levels = [0, 0]
        self._known: dict[tuple[int, str], int] = {}
        self.node_scopes = self._place_nodes()
        self.minor_ops = {op: minor_kind(op) for op in set(table.ops)}
        self.minor = np.fromiter((self.minor_ops[op] != "" for op in table.ops), bool, len(table))
        self._link()
        self._listings: dict[int, Listing] = {}
        self._forms: list[int] | None = None
        self._real: list[float] | None = None

    def _place_nodes(self) -> NDArray[np.int64]:
        """The scope of each node. A node that has the name of a scope is put into that, as TensorBoard does."""
        table = self.table
        scopes = np.zeros(len(table), np.int64)
        found: dict[str, int] = {}
        root = MAIN
        for node, place in enumerate(table.places):
            if table.roots[node] != root:
                root, found = table.roots[node], {}
            prefix, slash, _ = place.rpartition("/")
            if not slash:
                scopes[node] = root
                continue
            scope = found.get(prefix)
            if scope is None:
                scope = found[prefix] = self._scope_of(root, prefix)
            scopes[node] = scope
        self.enclosed: set[int] = set()
        for node, scope in enumerate(scopes.tolist()):
            same = self._known.get((scope, table.places[node].rpartition("/")[2]))
            if same is not None:
                scopes[node] = same
                self.enclosed.add(node)
        return scopes

    def _scope_of(self, scope: int, path: str) -> int:
        for segment in path.split("/", MOST_LEVELS):
            key = scope, segment
            below = self._known.get(key)
            if below is None:
                below = self._known[key] = len(self.parents)
                self.parents.append(scope)
                self.segments.append(segment)
                self.levels.append(self.levels[scope] + 1)
            scope = below
        return scope

    def _link(self) -> None:
        """Who is below whom, in the order in which the nodes come; scopes numbered so that what is below is a range."""
        table, count = self.table, len(self.parents)
        order = np.full(count, len(table) * 2 + 1, np.int64)  # of a scope: its first node that is not minor
        numbers = np.arange(len(table))
        np.minimum.at(order, self.node_scopes, np.where(self.minor, numbers + len(table), numbers))
        firsts = order.tolist()
        for scope in range(count - 1, 1, -1):
            parent = self.parents[scope]
            if firsts[scope] < firsts[parent]:
                firsts[parent] = firsts[scope]
        self.first_nodes = firsts
        self.scopes_below: list[list[int]] = [[] for _ in range(count)]
        self.nodes_in: list[list[int]] = [[] for _ in range(count)]
        for scope in range(2, count):
            self.scopes_below[self.parents[scope]].append(scope)
        for node, scope in enumerate(self.node_scopes.tolist()):
            self.nodes_in[scope].append(node)
        self.begins, self.ends = [0] * count, [0] * count
        stack, clock = [LIBRARY, MAIN], 0
        while stack:
            scope = stack.pop()
            if scope < 0:
                self.ends[~scope] = clock
                continue
            self.begins[scope] = clock
            clock += 1
            stack.append(~scope)
            stack.extend(self.scopes_below[scope])
        self.node_order = np.array(self.begins, np.int64)[self.node_scopes] if len(table) else np.zeros(0, np.int64)

    def sums(self, values: NDArray[np.int64] | NDArray[np.float64]) -> list[float]:
        """For each scope, the sum over all nodes below it; values: one a node."""
        total = np.zeros(len(self.parents), values.dtype)
        np.add.at(total, self.node_scopes, values)
        sums: list[float] = total.tolist()
        for scope in range(len(sums) - 1, 1, -1):
            sums[self.parents[scope]] += sums[scope]
        return sums

    def forms(self) -> list[int]:
        """For each scope, a number that two scopes share when as many nodes of each operation are below them, with as
        many parameters."""
        if self._forms is None:
            random = np.random.default_rng(0)
            codes = {op: int(random.integers(1 << 40)) for op in sorted(set(self.table.ops))}
            values = np.fromiter((codes[op] for op in self.table.ops), np.int64, len(self.table))
            for node, weight in self.table.weights.items():
                values[node] += (weight.numbers or 0) % (1 << 40) * 7919
            self._forms = [int(one) for one in self.sums(values)]
        return self._forms

    def path(self, scope: int) -> str:
        """The full name of a scope; of a scope in a function, that begins with the function's name."""
        parts = []
        while scope > LIBRARY:
            parts.append(self.segments[scope])
            scope = self.parents[scope]
        return "/".join(reversed(parts))

    def root(self, scope: int) -> int:
        """MAIN or LIBRARY."""
        return LIBRARY if self.begins[scope] >= self.begins[LIBRARY] else MAIN

    def above(self, scope: int) -> Iterator[int]:
        """A scope, then those that hold it, its root last."""
        while scope >= 0:
            yield scope
            scope = self.parents[scope]

    def scope_at(self, root: int, path: str) -> int | None:
        """The scope of a full name."""
        scope = root
        for segment in path.split("/", MOST_LEVELS):
            below = self._known.get((scope, segment))
            if below is None:
                return None
            scope = below
        return scope

    def inside(self, scope: int) -> NDArray[np.bool_]:
        """Which nodes are below a scope, bool[n]."""
        return (self.node_order >= self.begins[scope]) & (self.node_order < self.ends[scope])

    def node_name(self, node: int) -> str:
        """The last part of a node's place; in brackets where it lies in the scope of its own name."""
        name = self.table.places[node].rpartition("/")[2]
        return f"({name})" if node in self.enclosed else name

    def scope_name(self, scope: int) -> tuple[str, str]:
        """(name to show, class) of a scope."""
        segment = self.segments[scope]
        if self.table.torch:
            return torch.module(segment)
        return segment, self.table.classes.get((self.root(scope), self.path(scope)), "") if self.table.classes else ""

    def listing(self, scope: int) -> Listing:
        """The rows of a scope."""
        found = self._listings.get(scope)
        if found is None:
            found = self._listings[scope] = self._list(scope)
        return found

    def _list(self, scope: int) -> Listing:
        late = len(self.table) * 3
        rows = [(self.first_nodes[below], 0, Ref("scope", below)) for below in self.scopes_below[scope]]
        if self.table.torch and scope == MAIN:  # what comes out is written first
            rows = [(first + late * (self.segments[ref.number] == "output"), 0, ref) for first, _, ref in rows]
        rows += [(node, 1, Ref("node", node)) for node in self.nodes_in[scope]]
        plain = [ref for _, _, ref in sorted(rows)]
        minor = [ref for ref in plain if self.minor_of(ref)]
        if len(minor) < 2 or len(minor) == len(plain):
            minor = []
        hidden = set(minor)
        groups: dict[tuple[str, object, str, str], list[Ref]] = {}
        of_row: dict[Ref, list[Ref]] = {}
        for ref in plain:
            form = self._form(ref)
            if form is not None and ref not in hidden:
                of_row[ref] = groups.setdefault(form, [])
                of_row[ref].append(ref)
        listing = Listing(plain, [], [], minor)
        placed: dict[int, int] = {}
        for ref in plain:
            group = of_row.get(ref, [])
            if ref in hidden:
                continue
            if len(group) < (LEAST_SCOPES if ref.kind == "scope" else LEAST_NODES):
                listing.folded.append(ref)
            elif id(group) not in placed:
                placed[id(group)] = len(listing.series)
                listing.folded.append(Ref("series", scope, len(listing.series)))
                listing.series.append(group)
        if minor:
            listing.folded.append(Ref("minor", scope))
        return listing

    def minor_of(self, ref: Ref) -> str:
        """What makes a row fold away, or "": of a scope, that every node in it does."""
        if ref.kind == "node":
            return self.minor_ops[self.table.ops[ref.number]]
        if self._real is None:
            self._real = self.sums((~self.minor).astype(np.int64))
        if self._real[ref.number]:
            return ""
        nodes = np.flatnonzero(self.inside(ref.number)).tolist()
        kinds = {self.minor_ops[self.table.ops[node]] for node in nodes}
        return max(kinds, default="constant")  # a summary outranks its constants

    def _form(self, ref: Ref) -> tuple[str, object, str, str] | None:
        """What rows must have in common to fold: all but the last number of the name; None for what never folds.

        A name without a number is the first of those that have one: dense, dense_1, dense_2.
        """
        if ref.kind == "node":
            if self.table.torch or self.table.made_up[ref.number]:
                return None  # torch numbers all nodes through: they are no series
            weight = self.table.weights.get(ref.number)
            name = self.node_name(ref.number)
            form = f"{self.table.ops[ref.number]} {weight.numbers if weight else None}"
        else:
            name, form = self.segments[ref.number], str(self.forms()[ref.number])
        found = _NUMBER.search(name)
        if found is None:
            return ref.kind, form, name + "_", ""
        return ref.kind, form, name[: found.start()], name[found.end() :]

    def series_name(self, members: list[Ref]) -> tuple[str, str]:
        """(name, class) of a series: layer_0..11, dense..dense_3 (its first has no number)."""
        names = [
            self.scope_name(ref.number) if ref.kind == "scope" else (self.node_name(ref.number), "") for ref in members
        ]
        numbered = sorted((int(found[0][:18]), name) for name, _ in names if (found := _NUMBER.search(name)))
        kind = names[0][1]
        bare = [name for name, _ in names if _NUMBER.search(name) is None]
        if not numbered:
            return f"{names[0][0]}..{names[-1][0]}", kind
        last = _NUMBER.search(numbered[-1][1])
        if bare or last is None:
            return f"{bare[0] if bare else names[0][0]}..{numbered[-1][1]}", kind
        first = numbered[0][1]
        found = _NUMBER.search(first)
        assert found is not None
        return f"{first[: found.end()]}..{last[0]}{first[found.end() :]}", kind


def minor_kind(op: str) -> str:
    """What makes a node of an operation fold away, or ""."""
    if op in _CONSTANTS:
        return "constant"
    if op in torch.LISTS:
        return "list"
    return "summary" if _SUMMARY.fullmatch(op) else ""
