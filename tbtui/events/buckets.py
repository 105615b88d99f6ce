"""Whether a TF1 histogram has as many counts as bucket limits, without decoding it.

All known writers put the five numbers of a HistogramProto first (zeros are left out), then all limits, then all counts,
eight bytes each. What is laid out otherwise is not judged here; it is looked at when it is decoded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.varints import varints
from tbtui.events.wire import BadWire, read_varint

NUMBERS = (0x09, 0x11, 0x19, 0x21, 0x29)  # min, max, num, sum, sum_squares: a key and eight bytes each
LIMITS, COUNTS = 0x32, 0x3A

Positions = NDArray[np.int64]

_FIRST = np.array([(1 << 8 * min(width + 1, 8)) - 1 for width in range(9)], np.uint64)


class Unequal(NamedTuple):
    """How many there are of each."""

    limits: int
    counts: int


def unequal_at_all(buffer: Buffer, at: Positions, end: Positions) -> NDArray[np.bool_]:
    """Which of the histograms whose keys (field 5 of a value) lie at `at` may have other numbers of limits and counts.

    `end`: where their payloads end. None that has is missed; `unequal` tells for certain.
    """
    odd = ~_as_usual(buffer, at, end)
    which = np.flatnonzero(odd)
    if len(which):
        odd[which] = _differ(buffer, at[which], end[which])
    return odd


def _as_usual(buffer: Buffer, at: Positions, end: Positions) -> NDArray[np.bool_]:
    """Which have all five numbers, and then limits and counts of one length: nearly all."""
    long = buffer.u1[at + 1] >= 0x80
    longer = long & (buffer.u1[at + 2] >= 0x80)
    limits = np.minimum(at + (2 + 9 * len(NUMBERS)) + long + longer, end)
    word = buffer.u8[limits]
    width, size = varints(word >> np.uint64(8))
    counts = np.clip(limits + width + 1 + size, 0, end)
    same: NDArray[np.bool_] = (word ^ buffer.u8[counts]) & _FIRST.take(width, mode="clip") == LIMITS ^ COUNTS
    same &= word & np.uint64(0xFF) == LIMITS
    return same


def _differ(buffer: Buffer, at: Positions, end: Positions) -> NDArray[np.bool_]:
    """Which have other numbers of limits and counts, whatever numbers come before them."""
    width, size = varints(buffer.u8[at + 1])
    at = at + width + 1
    stop = np.clip(at + size, 0, end)
    for key in NUMBERS:
        at = at + 9 * (buffer.u1[at] == key)
    sizes: list[Positions] = []
    for key in LIMITS, COUNTS:
        at = np.clip(at, 0, stop)
        there = buffer.u1[at] == key
        width, size = varints(buffer.u8[at + 1])
        sizes.append(size * there)
        at = at + (width + 1 + size) * there
    differ: NDArray[np.bool_] = (at == stop) & (sizes[0] != sizes[1])
    return differ


def unequal(body: memoryview) -> Unequal | None:
    """The numbers of limits and counts of a HistogramProto where they differ; None where they are the same."""
    at = 0
    sizes = []
    try:
        for key in NUMBERS:
            at += 9 * (at < len(body) and body[at] == key)
        for key in LIMITS, COUNTS:
            size = 0
            if at < len(body) and body[at] == key:
                size, at = read_varint(body, at + 1)
                at += size
            sizes.append(size)
    except BadWire:
        return None
    if at != len(body) or sizes[0] == sizes[1]:
        return None
    return Unequal(sizes[0] // 8, sizes[1] // 8)
