"""A computation graph: asked for its tree row by row, for details, neighbours, paths."""

from __future__ import annotations

from tbtui.graphs.model import Details, Entry, Found, Neighbourhood, StatsSource, Summary


class Graph:
    """One graph, whatever it was read from. Never raises over what a file holds: see `problems`.

    title: of its source; variants: other forms of it that the source has ("as written", "optimised", ...), to be
    given to `read_graph`; variant: the one this is; stats: tag of the step stats that were joined to it, "" without;
    problems: what is wrong with it, in words.
    """

    title: str
    variant: str
    variants: tuple[str, ...]
    stats: str
    problems: list[str]

    def children(self, entry: Entry | None = None, *, folded: bool = True) -> list[Entry]:
        """The rows below a row; below None the topmost ones, function libraries last.

        folded: numbered siblings of the same form become one "series" row, constants and summaries one "minor" row at
        the end; the rows below those are their members. Made when asked for.
        """
        raise NotImplementedError

    def entry(self, key: str) -> Entry | None:
        """The row of a key, or None where this graph has none."""
        raise NotImplementedError

    def find(self, name: str) -> Entry | None:
        """The node or scope of a full name ("a/b", as the file has it); the scope where both exist."""
        raise NotImplementedError

    def trail(self, entry: Entry, *, folded: bool = True) -> list[Entry]:
        """The rows that must be unfolded to see a row, topmost first, without the row itself."""
        raise NotImplementedError

    def details(self, entry: Entry) -> Details:
        """Everything about a row."""
        raise NotImplementedError

    def neighbourhood(self, entry: Entry, levels: int = 1, most: int = 8) -> Neighbourhood:
        """A row with what it reads from and what reads from it, up to so many levels away.

        Neighbours outside the row's scope are shown as the highest scope that does not hold the row; more than `most`
        of a level become one box.
        """
        raise NotImplementedError

    def search(self, pattern: str) -> Found:
        """Nodes and scopes whose full name, and nodes whose op, a regular expression finds, whatever the case."""
        raise NotImplementedError

    def of_op(self, op: str) -> list[Entry]:
        """All nodes of an operation, in the order of the file."""
        raise NotImplementedError

    def path_from_inputs(self, entry: Entry) -> list[Entry]:
        """The shortest way from an input of the graph to a node, both included; [] where no way leads there."""
        raise NotImplementedError

    def summary(self) -> Summary:
        """The graph in numbers."""
        raise NotImplementedError

    def join(self, stats: StatsSource) -> str:
        """Joins other step stats to the nodes; returns what is wrong with them, or ""."""
        raise NotImplementedError
