"""Panels over the dashboard: what is around an operator, and all that is told of a row or of a span."""

from __future__ import annotations

from collections.abc import Sequence

from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.commands.profile_text import time_text
from tbtui.profiles.around import Around, Neighbour
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel

LABEL_CELLS = 23


class AroundLines(Lines):
    """Who calls an operator, what it calls, what it launches."""

    def __init__(self, found: Around) -> None:
        super().__init__()
        self._lines: list[tuple[str, Neighbour | None]] = []
        for title, group in (("called by", found.callers), ("calls", found.callees), ("launches", found.kernels)):
            kernels = group is found.kernels
            self._lines.append((f"{title}: {len(group)}" if group else f"{title} nothing", None))
            self._lines += [(short_kernel_name(one.name) if kernels else one.name, one) for one in group]

    def count(self, width: int) -> int:
        return len(self._lines)

    def row(self, number: int, width: int) -> list[Piece]:
        text, one = self._lines[number]
        if one is None:
            return [(text, self.look("accent"))]
        words = f"{one.calls:>7,}x {time_text(one.total):>9}"
        room = max(4, width - cell_width(words) - 4)
        name = cut(safe(text), room, "middle")
        return [(f"  {pad(name, room)}  ", self.look("text")), (words, self.look("muted"))]


class AroundPanel(Panel):
    """What is around an operator."""

    def __init__(self, name: str, found: Around) -> None:
        super().__init__()
        self._title, self._found = name, found

    def title_text(self) -> str:
        return self._title

    def lines(self) -> Lines:
        return AroundLines(self._found)


class FactLines(Lines):
    """Labels and values, each as long as it is."""

    def __init__(self, facts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._facts = facts

    def _wrapped(self, width: int) -> list[tuple[str, str]]:
        label_cells = self._label_cells(width)
        found = []
        for label, value in self._facts:
            lines = wrap(safe(value), max(10, width - label_cells))
            found += [(label if number == 0 else "", line) for number, line in enumerate(lines)]
        return found

    def _label_cells(self, width: int) -> int:
        longest = max((cell_width(safe(label)) for label, _ in self._facts), default=0)
        return min(longest + 2, LABEL_CELLS, width // 2)

    def count(self, width: int) -> int:
        return len(self._wrapped(width))

    def row(self, number: int, width: int) -> list[Piece]:
        label, value = self._wrapped(width)[number]
        cells = self._label_cells(width)
        return [(pad(cut(safe(label), cells - 1, "middle"), cells), self.look("muted")), (value, self.look("text"))]


class FactPanel(Panel):
    """All that is told of one thing."""

    def __init__(self, title: str, facts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._facts = title, facts

    def title_text(self) -> str:
        return self._title

    def lines(self) -> Lines:
        return FactLines(self._facts)
