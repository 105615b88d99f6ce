"""Searching in a graph, and the places one has been to."""

from __future__ import annotations

from dataclasses import dataclass, field

from tbtui.graphs import Entry, Graph


@dataclass(slots=True)
class Search:
    """What was typed, and the keys of what it finds, in the order of the tree.

    place: which of them the cursor is on, -1 for none yet; searching: an answer is still to come.
    """

    text: str = ""
    keys: list[str] = field(default_factory=list)
    error: str = ""
    place: int = -1
    searching: bool = False

    def words(self) -> str:
        """For the line in which it is typed."""
        if not self.text:
            return "name or type, a regular expression"
        if self.searching:
            return "searching"
        return self.error or f"{len(self.keys):,} found"

    def short(self) -> str:
        """For the line over the tree."""
        if not self.text or self.searching:
            return ""
        if self.error:
            return f"/{self.text}: {self.error}"
        where = f"{self.place + 1:,} of {len(self.keys):,}" if self.place >= 0 else f"{len(self.keys):,}"
        return f"/{self.text}: {where}"

    def step(self, by: int, current: str | None) -> str | None:
        """The next or previous key; from the row at the cursor where that was found too."""
        if not self.keys:
            return None
        if self.place < 0 or self.keys[self.place] != current:
            at = self.keys.index(current) if current in self.keys else None
            if at is None:
                at = self.place if self.place >= 0 else (-1 if by > 0 else 0)
            self.place = at
        self.place = (self.place + by) % len(self.keys)
        return self.keys[self.place]


@dataclass(slots=True)
class History:
    """Keys of the rows one came from, and those one went back from."""

    past: list[str] = field(default_factory=list)
    future: list[str] = field(default_factory=list)

    def leave(self, entry: Entry | None) -> None:
        """Remember the row that is left for another one."""
        if entry is not None and (not self.past or self.past[-1] != entry.key):
            self.past.append(entry.key)
        self.future.clear()

    def back(self, graph: Graph, here: Entry | None) -> Entry | None:
        """Where one was before."""
        return _turn(graph, here, self.past, self.future)

    def forward(self, graph: Graph, here: Entry | None) -> Entry | None:
        """Where one went back from."""
        return _turn(graph, here, self.future, self.past)


def _turn(graph: Graph, here: Entry | None, take: list[str], give: list[str]) -> Entry | None:
    while take:
        entry = graph.entry(take.pop())
        if entry is not None and (here is None or entry.key != here.key):
            if here is not None:
                give.append(here.key)
            return entry
    return None
