"""The line over the tree: which graph it is, how large, what was searched for, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from textual.strip import Strip

from tbtui.analysis.text import cut, safe
from tbtui.widgets.fitting import fit, item
from tbtui.widgets.painted import Painted

NAME_CELLS = 40


@dataclass(slots=True)
class Facts:
    """What the line says; "" leaves a thing out."""

    run: str = ""
    title: str = ""
    size: str = ""
    found: str = ""
    order: str = ""
    news: str = ""
    listed: str = ""
    problems: int = 0


class GraphHead(Painted):
    """One line."""

    DEFAULT_CSS = "GraphHead { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="graph-head")
        self.facts = Facts()

    def show(self, facts: Facts) -> None:
        """Say this."""
        if facts != self.facts:
            self.facts = facts
            self.repaint()

    def paint(self, width: int, height: int) -> list[Strip]:
        facts, muted = self.facts, self.look("muted")
        room = max(8, min(NAME_CELLS, width // 3))
        left = [item(1, (f" {cut(safe(facts.title), room)}", self.look("strong")))]
        if facts.run:
            left.append(item(6, (cut(safe(facts.run), room, "tail"), muted)))
        if facts.size:
            left.append(item(5, (facts.size, muted)))
        if facts.order:
            left.append(item(4, (facts.order, muted)))
        right = []
        if facts.listed:
            right.append(item(2, (cut(safe(facts.listed), max(10, width // 2)) + " ", self.look("accent"))))
        if facts.found:
            right.append(item(2, (safe(facts.found) + " ", self.look("accent"))))
        if facts.news:
            right.append(item(3, (facts.news + " ", self.look("good"))))
        if facts.problems:
            words = f"{facts.problems} problem{'s' * (facts.problems != 1)}"
            right.append(item(3, (words + " ", self.look("warn"))))
        return [self.line(fit(left, right, width, self.look("text")), width)]
