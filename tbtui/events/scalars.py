"""The fast path: all scalar events of a buffer at once, as columns.

Records are sorted by length; those of one length are copied together and parted by the width of their step, then by
shape (`shapes.Shape`). Whatever has no shape is handed back, to be read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer, Rows
from tbtui.events.chunk import Columns, ScalarPart, Span
from tbtui.events.framing import Frames
from tbtui.events.layout import WALL_END, find_layout
from tbtui.events.others import Place
from tbtui.events.record import HEADER_BYTES, OVERHEAD
from tbtui.events.shapes import Mask, Shape, step_patterns

_FEW = 5  # fewer records of a length are read one by one
_SHORTEST = 14  # bytes of a payload that can hold a scalar
_LONG = 1024  # payloads from here on are copied together only if the first of them is known to be scalar
_SAMPLES = 8  # payloads that are looked at to find new layouts
_SENTINEL = 0xFFFF
_STEP_PATTERNS = step_patterns()
_FOLLOWING = 8  # bytes behind a record that its last words may reach into

Positions = NDArray[np.int64]


class Stretch(NamedTuple):
    """Points columns[start:stop] of a tag; point i's record lies at position at[i]; at[start:stop] rises."""

    columns: Columns
    at: Positions
    start: int
    stop: int


class Found:
    """Collects what is found in the spans of one buffer: points, positions of bad records, positions of the others."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.bad: list[Positions] = []
        self.others: list[Positions] = []
        self._stretches: dict[str, list[Stretch]] = {}
        self._begins = np.array([span.begin for span in spans], np.int64)
        self._shifts = np.array([span.offset - span.begin for span in spans], np.int64)

    def offsets(self, at: Positions) -> Positions:
        """File offsets of ascending positions in the buffer."""
        if len(self._shifts) == 1:
            return at + int(self._shifts[0])
        counts = np.diff(np.append(np.searchsorted(at, self._begins), len(at)))
        offsets: Positions = at + np.repeat(self._shifts, counts)
        return offsets

    def place(self, at: Positions) -> Place:
        """Where the records at these positions come from."""
        spans = np.searchsorted(self._begins, at, "right") - 1
        return Place(spans, at + self._shifts[spans])

    def add(self, tag: str, stretch: Stretch) -> None:
        """Take in points of a tag."""
        known = self._stretches.get(tag)
        if known is None:
            self._stretches[tag] = [stretch]
        else:
            known.append(stretch)

    def parts(self) -> list[ScalarPart]:
        """All points by tag and span. Those of several spans are joined first, so that each has few parts."""
        if len(self._begins) == 1:
            return [
                ScalarPart(0, tag, stretch.columns, stretch.start, stretch.stop)
                for tag, stretches in self._stretches.items()
                for stretch in stretches
            ]
        parts: list[ScalarPart] = []
        for tag, stretches in self._stretches.items():
            columns, at, begin, stop = _joined(stretches)
            cuts = np.searchsorted(at[begin:stop], self._begins[1:])
            cuts += begin
            for span, end in enumerate([*cuts.tolist(), stop]):
                if end > begin:
                    parts.append(ScalarPart(span, tag, columns, begin, end))
                    begin = end
        return parts


def _joined(stretches: list[Stretch]) -> Stretch:
    """Stretches of one tag as one, in the order of their positions; float32 beside float64 becomes float64."""
    if len(stretches) == 1:
        return stretches[0]
    at = np.concatenate([stretch.at[stretch.start : stretch.stop] for stretch in stretches])
    order = np.argsort(at, kind="stable")  # values of one record stay in their order
    columns = [
        np.concatenate([stretch.columns[i][stretch.start : stretch.stop] for stretch in stretches]).take(order)
        for i in range(4)
    ]
    return Stretch(Columns(*columns), at.take(order), 0, len(at))


class ScalarDecoder:
    """Decodes scalar events; remembers the shapes it has met."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[int, int], list[Shape]] = {}  # by payload length and step width

    def decode(self, buffer: Buffer, frames: Frames, found: Found) -> None:
        """Find the scalars among the records of `frames`."""
        keys = np.minimum(frames.lengths, _SENTINEL).astype(np.uint16)
        order = np.argsort(keys, kind="stable")  # a radix sort: file order is kept within a length
        lengths, at = keys.take(order), frames.at.take(order)
        cuts = [0, *(np.flatnonzero(lengths[1:] != lengths[:-1]) + 1).tolist(), len(at)]
        for begin, end in pairwise(cuts):
            if begin < end:
                self._decode_length(buffer, int(lengths[begin]), at[begin:end], found)

    def _decode_length(self, buffer: Buffer, length: int, at: Positions, found: Found) -> None:
        if len(at) < _FEW or not _SHORTEST <= length < _SENTINEL:
            found.others.append(at)
            return
        if length >= _LONG and not self._is_scalar(buffer, int(at[0]), length):
            found.others.append(at)
            return
        rows = buffer.rows(at, length + OVERHEAD + _FOLLOWING)
        events = rows.column("u1", HEADER_BYTES) == 0x09
        if not events.all():
            found.others.append(at[~events])
            at, rows = at[events], rows.picked(events)
        while len(at):
            width, same = _step_width(rows)
            if same is None:
                self._decode_width(length, width, at, rows, found)
                return
            self._decode_width(length, width, at[same], rows.picked(same), found)
            at, rows = at[~same], rows.picked(~same)

    def _is_scalar(self, buffer: Buffer, at: int, length: int) -> bool:
        begin = at + HEADER_BYTES
        return find_layout(buffer.bytes_at(begin, begin + length)) is not None

    def _decode_width(self, length: int, width: int, at: Positions, rows: Rows, found: Found) -> None:
        """Records of one length and one width of the step's varint (-1: no step, or one that is too wide)."""
        if width < 0:
            found.others.append(at)
            return
        shapes = self._shapes.setdefault((length, width), [])
        for shape in shapes:
            at, rows = self._decode_shape(shape, at, rows, found)
            if not len(at):
                return
        for shape in self._new_shapes(length, width, rows, shapes):
            shapes.append(shape)
            at, rows = self._decode_shape(shape, at, rows, found)
            if not len(at):
                return
        found.others.append(at)

    def _new_shapes(self, length: int, width: int, rows: Rows, known: list[Shape]) -> list[Shape]:
        """Shapes of layouts met for the first time, from a few samples."""
        shapes: list[Shape] = []
        slots = {shape.slots for shape in known}
        for i in sorted({i * (len(rows) - 1) // (_SAMPLES - 1) for i in range(_SAMPLES)}):
            layout = find_layout(rows.row(i)[HEADER_BYTES : HEADER_BYTES + length].tobytes())
            if layout is not None and layout.width == width and layout.slots not in slots:
                slots.add(layout.slots)
                shapes.append(Shape(length, layout))
        return shapes

    def _decode_shape(self, shape: Shape, at: Positions, rows: Rows, found: Found) -> tuple[Positions, Rows]:
        """Hands out the rows that are of this shape; returns the others."""
        number, unknown = shape.recognise(rows)
        rest, rest_rows = at[:0], rows
        if unknown is not None:
            rest, rest_rows = at[unknown], rows.picked(unknown)
            known = ~unknown
            at, rows = at[known], rows.picked(known)
            number = None if number is None else number[known]
        if len(at):
            self._hand_out(shape, at, rows, number, found)
        return rest, rest_rows

    def _hand_out(
        self, shape: Shape, at: Positions, rows: Rows, number: NDArray[np.int64] | None, found: Found
    ) -> None:
        """Decode recognised rows; sort them by template where there are several; give them to `found`."""
        steps, walls, values, wrong = shape.decode(rows, number)
        offsets = found.offsets(at)
        cuts, templates = [0, len(at)], [0]
        pick: NDArray[Any] | None = None
        if wrong is not None:
            found.bad.append(at[wrong])
            pick = np.flatnonzero(~wrong)
            number = None if number is None else number[pick]
            cuts = [0, len(pick)]
        if number is not None and len(number):
            small = len(shape.tags) <= _SENTINEL  # 16 bits are sorted by radix
            order = np.argsort(number.astype(np.uint16 if small else np.uint32), kind="stable")
            counts = np.bincount(number)
            templates = np.flatnonzero(counts).tolist()
            cuts = [0, *np.cumsum(counts[templates]).tolist()]
            pick = order if pick is None else pick.take(order)
        if pick is not None:
            at, steps, walls, offsets = at.take(pick), steps.take(pick), walls.take(pick), offsets.take(pick)
            values = [value.take(pick) for value in values]
        for slot, value in enumerate(values):
            columns = Columns(steps, walls, value, offsets)
            for template, begin, end in zip(templates, cuts, cuts[1:], strict=False):
                if begin < end:
                    found.add(shape.tags[template][slot], Stretch(columns, at, begin, end))


def _step_width(rows: Rows) -> tuple[int, Mask | None]:
    """The width of the first row's step (-1: none that is known), and which rows share it (None: all)."""
    words = rows.column("<u8", HEADER_BYTES + WALL_END).copy()
    first = words[0]
    width = next((width for width, (mask, value) in enumerate(_STEP_PATTERNS) if first & mask == value), -1)
    if width < 0:
        mask = np.uint64(0xFF)
        value = first & mask
    else:
        mask, value = _STEP_PATTERNS[width]
    same = (words & mask) == value
    return width, None if same.all() else same
