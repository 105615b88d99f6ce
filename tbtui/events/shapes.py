"""Shapes: scalar events of one payload length and one layout, told apart by tag, decoded and verified as columns.

Among records of one shape everything lies at the same place. A template is what the records of one tag (or one list of
tags, where an event holds several values) share: all bytes but wall time, step and values. A record is believed to
belong to a template only when every one of those bytes is the same, and its checksum must be right in the end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Rows
from tbtui.events.checksum import MASK_DELTA, contributions, rotated_constant
from tbtui.events.layout import WALL_END, Layout, find_layout
from tbtui.events.record import HEADER_BYTES
from tbtui.events.varints import joined

_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)
_MOST_FAILURES = 64  # payloads that may turn out to be no scalars before the rest is left to the slow way

Mask = NDArray[np.bool_]


class Recognised(NamedTuple):
    """Which template each row belongs to (None: all to the first), and which rows to none (None: there are none)."""

    number: NDArray[np.int64] | None
    unknown: Mask | None


class Decoded(NamedTuple):
    """Columns of rows of one shape; `values` has one column for each slot; `wrong`: the checksum is (None: nowhere)."""

    steps: NDArray[np.int64]
    walls: NDArray[np.float64]
    values: list[NDArray[Any]]
    wrong: Mask | None


class Shape:
    """What is known of the scalar events of one payload length and one layout."""

    def __init__(self, length: int, layout: Layout) -> None:
        self.length = length
        self.width = layout.width
        self.slots = layout.slots
        self.tags: list[tuple[str, ...]] = []
        self._fixed = _fixed_bytes(length, layout)
        self._cover = _cover(self._fixed, WALL_END + (layout.width + 1 if layout.width else 0))
        self._factors = _odd_factors(len(self._cover))
        self._words = np.empty((len(self._cover), 0), np.uint64)  # of each template, under the masks of the cover
        self._hashes = np.empty(0, np.uint64)  # of each template, ascending
        self._numbers = np.empty(0, np.int64)  # the template that has the hash of this place
        self._constants = np.empty(0, np.uint32)

    def recognise(self, rows: Rows) -> Recognised:
        """Find the template of each row; learns templates it has not met before."""
        words = self._words_of(rows)
        if len(self.tags) == 1:
            unknown = self._differs(words, [word[0] for word in self._words])
            if not unknown.any():
                return Recognised(None, None)
        hashes = self._hash(words)
        number, unknown = self._look_up(words, hashes)
        if unknown.any() and self._learn(rows, hashes, unknown):
            number, unknown = self._look_up(words, hashes)
        return Recognised(number, unknown if unknown.any() else None)

    def decode(self, rows: Rows, number: NDArray[np.int64] | None) -> Decoded:
        """Steps, wall times and values of recognised rows, and whose checksum is wrong."""
        walls: NDArray[np.float64] = rows.column("<f8", HEADER_BYTES + 1).copy()
        values = [rows.column(dtype, HEADER_BYTES + offset).copy() for offset, dtype in self.slots]
        step_bytes = rows.column("<u8", HEADER_BYTES + WALL_END + 1) & np.uint64((1 << 8 * self.width) - 1)
        crc = self._constants.take(number) if number is not None else np.full(len(rows), self._constants[0])
        self._add(crc, walls, 1, 8)
        self._add(crc, step_bytes, WALL_END + 1, self.width)
        for (offset, _), value in zip(self.slots, values, strict=True):
            self._add(crc, value, offset, value.itemsize)
        crc += np.uint32(MASK_DELTA)
        wrong = crc != rows.column("<u4", HEADER_BYTES + self.length)
        return Decoded(joined(step_bytes, self.width), walls, values, wrong if wrong.any() else None)

    def _add(self, crc: NDArray[np.uint32], column: NDArray[Any], offset: int, count: int) -> None:
        """Add to `crc` what the first `count` bytes of each word contribute, which lie `offset` into the payload."""
        raw = column.view(np.uint8)
        for i in range(count):
            one = raw[i :: column.itemsize]
            table = contributions(self.length - 1 - offset - i)
            if one[0] == one[-1] and (one == one[0]).all():
                crc ^= table[one[0]]
            else:
                crc ^= table.take(one)

    def _words_of(self, rows: Rows) -> list[NDArray[np.uint64]]:
        words: list[NDArray[np.uint64]] = []
        for shift, mask in self._cover:
            word = rows.column("<u8", shift)
            words.append(word.copy() if mask is None else word & mask)
        return words

    def _differs(self, words: list[NDArray[np.uint64]], wanted: list[Any]) -> Mask:
        wrong: Mask = words[0] != wanted[0]
        for word, want in zip(words[1:], wanted[1:], strict=True):
            wrong |= word != want
        return wrong

    def _hash(self, words: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
        out: NDArray[np.uint64] = words[0] * self._factors[0]
        for word, factor in zip(words[1:], self._factors[1:], strict=True):
            out += word * factor
        return out

    def _look_up(self, words: list[NDArray[np.uint64]], hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Mask]:
        """The template that each row's hash tells, and whether the row differs from it."""
        if not len(self.tags):
            return np.zeros(len(hashes), np.int64), np.ones(len(hashes), bool)
        place = np.searchsorted(self._hashes, hashes)
        number = self._numbers.take(place, mode="clip")
        return number, self._differs(words, [word.take(number) for word in self._words])

    def _learn(self, rows: Rows, hashes: NDArray[np.uint64], unknown: Mask) -> bool:
        """Learn templates from unknown rows, those that occur most often first."""
        at = np.flatnonzero(unknown)
        order = at[np.argsort(hashes[at], kind="stable")]
        begins = np.flatnonzero(np.append(True, hashes[order[1:]] != hashes[order[:-1]]))
        counts = np.diff(np.append(begins, len(order)))
        failures, new = 0, []
        for i in order[begins[np.argsort(-counts, kind="stable")]].tolist():
            payload = rows.row(i)[HEADER_BYTES : HEADER_BYTES + self.length]
            layout = find_layout(payload.tobytes())
            if layout is not None and layout.slots == self.slots and layout.width == self.width:
                new.append((payload, layout.tags))
            else:
                failures += 1
                if failures > _MOST_FAILURES:
                    break
        if new:
            self._add_templates(new)
        return bool(new)

    def _add_templates(self, new: list[tuple[NDArray[np.uint8], tuple[str, ...]]]) -> None:
        words = np.empty((len(self._cover), len(new)), np.uint64)
        constants = np.empty(len(new), np.uint32)
        for i, (payload, tags) in enumerate(new):
            fixed = np.zeros(HEADER_BYTES + self.length + 8, np.uint8)
            fixed[HEADER_BYTES : HEADER_BYTES + self.length] = payload * self._fixed
            for j, (shift, _) in enumerate(self._cover):
                words[j, i] = fixed[shift : shift + 8].view(np.uint64)[0]
            constants[i] = rotated_constant(payload, self._fixed)
            self.tags.append(tags)
        self._words = np.concatenate((self._words, words), axis=1)
        self._constants = np.concatenate((self._constants, constants))
        hashes = self._hash(list(self._words))
        self._numbers = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._numbers]


