"""Draws a terminal's screen as a picture: every cell exactly where it belongs, lines and dots as shapes.

Braille, blocks and box drawing are drawn as shapes, since in most fonts they do not fill their cells; everything else
comes from DejaVu Sans Mono.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pyte.screens import Char, Screen

CELL = (10, 20)
"""Width and height of a cell in the picture, in pixels."""

SCALE = 2
"""Drawn so many times larger, then reduced: smooth edges."""

MARGIN = 10
FOREGROUND, BACKGROUND = "d8d8d8", "121212"

FONTS = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/TTF"), Path("/usr/share/fonts/dejavu"))

PALETTE = {
    "black": "000000",
    "red": "cd3131",
    "green": "0dbc79",
    "brown": "c8a020",
    "blue": "3b78d8",
    "magenta": "bc3fbc",
    "cyan": "11a8cd",
    "white": "e5e5e5",
    "brightblack": "767676",
    "brightred": "f14c4c",
    "brightgreen": "23d18b",
    "brightbrown": "f5f543",
    "brightblue": "6ba4ff",
    "brightmagenta": "d670d6",
    "brightcyan": "29b8db",
    "brightwhite": "ffffff",
}
"""The sixteen colours, by pyte's names."""

Colour = tuple[int, int, int]

# Box drawing: which arms (up, right, down, left) leave the middle; 2 is a heavy arm, 3 a double one.
_ARMS = {
    "─": (0, 1, 0, 1), "│": (1, 0, 1, 0), "┌": (0, 1, 1, 0), "┐": (0, 0, 1, 1), "└": (1, 1, 0, 0), "┘": (1, 0, 0, 1),
    "├": (1, 1, 1, 0), "┤": (1, 0, 1, 1), "┬": (0, 1, 1, 1), "┴": (1, 1, 0, 1), "┼": (1, 1, 1, 1), "╴": (0, 0, 0, 1),
    "╵": (1, 0, 0, 0), "╶": (0, 1, 0, 0), "╷": (0, 0, 1, 0), "━": (0, 2, 0, 2), "┃": (2, 0, 2, 0), "┏": (0, 2, 2, 0),
    "┓": (0, 0, 2, 2), "┗": (2, 2, 0, 0), "┛": (2, 0, 0, 2), "═": (0, 3, 0, 3), "║": (3, 0, 3, 0), "╔": (0, 3, 3, 0),
    "╗": (0, 0, 3, 3), "╚": (3, 3, 0, 0), "╝": (3, 0, 0, 3), "╸": (0, 0, 0, 2), "╺": (0, 2, 0, 0),
    "╼": (0, 2, 0, 1), "╾": (0, 1, 0, 2),
}  # fmt: skip
# Rounded corners: the corner of the cell, in halves, around which they turn.
_ROUND = {"╭": (1, 1), "╮": (0, 1), "╰": (1, 0), "╯": (0, 0)}
# Quadrants: upper left 1, upper right 2, lower left 4, lower right 8.
_QUADRANTS = {"▖": 4, "▗": 8, "▘": 1, "▙": 13, "▚": 9, "▛": 7, "▜": 11, "▝": 2, "▞": 6, "▟": 14}


