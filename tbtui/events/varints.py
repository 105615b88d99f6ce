"""Variable-length numbers, many at once: each in a little-endian word that begins with its first byte."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDEST = 8  # bytes that fit a word

Words = NDArray[np.uint64]

_MASKS = np.array([(1 << 8 * width) - 1 for width in range(WIDEST + 1)], np.uint64)


def varints(words: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(width in bytes, number) of the varint at the beginning of each word; width 9: it does not end in the word."""
    width = np.ones(len(words), np.int64)
    goes_on = np.ones(len(words), bool)
    for i in range(WIDEST):
        goes_on &= words & np.uint64(0x80 << 8 * i) != 0
        if not goes_on.any():
            break
        width += goes_on
    return width, joined(first_bytes(words, width), int(width.max(initial=1)))


def first_bytes(words: Words, width: NDArray[np.integer[Any]]) -> Words:
    """The first `width` bytes of each word, all of it where that is more than it has."""
    return words & _MASKS.take(width, mode="clip")


def joined(varint_bytes: Words, width: int) -> NDArray[np.int64]:
    """The numbers whose varints of at most `width` bytes are these, with zeros behind them."""
    steps = varint_bytes & np.uint64(0x7F7F7F7F7F7F7F7F)
    if width > 1:
        steps = (steps & np.uint64(0x007F007F007F007F)) | (steps & np.uint64(0x7F007F007F007F00)) >> np.uint64(1)
    if width > 2:
        steps = (steps & np.uint64(0x00003FFF00003FFF)) | (steps & np.uint64(0x3FFF00003FFF0000)) >> np.uint64(2)
    if width > 4:
        steps = (steps & np.uint64(0x000000000FFFFFFF)) | (steps & np.uint64(0x0FFFFFFF00000000)) >> np.uint64(4)
    return steps.view(np.int64)
