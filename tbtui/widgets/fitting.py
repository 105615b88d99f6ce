"""One line of items that never overlap: where the width is too small, the least important are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from tbtui.analysis.text import cell_width
from tbtui.widgets.painted import Piece


@dataclass(frozen=True, slots=True)
class Item:
    """A few pieces that come and go together."""

    pieces: tuple[Piece, ...]
    rank: int
    """1 is kept longest."""

    @property
    def width(self) -> int:
        """Cells it takes."""
        return sum(cell_width(text) for text, _ in self.pieces)


def item(rank: int, *pieces: Piece) -> Item:
    """An item from its pieces."""
    return Item(pieces, rank)


def fit(left: Sequence[Item], right: Sequence[Item], width: int, space: Style, gap: int = 2) -> list[Piece]:
    """Items at the left and at the right end of a line of `width` cells, `gap` cells between neighbours."""
    kept = sorted((*left, *right), key=lambda entry: entry.rank)
    while kept and _width(kept, gap) > width:
        kept.pop()
    chosen = {id(entry) for entry in kept}
    first = [entry for entry in left if id(entry) in chosen]
    last = [entry for entry in right if id(entry) in chosen]
    pieces = _joined(first, gap, space)
    if last:
        used = _width(first, gap) + _width(last, gap)
        pieces.append((" " * max(0, width - used), space))
        pieces += _joined(last, gap, space)
    return pieces


def _width(items: Sequence[Item], gap: int) -> int:
    return sum(entry.width for entry in items) + gap * max(0, len(items) - 1)


def _joined(items: Sequence[Item], gap: int, space: Style) -> list[Piece]:
    pieces: list[Piece] = []
    for number, entry in enumerate(items):
        if number:
            pieces.append((" " * gap, space))
        pieces += entry.pieces
    return pieces