def render(screen: Screen) -> Image.Image:
    """Draw what the screen shows now."""
    width, height = CELL[0] * SCALE, CELL[1] * SCALE
    margin = MARGIN * SCALE
    background = _ground(screen)
    size = (screen.columns * width + 2 * margin, screen.lines * height + 2 * margin)
    image = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(image)
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            foreground, behind = _colours(cell)
            left, top = margin + column * width, margin + row * height
            if behind != background:
                draw.rectangle((left, top, left + width - 1, top + height - 1), behind)
            if cell.data.strip():
                _draw_sign(draw, cell, left, top, foreground, behind)
            if cell.underscore:
                draw.rectangle((left, top + height - 2 * SCALE, left + width - 1, top + height - SCALE - 1), foreground)
    return image.resize((size[0] // SCALE, size[1] // SCALE), Image.Resampling.BOX)


def save(screen: Screen, path: Path) -> None:
    """Write what the screen shows now as a PNG, with as few colours as it has."""
    picture = render(screen).quantize(256, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def _ground(screen: Screen) -> Colour:
    """The background that most cells have: that of the margin, too."""
    cells = (screen.buffer[row][column] for row in range(screen.lines) for column in range(screen.columns))
    return Counter(_colours(cell)[1] for cell in cells).most_common(1)[0][0]


def _colours(cell: Char) -> tuple[Colour, Colour]:
    """Foreground and background of a cell. `blink` stands for dim text, see tests/support/pty.py."""
    foreground = _colour(FOREGROUND if cell.fg == "default" else PALETTE.get(cell.fg, cell.fg))
    background = _colour(BACKGROUND if cell.bg == "default" else PALETTE.get(cell.bg, cell.bg))
    if cell.reverse:
        foreground, background = background, foreground
    if cell.blink:
        foreground = _mix(foreground, background, 0.5)
    return foreground, background


def _colour(digits: str) -> Colour:
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _mix(one: Colour, two: Colour, share: float) -> Colour:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, two, strict=True))
    return red, green, blue


def _draw_sign(draw: ImageDraw.ImageDraw, cell: Char, left: int, top: int, colour: Colour, behind: Colour) -> None:
    sign, code = cell.data, ord(cell.data[0])
    if 0x2800 <= code <= 0x28FF:
        _draw_braille(draw, code - 0x2800, left, top, colour)
    elif 0x2580 <= code <= 0x259F:
        _draw_block(draw, sign, left, top, colour, behind)
    elif sign in _ARMS:
        _draw_arms(draw, _ARMS[sign], left, top, colour)
    elif sign in _ROUND:
        _draw_corner(draw, _ROUND[sign], left, top, colour)
    else:
        font = _font(cell.bold, cell.italics)
        draw.text((left, top + CELL[1] * SCALE * 0.77), sign, fill=colour, font=font, anchor="ls")


def _draw_braille(draw: ImageDraw.ImageDraw, dots: int, left: int, top: int, colour: Colour) -> None:
    width, height = CELL[0] * SCALE, CELL[1] * SCALE
    radius = width * 0.17
    for bit, (column, row) in enumerate(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))):
        if dots >> bit & 1:
            x, y = left + width * (1 + 2 * column) / 4, top + height * (1 + 2 * row) / 8
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _draw_block(draw: ImageDraw.ImageDraw, sign: str, left: int, top: int, colour: Colour, behind: Colour) -> None:
    width, height, code = CELL[0] * SCALE, CELL[1] * SCALE, ord(sign)

    def part(x0: float, y0: float, x1: float, y1: float, shade: Colour = colour) -> None:
        edges = (left + width * x0, top + height * y0, left + width * x1 - 1, top + height * y1 - 1)
        draw.rectangle(edges, shade)

    if code == 0x2580:
        part(0, 0, 1, 0.5)
    elif code <= 0x2588:
        part(0, 1 - (code - 0x2580) / 8, 1, 1)
    elif code <= 0x258F:
        part(0, 0, (0x2590 - code) / 8, 1)
    elif code == 0x2590:
        part(0.5, 0, 1, 1)
    elif code <= 0x2593:
        part(0, 0, 1, 1, _mix(colour, behind, (code - 0x2590) / 4))
    elif code == 0x2594:
        part(0, 0, 1, 1 / 8)
    elif code == 0x2595:
        part(7 / 8, 0, 1, 1)
    else:
        for bit in range(4):
            if _QUADRANTS[sign] >> bit & 1:
                x, y = (bit & 1) / 2, (bit >> 1) / 2
                part(x, y, x + 0.5, y + 0.5)


def _draw_arms(draw: ImageDraw.ImageDraw, arms: tuple[int, ...], left: int, top: int, colour: Colour) -> None:
    width, height = CELL[0] * SCALE, CELL[1] * SCALE
    x, y = left + width / 2, top + height / 2
    ends = ((x, top), (left + width, y), (x, top + height), (left, y))
    for direction, (weight, end) in enumerate(zip(arms, ends, strict=True)):
        upright = direction % 2 == 0
        for shift in (-2 * SCALE, 2 * SCALE) if weight == 3 else (0,):
            half = SCALE * (1 if weight == 2 else 0.5)
            dx, dy = (shift, 0) if upright else (0, shift)
            low = (min(x, end[0]) + dx - half * upright, min(y, end[1]) + dy - half * (not upright))
            high = (max(x, end[0]) + dx + half * upright - 1, max(y, end[1]) + dy + half * (not upright) - 1)
            if weight:
                draw.rectangle((*low, *high), colour)


def _draw_corner(draw: ImageDraw.ImageDraw, towards: tuple[int, int], left: int, top: int, colour: Colour) -> None:
    """A quarter of a circle between the middles of two sides, and a straight piece to the farther one."""
    width, height = CELL[0] * SCALE, CELL[1] * SCALE
    radius, line = width / 2, round(SCALE * 1.2)
    x = left + width * towards[0]
    y = top + height / 2 + (radius if towards[1] else -radius)
    start = {(1, 1): 180, (0, 1): 270, (1, 0): 90, (0, 0): 0}[towards]
    reach = radius + line / 2
    draw.arc((x - reach, y - reach, x + reach, y + reach), start, start + 90, colour, line)
    edges = (y, top + height) if towards[1] else (top, y)
    middle = left + width / 2
    draw.rectangle((middle - line / 2, edges[0], middle + line / 2 - 1, edges[1] - 1), colour)


@cache
def _font(bold: bool, italics: bool) -> ImageFont.FreeTypeFont:
    """DejaVu Sans Mono at the size at which a character is as wide as a cell."""
    style = {(False, False): "", (True, False): "-Bold", (False, True): "-Oblique", (True, True): "-BoldOblique"}
    name = f"DejaVuSansMono{style[bold, italics]}.ttf"
    for folder in FONTS:
        if (folder / name).exists():
            return ImageFont.truetype(str(folder / name), CELL[0] * SCALE / 0.602)
    raise SystemExit(f"{name} is needed: install the DejaVu fonts (fonts-dejavu)")
