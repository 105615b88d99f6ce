"""Cycles: the scalar events of a training step, which most files repeat step by step.

The events of a cycle lie behind one another, always of the same tags in the same order; what differs from one time to
the next is wall times, steps, values and checksums. So whole cycles (here called laps) are alike but for some bits, and
lie at even distances, as long as the steps take as many bytes. A cycle is learnt by walking over some records, which
are then compared byte by byte. Nothing is believed of later laps: all bits that should be the same are compared
(`Form.fits`), which are those of lengths, checksums of lengths, keys and tags.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.checksum import length_checksum
from tbtui.events.headers import walk
from tbtui.events.heads import NO_HEAD, WALL_END, WIDEST_STEP, Mask, step_fields
from tbtui.events.layout import Layout, find_layout
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES

STEP_FIELDS = (0, *range(2, WIDEST_STEP + 2))
"""The bytes that a step's field may take; none where the step is 0."""

KEYS = HEADER_BYTES + WALL_END
"""The bytes of a record before the step's field."""

_MOST_EVENTS = 64  # of a cycle; each costs some dozen calls of NumPy
_WALKED = 3 * _MOST_EVENTS + 8  # records that are looked at to learn a cycle
_ALIKE = 24  # records that must be like those a lap before: a few are so by chance
_LONGEST_TAIL = 1 << 10
_HEAD = HEADER_BYTES + 1  # bytes at the beginning of a record that tell its length and that a wall time follows
_STEP_KEY = 0x10
_GOES_ON = 0x80  # in all bytes of a varint but the last
_WORD = 8


class Event(NamedTuple):
    """One event of a cycle: its tail (what comes behind the step) with zeros for the values, and where those lie."""

    tail: bytes
    layout: Layout


@dataclass(frozen=True, slots=True)
class Form:
    """A cycle whose steps take a field of `size` bytes.

    `length`: bytes of a lap; `tails`: where in it the tail of each event begins; `width`: of a row that holds it, whole
    words; `template`, `mask`: uint64[width / 8], what is the same in all laps, and which bits those are.
    """

    size: int
    length: int
    tails: tuple[int, ...]
    width: int
    template: NDArray[np.uint64]
    mask: NDArray[np.uint64]

    def head(self) -> bytes:
        """How a lap begins."""
        return self.template.tobytes()[:_HEAD]

    def fits(self, words: NDArray[np.uint64]) -> bool:
        """Whether rows, uint64[n, width / 8], are laps, all of them."""
        every = np.bitwise_and.reduce(words, axis=0)
        some = np.bitwise_or.reduce(words, axis=0)
        return not bool((((every ^ some) | (every ^ self.template)) & self.mask).any())

    def fitting(self, words: NDArray[np.uint64]) -> Mask:
        """Which of the rows are laps, bool[n]."""
        right: Mask = np.equal(words & self.mask, self.template & self.mask).all(axis=1)
        return right


