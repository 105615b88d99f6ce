"""A computation graph: asked for its tree row by row, for details, neighbours, paths."""

from __future__ import annotations

from tbtui.graphs import links, search
from tbtui.graphs.model import Details, Entry, Found, Neighbourhood, StatsSource, Summary
from tbtui.graphs.rows import Rows
from tbtui.graphs.stats import Cost
from tbtui.graphs.table import LIBRARY, MAIN, Table
from tbtui.graphs.tree import Ref, Tree


class Graph:
    """One graph, whatever it was read from. Never raises over what a file holds: see `problems`.

    title: of its source; variants: other forms of it that the source has ("before optimisation", ...), to be given to
    `read_graph`; variant: the one this is; stats: tag of the step stats that were joined to it, "" without;
    problems: what is wrong with it, in words.
    """

    def __init__(self, table: Table, title: str = "", variants: tuple[str, ...] = (), variant: str = "") -> None:
        self.title = title
        self.variant = variant
        self.variants = variants
        self.stats = ""
        self.problems: list[str] = table.problems
        self.table = table
        self._rows = Rows(table, Tree(table))
        self._links: links.Links | None = None

    def children(self, entry: Entry | None = None, *, folded: bool = True) -> list[Entry]:
        """The rows below a row; below None the topmost ones, function libraries last.

        folded: numbered siblings of the same form become one "series" row, constants and summaries one "minor" row at
        the end; the rows below those are their members. Made when asked for.
        """
        if entry is None:
            return [self._rows.entry(ref) for ref in self._rows.below(None, folded)]
        ref = self._rows.ref(entry.key)
        return [] if ref is None else [self._rows.entry(one) for one in self._rows.below(ref, folded)]

    def entry(self, key: str) -> Entry | None:
        """The row of a key, or None where this graph has none."""
        ref = self._rows.ref(key)
        return None if ref is None else self._rows.entry(ref)

    def find(self, name: str) -> Entry | None:
        """The node or scope of a full name; the scope where both exist.

        The name may be the one in the file ("a/b"), where the tree has it, or made of what the rows show
        ("Net/layers/0"). What is in a function has the function's name in front; the graph itself comes first.
        """
        for root in (MAIN, LIBRARY):
            scope = self._rows.tree.scope_at(root, name.strip("/"))
            if scope is not None:
                return self._rows.entry(Ref("scope", scope))
            node = self._rows.node_at(root, name)
            if node is not None:
                return self._rows.entry(Ref("node", node))
        ref = self._rows.shown_at(name)
        return None if ref is None else self._rows.entry(ref)

    def trail(self, entry: Entry, *, folded: bool = True) -> list[Entry]:
        """The rows that must be unfolded to see a row, topmost first, without the row itself."""
        ref = self._rows.ref(entry.key)
        return [] if ref is None else [self._rows.entry(one) for one in self._rows.trail(ref, folded)]

    def details(self, entry: Entry) -> Details:
        """Everything about a row."""
        ref = self._rows.ref(entry.key)
        return Details(entry) if ref is None else self._edges().details(ref)

    def neighbourhood(self, entry: Entry, levels: int = 1, most: int = 8) -> Neighbourhood:
        """A row with what it reads from and what reads from it, up to so many levels away.

        Neighbours outside the row's scope are shown as the highest scope that does not hold the row; more than `most`
        of a level become one box, and so do constants.
        """
        ref = self._rows.ref(entry.key)
        return Neighbourhood([], []) if ref is None else links.neighbourhood(self._edges(), ref, levels, most)

    def search(self, pattern: str) -> Found:
        """Nodes and scopes whose full name, and nodes whose op, a regular expression finds, whatever the case.

        In a torch trace the names that rows show count too: "layers.2.attention" finds that module.
        """
        return search.search(self._rows, pattern)

    def of_op(self, op: str) -> list[Entry]:
        """All nodes of an operation, in the order of the file."""
        return search.of_op(self._rows, op)

    def path_from_inputs(self, entry: Entry) -> list[Entry]:
        """The shortest way from an input of the graph to a row, both ends included; [] where no way leads there.

        Of a very long one the input and the last `search.MOST_STEPS` nodes.
        """
        ref = self._rows.ref(entry.key)
        return [] if ref is None else search.path_from_inputs(self._edges(), ref)

    def summary(self) -> Summary:
        """The graph in numbers."""
        return search.summary(self._edges())

    def join(self, stats: StatsSource) -> str:
        """Joins other step stats to the nodes; returns what is wrong with them, or ""."""
        from tbtui.graphs.read import read_costs

        costs, problem = read_costs(stats)
        if problem:
            return problem
        return self.join_costs(costs, stats.tag)

    def join_costs(self, costs: dict[str, Cost], tag: str) -> str:
        """Joins what nodes cost, by name; returns what is wrong, or ""."""
        known = self._rows.join(costs)
        self.stats = tag if known else ""
        return "" if known or not costs else f"the step stats {tag!r} name no node of this graph"

    def _edges(self) -> links.Links:
        if self._links is None:
            self._links = links.Links(self._rows)
        return self._links
