"""The colour and the marker of every run, and the nearest colours of terminals that have few.

The palette was searched for numerically: all its colours stand out from a black and from a white background, and
the smallest distance between any two of the first eight, in OKLab and as seen with protanopia, deuteranopia and
tritanopia (Machado et al. 2009), is as large as could be found.
"""

from __future__ import annotations

import colorsys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import repeat

__all__ = [
    "ANSI16",
    "ASCII_MARKERS",
    "MARKERS",
    "PALETTE",
    "RGB",
    "nearest16",
    "nearest256",
    "run_colors",
    "run_marker",
]

RGB = tuple[int, int, int]

_FIRST = 8  # colours that can be told apart with any kind of colour vision: used up before the others
PALETTE: tuple[RGB, ...] = (
    (0x3C, 0x96, 0xFF),  # blue
    (0xF5, 0x39, 0x1E),  # red
    (0x1E, 0x96, 0x69),  # green
    (0xC3, 0xB4, 0x00),  # gold
    (0x69, 0x3C, 0xFF),  # violet
    (0xFF, 0x96, 0xA5),  # salmon
    (0x96, 0x4B, 0x96),  # plum
    (0xF0, 0x4B, 0xC3),  # magenta
    (0x00, 0x96, 0xC3),
    (0x87, 0x78, 0x00),
    (0x00, 0xC3, 0x78),
    (0xB4, 0x00, 0xD2),
    (0xC3, 0x96, 0x3C),
    (0xA5, 0x4B, 0x4B),
    (0xC3, 0xA5, 0xFF),
    (0xC3, 0x0F, 0x78),
)

MARKERS = "●▲■◆▼★✚○△□◇▽"
ASCII_MARKERS = "*ox+#@%&=~^v"

ANSI16: tuple[RGB, ...] = (
    (0, 0, 0),
    (170, 0, 0),
    (0, 170, 0),
    (170, 85, 0),
    (0, 0, 170),
    (170, 0, 170),
    (0, 170, 170),
    (170, 170, 170),
    (85, 85, 85),
    (255, 85, 85),
    (85, 255, 85),
    (255, 255, 85),
    (85, 85, 255),
    (255, 85, 255),
    (85, 255, 255),
    (255, 255, 255),
)
"""The sixteen colours as the VGA adapter had them: the common idea of what their numbers mean."""

# Hue in degrees up to which a colour counts as the ANSI colour of that number (1 red .. 6 cyan).
_HUES = ((25, 1), (90, 3), (165, 2), (205, 6), (270, 4), (335, 5), (361, 1))
_CUBE = (0, 95, 135, 175, 215, 255)


def run_colors(names: Iterable[str], taken: Mapping[str, RGB] | None = None) -> dict[str, RGB]:
    """A colour for each run, the same wherever and whenever the same runs are looked at.

    Each name starts at the place in the palette that its hash gives, and moves on to a colour that no other run has
    yet; when all are in use, to one of those used least. `taken` holds colours given before (or chosen by hand):
    they stay, and a run that appears later takes what is free. The answer holds exactly `names`.
    """
    given = dict(taken or {})
    used = Counter(given.values())
    colors: dict[str, RGB] = {}
    for name in names:
        color = given.get(name)
        if color is None:
            color = _free_color(name, used)
            used[color] += 1
            given[name] = color
        colors[name] = color
    return colors


def _free_color(name: str, used: Mapping[RGB, int]) -> RGB:
    start = zlib.crc32(name.encode("utf-8", "surrogateescape"))
    fewest = min(map(used.get, PALETTE, repeat(0)))
    for tier in (PALETTE[:_FIRST], PALETTE[_FIRST:]):
        for step in range(len(tier)):
            color = tier[(start + step) % len(tier)]
            if used.get(color, 0) == fewest:
                return color
    raise AssertionError("one colour is always among those used least")


def run_marker(index: int, ascii_only: bool = False) -> str:
    """The sign that tells the `index`-th shown run apart where there is no colour."""
    markers = ASCII_MARKERS if ascii_only else MARKERS
    return markers[index % len(markers)]


def nearest256(color: RGB) -> int:
    """The number (16-255) of the xterm colour that is nearest: from the 6x6x6 cube or the grey ramp."""
    red, green, blue = (_cube_level(part) for part in color)
    cube: RGB = (_CUBE[red], _CUBE[green], _CUBE[blue])
    grey_step = min(23, max(0, round((sum(color) / 3 - 8) / 10)))
    grey = 8 + 10 * grey_step
    if _distance(color, (grey, grey, grey)) < _distance(color, cube):
        return 232 + grey_step
    return 16 + 36 * red + 6 * green + blue


def _cube_level(part: int) -> int:
    return min(range(6), key=lambda level: abs(_CUBE[level] - part))


def nearest16(color: RGB) -> int:
    """The number (1-14) of the ANSI colour of the same hue, the bright one for light colours; greys are 7 and 8.

    Never black or white, which are backgrounds. By hue and not by distance, because every terminal has its own idea
    of these sixteen colours.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in color))
    if saturation < 0.15:
        return 7 if lightness > 0.6 else 8
    number = next(number for limit, number in _HUES if hue * 360 < limit)
    return number + 8 if max(color) >= 0xD8 else number


def _distance(one: RGB, two: RGB) -> float:
    """A quick perceptual distance ("redmean"), good enough to choose among few colours."""
    red = (one[0] + two[0]) / 2
    dr, dg, db = one[0] - two[0], one[1] - two[1], one[2] - two[2]
    return (2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db
