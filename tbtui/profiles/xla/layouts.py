"""Layouts of events: how many events at a time are read as columns.

Events of a line are written in few layouts: of the same length, with the same fields at the same places, whose numbers
have as many bytes. One event of each is read field by field; which others have its layout is seen from all bytes at
once, under a mask that leaves of numbers only the bits that tell how long they are. In all of them each number lies at
the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.varints import WIDEST, first_bytes, joined
from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, read_varint, signed64
from tbtui.profiles.model import NOTHING, Indexes
from tbtui.profiles.xla.chain import TAIL
from tbtui.profiles.xla.columns import HEADS, KINDS, STAT, VALUES, Wanted
from tbtui.profiles.xla.space import Bytes

LONGEST = TAIL  # bytes of an event that may have a layout
_MOST = 24  # layouts of one length that are remembered
FEW = 8  # events with a layout that are worth to learn it
_MOST_FAILURES = 4  # layouts of so few events, or none, before what is left of a length is read in another way


class Layout(NamedTuple):
    """What all bytes of an event under `mask` (in words, zeros behind the event) must be, and where in it the value of
    each slot lies: (place, bytes that it has)."""

    mask: NDArray[np.uint64]
    template: np.void
    values: dict[int, tuple[int, int]]


class Layouts:
    """The layouts of events that were met, and where in each the slots lie."""

    def __init__(self, source: Bytes, wanted: Wanted) -> None:
        self._source, self._wanted = source, wanted
        self._by_length: dict[int, list[int]] = {}
        self._layouts: list[Layout] = []
        slots = len(HEADS) + 3 * len(wanted.names)
        self.places = np.empty((slots, 0), np.int64)  # of each slot in each layout, NOTHING where it has none
        self.widths = np.empty((slots, 0), np.int64)  # bytes, 0 where it has none
        self._masks = np.empty((slots, 0), np.uint64)  # of these bytes of a word
        data = source.data
        self._u8: NDArray[np.uint64] = np.ndarray((max(len(data) - 7, 0),), "<u8", data, 0, (1,))

    def recognise(self, begin: Indexes, end: Indexes) -> Indexes:
        """The layout of each event, NOTHING where it has none that is known or worth to be learnt."""
        length = np.minimum(end - begin, LONGEST + 1).astype(np.uint16)
        length[end > len(self._source.data) - TAIL] = 0
        found = np.full(len(begin), NOTHING, np.int64)
        for size in np.flatnonzero(np.bincount(length)).tolist():
            if 0 < size <= LONGEST:
                mine = np.flatnonzero(length == size)
                found[mine] = self._of_length(begin[mine], size)
        return found

    def values(self, slot: int, begin: Indexes, code: Indexes) -> Indexes:
        """The numbers in a slot of events that begin at these places and have these layouts; 0 where they have none."""
        words = self._u8[begin + self.places[slot].take(code)]
        words &= self._masks[slot].take(code)
        return joined(words, int(self.widths[slot].max(initial=1)))

    def _of_length(self, begin: Indexes, size: int) -> Indexes:
        words = -(-size // 8)
        rows = np.ndarray((len(self._source.data) - 8 * words + 1,), f"V{8 * words}", self._source.data, 0, (1,))
        content = rows[begin].view(np.uint64).reshape(-1, words)
        found = np.full(len(begin), NOTHING, np.int64)
        left = np.arange(len(begin))
        counts: dict[int, int] = {}

        def match(number: int) -> None:
            nonlocal content, left
            same = _have(content, self._layouts[number])
            counts[number] = int(np.count_nonzero(same))
            if counts[number]:
                found[left[same]] = number
                content, left = content[~same], left[~same]

        known = self._by_length.setdefault(size, [])
        for number in known:
            if len(left):
                match(number)
        failures = 0
        while len(left) >= FEW and failures < _MOST_FAILURES and len(known) < _MOST:
            first = int(begin[left[0]])
            layout = learn(self._source.view, first, first + size, self._wanted)
            if layout is None:
                failures += 1
                content, left = content[1:], left[1:]
                continue
            known.append(self._add(layout))
            match(known[-1])
            failures += counts[known[-1]] < FEW
        known.sort(key=lambda number: -counts.get(number, 0))
        return found

    def _add(self, layout: Layout) -> int:
        places = np.full((len(self.places), 1), NOTHING)
        widths = np.zeros((len(self.places), 1), np.int64)
        for slot, (place, width) in layout.values.items():
            places[slot], widths[slot] = place, width
        self.places = np.concatenate((self.places, places), axis=1)
        self.widths = np.concatenate((self.widths, widths), axis=1)
        self._masks = first_bytes(np.full(self.widths.shape, ~np.uint64(0)), self.widths)
        self._layouts.append(layout)
        return len(self._layouts) - 1


def _have(content: NDArray[np.uint64], layout: Layout) -> NDArray[np.bool_]:
    """Which rows of words have a layout."""
    masked = content & layout.mask
    same: NDArray[np.bool_] = masked.view(f"V{masked.itemsize * masked.shape[1]}")[:, 0] == layout.template
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
    return Layout(mask.view(np.uint64), np.void((content & mask).tobytes()), values)


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
