"""A grid of terminal cells as NumPy arrays: what every chart is drawn into, and how it becomes text or ANSI.

A widget turns such a grid into strips; ``tbtui plot`` prints it.  Nothing here knows of a screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.colors import ANSI16, RGB, nearest16, nearest256
from tbtui.analysis.text import cell_width, safe

__all__ = [
    "BOLD",
    "DEFAULT",
    "DIM",
    "REVERSE",
    "UNDERLINE",
    "Cells",
    "ColorSystem",
    "Run",
    "blank",
]

BOLD, DIM, REVERSE, UNDERLINE = 1, 2, 4, 8
DEFAULT = -1
"""The terminal's own foreground colour."""

ColorSystem = Literal["truecolor", "256", "16", "none"]
Run = tuple[str, int, int, int]
"""Text of one look: text, colour, attributes, background."""

_SPACE = 0x20
_BEHIND_WIDE = 0
"""The glyph of the second cell of a character that is two cells wide."""
_SGR = ((BOLD, "1"), (DIM, "2"), (UNDERLINE, "4"), (REVERSE, "7"))


@dataclass(slots=True)
class Cells:
    """Cells in rows from the top; the arrays are shared by whoever holds the object, so draw into your own.

    glyphs: uint32[h, w], code points; 0 in the second cell of a wide character.
    colors: int32[h, w], foreground as 0xRRGGBB, -1 for the terminal's own.
    attrs: uint8[h, w], bits BOLD, DIM, REVERSE, UNDERLINE.
    backs: int32[h, w], background as 0xRRGGBB, -1 for the terminal's own; None where all are its own.
    """

    glyphs: npt.NDArray[np.uint32]
    colors: npt.NDArray[np.int32]
    attrs: npt.NDArray[np.uint8]
    backs: npt.NDArray[np.int32] | None = None

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.glyphs.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.glyphs.shape[1])

    def copy(self) -> Cells:
        """The same cells in arrays of their own."""
        backs = None if self.backs is None else self.backs.copy()
        return Cells(self.glyphs.copy(), self.colors.copy(), self.attrs.copy(), backs)

    def back_grid(self) -> npt.NDArray[np.int32]:
        """The backgrounds, to be written into."""
        if self.backs is None:
            self.backs = np.full(self.glyphs.shape, DEFAULT, np.int32)
        return self.backs

    def put(
        self, row: int, col: int, text: str, color: int = DEFAULT, attrs: int = 0, back: int | None = DEFAULT
    ) -> int:
        """Writes text at a place, cut at the borders; returns how many cells it took.

        back: the background it gets, None for the one that is there.

        The text is made harmless (`analysis.text.safe`); accents that have no composed letter are left out, because a
        cell holds one code point. A wide character that would be cut in half is left out.
        """
        codes = _codes(text)
        taken = len(codes)
        first, last = max(0, -col), min(taken, self.width - col)
        if not 0 <= row < self.height or first >= last:
            return taken
        part = codes[first:last].copy()
        if part[0] == _BEHIND_WIDE:
            part[0] = _SPACE
        if last < taken and codes[last] == _BEHIND_WIDE:
            part[-1] = _SPACE
        here = slice(col + first, col + last)
        self._split_wide(row, here.start, here.stop)
        self.glyphs[row, here] = part
        self.colors[row, here] = color
        self.attrs[row, here] = attrs
        if back is not None and (self.backs is not None or back != DEFAULT):
            self.back_grid()[row, here] = back
        return taken

    def _split_wide(self, row: int, start: int, stop: int) -> None:
        """Blanks the half of a wide character that would stay when [start, stop) is written over."""
        glyphs = self.glyphs[row]
        if start > 0 and glyphs[start] == _BEHIND_WIDE:
            glyphs[start - 1] = _SPACE
        if stop < len(glyphs) and glyphs[stop] == _BEHIND_WIDE:
            glyphs[stop] = _SPACE

    def paste(self, cells: Cells, row: int, col: int) -> None:
        """Lays other cells over these with their upper left corner at a place, cut at the borders."""
        top, left = max(0, -row), max(0, -col)
        bottom, right = min(cells.height, self.height - row), min(cells.width, self.width - col)
        if top >= bottom or left >= right:
            return
        here = (slice(row + top, row + bottom), slice(col + left, col + right))
        there = (slice(top, bottom), slice(left, right))
        self.glyphs[here] = cells.glyphs[there]
        self.colors[here] = cells.colors[there]
        self.attrs[here] = cells.attrs[there]
        if self.backs is not None or cells.backs is not None:
            self.back_grid()[here] = DEFAULT if cells.backs is None else cells.backs[there]

    def line(self, row: int) -> str:
        """The text of a row, as many cells wide as the grid."""
        return _text(self.glyphs[row])

    def to_text(self) -> str:
        """Plain text, a line per row, without blanks at the ends of lines and without a line break at the end."""
        return "\n".join(self.line(row).rstrip() for row in range(self.height))

    def to_ansi(self, color_system: ColorSystem = "truecolor") -> str:
        """Lines with SGR sequences; every line ends with the attributes reset.

        With "none" there are no colours but still bold, dim, underline and reverse; for no sequences at all use
        `to_text`.
        """
        return "\n".join(self._ansi_line(row, color_system) for row in range(self.height))

    def runs(self, row: int) -> list[Run]:
        """A row as pieces of one look: (text, color, attrs, back). Blanks without attributes join the piece before
        them, where they have its background."""
        glyphs, colors, attrs = self.glyphs[row], self.colors[row], self.attrs[row]
        if not len(glyphs):
            return []
        inked = attrs & (REVERSE | UNDERLINE) != 0
        clear = (glyphs == _SPACE) & ~inked
        clear[1:] &= ~inked[:-1]  # what is reversed or underlined ends where it ends
        looks = (colors.astype(np.int64) + 1) << 8 | attrs
        if self.backs is None:
            starts = _piece_starts(looks, clear)
            grounds = None
        else:
            grounds = self.backs[row]
            starts = _pieces_on_grounds(looks, clear, grounds)
        if inked.any():
            starts = _without_blanks_before(starts, clear, inked)
        ends = [*starts[1:], len(glyphs)]
        text = _text_with_gaps(glyphs)
        firsts = looks[_first_inks((glyphs != _SPACE) | inked, starts, ends)].tolist()
        backs = [DEFAULT] * len(starts) if grounds is None else grounds[starts].tolist()
        pieces: list[Run] = []
        for start, end, look, back in zip(starts, ends, firsts, backs, strict=True):
            pieces.append((text[start:end].replace("\0", ""), (look >> 8) - 1, look & 0xFF, back))
        return pieces

    def _ansi_line(self, row: int, color_system: ColorSystem) -> str:
        out: list[str] = []
        runs = self.runs(row)
        if runs and not runs[-1][2] & (REVERSE | UNDERLINE) and runs[-1][3] == DEFAULT:
            runs[-1] = (runs[-1][0].rstrip(), *runs[-1][1:])
        for text, color, attrs, back in runs:
            codes = [code for bit, code in _SGR if attrs & bit]
            if color_system != "none":
                codes += [_foreground(color, color_system)] if color != DEFAULT else []
                codes += [_background(back, color_system)] if back != DEFAULT else []
            out.append(f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text)
        return "".join(out)


