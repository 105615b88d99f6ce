"""Layouts of events: how many events at a time are read as columns.

Events of a line are written in few layouts: of the same length, with the same fields at the same places, whose numbers
have as many bytes. One event of each is read field by field; which others have its layout is seen from all bytes at
once, under a mask that leaves of numbers only the bits that tell how long they are. In all of them each number lies at
the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.varints import WIDEST, Words, joined
from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, read_varint, signed64
from tbtui.profiles.model import Indexes
from tbtui.profiles.xla.columns import HEADS, KINDS, STAT, VALUES, Wanted
from tbtui.profiles.xla.source import TAIL, Window

LONGEST = TAIL  # bytes of an event that may have a layout
_MOST = 24  # layouts of one length that are remembered
FEW = 8  # events with a layout that are worth to learn it
_MOST_FAILURES = 4  # layouts of so few events, or none, before what is left of a length is read in another way


@dataclass(slots=True)
class Layout:
    """What all bytes of an event under `mask` must be (as words, zeros behind the event), and where in it the value of
    each slot lies: (place, bytes that it has). `met`: how many events had it when it was last looked for."""

    mask: Words
    template: Words
    values: dict[int, tuple[int, int]]
    met: int = 0


class Alike(NamedTuple):
    """Events of one layout: which of those that were looked at, and the first word of all, the second word of all, ...;
    uint64[words, m]."""

    layout: Layout
    which: Indexes
    words: Words

    def numbers(self, slot: int) -> Indexes:
        """The numbers in a slot that the layout has."""
        place, width = self.layout.values[slot]
        word, byte = divmod(place, 8)
        value = self.words[word] >> np.uint64(8 * byte)
        if byte + width > 8:
            value |= self.words[word + 1] << np.uint64(64 - 8 * byte)
        return joined(value & np.uint64((1 << 8 * width) - 1), width)


class Layouts:
    """The layouts of events that were met."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._by_length: dict[int, list[Layout]] = {}

    def recognise(self, window: Window, begin: Indexes, end: Indexes) -> Iterator[Alike]:
        """The events of a window that have a layout which is known or worth to be learnt, those of each together."""
        length = np.minimum(end - begin, LONGEST + 1).astype(np.uint16)
        length[end > window.last - window.begin] = 0
        for size in np.flatnonzero(np.bincount(length)).tolist():
            if 0 < size <= LONGEST:
                yield from self._of_length(window, begin, np.flatnonzero(length == size), size)

    def _of_length(self, window: Window, begin: Indexes, left: Indexes, size: int) -> Iterator[Alike]:
        words = -(-size // 8)
        rows = np.ndarray((len(window.data) - 8 * words + 1,), f"V{8 * words}", window.data, 0, (1,))
        content = np.ascontiguousarray(rows[begin.take(left)].view(np.uint64).reshape(-1, words).T)
        known = self._by_length.setdefault(size, [])
        tried = failures = 0
        while len(left):
            new = tried == len(known)
            if new:
                if len(left) < FEW or failures >= _MOST_FAILURES or tried >= _MOST:
                    break
                first = int(begin[left[0]])
                layout = learn(window.data, first, first + size, self._wanted)
                if layout is None:
                    failures += 1
                    content, left = content[:, 1:], left[1:]
                    continue
                known.append(layout)
            layout = known[tried]
            tried += 1
            same = _have(content, layout)
            layout.met = int(np.count_nonzero(same))
            failures += new and layout.met < FEW
            if layout.met == len(left):
                yield Alike(layout, left, content)
                break
            if layout.met:
                yield Alike(layout, left.compress(same), content.compress(same, axis=1))
                content, left = content.compress(~same, axis=1), left.compress(~same)
        for layout in known[tried:]:
            layout.met = 0
        known.sort(key=lambda layout: -layout.met)


def _have(content: Words, layout: Layout) -> NDArray[np.bool_]:
    """Which events, given by their words, have a layout."""
    same: NDArray[np.bool_] = (content[0] & layout.mask[0]) == layout.template[0]
    for words, mask, template in zip(content[1:], layout.mask[1:], layout.template[1:], strict=True):
        same &= (words & mask) == template
    return same


class _Unusual(Exception):
    """The event has no layout."""


def learn(data: memoryview, begin: int, end: int, wanted: Wanted) -> Layout | None:
    """The layout of the event whose message lies at data[begin:end]. None where it is damaged, or tells something twice
    or in numbers that are too large to be read as columns."""
    mask = np.zeros(8 * -(-(end - begin) // 8), np.uint8)
    content = np.zeros(len(mask), np.uint8)
    content[: end - begin] = np.frombuffer(data[begin:end], np.uint8)
    values: dict[int, tuple[int, int]] = {}
    try:
        for field in _fields(data[:end], begin, end, mask, begin):
            if field.key == STAT:
                slot, value = _stat(data[:end], field, mask, begin, wanted)
                if slot is not None:
                    values[slot] = (value.begin - begin, _width(value))
            elif field.key in HEADS:
                slot = HEADS.index(field.key)
                if slot in values:
                    return None
                values[slot] = (field.begin - begin, _width(field))
    except (_Unusual, BadWire):
        return None
    return Layout(mask.view(np.uint64), (content & mask).view(np.uint64), values)


class _Field(NamedTuple):
    """A field of a message, and where its number or its body lies."""

    key: int
    begin: int
    end: int


def _fields(data: memoryview, at: int, end: int, mask: NDArray[np.uint8], origin: int) -> Iterator[_Field]:
    """The fields of a message. In the mask of the bytes from `origin` on marks what all events of a layout share: keys
    and lengths, and where numbers end."""
    while at < end:
        tag, begin = read_varint(data[:end], at)
        wire = tag & 7
        if tag < 8:
            raise _Unusual
        mask[at - origin : begin - origin] = 0xFF
        if wire == VARINT:
            behind = read_varint(data[:end], begin)[1]
            mask[begin - origin : behind - origin] = 0x80
        elif wire == BYTES:
            length, body = read_varint(data[:end], begin)
            mask[begin - origin : body - origin] = 0xFF
            begin, behind = body, body + length
        elif wire in (FIXED32, FIXED64):
            behind = begin + (4 if wire == FIXED32 else 8)
        else:
            raise _Unusual
        if behind > end:
            raise _Unusual
        yield _Field(tag, begin, behind)
        at = behind


def _stat(
    data: memoryview, whole: _Field, mask: NDArray[np.uint8], origin: int, wanted: Wanted
) -> tuple[int | None, _Field]:
    """The slot of a stat, None where it is not wanted, and its value."""
    number, value, named = 0, whole, False
    for field in _fields(data, whole.begin, whole.end, mask, origin):
        if field.key == HEADS[0]:
            if named:
                raise _Unusual
            number, named = signed64(read_varint(data, field.begin)[0]), True
            mask[field.begin - origin : field.end - origin] = 0xFF
        elif field.key in VALUES:
            if value is not whole:
                raise _Unusual
            value = field
    name = wanted.by_number.get(number)
    if name is None or value.key not in KINDS:
        return None, value
    return wanted.slot(name, KINDS[value.key]), value


def _width(field: _Field) -> int:
    """How many bytes a number or a text has."""
    if field.key & 7 == VARINT and field.end - field.begin > WIDEST:
        raise _Unusual
    return field.end - field.begin
