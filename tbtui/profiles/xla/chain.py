"""Where the events of a line begin and end, from the bytes of a capture.

An event is a field 4 of its line: 0x22, a length, and nearly always first of all 0x08 and the number of its name, then
0x10 and its offset. Places that look like that are found with a few comparisons of all bytes; an event begins at those
of them where the one before it ends. What stands between such chains is stepped over one field at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tbtui.events.wire import read_varint
from tbtui.profiles.model import Indexes
from tbtui.profiles.xla.space import EVENTS, Bytes, Part

FIELD, NAME, OFFSET = EVENTS, 0x08, 0x10
TAIL = 512  # bytes at the end of the file in which nothing is looked for: what is looked at would reach out of it
_WINDOW = 1 << 20  # bytes that are looked at together: what is made of them stays in the processor's cache
_MARGIN = 16  # bytes behind a place that tell what it is
_WIDEST_NAME = 8  # bytes of a name's number


class Chain:
    """Finds the events of lines; remembers how long they and the numbers of their names were."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._u1 = np.frombuffer(source.data, np.uint8)
        self._last = len(self._u1) - TAIL
        self._long = False  # whether lengths of two bytes were met
        self._widest = 1  # bytes of the numbers of names that were met

    def window(self, begin: int, end: int, other: Callable[[Part], None]) -> tuple[Indexes, Indexes, int]:
        """(where messages of events begin, where they end, where to go on) in the next stretch of a line's fields at
        data[begin:end]; `other` is handed the fields that are no events."""
        limit = min(begin + _WINDOW, end)
        at, begins, ends = self._candidates(begin, min(limit, self._last), end)
        breaks = np.flatnonzero(ends[:-1] != at[1:])
        found: list[tuple[Indexes | list[int], Indexes | list[int]]] = []
        place = begin
        while place < limit:
            first = int(np.searchsorted(at, place))
            if first < len(at) and at[first] == place:
                step = int(np.searchsorted(breaks, first))
                last = int(breaks[step]) + 1 if step < len(breaks) else len(at)
                found.append((begins[first:last], ends[first:last]))
                place = int(ends[last - 1])
                continue
            part = self._source.part(place, end)
            if part is None:
                place = end
                break
            if part.key != EVENTS:
                other(part)
            elif not (self._source.missing and part.end == len(self._u1)):  # else it is cut off
                found.append(([part.begin], [part.end]))
                if self._is_new(place, part):
                    place = part.end
                    break  # more is found at once now
            place = part.end
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64), place
        begins, ends = (np.concatenate([np.asarray(each[side]) for each in found]) for side in (0, 1))
        return begins, ends, place

    def _candidates(self, begin: int, stop: int, end: int) -> tuple[Indexes, Indexes, Indexes]:
        """Places from `begin` on and before `stop` where events may begin, with where their messages do, and where they
        end: all that end before `end`."""
        count = max(stop - begin, 0)
        block = self._u1[begin : begin + count + _MARGIN] if count else self._u1[:_MARGIN]
        goes_on = block >= 0x80
        offset = block == OFFSET
        follows = offset[1:]  # of each byte of a number: it ends there, or further on, and an offset follows
        for _ in range(self._widest - 1):
            follows = offset[1 : len(follows)] | (goes_on[: len(follows) - 1] & follows[1:])
        name = block == NAME
        likely = name[2 : count + 2] & follows[3 : count + 3]
        if self._long:
            likely |= goes_on[1 : count + 1] & name[3 : count + 3] & follows[4 : count + 4]
        likely &= block[:count] == FIELD
        at = np.flatnonzero(likely) + begin
        length = self._u1.take(at + 1).astype(np.int64)
        begins = at + 2
        last = length  # byte of a length
        if self._long:
            long = length >= 0x80
            more = self._u1.take(begins).astype(np.int64)
            last = np.where(long, more, length)
            length = np.where(long, (length & 0x7F) | (more << 7), length)
            begins += long
        ends = begins + length
        fine = (ends <= min(end, self._last)) & (last < 0x80)
        if fine.all():
            return at, begins, ends
        return at[fine], begins[fine], ends[fine]

    def _is_new(self, at: int, event: Part) -> bool:
        """Whether an event tells more of what events look like than was known."""
        long = event.begin - at == 3
        width = 0
        if event.begin < event.end and self._u1[event.begin] == NAME and event.end <= self._last:
            width = min(read_varint(self._source.view, event.begin + 1)[1] - event.begin - 1, _WIDEST_NAME)
        new = (long and not self._long) or width > self._widest
        self._long |= long
        self._widest = max(self._widest, width)
        return new
