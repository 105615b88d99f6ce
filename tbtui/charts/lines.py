"""Lines along rows and columns of cells: where they meet, they get corners, branches and crossings."""

from __future__ import annotations

from tbtui.charts.cells import DIM, Cells

BORDERS = "╭╮╰╯─│"
FOCUS_BORDERS = "┏┓┗┛━┃"
ASCII_BORDERS = "++++-|"

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_GLYPHS = " ╵╶╰╷│╭├╴╯─┴╮┤┬┼"
_ASCII = " |-+||++-+-+++++"
_ASCII_ARROWS = {"▶": ">", "◀": "<", "▼": "v", "▲": "^"}


class Wires:
    """Lines that are collected first and drawn together. arrows: (row, column, sign) at their ends."""

    def __init__(self) -> None:
        self.arrows: list[tuple[int, int, str]] = []
        self._ways: dict[tuple[int, int], int] = {}
        self._solid: set[tuple[int, int]] = set()

    def across(self, row: int, begin: int, end: int, dashed: bool = False) -> None:
        """A line along a row, both ends included, in either direction."""
        begin, end = min(begin, end), max(begin, end)
        for col in range(begin, end + 1):
            self._add(row, col, (_LEFT if col > begin else 0) | (_RIGHT if col < end else 0), dashed)

    def down(self, col: int, begin: int, end: int, dashed: bool = False) -> None:
        """A line along a column, both ends included, in either direction."""
        begin, end = min(begin, end), max(begin, end)
        for row in range(begin, end + 1):
            self._add(row, col, (_UP if row > begin else 0) | (_DOWN if row < end else 0), dashed)

    def _add(self, row: int, col: int, ways: int, dashed: bool) -> None:
        self._ways[row, col] = self._ways.get((row, col), 0) | ways
        if not dashed:
            self._solid.add((row, col))

    def draw(self, cells: Cells, ascii_only: bool) -> None:
        """Puts all lines, then the arrows, into cells."""
        glyphs = _ASCII if ascii_only else _GLYPHS
        for (row, col), ways in self._ways.items():
            if ways in (_LEFT, _RIGHT):  # the ends of a line run on into what is there
                ways = _LEFT | _RIGHT
            sign = glyphs[ways]
            if (row, col) not in self._solid and not ascii_only:
                sign = {"─": "╌", "│": "╎"}.get(sign, sign)
            cells.put(row, col, sign, attrs=DIM)
        for row, col, sign in self.arrows:
            cells.put(row, col, _ASCII_ARROWS[sign] if ascii_only else sign, attrs=DIM)
