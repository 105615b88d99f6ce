"""What long records are, from their first bytes, many at once or one: kind, tag, step and wall time of usual events.

Usual is what all known writers do for histograms, images, sounds and tensors: wall time, step, a summary with one
value, its tag, its content. All else has to be read completely.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.headers import Headers
from tbtui.events.record import HEADER_BYTES
from tbtui.events.varints import varints
from tbtui.events.wire import signed64

HISTOGRAM = 0x2A
KINDS = {0x22: "image", HISTOGRAM: "histogram", 0x32: "audio", 0x42: "tensor"}
SHORTEST = 256  # bytes of a payload that may be glanced at together with others: no first bytes are longer

_WALL = struct.Struct("<d")
_IS_KIND = np.isin(np.arange(256), list(KINDS))
_WIDEST_STEP = 7


class Glance(NamedTuple):
    """What the first bytes of a usual event tell."""

    kind: str
    tag: bytes
    step: int
    wall: float


class Glances(NamedTuple):
    """As `Glance`, a column each; only where `usual` is true the rest means something. `keys` are those of KINDS, the
    tag lies at buffer[tags:tags + sizes]."""

    usual: NDArray[np.bool_]
    keys: NDArray[np.uint8]
    tags: NDArray[np.int64]
    sizes: NDArray[np.uint8]
    steps: NDArray[np.int64]
    walls: NDArray[np.float64]


def glance_at_all(buffer: Buffer, headers: Headers) -> Glances:
    """Glance at records that lie whole in the buffer."""
    begin = headers.at + HEADER_BYTES
    end = begin + headers.lengths
    usual = (buffer.u1[begin] == 0x09) & (headers.lengths >= SHORTEST)
    walls = buffer.u8[begin + 1].view(np.float64)
    words = buffer.u8[begin + 9]
    stepped = words & np.uint64(0xFF) == 0x10
    width, steps = varints(words >> np.uint64(8))
    usual &= ~stepped | (width <= _WIDEST_STEP)
    steps *= stepped
    at = begin + 9 + np.where(stepped, width + 1, 0)
    for key in 0x2A, 0x0A:  # the summary, then its only value: each must go on to the end
        usual &= buffer.u1[at] == key
        width, size = varints(buffer.u8[at + 1])
        at += width + 1
        usual &= at + size == end
    sizes = buffer.u1[at + 1]
    usual &= (buffer.u1[at] == 0x0A) & (sizes < 0x80)
    tags = at + 2
    keys = buffer.u1[tags + sizes]
    usual &= _IS_KIND.take(keys)
    return Glances(usual, keys, tags, sizes, steps, walls)


def glance(data: bytes, at: int, length: int) -> Glance | None:
    """Glance at a payload of `length` bytes that begins at data[at]; not all of it need be there."""
    try:
        end = at + length
        if data[at] != 0x09:
            return None
        wall = _WALL.unpack_from(data, at + 1)[0]
        at += 9
        step = 0
        if data[at] == 0x10:
            step, at = _varint(data, at + 1)
        for key in 0x2A, 0x0A:
            if data[at] != key:
                return None
            size, at = _varint(data, at + 1)
            if at + size != end:
                return None
        if data[at] != 0x0A:
            return None
        size, at = _varint(data, at + 1)
        kind = KINDS.get(data[at + size])
        return None if kind is None else Glance(kind, data[at : at + size], signed64(step), wall)
    except (IndexError, struct.error):
        return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
