"""The fast path: all scalar events of a buffer at once, as columns.

Events are sorted by the length of their tails (what comes behind wall time and step); those of one length are copied
together and parted by shape (`shapes.Shape`). Whatever has no shape is handed back, to be read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer, Rows
from tbtui.events.chunk import Columns
from tbtui.events.found import Found
from tbtui.events.framing import Frames
from tbtui.events.heads import (
    NO_HEAD,
    ROOM,
    WALL_END,
    Mask,
    Positions,
    Sizes,
    have_walls,
    head_checksums,
    step_bytes,
    step_fields,
    steps_of,
    walls_of,
)
from tbtui.events.layout import Layout, find_layout
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES
from tbtui.events.shapes import Shape

_FEW = 5  # fewer records of a length are read one by one
_SHORTEST = 5  # bytes of a tail that can hold a scalar
_LONG = 1024  # tails from here on are copied together only if the first of them is known to be scalar
_LONGEST = (1 << 13) - 1  # bytes of a tail that the fast path takes
_SAMPLES = 8  # tails that are looked at to find a new layout
_SIZE_BITS = 3  # of a sorting key: the size of the step's field
_FOLLOWING = 8  # bytes behind a record that its last words may reach into


class _Group(NamedTuple):
    """Events whose tails have one length, sorted by the size of the step's field, then by position.

    `rows` begin ROOM bytes before the tails; `spans` are numbers of spans; `sizes`: (size of the field, begin, end).
    """

    at: Positions
    rows: Rows
    spans: NDArray[Any]
    sizes: Sizes

    def picked(self, mask: Mask) -> _Group:
        """Those that a mask picks."""
        before = [0, *np.cumsum(mask).tolist()]
        sizes = [(size, before[begin], before[end]) for size, begin, end in self.sizes]
        sizes = [(size, begin, end) for size, begin, end in sizes if begin < end]
        return _Group(self.at[mask], self.rows.picked(mask), self.spans[mask], sizes)


class ScalarDecoder:
    """Decodes scalar events; remembers the shapes it has met."""

    def __init__(self) -> None:
        self._shapes: dict[int, list[Shape]] = {}  # by length of the tail

    def decode(self, buffer: Buffer, frames: Frames, found: Found) -> None:
        """Find the scalars among the records of `frames`."""
        sizes = step_fields(buffer, frames.at)
        tails = frames.lengths - (sizes + np.int8(WALL_END))
        keys = ((tails << _SIZE_BITS) + sizes).astype(np.uint16)
        if sizes.min() == NO_HEAD or tails.max() > _LONGEST or tails.min() < 0:
            keys[(sizes == NO_HEAD) | (tails > _LONGEST) | (tails < 0)] = 0
        order = np.argsort(keys, kind="stable")  # a radix sort: file order is kept within a key
        keys, at = keys.take(order), frames.at.take(order)
        numbers = np.arange(found.spans, dtype=np.uint16 if found.spans <= 1 << 16 else np.uint32)
        spans: NDArray[Any] = np.repeat(numbers, np.diff(frames.first)).take(order)
        cuts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
        sorts: dict[int, list[tuple[int, int, int]]] = {}
        for begin, end in pairwise(cuts):
            tail, size = divmod(int(keys[begin]), 1 << _SIZE_BITS)
            sorts.setdefault(tail, []).append((size, begin, end))
        for tail, parts in sorts.items():
            begin, end = parts[0][1], parts[-1][2]
            if end - begin < _FEW or tail < _SHORTEST:
                found.others.append(at[begin:end])
            else:
                relative = [(size, first - begin, last - begin) for size, first, last in parts]
                self._decode_length(buffer, tail, at[begin:end], spans[begin:end], relative, found)

    def _decode_length(
        self,
        buffer: Buffer,
        length: int,
        at: Positions,
        spans: NDArray[Any],
        sizes: Sizes,
        found: Found,
    ) -> None:
        tails = at + (HEADER_BYTES + WALL_END)
        for size, begin, end in sizes:
            tails[begin:end] += size
        if length >= _LONG and find_layout(buffer.bytes_at(int(tails[0]), int(tails[0]) + length)) is None:
            found.others.append(at)
            return
        rows = buffer.rows(tails - ROOM, ROOM + length + FOOTER_BYTES + _FOLLOWING)
        group = _Group(at, rows, spans, sizes)
        events = [have_walls(rows.slice(begin, end), size) for size, begin, end in sizes]
        if not all(mask.all() for mask in events):
            mask = np.concatenate(events)
            found.others.append(at[~mask])
            group = group.picked(mask)
        shapes = self._shapes.setdefault(length, [])
        left: _Group | None = group
        for shape in shapes:
            left = self._decode_shape(shape, left, found)
        for _ in range(_SAMPLES):
            layout = _new_layout(length, left, shapes)
            if layout is None:
                break
            shapes.append(Shape(length, layout))
            left = self._decode_shape(shapes[-1], left, found)
        if left is not None:
            found.others.append(left.at)

    def _decode_shape(self, shape: Shape, group: _Group | None, found: Found) -> _Group | None:
        """Hands out the events that are of this shape; returns the others, None where there are none."""
        if group is None or not len(group.at):
            return None
        number, unknown = shape.recognise(group.rows)
        if unknown is None:
            self._hand_out(shape, group, number, found)
            return None
        known = ~unknown
        if known.any():
            self._hand_out(shape, group.picked(known), None if number is None else number[known], found)
        return group.picked(unknown)

    def _hand_out(self, shape: Shape, group: _Group, number: NDArray[np.int64] | None, found: Found) -> None:
        """Decode recognised events and give them to `found`, by tag and span."""
        walls, steps, crc = _decode_heads(group, shape.length)
        values, wrong = shape.decode(group.rows, number, crc)
        spans, pick = group.spans, None
        if wrong is not None:
            found.bad.append(group.at[wrong])
            pick = np.flatnonzero(~wrong)
            number, spans = None if number is None else number[pick], spans[pick]
        keys: NDArray[Any] = spans if number is None else number * found.spans + spans
        if not len(keys):
            return
        if number is not None or len(group.sizes) > 1:
            order = _order(keys, number, spans, len(shape.tags) * found.spans)
            keys = keys.take(order)
            pick = order if pick is None else pick.take(order)
        begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        ends = np.append(begins[1:], len(keys))
        at, places = group.at.astype(np.uint32), None if pick is None else pick.astype(np.uint32)
        for slot, value in enumerate(values):
            columns = Columns(steps, walls, value, at, places)
            found.add([tags[slot] for tags in shape.tags], columns, keys[begins], begins, ends)


def _new_layout(length: int, group: _Group | None, known: Sequence[Shape]) -> Layout | None:
    """A layout that no known shape has, from a few samples of a group; None where they show none."""
    if group is None or not len(group.at):
        return None
    slots = {shape.slots for shape in known}
    last = len(group.at) - 1
    for i in sorted({i * last // (_SAMPLES - 1) for i in range(_SAMPLES)}):
        layout = find_layout(group.rows.row(i)[ROOM : ROOM + length].tobytes())
        if layout is not None and layout.slots not in slots:
            return layout
    return None


def _order(keys: NDArray[Any], number: NDArray[np.int64] | None, spans: NDArray[Any], bound: int) -> NDArray[np.int64]:
    """Sorts by key, which is below `bound`, and leaves those of one key as they are; 16 bits are sorted by radix."""
    if bound <= 1 << 16:
        return np.argsort(keys.astype(np.uint16), kind="stable")
    order = np.argsort(spans, kind="stable")
    if number is None:
        return order
    small = np.uint16 if int(number.max()) < 1 << 16 else np.uint32
    return order.take(np.argsort(number.astype(small).take(order), kind="stable"))


def _decode_heads(group: _Group, tail: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.uint32]]:
    """Wall times and steps of events, and what their heads add to the rotated CRCs."""
    walls, words = np.empty(len(group.at), np.float64), np.empty(len(group.at), np.uint64)
    for size, begin, end in group.sizes:
        rows = group.rows.slice(begin, end)
        walls[begin:end], words[begin:end] = walls_of(rows, size), step_bytes(rows, size)
    crc = head_checksums(walls, words, group.sizes, tail)
    return walls, steps_of(words, max(size for size, _, _ in group.sizes)), crc
