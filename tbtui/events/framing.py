"""Cuts spans of files into records, and says where a span ends and why.

Exactly what a walk from record to record gives, but fast: where records are short all headers of a buffer are found at
once (`headers.scan`), and those that follow each other without a gap are taken as a whole. What does not join is looked
at record by record: headers the scan does not see, a torn tail, zeros where nothing was written yet, damage. No length
is believed before its checksum is right and the bytes are there; behind damage the next record is searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.checksum import masked_crc32c
from tbtui.events.chunk import Span
from tbtui.events.headers import LONGEST, NO_HEADERS, Headers, Positions, header_at, scan, search, walk
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES, OVERHEAD

_SAMPLE = 32  # records that are walked to learn how long they are
_SCANNED = 250  # bytes a record on average up to which scanning is faster than walking
_FEW = 16  # records that are walked before the scanned ones are looked at again
_EVERYTHING = 1 << 62

NOTHING_BEHIND = "no later record was found"


class Frames(NamedTuple):
    """The whole records of some spans.

    `at`, `lengths`: position of the header in the buffer and payload length of each, int64, ascending; records
    first[i]:first[i + 1] belong to span i. `consumed`, `waiting`, `problems`: as in `Chunk`.
    """

    at: Positions
    lengths: Positions
    first: Positions
    consumed: list[int]
    waiting: list[str]
    problems: list[tuple[int, int, str]]


def frame(buffer: Buffer, spans: Sequence[Span]) -> Frames:
    """Find all whole records of `spans`, which lie in the buffer in ascending order."""
    if not spans:
        return Frames(*NO_HEADERS, np.zeros(1, np.int64), [], [], [])
    chain = _Chain(_scanned(buffer, spans))
    pieces: list[Headers] = []
    counts, consumed, waiting = [], [], []
    problems: list[tuple[int, int, str]] = []
    stretches = chain.stretches(spans)
    whole = chain.whole(buffer, spans, stretches)
    for number, (span, stretch, is_whole) in enumerate(zip(spans, stretches, whole, strict=True)):
        if is_whole:
            pieces.append(chain.headers_of(*stretch))
            counts.append(stretch[1] - stretch[0])
            consumed.append(span.end - span.begin)
            waiting.append("")
            continue
        found = _Follow(buffer, span, chain)
        found.take(*stretch)
        found.follow()
        pieces += found.pieces
        counts.append(sum(len(piece.at) for piece in found.pieces))
        consumed.append(found.position - span.begin)
        waiting.append(found.waiting)
        problems += [(number, offset, reason) for offset, reason in found.problems]
    first = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    at, lengths = _put_together(chain, pieces, int(first[-1]))
    return Frames(at, lengths, first, consumed, waiting, problems)


def _scanned(buffer: Buffer, spans: Sequence[Span]) -> Headers:
    """All headers that a scan finds, where the records are short enough for it to pay."""
    longest = max(spans, key=lambda span: span.end - span.begin)
    sample = walk(buffer, longest.begin, longest.end, _SAMPLE)
    if not len(sample.at) or sample.lengths.mean() > _SCANNED:
        return NO_HEADERS
    return scan(buffer, spans[0].begin, spans[-1].end)


class _Chain:
    """Scanned headers, and where one record ends right where the next begins."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.at = headers.at
        self.ends = headers.at + headers.lengths
        self.ends += OVERHEAD
        self.breaks = np.flatnonzero(self.ends[:-1] != self.at[1:])  # record i is not followed by i + 1

    def stretches(self, spans: Sequence[Span]) -> list[tuple[int, int]]:
        """For each span the records i:j that follow each other from its beginning on, and lie in it whole."""
        return self._joined(np.array([span.begin for span in spans]), np.array([span.end for span in spans]))

    def stretch(self, begin: int, end: int) -> tuple[int, int]:
        """The records i:j that follow each other from position `begin` on and end at or before `end`."""
        return self._joined(np.array([begin]), np.array([end]))[0]

    def headers_of(self, first: int, last: int) -> Headers:
        """The records first:last."""
        return Headers(self.headers.at[first:last], self.headers.lengths[first:last])

    def whole(self, buffer: Buffer, spans: Sequence[Span], stretches: Sequence[tuple[int, int]]) -> list[bool]:
        """Whether the stretch of a span is all there is in it, and nothing needs a second look: no gap before it, and
        no zeros at its end that may not be written yet."""
        if not len(self.at):
            return [False] * len(spans)
        first, last = np.array(stretches, np.int64).T
        ends = np.array([span.end for span in spans])
        right = (last > first) & (self.ends[last - 1] == ends) & (buffer.u4[np.maximum(ends - FOOTER_BYTES, 0)] != 0)
        return [one and span.gap is None for one, span in zip(right.tolist(), spans, strict=True)]

    def _joined(self, begins: Positions, ends: Positions) -> list[tuple[int, int]]:
        if not len(self.at):
            return [(0, 0)] * len(begins)
        first = np.searchsorted(self.at, begins)
        known = self.at[np.minimum(first, len(self.at) - 1)] == begins
        last = np.append(self.breaks, len(self.at) - 1)[np.searchsorted(self.breaks, first)] + 1
        last = np.maximum(np.minimum(last, np.searchsorted(self.at, ends)), first)
        last -= (last > first) & (self.ends[last - 1] > ends)  # only the last of those that join can be too long
        last = np.where(known, last, first)
        return list(zip(first.tolist(), last.tolist(), strict=True))