def blank(height: int, width: int) -> Cells:
    """Cells with nothing in them; negative sizes count as 0."""
    shape = (max(height, 0), max(width, 0))
    return Cells(np.full(shape, _SPACE, np.uint32), np.full(shape, DEFAULT, np.int32), np.zeros(shape, np.uint8))


def _piece_starts(looks: npt.NDArray[np.int64], clear: npt.NDArray[np.bool_]) -> list[int]:
    """Columns where a new piece begins; clear cells belong to the piece before them."""
    ink = np.flatnonzero(~clear)
    if not len(ink):
        return [0]
    changes = ink[1:][looks[ink[1:]] != looks[ink[:-1]]]
    return [0, *changes.tolist()]


def _pieces_on_grounds(
    looks: npt.NDArray[np.int64], clear: npt.NDArray[np.bool_], grounds: npt.NDArray[np.int32]
) -> list[int]:
    """The same where cells have backgrounds: none reaches over a change of the background."""
    cells = np.arange(len(looks))
    shown = np.maximum.accumulate(np.where(clear, -1, cells))
    begins = np.zeros(len(looks), np.bool_)
    begins[0] = True
    begins[1:] = grounds[1:] != grounds[:-1]
    group = np.maximum.accumulate(np.where(begins, cells, 0))
    before = np.concatenate(([-1], shown[:-1]))
    # The first ink on a ground takes the blanks before it; later ink begins a piece where it looks otherwise.
    begins |= ~clear & (before >= group) & (looks != looks[before])
    return np.flatnonzero(begins).tolist()