class Cycle:
    """Events in the order in which they are written, again and again."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self.events = events
        self.forms = {size: _form(events, size) for size in STEP_FIELDS}
        self.longest = self.forms[STEP_FIELDS[-1]].length
        self._sizes = {form.head(): size for size, form in self.forms.items()}
        first = events[0]
        self._prefix = first.tail[: first.layout.slots[0].offset]

    def is_like(self, other: Cycle) -> bool:
        """Whether another cycle has the same events, wherever it begins."""
        return sorted(self.events) == sorted(other.events)

    def begins(self, buffer: Buffer, at: int, end: int) -> Form | None:
        """The form of the lap that seems to begin at `at`, by the header of its first record; None where none does."""
        size = self._sizes.get(buffer.bytes_at(at, min(at + _HEAD, end)))
        return None if size is None else self.forms[size]

    def search(self, buffer: Buffer, begin: int, end: int) -> tuple[int, Form] | None:
        """The first place in buffer[begin:end] where a lap seems to begin, and its form."""
        data = buffer.bytes_at(begin, end)
        tail = data.find(self._prefix)
        while tail >= 0:
            for head, size in self._sizes.items():
                at = tail - KEYS - size
                if at >= 0 and data.startswith(head, at):
                    return begin + at, self.forms[size]
            tail = data.find(self._prefix, tail + 1)
        return None

    def count(self, buffer: Buffer, begin: int, end: int, form: Form) -> int:
        """How many laps of this form seem to follow each other from `begin` on; the last one counts only if it
        `ends`."""
        most = (end - begin) // form.length
        heads = np.ndarray((most,), "<u8", buffer.u1.data, begin, (form.length,))
        others = np.flatnonzero(heads != form.template[0])
        count = int(others[0]) if len(others) else most
        behind = begin + count * form.length
        return count if self.ends(buffer, behind, end) else max(count - 1, 0)

    def ends(self, buffer: Buffer, at: int, end: int) -> bool:
        """Whether something speaks for a lap that ends at `at`: another one, or the end of the span at `end`."""
        if at == end:
            return bool(buffer.u4[end - FOOTER_BYTES] != 0)  # zeros there may not be written yet
        return self.begins(buffer, at, end) is not None


def learn(buffer: Buffer, begin: int, end: int) -> Cycle | None:
    """The cycle that the records from `begin` on run into; None where they don't, or not soon."""
    at, lengths = walk(buffer, begin, end, _WALKED)
    if len(at) <= _ALIKE or lengths.max() > _LONGEST_TAIL:
        return None
    sizes = step_fields(buffer, at)
    if sizes[-1] == NO_HEAD:
        return None
    begins = (at + (KEYS + sizes)).tolist()
    ends = (at + HEADER_BYTES + lengths).tolist()
    tails = [buffer.bytes_at(*place) for place in zip(begins, ends, strict=True)]
    for some in tails, tails[: 2 * len(tails) // 3]:  # something else may lie between the last laps
        last = _event(some[-1])
        for period in _periods([len(tail) for tail in some]):
            if last is not None and _is_like(last, some[-1 - period]):
                events = _repeated(some, period)
                if events is not None:
                    return Cycle(_turned(events, some))
    return None


def _periods(lengths: list[int]) -> Iterator[int]:
    """How many events a cycle may have, by the lengths of their tails."""
    for period in range(1, min(_MOST_EVENTS, len(lengths) - _ALIKE) + 1):
        compared = max(period, _ALIKE)
        if lengths[-compared:] == lengths[-compared - period : -period]:
            yield period


def _repeated(tails: list[bytes], period: int) -> list[Event] | None:
    """The last `period` events, if those before them are the same."""
    events: list[Event] = []
    for number in range(len(tails) - period, len(tails)):
        event = _event(tails[number])
        if event is None or not _is_like(event, tails[number - period]):
            return None
        events.append(event)
    before = reversed(tails[-period - max(period, _ALIKE) : -period])
    return events if all(_is_like(events[-1 - number % period], tail) for number, tail in enumerate(before)) else None


def _event(tail: bytes) -> Event | None:
    layout = find_layout(tail)
    return None if layout is None else Event(_without_values(tail, layout), layout)


def _is_like(event: Event, tail: bytes) -> bool:
    return len(tail) == len(event.tail) and _without_values(tail, event.layout) == event.tail


def _without_values(tail: bytes, layout: Layout) -> bytes:
    fixed = bytearray(tail)
    for offset, dtype in layout.slots:
        width = np.dtype(dtype).itemsize
        fixed[offset : offset + width] = bytes(width)
    return bytes(fixed)


def _turned(events: list[Event], tails: list[bytes]) -> tuple[Event, ...]:
    """The events of the last lap, beginning with that with which the first lap began."""
    first = len(tails) - len(events)
    while first > 0 and _is_like(events[(first - 1 - len(tails)) % len(events)], tails[first - 1]):
        first -= 1
    turn = (first - len(tails)) % len(events)
    return (*events[turn:], *events[:turn])


def _form(events: tuple[Event, ...], size: int) -> Form:
    template, mask = bytearray(), bytearray()
    tails = []
    for event in events:
        length = WALL_END + size + len(event.tail)
        header = struct.pack("<QI", length, length_checksum(length))
        template += header + b"\x09" + bytes(_WORD)
        mask += bytes([255] * (len(header) + 1)) + bytes(_WORD)
        if size:
            template += bytes([_STEP_KEY, *[_GOES_ON] * (size - 2), 0])
            mask += bytes([255, *[_GOES_ON] * (size - 1)])
        tails.append(len(template))
        template += event.tail + bytes(FOOTER_BYTES)
        mask += _fixed(event) + bytes(FOOTER_BYTES)
    length = len(template)
    width = -(-length // _WORD) * _WORD
    words = (np.frombuffer(bytes(data).ljust(width, b"\0"), "<u8") for data in (template, mask))
    return Form(size, length, tuple(tails), width, *words)


def _fixed(event: Event) -> bytes:
    """The mask of a tail: all bits but those of the values."""
    fixed = bytearray([255] * len(event.tail))
    for offset, dtype in event.layout.slots:
        width = np.dtype(dtype).itemsize
        fixed[offset : offset + width] = bytes(width)
    return bytes(fixed)
