"""Rows of the tree as they are told: entries with their sums, keys that name them, the way to them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from tbtui.graphs.model import Entry
from tbtui.graphs.stats import Cost
from tbtui.graphs.table import LIBRARY, MAIN, Table
from tbtui.graphs.tree import Ref, Tree

_MINOR_WORDS = {"constant": "constants", "summary": "summaries", "list": "lists"}


class Rows:
    """Makes entries of refs and finds refs by key."""

    def __init__(self, table: Table, tree: Tree) -> None:
        self.table = table
        self.tree = tree
        self._index: dict[tuple[int, str], int] | None = None
        self._shown: tuple[list[str], list[str]] | None = None
        self._again: dict[int, int] = {}  # of nodes with the name of an earlier one: how many have it before
        numbers = np.arange(len(table))
        known = np.zeros(len(table), np.int64)
        sizes, unknown, weighty = known.copy(), known.copy(), known.copy()
        for node, weight in table.weights.items():
            unknown[node], weighty[node] = weight.is_open, weight.numbers is not None
            if weight.numbers is not None:
                known[node], sizes[node] = min(weight.numbers, 1 << 60), min(weight.size or 0, 1 << 60)
        self._parameters, self._sizes = tree.sums(known.astype(np.float64)), tree.sums(sizes.astype(np.float64))
        self._unknown, self._weighty = tree.sums(unknown), tree.sums(weighty)
        self._ops = tree.sums(np.where(table.made_up[numbers], 0, 1).astype(np.int64))
        self._some_device = any(table.devices)
        self.join({})

    def join(self, costs: dict[str, Cost]) -> int:
        """Takes other costs; returns how many nodes they are of."""
        table = self.table
        self._devices: dict[int, str] = {}
        self._sums: dict[Ref, Entry] = {}
        self.costs = {
            node: costs[name]
            for node, name in enumerate(table.names)
            if table.roots[node] == MAIN and name in costs
        } if costs else {}  # fmt: skip
        compute, memory = np.zeros(len(table)), np.zeros(len(table))
        known = np.zeros(len(table), np.int64)
        for node, cost in self.costs.items():
            compute[node], memory[node], known[node] = cost.compute, cost.memory, 1
        self._compute, self._memory = self.tree.sums(compute), self.tree.sums(memory)
        self._measured = self.tree.sums(known)
        return len(self.costs)

    def entry(self, ref: Ref) -> Entry:
        """The entry of a row."""
        if ref.kind == "node":
            return self._node(ref.number)
        if ref.kind == "scope":
            return self._scope(ref.number)
        return self._several(ref)

    def _node(self, node: int) -> Entry:
        table = self.table
        weight, cost = table.weights.get(node), self.costs.get(node)
        return Entry(
            kind="node",
            key=self._node_key(node),
            name=self.tree.node_name(node) or "(no name)",
            path=table.names[node],
            op=table.ops[node],
            parameters=None if weight is None else weight.numbers,
            size=None if weight is None else weight.size,
            at_least=weight is not None and weight.is_open,
            compute=None if cost is None else cost.compute,
            memory=None if cost is None else cost.memory,
            device=self.device(node),
            minor=self.tree.minor_ops[table.ops[node]],
        )

    def device(self, node: int) -> str:
        """The device of a node: as the graph says, else where it ran."""
        cost = self.costs.get(node)
        return self.table.devices[node] or ("" if cost is None else cost.device)

    def total(self) -> Entry:
        """The sums over the graph itself, without its function library."""
        return self._scope(MAIN)

    def _scope(self, scope: int) -> Entry:
        name, kind = self.tree.scope_name(scope)
        path = self.tree.path(scope)
        told = self._weighty[scope] > 0
        measured = self._measured[scope] > 0
        return Entry(
            kind="scope",
            key=self.key(Ref("scope", scope)),
            name=name or "(no name)",
            path=path,
            op=kind,
            ops=int(self._ops[scope]),
            parameters=int(self._parameters[scope]) if told else None,
            size=int(self._sizes[scope]) if told else None,
            at_least=self._unknown[scope] > 0,
            compute=self._compute[scope] if measured else None,
            memory=int(self._memory[scope]) if measured else None,
            device=self._device(scope),
            minor=self.tree.minor_of(Ref("scope", scope)) if scope > LIBRARY else "",
        )

    def _several(self, ref: Ref) -> Entry:
        """A series, or the minor nodes of a scope: the sum of its members."""
        known = self._sums.get(ref)
        if known is not None:
            return known
        refs = self.members(ref)
        if ref.kind == "series":
            name, op = self.tree.series_name(refs)
            if refs[0].kind == "node":
                op = self.table.ops[refs[0].number]
            key = f"series:{self.key(refs[0])}"
        else:
            counts = Counter(self.tree.minor_of(one) for one in refs)
            name = ", ".join(f"{n} {_MINOR_WORDS[what] if n > 1 else what}" for what, n in sorted(counts.items()))
            op, key = "", "minor" + self._place(ref.number)
        nodes = [one.number for one in refs if one.kind == "node"]
        scopes = [one.number for one in refs if one.kind == "scope"]
        weights = [self.table.weights[node] for node in nodes if node in self.table.weights]
        told = [weight for weight in weights if weight.numbers is not None]
        costs = [self.costs[node] for node in nodes if node in self.costs]
        with_weights = [scope for scope in scopes if self._weighty[scope] > 0]
        measured = bool(costs) or any(self._measured[scope] for scope in scopes)
        devices = Counter([*(self.device(node) for node in nodes), *(self._device(scope) for scope in scopes)])
        some = bool(told or with_weights)
        entry = self._sums[ref] = Entry(
            kind="series" if ref.kind == "series" else "minor",
            key=key,
            name=name,
            path=self.tree.path(ref.number),
            op=op,
            ops=sum(not self.table.made_up[node] for node in nodes) + int(sum(self._ops[scope] for scope in scopes)),
            count=len(refs),
            parameters=_total([w.numbers or 0 for w in told], self._parameters, scopes) if some else None,
            size=_total([w.size or 0 for w in told], self._sizes, scopes) if some else None,
            at_least=any(weight.is_open for weight in weights) or any(self._unknown[scope] for scope in scopes),
            compute=sum(c.compute for c in costs) + sum(self._compute[s] for s in scopes) if measured else None,
            memory=_total([c.memory for c in costs], self._memory, scopes) if measured else None,
            device=devices.most_common(1)[0][0],
        )
        return entry

    def members(self, ref: Ref) -> list[Ref]:
        """What a series, or the minor nodes of a scope, consist of."""
        listing = self.tree.listing(ref.number)
        return listing.series[ref.part] if ref.kind == "series" else listing.minor

    def _device(self, scope: int) -> str:
        """The device that most nodes of a scope have."""
        found = self._devices.get(scope)
        if found is None:
            found = ""
            if self._some_device or self.costs:
                nodes = np.flatnonzero(self.tree.inside(scope)).tolist()
                counts = Counter(device for node in nodes if (device := self.device(node)))
                found = counts.most_common(1)[0][0] if counts else ""
            self._devices[scope] = found
        return found

    def key(self, ref: Ref) -> str:
        """What names a node or a scope."""
        if ref.kind == "node":
            return self._node_key(ref.number)
        return "scope" + self._place(ref.number)

    def _place(self, scope: int) -> str:
        """Where a scope is, as keys say it; of a root without a path, for a scope may have no name."""
        return f":{scope}" if scope <= LIBRARY else f":{self.tree.root(scope)}:{self.tree.path(scope)}"

    def _node_key(self, node: int) -> str:
        root, name = self.table.roots[node], self.table.names[node]
        if self.node_at(root, name) == node:
            return f"node:{root}:{name}"
        return f"again:{root}:{self._again.get(node, 0)}:{name}"

    def node_at(self, root: int, name: str) -> int | None:
        """The (first) node of a name; in a function, that begins with the function's name."""
        if self._index is None:
            self._index = {}
            counts: Counter[tuple[int, str]] = Counter()
            for node, key in enumerate(zip(self.table.roots, self.table.names, strict=True)):
                if self._index.setdefault(key, node) != node:
                    counts[key] += 1
                    self._again[node] = counts[key]
        return self._index.get((root, name))

    def shown_at(self, name: str) -> Ref | None:
        """The row to which the names of rows lead, parts of the path in the file or as they are shown."""
        tree, scope = self.tree, MAIN
        *above, last = name.strip("/").split("/")
        for part in above:
            below = tree.scopes_below[scope]
            found = [one for one in below if part in (tree.segments[one], tree.scope_name(one)[0])]
            if not found:
                return None
            scope = found[0]
        for ref in tree.listing(scope).plain:
            if ref.kind == "scope" and last in (tree.segments[ref.number], tree.scope_name(ref.number)[0]):
                return ref
        nodes = [node for node in tree.nodes_in[scope] if tree.node_name(node) == last]
        return Ref("node", nodes[0]) if nodes else None

    def shown_names(self) -> tuple[list[str], list[str]]:
        """The names of all scopes and of all nodes as rows show them, parts joined by "/". Made once."""
        if self._shown is None:
            tree = self.tree
            scopes = ["", tree.segments[LIBRARY]]
            for scope in range(LIBRARY + 1, len(tree.parents)):
                scopes.append(f"{scopes[tree.parents[scope]]}/{tree.scope_name(scope)[0]}".lstrip("/"))
            nodes = [
                f"{scopes[scope]}/{tree.node_name(node)}".lstrip("/")
                for node, scope in enumerate(tree.node_scopes.tolist())
            ]
            self._shown = scopes, nodes
        return self._shown

    def ref(self, key: str) -> Ref | None:
        """The row of a key, None where there is none."""
        kind, _, rest = key.partition(":")
        if kind == "series":
            return self._series_of(self.ref(rest))
        number, colon, name = rest.partition(":")
        if number not in ("0", "1"):
            return None
        root = int(number)
        if kind == "node":
            node = self.node_at(root, name)
            return None if node is None else Ref("node", node)
        if kind == "again":
            self.node_at(root, "")
            place, _, name = name.partition(":")
            for node, again in self._again.items():
                if self.table.names[node] == name and self.table.roots[node] == root and str(again) == place:
                    return Ref("node", node)
            return None
        if kind not in ("scope", "minor"):
            return None
        scope = self.tree.scope_at(root, name) if colon else root
        if scope is None or (kind == "minor" and not self.tree.listing(scope).minor):
            return None
        return Ref(kind, scope)

    def _series_of(self, ref: Ref | None) -> Ref | None:
        """The series that a row is a member of."""
        if ref is None or ref.kind not in ("node", "scope"):
            return None
        scope = self.holder(ref)
        for part, members in enumerate(self.tree.listing(scope).series if scope >= 0 else ()):
            if ref in members:
                return Ref("series", scope, part)
        return None

    def holder(self, ref: Ref) -> int:
        """The scope a row is in; -1 for a root."""
        if ref.kind == "node":
            return int(self.tree.node_scopes[ref.number])
        return self.tree.parents[ref.number] if ref.kind == "scope" else ref.number

    def below(self, ref: Ref | None, folded: bool) -> list[Ref]:
        """The rows below a row; below None the topmost ones."""
        if ref is None:
            listing = self.tree.listing(MAIN)
            top = listing.folded if folded else listing.plain
            return [*top, Ref("scope", LIBRARY)] if self.tree.scopes_below[LIBRARY] else list(top)
        if ref.kind == "node":
            return []
        if ref.kind == "scope":
            listing = self.tree.listing(ref.number)
            return list(listing.folded if folded else listing.plain)
        return list(self.members(ref))

    def trail(self, ref: Ref, folded: bool) -> list[Ref]:
        """The rows above a row, topmost first."""
        above: list[Ref] = []
        while True:
            if folded and ref.kind in ("node", "scope"):
                fold = self._series_of(ref)
                if fold is None and self.holder(ref) >= 0 and ref in self.tree.listing(self.holder(ref)).minor:
                    fold = Ref("minor", self.holder(ref))
                if fold is not None:
                    above.append(fold)
            scope = self.holder(ref)
            if scope <= MAIN:
                return above[::-1]
            ref = Ref("scope", scope)
            above.append(ref)

    def inside(self, ref: Ref) -> NDArray[np.bool_]:
        """Which nodes belong to a row, bool[n]."""
        if ref.kind == "scope":
            return self.tree.inside(ref.number)
        mask = np.zeros(len(self.table), bool)
        if ref.kind == "node":
            mask[ref.number] = True
            return mask
        for one in self.members(ref):
            if one.kind == "node":
                mask[one.number] = True
            else:
                mask |= self.tree.inside(one.number)
        return mask


def _total(own: list[int], of_scopes: list[float], scopes: list[int]) -> int:
    """The sum of what nodes have, and of what is below scopes."""
    return sum(own) + int(sum(of_scopes[scope] for scope in scopes))
