"""A small data set that makes itself: 16x16 pictures of handwritten-looking digits.

Ten glyphs of an own bitmap font are drawn with a random shift, rotation, scale, slant, stroke width, brightness and
noise, so that the task is easy to begin with and hard to finish, as real ones are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 16
"""Height and width of a picture, in pixels."""

CLASSES = 10

_FONT = """
.###.  ..#..  .###.  ####.  ...#.  #####  ..##.  #####  .###.  .###.
#...#  .##..  #...#  ....#  ..##.  #....  .#...  ....#  #...#  #...#
#...#  ..#..  ....#  ....#  .#.#.  ####.  #....  ...#.  #...#  #...#
#...#  ..#..  ...#.  .###.  #..#.  ....#  ####.  ..#..  .###.  .####
#...#  ..#..  ..#..  ....#  #####  ....#  #...#  ..#..  #...#  ....#
#...#  ..#..  .#...  ....#  ...#.  #...#  #...#  .#...  #...#  ...#.
.###.  .###.  #####  ####.  ...#.  .###.  .###.  .#...  .###.  .##..
"""


@dataclass(frozen=True)
class Digits:
    """Pictures float32[n, 16, 16], 0 dark to 1 bright, and what they show, int64[n] of 0..9."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def glyphs() -> NDArray[np.float32]:
    """The font: float32[10, 7, 5] of 0 and 1."""
    rows = [line.split() for line in _FONT.strip().splitlines()]
    digits = [[[float(sign == "#") for sign in row[digit]] for row in rows] for digit in range(CLASSES)]
    return np.array(digits, np.float32)


def make_digits(count: int, random: np.random.Generator) -> Digits:
    """Draw `count` digits, every class equally often (as far as the count allows), in random order."""
    labels = random.permutation(np.arange(count) % CLASSES)
    angle = random.normal(0, 0.22, count)
    scale = random.uniform(0.8, 1.25, count)
    slant = random.normal(0, 0.18, count)
    shift = random.uniform(-1.8, 1.8, (2, count))
    # Where each pixel's centre lies in the glyph: the way back from the picture to the font, in font cells.
    row, column = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    y = row[None] - shift[0][:, None, None]
    x = column[None] - shift[1][:, None, None]
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    y, x = cos * y - sin * x, sin * y + cos * x
    x = x + slant[:, None, None] * y
    cell = 1.75 * scale[:, None, None]  # picture pixels in one font cell
    field = _sample(_strokes(), labels, y / cell + 3, x / cell + 2)
    width = random.uniform(0.28, 0.5, count)[:, None, None]
    ink = 1 / (1 + np.exp(-(field - width) * 14))
    ink *= random.uniform(0.7, 1.0, count)[:, None, None]
    noisy = ink + random.normal(0, 0.14, ink.shape)
    return Digits(np.clip(noisy, 0, 1).astype(np.float32), labels.astype(np.int64))


_FINE = 4
"""Samples of the stroke field in one font cell."""
_MARGIN = 3
"""Empty font cells around a glyph."""


def _strokes() -> NDArray[np.float32]:
    """The font as a smooth field, float32[10, rows, columns]: about 1 in the middle of a stroke, falling off."""
    padded = np.pad(glyphs(), ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)))
    fine = padded.repeat(_FINE, axis=1).repeat(_FINE, axis=2)
    kernel = np.array([1, 2, 3, 4, 3, 2, 1], np.float32) / 16
    for axis in (1, 2):
        fine = sum(weight * np.roll(fine, offset - 3, axis) for offset, weight in enumerate(kernel))
    return np.asarray(fine, np.float32)


def _sample(
    field: NDArray[np.float32], which: NDArray[np.int64], y: NDArray[np.float64], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Look the field up at font coordinates float[n, 16, 16], between its samples (bilinear)."""
    y = np.clip((y + _MARGIN + 0.5) * _FINE - 0.5, 0, field.shape[1] - 1.001)
    x = np.clip((x + _MARGIN + 0.5) * _FINE - 0.5, 0, field.shape[2] - 1.001)
    top, left = y.astype(np.intp), x.astype(np.intp)
    down, right = y - top, x - left
    digit = which[:, None, None]
    upper = field[digit, top, left] * (1 - right) + field[digit, top, left + 1] * right
    lower = field[digit, top + 1, left] * (1 - right) + field[digit, top + 1, left + 1] * right
    return upper * (1 - down) + lower * down
