"""Which dots a cell has, and the characters that show them: braille, quadrant blocks, plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["STYLES", "DotStyle", "Style"]

Style = Literal["braille", "blocks", "ascii"]
Masks = npt.NDArray[np.uint8]

_QUADRANTS = " ▘▖▌▝▀▞▛▗▚▄▙▐▜▟█"
_THIRDS = " '-'.:.|"


class DotStyle:
    """The dots of a cell, `columns` wide and `rows` high, as bits of a mask, and what a mask looks like.

    weights: of the dots, column by column from the top; glyphs: uint32, the code point of each mask; count: int8, the
    number of dots in each mask; point: the code point of a point that stands alone.
    """

    def __init__(self, weights: Sequence[Sequence[int]], glyphs: Sequence[int], point: str) -> None:
        self.columns, self.rows = len(weights), len(weights[0])
        self.glyphs = np.array(glyphs, np.uint32)
        self.count = np.array([mask.bit_count() for mask in range(len(glyphs))], np.int8)
        self.point = ord(point)
        # The mask of the dots from one row to before another, for each column of a cell.
        self._stretch = np.zeros((self.columns, (self.rows + 1) ** 2), np.uint8)
        for column, heights in enumerate(weights):
            for begin in range(self.rows + 1):
                for end in range(begin, self.rows + 1):
                    self._stretch[column, begin * (self.rows + 1) + end] = sum(heights[begin:end])

    def masks(
        self, tops: Sequence[npt.NDArray[np.int32]], bottoms: Sequence[npt.NDArray[np.int32]], height: int, width: int
    ) -> Masks:
        """Upright stretches of dots as masks of cells: uint8[n, height, width].

        tops, bottoms: for each of n curves int32[k, width * columns], first and last dot row, empty where top > bottom.
        """
        counts = [len(top) for top in tops]
        limit = height * self.rows
        top, bottom = np.concatenate(tops), np.concatenate(bottoms)
        begin = np.clip(top, 0, limit).astype(np.int16)
        end = np.maximum(np.clip(bottom + 1, 0, limit).astype(np.int16), begin)
        first = (np.arange(height, dtype=np.int16) * self.rows)[:, None]
        # Within each cell: from which of its rows to before which.
        at = np.clip(begin[:, None, :] - first, 0, self.rows)
        at *= self.rows + 1
        at += np.clip(end[:, None, :] - first, 0, self.rows)
        masks: Masks = self._stretch[0][at[:, :, 0 :: self.columns]]
        for column in range(1, self.columns):
            masks |= self._stretch[column][at[:, :, column :: self.columns]]
        if len(masks) > len(counts):
            starts = np.cumsum([0, *counts[:-1]])
            masks = np.bitwise_or.reduceat(masks, starts, axis=0)
        return masks


STYLES: dict[Style, DotStyle] = {
    "braille": DotStyle(((1, 2, 4, 64), (8, 16, 32, 128)), [0x20, *range(0x2801, 0x2900)], "•"),
    "blocks": DotStyle(((1, 2), (4, 8)), [ord(char) for char in _QUADRANTS], "▪"),
    "ascii": DotStyle(((1, 2, 4),), [ord(char) for char in _THIRDS], "*"),
}
