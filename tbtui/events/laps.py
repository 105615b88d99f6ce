"""Takes the laps of known cycles out of the spans of a buffer, so that only what is left is looked at record by record.

What is left, before, between and behind the laps of a span, are its pieces. They are put into a small buffer, one
behind the other, and framed like spans. A walk from record to record would come upon the same laps if every piece but
the last of a span ends with a whole record; that is for who frames them to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer, Room, Rows
from tbtui.events.chunk import Span
from tbtui.events.cycles import Cycle, Form, learn
from tbtui.events.heads import Positions

_SMALL = 1 << 17  # bytes of a buffer for which the search does not pay
_FEWEST = 1000  # laps of a cycle, in all spans together, for which its calls of NumPy pay
_SHORT = 1 << 14  # bytes of laps in a row, behind which no others are looked for
_MOST_CYCLES = 4  # that are known at a time
_LONGEST_REST = 31  # bites, after no cycle was found many times
_IRREGULAR = 4096  # bytes that may lie between laps


class Stretch(NamedTuple):
    """Laps of one form that follow each other: `laps` from buffer[begin] on."""

    form: Form
    begin: int
    laps: int

    @property
    def end(self) -> int:
        """Where the last of them ends."""
        return self.begin + self.laps * self.form.length


class Piece(NamedTuple):
    """What is left of span number `owner`: `begin` to `end` of the buffer, which the small buffer has from `at` on."""

    owner: int
    begin: int
    end: int
    at: int = 0


class Laps(NamedTuple):
    """The laps of a cycle: where they begin and of which span they are, int64[n], by form, then in the order of the
    buffer; `blocks` are those of one form each."""

    cycle: Cycle
    starts: Positions
    spans: NDArray[np.int64]
    blocks: list[Block]


class Block(NamedTuple):
    """Laps begin:end, which are of one form, and the bytes of each."""

    form: Form
    begin: int
    end: int
    rows: Rows


Taken = dict[int, list[Stretch]]
"""The stretches of a cycle by the number of their span."""


class Cut(NamedTuple):
    """What became of some spans: laps, and the pieces that are left, in the small buffer `rest`."""

    laps: list[Laps]
    rest: Buffer
    pieces: list[Piece]

    def spans(self, spans: Sequence[Span]) -> list[Span]:
        """The pieces of these spans as spans of the small buffer."""
        found = []
        for owner, begin, end, at in self.pieces:
            span = spans[owner]
            found.append(Span(at, at + end - begin, span.offset + begin - span.begin, span.gap))
        return found

    def holds(self, consumed: Sequence[int], spans: Sequence[Span]) -> bool:
        """Whether all pieces in front of laps were consumed as a whole."""
        return all(
            used == _length(piece) or piece.end == spans[piece.owner].end
            for piece, used in zip(self.pieces, consumed, strict=True)
        )

    def ends(
        self, consumed: Sequence[int], waiting: Sequence[str], spans: Sequence[Span]
    ) -> tuple[list[int], list[str]]:
        """How far the spans were consumed and why no further, by how far their pieces were."""
        used, reasons = [span.end - span.begin for span in spans], [""] * len(spans)
        for piece, count, reason in zip(self.pieces, consumed, waiting, strict=True):
            if piece.end == spans[piece.owner].end:
                used[piece.owner] = piece.begin - spans[piece.owner].begin + count
                reasons[piece.owner] = reason
        return used, reasons


class Cutter:
    """Cuts laps out of spans; remembers the cycles it has met, the last one first."""

    def __init__(self) -> None:
        self._cycles: list[Cycle] = []
        self._in_vain = 0
        self._rest_for = 0
        self._small = Buffer(0)
        self._room = Room()

    def cut(self, buffer: Buffer, spans: Sequence[Span]) -> Cut | None:
        """Take out the laps that the spans hold; None where there are none or too few."""
        if spans[-1].end - spans[0].begin < _SMALL:
            return None
        found = self._search(buffer, spans)
        if self._learn(buffer, spans, found):
            found = self._search(buffer, spans)
        self._room.clear()
        laps: list[Laps] = []
        kept: Taken = {}
        for cycle, taken in found:
            some = _verified(buffer, cycle, taken, self._room)
            if some is not None:
                laps.append(some)
                kept |= taken
        return Cut(laps, *self._put_aside(buffer, _gaps(spans, kept))) if laps else None

    def _search(self, buffer: Buffer, spans: Sequence[Span]) -> list[tuple[Cycle, Taken]]:
        """The stretches of each cycle; in a span only those of one are looked for."""
        found: list[tuple[Cycle, Taken]] = [(cycle, {}) for cycle in self._cycles]
        known: dict[int, tuple[int, Cycle, Taken]] = {}  # by length: the last span in which there are any
        for number, span in enumerate(spans):
            if span.gap is not None:
                continue
            length = span.end - span.begin
            if length in known:  # files of one experiment are often alike
                model, cycle, taken = known[length]
                stretches = _moved(buffer, cycle, taken[model], span.begin - spans[model].begin, span.end)
                if stretches:
                    taken[number] = stretches
                    continue
            for cycle, taken in found:
                stretches = _stretches(buffer, cycle, span)
                if stretches:
                    taken[number] = stretches
                    known[length] = number, cycle, taken
                    break
        return found

    def _learn(self, buffer: Buffer, spans: Sequence[Span], found: list[tuple[Cycle, Taken]]) -> bool:
        """Learn the cycle of the longest piece where most of the bytes are in no lap; whether it is a new one.

        The more often there was none, the longer it is not tried again.
        """
        pieces = _gaps(spans, {number: stretches for _, taken in found for number, stretches in taken.items()})
        if 2 * sum(map(_length, pieces)) <= spans[-1].end - spans[0].begin:
            return False
        if self._rest_for:
            self._rest_for -= 1
            return False
        longest = max(pieces, key=_length)
        cycle = learn(buffer, longest.begin, longest.end)
        if cycle is None or any(cycle.is_like(known) for known in self._cycles):
            self._in_vain = min(2 * self._in_vain + 1, _LONGEST_REST)
            self._rest_for = self._in_vain
            return False
        self._in_vain = 0
        self._cycles = [cycle, *self._cycles[: _MOST_CYCLES - 1]]
        return True

    def release(self) -> None:
        """Give back the memory that is only kept for the next time."""
        self._small, self._room = Buffer(0), Room()

    def _put_aside(self, buffer: Buffer, pieces: Sequence[Piece]) -> tuple[Buffer, list[Piece]]:
        """Copies the pieces into the small buffer; tells where they lie there."""
        size = sum(map(_length, pieces))
        if self._small.capacity < size:
            self._small = Buffer(size)
        at, placed = 0, []
        for piece in pieces:
            following = at + _length(piece)
            self._small.u1[at:following] = buffer.u1[piece.begin : piece.end]
            placed.append(piece._replace(at=at))
            at = following
        return self._small, placed


def _stretches(buffer: Buffer, cycle: Cycle, span: Span) -> list[Stretch]:
    """Where laps of a cycle seem to lie in a span."""
    found: list[Stretch] = []
    position = span.begin
    window = 2 * cycle.longest + _IRREGULAR
    in_vain = False
    while (start := cycle.search(buffer, position, min(position + window, span.end))) is not None:
        at, form = start
        count = cycle.count(buffer, at, span.end, form)
        if count:
            found.append(Stretch(form, at, count))
        position = at + max(count * form.length, 1)
        short = count * form.length < _SHORT and cycle.begins(buffer, position, span.end) is None
        if short and in_vain:
            break
        in_vain = short
    return found


def _moved(buffer: Buffer, cycle: Cycle, stretches: Sequence[Stretch], way: int, end: int) -> list[Stretch]:
    """The same stretches further on in the buffer, in the span that ends at `end`; none where they don't begin so."""
    moved = [Stretch(form, begin + way, laps) for form, begin, laps in stretches]
    alike = all(cycle.begins(buffer, begin, end) is form for form, begin, _ in moved)
    return moved if alike and cycle.ends(buffer, moved[-1].end, end) else []


