"""Heads: wall time and step of many events at once, which lie before their summaries.

An event as its writers write it begins with the wall time (key 0x09, eight bytes), then has the step (key 0x10, a
varint; absent where it is 0), then the rest, here called its tail. Events whose tails differ in a number only are of
one tag, however many bytes their steps take: so events are sorted by the length of their tails.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer, Rows
from tbtui.events.checksum import Words, contributions, rotated_start
from tbtui.events.record import HEADER_BYTES
from tbtui.events.varints import joined

WALL_END = 9  # key and eight bytes of the wall time
WIDEST_STEP = 6  # bytes of a step's varint that the fast path takes: steps below 2**42
ROOM = 16  # bytes before a tail in which its head has its place (and part of the record's header)
NO_HEAD = -1

Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]
Sizes = list[tuple[int, int, int]]

_WORD = 8


def step_fields(buffer: Buffer, at: Positions) -> NDArray[np.int8]:
    """How many bytes the step's field takes in each of the events whose records begin at these positions, int8[n]: 0
    where it is absent, NO_HEAD where it is too wide or something else comes behind the wall time."""
    raw = buffer.u1[HEADER_BYTES + WALL_END :]
    keys = raw.take(at)
    more = keys == 0x10
    size: NDArray[np.int8] = more.view(np.int8) << np.int8(1)
    for i in range(1, 1 + WIDEST_STEP):
        more = more & (raw[i:].take(at) >= 0x80)
        if not more.any():
            break
        if i == WIDEST_STEP:
            size[more] = NO_HEAD
        else:
            size += more.view(np.int8)
    strange = (size == 0) & (keys != 0x2A)
    if strange.any():
        size[strange] = NO_HEAD
    return size


def have_walls(rows: Rows, size: int) -> Mask:
    """Whether the events begin with a wall time; rows begin ROOM bytes before the tail, the step takes `size` bytes."""
    mask: Mask = rows.column("u1", ROOM - size - WALL_END) == 0x09
    return mask


def walls_of(rows: Rows, size: int) -> NDArray[np.float64]:
    """The wall times, float64[n], a view of the rows; `rows` and `size` as in `have_walls`."""
    return rows.column("<f8", ROOM - size - WALL_END + 1)


def step_bytes(rows: Rows, size: int) -> NDArray[np.uint64]:
    """The varints of the steps, with zeros behind them, uint64[n]; `rows` and `size` as in `have_walls`."""
    words: NDArray[np.uint64] = rows.column("<u8", ROOM - max(size - 1, 0)) & step_mask(size)
    return words


def step_mask(size: int) -> np.uint64:
    """The bits of a word that hold the varint with which it begins, in a step's field of `size` bytes."""
    return np.uint64((1 << 8 * max(size - 1, 0)) - 1)


def steps_of(words: NDArray[np.uint64], size: int) -> NDArray[np.int64]:
    """The steps, int64[n], from their varints."""
    return joined(words, max(size - 1, 0))


def head_checksums(walls: NDArray[np.float64], steps: NDArray[np.uint64], sizes: Sizes, tail: int) -> Words:
    """What heads add to the rotated CRCs of payloads whose tails have `tail` bytes, uint32[n].

    `steps` are the varints; `sizes`: (bytes of the step's field, begin, end) of events that lie behind one another.
    """
    crc = np.empty(len(walls), np.uint32)
    varying = varying_bits(walls), varying_bits(steps)
    for size, begin, end in sizes:
        part = crc[begin:end]
        part[:] = _constant(size, tail)
        _add_bytes(part, walls[begin:end], _WORD, size + tail, varying[0])
        _add_bytes(part, steps[begin:end], max(size - 1, 0), tail, varying[1])
    return crc


def varying_bits(numbers: NDArray[Any]) -> int:
    """The bits that are not the same in all numbers, as one of them."""
    words = numbers.view(f"u{numbers.itemsize}")
    return int(np.bitwise_or.reduce(words ^ words[0]))


def add_numbers(crc: Words, numbers: NDArray[Any], following: int) -> None:
    """Adds to rotated CRCs what each number contributes, behind which `following` bytes come."""
    _add_bytes(crc, numbers, numbers.itemsize, following, varying_bits(numbers))


def _add_bytes(crc: Words, numbers: NDArray[Any], count: int, following: int, varying: int) -> None:
    """The same for the first `count` bytes of each number; those that do not vary are looked up once."""
    raw, width = numbers.view(np.uint8), numbers.itemsize
    same = 0
    for i in range(count):
        table = contributions(following + count - 1 - i)
        if varying >> 8 * i & 255:
            crc ^= table.take(raw[i::width])
        else:
            same ^= int(table[raw[i]])
    if same:
        crc ^= np.uint32(same)


@lru_cache(maxsize=4096)
def _constant(size: int, tail: int) -> np.uint32:
    """What all heads of one length have in common: the keys, and how a CRC begins."""
    end = WALL_END + size + tail
    constant = rotated_start(end) ^ int(contributions(end - 1)[0x09])
    if size:
        constant ^= int(contributions(end - 1 - WALL_END)[0x10])
    return np.uint32(constant)
