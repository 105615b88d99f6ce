"""The rows of a graph's tree that are unfolded, or of a list of nodes. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import NamedTuple

from tbtui.graphs import Entry, Graph

MOST_UNFOLDED = 20_000
"""Unfolding everything below a row stops after so many rows."""

LONGEST_CHAIN = 50
"""At most so many rows are unfolded from the start."""

FEW = 8
"""From the start so many rows are shown, where the graph has them."""


MANY = 1500
"""Making so many rows is noticed; it is done beside everything else."""

TRAILS_KEPT = 16


class Row(NamedTuple):
    """One row, and how many rows are above it in the tree."""

    entry: Entry
    depth: int


class Order(NamedTuple):
    """What rows may be sorted by: its name, and the number, the largest first; None goes last."""

    title: str
    get: Callable[[Entry], float | None]


ORDERS = (
    Order("time", lambda entry: entry.compute),
    Order("memory", lambda entry: entry.memory),
    Order("parameters", lambda entry: entry.parameters),
    Order("nodes", lambda entry: entry.ops),
)


class Rows:
    """The tree of one graph as far as it is unfolded; or, while `listed` is not None, a list of nodes.

    open: keys of the rows that are unfolded; order: what siblings are sorted by, None as the file has them; folded:
    like siblings are one row, and constants and summaries one row.
    """

    def __init__(self, graph: Graph, open_: set[str] | None = None, order: Order | None = None) -> None:
        self.graph = graph
        self.open: set[str] = set() if open_ is None else open_
        self.order = order
        self.folded = True
        self.listed: list[Entry] | None = None
        self.rows: list[Row] = []
        self._children: dict[tuple[str, bool, str], Sequence[Entry]] = {}
        self._trails: dict[tuple[str, bool], list[Entry]] = {}
        if open_ is None:
            self._open_what_is_large()
        self.build()

    def __len__(self) -> int:
        return len(self.rows)

    def build(self) -> None:
        """Make the rows anew: after `open`, `order`, `folded` or `listed` changed."""
        if self.listed is not None:
            self.rows = [Row(entry, 0) for entry in self._sorted(self.listed)]
            return
        self.rows = []
        self.rows = self._below(None, 0, self.open)

    def children(self, entry: Entry | None) -> Sequence[Entry]:
        """The rows below one, in order."""
        key = self._key(entry)
        known = self._children.get(key)
        if known is None:
            known = self._children[key] = self._sorted(self.graph.children(entry, folded=self.folded))
        return known

    def _key(self, entry: Entry | None) -> tuple[str, bool, str]:
        order = self.order.title if self.order is not None else ""
        return (entry.key if entry is not None else "", self.folded, order)

    # What follows may be called in another thread: it only finds out what the others need then, and they are quick.

    def is_light(self, entry: Entry | None) -> bool:
        """Whether the rows below one are known, or quickly made."""
        if entry is None:
            return len(self.rows) < MANY
        return entry.ops < MANY or self._key(entry) in self._children

    def warm(self, entry: Entry | None, everything: bool = False) -> None:
        """Find the rows below one as far as they are unfolded, or all of them."""
        waiting: list[Entry | None] = [entry]
        found = 0
        for one in waiting:  # grows
            below = self.children(one)
            found += len(below)
            if everything and found > MOST_UNFOLDED:
                return
            waiting += [child for child in below if child.kind != "node" and (everything or child.key in self.open)]

    def warm_trail(self, entry: Entry) -> None:
        """Find what hides a row, and what else is there."""
        self.children(None)
        for above in self.trail(entry):
            self.children(above)

    def trail(self, entry: Entry) -> list[Entry]:
        """The rows that hide a row."""
        key = (entry.key, self.folded)
        if key not in self._trails:
            if len(self._trails) >= TRAILS_KEPT:
                self._trails.clear()
            self._trails[key] = self.graph.trail(entry, folded=self.folded)
        return self._trails[key]

    # -- folding -----------------------------------------------------------------------------------------------

    def is_open(self, number: int) -> bool:
        """Whether the rows below a row are shown."""
        return self.listed is None and self.rows[number].entry.key in self.open

    def can_open(self, number: int) -> bool:
        """Whether there is anything below it."""
        return self.listed is None and self.rows[number].entry.kind != "node"

    def unfold(self, number: int) -> None:
        """Show what is below a row; what was unfolded there before is so again."""
        entry, depth = self.rows[number]
        if self.can_open(number) and entry.key not in self.open:
            self.open.add(entry.key)
            self.rows[number + 1 : number + 1] = self._below(entry, depth + 1, self.open)

    def fold(self, number: int) -> None:
        """Hide what is below a row."""
        entry, depth = self.rows[number]
        if entry.key in self.open:
            self.open.discard(entry.key)
            del self.rows[number + 1 : self._end(number, depth)]

    def fold_all(self) -> None:
        """Hide everything but the topmost rows."""
        self.open.clear()
        self.build()

    def unfold_all(self, number: int) -> bool:
        """Show everything below a row; False where that would be too much, and only a part is shown."""
        entry, depth = self.rows[number]
        if not self.can_open(number):
            return True
        self.fold(number)
        whole = True
        waiting = [entry]
        shown = 0
        for one in waiting:  # grows: level by level, so that a part is the upper part
            if shown > MOST_UNFOLDED:
                whole = False
                break
            self.open.add(one.key)
            below = self.children(one)
            shown += len(below)
            waiting += [child for child in below if child.kind != "node"]
        self.rows[number + 1 : number + 1] = self._below(entry, depth + 1, self.open)
        return whole

    def parent(self, number: int) -> int | None:
        """The row that a row is below of."""
        depth = self.rows[number].depth
        return next((above for above in range(number - 1, -1, -1) if self.rows[above].depth < depth), None)

    def find(self, key: str) -> int | None:
        """Where the row of a key is, if it is shown."""
        return next((number for number, row in enumerate(self.rows) if row.entry.key == key), None)

    def reveal(self, entry: Entry) -> int | None:
        """Unfold what hides a row; returns where it is."""
        if self.listed is not None:
            self.listed = None
            self.build()
        number = 0
        for above in (*self.trail(entry), entry):
            found = next((n for n in range(number, len(self.rows)) if self.rows[n].entry.key == above.key), None)
            if found is None:
                return None if above is entry else self.find(entry.key)
            if above is not entry:
                self.unfold(found)
            number = found
        return number

    def _sorted(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        if self.order is None:
            return entries
        get = self.order.get
        return sorted(entries, key=lambda entry: -(get(entry) or 0.0))

    def _end(self, number: int, depth: int) -> int:
        """The first row behind those below a row."""
        rows = self.rows
        return next((n for n in range(number + 1, len(rows)) if rows[n].depth <= depth), len(rows))

    def _below(self, entry: Entry | None, depth: int, open_: set[str]) -> list[Row]:
        """The rows below one as far as they are unfolded. Not by recursion: trees may be a thousand levels deep."""
        top = self.children(entry)
        if not open_:
            return list(map(Row, top, repeat(depth)))
        rows: list[Row] = []
        levels = [iter(top)]
        while levels:
            child = next(levels[-1], None)
            if child is None:
                levels.pop()
                continue
            rows.append(Row(child, depth + len(levels) - 1))
            if child.kind != "node" and child.key in open_:
                levels.append(iter(self.children(child)))
        return rows

    def _open_what_is_large(self) -> None:
        """Unfold the row with the most nodes, and again, until there is something to look at."""
        shown: list[Entry] = list(self.children(None))
        for _ in range(LONGEST_CHAIN):
            closed = [entry for entry in shown if entry.kind in ("scope", "series") and entry.key not in self.open]
            if len(shown) >= FEW or not closed:
                return
            largest = max(closed, key=lambda entry: entry.ops)
            self.open.add(largest.key)
            shown += self.children(largest)