def step_patterns() -> list[tuple[np.uint64, np.uint64]]:
    """For each width of a step's varint: mask and value of the eight bytes behind the wall time."""
    patterns = [(np.uint64(0xFF), np.uint64(0x2A))]
    for width in range(1, 8):
        mask, value = 0xFF, 0x10
        for i in range(1, width + 1):
            mask |= 0x80 << 8 * i
            value |= (0x80 if i < width else 0) << 8 * i
        patterns.append((np.uint64(mask), np.uint64(value)))
    return patterns


def _fixed_bytes(length: int, layout: Layout) -> Mask:
    """Which bytes of the payload are the same in all records of a template."""
    fixed = np.ones(length, bool)
    fixed[1:WALL_END] = False
    if layout.width:
        fixed[WALL_END + 1 : WALL_END + 1 + layout.width] = False
    for offset, dtype in layout.slots:
        fixed[offset : offset + np.dtype(dtype).itemsize] = False
    return fixed


def _cover(fixed: Mask, body: int) -> list[tuple[int, np.uint64 | None]]:
    """Words that hold all fixed bytes from `body` on: their place in the record, and which of their bits are fixed."""
    cover: list[tuple[int, np.uint64 | None]] = []
    padded = np.append(fixed, np.zeros(8, bool))
    at = body
    while at < len(fixed):
        if padded[at]:
            mask = (padded[at : at + 8] * np.uint8(255)).view(np.uint64)[0]
            cover.append((HEADER_BYTES + at, None if mask == _ALL_BITS else mask))
            at += 8
        else:
            at += 1
    return cover


def _odd_factors(count: int) -> NDArray[np.uint64]:
    """Large odd numbers without a pattern, for a multiplicative hash (multiples of the golden ratio, mixed once)."""
    factors = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    factors ^= factors >> np.uint64(29)
    factors *= np.uint64(0xBF58476D1CE4E5B9)
    return factors | np.uint64(1)