class _Follow:
    """Follows the records of one span from `position` on; `pieces` are those found, in order."""

    def __init__(self, buffer: Buffer, span: Span, chain: _Chain) -> None:
        self.buffer = buffer
        self.span = span
        self.chain = chain
        self.position = span.begin
        self.pieces: list[Headers] = []
        self.waiting = ""
        self.problems: list[tuple[int, str]] = []

    def take(self, first: int, last: int) -> None:
        """Take records first:last of the chain; they begin at the position."""
        if last > first:
            self.pieces.append(self.chain.headers_of(first, last))
            self.position = int(self.chain.ends[last - 1])

    def follow(self) -> None:
        """Go on to the end of the span, or to where it can't be followed any more."""
        if self.span.gap is not None and self.position > self.span.begin:
            self._report(self.span.begin, None, self.span.begin)
        while self.position < self.span.end and not self.waiting:
            if self.span.end - self.position < HEADER_BYTES:
                self.waiting = "torn" if self._bytes_left().any() else "zeros"
                break
            length = header_at(self.buffer, self.position)
            if length is None or length >= LONGEST:
                self._skip_damage(length)
            elif self.position + length + OVERHEAD > self.span.end:
                self.waiting = "torn"
            else:
                self._walk()
        self._leave_unwritten()

    def _walk(self) -> None:
        """Some records that were not scanned, then as many scanned ones as follow."""
        scanned = len(self.chain.at) > 0
        walked = walk(self.buffer, self.position, self.span.end, _FEW if scanned else _EVERYTHING)
        self.pieces.append(walked)
        self.position = int(walked.at[-1] + walked.lengths[-1]) + OVERHEAD
        if scanned:
            self.take(*self.chain.stretch(self.position, self.span.end))

    def _skip_damage(self, length: int | None) -> None:
        """Go to the next record behind a header that is wrong; where there is none, stay."""
        if not self._bytes_left().any():
            self.waiting = "zeros"
            return
        begin = self.position
        found = search(self.buffer, begin + 1, self.span.end)
        self._report(begin, length, found)
        if found is None:
            self.waiting = "damage"
        else:
            self.position = found
            self.take(*self.chain.stretch(found, self.span.end))

    def _report(self, begin: int, length: int | None, found: int | None) -> None:
        """Report damage from `begin` on, or from where it began before this span, up to the record `found`."""
        offset = self.span.offset + begin - self.span.begin
        if begin == self.span.begin and self.span.gap is not None:
            offset, begin = self.span.gap, begin - (offset - self.span.gap)
        reason = "no record begins here" if length is None else f"a record of {length} bytes is announced here"
        skipped = NOTHING_BEHIND if found is None else f"{found - begin} bytes were skipped"
        self.problems.append((offset, f"{reason}; {skipped}"))

    def _leave_unwritten(self) -> None:
        """Where the last record's checksum is zero and wrong, its end is not written yet (as the zeros behind it)."""
        if not self.pieces or self.waiting not in ("", "zeros"):
            return
        last = self.pieces[-1]
        payload = int(last.at[-1]) + HEADER_BYTES
        footer = payload + int(last.lengths[-1])
        if footer + FOOTER_BYTES != self.position or self.buffer.u4[footer] != 0:
            return
        if masked_crc32c(self.buffer.mem[payload:footer]) != 0:
            self.pieces[-1] = Headers(last.at[:-1], last.lengths[:-1])
            self.position = payload - HEADER_BYTES
            self.waiting = "zeros"

    def _bytes_left(self) -> NDArray[np.uint8]:
        return self.buffer.u1[self.position : self.span.end]


def _put_together(chain: _Chain, pieces: list[Headers], count: int) -> tuple[Positions, Positions]:
    """All pieces in one; no copy where they are all that was scanned."""
    if count == len(chain.at) and len(pieces) and all(piece.at.base is chain.at for piece in pieces):
        return chain.headers
    if not pieces:
        return NO_HEADERS
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate([piece.at for piece in pieces]), np.concatenate([piece.lengths for piece in pieces])
