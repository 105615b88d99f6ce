"""Shapes: tails of scalar events of one length and one layout, told apart by tag, decoded and verified as columns.

Among tails of one shape everything lies at the same place. A template is what the tails of one tag (or one list of
tags, where an event holds several values) share: all bytes but the values. A tail is believed to belong to a template
when a hash of 64 bits over all those bytes is the same, and the record's checksum must be right in the end: it is
computed from the template's bytes, so that it speaks for them too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Rows
from tbtui.events.checksum import MASK_DELTA, Words, rotated_sum
from tbtui.events.heads import ROOM, Mask, add_numbers
from tbtui.events.layout import Layout, Slot, find_layout

_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)
_MOST_FAILURES = 64  # tails that may turn out to be no scalars before the rest is left to the slow way
_SAMPLE = 1000  # unknown rows that are looked at first
_INDEX_BITS = (8, 10, 12)  # of a hash that are looked up in a table, where they differ for all templates
_HASH_BITS = 64


class Recognised(NamedTuple):
    """Which template each row belongs to (None: all to the first), and which rows to none (None: there are none)."""

    number: NDArray[np.int64] | None
    unknown: Mask | None


class Shape:
    """What is known of the tails of one length and one layout. Rows of them begin ROOM bytes before the tail."""

    def __init__(self, length: int, layout: Layout) -> None:
        self.length = length
        self.slots = layout.slots
        self.tags: list[tuple[str, ...]] = []
        self._fixed = _fixed_bytes(length, layout.slots)
        self._cover = _cover(self._fixed)
        self._factors = _odd_factors(len(self._cover))
        self._words = np.empty((len(self._cover), 0), np.uint64)  # of each template, under the masks of the cover
        self._index = _Index(np.empty(0, np.uint64))
        self._sums = np.empty(0, np.uint32)  # what each template adds to a rotated CRC

    def recognise(self, rows: Rows) -> Recognised:
        """Find the template of each row; learns templates it has not met before."""
        if len(self.tags) == 1:
            unknown = self._differs(rows, [word[0] for word in self._words])
            if not unknown.any():
                return Recognised(None, None)
        hashes = self._hash(self._words_of(rows))
        number, unknown = self._index.look_up(hashes)
        for most in (_SAMPLE, len(rows)):  # a sample shows most of what there is, and costs less to sort
            if unknown.any() and self._learn(rows, hashes, np.flatnonzero(unknown)[:most]):
                number, unknown = self._index.look_up(hashes)
        return Recognised(number, unknown if unknown.any() else None)

    def decode(
        self, rows: Rows, number: NDArray[np.int64] | None, heads: Words
    ) -> tuple[list[NDArray[Any]], Mask | None]:
        """The values of recognised rows, one array for each slot, and whose checksum is wrong (None: nobody's).

        `heads` is what the heads add to the rotated CRCs; it is used up.
        """
        values = [rows.column(dtype, ROOM + offset).copy() for offset, dtype in self.slots]
        crc = heads
        crc ^= self._sums.take(number) if number is not None else self._sums[0]
        for (offset, _), value in zip(self.slots, values, strict=True):
            add_numbers(crc, value, self.length - offset - value.itemsize)
        crc += np.uint32(MASK_DELTA)
        wrong = crc != rows.column("<u4", ROOM + self.length)
        return values, wrong if wrong.any() else None

    def _words_of(self, rows: Rows) -> list[NDArray[np.uint64]]:
        columns = ((rows.column("<u8", ROOM + shift), mask) for shift, mask in self._cover)
        return [column if mask is None else column & mask for column, mask in columns]

    def _differs(self, rows: Rows, wanted: list[Any]) -> Mask:
        words = self._words_of(rows)
        wrong: Mask = words[0] != wanted[0]
        for word, want in zip(words[1:], wanted[1:], strict=True):
            wrong |= word != want
        return wrong

    def _hash(self, words: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
        out: NDArray[np.uint64] = words[0] * self._factors[0]
        for word, factor in zip(words[1:], self._factors[1:], strict=True):
            out += word * factor
        return out

    def _learn(self, rows: Rows, hashes: NDArray[np.uint64], at: NDArray[np.int64]) -> bool:
        """Learn templates from unknown rows, those that occur most often first."""
        order = at[np.argsort(hashes[at], kind="stable")]
        begins = np.flatnonzero(np.append(True, hashes[order[1:]] != hashes[order[:-1]]))
        counts = np.diff(np.append(begins, len(order)))
        failures, new = 0, []
        for i in order[begins[np.argsort(-counts, kind="stable")]].tolist():
            tail = rows.row(i)[ROOM : ROOM + self.length]
            layout = find_layout(tail.tobytes())
            if layout is not None and layout.slots == self.slots:
                new.append((tail, layout.tags))
            else:
                failures += 1
                if failures > _MOST_FAILURES:
                    break
        if new:
            self._add_templates(new)
        return bool(new)

    def _add_templates(self, new: list[tuple[NDArray[np.uint8], tuple[str, ...]]]) -> None:
        words = np.empty((len(self._cover), len(new)), np.uint64)
        sums = np.empty(len(new), np.uint32)
        for i, (tail, tags) in enumerate(new):
            fixed = np.zeros(self.length + 8, np.uint8)
            fixed[: self.length] = tail * self._fixed
            for j, (shift, _) in enumerate(self._cover):
                words[j, i] = fixed[shift : shift + 8].view(np.uint64)[0]
            sums[i] = rotated_sum(fixed[: self.length])
            self.tags.append(tags)
        self._words = np.concatenate((self._words, words), axis=1)
        self._sums = np.concatenate((self._sums, sums))
        self._index = _Index(self._hash(list(self._words)))


class _Index:
    """Finds the template that has a hash: by some of its bits where they tell all templates apart, else by search."""

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        self._hashes = hashes
        self._shift: np.uint64 | None = None
        for bits in _INDEX_BITS:
            for shift in range(_HASH_BITS - bits, -1, -bits):
                places = hashes >> np.uint64(shift) & np.uint64((1 << bits) - 1)
                if len(set(places.tolist())) == len(hashes):
                    self._shift, self._mask = np.uint64(shift), np.uint64((1 << bits) - 1)
                    self._table = np.zeros(1 << bits, np.int64)
                    self._table[places.view(np.int64)] = np.arange(len(hashes))
                    return
        self._numbers = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._numbers]

    def look_up(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Mask]:
        """The template that each hash tells, and which hashes are no template's."""
        if not len(self._hashes):
            return np.zeros(len(hashes), np.int64), np.ones(len(hashes), bool)
        if self._shift is not None:
            places = hashes >> self._shift
            places &= self._mask
            number = self._table.take(places.view(np.int64))
        else:
            number = self._numbers.take(np.searchsorted(self._sorted, hashes), mode="clip")
        return number, self._hashes.take(number) != hashes


def _fixed_bytes(length: int, slots: tuple[Slot, ...]) -> Mask:
    """Which bytes of the tail are the same in all records of a template."""
    fixed = np.ones(length, bool)
    for offset, dtype in slots:
        fixed[offset : offset + np.dtype(dtype).itemsize] = False
    return fixed


def _cover(fixed: Mask) -> list[tuple[int, np.uint64 | None]]:
    """Words that hold all fixed bytes: their place in the tail, and which of their bits are fixed (None: all)."""
    cover: list[tuple[int, np.uint64 | None]] = []
    padded = np.append(fixed, np.zeros(8, bool))
    at = 0
    while at < len(fixed):
        if padded[at]:
            mask = (padded[at : at + 8] * np.uint8(255)).view(np.uint64)[0]
            cover.append((at, None if mask == _ALL_BITS else mask))
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
