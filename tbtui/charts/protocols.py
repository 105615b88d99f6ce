"""Pictures as terminals take them that show pixels: Kitty's graphics protocol, Sixel, and iTerm2's inline images.

Kitty's is used with its placeholders: the picture is sent once under a number, and then stands wherever text says so.
It moves, is cut and is covered as text is, also inside tmux. The other two are drawn at the cursor.
"""

from __future__ import annotations

import base64
import io
import zlib
from functools import lru_cache

import numpy as np

from tbtui.charts.pixels import Pixels

__all__ = ["PLACEHOLDER", "at", "iterm2", "kitty_delete", "kitty_send", "most_side", "placeholder", "sixel", "wrapped"]

PLACEHOLDER = 0x10EEEE
"""The code point of a cell of a picture sent by `kitty_send`; its colour is the picture's number."""

_CHUNK = 4096
"""Characters of data that one command of Kitty's protocol may carry."""

# Marks over the placeholder say row and column: of Unicode 6.0 those of class 230 without a decomposition.
_MARKS = """
305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 5A8-5A9 5AB-5AC 5AF 5C4
610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 735-736 73A 73D 73F-741 743 745 747 749-74A
7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 953-954 F82-F83 F86-F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B
1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC 20E1
20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1
"""
_COLORS = 255


@lru_cache(maxsize=1)
def _marks() -> str:
    found = ""
    for word in _MARKS.split():
        first, _, last = word.partition("-")
        found += "".join(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return found


def most_side() -> int:
    """Rows and columns that a placed picture may have."""
    return len(_marks())


def placeholder(row: int, column: int) -> str:
    """The text of one cell of a placed picture."""
    marks = _marks()
    return chr(PLACEHOLDER) + marks[row] + marks[column]


def kitty_send(number: int, pixels: Pixels, columns: int, rows: int, tmux: bool = False) -> str:
    """Send a picture uint8[h, w, 3] under a number, to be shown in (columns, rows) cells of placeholders.

    The terminal is to answer nothing, neither when all is well nor when it is not.
    """
    height, width = pixels.shape[:2]
    data = base64.standard_b64encode(zlib.compress(np.ascontiguousarray(pixels).tobytes(), 1)).decode("ascii")
    pieces = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)] or [""]
    head = f"a=T,q=2,U=1,i={number},f=24,o=z,s={width},v={height},c={columns},r={rows}"
    commands = []
    for index, piece in enumerate(pieces):
        more = f"m={int(index < len(pieces) - 1)}"
        control = f"{head},{more}" if index == 0 else f"q=2,{more}"
        commands.append(wrapped(f"\x1b_G{control};{piece}\x1b\\", tmux))
    return "".join(commands)


def kitty_delete(number: int, tmux: bool = False) -> str:
    """Let the terminal forget a picture."""
    return wrapped(f"\x1b_Ga=d,d=I,q=2,i={number}\x1b\\", tmux)


def wrapped(command: str, tmux: bool) -> str:
    """A command as tmux hands it on to the terminal around it."""
    return "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\" if tmux else command


def iterm2(pixels: Pixels, columns: int, rows: int, tmux: bool = False) -> str:
    """A picture uint8[h, w, 3] over (columns, rows) cells, its upper left corner at the cursor."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=1)
    data = file.getvalue()
    how = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=1;doNotMoveCursor=1"
    return wrapped(f"\x1b]1337;File={how}:{base64.standard_b64encode(data).decode('ascii')}\x07", tmux)


def sixel(pixels: Pixels) -> str:
    """A picture uint8[h, w, 3] in at most 255 colours, its upper left corner at the cursor."""
    from PIL import Image

    height, width = pixels.shape[:2]
    image = Image.fromarray(np.ascontiguousarray(pixels)).quantize(
        _COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    levels = np.asarray(image)
    palette = np.array((image.getpalette() or [])[: 3 * _COLORS], np.int64).reshape(-1, 3)
    used = np.unique(levels)
    shares = (palette[used] * 100 + 127) // 255
    out = [f'\x1bP0;1;0q"1;1;{width};{height}']
    out += [f"#{number};2;{r};{g};{b}" for number, (r, g, b) in zip(used.tolist(), shares.tolist(), strict=True)]
    for top in range(0, height, 6):
        out.append(_band(levels[top : top + 6], width))
    return "".join(out) + "\x1b\\"


def _band(levels: np.ndarray, width: int) -> str:
    """Six rows of colour numbers: for each colour that is in them, which of the six have it, column by column."""
    numbers, places = np.unique(levels, return_inverse=True)
    bits = 1 << np.arange(len(levels))
    keys = (places.reshape(levels.shape) * width + np.arange(width)).ravel()
    weights = np.repeat(bits, width)
    grid = np.bincount(keys, weights, len(numbers) * width).astype(np.uint8).reshape(len(numbers), width)
    begins = np.ones(grid.shape, np.bool_)
    begins[:, 1:] = grid[:, 1:] != grid[:, :-1]
    flat = np.flatnonzero(begins)
    values = grid.ravel()[flat].tolist()
    lengths = np.diff(np.append(flat, grid.size)).tolist()
    owners = (flat // width).tolist()
    lines: list[list[str]] = [[f"#{number}"] for number in numbers.tolist()]
    for owner, value, length in zip(owners, values, lengths, strict=True):
        sign = chr(63 + value)
        lines[owner].append(sign * length if length < 4 else f"!{length}{sign}")
    return "$".join("".join(line) for line in lines) + "-"


def at(row: int, column: int, drawing: str) -> str:
    """What draws at the cursor, drawn at a cell counted from 0; the cursor is where it was afterwards."""
    return f"\x1b7\x1b[{row + 1};{column + 1}H{drawing}\x1b8"
