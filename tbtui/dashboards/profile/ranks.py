"""Ranks side by side: what each spent its steps with, as stacked bars."""

from __future__ import annotations

from tbtui.analysis.text import cell_width, cut, pad, wrap
from tbtui.commands.profile_text import time_text
from tbtui.commands.ranks import rank_name, said_of_ranks
from tbtui.dashboards.profile.categories import Category, stacked
from tbtui.profiles.distributed import Distributed, RankRow
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

KINDS = (
    Category("computation", (0x22, 0xA0, 0x40), "C"),
    Category("both at once", (0x00, 0x96, 0xC3), "B"),
    Category("communication", (0xF0, 0x4B, 0xC3), "M"),
    Category("neither", (0x7C, 0x86, 0x94), "."),
)
TIME_CELLS = 9
MOST_NAME = 24


class RanksPane(Lines):
    """What is said of the ranks, and a bar for each, the longest fills the line; over them what the colours mean."""

    can_focus = False
    DEFAULT_CSS = "RanksPane { height: auto; max-height: 60%; padding: 0 1; margin-bottom: 1; }"

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="profile-ranks")
        self.colored = True
        self._ascii = ascii_only
        self._rows: list[RankRow] = []
        self._sentences: list[tuple[str, bool]] = []

    def show(self, found: Distributed) -> None:
        """Show these ranks."""
        self._rows, self._sentences = found.ranks, said_of_ranks(found)
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        width = self.content_size.width
        if width:
            self.styles.height = self.count(width)
        self.repaint()

    def _over(self, width: int) -> list[list[Piece]]:
        """The lines over the bars."""
        found: list[list[Piece]] = []
        for text, bad in self._sentences:
            look = self.look("warn" if bad else "text")
            found += [[(line.strip(), look)] for line in wrap(text, width)]
        plain = self._ascii or not self.colored
        line: list[Piece] = []
        for kind in KINDS:
            if line and sum(cell_width(text) for text, _ in line) + 2 + cell_width(kind.name) > width:
                found.append(line)
                line = []
            line.append((f"{kind.letter if plain else '■'} ", self.look("text", kind.color)))
            line.append((f"{kind.name}  ", self.look("muted")))
        return [*found, line]

    def count(self, width: int) -> int:
        return len(self._rows) + len(self._over(width)) if self._rows else 0

    def row(self, number: int, width: int) -> list[Piece]:
        plain = self._ascii or not self.colored
        over = self._over(width)
        if number < len(over):
            return over[number]
        row = self._rows[number - len(over)]
        names = [self._title(one) for one in self._rows]
        cells = min(max(map(cell_width, names)), MOST_NAME, width // 3)
        longest = max(one.work.duration for one in self._rows)
        work = row.work
        spent = {
            "computation": work.computation - work.overlap,
            "both at once": work.overlap,
            "communication": work.communication - work.overlap,
            "neither": work.other,
        }
        bar = stacked(spent, longest, max(4, width - cells - TIME_CELLS - 2), KINDS, plain)
        name = pad(cut(self._title(row), cells, "tail"), cells)
        look = self.look("warn" if row.straggler else "muted")
        return [
            (name, look),
            (f"{time_text(work.duration):>{TIME_CELLS}} ", self.look("text")),
            *((one.text, self.look("text", one.color)) for one in bar),
        ]

    def _title(self, row: RankRow) -> str:
        return f"{rank_name(row)} (late)" if row.straggler else rank_name(row)