def _verified(buffer: Buffer, cycle: Cycle, taken: Taken, room: Room) -> Laps | None:
    """The laps of a cycle; takes the spans out in which some turn out to be none. None where there are too few."""
    total = sum(stretch.laps for stretches in taken.values() for stretch in stretches)
    if total < _FEWEST:
        return None
    starts, spans, blocks = np.empty(total, np.int64), np.empty(total, np.int64), list[Block]()
    for form in cycle.forms.values():
        of = [(number, stretch) for number, some in taken.items() for stretch in some if stretch.form is form]
        if not of:
            continue
        begin = blocks[-1].end if blocks else 0
        counts = np.array([stretch.laps for _, stretch in of])
        firsts = np.array([stretch.begin for _, stretch in of], np.int64)
        before = np.cumsum(counts) - counts
        end = begin + int(counts.sum())
        spans[begin:end] = np.repeat(np.array([number for number, _ in of], np.int64), counts)
        starts[begin:end] = np.repeat(firsts - before * form.length, counts) + np.arange(end - begin) * form.length
        rows = room.rows(end - begin, form.width)
        for (_, stretch), first in zip(of, before.tolist(), strict=True):
            lapped = buffer.spaced(stretch.begin, form.length, stretch.laps, form.width)
            rows.data[first : first + stretch.laps] = lapped
        words = rows.words()
        if not form.fits(words):
            for number in set(spans[begin:end][~form.fitting(words)].tolist()):
                del taken[number]
            return _verified(buffer, cycle, taken, room)
        blocks.append(Block(form, begin, end, rows))
    return Laps(cycle, starts, spans, blocks)


def _gaps(spans: Sequence[Span], taken: Taken) -> list[Piece]:
    """What lies in the spans beside the stretches."""
    gaps = []
    for number, span in enumerate(spans):
        position = span.begin
        for stretch in taken.get(number, ()):
            if stretch.begin > position:
                gaps.append(Piece(number, position, stretch.begin))
            position = stretch.end
        if span.end > position:
            gaps.append(Piece(number, position, span.end))
    return gaps


def _length(piece: Piece) -> int:
    return piece.end - piece.begin
