"""Ranks side by side: what each spent its steps with, as stacked bars."""

from __future__ import annotations

from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.commands.profile import time_text
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
    """A bar for each rank, the longest fills the line; over them what the colours mean."""

    can_focus = False
    DEFAULT_CSS = "RanksPane { height: auto; max-height: 50%; padding: 0 1; margin-bottom: 1; }"

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="profile-ranks")
        self.colored = True
        self._ascii = ascii_only
        self._rows: list[RankRow] = []

    def show(self, found: Distributed) -> None:
        """Show these ranks."""
        self._rows = found.ranks
        self.styles.height = len(self._rows) + 1
        self.repaint()

    def count(self, width: int) -> int:
        return len(self._rows) + 1 if self._rows else 0

    def row(self, number: int, width: int) -> list[Piece]:
        plain = self._ascii or not self.colored
        if number == 0:
            pieces: list[Piece] = []
            for kind in KINDS:
                pieces.append((f"{kind.letter if plain else '■'} ", self.look("text", kind.color)))
                pieces.append((f"{kind.name}  ", self.look("muted")))
            return pieces
        row = self._rows[number - 1]
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
        rank = row.work.worker if row.work.rank is None else f"rank {row.work.rank}"
        return safe(f"{rank} (late)" if row.straggler else rank)
