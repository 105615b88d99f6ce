"""Where the events of a line begin and end, from the bytes of a capture.

An event is a field 4 of its line: 0x22, a length, and nearly always first of all 0x08 and the number of its name, then
0x10 and its offset. Places that look like that are found with a few comparisons of all bytes; an event begins at those
of them where the one before it ends. What stands between such chains is stepped over one field at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import Indexes
from tbtui.profiles.xla.source import Bytes, Part, Window
from tbtui.profiles.xla.space import EVENTS

FIELD, NAME, OFFSET = EVENTS, 0x08, 0x10
_MARGIN = 16  # bytes behind a place that tell what it is
_WIDEST_NAME = 8  # bytes of a name's number


class Chain:
    """Finds the events of lines; remembers how long they and the numbers of their names were."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._long = False  # whether lengths of two bytes were met
        self._widest = 1  # bytes of the numbers of names that were met

    def events(self, window: Window, end: int, other: Callable[[Part], None]) -> tuple[Indexes, Indexes, Indexes, int]:
        """(where events begin, where their messages do, where these end, where to go on) among the fields of a line
        that begin in a window; all but the last are places in the window. `end`: that of the line; `other` is handed
        the fields that are no events."""
        at, begins, ends = self._candidates(window, end)
        breaks = np.flatnonzero(ends[:-1] != at[1:])
        found: list[tuple[Indexes | list[int], ...]] = []
        first, place = window.begin, 0
        while first + place < window.limit:
            near = int(np.searchsorted(at, place))
            if near < len(at) and at[near] == place:
                step = int(np.searchsorted(breaks, near))
                last = int(breaks[step]) + 1 if step < len(breaks) else len(at)
                found.append((at[near:last], begins[near:last], ends[near:last]))
                place = int(ends[last - 1])
                continue
            part = self._source.part(first + place, end)
            if part is None:
                place = end - first
                break
            if part.key != EVENTS:
                other(part)
            elif not (self._source.missing and part.end == self._source.size):  # else it is cut off
                found.append(([place], [part.begin - first], [part.end - first]))
                if self._is_new(window, first + place, part):
                    place = part.end - first
                    break  # more is found at once now
            place = part.end - first
        if len(found) == 1:
            at, begins, ends = (np.asarray(each) for each in found[0])
        elif found:
            at, begins, ends = (np.concatenate([np.asarray(each[side]) for each in found]) for side in range(3))
        else:
            at = begins = ends = at[:0]
        return at, begins, ends, first + place

    def _candidates(self, window: Window, end: int) -> tuple[Indexes, Indexes, Indexes]:
        """Places in a window where events may begin, with where their messages do, and where they end: all that end
        before `end`."""
        count = max(min(window.limit, window.last) - window.begin, 0)
        likely = [self._likely(window.bytes[part.start : part.stop + _MARGIN]) + part.start for part in blocks(count)]
        at = np.concatenate([*likely, np.empty(0, np.int64)])
        begins = at + 1
        length = window.bytes.take(begins).astype(np.int64)
        begins += 1
        last = length  # byte of a length
        if self._long:
            long = length >= 0x80
            more = window.bytes.take(begins).astype(np.int64)
            last = np.where(long, more, length)
            length = np.where(long, (length & 0x7F) | (more << 7), length)
            begins += long
        ends = begins + length
        fine = (ends <= min(end, window.last) - window.begin) & (last < 0x80)
        if fine.all():
            return at, begins, ends
        return at.compress(fine), begins.compress(fine), ends.compress(fine)

    def _likely(self, block: NDArray[np.uint8]) -> Indexes:
        """Places in a block, but not in the margin at its end, where there are such bytes as events begin with."""
        count = len(block) - _MARGIN
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
        return np.flatnonzero(likely)

    def _is_new(self, window: Window, at: int, event: Part) -> bool:
        """Whether an event tells more of what events look like than was known."""
        long = event.begin - at == 3
        width = 0
        message = window.bytes[event.begin - window.begin : event.end - window.begin]
        if event.end <= window.last and len(message) and message[0] == NAME:
            ends = np.flatnonzero(message[1 : 1 + _WIDEST_NAME] < 0x80)
            width = int(ends[0]) + 1 if len(ends) else _WIDEST_NAME
        new = (long and not self._long) or width > self._widest
        self._long |= long
        self._widest = max(self._widest, width)
        return new
