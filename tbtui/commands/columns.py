"""Rows of text set in columns: as wide as they need, the flexible ones cut where the line is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tbtui.analysis.text import cell_width, cut, pad

__all__ = ["Column", "set_in_columns"]

GAP = 2
LEAST = 12  # cells that a column which is cut keeps at least


@dataclass(frozen=True)
class Column:
    """A column: its heading, whether it is aligned to the right, and what gives where there is no room: which part of
    its cells stays when they are cut (None: they are not cut), and whether it may be left out."""

    heading: str
    right: bool = False
    keep: Literal["head", "middle"] | None = None
    optional: bool = False


def set_in_columns(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A line of headings and one line for each row, none wider than `width` as long as that can be.

    Optional columns go first, from the right; then those that may be cut are cut, the widest most. Columns without any
    content are left out. Cells must be safe to show. Lines have no spaces at their ends.
    """
    kept = [index for index in range(len(columns)) if any(row[index] for row in rows) or index == 0]
    lines = [[column.heading for column in columns], *rows]
    needs = [max(cell_width(line[index]) for line in lines) for index in range(len(columns))]
    least = [min(LEAST, need) if column.keep else need for need, column in zip(needs, columns, strict=True)]
    for index in reversed(range(len(columns))):
        if columns[index].optional and index in kept and _total(least, kept) > width:
            kept.remove(index)
    widths = list(needs)
    while _total(widths, kept) > width:
        index = max(kept, key=lambda i: widths[i] - least[i])
        if widths[index] == least[index]:
            break
        widths[index] -= 1
    return [_line([(columns[i], line[i], widths[i]) for i in kept]) for line in lines]


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[index] for index in kept) + GAP * (len(kept) - 1)


def _line(cells: Sequence[tuple[Column, str, int]]) -> str:
    texts = []
    for column, text, width in cells:
        short = cut(text, width, keep=column.keep) if column.keep else text
        texts.append(pad(short, width, "right" if column.right else "left"))
    return (" " * GAP).join(texts).rstrip()