def _without_blanks_before(starts: list[int], clear: npt.NDArray[np.bool_], inked: npt.NDArray[np.bool_]) -> list[int]:
    """The same, where what is reversed or underlined begins where it begins: the blanks before it are no part of it."""
    found = []
    for start, end in zip(starts, [*starts[1:], len(clear)], strict=True):
        found.append(start)
        ink = start + int(clear[start:end].argmin())
        if ink > start and inked[ink]:
            found.append(ink)
    return found


def _first_inks(ink: npt.NDArray[np.bool_], starts: list[int], ends: list[int]) -> npt.NDArray[np.int64]:
    """Where the ink of each piece begins; where the piece does, if it has none."""
    places = np.append(np.flatnonzero(ink), len(ink))
    first = places[np.searchsorted(places, starts)]
    return np.where(first < ends, first, starts)


def _text(glyphs: npt.NDArray[np.uint32]) -> str:
    return _text_with_gaps(glyphs).replace("\0", "")


def _text_with_gaps(glyphs: npt.NDArray[np.uint32]) -> str:
    """One character a cell, NUL behind wide characters."""
    return glyphs.astype("<u4").tobytes().decode("utf-32-le", "replace")


@lru_cache(maxsize=4096)
def _codes(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text, one a cell; 0 behind each wide one. Read-only."""
    text = safe(text)
    if text.isascii():
        codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.uint32)
    else:
        out: list[int] = []
        for char in text:
            width = cell_width(char)
            if width:
                out.append(ord(char))
                out.extend([_BEHIND_WIDE] * (width - 1))
        codes = np.array(out, np.uint32)
    codes.flags.writeable = False
    return codes


@lru_cache(maxsize=1024)
def _foreground(color: int, color_system: ColorSystem) -> str:
    red, green, blue = color >> 16 & 255, color >> 8 & 255, color & 255
    if color_system == "truecolor":
        return f"38;2;{red};{green};{blue}"
    if color_system == "256":
        return f"38;5;{nearest256((red, green, blue))}"
    number = _number16((red, green, blue))
    return str(30 + number if number < 8 else 82 + number)


@lru_cache(maxsize=1024)
def _background(color: int, color_system: ColorSystem) -> str:
    red, green, blue = color >> 16 & 255, color >> 8 & 255, color & 255
    if color_system == "truecolor":
        return f"48;2;{red};{green};{blue}"
    if color_system == "256":
        return f"48;5;{nearest256((red, green, blue))}"
    number = _number16((red, green, blue))
    return str(40 + number if number < 8 else 92 + number)


def _number16(color: RGB) -> int:
    """The colours of `ANSI16` are meant to the letter, any other is one of the same hue."""
    return ANSI16.index(color) if color in ANSI16 else nearest16(color)
